/**
 * The task classifier: which kind of work a request asks for.
 *
 * `classify` cannot fail and never waits longer than its judge's own time limit. In this order: the length (beyond a
 * threshold it is `long_context`, whatever it says), the last human text (`lastHumanText.ts`), whether it can be read at
 * all, and then a judge of the layer's: words, centroids, embeddings elsewhere, or a language model. A class is told
 * only from a probability of a half on.
 *
 * The layers are in files of their own: `KeywordClassifier.ts` (baseline), `CentroidClassifier.ts` (the default),
 * `EmbeddingClassifier.ts`, `LlmClassifier.ts` (a model's judgement, and the cascade).
 *
 * @module
 */
import { Context, Effect } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { abstained, type Classification, decide, type Judgement, long } from "./Classification.ts"
import { lastHumanText } from "./lastHumanText.ts"
import { unreadable } from "./unreadable.ts"

export class Classifier extends Context.Service<
  Classifier,
  {
    /** The task of a request. Whatever goes wrong, the answer is `general`. */
    readonly classify: (request: ChatRequest) => Effect.Effect<Classification>
  }
>()("switchyard/classifier/Classifier") {}

/** Judges a readable human text. */
export type JudgeText = (text: string) => Effect.Effect<Judgement>

export interface ClassifierOptions {
  /** Estimated input tokens from which a request is `long_context`. */
  readonly longContextTokens?: number
  /** How the input tokens of a request are estimated; absent, by the characters of its texts. */
  readonly inputTokens?: (request: ChatRequest) => number
}

export const usualLongContextTokens = 60_000
const charactersPerToken = 4

/** Characters of all texts and tool results, by four. */
export const roughInputTokens = ({ messages }: Pick<ChatRequest, "messages">): number => {
  let characters = 0
  for (const { content } of messages)
    for (const part of content) {
      if (part._tag === "Text") characters += part.text.length
      else if (part._tag === "ToolResult") {
        for (const one of part.content) if (one._tag === "Text") characters += one.text.length
      } else if (part._tag === "ToolCall") characters += part.arguments.length
      else if (part._tag === "Document" && part.source._tag === "PlainText") characters += part.source.text.length
    }
  return Math.ceil(characters / charactersPerToken)
}

/** The service over a judge. */
export const classifierOf = (
  judge: JudgeText,
  options: ClassifierOptions = {}
): Context.Service.Shape<typeof Classifier> => {
  const { inputTokens = roughInputTokens, longContextTokens = usualLongContextTokens } = options
  const classify = (request: ChatRequest): Effect.Effect<Classification> => {
    const tokens = inputTokens(request)
    if (tokens >= longContextTokens) return Effect.succeed(long(tokens))
    const { inherited, text } = lastHumanText(request)
    const reason = unreadable(text)
    if (reason !== undefined) return Effect.succeed(abstained(reason, inherited))
    return Effect.map(judge(text), (judgement) => decide(judgement, inherited))
  }
  return Classifier.of({
    classify: (request) =>
      Effect.suspend(() => classify(request)).pipe(Effect.catchDefect(() => Effect.succeed(abstained("failed", false))))
  })
}
