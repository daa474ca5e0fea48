/**
 * The small words of the config's notation: lengths of time, addresses, scopes, and schemas that say what they expect.
 *
 * Every schema here carries a `message` that completes the sentence "found …, expected …".
 *
 * @module
 */
import { BlockList, isIP } from "node:net"
import { DateTime, Duration, Option, Schema } from "effect"

/** A text of at least one character. */
export const text = (message: string) => Schema.String.annotate({ message }).check(Schema.isMinLength(1, { message }))

export const yesOrNo = Schema.Boolean.annotate({ message: "true or false" })

const finite = (message: string) => Schema.Number.annotate({ message }).check(Schema.isFinite({ message }))

/** A whole number in the bounds, both included. */
export const integer = (minimum: number, maximum: number) => {
  const message = `an integer between ${minimum} and ${maximum}`
  return Schema.Number.annotate({ message }).check(
    Schema.isInt({ message }),
    Schema.isBetween({ minimum, maximum }, { message })
  )
}

/** A number in the bounds, both included. */
export const number = (minimum: number, maximum: number, what: string) => {
  const message = `${what} between ${minimum} and ${maximum}`
  return finite(message).check(Schema.isBetween({ minimum, maximum }, { message }))
}

export const oneOf = <const L extends ReadonlyArray<string>>(...names: L) =>
  Schema.Literals(names).annotate({
    message: names.length === 1 ? `"${names.join("")}"` : `one of ${names.join(", ")}`
  })

export const list = <S extends Schema.Top>(item: S, what: string) => Schema.Array(item).annotate({ message: what })

/** A field that must be there. */
export const required = <S extends Schema.Top>(schema: S, message: string) =>
  schema.annotateKey({ messageMissingKey: message })

const durationPattern = /^\s*(\d+(?:\.\d+)?)\s*(milliseconds?|millis|ms|seconds?|s|minutes?|m|hours?|h|days?|d)\s*$/u
const millisOf: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `"30 seconds"`, `"5 minutes"`, `"250ms"`, or a number of milliseconds; absent where it is neither. */
export const parseDuration = (input: string | number): Duration.Duration | undefined => {
  if (typeof input === "number") return Number.isFinite(input) && input >= 0 ? Duration.millis(input) : undefined
  const match = durationPattern.exec(input)
  const unit = match?.[2]
  if (match?.[1] === undefined || unit === undefined) return undefined
  const short = unit.startsWith("mill") || unit === "ms" ? "ms" : unit.slice(0, 1)
  const scale = millisOf[short]
  return scale === undefined ? undefined : Duration.millis(Number(match[1]) * scale)
}

const isWithin = (input: string | number, shortest: Duration.Duration, longest: Duration.Duration): boolean => {
  const parsed = parseDuration(input)
  return parsed !== undefined && Duration.between(parsed, { minimum: shortest, maximum: longest })
}

/** A length of time in the bounds; read it with `parseDuration`. */
export const duration = (longest: Duration.Duration, shortest: Duration.Duration = Duration.millis(1)) => {
  const message =
    `a length of time such as "30 seconds" or a number of milliseconds, ` +
    `from ${Duration.format(shortest)} to ${Duration.format(longest)}`
  return Schema.Union([
    finite(message),
    Schema.String.annotate({ message }).check(Schema.isPattern(durationPattern, { message }))
  ])
    .annotate({ message })
    .check(Schema.makeFilter((input: string | number) => isWithin(input, shortest, longest), { message }))
}

/** `auto`, or a length of time of at least a millisecond. */
export const autoOrDuration = (longest: Duration.Duration) => {
  const message = `"auto", a length of time such as "30 seconds", or a number of milliseconds, up to ${Duration.format(longest)}`
  const pattern = new RegExp(`^auto$|${durationPattern.source}`, "u")
  return Schema.Union([
    finite(message),
    Schema.String.annotate({ message }).check(Schema.isPattern(pattern, { message }))
  ])
    .annotate({ message })
    .check(
      Schema.makeFilter((input: string | number) => input === "auto" || isWithin(input, Duration.millis(1), longest), {
        message
      })
    )
}

const momentPattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/i
const momentMessage = "a moment such as 2026-01-31T12:00:00Z"

/** A moment as RFC 3339 has it, or a day, which begins at midnight in UTC; read it with `parseMoment`. */
export const moment = Schema.String.annotate({ message: momentMessage }).check(
  Schema.isPattern(momentPattern, { message: momentMessage }),
  Schema.makeFilter((input: string) => parseMoment(input) !== undefined, {
    message: `${momentMessage}; there is no such moment`
  })
)

/** The moment a text stands for, in milliseconds since 1970; absent where it is none, as where a month has no such day. */
export const parseMoment = (input: string): number | undefined => {
  if (!momentPattern.test(input)) return undefined
  const [year = 0, month = 0, day = 0] = input.slice(0, 10).split("-").map(Number)
  // a day that is not in its month is taken for one of the next
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return undefined
  return Option.getOrUndefined(Option.map(DateTime.make(input), DateTime.toEpochMillis))
}

const loopback = new BlockList()
loopback.addSubnet("127.0.0.0", 8)
loopback.addAddress("::1", "ipv6")

/**
 * Is this the name or address of this machine alone: `localhost` and the names below it, 127.0.0.0/8, `::1`, in any
 * spelling? `host` as in a URL or the config, without a port.
 */
export const isLoopback = (host: string): boolean => {
  if (host === "127.0.0.1" || host === "localhost") return true
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1")
  if (name === "localhost" || name.endsWith(".localhost")) return true
  // an address with a zone is no loopback address
  if (name.includes("%")) return false
  const version = isIP(name)
  // an IPv4 address within IPv6 is looked up as what it is
  return version !== 0 && loopback.check(name, version === 4 ? "ipv4" : "ipv6")
}

/** An absolute `http` or `https` URL; absent otherwise. */
export const parseHttpUrl = (input: string): URL | undefined => {
  if (!URL.canParse(input)) return undefined
  const url = new URL(input)
  return url.protocol === "http:" || url.protocol === "https:" ? url : undefined
}

/** A name of the IANA time zone database, or a fixed offset (`+02:00`). */
export const isTimeZone = (name: string): boolean => Option.isSome(DateTime.zoneFromString(name))

/** Can it stand in an HTTP header as a credential: printable ASCII without spaces. */
export const isCredential = (value: string): boolean => /^[\x21-\x7e]+$/.test(value)

/** A region as it is kept and compared: without regard to case. */
export const regionOf = (written: string): string => written.trim().toLowerCase()

/** A target: the provider's id, and everything after the first slash as the model. */
export const splitTarget = (target: string): { readonly provider: string; readonly model: string } | undefined => {
  const slash = target.indexOf("/")
  return slash > 0 && slash < target.length - 1
    ? { provider: target.slice(0, slash), model: target.slice(slash + 1) }
    : undefined
}
