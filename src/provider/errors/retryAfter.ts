/**
 * How long a vendor asks to wait, in all its spellings.
 *
 * `retry-after-ms` (OpenAI, Azure), `retry-after` as seconds (decimals too) or as an HTTP date, Google's `RetryInfo` in
 * the body, and as the last resort the vendor's words ("try again in 1.2s", "retry after 26 seconds"). The
 * `x-ratelimit-reset-*` headers are not read: they tell when a window is fresh, not when to come back.
 *
 * @module
 */
import type { HeaderMap } from "../../dialect/Dialect.ts"
import type { ErrorFacts } from "./ErrorFacts.ts"

const unitMillis: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `34s`, `1.5s`, `644ms`, `9m38.016s`, `1h2m3s` in milliseconds. */
const parseSpan = (text: string): number | undefined => {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)]
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== text) return undefined
  return parts.reduce((sum, part) => sum + Number(part[1]) * (unitMillis[part[2] ?? ""] ?? 0), 0)
}

/** Seconds with decimals, or an HTTP date (relative to `nowMillis`), in milliseconds. */
const parseHeader = (value: string, nowMillis: number): number | undefined => {
  const trimmed = value.trim()
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000
  // not everything Date.parse takes is a date to HTTP: it reads "-5" as a year
  const at = /^[A-Z][a-z]{2}/.test(trimmed) ? Date.parse(trimmed) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMillis)
}

const spoken =
  /(?:try again in|retry (?:in|after)) (?:about )?((?:\d+(?:\.\d+)?(?:ms|[smhd]))+|\d+(?:\.\d+)?)(?: (milliseconds?|seconds?|minutes?|hours?))?/i

const parseWords = (message: string): number | undefined => {
  const found = spoken.exec(message)
  const amount = found?.[1]
  if (amount === undefined) return undefined
  const span = parseSpan(amount.toLowerCase())
  if (span !== undefined) return span
  const unit = found?.[2]?.toLowerCase()
  if (unit === undefined) return undefined
  const short = unit.startsWith("milli") ? "ms" : unit.charAt(0)
  return Number(amount) * (unitMillis[short] ?? 0)
}

/** What the vendor asked to wait, in milliseconds, if it asked. `nowMillis` is the time an HTTP date is held against. */
export const retryAfterMillis = (headers: HeaderMap, facts: ErrorFacts, nowMillis: number): number | undefined => {
  const millis = headers["retry-after-ms"]
  if (millis !== undefined && /^\s*\d+(?:\.\d+)?\s*$/.test(millis)) return Number(millis)
  const header = headers["retry-after"]
  const told = header === undefined ? undefined : parseHeader(header, nowMillis)
  if (told !== undefined) return told
  if (facts.retryDelay !== undefined) return parseSpan(facts.retryDelay)
  return parseWords(facts.message)
}
