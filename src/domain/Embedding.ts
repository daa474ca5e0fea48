/**
 * Embeddings: texts in, vectors out, whatever wire they travel on.
 *
 * A vector is kept as its wire wrote it, since both ways of writing one hold more than the other shows: decimals are
 * not always those of a 32-bit float, and base64 costs a fifth of them. `floatsOf` and `base64Of` turn one into the
 * other; between 32-bit floats and base64 nothing is lost either way.
 *
 * Vectors of two models are never comparable, even of one length: nobody may take the place of a model but the same
 * model elsewhere, unless the operator says that their vectors are compatible.
 *
 * @module
 */
import { type Effect, Result, Schema, type Scope } from "effect"
import type { Served } from "./Answer.ts"
import { RequestWire } from "./ChatRequest.ts"
import type { GatewayError } from "./GatewayError.ts"
import { DialectId } from "./Ids.ts"
import { Usage } from "./Usage.ts"

/** What the caller wrote for this one input, for its own vendor. */
const wire = Schema.Struct({ dialect: DialectId, body: Schema.Record(Schema.String, Schema.Json) })

export const EmbeddingInput = Schema.Union([
  Schema.TaggedStruct("Text", {
    text: Schema.String,
    /** What the vector is for, in Gemini's words (`RETRIEVAL_QUERY`). */
    purpose: Schema.optionalKey(Schema.String),
    /** Of a document that is to be found. */
    title: Schema.optionalKey(Schema.String),
    wire: Schema.optionalKey(wire)
  }),
  /** A text as its model's own tokenizer cuts it. */
  Schema.TaggedStruct("Tokens", { tokens: Schema.Array(Schema.Int) }),
  /** What only its own dialect can say: images, several parts. */
  Schema.TaggedStruct("Opaque", { wire })
])
export type EmbeddingInput = typeof EmbeddingInput.Type

export const EmbeddingRequest = Schema.Struct({
  /** As asked; the provider is given its own name for the model. */
  model: Schema.String,
  inputs: Schema.NonEmptyArray(EmbeddingInput),
  /** How long each vector shall be; absent: the model's own length. */
  dimensions: Schema.optionalKey(Schema.Int),
  /** How the caller wants vectors written. */
  encoding: Schema.Literals(["float", "base64"]),
  /** The end user, as the caller names them to the vendor. */
  user: Schema.optionalKey(Schema.String),
  /** Names to try after the asked one, in order: only the same model elsewhere. */
  fallbacks: Schema.Array(Schema.String),
  wire: Schema.optionalKey(RequestWire)
})
export type EmbeddingRequest = typeof EmbeddingRequest.Type

/** Numbers, or the base64 of 32-bit floats, the lowest byte first. */
export const Vector = Schema.Union([Schema.Array(Schema.Finite), Schema.String])
export type Vector = typeof Vector.Type

export const EmbeddingResponse = Schema.Struct({
  /** The model that answered, as the vendor names it; empty where its wire does not say. */
  model: Schema.String,
  /** One an input, in the order of the inputs. */
  vectors: Schema.NonEmptyArray(Vector),
  /** Absent where the vendor told none. Nothing is written, so the output is 0. */
  usage: Schema.optionalKey(Usage),
  /** Fields of the request that this provider's wire could not carry and that only tune the vectors. */
  dropped: Schema.optionalKey(Schema.Array(Schema.String)),
  /** The answer as the vendor wrote it, where one call gave all of it. */
  wire: Schema.optionalKey(wire)
})
export type EmbeddingResponse = typeof EmbeddingResponse.Type

/** An answer, and who gave it. */
export interface Embedded {
  readonly served: Served
  readonly response: EmbeddingResponse
}

/** Succeeds when the whole answer is there. */
export type EmbeddingHandler = (request: EmbeddingRequest) => Effect.Effect<Embedded, GatewayError, Scope.Scope>

const bytesPerFloat = 4
const standardBase64 = /^[A-Za-z0-9+/]*={0,2}$/

/** A vector's numbers; fails where a text is not the base64 of 32-bit floats that are numbers. */
export const floatsOf = (vector: Vector): Result.Result<ReadonlyArray<number>, string> => {
  if (typeof vector !== "string") return Result.succeed(vector)
  if (!standardBase64.test(vector)) return Result.fail("a vector is neither numbers nor base64")
  const bytes = Buffer.from(vector, "base64")
  if (bytes.length === 0 || bytes.length % bytesPerFloat !== 0)
    return Result.fail("a vector is not the base64 of 32-bit floats")
  const floats: Array<number> = []
  for (let at = 0; at < bytes.length; at += bytesPerFloat) {
    const float = bytes.readFloatLE(at)
    if (!Number.isFinite(float)) return Result.fail("a vector holds what is no number")
    floats.push(float)
  }
  return Result.succeed(floats)
}

/** A vector as base64, each number rounded to the nearest 32-bit float. A text is taken as it is. */
export const base64Of = (vector: Vector): string => {
  if (typeof vector === "string") return vector
  const bytes = Buffer.allocUnsafe(vector.length * bytesPerFloat)
  for (let at = 0; at < vector.length; at++) bytes.writeFloatLE(vector[at] ?? 0, at * bytesPerFloat)
  return bytes.toString("base64")
}

/** How many numbers a vector has. */
export const lengthOf = (vector: Vector): number =>
  typeof vector === "string" ? Buffer.byteLength(vector, "base64") / bytesPerFloat : vector.length

/** The sum of what several calls used; `undefined` where one of them did not tell. */
export const sumOfUsage = (usages: ReadonlyArray<Usage | undefined>): Usage | undefined => {
  let inputTokens = 0
  let outputTokens = 0
  for (const usage of usages) {
    if (usage === undefined) return undefined
    inputTokens += usage.inputTokens
    outputTokens += usage.outputTokens
  }
  return { inputTokens, outputTokens }
}
