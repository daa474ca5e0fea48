/**
 * What a call costs: its worst case before, and its bill after it.
 *
 * @module
 */
import { batchPercent, predictionField, surcharges } from "../catalog/bounds.ts"
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import { dearestUpTo, type Rate, rateAt, type Rates } from "../catalog/Rates.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { Json } from "../domain/Json.ts"
import {
  Bill,
  type Line,
  nano,
  type NanoUsd,
  pico,
  picoPerUnitOfMillion,
  type PicoUsd,
  plus,
  total,
  zero
} from "../domain/Money.ts"
import type { Usage } from "../domain/Usage.ts"
import {
  hasPricedField,
  hostedAt,
  largestWindow,
  hostedOf,
  type HostedUse,
  type PromptBound,
  untoldOf
} from "./promptBound.ts"

/** What changes the price of a request as a whole, in percent of the list price. */
export interface Percent {
  readonly worst: number
  readonly owed: number
}

/** What is asked for costs what the list says. */
export const listPrice: Percent = { worst: 100, owed: 100 }
const batched: Percent = { worst: batchPercent, owed: batchPercent }

export const percentOf = (
  { wire }: ChatRequest,
  isBatch: boolean,
  rates: Pick<Rates, "flex"> | undefined = undefined
): Percent => {
  const base = isBatch ? batched : listPrice
  if (!hasPricedField(wire?.body)) return base
  let { owed, worst } = base
  for (const row of surcharges) {
    const said = wire?.body[row.field]
    if (typeof said !== "string" || !row.value.test(said)) continue
    if (row.onlyIfSold === true && rates?.flex !== row.field) continue
    worst = Math.ceil((worst * row.worst) / 100)
    owed = Math.ceil((owed * row.owed) / 100)
  }
  return { worst, owed }
}

/** Under a hard budget a request without an output limit gets one, in tokens. */
export const givenLimit = 8192
const givenThinkersLimit = 32_000

/** The output limit that a request is to be given; `undefined` where it states one, or the model's own is lower. */
export const missingOutputLimit = (request: ChatRequest, facts: ModelFacts): number | undefined => {
  // one that states what the answer will be cannot be given one
  if (request.sampling.maxTokens !== undefined || predictionOf(request) !== undefined) return undefined
  const limit = mayThink(request, facts) ? givenThinkersLimit : givenLimit
  const { maxOutputTokens = limit } = facts
  return maxOutputTokens < limit ? undefined : limit
}

/** May the answer hold thoughts that nobody sees? */
export const mayThink = ({ reasoning }: ChatRequest, { capabilities, thinksUnasked }: ModelFacts): boolean => {
  if (capabilities.thinking === false) return false
  if (reasoning !== undefined) return reasoning.disabled !== true && reasoning.effort !== "none"
  return capabilities.thinking === true && thinksUnasked !== false
}

/** What the answer is expected to hold, as the caller's own wire has it. */
const predictionOf = ({ wire }: ChatRequest): Json | undefined => {
  const prediction = wire?.body[predictionField]
  return prediction === null ? undefined : prediction
}

/**
 * The most tokens that are billed as one answer: as stated, as the model allows, or as it would be given; and never more
 * than its window holds, whatever is stated.
 */
export const outputBound = (request: ChatRequest, facts: ModelFacts): number => {
  const prediction = predictionOf(request)
  const { contextWindowTokens = largestWindow, maxOutputTokens = contextWindowTokens } = facts
  if (prediction !== undefined) {
    const written = Math.max(0, Math.min(request.sampling.maxTokens ?? maxOutputTokens, maxOutputTokens))
    return written + Buffer.byteLength(JSON.stringify(prediction))
  }
  const stated = request.sampling.maxTokens ?? missingOutputLimit(request, facts)
  if (stated === undefined) return facts.maxOutputTokens ?? givenThinkersLimit
  return Math.max(0, Math.min(stated, maxOutputTokens))
}

/** How many answers are asked for. */
export const answersOf = ({ sampling: { n } }: ChatRequest): number => Math.max(1, n ?? 1)

/** The dearest that a token can be at these rates. No list of those that there are: this is asked of every request. */
const dearest = (inputTokens: number, ...rates: ReadonlyArray<Rate | undefined>): PicoUsd => {
  let each = pico(0)
  for (const rate of rates) {
    const one = rate === undefined ? each : dearestUpTo(rate, inputTokens)
    if (one > each) each = one
  }
  return each
}

/** Does the request ask the vendor to keep something for an hour? */
export const keepsForAnHour = (request: ChatRequest): boolean => {
  const { wire } = request
  return wire === undefined ? mentions([...request.messages, ...request.tools], 12) : mentions(wire.body, 12)
}

const mentions = (value: unknown, depth: number): boolean => {
  if (typeof value !== "object" || value === null || depth === 0) return false
  if ("ttl" in value && value.ttl === "1h") return true
  for (const inner of Object.values(value)) if (mentions(inner, depth - 1)) return true
  return false
}

/** Fees for vendors' own tools, at the most. */
export const feesAtWorst = (hosted: ReadonlyArray<HostedUse>, { perRequest, perSearch }: Rates): ReadonlyArray<Line> =>
  hosted.map(({ row, uses }): Line => {
    const usd = perRequest > 0 ? (row.usdBesideRequestFee ?? row.usdPerUse) : row.usdPerUse
    const each = picoPerUnitOfMillion(usd * 1e6)
    return { units: uses, each: row.isSearch === true && perSearch > each ? perSearch : each }
  })

/** The most that a vendor charges for tools of its own and does not tell; `percent` is the worst of the list price. */
export const untoldFees = (
  request: ChatRequest,
  hosted: ReadonlyArray<HostedUse>,
  rates: Rates,
  percent: number
): NanoUsd => (hosted.length === 0 ? zero : total(feesAtWorst(untoldOf(request, hosted), rates), percent))

/** The highest that one call can cost: every token at the dearest rate and step it may be billed at. */
export const worstCase = (
  rates: Rates,
  prompt: PromptBound,
  {
    answers,
    hosted,
    keepsForAnHour,
    outputTokens,
    percent
  }: {
    readonly answers: number
    /** Of one answer. */
    readonly outputTokens: number
    readonly hosted: ReadonlyArray<HostedUse>
    readonly keepsForAnHour: boolean
    readonly percent: number
  }
): NanoUsd => {
  const hour = keepsForAnHour ? rates.cacheWriteHour : undefined
  const heard = prompt.audioTokens > 0 ? rates.inputAudio : undefined
  const shown = prompt.imageTokens > 0 ? rates.inputImage : undefined
  const read = dearest(prompt.tokens, rates.input, rates.cacheWrite, rates.cacheRead, hour, heard, shown)
  const written = dearest(prompt.tokens, rates.output, rates.outputAudio, rates.outputImage)
  const bill = new Bill()
  bill.add(prompt.tokens * answers, read)
  bill.add(outputTokens * answers, written)
  bill.add(answers, rates.perRequest)
  if (hosted.length > 0) for (const { each, units } of feesAtWorst(hosted, rates)) bill.add(units, each)
  return bill.total(percent)
}

/** The highest that a call can come to whose vendor has told what was read, and not all that was written. */
export const boundOf = (
  rates: Rates,
  told: Usage,
  { keepsForAnHour, outputTokens, percent }: { readonly outputTokens: number } & Required<Extras>
): NanoUsd => {
  const read = billOf(rates, { ...told, outputTokens: 0, outputAudioTokens: 0 }, { keepsForAnHour, percent })
  const each = dearest(told.inputTokens, rates.output, rates.outputAudio, rates.outputImage)
  return plus(read, total([{ units: outputTokens, each }], percent))
}

/** What is told of a call beyond its tokens. */
export interface Extras {
  /** Of what was written to the vendor's cache, all is kept for an hour. */
  readonly keepsForAnHour?: boolean
  readonly percent?: number
}

const atLeastNone = (tokens: number | undefined): number => Math.max(0, tokens ?? 0)

/** The bill of a call, by what its vendor counted. */
export const billOf = (rates: Rates, usage: Usage, { keepsForAnHour = false, percent = 100 }: Extras): NanoUsd => {
  const input = atLeastNone(usage.inputTokens)
  const output = atLeastNone(usage.outputTokens)
  const read = Math.min(input, atLeastNone(usage.cacheReadTokens))
  const written = Math.min(input - read, atLeastNone(usage.cacheWriteTokens))
  const heard = Math.min(input - read - written, atLeastNone(usage.inputAudioTokens))
  const searches = atLeastNone(usage.webSearches)
  const said = Math.min(output, atLeastNone(usage.outputAudioTokens))
  const at = (rate: Rate | undefined, plain: Rate) => rateAt(rate ?? plain, input)
  const write = keepsForAnHour ? (rates.cacheWriteHour ?? rates.cacheWrite) : rates.cacheWrite
  const bill = new Bill()
  bill.add(input - read - written - heard, rateAt(rates.input, input))
  if (read > 0) bill.add(read, at(rates.cacheRead, rates.input))
  if (written > 0) bill.add(written, at(write, rates.input))
  if (heard > 0) bill.add(heard, at(rates.inputAudio, rates.input))
  bill.add(output - said, rateAt(rates.output, input))
  if (said > 0) bill.add(said, at(rates.outputAudio, rates.output))
  bill.add(1, rates.perRequest)
  bill.add(rates.searchesCountOnce === true ? Math.min(1, searches) : searches, rates.perSearch)
  return bill.total(percent)
}

/** What its vendor says that it charged, where that is one to be believed: no fee is missing in it. */
export const chargeTold = ({ tellsCharge }: Rates, { chargedNanoUsd }: Usage): NanoUsd | undefined =>
  tellsCharge === true && chargedNanoUsd !== undefined ? nano(chargedNanoUsd) : undefined

/** What a whole answer of a model to a request costs by its vendor's count, as a quote of the request would settle it. */
export const billOfAnswer = (request: ChatRequest, model: string, rates: Rates, usage: Usage): NanoUsd => {
  const charged = chargeTold(rates, usage)
  if (charged !== undefined) return charged
  const percent = percentOf(request, false, rates)
  const hour = rates.cacheWriteHour !== undefined && atLeastNone(usage.cacheWriteTokens) > 0 && keepsForAnHour(request)
  const bill = billOf(rates, usage, { keepsForAnHour: hour, percent: percent.owed })
  const fees = untoldFees(request, hostedAt(hostedOf(request), model), rates, percent.worst)
  return fees === 0 ? bill : plus(bill, fees)
}
