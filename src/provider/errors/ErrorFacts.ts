/**
 * What a vendor's error says, out of whatever shape it has.
 *
 * One reader for every vendor, because gateways and compatible servers mix the shapes:
 * - OpenAI `{ error: { message, type, param, code } }`; Azure adds `innererror.code`; OpenRouter a numeric `code` and
 *   `metadata` (`raw` holds the words of the vendor behind it, `reasons` what moderation found); Groq `status_code`
 * - Anthropic `{ type: "error", error: { type, message, details: { error_code } } }`
 * - Google `{ error: { code, message, status, details: [{ reason } | { violations } | { retryDelay }] } }`, or a list
 *   with one of it
 * - flat: Mistral `{ object: "error", message, type, code }`, vLLM with a numeric `code`
 * - xAI `{ code, error: "text" }`, Ollama `{ error: "text" }`, FastAPI `{ detail: "text" | [{ loc, msg }] }`
 *
 * @module
 */
import { type Json, type JsonObject, isJsonObject } from "../../domain/Json.ts"
import { paramIn } from "./params.ts"

export interface ErrorFacts {
  /** The HTTP status, or inside a 200 the status the body tells. */
  readonly status: number | undefined
  /** Every symbolic word of the error: codes, types, statuses, reasons, quota ids. The most specific first. */
  readonly codes: ReadonlyArray<string>
  /** The vendor's own words, as they came: may hold a key. Empty where there are none. */
  readonly message: string
  /** The field at fault, where the vendor names it. */
  readonly param: string | undefined
  /** How long to wait, where the body says so in a field (`34s`). */
  readonly retryDelay: string | undefined
}

const text = (value: Json | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

const object = (value: Json | undefined): JsonObject | undefined => (isJsonObject(value) ? value : undefined)

const list = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

/** An HTTP status as a number or as three digits in a string. */
const statusIn = (value: Json | undefined): number | undefined => {
  const number = typeof value === "number" ? value : typeof value === "string" && /^\d{3}$/.test(value) ? +value : 0
  return Number.isInteger(number) && number >= 400 && number <= 599 ? number : undefined
}

/** FastAPI's list of what is wrong with a body. */
const ofDetail = (detail: Json | undefined): { readonly message: string; readonly param: string | undefined } => {
  const said = text(detail)
  if (said !== undefined) return { message: said, param: undefined }
  const [first] = list(detail)
  const loc = Array.isArray(first?.["loc"]) ? first["loc"].filter((part) => part !== "body").join(".") : undefined
  return { message: text(first?.["msg"]) ?? "", param: loc === "" ? undefined : loc }
}

/**
 * The facts of an error body. `status` is the HTTP status, or `undefined` where the error came inside a 200: then the
 * body's own is taken.
 */
export const readErrorFacts = (status: number | undefined, body: Json | undefined): ErrorFacts => {
  const root = object(Array.isArray(body) ? body[0] : body)
  if (root === undefined) return { status, codes: [], message: "", param: undefined, retryDelay: undefined }
  const inner = root["error"]
  const error = object(inner) ?? root
  const codes: Array<string> = []
  const add = (value: Json | undefined) => {
    const code = text(value)
    if (code !== undefined && code !== "error" && !codes.includes(code)) codes.push(code)
  }

  let retryDelay: string | undefined
  for (const detail of list(error["details"])) {
    add(detail["reason"])
    for (const violation of list(detail["violations"])) add(violation["quotaId"])
    retryDelay ??= text(detail["retryDelay"])
  }
  add(object(error["details"])?.["error_code"])
  add(object(error["innererror"])?.["code"])
  add(error["code"])
  add(error["type"])
  add(error["status"])
  const metadata = object(error["metadata"])
  if (Array.isArray(metadata?.["reasons"])) codes.push("moderation")
  add(metadata?.["error_type"])
  if (error !== root) {
    add(root["code"])
    add(root["type"])
  }

  // Mistral puts FastAPI's list into its message
  const detail = ofDetail(root["detail"] ?? object(root["message"])?.["detail"] ?? root["message"])
  const words = text(error["message"]) ?? text(inner) ?? text(root["message"]) ?? detail.message
  const raw = text(metadata?.["raw"])
  return {
    status:
      status ??
      statusIn(error["status_code"]) ??
      statusIn(error["code"]) ??
      statusIn(error["status"]) ??
      statusIn(root["code"]) ??
      statusIn(root["status"]),
    codes,
    message: raw === undefined ? words : `${words}: ${raw}`,
    param: paramIn(words) ?? text(error["param"]) ?? detail.param,
    retryDelay
  }
}
