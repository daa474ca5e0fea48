/**
 * One budget as one process keeps it, as a pure machine.
 *
 * A window's limit is parted in what this process has drawn from the store (blocks that were recorded before they are
 * used), and what was drawn elsewhere: by other processes, or by earlier lives of this one, and spent or lost there.
 * What is drawn is either settled, reserved, or free. A reservation is granted only from what is free, so that it was
 * recorded before anything is sent; it is refused only if what it wants does not fit into the limit, and in between the
 * reply says how much must be drawn first.
 *
 * Always, as long as no vendor bills more than was held: settled + reserved ≤ drawn, and drawn + elsewhere ≤ limit.
 *
 * A window ends by the calendar. What is reserved then is carried into the next one and settled there: in the old
 * window it was within the limit while it was held, in the new one it leaves less room. So each window holds its limit
 * whichever of them the vendor counts the call in. A clock that goes back returns to the window of that time, with
 * nothing drawn: the store knows what was spent in it.
 *
 * Gotchas
 * - What was granted in a later window and settled after the clock went back is counted in the earlier one, and may put
 *   that beyond its limit; nothing more is granted there.
 * - A watched budget (no hard limit) grants everything. It draws as well, so that its spending is recorded.
 * - A bill above what was held is counted as it is, even beyond the limit; `over` says by how much.
 *
 * @module
 */
import type { BudgetPolicy } from "../domain/Budget.ts"
import { basisOf } from "../domain/Budget.ts"
import { least, minus, most, mostNano, nano, type NanoUsd, plus, zero } from "../domain/Money.ts"
import { windowAt } from "./CalendarWindow.ts"
import { initialSpendRate, runsOutAt, spent, type SpendRateState, stretchMillis } from "./SpendRate.ts"

export interface BudgetState {
  /** The window, in milliseconds since 1970. */
  readonly start: number
  readonly end: number
  /** How often a window was entered: a clock that goes back and forth enters the same one again. */
  readonly stay: number
  /** Recorded for this process in this window. */
  readonly drawn: NanoUsd
  /** Recorded for others in this window, as far as known. */
  readonly elsewhere: NanoUsd
  readonly settled: NanoUsd
  readonly reserved: NanoUsd
  /** By how much bills were above what was held for them, in this window. */
  readonly over: NanoUsd
  readonly pace: SpendRateState
}

export type BudgetCommand =
  /** Holds `amount`; the privileged may use what is kept for them. */
  | { readonly _tag: "Reserve"; readonly amount: NanoUsd; readonly privileged: boolean }
  /** What was held comes free, and `owed` is spent. For an expired reservation `owed` is all of it. */
  | { readonly _tag: "Settle"; readonly held: NanoUsd; readonly owed: NanoUsd }
  /** What was settled in the window that began at `window` as `before` is `owed` in truth. */
  | { readonly _tag: "Correct"; readonly window: number; readonly before: NanoUsd; readonly owed: NanoUsd }
  /**
   * In the stay `stay`, when `settled` was settled and all of it noted, the store had `unnoted` more recorded for this
   * process, and `total` for all together.
   */
  | {
      readonly _tag: "Drawn"
      readonly stay: number
      readonly settled: NanoUsd
      readonly unnoted: NanoUsd
      readonly total: NanoUsd
    }
  /** So much of what was drawn and is free goes back to the store, and is not used from now on. */
  | { readonly _tag: "Return"; readonly amount: NanoUsd }
  /** Looks whether the window has ended. */
  | { readonly _tag: "Roll" }

export type BudgetReply =
  | { readonly _tag: "Granted" }
  /** It fits, once so much more is drawn. */
  | { readonly _tag: "Short"; readonly by: NanoUsd }
  /** It does not fit; so much would. */
  | { readonly _tag: "Refused"; readonly why: "exhausted" | "kept"; readonly left: NanoUsd }
  /** Into which window it was counted. */
  | { readonly _tag: "Counted"; readonly window: number }

const granted: BudgetReply = { _tag: "Granted" }

export const initialBudget = (policy: BudgetPolicy, now: number): BudgetState => ({
  ...windowAt(policy.window, policy.timeZone, now),
  stay: 0,
  drawn: zero,
  elsewhere: zero,
  settled: zero,
  reserved: zero,
  over: zero,
  pace: initialSpendRate
})

/** The state at `now`; the same one (by identity) within its window. */
const at = (policy: BudgetPolicy, state: BudgetState, now: number): BudgetState => {
  if (now >= state.start && now < state.end) return state
  return {
    ...windowAt(policy.window, policy.timeZone, now),
    stay: state.stay + 1,
    drawn: zero,
    elsewhere: zero,
    settled: zero,
    reserved: state.reserved,
    over: zero,
    pace: state.pace
  }
}

/** What the window's spending stands at, all processes together: settled here, and drawn elsewhere. */
export const spentOf = ({ elsewhere, settled }: BudgetState): NanoUsd => plus(elsewhere, settled)

/** What is drawn and neither settled nor reserved. Below zero where bills were above what was held, or after a roll. */
export const freeOf = ({ drawn, reserved, settled }: BudgetState): NanoUsd => minus(minus(drawn, settled), reserved)

/** What is kept of the limit for critical requests and retries. */
export const keptOf = ({ hard, reservePercent }: BudgetPolicy): NanoUsd =>
  hard === undefined ? zero : nano(Math.ceil((hard / 100) * reservePercent))

/** Up to where may be reserved: all of it by the privileged, and what is not kept for them by others. */
export const limitOf = (policy: BudgetPolicy, privileged: boolean): NanoUsd =>
  policy.hard === undefined ? mostNano : privileged ? policy.hard : minus(policy.hard, keptOf(policy))

/** How much could still be reserved; no less than nothing. */
export const roomOf = (policy: BudgetPolicy, state: BudgetState, privileged: boolean): NanoUsd =>
  policy.hard === undefined
    ? mostNano
    : most(zero, minus(minus(limitOf(policy, privileged), spentOf(state)), state.reserved))

/** The share of the limit that remains once `expected` more is spent; 1 where there is no limit. */
export const shareOf = (policy: BudgetPolicy, state: BudgetState, expected: NanoUsd): number => {
  const basis = basisOf(policy)
  if (basis === undefined) return 1
  return basis <= 0 ? 0 : minus(basis, plus(spentOf(state), expected)) / basis
}

/** When the limit will be reached at the pace of late, if that is before the window's end. In ms since 1970. */
export const forecast = (policy: BudgetPolicy, state: BudgetState, now: number): number | undefined => {
  const basis = basisOf(policy)
  const current = at(policy, state, now)
  if (basis === undefined) return undefined
  const runsOut = runsOutAt(current.pace, stretchOf(current), minus(basis, spentOf(current)), now)
  return runsOut !== undefined && runsOut < current.end ? runsOut : undefined
}

const stretchOf = ({ end, start }: BudgetState): number => stretchMillis(end - start)

/** A block: so much is drawn at a time, a hundredth of the limit. */
export const blockOf = (policy: BudgetPolicy): NanoUsd => nano(Math.max(1, Math.ceil((basisOf(policy) ?? 0) / 100)))

/**
 * How much is to be drawn now so that `short` more can be reserved and half a block stays free ahead of use; 0: nothing.
 */
export const wantedOf = (policy: BudgetPolicy, state: BudgetState, short: NanoUsd): NanoUsd => {
  const block = blockOf(policy)
  const free = freeOf(state)
  if (short <= 0 && free * 2 >= block) return zero
  const missing = plus(short, most(zero, minus(block, free)))
  if (policy.hard === undefined) return missing
  // what the limit does not hold the store would not record
  return least(missing, most(zero, minus(minus(policy.hard, state.elsewhere), state.drawn)))
}

/**
 * How much of what is free is more than blocks ahead of use: large worst cases that were settled for less leave it, and
 * a crash would lose it.
 */
export const excessOf = (policy: BudgetPolicy, state: BudgetState): NanoUsd => {
  const block = blockOf(policy)
  const free = freeOf(state)
  return free > 2 * block ? minus(free, block) : zero
}

/** One step. The same state comes back (by identity) where nothing changed. */
export const budgetStep =
  (policy: BudgetPolicy) =>
  (before: BudgetState, command: BudgetCommand, now: number): readonly [BudgetReply, BudgetState] => {
    const state = at(policy, before, now)
    switch (command._tag) {
      case "Reserve":
        return reserve(policy, state, command.amount, command.privileged)
      case "Settle": {
        const { held, owed } = command
        const next: BudgetState = {
          start: state.start,
          end: state.end,
          stay: state.stay,
          drawn: state.drawn,
          elsewhere: state.elsewhere,
          settled: plus(state.settled, owed),
          // a sum that is beyond all amounts stays there (`mostNano`): less than all that is held may be known of it
          reserved: most(zero, minus(state.reserved, held)),
          over: owed > held ? plus(state.over, minus(owed, held)) : state.over,
          pace: owed === 0 ? state.pace : spent(state.pace, stretchOf(state), owed, now)
        }
        return [{ _tag: "Counted", window: state.start }, next]
      }
      case "Correct": {
        const reply: BudgetReply = { _tag: "Counted", window: command.window }
        if (command.window !== state.start) return [reply, state]
        const difference = minus(command.owed, command.before)
        const pace = spent(state.pace, stretchOf(state), difference, now)
        const over = difference > 0 ? plus(state.over, difference) : state.over
        return [reply, { ...state, settled: plus(state.settled, difference), over, pace }]
      }
      case "Drawn": {
        const reply: BudgetReply = { _tag: "Counted", window: state.start }
        if (command.stay !== state.stay) return [reply, state]
        const drawn = plus(command.settled, command.unnoted)
        return [reply, { ...state, drawn, elsewhere: most(zero, minus(command.total, drawn)) }]
      }
      case "Return":
        return [
          { _tag: "Counted", window: state.start },
          { ...state, drawn: minus(state.drawn, command.amount) }
        ]
      case "Roll":
        return [{ _tag: "Counted", window: state.start }, state]
    }
  }

const reserve = (
  policy: BudgetPolicy,
  state: BudgetState,
  amount: NanoUsd,
  privileged: boolean
): readonly [BudgetReply, BudgetState] => {
  if (policy.hard !== undefined) {
    const left = roomOf(policy, state, privileged)
    if (amount > left) {
      const why = !privileged && amount <= roomOf(policy, state, true) ? "kept" : "exhausted"
      return [{ _tag: "Refused", why, left }, state]
    }
    // what costs nothing needs nothing, whatever is drawn
    const free = most(zero, freeOf(state))
    if (amount > free) return [{ _tag: "Short", by: minus(amount, free) }, state]
  }
  const next: BudgetState = {
    start: state.start,
    end: state.end,
    stay: state.stay,
    drawn: state.drawn,
    elsewhere: state.elsewhere,
    settled: state.settled,
    reserved: plus(state.reserved, amount),
    over: state.over,
    pace: state.pace
  }
  return [granted, next]
}

/** What happened between two states, for whoever listens. */
export type BudgetEvent =
  | { readonly _tag: "Rolled"; readonly start: number; readonly end: number }
  | { readonly _tag: "SoftReached" }
  | { readonly _tag: "Overrun"; readonly by: NanoUsd }

export const budgetEvents = (
  { soft }: BudgetPolicy,
  before: BudgetState,
  after: BudgetState
): ReadonlyArray<BudgetEvent> => {
  const rolled = before.start !== after.start
  const over = rolled ? after.over : minus(after.over, before.over)
  // what others have spent is theirs to tell
  const isReached = rolled || (before.settled !== after.settled && soft !== undefined && spentOf(before) < soft)
  const isSoft = isReached && soft !== undefined && spentOf(after) >= soft
  if (!rolled && !isSoft && over <= 0) return nothing
  const events: Array<BudgetEvent> = []
  if (rolled) events.push({ _tag: "Rolled", start: after.start, end: after.end })
  if (isSoft) events.push({ _tag: "SoftReached" })
  if (over > 0) events.push({ _tag: "Overrun", by: over })
  return events
}

const nothing: ReadonlyArray<BudgetEvent> = []
