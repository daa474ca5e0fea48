/**
 * What an operator is told at once, wherever he is: in words, and as fields for programs.
 *
 * Some alerts are of a number that has risen: from `from`, when it was told last, to `to`. Who listens has levels of his
 * own for it, and is told if one of them was passed on the way: once, the highest, however many were.
 *
 * An alert holds names, numbers and moments alone: no prompt, no key, no vendor's words.
 *
 * @module
 */

export const alertKinds = [
  /** A share of a budget is used. */
  "budget.share",
  /** The soft limit of a budget is reached. */
  "budget.soft",
  /** A budget will be used up before its window ends, if spending goes on so. */
  "budget.forecast",
  /** Vendors billed more than the worst case that was held for it. */
  "budget.overrun",
  /** What is spent cannot be recorded. */
  "budget.unrecorded",
  /** What is expected of a model's calls is far from what its vendor counts. */
  "estimate.off",
  /** A single request was dear. */
  "request.cost",
  "account.quarantined",
  "classifier.drifted"
] as const
export type AlertKind = (typeof alertKinds)[number]

/** What a webhook is sent them as. */
export const alertFormats = ["json", "slack"] as const
export type AlertFormat = (typeof alertFormats)[number]

export type AlertFields = Readonly<Record<string, string | number | boolean>>

export interface Alert {
  readonly kind: AlertKind
  /** Milliseconds since 1970. */
  readonly at: number
  /** Whom it is about: a budget's id, `provider/model`, a quarantine's key. */
  readonly subject: string
  /** A sentence for people. */
  readonly message: string
  readonly fields: AlertFields
  /** Present where it is of a number that has risen. */
  readonly passed?: Passed
}

export interface Passed {
  readonly from: number
  readonly to: number
}

/** The highest of some levels that was passed: above `from`, and at most `to`. */
export const highestPassed = ({ from, to }: Passed, levels: ReadonlyArray<number>): number | undefined => {
  let highest: number | undefined
  for (const level of levels)
    if (level > from && level <= to && !(highest !== undefined && level <= highest)) highest = level
  return highest
}

/** From which numbers on somebody wants to be told. */
export interface AlertLevels {
  /** Of a budget's limit, as shares: 1 is all of it. */
  readonly shares: ReadonlyArray<number>
  /** In US dollars, of a single request; absent: no price is too high. */
  readonly requestUsd: number | undefined
  /** By which factor an expected prompt is off, 1 being not at all. */
  readonly estimateFactor: number
}

export const defaultLevels: AlertLevels = { shares: [0.5, 0.8, 0.9, 1], requestUsd: undefined, estimateFactor: 3 }

/** The levels for one kind; `undefined` where it is not of a number that rises. */
export const levelsOf = (
  { estimateFactor, requestUsd, shares }: AlertLevels,
  kind: AlertKind
): ReadonlyArray<number> | undefined => {
  switch (kind) {
    case "budget.share":
      return shares
    case "request.cost":
      return requestUsd === undefined ? [] : [requestUsd]
    case "estimate.off":
      return [estimateFactor]
    default:
      return undefined
  }
}

/** Is it worth telling to whoever has these levels? With the level that was passed, where it is of a number. */
export const wanted = (alert: Alert, levels: AlertLevels): { readonly level: number | undefined } | undefined => {
  const own = levelsOf(levels, alert.kind)
  if (own === undefined || alert.passed === undefined) return { level: undefined }
  const level = highestPassed(alert.passed, own)
  return level === undefined ? undefined : { level }
}
