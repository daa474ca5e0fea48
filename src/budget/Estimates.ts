/**
 * What calls will cost: expected, for ranking and tiers, and at worst, for promises. It learns from every bill.
 *
 * The expected prompt is its characters ÷ 4 (and rules of thumb for attachments), times what this model's vendor has
 * counted per estimated token of late; the expected answer is as long as this model's answers to this task have been. The
 * worst case is an upper bound by construction (`promptBound`, the output limit, the dearest rates), times the worst that
 * a bill of this model was ever above it.
 *
 * Gotchas
 * - A model whose price nobody knows costs nothing here; the config can state a price.
 * - Models are told apart by `provider/model`; of those that are asked most lately, so many are remembered.
 * - What an abandoned answer has cost is not known: vendors may go on writing it. It is settled at its worst case, unless the
 *   operator wants streams settled by what had come of them.
 *
 * @module
 */
import { Context, Effect, Layer, Schema } from "effect"
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import { type Rates, ratesOf } from "../catalog/Rates.ts"
import { isUnbilled } from "../domain/Billing.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import type { Part } from "../domain/Message.ts"
import { least, mostNano, nano, type NanoUsd, plus, zero } from "../domain/Money.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import type { Task } from "../domain/Task.ts"
import type { Usage } from "../domain/Usage.ts"
import { calibrated, CalibrationState, initialCalibration, overran, ratioOf } from "../machine/Calibration.ts"
import type { SettleCommand } from "../machine/Reservation.ts"
import { keepPage, type Notebook, readPage } from "../storage/Notebook.ts"
import {
  answersOf,
  billOf,
  boundOf,
  chargeTold,
  givenLimit,
  keepsForAnHour,
  listPrice,
  mayThink,
  outputBound,
  percentOf,
  untoldFees,
  worstCase
} from "./bill.ts"
import { hostedAt, measure, type Measured, promptBound, toolBytes } from "./promptBound.ts"
import { roughMedia } from "./roughMedia.ts"

/** What a request weighs, in numbers alone: what its cost can be expected from when the request is gone. */
export interface Weight {
  /** The prompt before calibration, in tokens. */
  readonly inputTokens: number
  /** The output limit that the request states, in tokens. */
  readonly outputLimit: number | undefined
  readonly answers: number
}

/** What one call at one model may cost. */
export interface Quote {
  readonly ref: ModelRef
  readonly task: Task | undefined
  readonly expected: NanoUsd
  readonly worst: NanoUsd
  /** The prompt before calibration, in tokens. */
  readonly roughInputTokens: number
  readonly inputTokens: number
  readonly worstInputTokens: number
  /** Of all answers together, in tokens. */
  readonly outputTokens: number
  readonly worstOutputTokens: number
  /** Absent: nobody knows the price, and everything is free. */
  readonly rates: Rates | undefined
  /** Of the list price, what is owed. */
  readonly percent: number
  /** The same at worst. */
  readonly worstPercent: number
  readonly keepsForAnHour: boolean
  /** May it think what nobody sees? */
  readonly thinksUnseen: boolean
  /** Does the vendor run tools of its own? */
  readonly runsTools: boolean
  /** The most that it charges for them and does not tell. */
  readonly untoldFees: NanoUsd
}

type Expectation = Pick<Quote, "inputTokens" | "outputTokens"> & { readonly cost: NanoUsd }

/** A quote that reckons what is expected when somebody first asks: mostly nobody does. */
class LazyQuote implements Quote {
  readonly ref: ModelRef
  readonly task: Task | undefined
  readonly worst: NanoUsd
  readonly roughInputTokens: number
  readonly worstInputTokens: number
  readonly worstOutputTokens: number
  readonly rates: Rates | undefined
  readonly percent: number
  readonly worstPercent: number
  readonly keepsForAnHour: boolean
  readonly thinksUnseen: boolean
  readonly runsTools: boolean
  readonly untoldFees: NanoUsd
  readonly #reckon: () => Expectation
  #found: Expectation | undefined

  constructor(sure: Omit<Quote, "expected" | "inputTokens" | "outputTokens">, reckon: () => Expectation) {
    this.ref = sure.ref
    this.task = sure.task
    this.worst = sure.worst
    this.roughInputTokens = sure.roughInputTokens
    this.worstInputTokens = sure.worstInputTokens
    this.worstOutputTokens = sure.worstOutputTokens
    this.rates = sure.rates
    this.percent = sure.percent
    this.worstPercent = sure.worstPercent
    this.keepsForAnHour = sure.keepsForAnHour
    this.thinksUnseen = sure.thinksUnseen
    this.runsTools = sure.runsTools
    this.untoldFees = sure.untoldFees
    this.#reckon = reckon
  }

  get #expected(): Expectation {
    return (this.#found ??= this.#reckon())
  }
  get expected(): NanoUsd {
    return this.#expected.cost
  }
  get inputTokens(): number {
    return this.#expected.inputTokens
  }
  get outputTokens(): number {
    return this.#expected.outputTokens
  }
}

/** How an attempt ended, as far as money goes. */
export interface CallEnd {
  /** What the vendor told at the end. */
  readonly usage?: Usage | undefined
  /** What it told until a stream broke off or was let go. */
  readonly told?: Usage | undefined
  /** Bytes of text, thought and tool calls that arrived. */
  readonly writtenBytes: number
  /** Why it failed; absent where it answered or was let go. */
  readonly error?: ProviderError | undefined
  /** It came to its end, so nothing is owed for what did not arrive. */
  readonly whole?: boolean
  /** A stream that was let go, of which the operator wants counted what had come, whatever its vendor goes on to write. */
  readonly asFarAsItCame?: boolean
}

/** How good the estimates for one model are. */
export interface EstimateReport {
  readonly model: string
  readonly ratio: number
  /** Mean distance of the expected prompt from the counted one, as a share of that. */
  readonly error: number
  readonly seen: number
  /** By what its worst case is widened, 1 or more. */
  readonly worst: number
}

export class Estimates extends Context.Service<
  Estimates,
  {
    readonly quote: (
      request: ChatRequest,
      ref: ModelRef,
      facts: ModelFacts,
      options?: {
        readonly task?: Task | undefined
        readonly batch?: boolean
        /** Of this very request, where it was measured before. */
        readonly measured?: Measure
      }
    ) => Quote
    /** What a request of such a weight will cost at a model; `undefined` where nobody knows its price. */
    readonly expected: (weight: Weight, ref: ModelRef, facts: ModelFacts, task?: Task) => NanoUsd | undefined
    /** What is owed for a call that was quoted, to settle it with. Learns from what the vendor told. */
    readonly owed: (quote: Quote, end: CallEnd) => SettleCommand
    readonly report: () => ReadonlyArray<EstimateReport>
    /** What was learned, of those models that were asked last; the same value until more is. */
    readonly learned: () => Learned
  }
>()("switchyard/budget/Estimates") {
  /** Begins with what the notebook has, and keeps it up to date there. */
  static readonly layerKept: Layer.Layer<Estimates, never, Notebook> = Layer.effect(
    Estimates,
    Effect.gen(function* () {
      const estimates = makeEstimates(yield* readPage(page))
      yield* keepPage({ ...page, now: estimates.learned })
      return estimates
    })
  )

  /** Knows nothing at first, and forgets everything at the end. */
  static readonly layer: Layer.Layer<Estimates> = Layer.sync(Estimates, () => makeEstimates())
}

const Known = Schema.Array(Schema.Tuple([Schema.String, CalibrationState]))
/** What was learned from bills, by model, and by model and task; those asked last at the end. */
export const Learned = Schema.Struct({ inputs: Known, outputs: Known })
export type Learned = typeof Learned.Type

const page = { name: "estimates", schema: Learned }
/** So many of each are kept over a restart. */
const keptOverRestart = 500

const charactersPerToken = 4
/** Of what nobody told: rather too many tokens than too few, in scripts of one byte a character and of three. */
const bytesPerCountedToken = 3
/** What a vendor tells of a prompt at a stream's beginning counts unless it is less than this share of the estimate. */
const plausibleShare = 1 / 4
/** Models, and tasks at models, that are remembered. */
const remembered = 4096
/** Of an output limit, what answers are expected to use before any was seen; and no more than so many tokens. */
const expectedShare = 1 / 4
const expectedAnswer = 600
const roughPart = (part: Part): number => {
  switch (part._tag) {
    case "Text":
    case "Refusal":
    case "Reasoning":
      return part.text.length / charactersPerToken
    case "ToolCall":
      return (part.name.length + part.arguments.length) / charactersPerToken
    case "ToolResult":
      return part.content.reduce((sum, inner) => sum + roughPart(inner), 0)
    case "Image":
    case "Audio":
    case "Document":
      return roughMedia(part)
    case "Opaque":
      return JSON.stringify(part.block).length / charactersPerToken
  }
}

/** A prompt by its characters ÷ 4, in tokens. */
const roughInput = (request: ChatRequest): number => {
  let sum = toolBytes(request.tools) / charactersPerToken
  for (const { content } of request.messages) for (const part of content) sum += roughPart(part)
  if (request.responseFormat?._tag === "JsonSchema")
    sum += JSON.stringify(request.responseFormat.schema).length / charactersPerToken
  return Math.ceil(sum)
}

const roughSoundIn = (part: Part): number =>
  part._tag === "Audio"
    ? roughMedia(part)
    : part._tag === "ToolResult"
      ? part.content.reduce((sum, inner) => sum + roughSoundIn(inner), 0)
      : 0

/** Of a prompt, what is sound, in tokens. */
const roughSound = ({ messages }: ChatRequest): number => {
  let sum = 0
  for (const { content } of messages) for (const part of content) sum += roughSoundIn(part)
  return Math.ceil(sum)
}

/** Weighs a request. */
export const weigh = (request: ChatRequest): Weight => ({
  inputTokens: roughInput(request),
  outputLimit: request.sampling.maxTokens,
  answers: answersOf(request)
})

/** All of a request that costs, read once for all who might answer it. */
export class Measure {
  readonly request: ChatRequest
  readonly weight: Weight
  readonly prompt: Measured
  #hour: boolean | undefined
  #sound: number | undefined

  constructor(request: ChatRequest) {
    this.request = request
    this.weight = weigh(request)
    this.prompt = measure(request)
  }

  /** Of the prompt before calibration, what is sound, in tokens. */
  get soundTokens(): number {
    return (this.#sound ??= this.prompt.audioTokens > 0 ? roughSound(this.request) : 0)
  }

  get keepsForAnHour(): boolean {
    return (this.#hour ??= keepsForAnHour(this.request))
  }
}

/** A map that forgets what was changed longest ago. A change leaves the table as it is, as it happens every request. */
const bounded = <V>(initial: Iterable<readonly [string, V]> = []) => {
  let changes = 0
  const map = new Map<string, { value: V; changed: number }>()
  for (const [key, value] of initial) map.set(key, { value, changed: ++changes })
  const oldestFirst = () => [...map].sort(([, a], [, b]) => a.changed - b.changed)
  return {
    get: (key: string) => map.get(key)?.value,
    set: (key: string, value: V) => {
      const known = map.get(key)
      if (known !== undefined) {
        known.value = value
        known.changed = ++changes
        return
      }
      const oldest = map.size >= remembered ? oldestFirst()[0] : undefined
      if (oldest !== undefined) map.delete(oldest[0])
      map.set(key, { value, changed: ++changes })
    },
    /** Those that were changed longest ago first. */
    entries: (): ReadonlyArray<readonly [string, V]> => oldestFirst().map(([key, { value }]) => [key, value])
  }
}

/** A model's name as a key, the same string each time, whose hash V8 knows. */
const nameOf = (ref: ModelRef): string => {
  const known = names.get(ref)
  if (known !== undefined) return known
  const name = showModelRef(ref)
  names.set(ref, name)
  return name
}
const names = new WeakMap<ModelRef, string>()

export const makeEstimates = (before?: Learned): Estimates["Service"] => {
  const inputs = bounded<CalibrationState>(before?.inputs)
  /** Answers against an ordinary one, by model and by model and task. */
  const outputs = bounded<CalibrationState>(before?.outputs)
  let learned: Learned | undefined
  const taskKey = (model: string, task: Task) => `${model} ${task}`

  const expectedOutput = (model: string, task: Task | undefined, limit: number): number => {
    const known = (task === undefined ? undefined : outputs.get(taskKey(model, task))) ?? outputs.get(model)
    const expected =
      known === undefined ? Math.min(expectedAnswer, limit * expectedShare) : expectedAnswer * ratioOf(known)
    return Math.min(limit, Math.ceil(expected))
  }

  /** What is expected, in tokens of the prompt and of all answers together. */
  const expectation = (
    { answers, inputTokens }: Weight,
    model: string,
    limit: number,
    task: Task | undefined
  ): { readonly inputTokens: number; readonly outputTokens: number } => ({
    inputTokens: Math.ceil(inputTokens * ratioOf(inputs.get(model) ?? initialCalibration)),
    outputTokens: answers * expectedOutput(model, task, limit)
  })

  const expected: Estimates["Service"]["expected"] = (weight, ref, facts, task) => {
    const rates = ratesOf(facts)
    if (rates === undefined) return undefined
    const { maxOutputTokens = Number.POSITIVE_INFINITY } = facts
    const limit = Math.max(0, Math.min(weight.outputLimit ?? givenLimit, maxOutputTokens))
    return billOf(rates, expectation(weight, nameOf(ref), limit, task), {})
  }

  const quote: Estimates["Service"]["quote"] = (request, ref, facts, options = {}) => {
    const { batch = false, measured = new Measure(request), task } = options
    const { prompt: found, weight } = measured
    const { answers } = weight
    const rates = ratesOf(facts)
    const limit = outputBound(request, facts)
    const known = inputs.get(nameOf(ref)) ?? initialCalibration
    const hosted = hostedAt(found.hosted, ref.model)
    const prompt = promptBound(hosted === found.hosted ? found : { ...found, hosted }, ref.model, facts, limit)
    const percent = found.isPriced || batch ? percentOf(request, batch, rates) : listPrice
    const keepsForAnHour = rates?.cacheWriteHour !== undefined && measured.keepsForAnHour
    const worst =
      rates === undefined
        ? zero
        : worstCase(rates, prompt, { answers, outputTokens: limit, hosted, keepsForAnHour, percent: percent.worst })
    const widened = known.worst === 1 ? worst : nano(Math.min(mostNano, Math.ceil(worst * known.worst)))
    return new LazyQuote(
      {
        ref,
        task,
        worst: widened,
        roughInputTokens: weight.inputTokens,
        worstInputTokens: prompt.tokens * answers,
        worstOutputTokens: limit * answers,
        rates,
        percent: percent.owed,
        worstPercent: percent.worst,
        keepsForAnHour,
        thinksUnseen: mayThink(request, facts),
        runsTools: hosted.length > 0,
        untoldFees: rates === undefined ? zero : untoldFees(request, hosted, rates, percent.worst)
      },
      () => {
        const { inputTokens, outputTokens } = expectation(weight, nameOf(ref), limit, task)
        const tokens = { inputTokens: Math.min(inputTokens, prompt.tokens), outputTokens }
        if (rates === undefined) return { ...tokens, cost: zero }
        const usage =
          rates.inputAudio === undefined || measured.soundTokens === 0
            ? { inputTokens, outputTokens }
            : { inputTokens, outputTokens, inputAudioTokens: Math.ceil(measured.soundTokens * ratioOf(known)) }
        return { ...tokens, cost: least(billOf(rates, usage, { percent: percent.owed }), widened) }
      }
    )
  }

  const learn = ({ ref, roughInputTokens, task, worst }: Quote, usage: Usage, bill: NanoUsd): void => {
    const model = nameOf(ref)
    const before = inputs.get(model) ?? initialCalibration
    learned = undefined
    inputs.set(model, overran(calibrated(before, roughInputTokens, usage.inputTokens), worst, bill))
    for (const key of task === undefined ? [model] : [model, taskKey(model, task)])
      outputs.set(key, calibrated(outputs.get(key) ?? initialCalibration, expectedAnswer, usage.outputTokens))
  }

  const owed: Estimates["Service"]["owed"] = (quoted, end) => {
    const { asFarAsItCame = false, error, told, usage, whole = false, writtenBytes } = end
    const { keepsForAnHour, percent, rates } = quoted
    if (usage !== undefined) {
      const charged = rates === undefined ? undefined : chargeTold(rates, usage)
      const bill = charged ?? (rates === undefined ? zero : billOf(rates, usage, { keepsForAnHour, percent }))
      learn(quoted, usage, bill)
      // its tokens are known; of the fees that it charges and does not tell only the most is
      return charged === undefined && quoted.untoldFees > 0
        ? { by: "uncertain", owed: plus(bill, quoted.untoldFees) }
        : { by: "told", owed: bill }
    }
    if (writtenBytes === 0 && error !== undefined && isUnbilled(error)) return { by: "told", owed: zero }
    if (rates === undefined) return { by: "told", owed: zero }
    // some servers tell nothing of the prompt until the end, by a zero
    const read = told !== undefined && told.inputTokens >= quoted.roughInputTokens * plausibleShare ? told : undefined
    const isOpen = (writtenBytes === 0 && !whole) || quoted.thinksUnseen
    // what its vendor's own tools have read and cost by then, nobody has told
    if (quoted.runsTools || (isOpen && !asFarAsItCame)) {
      if (read === undefined || quoted.runsTools) return { by: "uncertain", owed: undefined }
      const most = { outputTokens: quoted.worstOutputTokens, keepsForAnHour, percent: quoted.worstPercent }
      return { by: "uncertain", owed: least(quoted.worst, boundOf(rates, read, most)) }
    }
    const { error: off } = inputs.get(nameOf(quoted.ref)) ?? initialCalibration
    const likely = Math.max(quoted.inputTokens * (1 + 2 * off), quoted.worstInputTokens / bytesPerCountedToken)
    const fewest = asFarAsItCame ? 1 : 0
    const written = Math.max(fewest, read?.outputTokens ?? 0, Math.ceil(writtenBytes / bytesPerCountedToken))
    const counted: Usage = {
      ...(read ?? { inputTokens: Math.min(quoted.worstInputTokens, Math.ceil(likely)) }),
      outputTokens: Math.min(quoted.worstOutputTokens, written)
    }
    return { by: "counted", owed: least(quoted.worst, billOf(rates, counted, { keepsForAnHour, percent })) }
  }

  return {
    quote,
    expected,
    owed,
    learned: () =>
      (learned ??= {
        inputs: inputs.entries().slice(-keptOverRestart),
        outputs: outputs.entries().slice(-keptOverRestart)
      }),
    report: () =>
      inputs.entries().map(([model, state]) => ({
        model,
        ratio: ratioOf(state),
        error: state.error,
        seen: state.seen,
        worst: state.worst
      }))
  }
}
