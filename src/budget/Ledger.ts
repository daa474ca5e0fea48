/**
 * The books of all budgets, and the purses before them: who may spend how much at this moment.
 *
 * A step of the books happens in each of a request's budgets. So the books see few requests one by one: money is set
 * aside for many that are borne by the same budgets, in a purse, from which each takes what it may cost at worst and
 * gives back what it does not owe. What was spent from a purse is settled in the books within a tenth of a second while
 * it is used, with the next batch for the store while it is not, before anybody looks, before any window ends, and
 * before anybody is refused: then nothing stays aside either. So whoever is refused is refused by exact books.
 *
 * Synchronous throughout: between two steps nothing else runs.
 *
 * @module
 */
import type { Latch } from "effect"
import type { Actor } from "../actor/Actor.ts"
import { Roster } from "../actor/Roster.ts"
import {
  basisOf,
  type BudgetPolicy,
  type BudgetRefusal,
  type BudgetScope,
  type BudgetTier,
  type Priority
} from "../domain/Budget.ts"
import { least, minus, most, mostNano, nano, type NanoUsd, plus, zero } from "../domain/Money.ts"
import {
  type BookCommand,
  type BookEvent,
  type BookReply,
  type BookState,
  type BudgetEntry,
  isVacant
} from "../machine/BudgetBook.ts"
import { blockOf, freeOf, limitOf, roomOf, shareOf, spentOf } from "../machine/BudgetWindow.ts"
import { budgetTier, lowestTier, tierRoom } from "../machine/BudgetTier.ts"
import { asideOf, emptyPurse, filled, handedOut, takenBack } from "../machine/Purse.ts"
import type { Certainty } from "../machine/Reservation.ts"
import type { Counter, Hold } from "./Lease.ts"
import type { Purse } from "./Purse.ts"
import type { Recorder } from "./Recorder.ts"
import { ScopeSlots } from "./ScopeSlots.ts"
import { hourOf } from "./StoreContract.ts"
import { Turnover } from "./Turnover.ts"

/** What was settled for longer than this from a purse in use is settled in the books. */
const unsettledMillis = 100
const hourMillis = 3_600_000

/** A command that is about some budgets. */
type SlotCommand = Exclude<BookCommand, { readonly _tag: "Configure" }>

/** Who asks for how much. */
interface Asked {
  readonly priority: Priority
  readonly expected: NanoUsd
  readonly atMost?: NanoUsd
}

interface Tier {
  readonly tier: BudgetTier
  readonly refusal?: BudgetRefusal
}

export class Ledger implements Counter {
  readonly #actor: Actor<BookState, BookCommand, BookReply, BookEvent>
  readonly #recorder: () => Recorder
  readonly #moved: Latch.Latch
  readonly #bearers = new ScopeSlots()
  /** The purses that hold something, or owe it. */
  readonly #used = new Roster<Purse>()
  /** What all of them owe together. */
  #unsettled = zero
  /** Changes with whatever the books say is spent. */
  #version = 0
  readonly #turnover = new Turnover()

  /** `moved` is opened by whatever changes a budget. */
  constructor(
    actor: Actor<BookState, BookCommand, BookReply, BookEvent>,
    recorder: () => Recorder,
    moved: Latch.Latch
  ) {
    this.#actor = actor
    this.#recorder = recorder
    this.#moved = moved
  }

  /** Is there any budget? */
  get some(): boolean {
    return this.#bearers.some
  }

  /** The purse for what is spent in these scopes. */
  purseOf(scopes: ReadonlyArray<BudgetScope>, further?: ReadonlyArray<BudgetScope>): Purse {
    return this.#bearers.of(scopes, further)
  }

  /** How many times budgets were configured: the number of the book. */
  get book(): number {
    return this.#bearers.taken
  }

  /**
   * Other budgets from now on, or other ones of one scope. Gives the slots of those that are new or others than before.
   * `oldestBook` is the earliest under which a lease is open.
   */
  configure(
    policies: ReadonlyArray<BudgetPolicy>,
    scope: BudgetScope | undefined,
    oldestBook: () => number,
    now: number
  ): ReadonlyArray<number> {
    this.settleUp()
    const before = this.#book
    const vacant = this.#turnover.vacant(before, oldestBook, (slot) => this.#recorder().knows(slot), now)
    const command: BookCommand = { _tag: "Configure", policies, vacant }
    this.#actor.askUnsafe(scope === undefined ? command : { ...command, scope }, now)
    const after = this.#book
    if (after === before) return []
    this.#version++
    this.#bearers.take(after, scope)
    this.#moved.openUnsafe()
    const { changed, vacated } = this.#turnover.note(before, after, this.book)
    for (const [slot, old] of vacated) this.#recorder().vacated(slot, old)
    return changed
  }

  /** The entries of `slots` as they are at `now`, all that was spent settled. */
  entriesAt(slots: ReadonlyArray<number>, now: number): ReadonlyArray<BudgetEntry> {
    this.settleUp()
    const book = this.#bookAt(slots, now)
    return slots.flatMap((slot) => book[slot] ?? [])
  }

  /** Those of all budgets that are in the config, and of those that have ended and whose windows have not. */
  allAt(now: number): ReadonlyArray<BudgetEntry> {
    this.settleUp()
    // those that have ended are not rolled: they are history
    const told = (entry: BudgetEntry, slot: number) => (entry.active || !isVacant(entry, now) ? [slot] : [])
    return this.entriesAt(this.#book.flatMap(told), now)
  }

  /** A step that the recorder takes. */
  record(command: SlotCommand, now: number): void {
    // what others have drawn may leave nothing that anybody could still reserve
    if (command._tag === "Drawn") this.settleUp()
    this.#ask(command, now)
  }

  /** Settles what was spent from all purses, and leaves nothing aside. */
  settleUp(): void {
    if (this.#used.size === 0) return
    for (const purse of this.#used) this.#settle(purse)
  }

  /** The tier that a purse's budgets pay for; `none` with why. `expected` is read only where it may matter. */
  tier(purse: Purse, request: Asked, now: number): Tier {
    const { priority } = request
    const { slots } = purse
    if (slots.length === 0) return premium
    if (!purse.isAt(now)) this.#open(purse, now)
    let known = purse.tiers[priority]
    if (known?.version !== this.#version) {
      let [tier, room]: [BudgetTier, NanoUsd] = ["premium", mostNano]
      for (const slot of slots) {
        const entry = this.#book[slot]
        if (entry === undefined) continue
        tier = lowestTier(tier, budgetTier(entry.policy, entry.state, priority, zero))
        room = least(room, tierRoom(entry.policy, entry.state, priority))
      }
      known = purse.tiers[priority] = { version: this.#version, tier, room }
    }
    // whatever is owed anywhere may be owed by these budgets too
    if (known.tier !== "none" && plus(this.#unsettled, request.atMost ?? request.expected) <= known.room) return known
    this.settleUp()
    return this.#exactTier(slots, priority, request.expected, now)
  }

  #exactTier(slots: ReadonlyArray<number>, priority: Priority, expected: NanoUsd, now: number): Tier {
    let lowest: BudgetTier = "premium"
    const book = this.#bookAt(slots, now)
    for (const slot of slots) {
      const entry = book[slot]
      if (entry === undefined) continue
      const { policy, state } = entry
      const tier = budgetTier(policy, state, priority, expected)
      if (tier === "none") {
        const why = shareOf(policy, state, zero) > 0 ? "priority" : "exhausted"
        const left = roomOf(policy, state, priority === "critical")
        return { tier, refusal: this.refusal(slot, why, expected, left) }
      }
      lowest = lowestTier(lowest, tier)
    }
    return { tier: lowest }
  }

  /** Reserves what an attempt may cost: a refusal where it does not fit, or what must be drawn first. */
  reserve(purse: Purse, { isUnpriced = false, retry = false, worst }: Hold, priority: Priority, now: number): Reserved {
    const { slots } = purse
    if (slots.length === 0) return "held"
    if (isUnpriced && purse.isHard) return this.#unpriced(slots)
    if (worst <= purse.state.left && purse.isAt(now)) {
      purse.state = handedOut(purse.state, worst)
      return "held"
    }
    if (!purse.isAt(now)) this.#open(purse, now)
    const aside = asideOf(worst, this.#roomAhead(slots))
    if (aside > 0) {
      const wanted = minus(plus(worst, aside), purse.state.left)
      if (this.#ask({ _tag: "Reserve", slots, amount: wanted, privileged: false }, now)._tag === "Granted") {
        this.#drawAhead(slots)
        purse.state = handedOut(filled(purse.state, wanted, now), worst)
        this.#use(purse)
        return "held"
      }
    }
    const privileged = retry || priority === "critical"
    const command = { _tag: "Reserve", slots, amount: worst, privileged } as const
    let reply = this.#ask(command, now)
    if (reply._tag !== "Granted" && this.#used.size > 0) {
      this.settleUp()
      reply = this.#ask(command, now)
    }
    if (reply._tag === "Refused") return this.refusal(reply.slot, reply.why, worst, reply.left)
    if (reply._tag === "Short") {
      for (const { by, slot } of reply.shorts) this.#recorder().want(slot, by)
      return "short"
    }
    // what was set aside for anybody is not any more where the privileged have used what is kept for them
    if (privileged && this.#used.size > 0 && !this.#isAnybodys(slots, now)) this.settleUp()
    this.#drawAhead(slots)
    return "held"
  }

  /** Why a reservation would be refused now. Only a look. */
  refuses(
    purse: Purse,
    { isUnpriced = false, retry = false, worst }: Hold,
    priority: Priority,
    now: number
  ): BudgetRefusal | undefined {
    if (!purse.isHard) return undefined
    if (isUnpriced) return this.#unpriced(purse.slots)
    if (worst <= purse.state.left && purse.isAt(now)) return undefined
    const privileged = retry || priority === "critical"
    const refused = this.#lacksRoom(purse, worst, privileged, now)
    if (refused === undefined || this.#used.size === 0) return refused
    this.settleUp()
    return this.#lacksRoom(purse, worst, privileged, now)
  }

  #lacksRoom({ slots }: Purse, worst: NanoUsd, privileged: boolean, now: number): BudgetRefusal | undefined {
    const book = this.#bookAt(slots, now)
    for (const slot of slots) {
      const entry = book[slot]
      if (entry === undefined) continue
      const left = roomOf(entry.policy, entry.state, privileged)
      if (worst <= left) continue
      const isKept = !privileged && worst <= roomOf(entry.policy, entry.state, true)
      return this.refusal(slot, isKept ? "kept" : "exhausted", worst, left)
    }
    return undefined
  }

  settle(purse: Purse, held: NanoUsd, owed: NanoUsd, by: Certainty, now: number): ReadonlyArray<number> {
    if (purse.slots.length === 0) return purse.windows
    if (!purse.isAt(now)) this.#open(purse, now)
    // what is unsure, or more than was held, the books see by itself
    if (by === "told" && owed <= held && (purse.place >= 0 || this.#isAnybodys(purse.slots, now))) {
      purse.state = takenBack(purse.state, held, owed, now)
      this.#unsettled = plus(this.#unsettled, owed)
      this.#use(purse)
      const { windows } = purse
      if (now - purse.state.since >= unsettledMillis) this.#settle(purse)
      return windows
    }
    // a limit that was passed leaves nothing for anybody
    if (owed > held) this.settleUp()
    const { slots } = purse
    const reply = this.#ask({ _tag: "Settle", slots, held, owed }, now)
    const windows = reply._tag === "Counted" ? reply.windows : []
    this.#note(slots, windows, now, by, owed, 1)
    return windows
  }

  correct(
    purse: Purse,
    counted: ReadonlyArray<number>,
    { before, by, owed, was }: Parameters<Counter["correct"]>[2],
    now: number
  ): void {
    this.settleUp()
    // news may be later than the budget's end, and its slot another's since
    const places = this.#turnover.stillIts(purse)
    const slots = places === undefined ? purse.slots : places.map((place) => purse.slots[place] ?? -1)
    const windows = places === undefined ? counted : places.map((place) => counted[place] ?? 0)
    this.#ask({ _tag: "Correct", slots, windows, before, owed }, now)
    this.#note(slots, windows, now, was, nano(-before), -1)
    this.#note(slots, windows, now, by, owed, 1)
    const book = this.#book
    for (const [index, slot] of slots.entries()) {
      const window = windows[index] ?? 0
      if (book[slot]?.state.start !== window) this.#recorder().unneeded(slot, window, minus(before, owed))
    }
  }

  /** A refusal by the budget in `slot`. */
  refusal(slot: number, why: BudgetRefusal["why"], wanted: NanoUsd, left: NanoUsd = zero): BudgetRefusal {
    const entry = this.#book[slot]
    return {
      _tag: "BudgetRefusal",
      why,
      scope: entry?.policy.scope ?? "global",
      window: entry?.policy.window ?? "day",
      limit: (entry === undefined ? undefined : basisOf(entry.policy)) ?? zero,
      left,
      wanted,
      resetAt: entry?.state.end ?? 0,
      onExhausted: entry?.policy.onExhausted ?? "reject"
    }
  }

  get #book(): BookState {
    return this.#actor.stateUnsafe()
  }

  #unpriced(slots: ReadonlyArray<number>): BudgetRefusal {
    const hard = slots.find((slot) => this.#book[slot]?.policy.hard !== undefined)
    return this.refusal(hard ?? slots[0] ?? -1, "unpriced", mostNano)
  }

  /** Gives a command to the books, and tells the recorder whose window has ended by it. */
  #ask(command: SlotCommand, now: number): BookReply {
    // what was spent in a window is settled in it
    if (this.#used.size > 0 && isOver(this.#book, command.slots, now)) this.settleUp()
    const before = this.#book
    const reply = this.#actor.askUnsafe(command, now)
    const after = this.#book
    if (after === before) return reply
    if (command._tag !== "Reserve") this.#version++
    this.#moved.openUnsafe()
    for (const slot of command.slots) {
      const old = before[slot]?.state
      if (old === undefined || old.stay === after[slot]?.state.stay) continue
      this.#version++
      this.#recorder().rolled(slot, old)
    }
    return reply
  }

  /** The books, those of `slots` whose window has ended rolled into the one of `now`. */
  #bookAt(slots: ReadonlyArray<number>, now: number): BookState {
    if (isOver(this.#book, slots, now)) this.#ask({ _tag: "Roll", slots }, now)
    return this.#book
  }

  /** Brings a purse to the windows of this moment. */
  #open(purse: Purse, now: number): void {
    if (purse.place >= 0) this.#settle(purse)
    const book = this.#bookAt(purse.slots, now)
    const hour = hourOf(now)
    let [from, until] = [hour, hour + hourMillis]
    const windows: Array<number> = []
    for (const slot of purse.slots) {
      const state = book[slot]?.state
      windows.push(state?.start ?? 0)
      if (state === undefined) continue
      from = Math.max(from, state.start)
      until = Math.min(until, state.end)
    }
    purse.from = from
    purse.until = until
    purse.windows = windows
  }

  #use(purse: Purse): void {
    if (purse.place >= 0) return
    purse.place = this.#used.add(purse)
    this.#moved.openUnsafe()
    this.#recorder().soon()
  }

  /** Settles what was spent from a purse, and gives back what is left of it. */
  #settle(purse: Purse): void {
    const { slots, state } = purse
    this.#used.remove(purse.place, purse)
    purse.place = -1
    purse.state = emptyPurse
    this.#unsettled = most(zero, minus(this.#unsettled, state.owed))
    const { at, count, left, owed } = state
    const reply = this.#ask({ _tag: "Settle", slots, held: plus(left, owed), owed }, at)
    if (count > 0) this.#note(slots, reply._tag === "Counted" ? reply.windows : [], at, "told", owed, count)
  }

  #note(
    slots: ReadonlyArray<number>,
    windows: ReadonlyArray<number>,
    now: number,
    by: Certainty,
    amount: NanoUsd,
    count: number
  ): void {
    const recorder = this.#recorder()
    for (let index = 0; index < slots.length; index++)
      recorder.note(slots[index] ?? -1, windows[index] ?? 0, now, by, amount, count)
  }

  /**
   * Is all that is reserved in these drawn, and within what anybody may reserve? Only then can what one request gives back
   * be handed to the next: what was carried over a window's end is not drawn in the new one, and what the privileged held
   * may be of what is kept for them.
   */
  #isAnybodys(slots: ReadonlyArray<number>, now: number): boolean {
    const book = this.#book
    if (isOver(book, slots, now)) return false
    for (const slot of slots) {
      const entry = book[slot]
      if (entry?.policy.hard === undefined) continue
      const { policy, state } = entry
      if (freeOf(state) < 0 || plus(spentOf(state), state.reserved) > limitOf(policy, false)) return false
    }
    return true
  }

  /** How much of what is drawn in all of these can be reserved by anybody. */
  #roomAhead(slots: ReadonlyArray<number>): NanoUsd {
    let room = mostNano
    for (const slot of slots) {
      const entry = this.#book[slot]
      if (entry?.policy.hard === undefined) continue
      room = least(room, least(roomOf(entry.policy, entry.state, false), freeOf(entry.state)))
    }
    return most(zero, room)
  }

  /** Half a block ahead, so that the next ones do not wait. */
  #drawAhead(slots: ReadonlyArray<number>): void {
    for (const slot of slots) {
      const entry = this.#book[slot]
      if (entry !== undefined && isLow(entry)) this.#recorder().want(slot, zero)
    }
  }
}

/** What became of a reservation: `short`, a block must be drawn first. */
export type Reserved = "held" | "short" | BudgetRefusal

const premium = { tier: "premium" } as const

/** Has the window of one of them ended, or not begun? */
const isOver = (book: BookState, slots: ReadonlyArray<number>, now: number): boolean => {
  for (const slot of slots) {
    const state = book[slot]?.state
    if (state !== undefined && (now < state.start || now >= state.end)) return true
  }
  return false
}

const isLow = ({ policy, state }: BudgetEntry): boolean =>
  freeOf(state) * 2 < blockOf(policy) &&
  (policy.hard === undefined || minus(minus(policy.hard, state.elsewhere), state.drawn) > 0)
