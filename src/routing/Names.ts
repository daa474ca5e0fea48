/**
 * What the names stand for that can be asked for: aliases, exact `provider/model`, bare models that some provider serves,
 * in that order of precedence, and `auto`, which asks for a model by task.
 *
 * Candidates are built once a name; callers invent names, so no more than some thousands are remembered.
 *
 * @module
 */
import { modelScopes } from "../budget/modelScopes.ts"
import type { Catalog } from "../catalog/Catalog.ts"
import { type Selection, selectionOf } from "../catalog/selection.ts"
import { nearest } from "../config/nearest.ts"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import type { Alias, Settings } from "../config/Settings.ts"
import type { GatewayReason } from "../domain/GatewayError.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import { autoNames, autoOf, type Preference } from "../domain/Prefer.ts"
import type { Candidate } from "./Candidate.ts"
import { isInRegion } from "./Preference.ts"

/** A name that can be asked for, for listings. */
export interface ListedName {
  readonly id: string
  readonly ownedBy: string
  /** For an alias: its targets in order. */
  readonly targets: ReadonlyArray<string> | undefined
  readonly first: Candidate
}

/** What kind of name was asked for. `bare`: a model without its provider, known or not. */
export type NameKind = "alias" | "exact" | "bare" | "auto"

export interface Names {
  readonly aliasOf: (name: string) => Alias | undefined
  readonly kindOf: (name: string) => NameKind
  /** The candidate of a `provider/model` whose provider is there. */
  readonly exact: (name: string) => Candidate | undefined
  /** The candidates a name stands for; empty where nobody serves it. The very same list for the same name. */
  readonly candidatesOf: (name: string) => ReadonlyArray<Candidate>
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
  /** What is told of a name that nobody serves. */
  readonly unknown: (model: string) => GatewayReason
}

/** How many names that somebody serves are remembered. */
export const remembered = 2048

/** The names over the providers that are built: `settings.providers` without those that could not be set up. */
export const makeNames = (
  settings: Settings,
  specs: ReadonlyArray<ProviderSpec>,
  catalog: Catalog["Service"]
): Names => {
  const specById = new Map(specs.map((spec) => [spec.id, spec]))
  const aliasByName = new Map(settings.aliases.map((alias) => [alias.name, alias]))

  const candidate = (spec: ProviderSpec, model: string): Candidate => {
    const ref = { provider: spec.id, model }
    return {
      ref,
      facts: catalog.facts(spec.kind, model, settings.facts.get(showModelRef(ref))),
      failureDomain: spec.failureDomain ?? catalog.failureDomain(spec.kind) ?? spec.id,
      region: spec.region,
      budgetScopes: modelScopes(ref, spec.kind, settings.budgets)
    }
  }

  /** The provider that `provider/model` names, where there is one. */
  const specOf = (name: string): ProviderSpec | undefined => {
    const slash = name.indexOf("/")
    return slash > 0 && slash < name.length - 1 ? specById.get(name.slice(0, slash)) : undefined
  }
  const exact = (name: string): Candidate | undefined => {
    const spec = specOf(name)
    return spec === undefined ? undefined : candidate(spec, name.slice(name.indexOf("/") + 1))
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
  const firsts = new WeakMap<ReadonlyArray<Candidate>, ListedName>()
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

  const named: Names["named"] = (name) => {
    const auto = autoOf(name)
    if (auto !== undefined) return namedByTask(name, auto.preference ?? "balanced")
    const found = candidatesOf(name)
    // what was found for a name is its own list
    const known = firsts.get(found)
    if (known !== undefined) return known
    const first = found.find((one) => isInRegion(one, aliasByName.get(name)?.region)) ?? found[0]
    if (first === undefined) return undefined
    const targets = aliasByName.get(name)?.targets
    const listed = { id: name, ownedBy: targets === undefined ? first.ref.provider : "switchyard", targets, first }
    firsts.set(found, listed)
    return listed
  }

  const names = listNames(settings, specs, catalog, named)
  const knownNames = [...names.map(({ id }) => id), ...specs.flatMap((spec) => modelsOf(spec, catalog))]

  const nearestTo: Names["nearest"] = (name) =>
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

  let listed: ReadonlySet<string> | undefined
  const isListed: Names["isListed"] = (ref) => {
    listed ??= new Set([
      ...specs.flatMap((spec) => modelsOf(spec, catalog).map((model) => `${spec.id}/${model}`)),
      ...settings.aliases.flatMap(({ targets }) => targets),
      ...settings.facts.keys()
    ])
    return listed.has(showModelRef(ref))
  }

  return {
    aliasOf: (name) => aliasByName.get(name),
    kindOf: (name) =>
      autoOf(name) !== undefined
        ? "auto"
        : aliasByName.has(name)
          ? "alias"
          : specOf(name) !== undefined
            ? "exact"
            : "bare",
    exact,
    candidatesOf,
    select,
    names,
    named,
    isListed,
    nearest: nearestTo,
    unknown
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
  named: Names["named"]
): ReadonlyArray<ListedName> => {
  const aliases = settings.aliases.map(({ name }) => name)
  const exact = specs.flatMap((spec) => modelsOf(spec, catalog).map((model) => `${spec.id}/${model}`))
  return [...aliases, ...autoNames, ...exact].flatMap((name) => named(name) ?? [])
}
