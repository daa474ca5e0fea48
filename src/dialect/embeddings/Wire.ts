/**
 * What every wire of embeddings provides, and the Schemas of OpenAI's.
 *
 * Source of the shapes: the types of the `openai` package (`resources/embeddings`) and of `@google/genai`, and recorded
 * exchanges.
 *
 * @module
 */
import { type Result, Schema } from "effect"
import type { EmbeddingRequest, EmbeddingResponse } from "../../domain/Embedding.ts"
import type { GatewayError } from "../../domain/GatewayError.ts"
import type { DialectId } from "../../domain/Ids.ts"
import type { Json, JsonObject } from "../../domain/Json.ts"
import type { DecodeFault, EncodedError, EncodedRequest, EncodeFault, HeaderMap, RequestFault } from "../Dialect.ts"
import { atMostFallbacks, ModelName } from "../Issues.ts"

/** Faces callers. */
export interface EmbeddingsInbound {
  readonly id: DialectId
  readonly decodeRequest: (body: Json, headers: HeaderMap) => Result.Result<EmbeddingRequest, RequestFault>
  /** Vectors are written as the request wants them. */
  readonly encodeResponse: (response: EmbeddingResponse, request: EmbeddingRequest) => JsonObject
  readonly encodeError: (error: GatewayError, requestId: string) => EncodedError
}

/** What a vendor's embeddings can do. Each row is tested. */
export interface EmbeddingsQuirks {
  /** The most inputs one call may have. */
  readonly most: number
  /** Does it take a text as an array of tokens? */
  readonly tokens: boolean
  /** The field that carries the length of the vectors; `undefined`: there is none. */
  readonly dimensions: string | undefined
  /** Does it take `encoding_format: base64`? Otherwise it is asked for numbers. */
  readonly base64: boolean
  /** Top-level fields that are answered with an error; they are left out and told as dropped. */
  readonly refuses: ReadonlyArray<string>
}

export interface EmbeddingsTarget {
  /** The vendor's name for the model. */
  readonly model: string
  readonly quirks: EmbeddingsQuirks
}

/** Faces vendors. */
export interface EmbeddingsOutbound {
  readonly id: DialectId
  readonly encodeRequest: (
    request: EmbeddingRequest,
    target: EmbeddingsTarget
  ) => Result.Result<EncodedRequest, EncodeFault>
  /** `count`: how many vectors were asked for; an answer with fewer or more is none. */
  readonly decodeResponse: (body: Json, count: number) => Result.Result<EmbeddingResponse, DecodeFault>
}

/** The most inputs of one request, as OpenAI has it. */
export const mostInputs = 2048

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))
const tokens = Schema.Array(Schema.Int)
const textOrTokens = "a string, an array of strings, an array of integers or an array of arrays of integers"

export const OpenAiEmbeddingsRequest = Schema.Struct({
  model: ModelName,
  input: Schema.Union([Schema.String, Schema.Array(Schema.String), tokens, Schema.Array(tokens)]).annotate({
    description: `${textOrTokens}; at most ${mostInputs} inputs`
  }),
  dimensions: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  encoding_format: maybe(Schema.Literals(["float", "base64"])),
  user: maybe(Schema.String),
  /** Switchyard's own: names to try after `model`, in order: only the same model elsewhere. */
  fallbacks: maybe(Schema.Array(ModelName).check(atMostFallbacks)),
  /** The same under OpenRouter's name for it. */
  models: maybe(Schema.Array(ModelName).check(atMostFallbacks))
}).annotate({ identifier: "EmbeddingsRequest" })

export const OpenAiEmbeddings = Schema.Struct({
  object: Schema.Literal("list"),
  data: Schema.Array(
    Schema.Struct({
      object: Schema.Literal("embedding"),
      index: Schema.Int,
      embedding: Schema.Union([Schema.Array(Schema.Finite), Schema.String]).annotate({
        description: "Numbers, or with encoding_format base64 the base64 of 32-bit floats, the lowest byte first"
      })
    })
  ),
  model: Schema.String,
  usage: Schema.Struct({ prompt_tokens: Schema.Int, total_tokens: Schema.Int })
}).annotate({ identifier: "Embeddings" })
