/**
 * All budgets of one process, as a pure machine: what is asked of several at once happens to all of them or to none.
 *
 * Each budget has a slot, a number. A budget that is configured no more keeps its slot and its state (what is reserved in
 * it is still to be settled), and is found under its slot again should it come back, until another budget is given the
 * slot: one of those that `Configure` says are vacant, as nobody knows them by the number any more.
 *
 * @module
 */
import { budgetId, type BudgetPolicy, type BudgetScope } from "../domain/Budget.ts"
import type { NanoUsd } from "../domain/Money.ts"
import {
  type BudgetCommand,
  type BudgetEvent,
  budgetEvents,
  type BudgetReply,
  type BudgetState,
  budgetStep,
  initialBudget
} from "./BudgetWindow.ts"

export interface BudgetEntry {
  readonly id: string
  readonly policy: BudgetPolicy
  /** Is it in the config? */
  readonly active: boolean
  readonly state: BudgetState
  readonly step: ReturnType<typeof budgetStep>
}

export type BookState = ReadonlyArray<BudgetEntry>

export type BookCommand =
  | {
      readonly _tag: "Configure"
      readonly policies: ReadonlyArray<BudgetPolicy>
      /** Whose budgets these are, all of them; absent: everybody's. */
      readonly scope?: BudgetScope
      /** Slots that may be given to new budgets: see `isVacant`. Absent: none. */
      readonly vacant?: ReadonlyArray<number>
    }
  | {
      readonly _tag: "Reserve"
      readonly slots: ReadonlyArray<number>
      readonly amount: NanoUsd
      readonly privileged: boolean
    }
  | {
      readonly _tag: "Settle"
      readonly slots: ReadonlyArray<number>
      readonly held: NanoUsd
      readonly owed: NanoUsd
    }
  | {
      readonly _tag: "Correct"
      readonly slots: ReadonlyArray<number>
      /** The windows that `Settle` named, in the order of the slots. */
      readonly windows: ReadonlyArray<number>
      readonly before: NanoUsd
      readonly owed: NanoUsd
    }
  | (Extract<BudgetCommand, { readonly _tag: "Drawn" }> & { readonly slots: readonly [number] })
  | (Extract<BudgetCommand, { readonly _tag: "Return" }> & { readonly slots: readonly [number] })
  | { readonly _tag: "Roll"; readonly slots: ReadonlyArray<number> }

export type BookReply =
  | { readonly _tag: "Done" }
  | { readonly _tag: "Granted" }
  | { readonly _tag: "Short"; readonly shorts: ReadonlyArray<{ readonly slot: number; readonly by: NanoUsd }> }
  | { readonly _tag: "Refused"; readonly slot: number; readonly why: "exhausted" | "kept"; readonly left: NanoUsd }
  | { readonly _tag: "Counted"; readonly windows: ReadonlyArray<number> }

export interface BookEvent {
  readonly id: string
  readonly event: BudgetEvent
}

const done: BookReply = { _tag: "Done" }
const granted: BookReply = { _tag: "Granted" }
const present: BudgetReply = { _tag: "Granted" }

const entryOf = (policy: BudgetPolicy, now: number): BudgetEntry => ({
  id: budgetId(policy),
  policy,
  active: true,
  state: initialBudget(policy, now),
  step: budgetStep(policy)
})

/** Has the budget of this slot nothing to tell and nothing to settle any more? Its window is over, and it is not configured. */
export const isVacant = ({ active, state }: BudgetEntry, now: number): boolean =>
  !active && state.reserved === 0 && (now >= state.end || (state.settled === 0 && state.elsewhere === 0))

const isSamePolicy = (a: BudgetPolicy, b: BudgetPolicy): boolean =>
  a === b ||
  (a.hard === b.hard && a.soft === b.soft && a.reservePercent === b.reservePercent && a.onExhausted === b.onExhausted)

/** Entries stay as they are (by identity) where nothing is said anew of them. */
const configure = (
  book: BookState,
  { policies, scope, vacant = [] }: Extract<BookCommand, { readonly _tag: "Configure" }>,
  now: number
): BookState => {
  const wanted = new Map(policies.map((policy) => [budgetId(policy), policy]))
  let changed = false
  const next = book.map((entry) => {
    if (scope !== undefined && entry.policy.scope !== scope) return entry
    const policy = wanted.get(entry.id)
    if (policy !== undefined) wanted.delete(entry.id)
    if (policy === undefined ? !entry.active : entry.active && isSamePolicy(entry.policy, policy)) return entry
    changed = true
    if (policy === undefined) return { ...entry, active: false }
    return { ...entry, policy, active: true, step: budgetStep(policy) }
  })
  if (wanted.size === 0) return changed ? next : book
  const free = vacant.filter((slot) => {
    const entry = next[slot]
    return entry !== undefined && isVacant(entry, now)
  })
  for (const policy of wanted.values()) next[free.pop() ?? next.length] = entryOf(policy, now)
  return next
}

const stateful = (entry: BudgetEntry, state: BudgetState): BudgetEntry => ({
  id: entry.id,
  policy: entry.policy,
  active: entry.active,
  state,
  step: entry.step
})

/** Gives each slot its command, whatever the replies; the same book (by identity) where nothing changed. */
const tell = (
  book: BookState,
  slots: ReadonlyArray<number>,
  command: BudgetCommand | ((index: number) => BudgetCommand),
  now: number
): readonly [ReadonlyArray<BudgetReply>, BookState] => {
  let next: Array<BudgetEntry> | undefined
  const replies: Array<BudgetReply> = []
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index] ?? -1
    const entry = book[slot]
    if (entry === undefined) {
      replies.push(present)
      continue
    }
    const [reply, state] = entry.step(entry.state, typeof command === "function" ? command(index) : command, now)
    if (state !== entry.state) (next ??= book.slice())[slot] = stateful(entry, state)
    replies.push(reply)
  }
  return [replies, next ?? book]
}

/** One step. The same state comes back (by identity) where nothing changed. */
export const bookStep = (book: BookState, command: BookCommand, now: number): readonly [BookReply, BookState] => {
  switch (command._tag) {
    case "Configure":
      return [done, configure(book, command, now)]
    case "Reserve": {
      const { amount, privileged, slots } = command
      const [replies, next] = tell(book, slots, { _tag: "Reserve", amount, privileged }, now)
      const failure = failureOf(slots, replies)
      // nothing was held, but windows may have ended
      return failure === undefined ? [granted, next] : [failure, rolled(book, slots, now)]
    }
    case "Settle": {
      const { held, owed, slots } = command
      const [replies, next] = tell(book, slots, { _tag: "Settle", held, owed }, now)
      return [{ _tag: "Counted", windows: windowsOf(replies) }, next]
    }
    case "Correct": {
      const { before, owed, slots, windows } = command
      const [replies, next] = tell(
        book,
        slots,
        (index) => ({ _tag: "Correct", window: windows[index] ?? 0, before, owed }),
        now
      )
      return [{ _tag: "Counted", windows: windowsOf(replies) }, next]
    }
    case "Drawn":
    case "Return":
      return [done, tell(book, command.slots, command, now)[1]]
    case "Roll":
      return [done, rolled(book, command.slots, now)]
  }
}

const rolled = (book: BookState, slots: ReadonlyArray<number>, now: number): BookState =>
  tell(book, slots, { _tag: "Roll" }, now)[1]

/** Why not all of them granted it: a refusal before a shortage, as drawing would not help it. */
const failureOf = (slots: ReadonlyArray<number>, replies: ReadonlyArray<BudgetReply>): BookReply | undefined => {
  let shorts: Array<{ readonly slot: number; readonly by: NanoUsd }> | undefined
  for (let index = 0; index < replies.length; index++) {
    const reply = replies[index]
    const slot = slots[index] ?? -1
    if (reply?._tag === "Refused") return { _tag: "Refused", slot, why: reply.why, left: reply.left }
    if (reply?._tag === "Short") (shorts ??= []).push({ slot, by: reply.by })
  }
  return shorts === undefined ? undefined : { _tag: "Short", shorts }
}

const windowsOf = (replies: ReadonlyArray<BudgetReply>): ReadonlyArray<number> =>
  replies.map((reply) => (reply._tag === "Counted" ? reply.window : 0))

/** What happened between two states, for whoever listens. */
export const bookEvents = (before: BookState, after: BookState, command: BookCommand): ReadonlyArray<BookEvent> => {
  if (command._tag === "Configure") return none
  let events: Array<BookEvent> | undefined
  for (const slot of command.slots) {
    const [old, entry] = [before[slot], after[slot]]
    if (old === undefined || entry === undefined || old.state === entry.state) continue
    for (const event of budgetEvents(entry.policy, old.state, entry.state))
      (events ??= []).push({ id: entry.id, event })
  }
  return events ?? none
}

const none: ReadonlyArray<BookEvent> = []
