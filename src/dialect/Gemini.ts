/**
 * Google's generateContent wire (the Gemini API and Gemini on Vertex AI), both directions. The parts are in `gemini/`:
 *
 * | file | what |
 * | --- | --- |
 * | `Wire.ts` | the label, the paths, the narrowing of JSON, the Schemas of answers and errors |
 * | `Parts.ts` | wire parts ⇄ domain parts |
 * | `JsonSchema.ts`, `VendorSchema.ts` | JSON Schema in the vendor's subset; the vendor's own schemas as JSON Schema |
 * | `EncodeRequest.ts` | requests to vendors |
 * | `RequestBody.ts`, `RequestParts.ts`, `DecodeRequest.ts` | requests from callers |
 * | `Models.ts` | how Gemini's generations differ in thinking, signatures and sampling |
 * | `Response.ts`, `AnswerParts.ts`, `Counts.ts` | whole answers, finish reasons, usage |
 * | `DecodeStream.ts`, `EncodeStream.ts` | streams, from vendors and to callers |
 * | `CountTokens.ts` | requests for a count of tokens |
 * | `Errors.ts` | errors and their statuses |
 *
 * @module
 */
import type { InboundDialect, OutboundDialect } from "./Dialect.ts"
import { decodeCount, encodeCount } from "./gemini/CountTokens.ts"
import { type Asked, decodeRequest, vendorHeaders } from "./gemini/DecodeRequest.ts"
import { streamDecoder } from "./gemini/DecodeStream.ts"
import { encodeRequest } from "./gemini/EncodeRequest.ts"
import { type Framing, heartbeat, streamEncoder } from "./gemini/EncodeStream.ts"
import { encodeError } from "./gemini/Errors.ts"
import { decodeResponse, encodeResponse } from "./gemini/Response.ts"
import { dialectId } from "./gemini/Wire.ts"

/** What the path of a request says, which on this wire its body does not. */
export interface GeminiAsked extends Asked {
  /** How a stream is written; server-sent events unless told. */
  readonly framing?: Framing
}

/** Faces callers who use a Google SDK, for one request. */
export const geminiInbound = ({ framing = "sse", ...asked }: GeminiAsked): InboundDialect => ({
  id: dialectId,
  vendorHeaders,
  decodeRequest: decodeRequest(asked),
  encodeResponse,
  streamEncoder: (request) => streamEncoder(request.model, framing),
  encodeError,
  heartbeat,
  ...(framing === "array" ? { streamMediaType: "application/json; charset=utf-8" } : {})
})

export interface GeminiCounting extends Pick<InboundDialect, "id" | "encodeError" | "decodeRequest"> {
  readonly encodeCount: typeof encodeCount
  readonly countField: string
}

/** Faces callers of `countTokens`, for one request. */
export const geminiCountTokens = (model: string): GeminiCounting => ({
  id: dialectId,
  encodeError,
  decodeRequest: decodeCount(model),
  encodeCount,
  countField: "totalTokens"
})

/** Faces Google, and vendors that speak its wire. The model and the delivery stand in the URL, which is the provider's. */
export const geminiOutbound: OutboundDialect = {
  id: dialectId,
  encodeRequest,
  decodeResponse,
  streamDecoder
}
