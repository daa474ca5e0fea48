/**
 * Who is expected to have answered first: the better of two drawn by lot.
 *
 * What is compared is the expected time of this request times the calls under way there (and this one), over what is
 * left of its rate limit. Two random choices leave the slow as surely as choosing the best of all would, without sending
 * everybody at once to whoever seemed best a moment ago.
 *
 * A candidate of which nothing is known is asked as soon as it is drawn, but while it is new or recovering it gets one
 * call at a time, then two, and so on: a flood is no way to find out. Whoever has as many as it is trusted with comes
 * after the others. Where all have, as when many come at once after a silence, they go by what was known of each, and
 * whom nobody knows comes last.
 *
 * Source: M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12(10), 2001.
 *
 * @module
 */
import type { Candidate } from "../Candidate.ts"
import { byScore, type Moment, share, shuffled, type Strategy } from "./Strategy.ts"

export const leastLatency: Strategy = {
  unit: "milliseconds",
  order: (candidates, moment) => {
    const looks = new Map(candidates.map((candidate) => [candidate, lookAt(candidate, moment)]))
    const drawn = shuffled(candidates, moment.next)
    const scored = (isTrusted: boolean) =>
      byScore(
        drawn.filter((candidate) => looks.get(candidate)?.isTrusted === isTrusted),
        (candidate) => looks.get(candidate)?.load
      )
    const ranked = [...scored(true), ...scored(false)]
    if (ranked.length < 3) return ranked
    // the ranking says of any two who is better: the one that stands first
    const one = Math.floor(moment.next() * ranked.length)
    const other = Math.floor(moment.next() * (ranked.length - 1))
    const better = Math.min(one, other < one ? other : other + 1)
    const chosen = ranked[better]
    return chosen === undefined ? ranked : [chosen, ...ranked.filter((_, at) => at !== better)]
  }
}

interface Look {
  /** Has it fewer calls than it is trusted with? */
  readonly isTrusted: boolean
  /** In milliseconds; absent: whom nobody knows comes last among those who have enough. */
  readonly load: number | undefined
}

const lookAt = (candidate: Candidate, moment: Moment): Look => {
  const calls = moment.inFlight(candidate)
  const isTrusted = calls < moment.mayHave(candidate)
  const expected = moment.expectedMillis(candidate) ?? (isTrusted ? 0 : undefined)
  return {
    isTrusted,
    load: expected === undefined ? undefined : (expected * (calls + 1)) / share(moment.room(candidate))
  }
}
