/**
 * Those of the asked name in the order in which they are asked: by the strategy, and where a budget does not pay for
 * everything, those it pays for before the others.
 *
 * @module
 */
import type { Strategy } from "../config/Settings.ts"
import { showModelRef } from "../domain/Ids.ts"
import type { Candidate } from "./Candidate.ts"
import type { Considered, HeldBack, ThoughtOfAs } from "./Considered.ts"
import { passedOver } from "./Exclusions.ts"
import type { Names } from "./Names.ts"
import { isInRegion } from "./Preference.ts"
import { strategies } from "./strategies/menu.ts"
import type { Moment, Placed } from "./strategies/Strategy.ts"
import { type LowTier, type Rows, sameRows, tiered } from "./Tiers.ts"

/** What a budget's tier did to a request whose model it may choose. */
export interface Tiering {
  /**
   * `unchanged`: the first choice is paid for; `downgraded`: a cheaper one is asked in its stead; `unserved`: nobody is
   * paid for, so it is served as without a budget; `stays`: the conversation is not paid for, but stays where it is.
   */
  readonly effect: "unchanged" | "downgraded" | "unserved" | "stays"
  /** Those that the tier pays for. */
  readonly within: ReadonlyArray<Candidate>
}

/** The candidates of each row's names; one that stands in several rows, or under several names, is one object in all. */
export const candidateRows = (rows: Rows<string>, candidatesOf: Names["candidatesOf"]): Rows<Candidate> => {
  if (rows.standard === rows.premium && rows.economy === rows.premium)
    return sameRows(rows.premium.flatMap(candidatesOf))
  const known = new Map<string, Candidate>()
  const row = (names: ReadonlyArray<string>): ReadonlyArray<Candidate> =>
    names.flatMap(candidatesOf).map((candidate) => {
      const key = showModelRef(candidate.ref)
      const found = known.get(key)
      if (found === undefined) known.set(key, candidate)
      return found ?? candidate
    })
  return { premium: row(rows.premium), standard: row(rows.standard), economy: row(rows.economy) }
}

/** Of those that the names for a task stand for, the region that keeps each from all of the names it has, if any. */
export const regionsByTask = (
  names: ReadonlyArray<string>,
  { aliasOf, candidatesOf }: Pick<Names, "aliasOf" | "candidatesOf">
): ReadonlyMap<string, string> => {
  const kept = new Map<string, string>()
  if (names.every((name) => aliasOf(name)?.region === undefined)) return kept
  const free = new Set<string>()
  for (const name of names) {
    const region = aliasOf(name)?.region
    for (const one of candidatesOf(name)) {
      const key = showModelRef(one.ref)
      if (region === undefined || isInRegion(one, region)) free.add(key)
      else kept.set(key, region)
    }
  }
  for (const key of free) kept.delete(key)
  return kept
}

/** As a candidate, without a score. */
export const bare =
  (as: ThoughtOfAs) =>
  (candidate: Candidate): Considered => ({ ref: candidate.ref, candidate, as, exclusion: undefined })

/** Strategies by which one and the same is first for a request; by the others any of those asked for might have been. */
const decided: ReadonlySet<Strategy> = new Set(["priority", "lowest-cost", "quality"])

/** Those of the asked name that may be candidates, in the order in which they are asked. */
export const inTurn = (
  able: ReadonlyArray<Candidate>,
  rows: Rows<Candidate>,
  tier: LowTier | undefined,
  strategy: Strategy,
  moment: Moment
): { readonly placed: ReadonlyArray<Considered>; readonly tiering: Tiering | undefined } => {
  const { order, unit } = strategies[strategy]
  const place =
    (heldBack?: HeldBack) =>
    ({ candidate, score }: Placed<Candidate>): Considered => ({
      ...bare("asked")(candidate),
      ...(score === undefined ? undefined : { score: { value: score, unit } }),
      ...(heldBack === undefined ? undefined : { heldBack })
    })
  if (tier === undefined) return { placed: order(able, moment).map(place()), tiering: undefined }
  const ableIn = (row: ReadonlyArray<Candidate>) => row.filter((one) => able.includes(one))
  const wanted = ableIn(rows.premium)
  const { above, within } = tiered(
    { premium: wanted, standard: ableIn(rows.standard), economy: ableIn(rows.economy) },
    tier,
    (one) => moment.expectedUsd(one)
  )
  const firsts = decided.has(strategy)
    ? order(wanted, moment)
        .slice(0, 1)
        .map(({ candidate }) => candidate)
    : wanted
  const effect =
    within.length === 0 ? "unserved" : firsts.some((one) => above.includes(one)) ? "downgraded" : "unchanged"
  return {
    placed: [
      ...order(within, moment).map(place()),
      ...order(above, moment).map(place(within.length === 0 ? undefined : { _tag: "AboveTier", tier }))
    ],
    tiering: { effect, within }
  }
}

/** Why the first of those asked for is not the first candidate. */
export const whyNotFirst = (
  first: Candidate | undefined,
  kept: ReadonlyArray<Considered>,
  out: ReadonlyArray<Considered>,
  strategy: Strategy
): string | undefined => {
  // where a strategy orders them, any of those asked for is as good as the first
  if (first === undefined || (strategy !== "priority" && kept[0]?.as === "asked")) return undefined
  if (kept.find(({ candidate }) => candidate === first)?.heldBack !== undefined) return "BudgetTier"
  return passedOver(
    first,
    kept.flatMap(({ candidate }) => candidate ?? []),
    out
  )
}
