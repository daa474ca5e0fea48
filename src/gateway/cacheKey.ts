/**
 * The key under which a request's answer is cached: what it says, among whom it is shared, and what its names stand for.
 *
 * @module
 */
import { isSelfContained, isTemperatureZero } from "../cache/Keepable.ts"
import { digestOf, requestKey } from "../cache/RequestKey.ts"
import type { CacheSettings, Settings } from "../config/Settings.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { Caller, RequestContext } from "../domain/RequestContext.ts"
import { hasSideEffects } from "../routing/SideEffects.ts"

/** The request's key; `undefined` where it is neither looked up nor kept. */
export const cacheKeyOf = (
  request: ChatRequest,
  { caller, prefer, strict, task, tier }: RequestContext,
  settings: Settings,
  { only, scope }: CacheSettings
): string | undefined => {
  if (only === "temperature-zero" && !isTemperatureZero(request)) return undefined
  if (hasSideEffects(request) || !isSelfContained(request)) return undefined
  try {
    return requestKey(request, {
      sharedBy: sharersOf(caller, scope),
      routing: routingOf(settings),
      strict: strict === true,
      region: caller.region,
      allow: caller.allow,
      prefer,
      task,
      tier,
      heedsLabels: heedsLabels(settings)
    })
  } catch {
    return undefined
  }
}

/** Any server may stand behind a base URL, one that answers each end user from what it knows of them as well. */
const heedsLabels = ({ providers }: Settings): boolean => providers.some(({ kind }) => kind === "openai-compatible")

/** Among whom an answer is shared: a key without a tenant shares with nobody, unless all do. */
const sharersOf = ({ name, tenant }: Caller, scope: CacheSettings["scope"]): string =>
  scope === "all" ? "all" : scope === "tenant" && tenant !== undefined ? `tenant:${tenant}` : `key:${name}`

/**
 * What all names stand for under these settings, in short: who is asked for what, where, and how. Who may be asked at the
 * moment, by which credentials, how long and how often, is no part of it.
 */
export const routingOf = (settings: Settings): string => {
  const known = routingMemo.get(settings)
  if (known !== undefined) return known
  const { aliases, classifier, economy, facts, providers, resilience, tasks } = settings
  const routing = digestOf([
    providers.map(({ apiKeys: _keys, failureDomain: _domain, limits: _limits, ...spec }) => spec),
    aliases,
    [...(tasks ?? [])],
    classifier === undefined ? null : { ...classifier, classes: [...classifier.classes] },
    economy,
    [...facts],
    resilience.defaultFallbacks,
    resilience.fallbackOnContentPolicy
  ])
  routingMemo.set(settings, routing)
  return routing
}
const routingMemo = new WeakMap<Settings, string>()
