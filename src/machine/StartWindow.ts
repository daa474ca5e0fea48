/**
 * What was started within the last minute, counted by the second, as a pure value.
 *
 * A second is forgotten when the whole of it is a minute old, so a count errs on the safe side by less than a second.
 * Clocks are set back: what is dated more than a minute ahead of now is passed over.
 *
 * The present second stands by itself, and the sums of those before it with them: a start changes one second, and a look
 * adds up none, but for the first one after a second has gone.
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

export interface StartWindow {
  /** The second of the last start. */
  readonly last: Second | undefined
  /** Those before it, oldest first, at most 60, and all that was started in them. */
  readonly before: ReadonlyArray<Second>
  readonly requests: number
  readonly tokens: number
}

export const emptyWindow: StartWindow = { last: undefined, before: [], requests: 0, tokens: 0 }

const isRecent = (second: Second, now: number): boolean =>
  (second.at + 1) * 1000 > now - windowMillis && second.at * 1000 <= now + windowMillis

const windowOf = (before: ReadonlyArray<Second>, last: Second | undefined): StartWindow => {
  let [requests, tokens] = [0, 0]
  for (const second of before) {
    requests += second.requests
    tokens += second.tokens
  }
  return { last, before, requests, tokens }
}

/** Its seconds, oldest first. */
export const secondsOf = ({ before, last }: StartWindow): ReadonlyArray<Second> =>
  last === undefined ? before : [...before, last]

/** How much of it was started within the window. */
export const sumOf = (window: StartWindow, unit: Unit, now: number): number => {
  const { before, last } = window
  const present = last !== undefined && isRecent(last, now) ? last[unit] : 0
  const [first] = before
  if (first === undefined) return present
  const newest = before.at(-1) ?? first
  // they are in order: where the oldest and the newest are of this minute, all are
  if (isRecent(first, now) && isRecent(newest, now)) return present + window[unit]
  let sum = present
  for (const second of before) if (isRecent(second, now)) sum += second[unit]
  return sum
}

/** When `amount` more fit under `cap`; `undefined`: now. */
export const roomAt = (
  window: StartWindow,
  unit: Unit,
  amount: number,
  cap: number,
  now: number
): number | undefined => {
  if (cap <= 0) return now + windowMillis
  let sum = sumOf(window, unit, now)
  // what is too large for the cap waits for an empty window
  const most = Math.max(0, cap - amount)
  if (sum <= most) return undefined
  for (const second of secondsOf(window)) {
    if (!isRecent(second, now)) continue
    sum -= second[unit]
    if (sum <= most) return (second.at + 1) * 1000 + windowMillis
  }
  return now + windowMillis
}

/** The window with one more start in it, and nothing that is over. */
export const counted = (window: StartWindow, tokens: number, now: number): StartWindow => {
  const at = Math.floor(now / 1000)
  const { before, last } = window
  // a clock that was set back a little counts in the second it was last in
  if (last !== undefined && last.at >= at && isRecent(last, now))
    return {
      last: { at: last.at, requests: last.requests + 1, tokens: last.tokens + tokens },
      before,
      requests: window.requests,
      tokens: window.tokens
    }
  const kept = secondsOf(window).filter((second) => isRecent(second, now))
  const newest = kept.at(-1)
  return newest !== undefined && newest.at >= at
    ? windowOf(kept.slice(0, -1), {
        at: newest.at,
        requests: newest.requests + 1,
        tokens: newest.tokens + tokens
      })
    : windowOf(kept, { at, requests: 1, tokens })
}

/** The window with so many more (fewer where negative) in a second, where that is still counted. */
export const corrected = (window: StartWindow, at: number, requests: number, tokens: number): StartWindow => {
  const { before, last } = window
  const put = (second: Second): Second => ({
    at,
    requests: Math.max(0, second.requests + requests),
    tokens: Math.max(0, second.tokens + tokens)
  })
  if (last?.at === at) return { last: put(last), before, requests: window.requests, tokens: window.tokens }
  const place = before.findLastIndex((second) => second.at === at)
  const second = before[place]
  return second === undefined ? window : windowOf(before.with(place, put(second)), last)
}

/** Those certainly started after `sentAt`; the vendor had not counted them. */
export const startedAfter = ({ before, last }: StartWindow, unit: Unit, sentAt: number, now: number): number => {
  const sent = Math.floor(sentAt / 1000)
  let sum = last !== undefined && last.at > sent && isRecent(last, now) ? last[unit] : 0
  // mostly none of these: an answer comes soon
  for (let place = before.length - 1; place >= 0; place--) {
    const second = before[place]
    if (second === undefined || second.at <= sent) break
    if (isRecent(second, now)) sum += second[unit]
  }
  return sum
}

/** What is counted within the window, and when all of it is over if nothing more is started. */
export const spanOf = (
  window: StartWindow,
  unit: Unit,
  now: number
): { readonly used: number; readonly emptyAt: number } => {
  const { before, last } = window
  const counts = (second: Second): boolean => second[unit] > 0 && isRecent(second, now)
  const newest = last !== undefined && counts(last) ? last : before.findLast(counts)
  return {
    used: sumOf(window, unit, now),
    emptyAt: newest === undefined ? now : (newest.at + 1) * 1000 + windowMillis
  }
}

/** Was anything ever counted that is not forgotten? */
export const isUnused = ({ before, last }: StartWindow): boolean => last === undefined && before.length === 0

/** Was nothing started within the window? */
export const isEmptyWindow = (window: StartWindow, now: number): boolean =>
  !secondsOf(window).some((second) => isRecent(second, now))
