/**
 * What is left of a key's limits, in the headers in which each wire's vendor tells it.
 *
 * - OpenAI: `x-ratelimit-limit-requests`, `-remaining-`, `-reset-`, and the same of `-tokens`; the reset is how long it
 *   takes until all is there again, as a length of time (`1s`, `6m0s`, `120ms`).
 *   https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
 * - Anthropic: `anthropic-ratelimit-requests-limit`, `-remaining`, `-reset`, and the same of `-tokens`; the reset is the
 *   moment, in RFC 3339. https://docs.claude.com/en/api/rate-limits#response-headers
 * - Google has no such headers: what is to be known stands in the error's details.
 *
 * @module
 */
import type { DialectId } from "../domain/Ids.ts"
import type { Allowance, Allowances } from "../keys/KeyLimits.ts"
import type { HeaderFields, RawHeaders } from "./Reply.ts"

/** A length of time in the notation of Go's `time.Duration`, in which OpenAI writes it. */
export const goDuration = (millis: number): string => {
  const whole = Math.max(0, Math.ceil(millis))
  if (whole < 1000) return whole === 0 ? "0s" : `${whole}ms`
  const hours = Math.floor(whole / 3_600_000)
  const minutes = Math.floor(whole / 60_000) % 60
  const seconds = Math.floor(whole / 1000) % 60
  const larger = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : ""
  return `${larger}${seconds}${fraction(whole % 1000)}s`
}

/** Thousandths behind the point; a number with a fraction is written far slower than whole ones. */
const fraction = (thousandths: number): string => {
  if (thousandths === 0) return ""
  if (thousandths % 100 === 0) return `.${thousandths / 100}`
  const digits = thousandths < 10 ? `00${thousandths}` : thousandths < 100 ? `0${thousandths}` : `${thousandths}`
  return thousandths % 10 === 0 ? `.${digits.slice(0, -1)}` : `.${digits}`
}

/** Adds the fields of what is left, by names that are written out: it is done with every answer. */
type Write = (raw: RawHeaders, allowances: Allowances, now: number) => void

const left = ({ remaining }: Allowance): string => String(Math.floor(remaining))

const openAi: Write = (raw, { requests, tokens }, now) => {
  if (requests !== undefined)
    raw.push(
      "x-ratelimit-limit-requests",
      String(requests.limit),
      "x-ratelimit-remaining-requests",
      left(requests),
      "x-ratelimit-reset-requests",
      goDuration(requests.resetAt - now)
    )
  if (tokens !== undefined)
    raw.push(
      "x-ratelimit-limit-tokens",
      String(tokens.limit),
      "x-ratelimit-remaining-tokens",
      left(tokens),
      "x-ratelimit-reset-tokens",
      goDuration(tokens.resetAt - now)
    )
}

const moment = ({ resetAt }: Allowance): string => new Date(resetAt).toISOString()

const anthropic: Write = (raw, { requests, tokens }) => {
  if (requests !== undefined)
    raw.push(
      "anthropic-ratelimit-requests-limit",
      String(requests.limit),
      "anthropic-ratelimit-requests-remaining",
      left(requests),
      "anthropic-ratelimit-requests-reset",
      moment(requests)
    )
  if (tokens !== undefined)
    raw.push(
      "anthropic-ratelimit-tokens-limit",
      String(tokens.limit),
      "anthropic-ratelimit-tokens-remaining",
      left(tokens),
      "anthropic-ratelimit-tokens-reset",
      moment(tokens)
    )
}

const none: Write = () => {}

const writers: { readonly [D in DialectId]: Write } = {
  "openai-chat": openAi,
  "openai-responses": openAi,
  "openai-embeddings": openAi,
  "anthropic-messages": anthropic,
  gemini: none,
  "gemini-embeddings": none
}

/** Adds the headers for a caller of a wire. `now` in milliseconds since 1970. */
export const addLimitHeaders = (raw: RawHeaders, dialect: DialectId, allowances: Allowances, now: number): void =>
  writers[dialect](raw, allowances, now)

/** The same by their names. */
export const limitHeaders = (dialect: DialectId, allowances: Allowances, now: number): HeaderFields => {
  const raw: RawHeaders = []
  addLimitHeaders(raw, dialect, allowances, now)
  const headers: Record<string, string> = {}
  for (let at = 0; at < raw.length; at += 2) headers[raw[at] ?? ""] = raw[at + 1] ?? ""
  return headers
}
