/**
 * What is known about a model. Absent means unknown: "not promised", never "no".
 *
 * @module
 */
import type { Capability } from "../domain/Capability.ts"
import type { Rates } from "./Rates.ts"

/** How good and how dear a model is among its contemporaries. */
export type Tier = "premium" | "standard" | "economy"

export interface Price {
  readonly inputUsdPerMTok: number
  readonly outputUsdPerMTok: number
}

export interface ModelFacts {
  readonly contextWindowTokens: number | undefined
  readonly maxOutputTokens: number | undefined
  readonly price: Price | undefined
  /** Everything the catalogue has a price for; absent where it has none, or where `price` is the operator's word. */
  readonly rates?: Rates
  /** Its vendor charges for it, and nobody here knows how much. */
  readonly isUnpriced?: true
  readonly tier: Tier | undefined
  /** Of a model that can think: does it, when the request says nothing about reasoning? Unknown counts as yes. */
  readonly thinksUnasked?: boolean
  /** Present and true: promised; present and false: known not to; absent: unknown. */
  readonly capabilities: Readonly<Partial<Record<Capability, boolean>>>
}
