/**
 * `POST /v1/responses/input_tokens`: how many tokens a prompt has, without an answer to it.
 *
 * The body is that of `/v1/responses` without what only an answer needs; whoever sends it whole is counted too. Unlike
 * there, `input` may be left out. Source: the types `InputTokenCountParams` and `InputTokenCountResponse` of OpenAI's SDK.
 *
 * @module
 */
import { type Result, Schema, Struct } from "effect"
import type { ChatRequest } from "../../domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import type { HeaderMap, InboundDialect, RequestFault } from "../Dialect.ts"
import { ResponsesRequest } from "./Wire.ts"

export const InputTokensRequest = ResponsesRequest.mapFields(Struct.omit(["input"]))

export const InputTokensResponse = Schema.Struct({
  object: Schema.Literal("response.input_tokens"),
  input_tokens: Schema.Int
})

/** Reads the request whose prompt is to be counted as `decode` reads one for an answer. */
export const decodeCount =
  (decode: InboundDialect["decodeRequest"]) =>
  (body: Json, headers: HeaderMap): Result.Result<ChatRequest, RequestFault> =>
    decode(isJsonObject(body) ? { ...body, input: body["input"] ?? "" } : body, headers)

export const encodeCount = (tokens: number): JsonObject => ({ object: "response.input_tokens", input_tokens: tokens })
