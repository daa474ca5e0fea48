/**
 * The price catalogue, asked once a model.
 *
 * `@pydantic/genai-prices` matches names (dated snapshots, `-latest`, variants) to models; here its answer is narrowed
 * to what is billed here (`rates`), two numbers that sum it up (`price`) and a context window. Prices that change by the clock or from a date on are narrowed to the dearest
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
import { pico, type PicoUsd, picoPerUnitOfMillion, picoPerUnitOfThousand } from "../domain/Money.ts"
import { searchFees } from "./bounds.ts"
import type { Price } from "./ModelFacts.ts"
import { dearestOf, type Rate, type Rates } from "./Rates.ts"

export interface Priced {
  /** The catalogue's own name for the model. */
  readonly id: string
  readonly price: Price | undefined
  /** Present where `price` is. */
  readonly rates: Rates | undefined
  readonly contextWindowTokens: number | undefined
}

/** Any moment will do: it only chooses among a model's prices, and all of them are read. */
const anyTime = new Date(0)

/** What the catalogue has for `model` at one of its vendors; absent where it does not know it. */
export const lookUp = (vendor: string, model: string): Priced | undefined => {
  const found = calcPrice({}, model, { providerId: vendor, timestamp: anyTime })
  if (found === null) return undefined
  const { id, prices } = found.model
  const sets = isConditional(prices) ? inForce(prices).map((entry) => entry.prices) : [prices]
  const price = priceOf(sets, writesNothing.test(id))
  return {
    id,
    price,
    rates: price === undefined ? undefined : allRates(sets, id),
    contextWindowTokens: found.model.context_window
  }
}

/** The names a vendor's models have in the catalogue, without those it calls deprecated. */
export const namesOf = (vendor: string): ReadonlyArray<string> =>
  (findProvider({ providerId: vendor })?.models ?? []).filter((model) => model.deprecated !== true).map(({ id }) => id)

/** Models that embed have no price for an output. */
const writesNothing = /embed/

const priceOf = (sets: ReadonlyArray<ModelPrice>, isMute: boolean): Price | undefined => {
  const input = dearest(sets.map((price) => base(price["input_mtok"])))
  const output = dearest(sets.map((price) => base(price["output_mtok"]))) ?? (isMute ? 0 : undefined)
  return input === undefined || output === undefined ? undefined : { inputUsdPerMTok: input, outputUsdPerMTok: output }
}

/** The catalogue's keys for what is charged by the token. */
const tokenKeys = {
  cacheRead: "cache_read_mtok",
  cacheWrite: "cache_write_mtok",
  cacheWriteHour: "cache_write_1h_mtok",
  inputAudio: "input_audio_mtok",
  outputAudio: "output_audio_mtok",
  outputImage: "output_image_mtok",
  inputImage: "input_image_mtok"
} as const

const free: Rate = { base: pico(0), steps: [] }

const allRates = (sets: ReadonlyArray<ModelPrice>, id: string): Rates => {
  const perSearch = feeOf(sets, "web_searches_kcount")
  const fee = perSearch > 0 ? undefined : searchFees.find(({ pattern }) => pattern.test(id))
  const rates: { -readonly [K in keyof Rates]: Rates[K] } = {
    input: rateOf(sets, "input_mtok") ?? free,
    output: rateOf(sets, "output_mtok") ?? free,
    perRequest: feeOf(sets, "requests_kcount"),
    perSearch: fee === undefined ? perSearch : picoPerUnitOfMillion(fee.usd * 1e6),
    ...(fee?.isPerPrompt === true ? { searchesCountOnce: true } : {})
  }
  for (const [name, key] of Object.entries(tokenKeys)) {
    const rate = rateOf(sets, key)
    // the entries of a constant are typed by strings: the names are its own keys
    if (rate !== undefined) rates[name as keyof typeof tokenKeys] = rate
  }
  return rates
}

const rateOf = (sets: ReadonlyArray<ModelPrice>, key: string): Rate | undefined =>
  dearestOf(
    sets.flatMap((prices): ReadonlyArray<Rate> => {
      const price = prices[key]
      if (price === undefined) return []
      if (typeof price === "number") return [{ base: picoPerUnitOfMillion(price), steps: [] }]
      const steps = price.tiers
        .map((tier) => ({ over: tier.start, each: picoPerUnitOfMillion(tier.price) }))
        .sort((a, b) => a.over - b.over)
      return [{ base: picoPerUnitOfMillion(price.base), steps }]
    })
  )

const feeOf = (sets: ReadonlyArray<ModelPrice>, key: string): PicoUsd =>
  picoPerUnitOfThousand(dearest(sets.map((prices) => base(prices[key]))) ?? 0)

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
