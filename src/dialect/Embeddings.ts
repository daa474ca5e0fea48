/**
 * Embeddings on the wires of OpenAI and Gemini, both directions. The parts are in `embeddings/`:
 *
 * | file | what |
 * | --- | --- |
 * | `Wire.ts` | what such a wire provides, what vendors' rows say, the Schemas of OpenAI's |
 * | `OpenAi.ts` | `/v1/embeddings`: OpenAI, Azure OpenAI, compatible vendors |
 * | `Gemini.ts` | `:embedContent` and `:batchEmbedContents` |
 *
 * @module
 */
import * as Gemini from "./embeddings/Gemini.ts"
import * as OpenAi from "./embeddings/OpenAi.ts"
import type { EmbeddingsInbound, EmbeddingsOutbound } from "./embeddings/Wire.ts"
import { encodeError as encodeGeminiError } from "./gemini/Errors.ts"
import { encodeError } from "./openai-chat/Errors.ts"

/** Faces callers of `/v1/embeddings`. */
export const openAiEmbeddingsInbound: EmbeddingsInbound = {
  id: OpenAi.dialectId,
  decodeRequest: OpenAi.decodeRequest,
  encodeResponse: OpenAi.encodeResponse,
  encodeError
}

/** Faces callers of `/v1beta/models/{model}:embedContent`. */
export const geminiEmbedContent = (model: string): EmbeddingsInbound => ({
  id: Gemini.dialectId,
  decodeRequest: Gemini.decodeSingle(model),
  encodeResponse: Gemini.encodeSingle,
  encodeError: encodeGeminiError
})

/** Faces callers of `/v1beta/models/{model}:batchEmbedContents`. */
export const geminiBatchEmbedContents = (model: string): EmbeddingsInbound => ({
  id: Gemini.dialectId,
  decodeRequest: Gemini.decodeBatch(model),
  encodeResponse: Gemini.encodeBatch,
  encodeError: encodeGeminiError
})

/** Faces OpenAI and vendors that speak its wire. The provider adds `/embeddings` to its address. */
export const openAiEmbeddingsOutbound: EmbeddingsOutbound = {
  id: OpenAi.dialectId,
  encodeRequest: OpenAi.encodeRequest,
  decodeResponse: OpenAi.decodeResponse
}

/** Faces Google. The provider adds `models/{model}:batchEmbedContents` to its address. */
export const geminiEmbeddingsOutbound: EmbeddingsOutbound = {
  id: Gemini.dialectId,
  encodeRequest: Gemini.encodeRequest,
  decodeResponse: Gemini.decodeResponse
}
