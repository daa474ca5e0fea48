/**
 * How fast one model at one provider answers at this moment, as a pure machine: a peak-sensitive decaying average.
 *
 * Two numbers, the time to the first visible event and the time a token takes after it; of an answer in one piece the
 * second alone, as if some tokens more had been written before. Each is an average that goes up
 * at once (a sample above it becomes it) and down slowly (time constant 10 s), so that a provider that turned slow is
 * left with the first slow answer. Beside each stands what is usual, an ordinary average with a time constant of five
 * minutes: without samples a peak fades to the usual, and the usual to nothing within some minutes, so that whoever was
 * left is tried again, soon after a spike and later after a long slow stretch.
 *
 * Whoever is new, or failed, or has not been heard of for a minute, is trusted with one call at a time first, and with
 * one more for each that went well (`mayHave`). Whoever has not been heard of for some seconds gets one call until it
 * has: what is known of it has faded by then, and one is enough to know again.
 *
 * Gotchas
 * - A call that was given up has taken at least as long as it took: `Waited` raises the average but never lowers it.
 * - A clock that goes back counts as the moment of the last sample.
 *
 * Source: Finagle's `PeakEwma` load metric (Twitter), after E. Budish and others; the ramp is TCP's slow start.
 *
 * @module
 */

/** The time constant at which a peak comes down to what is usual. */
export const fadeMillis = 10_000
/** The time constant of what is usual. */
export const usualMillis = 5 * 60_000
/** The time constant at which what is usual is forgotten: one call in some minutes is no price for knowing again. */
export const forgottenMillis = 2 * 60_000
/** Without a sample for so long it is trusted as little as a new one. */
export const staleMillis = 60_000
/** Without a sample for so long one call finds out how it does. */
export const fadedAfterMillis = 5000
/** After so many calls in a row that went well it is trusted with any number. */
export const trustedAfter = 10

/** One average: its peak, and what is usual. */
export interface Average {
  readonly peak: number
  readonly usual: number
}

export interface PaceState {
  /** Milliseconds to the first visible event; absent: never seen. */
  readonly first: Average | undefined
  /** Milliseconds a token of output. */
  readonly token: Average | undefined
  /** Answers in a row that went well. */
  readonly good: number
  /** The moment of the last sample, in milliseconds since 1970. */
  readonly lastAt: number
}

export type PaceCommand =
  /** The first visible event came after so many milliseconds. */
  | { readonly _tag: "Began"; readonly millis: number }
  /** A stream came to its end: so many tokens (absent: nobody told) in so many milliseconds after its first event. */
  | { readonly _tag: "Wrote"; readonly millis: number; readonly tokens: number | undefined }
  /** An answer came in one piece: so many tokens of output, in so many milliseconds from the call on. */
  | { readonly _tag: "Answered"; readonly millis: number; readonly tokens: number }
  /** Nothing visible came for so long, and then nobody waited any more. */
  | { readonly _tag: "Waited"; readonly millis: number }
  | { readonly _tag: "Failed" }

export const initialPace: PaceState = { first: undefined, token: undefined, good: 0, lastAt: 0 }

/** What is left of a difference after so long. */
const left = (elapsed: number, constant: number): number => Math.exp(-Math.max(0, elapsed) / constant)

/** An average as it stands so long after its last sample. */
const faded = ({ peak, usual }: Average, elapsed: number): Average => {
  const forgotten = left(elapsed, forgottenMillis)
  const now = usual * forgotten
  // whoever does better than usual is well again: nothing takes it back to what was usual but a slow answer
  if (peak <= usual) return { peak: peak * forgotten, usual: now }
  return { peak: now + (peak - usual) * left(elapsed, fadeMillis), usual: now }
}

/** What takes longer counts as this, in milliseconds. */
const mostMillis = 10 * 60_000

const take = (average: Average | undefined, seen: number, elapsed: number): Average => {
  const sample = Math.min(seen, mostMillis)
  if (average === undefined) return { peak: sample, usual: sample }
  const { peak } = faded(average, elapsed)
  // one call that found out how it does says nothing of all the time in which nobody asked
  const toUsual = left(Math.min(Math.max(elapsed, leastGap), fadeMillis), usualMillis)
  return {
    peak: sample >= peak ? sample : sample + (peak - sample) * left(Math.max(elapsed, leastGap), fadeMillis),
    usual: sample + (average.usual - sample) * toUsual
  }
}

/** Samples of one moment count as if so far apart, in milliseconds: many at once say something too. */
const leastGap = 50

/** Notes what was seen. What is no number changes nothing (the same state comes back, by identity). */
export const paceStep = (state: PaceState, command: PaceCommand, now: number): readonly [void, PaceState] => {
  const elapsed = Math.max(0, now - state.lastAt)
  const lastAt = Math.max(now, state.lastAt)
  const good = elapsed > staleMillis ? 0 : state.good
  switch (command._tag) {
    case "Began":
      return command.millis >= 0
        ? [undefined, { ...aged(state, elapsed), first: take(state.first, command.millis, elapsed), good, lastAt }]
        : [undefined, state]
    case "Wrote":
    case "Answered": {
      const perToken = rateOf(command)
      const averages = aged(state, elapsed)
      const token = Number.isFinite(perToken) && perToken >= 0 ? take(state.token, perToken, elapsed) : averages.token
      return [undefined, { ...averages, token, good: good + 1, lastAt }]
    }
    case "Waited": {
      const known = state.first === undefined ? 0 : faded(state.first, elapsed).peak
      return command.millis > known
        ? [undefined, { ...aged(state, elapsed), first: take(state.first, command.millis, elapsed), good, lastAt }]
        : [undefined, state]
    }
    case "Failed":
      return [undefined, state.good === 0 ? state : { ...state, good: 0 }]
  }
}

/** Until it begins an answer takes about as long as so many tokens do: an answer in one piece tells only of both. */
const tokensOfBeginning = 50
/** So few tokens after the first say nothing of the rate: they come with the first, or with the stream's end. */
const leastTokens = 8

/** Milliseconds a token; no number where nothing can be said. */
const rateOf = (command: Extract<PaceCommand, { readonly _tag: "Wrote" | "Answered" }>): number => {
  if (command._tag === "Answered") return command.millis / (Math.max(0, command.tokens) + tokensOfBeginning)
  const { millis, tokens = 0 } = command
  return tokens < leastTokens ? Number.NaN : millis / tokens
}

/** The averages as they stand now: the moment of the last sample is one for both. */
const aged = (state: PaceState, elapsed: number): Pick<PaceState, "first" | "token"> => ({
  first: state.first === undefined ? undefined : faded(state.first, elapsed),
  token: state.token === undefined ? undefined : faded(state.token, elapsed)
})

/** The milliseconds until an answer of so many tokens is whole; `undefined` where nothing was ever seen. */
export const expectedMillis = (state: PaceState, tokens: number, now: number): number | undefined => {
  if (state.first === undefined && state.token === undefined) return undefined
  const { first, token } = aged(state, now - state.lastAt)
  return (first?.peak ?? 0) + tokens * (token?.peak ?? 0)
}

/** With how many calls at once it may be trusted. */
export const mayHave = ({ good, lastAt }: PaceState, now: number): number => {
  if (now - lastAt > fadedAfterMillis) return 1
  return good >= trustedAfter ? Number.POSITIVE_INFINITY : 1 + good
}

/** Holds nothing worth keeping: not heard of for long. */
export const isIdlePace = (state: PaceState, now: number): boolean => now - state.lastAt > 2 * usualMillis
