/**
 * Anthropic's Messages wire, both directions. The parts are in `anthropic-messages/`:
 *
 * | file | what |
 * | --- | --- |
 * | `Wire.ts` | Schemas of bodies, the label of what the domain does not model |
 * | `Blocks.ts` | content blocks ⇄ parts |
 * | `DecodeRequest.ts`, `EncodeRequest.ts` | requests, from callers and to vendors |
 * | `Models.ts` | how Claude's generations differ in thinking and sampling |
 * | `Response.ts`, `Counts.ts` | whole answers, stop reasons, usage |
 * | `DecodeStream.ts`, `EncodeStream.ts` | streams, from vendors and to callers |
 * | `CountTokens.ts` | requests for a count of tokens |
 * | `Errors.ts` | errors and their statuses |
 *
 * @module
 */
import type { InboundDialect, OutboundDialect } from "./Dialect.ts"
import { decodeCount, encodeCount } from "./anthropic-messages/CountTokens.ts"
import { decodeRequest, vendorHeaders } from "./anthropic-messages/DecodeRequest.ts"
import { streamDecoder } from "./anthropic-messages/DecodeStream.ts"
import { encodeRequest } from "./anthropic-messages/EncodeRequest.ts"
import { heartbeat, streamEncoder } from "./anthropic-messages/EncodeStream.ts"
import { encodeError } from "./anthropic-messages/Errors.ts"
import { decodeResponse, encodeResponse } from "./anthropic-messages/Response.ts"
import { dialectId } from "./anthropic-messages/Wire.ts"

/** Faces callers who use an Anthropic SDK. */
export const anthropicMessagesInbound: InboundDialect = {
  id: dialectId,
  vendorHeaders,
  decodeRequest,
  encodeResponse,
  streamEncoder: (request) => streamEncoder(request.model),
  encodeError,
  heartbeat
}

/** Faces callers of `countTokens`. */
export const anthropicCountTokens = {
  id: dialectId,
  encodeError,
  decodeRequest: decodeCount,
  encodeCount,
  countField: "input_tokens"
} as const

/** Faces Anthropic, and vendors that speak its wire. */
export const anthropicMessagesOutbound: OutboundDialect = {
  id: dialectId,
  encodeRequest,
  decodeResponse,
  streamDecoder
}
