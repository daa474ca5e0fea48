/**
 * Google's generateContent wire (the Gemini API and Gemini on Vertex AI), towards vendors. The parts are in `gemini/`:
 *
 * | file | what |
 * | --- | --- |
 * | `Wire.ts` | the label, the paths, the narrowing of JSON |
 * | `Parts.ts` | wire parts ⇄ domain parts |
 * | `JsonSchema.ts` | JSON Schema in the vendor's subset |
 * | `EncodeRequest.ts` | requests to vendors |
 * | `Models.ts` | how Gemini's generations differ in thinking, signatures and sampling |
 * | `Response.ts`, `Counts.ts` | whole answers, finish reasons, usage |
 * | `DecodeStream.ts` | streams from vendors |
 *
 * @module
 */
import type { OutboundDialect } from "./Dialect.ts"
import { streamDecoder } from "./gemini/DecodeStream.ts"
import { encodeRequest } from "./gemini/EncodeRequest.ts"
import { decodeResponse } from "./gemini/Response.ts"
import { dialectId } from "./gemini/Wire.ts"

/** Faces Google, and vendors that speak its wire. The provider adds the model and the delivery with `methodPath`. */
export const geminiOutbound: OutboundDialect = {
  id: dialectId,
  encodeRequest,
  decodeResponse,
  streamDecoder
}
