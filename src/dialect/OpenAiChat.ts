/**
 * OpenAI's Chat Completions, both directions: the wire of OpenAI, Azure OpenAI, and every compatible vendor and server.
 *
 * One file a step, in the order of a request: `Wire` (Schemas), `DecodeRequest`, `EncodeRequest`, `Response`,
 * `DecodeStream`, `EncodeStream`, `Errors`; `Finish` (finish reasons and usage), `Media` and `Extensions` serve them.
 *
 * What one vendor demands beyond this is in its `Quirks` row; what vendors merely answer differently is understood here
 * from everybody.
 *
 * Callers of the deprecated `functions` are answered with `tool_calls` where the answer is not OpenAI's own.
 *
 * @module
 */
import { withCustomCalls } from "./CustomAsFunction.ts"
import type { InboundDialect, OutboundDialect } from "./Dialect.ts"
import { decodeRequest, vendorHeaders } from "./openai-chat/DecodeRequest.ts"
import { streamDecoder } from "./openai-chat/DecodeStream.ts"
import { encodeRequest } from "./openai-chat/EncodeRequest.ts"
import { streamEncoder } from "./openai-chat/EncodeStream.ts"
import { encodeError } from "./openai-chat/Errors.ts"
import { bodyWithCustomCalls, decodeResponse, encodeResponse } from "./openai-chat/Response.ts"
import { dialectId } from "./openai-chat/Wire.ts"

/** Faces callers. */
export const openAiChatInbound: InboundDialect = {
  id: dialectId,
  vendorHeaders,
  decodeRequest,
  ...withCustomCalls(dialectId, { encodeResponse, streamEncoder }, bodyWithCustomCalls),
  encodeError,
  heartbeat: ": heartbeat\n\n"
}

/** Faces vendors. */
export const openAiChatOutbound: OutboundDialect = {
  id: dialectId,
  encodeRequest,
  decodeResponse,
  streamDecoder
}
