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
import type { Allowances } from "../keys/KeyLimits.ts"
import type { HeaderFields } from "./Reply.ts"

type Write = (allowances: Allowances, now: number) => HeaderFields

const units = ["requests", "tokens"] as const

/** A length of time in the notation of Go's `time.Duration`, in which OpenAI writes it. */
export const goDuration = (millis: number): string => {
  const whole = Math.max(0, Math.ceil(millis))
  if (whole < 1000) return whole === 0 ? "0s" : `${whole}ms`
  const hours = Math.floor(whole / 3_600_000)
  const minutes = Math.floor(whole / 60_000) % 60
  const seconds = (whole % 60_000) / 1000
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds}s`
}

/** The fields of one unit; their names are written out, since they are written with every answer. */
type Names = Readonly<Record<"limit" | "remaining" | "reset", string>>

const openAiNames: Readonly<Record<keyof Allowances, Names>> = {
  requests: {
    limit: "x-ratelimit-limit-requests",
    remaining: "x-ratelimit-remaining-requests",
    reset: "x-ratelimit-reset-requests"
  },
  tokens: {
    limit: "x-ratelimit-limit-tokens",
    remaining: "x-ratelimit-remaining-tokens",
    reset: "x-ratelimit-reset-tokens"
  }
}

const anthropicNames: Readonly<Record<keyof Allowances, Names>> = {
  requests: {
    limit: "anthropic-ratelimit-requests-limit",
    remaining: "anthropic-ratelimit-requests-remaining",
    reset: "anthropic-ratelimit-requests-reset"
  },
  tokens: {
    limit: "anthropic-ratelimit-tokens-limit",
    remaining: "anthropic-ratelimit-tokens-remaining",
    reset: "anthropic-ratelimit-tokens-reset"
  }
}

const writing =
  (names: Readonly<Record<keyof Allowances, Names>>, resetOf: (resetAt: number, now: number) => string): Write =>
  (allowances, now) => {
    const headers: Record<string, string> = {}
    for (const unit of units) {
      const allowance = allowances[unit]
      if (allowance === undefined) continue
      const { limit, remaining, reset } = names[unit]
      headers[limit] = String(allowance.limit)
      headers[remaining] = String(Math.floor(allowance.remaining))
      headers[reset] = resetOf(allowance.resetAt, now)
    }
    return headers
  }

const openAi = writing(openAiNames, (resetAt, now) => goDuration(resetAt - now))
const anthropic = writing(anthropicNames, (resetAt) => new Date(resetAt).toISOString())

const none: Write = () => ({})

const writers: { readonly [D in DialectId]: Write } = {
  "openai-chat": openAi,
  "openai-responses": openAi,
  "openai-embeddings": openAi,
  "anthropic-messages": anthropic,
  gemini: none,
  "gemini-embeddings": none
}

/** The headers for a caller of a wire. `now` in milliseconds since 1970. */
export const limitHeaders = (dialect: DialectId, allowances: Allowances, now: number): HeaderFields =>
  writers[dialect](allowances, now)
