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
import type { HeaderFields } from "./Reply.ts"

type Write = (allowances: Allowances, now: number) => HeaderFields

/** A length of time in the notation of Go's `time.Duration`, in which OpenAI writes it. */
export const goDuration = (millis: number): string => {
  const whole = Math.max(0, Math.ceil(millis))
  if (whole < 1000) return whole === 0 ? "0s" : `${whole}ms`
  const hours = Math.floor(whole / 3_600_000)
  const minutes = Math.floor(whole / 60_000) % 60
  const seconds = (whole % 60_000) / 1000
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds}s`
}

/** The fields of one unit, written out: they are written with every answer. */
type WriteUnit = (allowance: Allowance, now: number) => HeaderFields

const left = ({ remaining }: Allowance): string => String(Math.floor(remaining))
const until = ({ resetAt }: Allowance, now: number): string => goDuration(resetAt - now)

const openAiRequests: WriteUnit = (allowance, now) => ({
  "x-ratelimit-limit-requests": String(allowance.limit),
  "x-ratelimit-remaining-requests": left(allowance),
  "x-ratelimit-reset-requests": until(allowance, now)
})
const openAiTokens: WriteUnit = (allowance, now) => ({
  "x-ratelimit-limit-tokens": String(allowance.limit),
  "x-ratelimit-remaining-tokens": left(allowance),
  "x-ratelimit-reset-tokens": until(allowance, now)
})

const moment = ({ resetAt }: Allowance): string => new Date(resetAt).toISOString()

const anthropicRequests: WriteUnit = (allowance) => ({
  "anthropic-ratelimit-requests-limit": String(allowance.limit),
  "anthropic-ratelimit-requests-remaining": left(allowance),
  "anthropic-ratelimit-requests-reset": moment(allowance)
})
const anthropicTokens: WriteUnit = (allowance) => ({
  "anthropic-ratelimit-tokens-limit": String(allowance.limit),
  "anthropic-ratelimit-tokens-remaining": left(allowance),
  "anthropic-ratelimit-tokens-reset": moment(allowance)
})

const writing =
  (writeRequests: WriteUnit, writeTokens: WriteUnit): Write =>
  ({ requests, tokens }, now) => {
    const own = requests === undefined ? undefined : writeRequests(requests, now)
    if (tokens === undefined) return own ?? {}
    const further = writeTokens(tokens, now)
    return own === undefined ? further : { ...own, ...further }
  }

const openAi = writing(openAiRequests, openAiTokens)
const anthropic = writing(anthropicRequests, anthropicTokens)

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
