/**
 * What a store of budgets is asked, and what it answers: see `BudgetStore.ts` for what it is for.
 *
 * @module
 */
import { type Effect, Schema } from "effect"
import { nano, type NanoUsd } from "../domain/Money.ts"
import type { Certainty } from "../machine/Reservation.ts"

/** `superseded`: another process has opened the same owner since. `message` is the driver's own word. */
export class BudgetStoreError extends Schema.TaggedError<BudgetStoreError>()("BudgetStoreError", {
  why: Schema.Literals(["failed", "superseded"]),
  message: Schema.String
}) {}

/** A budget's window: its id, and when it began, in milliseconds since 1970. */
export interface WindowKey {
  readonly budget: string
  readonly window: number
}

/** How surely it is known that an amount was spent. `lost`: drawn by a life that ended without noting what for. */
export type JournalCertainty = Certainty | "lost"

export type StoreStep =
  /** Records up to `amount` more, as far as all that is drawn stays within `limit`. */
  | (WindowKey & { readonly _tag: "Draw"; readonly amount: NanoUsd; readonly limit: NanoUsd })
  /** What was drawn and not noted is not needed: up to `amount` of it. */
  | (WindowKey & { readonly _tag: "Return"; readonly amount: NanoUsd })
  /** So much was spent (or, below zero, was not after all), in `count` settlements. */
  | (WindowKey & {
      readonly _tag: "Note"
      readonly hour: number
      readonly certainty: Certainty
      readonly amount: NanoUsd
      readonly count: number
    })
  /** Windows that began before `window` are of no interest any more. */
  | (WindowKey & { readonly _tag: "Forget" })

export interface Batch {
  readonly owner: string
  readonly life: string
  /** 1 for the first of a life, then one more each. */
  readonly number: number
  readonly steps: ReadonlyArray<StoreStep>
}

/** The answer to one `Draw`. */
export interface Drawn {
  readonly granted: NanoUsd
  /** Drawn by all owners together, this included. */
  readonly total: NanoUsd
  /** Drawn by this owner and not noted, this included. */
  readonly unnoted: NanoUsd
}

export interface Balance {
  readonly drawn: NanoUsd
  readonly noted: NanoUsd
}

export interface JournalRow extends WindowKey {
  /** The hour since 1970 in which it was settled, in milliseconds. */
  readonly hour: number
  readonly certainty: JournalCertainty
  readonly amount: NanoUsd
  readonly count: number
}

export interface BudgetStoreShape {
  /** Does it outlast the process? */
  readonly durable: boolean
  /** Begins a life. `now` in milliseconds since 1970. To open again with the same life changes nothing. */
  readonly open: (owner: string, life: string, now: number) => Effect.Effect<void, BudgetStoreError>
  /** Answers each `Draw`, in order. */
  readonly commit: (batch: Batch) => Effect.Effect<ReadonlyArray<Drawn>, BudgetStoreError>
  /** What all owners have drawn and noted together. */
  readonly balance: (key: WindowKey) => Effect.Effect<Balance, BudgetStoreError>
  /** A budget's rows, in windows that began at `since` or later; by window, hour and certainty. */
  readonly journal: (budget: string, since: number) => Effect.Effect<ReadonlyArray<JournalRow>, BudgetStoreError>
}

const hourMillis = 3_600_000
/** The beginning of the hour since 1970 that holds `now`. */
export const hourOf = (now: number): number => Math.floor(now / hourMillis) * hourMillis

export const superseded = (owner: string): BudgetStoreError =>
  new BudgetStoreError({ why: "superseded", message: `another process draws in the name of '${owner}' since` })

/** What a store gives back as a plain number. */
export const asNano = (value: unknown): NanoUsd => nano(typeof value === "number" ? value : Number(value ?? 0))

export const tooSlow = (): BudgetStoreError => new BudgetStoreError({ why: "failed", message: "it does not answer" })
