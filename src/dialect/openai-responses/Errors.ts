/**
 * What a Responses caller is told when there is no answer: OpenAI's envelope, with the types and codes of
 * `openai-chat/Errors.ts`; the same service answers both wires.
 *
 * @module
 */
import type { GatewayError } from "../../domain/GatewayError.ts"
import { isJsonObject, type JsonObject } from "../../domain/Json.ts"
import type { EncodedError } from "../Dialect.ts"
import { envelope, noteOf } from "../openai-chat/Errors.ts"
import { vendorWords } from "../VendorWords.ts"
import { dialectId } from "./Wire.ts"

/** What stands under another name here than in Chat Completions. */
const renamed = (body: JsonObject): JsonObject => {
  const { error } = body
  return isJsonObject(error) && error["param"] === "messages" ? { error: { ...error, param: "input" } } : body
}

/** The vendor's own where it speaks this wire, or its elder sister, and the failure is about the request. */
const ownWords = (error: GatewayError) => vendorWords(error, dialectId) ?? vendorWords(error, "openai-chat")

/** The body and status of an answer that is an error. */
export const encodeError = (error: GatewayError, requestId: string): EncodedError => {
  const own = ownWords(error)
  return {
    status: own?.status ?? error.status,
    body: own?.body ?? renamed(envelope(error, noteOf(error, requestId)))
  }
}

/**
 * The data of the event that ends a broken stream. The wire's types have the error's fields beside `type`, the service
 * sends them under `error`, and official SDKs look for either: both are written.
 */
export const streamError = (error: GatewayError, sequenceNumber: number): JsonObject => {
  const told = ownWords(error)?.body["error"] ?? renamed(envelope(error, ""))["error"]
  const fields = isJsonObject(told) ? told : {}
  return {
    type: "error",
    code: fields["code"] ?? null,
    message: fields["message"] ?? error.message,
    param: fields["param"] ?? null,
    error: fields,
    sequence_number: sequenceNumber
  }
}
