/**
 * From the name a caller asks for to the candidates that could answer, in order.
 *
 * A name is an alias, an exact `provider/model`, or a bare model that some provider serves, in that order of
 * precedence. After the asked name come the request's own `fallbacks`, then the configured default fallbacks; for a
 * bare model without a config file, the same tier at other vendors, so that an unmodified program survives its vendor.
 *
 * A caller reaches only what its key allows: the asked name and every fallback it names must be on its list (an
 * alias's targets are reached through the alias). A model that is known not to be able to do what the request needs is
 * left out; where the asked name has no other, that is said before any call.
 *
 * Where a budget does not pay for everything, what is asked for by task, and by an alias that opts in, begins with those
 * it pays for (`Tiers.ts`); exact and bare models and fallbacks are what they are under any budget.
 *
 * @module
 */
import { Array as Arr, Result } from "effect"
import type { Catalog } from "../catalog/Catalog.ts"
import { splitTarget } from "../config/notation.ts"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import type { Settings, Strategy } from "../config/Settings.ts"
import { needsOf } from "../domain/Capability.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { GatewayReason } from "../domain/GatewayError.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import { type Caller, isAllowed } from "../domain/RequestContext.ts"
import type { Candidate } from "./Candidate.ts"
import type { Considered, ThoughtOfAs } from "./Considered.ts"
import { cannot, exclusionOf, lacking, nobody, notSetUp, roleOf } from "./Exclusions.ts"
import { makeFallbacks } from "./Fallbacks.ts"
import { bare, candidateRows, inTurn, regionsByTask, type Tiering, whyNotFirst } from "./InTurn.ts"
import { makeNames, type Names, remembered } from "./Names.ts"
import { lastResort } from "./Preference.ts"
import type { Moment } from "./strategies/Strategy.ts"
import { inRows, lowTier, type Rows, sameRows } from "./Tiers.ts"

export interface Resolution {
  readonly candidates: Arr.NonEmptyReadonlyArray<Candidate>
  /** All that were thought of: the candidates in their order, then those that were left out. */
  readonly considered: ReadonlyArray<Considered>
  readonly strategy: Strategy
  readonly fallbackOnContentPolicy: boolean
  readonly hedge: boolean
  /** Did the caller leave the choice of the model to an alias? Else the asked model keeps its place. */
  readonly isAlias: boolean
  /** Does a conversation stay with whoever answered it last? */
  readonly sticky: boolean
  /** Why the first of those asked for is not the first candidate; absent where it is. */
  readonly passedOver: string | undefined
  /** Absent where the budget pays for everything, and for models that are asked for by their own names. */
  readonly tiering: Tiering | undefined
}

/** What became of one resolution, and of all that were thought of on the way, whether anybody may be asked or not. */
export interface Consideration {
  readonly outcome: Result.Result<Resolution, GatewayReason>
  readonly considered: ReadonlyArray<Considered>
}

export interface Resolver extends Pick<Names, "isListed" | "kindOf" | "named" | "names" | "nearest" | "select"> {
  /**
   * The candidates for a request, or what the caller is told. `moment` is what the asked name's strategy looks at;
   * `chosen`, for a model that is asked for by task, the names that suit it.
   */
  readonly resolve: (
    request: ChatRequest,
    caller: Caller,
    moment: Moment,
    chosen?: Rows<string>
  ) => Result.Result<Resolution, GatewayReason>
  /** The same, with those that were thought of in vain. */
  readonly consider: (request: ChatRequest, caller: Caller, moment: Moment, chosen?: Rows<string>) => Consideration
}

/** A resolver over the providers that are built: `settings.providers` without those that could not be set up. */
export const makeResolver = (
  settings: Settings,
  specs: ReadonlyArray<ProviderSpec>,
  catalog: Catalog["Service"]
): Resolver => {
  const all = makeNames(settings, specs, catalog)
  const { aliasOf, candidatesOf, exact, isListed, kindOf, named, names, nearest, select, unknown } = all

  const { ofRequest, standIns } = makeFallbacks(settings, all)

  /** Most gateways have no roles at all: then nothing is looked up. */
  const hasRoles = settings.roles !== undefined && settings.roles.size > 0

  const considerAnew: Resolver["consider"] = (request, caller, moment, chosen) => {
    const notAllowed = [request.model, ...request.fallbacks].filter((name) => !isAllowed(caller, name))
    if (notAllowed.length > 0) return forbidden(request, notAllowed)
    const alias = aliasOf(request.model)
    const rows = chosen === undefined ? sameRows(candidatesOf(request.model)) : candidateRows(chosen, candidatesOf)
    const asked = inRows(rows)
    const absent = absentOf(() => (chosen === undefined ? (alias?.targets ?? []) : targetsOf(inRows(chosen))))
    if (asked.length === 0)
      return inVain(
        alias === undefined && chosen === undefined
          ? unknown(request.model)
          : { _tag: "NobodyAvailable", model: request.model, why: "the providers of all its targets are off" },
        // a name that may be a slip is no model of anybody's
        alias === undefined && chosen === undefined ? missing([request.model]).filter(isKnownOff) : absent
      )
    const fallbacks = ofRequest(request)
    if (Result.isFailure(fallbacks)) return inVain(fallbacks.failure)
    const needs = needsOf(request)
    const own = [...asked, ...fallbacks.success]
    if (own.every((one) => lacking(one, needs) !== undefined))
      return inVain(cannot(request.model, own, needs), [
        ...own.map((candidate, at): Considered => ({
          ref: candidate.ref,
          candidate,
          as: at < asked.length ? "asked" : "fallback",
          exclusion: { _tag: "CannotDo", feature: lacking(candidate, needs)?.feature ?? "" }
        })),
        ...absent
      ])
    const regions = [alias?.region, caller.region].filter((region) => region !== undefined)
    const out: Array<Considered> = []
    const seen = new Set<string>()
    /** Those that may be candidates; what became of the others is noted. Each model at each provider once. */
    const sift = (found: ReadonlyArray<Candidate>, as: ThoughtOfAs, region?: string): ReadonlyArray<Candidate> =>
      found.filter((candidate) => {
        const key = showModelRef(candidate.ref)
        if (seen.has(key)) return false
        seen.add(key)
        const within = region === undefined ? regions : [...regions, region]
        const exclusion = exclusionOf(settings, candidate, needs, within)
        if (exclusion !== undefined) out.push({ ref: candidate.ref, candidate, as, exclusion })
        return exclusion === undefined
      })
    // by whatever way an alias is reached, its region holds
    const further = (as: ThoughtOfAs, names: ReadonlyArray<string>) =>
      names.flatMap((name) => sift(candidatesOf(name), as, aliasOf(name)?.region).map(bare(as)))
    const strategy = alias?.strategy ?? "priority"
    const tier = chosen === undefined && alias?.downgrade !== true ? undefined : lowTier(moment.tier)
    const demanded = chosen === undefined ? undefined : regionsByTask(inRows(chosen), all)
    const able =
      demanded === undefined || demanded.size === 0
        ? sift(asked, "asked")
        : asked.flatMap((one) => sift([one], "asked", demanded.get(showModelRef(one.ref))))
    const first = inTurn(able, rows, tier, strategy, moment)
    const ordered = [
      ...first.placed,
      ...further("fallback", request.fallbacks),
      ...further("default", settings.resilience.defaultFallbacks),
      ...sift(standIns(request, asked), "default").map(bare("default"))
    ]
    const kept = hasRoles
      ? lastResort(ordered, ({ candidate }) => (candidate === undefined ? 0 : roleOf(settings, candidate).weight))
      : ordered
    const candidates = kept.flatMap(({ candidate }) => candidate ?? [])
    const considered = [...kept, ...absent, ...absentDefaults.filter(({ ref }) => !isAmong(ref, absent)), ...out]
    if (!Arr.isReadonlyArrayNonEmpty(candidates)) return inVain(nobody(request.model, out, caller), considered)
    const outcome: Consideration["outcome"] = Result.succeed({
      candidates,
      considered,
      strategy,
      fallbackOnContentPolicy: alias?.fallbackOnContentPolicy ?? settings.resilience.fallbackOnContentPolicy,
      hedge: alias?.hedge ?? false,
      isAlias: alias !== undefined || chosen !== undefined,
      sticky: alias?.sticky === "conversation",
      passedOver: whyNotFirst(asked[0], kept, out, strategy),
      tiering: first.tiering
    })
    return { outcome, considered }
  }

  /** What is thought of a plain request for a name in a region is always the same: most requests are such. */
  const plain = new Map<string, ReturnType<Resolver["consider"]>>()
  const consider: Resolver["consider"] = (request, caller, moment, chosen) => {
    const alias = aliasOf(request.model)
    const isPlain =
      chosen === undefined &&
      request.fallbacks.length === 0 &&
      (alias?.strategy ?? "priority") === "priority" &&
      (alias?.downgrade !== true || lowTier(moment.tier) === undefined) &&
      needsOf(request).length === 0 &&
      isAllowed(caller, request.model)
    if (!isPlain) return considerAnew(request, caller, moment, chosen)
    // no name holds a line's end and gets an answer
    const key = caller.region === undefined ? request.model : `${caller.region}\n${request.model}`
    const known = plain.get(key)
    if (known !== undefined) return known
    const found = considerAnew(request, caller, moment)
    if (Result.isFailure(found.outcome)) return found
    if (plain.size >= remembered) plain.clear()
    plain.set(key, found)
    return found
  }

  /** Targets whose provider is not there. */
  const missing = (targets: ReadonlyArray<string>): ReadonlyArray<Considered> =>
    targets.flatMap((target): ReadonlyArray<Considered> => {
      const ref = exact(target) === undefined ? splitTarget(target) : undefined
      if (ref === undefined) return []
      const because = notSetUp(settings, ref.provider)
      return [{ ref, candidate: undefined, as: "asked", exclusion: { _tag: "NotSetUp", because } }]
    })

  /** What the names for a task stand for. */
  const targetsOf = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
    names.flatMap((name) => aliasOf(name)?.targets ?? [name])
  /** All that the config names and that are not there: in most gateways none. */
  const allAbsent = new Map<string, ReadonlyArray<Considered>>()
  for (const target of [
    ...settings.aliases.flatMap(({ targets }) => targets),
    ...[...(settings.tasks?.values() ?? [])].flatMap((lists) => targetsOf(Object.values(lists).flat()))
  ]) {
    const found = missing([target])
    if (found.length > 0) allAbsent.set(target, found)
  }
  const absentDefaults = missing([...new Set(targetsOf(settings.resilience.defaultFallbacks))]).map(
    (one): Considered => ({ ...one, as: "default" })
  )
  const absentOf = (targets: () => ReadonlyArray<string>): ReadonlyArray<Considered> =>
    allAbsent.size === 0 ? [] : [...new Set(targets())].flatMap((target) => allAbsent.get(target) ?? [])

  return {
    resolve: (...asked) => consider(...asked).outcome,
    consider,
    kindOf,
    select,
    names,
    named,
    isListed,
    nearest
  }
}

const isAmong = ({ model, provider }: ModelRef, found: ReadonlyArray<Considered>): boolean =>
  found.some(({ ref }) => ref.provider === provider && ref.model === model)

const isKnownOff = ({ exclusion }: Considered): boolean =>
  exclusion?._tag === "NotSetUp" && exclusion.because !== "unknown"

/** A resolution that comes to nothing. */
const inVain = (reason: GatewayReason, considered: ReadonlyArray<Considered> = []): Consideration => ({
  outcome: Result.fail(reason),
  considered
})

const forbidden = ({ model }: ChatRequest, names: ReadonlyArray<string>): Consideration =>
  inVain(
    { _tag: "Forbidden", message: `This key does not allow the model '${names[0] ?? model}'` },
    // what the name stands for is none of the caller's business
    names.map((name) => ({
      ref: splitTarget(name) ?? { provider: "switchyard", model: name },
      candidate: undefined,
      as: name === model ? "asked" : "fallback",
      exclusion: { _tag: "NotAllowed", name }
    }))
  )
