/**
 * What is different between two configurations, in sentences for the log. They name what changed and never its values: an
 * address may carry a password, and keys are compared but not told.
 *
 * @module
 */
import { Duration, Equal } from "effect"
import { budgetId, type BudgetPolicy } from "../domain/Budget.ts"
import { defaultClassifier, defaultRole, type Resilience, type Settings } from "./Settings.ts"

/** Sentences for what a running gateway cannot change: it goes on with what it was started with. */
export const restartOnly = (before: Settings, after: Settings): ReadonlyArray<string> => {
  const parts: ReadonlyArray<readonly [what: string, before: unknown, after: unknown]> = [
    ["server.host", before.server.host, after.server.host],
    ["server.port", before.server.port, after.server.port],
    ["storage.sqlite", before.storage?.sqlite, after.storage?.sqlite],
    ["storage.replica", before.storage?.replica, after.storage?.replica],
    [
      "resilience.limits.connect",
      Duration.toMillis(before.resilience.limits.connect),
      Duration.toMillis(after.resilience.limits.connect)
    ]
  ]
  return parts
    .filter(([, was, is]) => was !== is)
    .map(([what]) => `${what} changed, which takes effect at the next start only`)
}

/**
 * Sentences for what a reload changes, part by part: the server, providers, aliases, facts, tasks, classifier, economy,
 * resilience, keys, budgets, cache, alerts. Empty where nothing did. What `restartOnly` tells is left out.
 */
export const changesBetween = (before: Settings, after: Settings): ReadonlyArray<string> => [
  ...serverChanges(before, after),
  ...providerChanges(before, after),
  ...between("alias", byName(before.aliases), byName(after.aliases)),
  ...between("facts of", before.facts, after.facts),
  ...between("task", before.tasks ?? new Map(), after.tasks ?? new Map()),
  ...changed("classifier", before.classifier ?? defaultClassifier, after.classifier ?? defaultClassifier),
  ...changed("economy", before.economy ?? {}, after.economy ?? {}),
  ...changed("resilience", withConnect(before.resilience, after), after.resilience),
  ...between("client key", byName(before.keys), byName(after.keys)),
  ...between("budget", byId(before.budgets ?? []), byId(after.budgets ?? [])),
  ...cacheChanges(before.cache, after.cache),
  ...(Equal.equals(before.alerts ?? [], after.alerts ?? []) ? [] : ["the webhooks of alerts changed"])
]

const cacheChanges = (before: Settings["cache"], after: Settings["cache"]): ReadonlyArray<string> => {
  if (before !== undefined && after !== undefined) return changed("cache", before, after)
  return before === after ? [] : [`the cache is ${after === undefined ? "off" : "on"} now`]
}

const withConnect = (before: Resilience, after: Settings): Resilience => ({
  ...before,
  limits: { ...before.limits, connect: after.resilience.limits.connect }
})

const byName = <A extends { readonly name: string }>(items: ReadonlyArray<A>): ReadonlyMap<string, A> =>
  new Map(items.map((item) => [item.name, item]))

const byId = (budgets: ReadonlyArray<BudgetPolicy>): ReadonlyMap<string, BudgetPolicy> =>
  new Map(budgets.map((policy) => [budgetId(policy), policy]))

const serverChanges = (before: Settings, after: Settings): ReadonlyArray<string> => {
  const { host, port } = after.server
  return changed("server", { ...before.server, host, port }, after.server)
}

const providerChanges = (before: Settings, after: Settings): ReadonlyArray<string> => {
  const withRoles = ({ providers, roles }: Settings) =>
    new Map(providers.map((spec) => [spec.id, { ...spec, ...(roles?.get(spec.id) ?? defaultRole) }]))
  const was = withRoles(before)
  const is = withRoles(after)
  const offBefore = new Set(before.providersOff.map(({ id }) => id))
  const offAfter = new Map(after.providersOff.map(({ id, why }) => [id, why]))
  const turned = [
    ...[...was.keys()].flatMap((id) => {
      const why = offAfter.get(id)
      return why === undefined ? [] : [`provider "${id}" is off now: ${why}`]
    }),
    ...[...is.keys()].filter((id) => offBefore.has(id)).map((id) => `provider "${id}" is on now`)
  ]
  const stays = (id: string): boolean => was.has(id) && is.has(id)
  const order = (ids: Iterable<string>): string => [...ids].filter(stays).join(" ")
  const moved = order(was.keys()) !== order(is.keys())
  const isTurned = (id: string): boolean => (was.has(id) && offAfter.has(id)) || (is.has(id) && offBefore.has(id))
  const others = (specs: typeof was) => new Map([...specs].filter(([id]) => !isTurned(id)))
  return [
    ...between("provider", others(was), others(is)),
    ...turned,
    ...(moved ? ["the order of the providers changed"] : [])
  ]
}

/** What was added, removed and changed between two mappings of named things. */
const between = <A extends object>(
  what: string,
  before: ReadonlyMap<string, A>,
  after: ReadonlyMap<string, A>
): ReadonlyArray<string> => [
  ...[...after].flatMap(([name, is]) => {
    const was = before.get(name)
    return was === undefined ? [`${what} "${name}" added`] : changed(`${what} "${name}"`, was, is)
  }),
  ...[...before.keys()].filter((name) => !after.has(name)).map((name) => `${what} "${name}" removed`)
]

/** One sentence with the names of the fields that differ; secrets, lengths of time and nested values by what they hold. */
const changed = (what: string, before: object, after: object): ReadonlyArray<string> => {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const different = fields.filter((field) => !Equal.equals(Reflect.get(before, field), Reflect.get(after, field)))
  return different.length === 0 ? [] : [`${what} changed: ${different.join(", ")}`]
}
