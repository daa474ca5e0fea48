/**
 * OpenAI's Responses, both directions: `POST /v1/responses`.
 *
 * One file a step, in the order of a request: `Wire` (Schemas), `DecodeRequest`, `EncodeRequest`, `Response`,
 * `DecodeStream`, `EncodeStream`, `Errors`; `InputTokens` (requests for a count); `Items` (an assistant's
 * turn), `InputItems` (a request's messages), `Quirks` and `Finish` (status and usage) serve them.
 * Media, and how unknown fields are kept, are those of `openai-chat`.
 *
 * What refers to stored responses must be put into the body before it is decoded here; nothing is stored here.
 *
 * @module
 */
import { withCustomCalls } from "./CustomAsFunction.ts"
import type { InboundDialect, OutboundDialect } from "./Dialect.ts"
import { decodeRequest, vendorHeaders } from "./openai-responses/DecodeRequest.ts"
import { streamDecoder } from "./openai-responses/DecodeStream.ts"
import { encodeRequest } from "./openai-responses/EncodeRequest.ts"
import { streamEncoder } from "./openai-responses/EncodeStream.ts"
import { encodeError } from "./openai-responses/Errors.ts"
import { decodeCount, encodeCount } from "./openai-responses/InputTokens.ts"
import { decodeResponse, encodeResponse } from "./openai-responses/Response.ts"
import { dialectId } from "./openai-responses/Wire.ts"

/** Faces callers. */
export const openAiResponsesInbound: InboundDialect = {
  id: dialectId,
  vendorHeaders,
  decodeRequest,
  ...withCustomCalls(dialectId, { encodeResponse, streamEncoder }),
  encodeError,
  heartbeat: ": heartbeat\n\n"
}

export interface OpenAiCounting extends Pick<InboundDialect, "id" | "encodeError" | "decodeRequest"> {
  readonly encodeCount: typeof encodeCount
  readonly countField: string
}

/** Faces callers of `inputTokens.count`. `decode`: how a request for an answer is read. */
export const openAiInputTokens = (decode: InboundDialect["decodeRequest"] = decodeRequest): OpenAiCounting => ({
  id: dialectId,
  encodeError,
  decodeRequest: decodeCount(decode),
  encodeCount,
  countField: "input_tokens"
})

/** Faces vendors. */
export const openAiResponsesOutbound: OutboundDialect = {
  id: dialectId,
  encodeRequest,
  decodeResponse,
  streamDecoder
}
