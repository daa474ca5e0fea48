/**
 * `POST …/models/{model}:countTokens`: how many tokens a prompt has, without an answer to it.
 *
 * The body holds the contents alone, or a whole request under `generateContentRequest`.
 * https://ai.google.dev/api/tokens
 *
 * @module
 */
import { Result } from "effect"
import type { ChatRequest } from "../../domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import type { HeaderMap, RequestFault } from "../Dialect.ts"
import { decodeRequest } from "./DecodeRequest.ts"

/** The request whose prompt is to be counted. */
export const decodeCount =
  (model: string) =>
  (body: Json, headers: HeaderMap): Result.Result<ChatRequest, RequestFault> => {
    const decode = decodeRequest({ model, delivery: "whole" })
    const inner = isJsonObject(body) ? (body["generateContentRequest"] ?? body["generate_content_request"]) : undefined
    if (inner === undefined || inner === null) return decode(body, headers)
    return Result.mapError(decode(inner, headers), ({ message, param }) => ({
      message,
      param: param === undefined ? "generateContentRequest" : `generateContentRequest.${param}`
    }))
  }

export const encodeCount = (tokens: number): JsonObject => ({ totalTokens: tokens })
