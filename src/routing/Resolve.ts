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
 * @module
 */
import { Array as Arr, Result } from "effect"
import type { Catalog } from "../catalog/Catalog.ts"
import { type Selection, selectionOf } from "../catalog/selection.ts"
import { nearest } from "../config/nearest.ts"
import { splitTarget } from "../config/notation.ts"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import { type Alias, defaultRole, type ProviderRole, type Settings, type Strategy } from "../config/Settings.ts"
import { type Need, needsOf } from "../domain/Capability.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { GatewayReason } from "../domain/GatewayError.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import { autoNames, autoOf, type Preference } from "../domain/Prefer.ts"
import { type Caller, isAllowed } from "../domain/RequestContext.ts"
import type { Candidate } from "./Candidate.ts"
import type { Considered, Exclusion, ThoughtOfAs } from "./Considered.ts"
import { isInRegion, lastResort } from "./Preference.ts"
import { strategies } from "./strategies/menu.ts"
import type { Moment, Placed } from "./strategies/Strategy.ts"

/** A name that can be asked for, for listings. */
export interface ListedName {
  readonly id: string
  readonly ownedBy: string
  /** For an alias: its targets in order. */
  readonly targets: ReadonlyArray<string> | undefined
  readonly first: Candidate
}

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
}

/** What became of one resolution, and of all that were thought of on the way, whether anybody may be asked or not. */
export interface Consideration {
  readonly outcome: Result.Result<Resolution, GatewayReason>
  readonly considered: ReadonlyArray<Considered>
}

/** What kind of name was asked for. `bare`: a model without its provider, known or not. */
export type NameKind = "alias" | "exact" | "bare" | "auto"

export interface Resolver {
  /**
   * The candidates for a request, or what the caller is told. `moment` is what the asked name's strategy looks at;
   * `chosen`, for a model that is asked for by task, the names that suit it.
   */
  readonly resolve: (
    request: ChatRequest,
    caller: Caller,
    moment: Moment,
    chosen?: ReadonlyArray<string>
  ) => Result.Result<Resolution, GatewayReason>
  /** The same, with those that were thought of in vain. */
  readonly consider: (
    request: ChatRequest,
    caller: Caller,
    moment: Moment,
    chosen?: ReadonlyArray<string>
  ) => Consideration
  readonly kindOf: (name: string) => NameKind
  /** Which names suit a task. */
  readonly select: Selection
  /** Every name that is known to be served, aliases first. */
  readonly names: ReadonlyArray<ListedName>
  /** One name, listed or not; `undefined` where nobody serves it. */
  readonly named: (name: string) => ListedName | undefined
  /** Is it one of those that the config or the catalogue names, and not only a caller? */
  readonly isListed: (ref: ModelRef) => boolean
  /** The known names nearest to one that turned out not to exist, best first; without that name itself. */
  readonly nearest: (name: string) => ReadonlyArray<string>
}

/** How many names that somebody serves are remembered; callers invent names, so the memory is bounded. */
const remembered = 2048

/** A resolver over the providers that are built: `settings.providers` without those that could not be set up. */
export const makeResolver = (
  settings: Settings,
  specs: ReadonlyArray<ProviderSpec>,
  catalog: Catalog["Service"]
): Resolver => {
  const specById = new Map(specs.map((spec) => [spec.id, spec]))
  const aliasByName = new Map(settings.aliases.map((alias) => [alias.name, alias]))

  const candidate = (spec: ProviderSpec, model: string): Candidate => {
    const ref = { provider: spec.id, model }
    return {
      ref,
      facts: catalog.facts(spec.kind, model, settings.facts.get(showModelRef(ref))),
      failureDomain: spec.failureDomain ?? catalog.failureDomain(spec.kind) ?? spec.id,
      region: spec.region
    }
  }

  const exact = (name: string): Candidate | undefined => {
    const slash = name.indexOf("/")
    const spec = slash > 0 ? specById.get(name.slice(0, slash)) : undefined
    const model = name.slice(slash + 1)
    return spec === undefined || model === "" ? undefined : candidate(spec, model)
  }

  const bare = (name: string): ReadonlyArray<Candidate> =>
    specs
      .filter(
        (spec) =>
          spec.models.includes(name) ||
          Object.hasOwn(spec.deployments, name) ||
          catalog.serves(spec.kind, name) === true
      )
      .map((spec) => candidate(spec, name))

  const find = (name: string): ReadonlyArray<Candidate> => {
    const alias = aliasByName.get(name)
    if (alias !== undefined) return alias.targets.flatMap((target) => exact(target) ?? [])
    const one = exact(name)
    return one === undefined ? bare(name) : [one]
  }

  const memory = new Map<string, ReadonlyArray<Candidate>>()
  /** The candidates a name stands for; empty where nobody serves it. */
  const candidatesOf = (name: string): ReadonlyArray<Candidate> => {
    const known = memory.get(name)
    if (known !== undefined) return known
    const found = find(name)
    if (found.length === 0) return found
    if (memory.size >= remembered) memory.clear()
    memory.set(name, found)
    return found
  }

  const select = selectionOf(settings, specs)
  /** A model that is asked for by task: what it may stand for, whatever the task. */
  const namedByTask = (name: string, preference: Preference): ListedName | undefined => {
    const targets = [...new Set(select("general", preference))]
    const [first] = targets.flatMap(candidatesOf)
    return first === undefined ? undefined : { id: name, ownedBy: "switchyard", targets, first }
  }

  const named: Resolver["named"] = (name) => {
    const auto = autoOf(name)
    if (auto !== undefined) return namedByTask(name, auto.preference ?? "balanced")
    const found = candidatesOf(name)
    const first = found.find((one) => isInRegion(one, aliasByName.get(name)?.region)) ?? found[0]
    if (first === undefined) return undefined
    const targets = aliasByName.get(name)?.targets
    return { id: name, ownedBy: targets === undefined ? first.ref.provider : "switchyard", targets, first }
  }

  const names = listNames(settings, specs, catalog, named)
  const knownNames = [...names.map(({ id }) => id), ...specs.flatMap((spec) => modelsOf(spec, catalog))]

  const nearestTo: Resolver["nearest"] = (name) =>
    nearest(name, knownNames, 4)
      .filter((one) => one !== name)
      .slice(0, 3)

  const unknown = (model: string): GatewayReason => {
    const near = nearestTo(model)
    // a server of one's own lists nothing beforehand: perhaps it is there
    const guesses = specs
      .filter((spec) => catalog.serves(spec.kind, model) === undefined && spec.models.length === 0)
      .map((spec) => `${spec.id}/${model}`)
    return { _tag: "UnknownModel", model, nearest: [...near, ...guesses].slice(0, 4) }
  }

  /** The same tier at other vendors than those that serve the asked model; a model nobody knows has none. */
  const sameTier = (asked: ReadonlyArray<Candidate>): ReadonlyArray<Candidate> => {
    const tier = asked[0]?.facts.tier
    if (tier === undefined) return []
    const others = ["smart", "fast"]
      .flatMap(candidatesOf)
      .filter(({ ref }) => !asked.some((one) => one.ref.provider === ref.provider))
    const same = others.filter(({ facts }) => facts.tier === tier)
    if (same.length > 0) return same
    const alias = candidatesOf(tier === "economy" ? "fast" : "smart").map(({ ref }) => showModelRef(ref))
    return others.filter(({ ref }) => alias.includes(showModelRef(ref)))
  }

  /** Without a config file a bare model is also served by others of its tier. */
  const standIns = (request: ChatRequest, asked: ReadonlyArray<Candidate>): ReadonlyArray<Candidate> =>
    settings.source !== "file" &&
    !aliasByName.has(request.model) &&
    exact(request.model) === undefined &&
    autoOf(request.model) === undefined
      ? sameTier(asked)
      : []

  const roleOf = (one: Candidate): ProviderRole => settings.roles?.get(one.ref.provider) ?? defaultRole
  const weightOf = (one: Candidate): number => roleOf(one).weight
  /** Most gateways have no roles at all: then nothing is looked up. */
  const hasRoles = settings.roles !== undefined && settings.roles.size > 0

  /** What keeps one from being a candidate, the lasting before the passing. */
  const exclusionOf = (
    one: Candidate,
    needs: ReadonlyArray<Need>,
    regions: ReadonlyArray<string>
  ): Exclusion | undefined => {
    const need = lacking(one, needs)
    if (need !== undefined) return { _tag: "CannotDo", feature: need.feature }
    const wanted = regions.find((region) => !isInRegion(one, region))
    if (wanted !== undefined) return { _tag: "OtherRegion", wanted }
    const { state } = hasRoles ? roleOf(one) : defaultRole
    return state === "on" ? undefined : { _tag: "OutOfService", state }
  }

  const nobody = (request: ChatRequest, out: ReadonlyArray<Considered>, caller: Caller): GatewayReason => {
    const off = out.flatMap(({ exclusion, ref }) => (exclusion?._tag === "OutOfService" ? [ref.provider] : []))
    const abroad = out.find(({ exclusion }) => exclusion?._tag === "OtherRegion")?.exclusion
    if (abroad?._tag !== "OtherRegion") {
      const why = `an operator has taken ${[...new Set(off)].join(", ")} out of service`
      return { _tag: "NobodyAvailable", model: request.model, why }
    }
    return caller.region !== undefined
      ? {
          _tag: "Forbidden",
          message: `This key's requests stay in the region '${caller.region}', where nobody serves '${request.model}'`
        }
      : {
          _tag: "NobodyAvailable",
          model: request.model,
          why: `nobody serves it in the region '${abroad.wanted}'`
        }
  }

  const considerAnew: Resolver["consider"] = (request, caller, moment, chosen) => {
    const names = [request.model, ...request.fallbacks]
    const notAllowed = names.find((name) => !isAllowed(caller, name))
    if (notAllowed !== undefined)
      return inVain(
        { _tag: "Forbidden", message: `This key does not allow the model '${notAllowed}'` },
        // what the name stands for is none of the caller's business
        names
          .filter((name) => !isAllowed(caller, name))
          .map((name) => ({
            ref: splitTarget(name) ?? { provider: "switchyard", model: name },
            candidate: undefined,
            as: name === request.model ? "asked" : "fallback",
            exclusion: { _tag: "NotAllowed", name }
          }))
      )
    const asked = chosen === undefined ? candidatesOf(request.model) : chosen.flatMap(candidatesOf)
    const alias = aliasByName.get(request.model)
    if (asked.length === 0)
      return inVain(
        alias === undefined && chosen === undefined
          ? unknown(request.model)
          : { _tag: "NobodyAvailable", model: request.model, why: "the providers of all its targets are off" },
        notSetUp(alias)
      )
    const fallbacks: Array<Candidate> = []
    for (const [index, name] of request.fallbacks.entries()) {
      const found = candidatesOf(name)
      if (found.length === 0 && !aliasByName.has(name)) {
        if (autoOf(name) !== undefined)
          return inVain({
            _tag: "BadRequest",
            param: `fallbacks.${index}`,
            code: "model_not_found",
            message: `'${name}' cannot be a fallback: a model is chosen by task only where it is asked for`
          })
        const near = nearestTo(name).filter((one) => autoOf(one) === undefined)
        const hint = near.length === 0 ? "" : `; did you mean ${near.map((one) => `'${one}'`).join(", ")}?`
        return inVain({
          _tag: "BadRequest",
          param: `fallbacks.${index}`,
          code: "model_not_found",
          message: `The fallback model '${name}' does not exist or no provider that serves it is configured${hint}`
        })
      }
      fallbacks.push(...found)
    }
    const needs = needsOf(request)
    const own = [...asked, ...fallbacks]
    if (own.every((one) => lacking(one, needs) !== undefined))
      return inVain(
        cannot(request.model, own, needs),
        own.map((candidate, at) => ({
          ref: candidate.ref,
          candidate,
          as: at < asked.length ? "asked" : "fallback",
          exclusion: { _tag: "CannotDo", feature: lacking(candidate, needs)?.feature ?? "" }
        }))
      )
    const regions = [alias?.region, caller.region].filter((region) => region !== undefined)
    const out: Array<Considered> = []
    const seen = new Set<string>()
    /** Those that may be candidates; what became of the others is noted. Each model at each provider once. */
    const sift = (found: ReadonlyArray<Candidate>, as: ThoughtOfAs, region?: string): ReadonlyArray<Candidate> =>
      found.filter((candidate) => {
        const key = showModelRef(candidate.ref)
        if (seen.has(key)) return false
        seen.add(key)
        const exclusion = exclusionOf(candidate, needs, region === undefined ? regions : [...regions, region])
        if (exclusion !== undefined) out.push({ ref: candidate.ref, candidate, as, exclusion })
        return exclusion === undefined
      })
    const strategy = alias?.strategy ?? "priority"
    const { order, unit } = strategies[strategy]
    const place = ({ candidate, score }: Placed<Candidate>, as: ThoughtOfAs): Considered => ({
      ref: candidate.ref,
      candidate,
      as,
      exclusion: undefined,
      ...(score === undefined ? undefined : { score: { value: score, unit } })
    })
    const bare = (as: ThoughtOfAs) => (candidate: Candidate) => place({ candidate, score: undefined }, as)
    // by whatever way an alias is reached, its region holds
    const further = (as: ThoughtOfAs, names: ReadonlyArray<string>) =>
      names.flatMap((name) => sift(candidatesOf(name), as, aliasByName.get(name)?.region).map(bare(as)))
    const ordered = [
      ...order(sift(asked, "asked"), moment).map((placed) => place(placed, "asked")),
      ...further("fallback", request.fallbacks),
      ...further("default", settings.resilience.defaultFallbacks),
      ...sift(standIns(request, asked), "default").map(bare("default"))
    ]
    const kept = hasRoles
      ? lastResort(ordered, ({ candidate }) => (candidate === undefined ? 0 : weightOf(candidate)))
      : ordered
    const candidates = kept.flatMap(({ candidate }) => candidate ?? [])
    const considered = [...kept, ...notSetUp(alias), ...out]
    if (!Arr.isReadonlyArrayNonEmpty(candidates)) return inVain(nobody(request, out, caller), considered)
    const [first] = asked
    const outcome: Consideration["outcome"] = Result.succeed({
      candidates,
      considered,
      strategy,
      fallbackOnContentPolicy: alias?.fallbackOnContentPolicy ?? settings.resilience.fallbackOnContentPolicy,
      hedge: alias?.hedge ?? false,
      isAlias: alias !== undefined || chosen !== undefined,
      sticky: alias?.sticky === "conversation",
      passedOver: first === undefined || mayBeFirst(kept[0], strategy) ? undefined : passedOver(first, candidates, out)
    })
    return { outcome, considered }
  }

  /** What is thought of a plain request for a name in a region is always the same: most requests are such. */
  const plain = new Map<string, ReturnType<Resolver["consider"]>>()
  const consider: Resolver["consider"] = (request, caller, moment, chosen) => {
    const isPlain =
      chosen === undefined &&
      request.fallbacks.length === 0 &&
      (aliasByName.get(request.model)?.strategy ?? "priority") === "priority" &&
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
  const notSetUp = (alias: Alias | undefined): ReadonlyArray<Considered> =>
    (alias?.targets ?? []).flatMap((target): ReadonlyArray<Considered> => {
      const ref = exact(target) === undefined ? splitTarget(target) : undefined
      return ref === undefined ? [] : [{ ref, candidate: undefined, as: "asked", exclusion: { _tag: "NotSetUp" } }]
    })

  /** Why one is not the first of the candidates; `undefined` where it is. */
  const passedOver = (
    one: Candidate,
    candidates: ReadonlyArray<Candidate>,
    out: ReadonlyArray<Considered>
  ): string | undefined => {
    if (candidates[0] === one) return undefined
    switch (out.find(({ candidate }) => candidate === one)?.exclusion?._tag) {
      case "OutOfService":
        return "OutOfService"
      case "OtherRegion":
        return "OtherRegion"
      case undefined:
        return "LastResort"
      default:
        return "CannotServe"
    }
  }

  let listed: ReadonlySet<string> | undefined
  const isListed: Resolver["isListed"] = (ref) => {
    listed ??= new Set([
      ...specs.flatMap((spec) => modelsOf(spec, catalog).map((model) => `${spec.id}/${model}`)),
      ...settings.aliases.flatMap(({ targets }) => targets),
      ...settings.facts.keys()
    ])
    return listed.has(showModelRef(ref))
  }

  return {
    resolve: (...asked) => consider(...asked).outcome,
    consider,
    kindOf: (name) =>
      autoOf(name) !== undefined
        ? "auto"
        : aliasByName.has(name)
          ? "alias"
          : exact(name) !== undefined
            ? "exact"
            : "bare",
    select,
    names,
    named,
    isListed,
    nearest: nearestTo
  }
}

/** A resolution that comes to nothing. */
const inVain = (reason: GatewayReason, considered: ReadonlyArray<Considered> = []): Consideration => ({
  outcome: Result.fail(reason),
  considered
})

/** Where a strategy orders them, any of those asked for is as good as the first. */
const mayBeFirst = (first: Considered | undefined, strategy: Strategy): boolean =>
  strategy !== "priority" && first?.as === "asked"

/** The first need of the request that a model is known not to meet. */
const lacking = ({ facts }: Candidate, needs: ReadonlyArray<Need>): Need | undefined =>
  needs.find(({ capability }) => facts.capabilities[capability] === false)

const cannot = (model: string, asked: ReadonlyArray<Candidate>, needs: ReadonlyArray<Need>): GatewayReason => {
  const need = asked.flatMap((one) => lacking(one, needs) ?? [])[0]
  return {
    _tag: "ModelCannot",
    model,
    feature: need?.feature ?? "what this request needs",
    ...(need === undefined ? undefined : { param: need.param })
  }
}

/** The models a provider is known to serve: those of the config, then those of the catalogue. */
const modelsOf = (spec: ProviderSpec, catalog: Catalog["Service"]): ReadonlyArray<string> => [
  ...new Set([...spec.models, ...Object.keys(spec.deployments), ...catalog.knownModels(spec.kind)])
]

const listNames = (
  settings: Settings,
  specs: ReadonlyArray<ProviderSpec>,
  catalog: Catalog["Service"],
  named: Resolver["named"]
): ReadonlyArray<ListedName> => {
  const aliases = settings.aliases.map(({ name }) => name)
  const exact = specs.flatMap((spec) => modelsOf(spec, catalog).map((model) => `${spec.id}/${model}`))
  return [...aliases, ...autoNames, ...exact].flatMap((name) => named(name) ?? [])
}
