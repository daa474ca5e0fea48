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
import { nearest } from "../config/nearest.ts"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import { defaultRole, type ProviderRole, type Settings } from "../config/Settings.ts"
import { type Need, needsOf } from "../domain/Capability.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { GatewayReason } from "../domain/GatewayError.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import { type Caller, isAllowed } from "../domain/RequestContext.ts"
import type { Candidate } from "./Candidate.ts"
import { byWeight, inRegion, lastResort } from "./Preference.ts"

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
  readonly fallbackOnContentPolicy: boolean
  readonly hedge: boolean
  /** Did the caller leave the choice of the model to an alias? Else the asked model keeps its place. */
  readonly isAlias: boolean
  /** Why the first of those asked for is not the first candidate; absent where it is. */
  readonly passedOver: string | undefined
}

export interface Resolver {
  /**
   * The candidates for a request, or what the caller is told. `next` gives random numbers from 0 to 1, for aliases whose
   * targets are drawn.
   */
  readonly resolve: (
    request: ChatRequest,
    caller: Caller,
    next: () => number
  ) => Result.Result<Resolution, GatewayReason>
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
    if (alias !== undefined) {
      const targets = alias.targets.flatMap((target) => exact(target) ?? [])
      // by whatever way an alias is reached, its region holds
      return alias.region === undefined ? targets : inRegion(targets, alias.region)
    }
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

  const named: Resolver["named"] = (name) => {
    const [first] = candidatesOf(name)
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

  const defaults = (request: ChatRequest, asked: ReadonlyArray<Candidate>): ReadonlyArray<Candidate> => {
    const configured = settings.resilience.defaultFallbacks.flatMap(candidatesOf)
    const isBare = !aliasByName.has(request.model) && exact(request.model) === undefined
    return settings.source !== "file" && isBare ? [...configured, ...sameTier(asked)] : configured
  }

  const roleOf = (one: Candidate): ProviderRole => settings.roles?.get(one.ref.provider) ?? defaultRole
  const weightOf = (one: Candidate): number => roleOf(one).weight
  const isOn = (one: Candidate): boolean => roleOf(one).state === "on"
  /** Most gateways have no roles at all: then nothing is looked up. */
  const hasRoles = settings.roles !== undefined && settings.roles.size > 0

  /** Those that may answer as far as operators and regions go. */
  const permitted = (found: ReadonlyArray<Candidate>, regions: ReadonlyArray<string>): ReadonlyArray<Candidate> => {
    const on = hasRoles ? found.filter(isOn) : found
    return regions.reduce((left, region) => inRegion(left, region), on)
  }

  const nobody = (request: ChatRequest, own: ReadonlyArray<Candidate>, caller: Caller): GatewayReason => {
    const on = own.filter(isOn)
    if (on.length === 0) {
      const ids = [...new Set(own.map(({ ref }) => ref.provider))].join(", ")
      return { _tag: "NobodyAvailable", model: request.model, why: `an operator has taken ${ids} out of service` }
    }
    return caller.region !== undefined
      ? {
          _tag: "Forbidden",
          message: `This key's requests stay in the region '${caller.region}', where nobody serves '${request.model}'`
        }
      : {
          _tag: "NobodyAvailable",
          model: request.model,
          why: `nobody serves it in the region '${aliasByName.get(request.model)?.region}'`
        }
  }

  const resolve: Resolver["resolve"] = (request, caller, next) => {
    const notAllowed = [request.model, ...request.fallbacks].find((name) => !isAllowed(caller, name))
    if (notAllowed !== undefined)
      return Result.fail({ _tag: "Forbidden", message: `This key does not allow the model '${notAllowed}'` })
    const asked = candidatesOf(request.model)
    const alias = aliasByName.get(request.model)
    if (asked.length === 0)
      return Result.fail(
        alias === undefined
          ? unknown(request.model)
          : { _tag: "NobodyAvailable", model: request.model, why: "the providers of all its targets are off" }
      )
    const drawn = alias?.strategy === "weighted" ? byWeight(asked, weightOf, next) : asked
    const own: Array<Candidate> = [...drawn]
    for (const [index, name] of request.fallbacks.entries()) {
      const found = candidatesOf(name)
      if (found.length === 0 && !aliasByName.has(name)) {
        const near = nearestTo(name)
        const hint = near.length === 0 ? "" : `; did you mean ${near.map((one) => `'${one}'`).join(", ")}?`
        return Result.fail({
          _tag: "BadRequest",
          param: `fallbacks.${index}`,
          code: "model_not_found",
          message: `The fallback model '${name}' does not exist or no provider that serves it is configured${hint}`
        })
      }
      own.push(...found)
    }
    const needs = needsOf(request)
    const capable = own.filter((one) => lacking(one, needs) === undefined)
    if (capable.length === 0) return Result.fail(cannot(request.model, own, needs))
    const rest = defaults(request, asked).filter((one) => lacking(one, needs) === undefined)
    const regions = [alias?.region, caller.region].filter((region) => region !== undefined)
    const able = distinct([...capable, ...rest])
    const may = hasRoles || regions.length > 0 ? permitted(able, regions) : able
    const candidates = hasRoles ? lastResort(may, weightOf) : may
    const [first] = own
    return Arr.isReadonlyArrayNonEmpty(candidates)
      ? Result.succeed({
          candidates,
          fallbackOnContentPolicy: alias?.fallbackOnContentPolicy ?? settings.resilience.fallbackOnContentPolicy,
          hedge: alias?.hedge ?? false,
          isAlias: alias !== undefined,
          passedOver:
            first === undefined || first === candidates[0] ? undefined : passedOver(first, candidates, regions)
        })
      : Result.fail(nobody(request, able, caller))
  }

  /** Why one is not the first of the candidates. */
  const passedOver = (one: Candidate, candidates: ReadonlyArray<Candidate>, regions: ReadonlyArray<string>): string => {
    if (candidates.includes(one)) return "LastResort"
    if (!isOn(one)) return "OutOfService"
    return regions.every((region) => inRegion([one], region).length > 0) ? "CannotServe" : "OtherRegion"
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

  return { resolve, names, named, isListed, nearest: nearestTo }
}

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

/** Each model at each provider once, where it stands first. */
const distinct = (candidates: ReadonlyArray<Candidate>): ReadonlyArray<Candidate> => [
  ...new Map(candidates.map((one) => [showModelRef(one.ref), one])).values()
]

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
  return [...aliases, ...exact].flatMap((name) => named(name) ?? [])
}
