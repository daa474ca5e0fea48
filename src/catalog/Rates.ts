/**
 * All that a model's vendor charges for, in whole pico-dollars a unit.
 *
 * A stepped rate has one price up to so many tokens of prompt and another beyond; the step that a prompt reaches holds
 * for all of its tokens, and for the answer's (as OpenAI, Anthropic and Google bill long prompts).
 *
 * @module
 */
import { type PicoUsd, pico, picoPerUnitOfMillion } from "../domain/Money.ts"

/** A price as people say it. */
interface Said {
  readonly inputUsdPerMTok: number
  readonly outputUsdPerMTok: number
}

export interface Rate {
  readonly base: PicoUsd
  /** By rising `over`: the price each token has once the prompt has more than `over` tokens. */
  readonly steps: ReadonlyArray<{ readonly over: number; readonly each: PicoUsd }>
}

/** Absent rates are the plain ones' (`input`, `output`). */
export interface Rates {
  readonly input: Rate
  readonly output: Rate
  readonly cacheRead?: Rate
  readonly cacheWrite?: Rate
  /** Of what is to be kept for an hour, where that has a price of its own. */
  readonly cacheWriteHour?: Rate
  readonly inputAudio?: Rate
  readonly outputAudio?: Rate
  readonly outputImage?: Rate
  readonly inputImage?: Rate
  /** For every request, whatever its length. */
  readonly perRequest: PicoUsd
  /** For every web search the vendor makes. */
  readonly perSearch: PicoUsd
  /** Searches for one prompt count as one. */
  readonly searchesCountOnce?: boolean
  /** Its vendor has a lower price for requests that may wait, which say so in this field. */
  readonly flex?: string
  /** Its vendor tells, with its counts, what it has charged for a call. */
  readonly tellsCharge?: boolean
}

/** What one token costs after a prompt of so many tokens. */
export const rateAt = ({ base, steps }: Rate, inputTokens: number): PicoUsd => {
  let each = base
  for (const step of steps) if (inputTokens > step.over) each = step.each
  return each
}

/** The highest that one token can cost after a prompt of at most so many tokens. */
export const dearestUpTo = ({ base, steps }: Rate, inputTokens: number): PicoUsd => {
  let each = base
  for (const step of steps) if (inputTokens > step.over && step.each > each) each = step.each
  return each
}

/** Pointwise the dearest of some rates. */
export const dearestOf = (rates: ReadonlyArray<Rate>): Rate | undefined => {
  const [first, ...others] = rates
  if (first === undefined) return undefined
  if (others.length === 0) return first
  const overs = [...new Set(rates.flatMap(({ steps }) => steps.map(({ over }) => over)))].sort((a, b) => a - b)
  const highest = (tokens: number) => pico(Math.max(...rates.map((rate) => rateAt(rate, tokens))))
  return { base: highest(0), steps: overs.map((over) => ({ over, each: highest(over + 1) })) }
}

const none = pico(0)

/** Two prices and nothing else: an operator's word, or a server of one's own. */
export const flatRates = ({ inputUsdPerMTok, outputUsdPerMTok }: Said): Rates => ({
  input: { base: picoPerUnitOfMillion(inputUsdPerMTok), steps: [] },
  output: { base: picoPerUnitOfMillion(outputUsdPerMTok), steps: [] },
  perRequest: none,
  perSearch: none
})

const memo = new WeakMap<Said, Rates>()

/** What a model charges; `undefined` where nobody knows. */
export const ratesOf = (facts: { readonly price: Said | undefined; readonly rates?: Rates }): Rates | undefined => {
  const { price, rates } = facts
  if (rates !== undefined || price === undefined) return rates
  const known = memo.get(price)
  if (known !== undefined) return known
  const flat = flatRates(price)
  memo.set(price, flat)
  return flat
}
