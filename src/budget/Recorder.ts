/**
 * Keeps the store ahead of use: draws blocks before they are spent from, and writes the journal behind.
 *
 * What is to be written is noted synchronously. One fiber sends it in batches: at once where somebody waits for a block
 * or a window has ended, and every few seconds where there is only the journal to write. A batch that may or may not
 * have taken effect is sent again as it was until that is known; whoever waited for it is told meanwhile that it failed.
 *
 * Gotchas
 * - In a batch, what is noted comes before what is returned, and that before what is drawn, so that what comes free in
 *   one batch can be drawn in the same one.
 * - A batch has no more steps than a slow store takes within the limit: what has gathered while it was away goes in
 *   several, and who waits is answered by the last of them.
 *
 * @module
 */
import { Clock, Deferred, Effect, Latch, Semaphore } from "effect"
import { minus, mostNano, type NanoUsd, nano, plus, zero } from "../domain/Money.ts"
import type { BookState, BudgetEntry } from "../machine/BudgetBook.ts"
import { type BudgetState, excessOf, freeOf, wantedOf } from "../machine/BudgetWindow.ts"
import { certainties, type Certainty } from "../machine/Reservation.ts"
import {
  type Batch,
  type BudgetStoreError,
  type BudgetStoreShape,
  type Drawn,
  hourOf,
  type StoreStep,
  tooSlow
} from "./StoreContract.ts"

/** What the recorder has to do with the budgets. */
export interface Book {
  readonly state: () => BookState
  /** Notes whatever was spent and is not noted yet, and gives back what was set aside. */
  readonly settleUp: () => void
  /** A block was recorded for a budget, as it was when the block was asked for. */
  readonly drawn: (asked: Asked, drawn: Drawn) => void
  /** So much of what is free in a budget will be returned: it is not to be used any more. */
  readonly returned: (slot: number, amount: NanoUsd) => void
  /** Whether it can be recorded what is spent has become another matter. */
  readonly turned: () => void
}

/** Is it recorded what is spent? `superseded`: no more, as another process has opened the same name. */
export type Recording = "working" | "failing" | "superseded"

/** The journal is written at least so often. */
const journalEvery = "5 seconds"
/** One batch may take so long before it counts as failed. */
const commitLimit = "5 seconds"
/** What was drawn so long ago and is free is more than anybody waits for. */
const unusedMillis = 4000
/** SQLite takes some ten thousand a second. */
const mostSteps = 4000
const firstPauseMillis = 100
const longestPauseMillis = 10_000
/** Old windows are remembered for so many of their lengths, and for a month at least: clocks may jump ahead and back. */
const rememberedWindows = 400
const rememberedMillis = 31 * 86_400_000

/** What was settled of one budget in one window and hour, by certainty. */
interface Tally {
  readonly window: number
  readonly hour: number
  readonly amounts: Array<number>
  readonly counts: Array<number>
}

/** A budget when a block was asked for. */
export interface Asked {
  readonly slot: number
  readonly window: number
  readonly stay: number
  /** All of it is noted in the same batch, or was before. */
  readonly settled: NanoUsd
}

interface Sent {
  readonly batch: Batch
  /** Whose blocks the `Draw` steps are, in order. */
  readonly draws: ReadonlyArray<Asked>
  /** Is nothing left for another batch? */
  readonly whole: boolean
}

export class Recorder {
  readonly #store: BudgetStoreShape
  readonly #owner: string
  readonly #life: string
  readonly #book: Book
  readonly #tallies = new Map<number, Tally>()
  readonly #notes: Array<StoreStep> = []
  readonly #returns: Array<StoreStep> = []
  /** By how much reservations were short of each budget's blocks. */
  readonly #wants = new Map<number, NanoUsd>()
  #waiters: Array<Deferred.Deferred<boolean>> = []
  /** Budgets of which much was drawn that may not be used, as who wanted it may be gone; and when. */
  readonly #ahead = new Map<number, number>()
  #sent: Sent | undefined
  #number = 0
  #opened = false
  #failing = false
  #fenced = false
  readonly #some = Latch.makeUnsafe(false)
  readonly #urgent = Latch.makeUnsafe(false)
  readonly #turn = Semaphore.makeUnsafe(1)

  constructor(store: BudgetStoreShape, owner: string, life: string, book: Book) {
    this.#store = store
    this.#owner = owner
    this.#life = life
    this.#book = book
  }

  get recording(): Recording {
    return this.#fenced ? "superseded" : this.#failing ? "failing" : "working"
  }

  /** Notes what was settled, or what a settlement was wrong by. */
  note(slot: number, window: number, now: number, by: Certainty, amount: NanoUsd, count: number): void {
    const hour = hourOf(now)
    let tally = this.#tallies.get(slot)
    if (tally !== undefined && (tally.window !== window || tally.hour !== hour)) {
      this.#closeTally(slot)
      tally = undefined
    }
    if (tally === undefined) {
      tally = { window, hour, amounts: [0, 0, 0, 0], counts: [0, 0, 0, 0] }
      this.#tallies.set(slot, tally)
    }
    const at = certainties.indexOf(by)
    const sum = (tally.amounts[at] ?? 0) + amount
    tally.amounts[at] = sum
    tally.counts[at] = (tally.counts[at] ?? 0) + count
    this.#some.openUnsafe()
  }

  /** There is something to settle up before long. */
  soon(): void {
    this.#some.openUnsafe()
  }

  /** A settlement of a window that is over was too high: what it was too high by is not held for it any longer. */
  unneeded(slot: number, window: number, amount: NanoUsd): void {
    const budget = this.#book.state()[slot]?.id
    if (budget === undefined || amount <= 0) return
    this.#returns.push({ _tag: "Return", budget, window, amount })
    this.#some.openUnsafe()
  }

  /** A budget's window has ended: what was drawn and not settled in it is not needed there any more. */
  rolled(slot: number, old: BudgetState): void {
    const entry = this.#book.state()[slot]
    if (entry === undefined) return
    this.unneeded(slot, old.start, minus(old.drawn, old.settled))
    const { end, start } = entry.state
    const oldest = start - Math.max(rememberedMillis, rememberedWindows * (end - start))
    this.#returns.push({ _tag: "Forget", budget: entry.id, window: oldest })
    this.want(slot, zero)
  }

  /** Is anything asked or noted under this slot that is not sent or answered yet? */
  knows(slot: number): boolean {
    return this.#wants.has(slot) || this.#sent?.draws.some((asked) => asked.slot === slot) === true
  }

  /** A budget has lost its slot: what was noted of it goes in its own name, and what is free goes back. */
  vacated(slot: number, { id, state }: BudgetEntry): void {
    this.#closeTally(slot, id)
    const amount = freeOf(state)
    if (amount <= 0) return
    this.#returns.push({ _tag: "Return", budget: id, window: state.start, amount })
    this.#some.openUnsafe()
  }

  /** A block is to be drawn, and so much more than is free besides. */
  want(slot: number, short: NanoUsd): void {
    this.#wants.set(slot, plus(this.#wants.get(slot) ?? zero, short))
    this.#some.openUnsafe()
    this.#urgent.openUnsafe()
  }

  /** Waits until all that is wanted and noted now is recorded; `false`: the store failed. */
  readonly recorded: Effect.Effect<boolean> = Effect.suspend(() => {
    if (this.#fenced) return Effect.succeed(false)
    const waiter = Deferred.makeUnsafe<boolean>()
    this.#waiters.push(waiter)
    this.#some.openUnsafe()
    this.#urgent.openUnsafe()
    return Deferred.await(waiter)
  })

  /** Records until it is interrupted. */
  readonly run: Effect.Effect<void> = Effect.suspend(() => {
    let pauseMillis = firstPauseMillis
    const once = Effect.suspend(() => {
      if (this.#fenced) return Effect.never
      return this.#some.await.pipe(
        Effect.andThen(Effect.timeoutOption(this.#urgent.await, journalEvery)),
        Effect.andThen(this.cycle),
        Effect.flatMap((error) => {
          if (error === undefined) {
            pauseMillis = firstPauseMillis
            return Effect.void
          }
          const pause = pauseMillis
          pauseMillis = Math.min(pauseMillis * 2, longestPauseMillis)
          return Effect.map(Effect.sleep(pause), () => {
            this.#some.openUnsafe()
            this.#urgent.openUnsafe()
          })
        })
      )
    })
    return Effect.forever(once)
  })

  /** Sends what there is, once; the error where it may not have taken effect. */
  readonly cycle: Effect.Effect<BudgetStoreError | undefined> = Effect.suspend(() =>
    Effect.gen({ self: this }, function* () {
      this.#book.settleUp()
      this.#some.closeUnsafe()
      this.#urgent.closeUnsafe()
      // those who come while a batch is sent again are answered by the next one
      const resent = this.#sent !== undefined
      const clock = yield* Clock.Clock
      const sent = (this.#sent ??= this.#gather(clock.currentTimeMillisUnsafe()))
      const waiters = resent || !sent.whole ? [] : this.#waiters.splice(0)
      const answer = (ok: boolean) => {
        for (const waiter of waiters) Deferred.doneUnsafe(waiter, Effect.succeed(ok))
      }
      const result = yield* this.#send(sent).pipe(
        Effect.result,
        Effect.onInterrupt(() => Effect.sync(() => answer(false)))
      )
      if (result._tag === "Failure") {
        answer(false)
        if (resent || !sent.whole)
          for (const waiter of this.#waiters.splice(0)) Deferred.doneUnsafe(waiter, Effect.succeed(false))
        yield* this.#failed(result.failure)
        return result.failure
      }
      this.#sent = undefined
      this.#number = sent.batch.number
      this.#apply(sent, result.success, clock.currentTimeMillisUnsafe())
      answer(true)
      if (!sent.whole || this.#waiters.length > 0 || this.#wants.size > 0) {
        this.#some.openUnsafe()
        this.#urgent.openUnsafe()
      }
      if (this.#notes.length + this.#returns.length + this.#tallies.size + this.#ahead.size > 0) this.#some.openUnsafe()
      if (this.#failing) {
        this.#failing = false
        this.#book.turned()
        yield* Effect.logInfo("what budgets have spent is recorded again")
      }
      return undefined
    })
  ).pipe((cycle) => this.#turn.withPermits(1)(cycle))

  /** Writes what is left, once no more will come, and returns what nobody needs. */
  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    this.#wants.clear()
    // a batch that was under way comes first: it may have drawn something yet
    const underWay = this.#sent === undefined ? Effect.void : Effect.asVoid(this.cycle)
    return Effect.andThen(
      underWay,
      Effect.suspend(() => {
        this.#book.settleUp()
        this.#wants.clear()
        for (const [slot, { state }] of this.#book.state().entries()) this.unneeded(slot, state.start, freeOf(state))
        const rest: Effect.Effect<void> = Effect.flatMap(this.cycle, (error) =>
          error === undefined && this.#notes.length + this.#returns.length > 0 ? rest : Effect.void
        )
        return rest
      })
    )
  })

  readonly #send = ({ batch }: Sent): Effect.Effect<ReadonlyArray<Drawn>, BudgetStoreError> =>
    Effect.suspend(() => {
      const commit = batch.steps.length === 0 ? Effect.succeed([]) : this.#store.commit(batch)
      const open = this.#opened
        ? Effect.void
        : Effect.clockWith((clock) =>
            Effect.map(this.#store.open(this.#owner, this.#life, clock.currentTimeMillisUnsafe()), () => {
              this.#opened = true
            })
          )
      return Effect.andThen(open, commit)
    }).pipe(Effect.timeoutOrElse({ duration: commitLimit, orElse: () => Effect.fail(tooSlow()) }))

  #gather(now: number): Sent {
    for (const slot of this.#tallies.keys()) {
      this.#closeTally(slot)
      this.#giveBack(slot)
    }
    for (const [slot, since] of this.#ahead) {
      // who waited for it has it by then
      if (Math.abs(now - since) < unusedMillis) continue
      this.#ahead.delete(slot)
      this.#giveBack(slot)
    }
    const book = this.#book.state()
    const draws: Array<Asked> = []
    const drawing: Array<StoreStep> = []
    // what is drawn is reckoned with all that was noted
    const steps = this.#notes.splice(0, mostSteps)
    steps.push(...this.#returns.splice(0, mostSteps - steps.length))
    const isAllNoted = this.#notes.length + this.#returns.length === 0
    for (const [slot, short] of this.#wants) {
      if (!isAllNoted || steps.length + drawing.length >= mostSteps) break
      this.#wants.delete(slot)
      const entry = book[slot]
      if (entry === undefined) continue
      const { id, policy, state } = entry
      const amount = wantedOf(policy, state, short)
      drawing.push({ _tag: "Draw", budget: id, window: state.start, amount, limit: policy.hard ?? mostNano })
      draws.push({ slot, window: state.start, stay: state.stay, settled: state.settled })
    }
    steps.push(...drawing)
    // an empty batch is not sent, and has no number of its own
    const number = steps.length === 0 ? this.#number : this.#number + 1
    const whole = isAllNoted && this.#wants.size === 0
    return { batch: { owner: this.#owner, life: this.#life, number, steps }, draws, whole }
  }

  /** What is drawn far ahead of use goes back, so that a crash would not lose it. */
  #giveBack(slot: number): void {
    const entry = this.#book.state()[slot]
    if (entry === undefined || this.#wants.has(slot)) return
    const amount = excessOf(entry.policy, entry.state)
    if (amount <= 0) return
    this.#book.returned(slot, amount)
    this.unneeded(slot, entry.state.start, amount)
  }

  #apply({ draws }: Sent, replies: ReadonlyArray<Drawn>, now: number): void {
    for (const [index, asked] of draws.entries()) {
      const reply = replies[index]
      if (reply === undefined) continue
      this.#book.drawn(asked, reply)
      // its window was left meanwhile, if only to be entered again
      if (this.#book.state()[asked.slot]?.state.stay !== asked.stay)
        this.unneeded(asked.slot, asked.window, reply.granted)
      const entry = this.#book.state()[asked.slot]
      if (entry !== undefined && excessOf(entry.policy, entry.state) > 0) this.#ahead.set(asked.slot, now)
    }
  }

  #closeTally(slot: number, budget: string | undefined = this.#book.state()[slot]?.id): void {
    const tally = this.#tallies.get(slot)
    this.#tallies.delete(slot)
    if (tally === undefined || budget === undefined) return
    const { hour, window } = tally
    for (const [at, certainty] of certainties.entries()) {
      const count = tally.counts[at] ?? 0
      const amount = nano(tally.amounts[at] ?? 0)
      if (count !== 0 || amount !== 0)
        this.#notes.push({ _tag: "Note", budget, window, hour, certainty, amount, count })
    }
  }

  #failed({ message, why }: BudgetStoreError): Effect.Effect<void> {
    if (why === "superseded") {
      this.#fenced = true
      this.#book.turned()
      return Effect.logError(`budgets cannot be recorded: ${message}. Give each replica an owner's name of its own`)
    }
    if (this.#failing) return Effect.void
    this.#failing = true
    this.#book.turned()
    return Effect.logError(
      `what budgets spend cannot be recorded: ${message}. What was recorded before may still be spent; beyond it, ` +
        `requests under a hard limit are refused until it can be recorded again, which is tried by itself`
    )
  }
}
