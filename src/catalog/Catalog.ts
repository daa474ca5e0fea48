/**
 * What is known about models: prices, context windows, capabilities, tier, and whose names are whose.
 *
 * Three sources, the later over the earlier: the families' table and the price catalogue (`@pydantic/genai-prices`),
 * the vendor's row, the operator's own word. What none of them says is unknown: absent, never false.
 *
 * Facts are asked for with every request and remembered; callers invent names, so no more than some thousands are.
 *
 * @module
 */
import { Context, Layer } from "effect"
import { Capability } from "../domain/Capability.ts"
import type { ProviderKind } from "../config/ProviderSpec.ts"
import type { FactsOverride } from "../config/Settings.ts"
import { Recent } from "../machine/Recent.ts"
import { familyOf } from "./families.ts"
import type { ModelFacts, Price, Tier } from "./ModelFacts.ts"
import { lookUp, namesOf } from "./prices.ts"
import type { Rates } from "./Rates.ts"
import { type VendorRow, vendors } from "./vendors.ts"

export class Catalog extends Context.Service<
  Catalog,
  {
    /** What is known of `model` at a vendor of this kind; `override` is the operator's word on it. */
    readonly facts: (kind: ProviderKind, model: string, override?: FactsOverride) => ModelFacts
    /** The chat models a vendor of this kind is known to serve, by the names it takes. */
    readonly knownModels: (kind: ProviderKind) => ReadonlyArray<string>
    /** Is the name one of this vendor's? `undefined`: it may be (a server of one's own, a name that is not known yet). */
    readonly serves: (kind: ProviderKind, model: string) => boolean | undefined
    readonly tierOf: (kind: ProviderKind, model: string, override?: FactsOverride) => Tier | undefined
    /** The label of what providers of this kind share; absent where each stands for itself. */
    readonly failureDomain: (kind: ProviderKind) => string | undefined
  }
>()("switchyard/catalog/Catalog") {
  static readonly layer: Layer.Layer<Catalog> = Layer.sync(Catalog, () => makeCatalog())
}

/** Names remembered at once. */
const remembered = 4_096
/** A longer name is nobody's: matching it against every pattern is work a caller could ask for. */
const longestName = 256

export const makeCatalog = (): Catalog["Service"] => {
  const memory = new Recent<string, ModelFacts>()
  const lists = new Map<ProviderKind, ReadonlyArray<string>>()

  const plainFacts = (kind: ProviderKind, model: string): ModelFacts => {
    if (model.length > longestName) return { ...unknownFacts, ...unpriced(vendors[kind], undefined) }
    const key = `${kind} ${model}`
    const known = memory.get(key)
    if (known !== undefined) return known
    const facts = resolveFacts(vendors[kind], model)
    memory.set(key, facts)
    memory.shrink(remembered)
    return facts
  }

  const facts: Catalog["Service"]["facts"] = (kind, model, override) =>
    override === undefined ? plainFacts(kind, model) : withOverride(plainFacts(kind, model), override)

  return {
    facts,
    tierOf: (kind, model, override) => facts(kind, model, override).tier,
    failureDomain: (kind) => vendors[kind].failureDomain,
    serves: (kind, model) => (model.length > longestName ? false : servesName(vendors[kind], model)),
    knownModels: (kind) => {
      const known = lists.get(kind) ?? listModels(vendors[kind])
      lists.set(kind, known)
      return known
    }
  }
}

const unknownFacts: ModelFacts = {
  contextWindowTokens: undefined,
  maxOutputTokens: undefined,
  price: undefined,
  tier: undefined,
  capabilities: {}
}

/** The name as the price catalogue has it: Google's own SDK puts `models/` before it. */
const catalogueName = (model: string): string => (model.startsWith("models/") ? model.slice("models/".length) : model)

const resolveFacts = (vendor: VendorRow, model: string): ModelFacts => {
  const priced = vendor.prices === undefined ? undefined : lookUp(vendor.prices, catalogueName(model))
  const family = familyOf(model)
  const capabilities: Partial<Record<Capability, boolean>> = {}
  const apply = (word: { readonly can: ReadonlyArray<Capability>; readonly cannot: ReadonlyArray<Capability> }) => {
    for (const capability of word.can) capabilities[capability] = true
    for (const capability of word.cannot) capabilities[capability] = false
  }
  if (family !== undefined) apply(family)
  for (const row of vendor.capabilities ?? []) if (row.pattern.test(model)) apply(row)
  return {
    contextWindowTokens: priced?.contextWindowTokens ?? family?.contextWindowTokens,
    maxOutputTokens: family?.maxOutputTokens,
    price: priced?.price,
    ...(priced?.rates === undefined ? undefined : { rates: ratesAt(vendor, priced.rates) }),
    ...unpriced(vendor, priced?.price),
    tier: family?.tier ?? tierByPrice(priced?.price),
    ...(family?.thinksUnasked === undefined ? undefined : { thinksUnasked: family.thinksUnasked }),
    capabilities
  }
}

/** What the price catalogue says, with what is the vendor's own. */
const ratesAt = ({ flex, tellsCharge }: VendorRow, rates: Rates): Rates =>
  flex === undefined && tellsCharge === undefined
    ? rates
    : { ...rates, ...(flex === undefined ? {} : { flex }), ...(tellsCharge === undefined ? {} : { tellsCharge }) }

/** Whoever has a list of prices charges for what does not stand in it as well. */
const unpriced = ({ prices }: VendorRow, price: Price | undefined): Pick<ModelFacts, "isUnpriced"> =>
  prices === undefined || price !== undefined ? {} : { isUnpriced: true }

/** US dollars per million output tokens from which on a model of today is dear, or of the middle. */
const premiumFrom = 20
const standardFrom = 4

const tierByPrice = (price: Price | undefined): Tier | undefined => {
  if (price === undefined) return undefined
  if (price.outputUsdPerMTok >= premiumFrom) return "premium"
  return price.outputUsdPerMTok >= standardFrom ? "standard" : "economy"
}

/** The operator's word over the catalogue's; a list of capabilities is the whole list. */
export const withOverride = (facts: ModelFacts, override: FactsOverride): ModelFacts => {
  const stated = override.capabilities
  return {
    contextWindowTokens: override.contextWindowTokens ?? facts.contextWindowTokens,
    maxOutputTokens: override.maxOutputTokens ?? facts.maxOutputTokens,
    price: override.price ?? facts.price,
    ...(override.price === undefined && facts.rates !== undefined ? { rates: facts.rates } : undefined),
    ...(override.price === undefined && facts.isUnpriced === true ? { isUnpriced: true as const } : undefined),
    tier: override.tier ?? facts.tier ?? tierByPrice(override.price),
    ...(facts.thinksUnasked === undefined ? undefined : { thinksUnasked: facts.thinksUnasked }),
    capabilities:
      stated === undefined
        ? facts.capabilities
        : Object.fromEntries(Capability.literals.map((capability) => [capability, stated.includes(capability)]))
  }
}

const servesName = (vendor: VendorRow, model: string): boolean | undefined => {
  if (vendor.names !== undefined) return vendor.names.test(model)
  if (vendor.prices === undefined || vendor.listed === undefined) return undefined
  if (lookUp(vendor.prices, model) !== undefined) return true
  // a name in a vendor's own manner is that vendor's, not a host's
  return Object.values(vendors).some(({ names }) => names?.test(model) === true) ? false : undefined
}

const listModels = (vendor: VendorRow): ReadonlyArray<string> => {
  const { also = [], listed, prefix = "", prices } = vendor
  if (prices === undefined || listed === undefined) return also
  const names = namesOf(prices).flatMap((name) => (listed.test(name) ? [`${prefix}${name}`] : []))
  // the catalogue lists some models under names that no request bears
  return [...new Set([...also, ...names.filter((name) => lookUp(prices, name) !== undefined)])]
}
