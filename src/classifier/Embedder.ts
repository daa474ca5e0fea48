/**
 * Texts as vectors: the built-in way, or a provider's.
 *
 * A remote embedder is given the call it shall make, wired at the edge to a provider that embeds (OpenAI, Gemini, and
 * whatever speaks OpenAI's wire: Ollama, Text Embeddings Inference, vLLM), and splits what it is asked into batches.
 *
 * @module
 */
import { Context, Effect, Layer, Result, Schema } from "effect"
import { type EmbeddingRequest, type EmbeddingResponse, floatsOf } from "../domain/Embedding.ts"
import { readFeatures } from "./features.ts"
import { clear, dimensions, featuresVersion, makeSketch, vectorOf } from "./Sketch.ts"

/** A text could not be embedded. Says why without showing the text. */
export class EmbedderError extends Schema.TaggedError<EmbedderError>()("EmbedderError", {
  model: Schema.String,
  message: Schema.String
}) {}

export class Embedder extends Context.Service<
  Embedder,
  {
    /** Vectors of two models are never compared: whatever is kept of them is kept under this name. */
    readonly model: string
    /** One vector a text, in their order, all of one length. */
    readonly embed: (texts: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Float32Array>, EmbedderError>
  }
>()("switchyard/classifier/Embedder") {
  /** Hashed features; no network. The vectors are long and mostly zeros. */
  static readonly layerBuiltIn: Layer.Layer<Embedder> = Layer.sync(Embedder, () => {
    const sketch = makeSketch()
    return Embedder.of({
      model: `built-in/${featuresVersion}/${dimensions}`,
      embed: (texts) =>
        Effect.sync(() =>
          texts.map((text) => {
            clear(sketch)
            readFeatures(text, sketch)
            return vectorOf(sketch)
          })
        )
    })
  })

  static readonly layerRemote = (options: RemoteEmbedderOptions): Layer.Layer<Embedder> =>
    Layer.sync(Embedder, () => Embedder.of(remote(options)))
}

export interface RemoteEmbedderOptions {
  /** The provider's id and its model (`openai/text-embedding-3-small`): the name the vectors are kept under. */
  readonly name: string
  /** As the provider names it. */
  readonly model: string
  /** The call: `LLMProvider.embed`, or whatever else answers in its way. */
  readonly embed: (request: EmbeddingRequest) => Effect.Effect<EmbeddingResponse, unknown>
  /** How many texts a call takes; the smallest limit among the vendors is 100. */
  readonly batch?: number
  /** How many characters of a text are sent; longer ones are sent by their beginning and end. */
  readonly characters?: number
  /** How long the vectors shall be, where the model can shorten them. */
  readonly dimensions?: number
}

const usualBatch = 64
const usualCharacters = 4096

/** The beginning and the end of a text, `most` characters in all. */
export const excerptOf = (text: string, most: number): string => {
  if (text.length <= most) return text
  const head = Math.ceil((most * 2) / 3)
  return `${text.slice(0, head).toWellFormed()}\n…\n${text.slice(text.length - (most - head)).toWellFormed()}`
}

const remote = (options: RemoteEmbedderOptions): Context.Service.Shape<typeof Embedder> => {
  const { batch = usualBatch, characters = usualCharacters, model, name } = options
  const failed = (message: string): EmbedderError => new EmbedderError({ model: name, message })

  const call = Effect.fnUntraced(function* (texts: ReadonlyArray<string>) {
    const [first, ...rest] = texts.map((text) => ({ _tag: "Text" as const, text: excerptOf(text, characters) }))
    if (first === undefined) return []
    const { vectors } = yield* options
      .embed({
        model,
        inputs: [first, ...rest],
        encoding: "float",
        fallbacks: [],
        ...(options.dimensions === undefined ? {} : { dimensions: options.dimensions })
      })
      .pipe(Effect.mapError(() => failed("the provider did not embed")))
    if (vectors.length !== texts.length)
      return yield* failed(`${texts.length} texts were sent and ${vectors.length} vectors came back`)
    const found: Array<Float32Array> = []
    for (const vector of vectors) {
      const floats = floatsOf(vector)
      if (Result.isFailure(floats)) return yield* failed(floats.failure)
      found.push(unit(Float32Array.from(floats.success)))
    }
    return found
  })

  return {
    model: options.dimensions === undefined ? name : `${name}/${options.dimensions}`,
    embed: Effect.fnUntraced(function* (texts) {
      const found: Array<Float32Array> = []
      for (let at = 0; at < texts.length; at += batch) found.push(...(yield* call(texts.slice(at, at + batch))))
      if (found.some(({ length }) => length === 0 || length !== found[0]?.length))
        return yield* failed("the vectors differ in length")
      return found
    })
  }
}

/** In place, scaled to length 1; a vector of zeros stays. */
const unit = (vector: Float32Array): Float32Array => {
  let square = 0
  for (const one of vector) square += one * one
  if (square === 0) return vector
  const factor = 1 / Math.sqrt(square)
  for (let at = 0; at < vector.length; at++) vector[at] = (vector[at] ?? 0) * factor
  return vector
}
