/**
 * What was started within the last minute, counted by the second, as a pure value.
 *
 * A second is forgotten when the whole of it is a minute old, so a count errs on the safe side by less than a second.
 * Clocks are set back: what is dated more than a minute ahead of now is passed over.
 *
 * @module
 */

export const windowMillis = 60_000

/** What was started within one second. */
export interface Second {
  /** Seconds since 1970. */
  readonly at: number
  readonly requests: number
  readonly tokens: number
}

/** What is counted of a start. */
export type Unit = "requests" | "tokens"

const isRecent = (second: Second, now: number): boolean =>
  (second.at + 1) * 1000 > now - windowMillis && second.at * 1000 <= now + windowMillis

/** How much of it was started within the window. */
export const sumOf = (seconds: ReadonlyArray<Second>, unit: Unit, now: number): number => {
  let sum = 0
  for (const second of seconds) if (isRecent(second, now)) sum += second[unit]
  return sum
}

/** When `amount` more fit under `cap`; `undefined`: now. */
export const roomAt = (
  seconds: ReadonlyArray<Second>,
  unit: Unit,
  amount: number,
  cap: number,
  now: number
): number | undefined => {
  if (cap <= 0) return now + windowMillis
  let sum = sumOf(seconds, unit, now)
  // what is too large for the cap waits for an empty window
  const most = Math.max(0, cap - amount)
  if (sum <= most) return undefined
  for (const second of seconds) {
    if (!isRecent(second, now)) continue
    sum -= second[unit]
    if (sum <= most) return (second.at + 1) * 1000 + windowMillis
  }
  return now + windowMillis
}

/** The window with one more start in it, and nothing that is over. */
export const counted = (seconds: ReadonlyArray<Second>, tokens: number, now: number): ReadonlyArray<Second> => {
  const at = Math.floor(now / 1000)
  const kept = seconds.filter((second) => isRecent(second, now))
  const last = kept.at(-1)
  // a clock that was set back a little counts in the second it was last in
  if (last !== undefined && last.at >= at)
    kept[kept.length - 1] = { at: last.at, requests: last.requests + 1, tokens: last.tokens + tokens }
  else kept.push({ at, requests: 1, tokens })
  return kept
}

/** Those certainly started after `sentAt`; the vendor had not counted them. */
export const startedAfter = (seconds: ReadonlyArray<Second>, unit: Unit, sentAt: number, now: number): number => {
  let sum = 0
  for (const second of seconds) if (second.at > Math.floor(sentAt / 1000) && isRecent(second, now)) sum += second[unit]
  return sum
}

/** What is counted within the window, and when all of it is over if nothing more is started. */
export const spanOf = (
  seconds: ReadonlyArray<Second>,
  unit: Unit,
  now: number
): { readonly used: number; readonly emptyAt: number } => {
  const last = seconds.findLast((second) => second[unit] > 0 && isRecent(second, now))
  return {
    used: sumOf(seconds, unit, now),
    emptyAt: last === undefined ? now : (last.at + 1) * 1000 + windowMillis
  }
}

/** Was nothing started within the window? */
export const isEmptyWindow = (seconds: ReadonlyArray<Second>, now: number): boolean =>
  !seconds.some((second) => isRecent(second, now))
