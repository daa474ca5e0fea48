/**
 * A vendor's limit as its headers told of it: what was left when the answer was heard, less what was started since,
 * refilled evenly until the reset or all at once at the reset. A pure value.
 *
 * A bucket is forgotten a minute after its reset. What it refuses is believed for five minutes after the vendor was last
 * heard: then one call is let through to ask again, and one every five minutes until it answers. News of an answer to an
 * earlier call than the last heard of is old, however late it comes: it changes nothing.
 *
 * Source: J. Turner, "New directions in communications" (1986), the leaky bucket as a meter.
 *
 * @module
 */
import type { RateAllowance } from "../domain/ProviderWatch.ts"
import { windowMillis } from "./StartWindow.ts"

/** A vendor's limit as it was told. Times in milliseconds since 1970. */
export interface Bucket {
  /** What was left at `at`. Below zero where more was started than there was. */
  readonly level: number
  readonly at: number
  readonly limit: number | undefined
  /** 0: nothing comes back before `resetAt`. */
  readonly refillPerMilli: number
  readonly resetAt: number
  /** When the answer was heard, and when its call had been sent. */
  readonly heardAt: number
  readonly sentAt: number
  /** When a call was last let through against its word. */
  readonly triedAt: number | undefined
}

/** How long a limit is remembered after its reset: it tells the next burst from a trickle. */
const marginMillis = 60_000
/** How long one is believed that tells neither how many there are nor when they are back. */
const believedMillis = 10_000
/** How long a vendor's word keeps everybody away before one call asks again. */
const trialAfterMillis = 300_000
/** Levels are sums of fractions. */
export const tolerance = 1e-6

/** The bucket, where it still tells something. */
export const live = (bucket: Bucket | undefined, now: number): Bucket | undefined =>
  bucket !== undefined &&
  bucket.heardAt <= now + marginMillis &&
  now < bucket.resetAt + (bucket.limit === undefined ? 0 : marginMillis)
    ? bucket
    : undefined

/** What is left at this moment. */
export const levelOf = (bucket: Bucket, now: number): number => {
  const { at, level, limit, refillPerMilli, resetAt } = bucket
  if (refillPerMilli > 0) return Math.min(limit ?? Infinity, level + refillPerMilli * Math.max(0, now - at))
  return at < resetAt && now >= resetAt ? (limit ?? Infinity) : level
}

/** What must be there for `amount` to be drawn: of what is larger than the limit, a full bucket. */
const needOf = (bucket: Bucket, amount: number): number => Math.min(amount, bucket.limit ?? Infinity)

/** When there is `amount` by the vendor's word; `undefined`: now. */
const filledAt = (bucket: Bucket, amount: number, now: number): number | undefined => {
  if (live(bucket, now) === undefined) return undefined
  const lacking = needOf(bucket, amount) - levelOf(bucket, now)
  if (lacking <= tolerance) return undefined
  if (bucket.refillPerMilli > 0) return now + Math.ceil(lacking / bucket.refillPerMilli)
  return now < bucket.resetAt ? bucket.resetAt : bucket.resetAt + marginMillis
}

/** When a call may ask again, whatever the vendor said. */
const trialAt = ({ heardAt, triedAt }: Bucket): number => Math.max(heardAt, triedAt ?? heardAt) + trialAfterMillis

/** When `amount` may be drawn; `undefined`: now. */
export const refilledAt = (bucket: Bucket, amount: number, now: number): number | undefined => {
  const at = filledAt(bucket, amount, now)
  if (at === undefined || now >= trialAt(bucket)) return undefined
  return Math.min(at, trialAt(bucket))
}

/** With `amount` less in it, for a call that needs `need`. */
export const drawn = (bucket: Bucket, amount: number, need: number, now: number): Bucket => ({
  ...bucket,
  level: levelOf(bucket, now) - amount,
  at: now,
  // it stands against the vendor's word: the others wait for what is answered
  triedAt: filledAt(bucket, need, now) === undefined ? bucket.triedAt : now
})

/** The bucket after news; the old one (by identity) where the news is none. */
export const heard = (
  before: Bucket | undefined,
  told: RateAllowance | undefined,
  startedSince: number,
  sentAt: number,
  now: number
): Bucket | undefined => {
  const known = live(before, now)
  if (told?.remaining === undefined || (known !== undefined && sentAt < known.sentAt)) return before
  const { limit, remaining } = told
  const resetAt = Math.max(now, told.resetAt ?? now + (limit === undefined ? believedMillis : windowMillis))
  if (resetAt === now && limit === undefined) return before
  const isSteady = limit !== undefined && told.refill !== "atReset"
  // without a span to go by, a vendor's window is a minute
  const refillPerMilli = !isSteady
    ? 0
    : resetAt > now && remaining < limit
      ? (limit - remaining) / (resetAt - now)
      : limit / windowMillis
  const left = resetAt === now && limit !== undefined ? limit : remaining
  const bucket: Bucket = {
    level: left - startedSince,
    at: now,
    limit,
    refillPerMilli,
    resetAt,
    heardAt: now,
    sentAt,
    triedAt: undefined
  }
  // of two answers to calls sent at the same time the one that leaves less was written later
  return known !== undefined && sentAt === known.sentAt && levelOf(known, now) <= bucket.level ? before : bucket
}

/** The bucket in which there will be `amount` at `at`, at the latest. */
export const roomBy = (bucket: Bucket | undefined, amount: number, at: number, now: number): Bucket | undefined => {
  if (bucket === undefined || live(bucket, now) === undefined) return bucket
  const when = refilledAt(bucket, amount, now)
  if (when === undefined || when <= at) return bucket
  return bucket.refillPerMilli > 0
    ? { ...bucket, level: needOf(bucket, amount) - bucket.refillPerMilli * (at - now), at: now }
    : { ...bucket, resetAt: at }
}
