/**
 * What every strategy is: an order of the candidates of one name, for one request, at one moment.
 *
 * A strategy decides nothing about who may be asked: those handed to it may all be. It is pure; what it must know of the
 * moment, and chance, is handed in.
 *
 * @module
 */
import type { BudgetTier } from "../../domain/Budget.ts"
import type { Candidate } from "../Candidate.ts"

/** What is known of a candidate at this moment, besides its facts. */
export interface Moment {
  /** The operator's share; 0: only when nobody else is left. */
  readonly weight: (candidate: Candidate) => number
  /** What is left of its tightest rate limit, 0 to 1; 1 where no limit is known. */
  readonly room: (candidate: Candidate) => number
  /** Calls under way at it. */
  readonly inFlight: (candidate: Candidate) => number
  /** Milliseconds until it would have answered this request; `undefined` while nothing is known. */
  readonly expectedMillis: (candidate: Candidate) => number | undefined
  /** With how many calls at once it may be trusted, while it is new or recovering. */
  readonly mayHave: (candidate: Candidate) => number
  /** What this request is expected to cost there, in US dollars; `undefined` where nobody knows its price. */
  readonly expectedUsd: (candidate: Candidate) => number | undefined
  /** The candidates by their credit in their rotation under the asked name; those without a weight come last. */
  readonly rotate: <C extends Candidate>(
    candidates: ReadonlyArray<C>,
    weight: (candidate: C) => number
  ) => ReadonlyArray<C>
  /** A uniform random number from 0 to below 1. */
  readonly next: () => number
  /** How good a model the caller's budgets pay for; absent: any. */
  readonly tier?: BudgetTier | undefined
}

/** A candidate in its place, and what put it there. */
export interface Placed<C> {
  readonly candidate: C
  /** In `unit`; absent: not known of this one. */
  readonly score: number | undefined
}

export interface Strategy {
  /** What the score of each counts: lower is better, but for shares. */
  readonly unit: "place" | "share" | "turn" | "milliseconds" | "calls" | "US dollars" | "tier"
  readonly order: <C extends Candidate>(candidates: ReadonlyArray<C>, moment: Moment) => ReadonlyArray<Placed<C>>
}

/** Sorted by score, the least first, those without one last; of equal score, in the order given. */
export const byScore = <C extends Candidate>(
  candidates: ReadonlyArray<C>,
  scoreOf: (candidate: C) => number | undefined
): ReadonlyArray<Placed<C>> =>
  candidates
    .map((candidate): Placed<C> => ({ candidate, score: scoreOf(candidate) }))
    .toSorted((a, b) => compare(a.score ?? Number.POSITIVE_INFINITY, b.score ?? Number.POSITIVE_INFINITY))

// not by subtraction: infinity less itself is no number
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0)

/** What a candidate keeps of its share when so much of its tightest limit is left: never nothing, it may fill again. */
export const share = (room: number): number => Math.max(leastShare, room)
const leastShare = 0.02

/** In an order by lot, all orders alike. Source: the shuffle of R. Fisher and F. Yates, as R. Durstenfeld has it (1964). */
export const shuffled = <C>(candidates: ReadonlyArray<C>, next: () => number): ReadonlyArray<C> => {
  const order = [...candidates]
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(next() * (at + 1))
    const [a, b] = [order[at], order[other]]
    if (a !== undefined && b !== undefined) [order[at], order[other]] = [b, a]
  }
  return order
}
