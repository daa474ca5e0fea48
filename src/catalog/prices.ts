/**
 * The price catalogue, asked once a model.
 *
 * `@pydantic/genai-prices` matches names (dated snapshots, `-latest`, variants) to models; here its answer is narrowed
 * to two numbers and a context window. Prices that change by the clock or from a date on are narrowed to the dearest
 * that holds from the newest date on: an estimate may be too high, never too low, and no clock is needed.
 *
 * @module
 */
import {
  calcPrice,
  findProvider,
  type ConditionalPrice,
  type ModelPrice,
  type TieredPrices
} from "@pydantic/genai-prices"
import type { Price } from "./ModelFacts.ts"

export interface Priced {
  /** The catalogue's own name for the model. */
  readonly id: string
  readonly price: Price | undefined
  readonly contextWindowTokens: number | undefined
}

/** Any moment will do: it only chooses among a model's prices, and all of them are read. */
const anyTime = new Date(0)

/** What the catalogue has for `model` at one of its vendors; absent where it does not know it. */
export const lookUp = (vendor: string, model: string): Priced | undefined => {
  const found = calcPrice({}, model, { providerId: vendor, timestamp: anyTime })
  if (found === null) return undefined
  const { id, prices } = found.model
  return { id, price: priceOf(prices, writesNothing.test(id)), contextWindowTokens: found.model.context_window }
}

/** The names a vendor's models have in the catalogue, without those it calls deprecated. */
export const namesOf = (vendor: string): ReadonlyArray<string> =>
  (findProvider({ providerId: vendor })?.models ?? []).filter((model) => model.deprecated !== true).map(({ id }) => id)

/** Models that embed have no price for an output. */
const writesNothing = /embed/

const priceOf = (prices: ReadonlyArray<ConditionalPrice> | ModelPrice, isMute: boolean): Price | undefined => {
  const candidates = isConditional(prices) ? inForce(prices).map((entry) => entry.prices) : [prices]
  const input = dearest(candidates.map((price) => base(price["input_mtok"])))
  const output = dearest(candidates.map((price) => base(price["output_mtok"]))) ?? (isMute ? 0 : undefined)
  return input === undefined || output === undefined ? undefined : { inputUsdPerMTok: input, outputUsdPerMTok: output }
}

const isConditional = (
  prices: ReadonlyArray<ConditionalPrice> | ModelPrice
): prices is ReadonlyArray<ConditionalPrice> => Array.isArray(prices)

/** The price of the newest date (or the one without a condition), and every price that holds at some hour of the day. */
const inForce = (prices: ReadonlyArray<ConditionalPrice>): ReadonlyArray<ConditionalPrice> => {
  const hourly = prices.filter(({ constraint }) => constraint?.type === "time_of_date")
  const dated = prices.filter(({ constraint }) => constraint?.type !== "time_of_date")
  const newest = dated.toSorted((a, b) => startOf(a).localeCompare(startOf(b))).at(-1)
  return newest === undefined ? hourly : [newest, ...hourly]
}

const startOf = ({ constraint }: ConditionalPrice): string =>
  constraint?.type === "start_date" ? constraint.start_date : ""

const base = (price: number | TieredPrices | undefined): number | undefined =>
  typeof price === "object" ? price.base : price

const dearest = (prices: ReadonlyArray<number | undefined>): number | undefined => {
  const known = prices.filter((price) => price !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}
