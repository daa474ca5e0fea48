/**
 * The file's budgets, and those of its client keys, as policies; and what of them the Schema alone cannot judge.
 *
 * @module
 */
import { budgetId, type BudgetPolicy, type BudgetScope } from "../domain/Budget.ts"
import { nanoOfUsd, usdOfNano } from "../domain/Money.ts"
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

/** What a policy is in the file's words, all of them said. */
export const termsOf = (
  policy: BudgetPolicy
): Required<Omit<BudgetTerms, "limitUsd" | "softLimitUsd">> & BudgetTerms => ({
  window: policy.window,
  timeZone: policy.timeZone,
  ...(policy.hard === undefined ? undefined : { limitUsd: usdOfNano(policy.hard) }),
  ...(policy.soft === undefined ? undefined : { softLimitUsd: usdOfNano(policy.soft) }),
  reserve: policy.reservePercent,
  onExhausted: policy.onExhausted
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

/** What of a budget is not right: where in its terms, what was found, what was expected. */
export interface BudgetFault {
  readonly path: Path
  readonly found?: string
  readonly expected: string
}

/** What is wrong with terms by themselves. */
const faultsOf = ({ limitUsd, softLimitUsd, timeZone }: BudgetTerms): ReadonlyArray<BudgetFault> => {
  const faults: Array<BudgetFault> = []
  if (limitUsd === undefined && softLimitUsd === undefined)
    faults.push({ path: [], found: "a budget without a limit", expected: `"limitUsd", "softLimitUsd" or both` })
  if (limitUsd !== undefined && softLimitUsd !== undefined && softLimitUsd > limitUsd)
    faults.push({ path: ["softLimitUsd"], expected: `no more than limitUsd (${limitUsd})` })
  if (timeZone !== undefined && !isTimeZone(timeZone))
    faults.push({ path: ["timeZone"], expected: "a time zone such as UTC or Europe/Berlin" })
  return faults
}

/** The same budget is there already. */
const second = ({ scope, timeZone, window }: BudgetPolicy, path: Path): BudgetFault => ({
  path,
  found: `a second budget of ${scope} for a ${window} in ${timeZone}`,
  expected: "one budget of a scope, window and time zone"
})

/**
 * What is wrong with the budgets of a key that the file does not name, beside those that it does name. Places are within
 * the list; a key's own may be there once each, and none that the file has for it.
 */
export const keyBudgetFaults = (
  name: string,
  budgets: ReadonlyArray<BudgetTerms>,
  ofFile: ReadonlyArray<BudgetPolicy>
): ReadonlyArray<BudgetFault> => {
  const known = new Set(ofFile.map(budgetId))
  return budgets.flatMap((terms, at): ReadonlyArray<BudgetFault> => {
    const policy = policyOf(`key:${name}`, terms)
    const taken = known.has(budgetId(policy)) ? [second(policy, [at])] : []
    known.add(budgetId(policy))
    return [...faultsOf(terms).map((fault) => ({ ...fault, path: [at, ...fault.path] })), ...taken]
  })
}

const checkTerms = (path: Path, terms: BudgetTerms, source: Source): ReadonlyArray<Finding> =>
  faultsOf(terms)
    .map((fault) => ({ ...fault, path: [...path, ...fault.path] }))
    .filter((fault) => !source.unset.has(pathKey(fault.path)))

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
    if (all.findIndex((other) => budgetId(other.policy) === budgetId(policy)) < at) findings.push(second(policy, path))
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
