/**
 * What an attempt may cost, before it is made, and what a request's attempts have cost so far, in US dollars.
 *
 * Two numbers before an attempt. `expectedUsd` is for ranking: the rough estimate of the prompt and a quarter of the
 * output limit. `worstUsd` is for promises: a careful count of the prompt and the whole of the output limit. A cap is a
 * promise to the caller, so `CostMeter` admits an attempt only if its worst case, the worst cases of those under way and
 * what was spent stay within the cap together.
 *
 * Gotchas
 * - Without a stated output limit the worst case reckons with 4,096 tokens; a model may write more. Who wants the cap to
 *   be exact states a limit.
 * - Several answers (`n`) multiply the output only: vendors bill a prompt once, however many answers it gets.
 * - A model whose price nobody knows costs nothing here (most are servers of one's own); the config can state a price.
 * - What a model thought unseen before it was cut is not known and not counted.
 *
 * @module
 */
import type { ModelFacts, Price } from "../catalog/ModelFacts.ts"
import { isUnbilled } from "../domain/Billing.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { MediaSource } from "../domain/Message.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import type { Tool } from "../domain/Tool.ts"
import type { Usage } from "../domain/Usage.ts"
import { eachText, estimateInputTokens } from "./Effort.ts"

export interface AttemptCost {
  readonly expectedUsd: number
  readonly worstUsd: number
  /** The prompt alone, by the rough estimate. */
  readonly inputUsd: number
  readonly price: Price
}

const charactersPerToken = 4
const perMillion = 1e-6

/** Output tokens reckoned with where the request states no limit. */
const unstatedOutputTokens = 4096
/** Answers seldom use up their limit. */
const expectedShareOfOutput = 1 / 4

/** What an image costs at most at its vendor's usual size limits, in tokens. */
const imageTokens = 1600
/** Base64 characters a token, so that dense documents and slow speech are rather counted too high. */
const charactersPerMediaToken = { Document: 16, Audio: 64 } as const
/** What is only named, by a URL or a file's id, in tokens. */
const unseenMediaTokens = 3000

const mediaTokens = (kind: "Document" | "Audio", source: MediaSource): number => {
  if (source._tag === "Base64") return Math.ceil(source.data.length / charactersPerMediaToken[kind])
  return source._tag === "PlainText" ? Math.ceil(source.text.length / charactersPerToken) : unseenMediaTokens
}

/** Images, sounds and documents of the prompt, in tokens, by rules of thumb. */
const attachmentTokens = (request: ChatRequest): number => {
  let tokens = 0
  for (const { content } of request.messages)
    for (const part of content) {
      if (part._tag === "Image") tokens += imageTokens
      else if (part._tag === "Document" || part._tag === "Audio") tokens += mediaTokens(part._tag, part.source)
      else if (part._tag === "ToolResult")
        for (const inner of part.content) {
          if (inner._tag === "Image") tokens += imageTokens
          else if (inner._tag === "Document") tokens += mediaTokens("Document", inner.source)
        }
    }
  return tokens
}

/** One request's tools are priced for every candidate, and written out once. */
const toolTokensMemo = new WeakMap<ReadonlyArray<Tool>, number>()

/** The tools' definitions, in tokens: JSON has about three characters a token. */
const toolTokens = (tools: ReadonlyArray<Tool>): number => {
  if (tools.length === 0) return 0
  const known = toolTokensMemo.get(tools)
  if (known !== undefined) return known
  const tokens = Math.ceil(JSON.stringify(tools).length / 3)
  toolTokensMemo.set(tools, tokens)
  return tokens
}

/** Tokens around each message and tool. */
const envelopeTokens = 8

/** A careful count of the text: three ASCII characters a token (as in code), and any other character a token. */
const carefulTextTokens = (request: ChatRequest): number => {
  let ascii = 0
  let others = 0
  eachText(request, (text) => {
    for (let at = 0; at < text.length; at++) {
      if (text.charCodeAt(at) < 128) ascii++
      else others++
    }
  })
  return Math.ceil(ascii / 3) + others
}

/** The most tokens one answer may have, by the limit that the request states. */
const outputLimit = (limit: number | undefined, { maxOutputTokens }: ModelFacts): number => {
  const stated = limit ?? unstatedOutputTokens
  return Math.max(0, maxOutputTokens === undefined ? stated : Math.min(stated, maxOutputTokens))
}

/** What one attempt at a model costs, in US dollars; `undefined` where nobody knows its price. */
export const attemptCost = (request: ChatRequest, facts: ModelFacts): AttemptCost | undefined => {
  const { price } = facts
  if (price === undefined) return undefined
  const besides = attachmentTokens(request) + toolTokens(request.tools)
  const envelopes = envelopeTokens * (request.messages.length + request.tools.length)
  const output = outputLimit(request.sampling.maxTokens, facts) * Math.max(1, request.sampling.n ?? 1)
  const inputUsd = usd(estimateInputTokens(request) + besides, price.inputUsdPerMTok)
  const worstInputUsd = usd(carefulTextTokens(request) + besides + envelopes, price.inputUsdPerMTok)
  return {
    expectedUsd: inputUsd + usd(output * expectedShareOfOutput, price.outputUsdPerMTok),
    worstUsd: worstInputUsd + usd(output, price.outputUsdPerMTok),
    inputUsd,
    price
  }
}

/** What a request weighs, in numbers alone: what its cost can be reckoned from when the request is gone. */
export interface Weight {
  /** The rough estimate of all that is sent; absent where it has tools that nobody has weighed. */
  readonly inputTokens: number | undefined
  /** The limit that the request states, in tokens. */
  readonly outputLimit: number | undefined
  readonly answers: number
}

/** Weighs a request without reading a word of it. */
export const weigh = (request: ChatRequest): Weight => {
  const { n, maxTokens } = request.sampling
  const tools = request.tools.length === 0 ? 0 : toolTokensMemo.get(request.tools)
  return {
    inputTokens: tools === undefined ? undefined : estimateInputTokens(request) + attachmentTokens(request) + tools,
    outputLimit: maxTokens,
    answers: Math.max(1, n ?? 1)
  }
}

/** `AttemptCost.expectedUsd` by the weight; `undefined` where the weight or the price is not known. */
export const expectedUsd = ({ answers, inputTokens, outputLimit: limit }: Weight, facts: ModelFacts) =>
  facts.price === undefined || inputTokens === undefined
    ? undefined
    : usd(inputTokens, facts.price.inputUsdPerMTok) +
      usd(outputLimit(limit, facts) * answers * expectedShareOfOutput, facts.price.outputUsdPerMTok)

const usd = (tokens: number, usdPerMTok: number): number => tokens * usdPerMTok * perMillion

/** How an attempt ended, as far as money goes. */
export interface AttemptEnd {
  /** What the vendor told; absent: the prompt's estimate and what was written. */
  readonly usage?: Usage | undefined
  /** Characters of text, thought and tool calls that arrived. */
  readonly writtenCharacters: number
  /** Why it failed; absent where it answered, or was abandoned by the caller. */
  readonly error?: ProviderError | undefined
}

/** What an attempt has cost, in US dollars. */
export const settledUsd = ({ inputUsd, price }: AttemptCost, end: AttemptEnd): number => {
  const { error, usage, writtenCharacters } = end
  if (error !== undefined && writtenCharacters === 0 && usage === undefined && isUnbilled(error)) return 0
  if (usage !== undefined)
    return (
      usd(Math.max(0, usage.inputTokens), price.inputUsdPerMTok) +
      usd(Math.max(0, usage.outputTokens), price.outputUsdPerMTok)
    )
  return inputUsd + usd(Math.ceil(writtenCharacters / charactersPerToken), price.outputUsdPerMTok)
}

/** An attempt under way. Its worst case is held until it has ended. */
export interface Metered {
  /** Replaces what was held by what it cost. Only the first call counts. */
  readonly ended: (end: AttemptEnd) => void
}

const unpriced: Metered = { ended: () => undefined }

/** The rounding of sums of dollars must not refuse an attempt that costs exactly what is left. */
const rounding = 1e-12

/** What one request's attempts have cost. Lives as long as its request; attempts may overlap. */
export class CostMeter {
  /** In US dollars; `undefined`: no cap. */
  readonly capUsd: number | undefined
  #spentUsd = 0
  #heldUsd = 0

  constructor(capUsd: number | undefined) {
    this.capUsd = capUsd
  }

  /** By the attempts that have ended. */
  get spentUsd(): number {
    return this.#spentUsd
  }

  /** By the worst cases of those under way. */
  get heldUsd(): number {
    return this.#heldUsd
  }

  /** Would the cap hold even if this attempt, and all that are under way, cost their worst? */
  allows(next: AttemptCost | undefined): boolean {
    if (this.capUsd === undefined || next === undefined) return true
    return this.#spentUsd + this.#heldUsd + next.worstUsd <= this.capUsd + rounding
  }

  /** Begins an attempt; ask `allows` first. */
  start(next: AttemptCost | undefined): Metered {
    if (next === undefined) return unpriced
    this.#heldUsd += next.worstUsd
    let over = false
    return {
      ended: (end) => {
        if (over) return
        over = true
        this.#heldUsd = Math.max(0, this.#heldUsd - next.worstUsd)
        this.#spentUsd += settledUsd(next, end)
      }
    }
  }
}
