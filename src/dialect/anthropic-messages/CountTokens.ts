/**
 * `POST /v1/messages/count_tokens`: how many tokens a prompt has, without an answer to it.
 *
 * The body is that of `/v1/messages` without what only an answer needs; whoever sends it whole is counted too.
 * https://docs.claude.com/en/api/messages-count-tokens
 *
 * @module
 */
import { type Result, Schema, Struct } from "effect"
import type { ChatRequest } from "../../domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import type { HeaderMap, RequestFault } from "../Dialect.ts"
import { decodeRequest } from "./DecodeRequest.ts"
import { MessagesRequest } from "./Wire.ts"

export const CountTokensRequest = MessagesRequest.mapFields(Struct.omit(["max_tokens"]))

export const CountTokensResponse = Schema.Struct({ input_tokens: Schema.Int })

/** The request whose prompt is to be counted. How long its answer may be does not matter. */
export const decodeCount = (body: Json, headers: HeaderMap): Result.Result<ChatRequest, RequestFault> =>
  decodeRequest(isJsonObject(body) ? { max_tokens: 0, ...body } : body, headers)

export const encodeCount = (tokens: number): JsonObject => ({ input_tokens: tokens })
