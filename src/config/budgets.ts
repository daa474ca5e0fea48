/**
 * The file's budgets, and those of its client keys, as policies; and what of them the Schema alone cannot judge.
 *
 * @module
 */
import { budgetId, type BudgetPolicy, type BudgetScope } from "../domain/Budget.ts"
import { nanoOfUsd } from "../domain/Money.ts"
import { checkScope, type Names } from "./checkNames.ts"
import type { BudgetTerms, ConfigFile } from "./ConfigFile.ts"
import type { Finding } from "./diagnose.ts"
import { isTimeZone } from "./notation.ts"
import { type Path, pathKey, type Source } from "./Source.ts"

/** Of a limit, what is kept for critical requests and retries where nothing is said, in percent. */
const usualReserve = 5

/** The policy of a scope by its terms. */
export const policyOf = (scope: BudgetScope, terms: BudgetTerms): BudgetPolicy => ({
  scope,
  window: terms.window,
  timeZone: terms.timeZone ?? "UTC",
  hard: terms.limitUsd === undefined ? undefined : nanoOfUsd(terms.limitUsd),
  soft: terms.softLimitUsd === undefined ? undefined : nanoOfUsd(terms.softLimitUsd),
  reservePercent: terms.reserve ?? usualReserve,
  onExhausted: terms.onExhausted ?? "reject"
})

const scopeKinds = /^(?:tenant|key|provider|model|tag):./

const isScope = (scope: string): scope is BudgetScope => scope === "global" || scopeKinds.test(scope)

interface Placed {
  readonly path: Path
  readonly policy: BudgetPolicy
}

/** All budgets of the file and where they stand in it. One whose scope is none has been complained of. */
const placed = (config: ConfigFile): ReadonlyArray<Placed> => [
  ...(config.budgets ?? []).flatMap((terms, at) =>
    isScope(terms.scope) ? [{ path: ["budgets", at], policy: policyOf(terms.scope, terms) }] : []
  ),
  ...(config.keys ?? []).flatMap(({ budgets = [], name }, key) =>
    budgets.map((terms, at) => ({ path: ["keys", key, "budgets", at], policy: policyOf(`key:${name}`, terms) }))
  )
]

export const policiesOf = (config: ConfigFile): ReadonlyArray<BudgetPolicy> =>
  placed(config).map(({ policy }) => policy)

/** What is wrong with terms by themselves. */
const checkTerms = (path: Path, terms: BudgetTerms, source: Source): ReadonlyArray<Finding> => {
  const { limitUsd, softLimitUsd, timeZone } = terms
  const findings: Array<Finding> = []
  if (limitUsd === undefined && softLimitUsd === undefined)
    findings.push({ path, found: "a budget without a limit", expected: `"limitUsd", "softLimitUsd" or both` })
  if (limitUsd !== undefined && softLimitUsd !== undefined && softLimitUsd > limitUsd)
    findings.push({ path: [...path, "softLimitUsd"], expected: `no more than limitUsd (${limitUsd})` })
  const zonePath = [...path, "timeZone"]
  if (timeZone !== undefined && !source.unset.has(pathKey(zonePath)) && !isTimeZone(timeZone))
    findings.push({ path: zonePath, expected: "a time zone such as UTC or Europe/Berlin" })
  return findings
}

export const checkBudgets = (config: ConfigFile, names: Names, source: Source): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  config.budgets?.forEach((terms, at) => {
    findings.push(...checkScope(["budgets", at, "scope"], terms.scope, names, source))
    findings.push(...checkTerms(["budgets", at], terms, source))
  })
  config.keys?.forEach(({ budgets = [] }, key) =>
    budgets.forEach((terms, at) => findings.push(...checkTerms(["keys", key, "budgets", at], terms, source)))
  )
  const all = placed(config)
  for (const [at, { path, policy }] of all.entries())
    if (all.findIndex((other) => budgetId(other.policy) === budgetId(policy)) < at)
      findings.push({
        path,
        found: `a second budget of ${policy.scope} for a ${policy.window} in ${policy.timeZone}`,
        expected: "one budget of a scope, window and time zone"
      })
  return findings
}

/** Budgets of keys that the file does not name: they may be made while the gateway runs. */
export const budgetWarnings = (config: ConfigFile, { keys }: Names): ReadonlyArray<string> =>
  (config.budgets ?? []).flatMap(({ scope }) => {
    const name = scope.startsWith("key:") ? scope.slice("key:".length) : undefined
    return name === undefined || keys.includes(name)
      ? []
      : [`the budget of ${scope} bears nothing until a key of that name is made: the section "keys" has none`]
  })
