/**
 * How much a request asks of a model, before any call: tokens, estimated from characters, and whether they fit into a
 * context window.
 *
 * Two estimates with different duties. `estimateInputTokens` is the usual rough count (characters ÷ 4), good for
 * ordering and for limits; it may be wrong either way. `surelyMoreTokensThan` is a lower bound: a request is only
 * refused for its length on that one's word. In between a candidate is doubtful, and asked after those that fit.
 *
 * It deliberately knows no tokenizer: every vendor has its own, and loading one costs more than being wrong in between.
 *
 * @module
 */
import { Array as Arr, Result } from "effect"
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"

const charactersPerToken = 4

/** Calls `each` with every text of the prompt: what was said, what tools were asked and answered. Attachments have none. */
export const eachText = (request: ChatRequest, each: (text: string) => void): void => {
  for (const message of request.messages) {
    for (const part of message.content) {
      if (part._tag === "Text") each(part.text)
      else if (part._tag === "ToolCall") each(part.arguments)
      else if (part._tag === "ToolResult") for (const inner of part.content) if (inner._tag === "Text") each(inner.text)
    }
  }
}

const charactersOf = (request: ChatRequest): number => {
  let characters = 0
  eachText(request, (text) => {
    characters += text.length
  })
  return characters
}

/** A rough count of the tokens of the prompt: its text's characters ÷ 4. Attachments do not count. */
export const estimateInputTokens = (request: ChatRequest): number =>
  Math.ceil(charactersOf(request) / charactersPerToken)

/** No language and no program has so many characters a token over a long text. */
const mostCharactersPerToken = 6

/** A run of one and the same character counts once: tokenizers have tokens for long indentations and rules. */
const runsIn = (text: string): number => {
  let runs = 0
  let last = -1
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== last) runs++
    last = code
  }
  return runs
}

/**
 * Has the prompt's text more than `tokens` tokens, whatever the tokenizer? Safe to refuse on; `false` is no promise
 * that it has fewer. Reads the text only where its length leaves a doubt.
 */
export const surelyMoreTokensThan = (request: ChatRequest, tokens: number): boolean => {
  const most = tokens * mostCharactersPerToken
  if (charactersOf(request) <= most) return false
  let runs = 0
  eachText(request, (text) => {
    if (runs <= most) runs += runsIn(text)
  })
  return runs > most
}

/** Headers by which a caller asks a vendor for a larger window than the catalogue knows. */
const widerWindows: ReadonlyArray<{ readonly header: string; readonly label: string; readonly tokens: number }> = [
  { header: "anthropic-beta", label: "context-1m", tokens: 1_000_000 }
]

/** The context window of a model for this request, in tokens; `undefined` where nobody knows it. */
const windowFor = (request: ChatRequest, facts: ModelFacts): number | undefined => {
  const { contextWindowTokens } = facts
  if (contextWindowTokens === undefined || request.wire === undefined) return contextWindowTokens
  let tokens = contextWindowTokens
  for (const wider of widerWindows)
    if (request.wire.headers[wider.header]?.includes(wider.label) === true) tokens = Math.max(tokens, wider.tokens)
  return tokens
}

/**
 * `tooLong`: the model surely cannot hold the prompt. `doubtful`: by the estimate it cannot, or not together with the
 * answer's stated limit. `fits`: by the estimate it can, or its window is unknown.
 */
export type Fit = "fits" | "doubtful" | "tooLong"

export const fits = (request: ChatRequest, facts: ModelFacts): Fit => {
  const window = windowFor(request, facts)
  if (window === undefined) return "fits"
  const output = Math.max(0, request.sampling.maxTokens ?? 0)
  if (estimateInputTokens(request) + output <= window) return "fits"
  return surelyMoreTokensThan(request, window) ? "tooLong" : "doubtful"
}

/** Nobody of those who were asked for can hold the prompt. */
export interface TooLong {
  readonly _tag: "TooLong"
  /** The largest of their windows. */
  readonly largestWindowTokens: number
}

/**
 * The candidates in the order in which they may be asked: those that surely cannot hold the prompt are left out, the
 * doubtful ones come after those that fit; otherwise the order stays. The same array where all fit.
 */
export const orderByWindow = <A extends { readonly facts: ModelFacts }>(
  request: ChatRequest,
  candidates: Arr.NonEmptyReadonlyArray<A>
): Result.Result<Arr.NonEmptyReadonlyArray<A>, TooLong> => {
  const found = candidates.map(({ facts }) => fits(request, facts))
  if (found.every((fit) => fit === "fits")) return Result.succeed(candidates)
  const ordered = [
    ...candidates.filter((_, at) => found[at] === "fits"),
    ...candidates.filter((_, at) => found[at] === "doubtful")
  ]
  if (Arr.isReadonlyArrayNonEmpty(ordered)) return Result.succeed(ordered)
  const largestWindowTokens = Math.max(...candidates.map(({ facts }) => windowFor(request, facts) ?? 0))
  return Result.fail({ _tag: "TooLong", largestWindowTokens })
}
