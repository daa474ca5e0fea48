/**
 * The budgets: what may still be spent, by whom, and on how good a model.
 *
 * The budget stage opens a lease in the request's Scope and learns the tier; each attempt reserves its worst case under
 * the lease, is sent, and is settled. A reservation is a synchronous step of a pure machine (`BudgetBook`) as long as
 * what was drawn from the store suffices; else it waits for the next block. The hot path writes nothing.
 *
 * Gotchas
 * - Never more than the hard limit is settled and reserved, unless a vendor bills more than the worst case that was held
 *   for it; that is counted as it is and told as an event (`Overrun`).
 * - With a store that does not answer, requests under a hard limit are served from what is drawn already and refused
 *   beyond it, after `patienceMillis`. Budgets that are only watched refuse nobody, ever.
 * - A budget's spending in other processes is known as of the last block that was drawn.
 * - A lease is closed within a second of its deadline.
 *
 * @module
 */
import { Clock, Context, Effect, Fiber, Latch, Layer, Option, Random, Result, Scope, type Stream } from "effect"
import * as Actor from "../actor/Actor.ts"
import {
  basisOf,
  type BudgetPolicy,
  type BudgetRefusal,
  type BudgetScope,
  type BudgetTier,
  type Priority
} from "../domain/Budget.ts"
import { minus, mostNano, nano, type NanoUsd, zero } from "../domain/Money.ts"
import {
  bookEvents,
  type BookCommand,
  type BookEvent,
  type BookReply,
  type BookState,
  bookStep,
  type BudgetEntry,
  isVacant
} from "../machine/BudgetBook.ts"
import { blockOf, forecast, freeOf, roomOf, shareOf, spentOf } from "../machine/BudgetWindow.ts"
import { lowestTier, tierAt } from "../machine/BudgetTier.ts"
import { BudgetStore } from "./BudgetStore.ts"
import { type Attempt, type Counter, type Hold, Holdings, type Lease } from "./Lease.ts"
import { OpenLeases } from "./OpenLeases.ts"
import { Recorder, type Recording } from "./Recorder.ts"
import { noSlots, ScopeSlots } from "./ScopeSlots.ts"

/** What a request is, to the budgets. */
export interface LeaseRequest {
  readonly id: string
  /** `global` is added; those without a budget cost nothing. */
  readonly scopes: ReadonlyArray<BudgetScope>
  readonly priority: Priority
  /** What it will probably cost; it decides the tier. */
  readonly expected: NanoUsd
  /** How long after its opening it expires. */
  readonly millis: number
}

/** One budget as it stands. */
export interface BudgetReport {
  readonly id: string
  readonly policy: BudgetPolicy
  readonly start: number
  readonly end: number
  /** Settled here and drawn elsewhere. */
  readonly spent: NanoUsd
  readonly reserved: NanoUsd
  /** What an ordinary request could still reserve. */
  readonly left: NanoUsd
  /** Of the limit, what is not spent: 1 all, 0 nothing. */
  readonly share: number
  /** By how much vendors billed more than was held. */
  readonly over: NanoUsd
  /** When the limit will be reached at the pace of late, if that is before `end`. */
  readonly runsOutAt: number | undefined
  /** It is not configured any more, and is told until its window ends. */
  readonly ended: boolean
}

/** How often a budget has refused something, by why. */
export interface RefusalCount {
  readonly scope: BudgetScope
  readonly why: BudgetRefusal["why"]
  readonly count: number
}

export interface BudgetsOptions {
  readonly policies: ReadonlyArray<BudgetPolicy>
  /** The name in which this process draws from the store: no two that run at once may have the same. */
  readonly owner: string
  /** How long a reservation waits for the store. Default 2,000. */
  readonly patienceMillis?: number
}

/** A lease, and how it ends: settles what is open, any number of times. */
export interface OpenedLease {
  readonly lease: Lease
  readonly close: () => void
}

export class Budgets extends Context.Service<
  Budgets,
  {
    /** Fails where nothing may be asked any more. Closing the Scope settles what is open. */
    readonly lease: (request: LeaseRequest) => Effect.Effect<Lease, BudgetRefusal, Scope.Scope>
    /** The same for who closes it without a Scope: in the step that gets it, who opened it must see to that. */
    readonly open: (request: LeaseRequest) => Result.Result<OpenedLease, BudgetRefusal>
    /** A lease to look at: what would happen under one. It holds nothing, and nothing can be reserved under it. */
    readonly look: (
      request: LeaseRequest,
      now: number
    ) => { readonly lease: Lease; readonly refusal: BudgetRefusal | undefined }
    /** The tier that a request would get now; `none` with why. */
    readonly tier: (
      request: Pick<LeaseRequest, "scopes" | "priority" | "expected">,
      now: number
    ) => { readonly tier: BudgetTier; readonly refusal?: BudgetRefusal }
    /** The smallest share that remains in these scopes, 0–1; 1 where none is limited. */
    readonly share: (scopes: ReadonlyArray<BudgetScope>, now: number) => number
    readonly report: (now: number) => ReadonlyArray<BudgetReport>
    /**
     * Other budgets from now on, or other ones of one scope; those of the same scope, window and zone keep what they have
     * counted. In force in its first step; what it waits for is what others have spent of new ones.
     */
    readonly configure: (policies: ReadonlyArray<BudgetPolicy>, scope?: BudgetScope) => Effect.Effect<void>
    /** Waits until all that was settled so far is in the store; `false`: the store failed. */
    readonly flush: Effect.Effect<boolean>
    /** Is it recorded what is spent? */
    readonly recording: () => Recording
    /** Has any of them a hard limit? */
    readonly isHard: () => boolean
    /** Is there any budget? */
    readonly some: () => boolean
    /** Leases that are open. */
    readonly opened: () => number
    readonly events: Stream.Stream<BookEvent>
    /** Opened by whatever changes a budget. For the one who watches them, who closes it again. */
    readonly moved: Latch.Latch
    /** How often a lease, a reservation, or by a look a candidate was refused since the start. */
    readonly refused: () => ReadonlyArray<RefusalCount>
  }
>()("switchyard/budget/Budgets") {
  static readonly layer = (options: BudgetsOptions): Layer.Layer<Budgets, never, BudgetStore> =>
    Layer.effect(Budgets, make(options))
}

const defaultPatienceMillis = 2000
/** At the end, what is left to record may take so long. */
const closeLimit = "5 seconds"

const make = ({
  owner,
  patienceMillis = defaultPatienceMillis,
  policies
}: BudgetsOptions): Effect.Effect<Budgets["Service"], never, BudgetStore | Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const store = yield* BudgetStore
    const actor = yield* Actor.make<BookState, BookCommand, BookReply, BookEvent>({
      initial: [],
      step: bookStep,
      events: bookEvents
    })
    const life = `${clock.currentTimeMillisUnsafe().toString(36)}-${(yield* Random.next).toString(36).slice(2)}`
    const moved = Latch.makeUnsafe(true)
    const recorder = new Recorder(store, owner, life, {
      state: actor.stateUnsafe,
      drawn: ({ settled, slot, stay }, { total, unnoted }) => {
        ask({ _tag: "Drawn", slots: [slot], stay, settled, unnoted, total }, clock.currentTimeMillisUnsafe())
      },
      turned: () => {
        moved.openUnsafe()
      },
      returned: (slot, amount) => {
        // in the window that the state is in, whatever the time: what is returned was read from it
        actor.askUnsafe({ _tag: "Return", slots: [slot], amount }, actor.stateUnsafe()[slot]?.state.start ?? 0)
      }
    })
    const bearers = new ScopeSlots()
    const leases = new OpenLeases(clock)
    /** By scope and why, which are as many as there were budgets. */
    const refusals = new Map<string, { -readonly [K in keyof RefusalCount]: RefusalCount[K] }>()
    /** Gives a command to the book, and tells the recorder whose window has ended by it. */
    const ask = (command: BookCommand & { readonly slots: ReadonlyArray<number> }, now: number): BookReply => {
      const before = actor.stateUnsafe()
      const reply = actor.askUnsafe(command, now)
      const after = actor.stateUnsafe()
      if (after !== before) {
        moved.openUnsafe()
        for (const slot of command.slots) {
          const old = before[slot]?.state
          if (old !== undefined && old.stay !== after[slot]?.state.stay) recorder.rolled(slot, old)
        }
      }
      return reply
    }

    /** The book in which a slot was given up, and the one in which it was given to another budget. */
    const givenUp = new Map<number, number>()
    const givenTo = new Map<number, number>()
    /** Slots that can be another budget's: no lease that may know them is open, and nothing is under way for them. */
    const vacantSlots = (book: BookState, now: number): ReadonlyArray<number> => {
      if (givenUp.size === 0) return noSlots
      const oldest = leases.oldestBook()
      return [...givenUp].flatMap(([slot, since]) => {
        const entry = book[slot]
        return entry !== undefined && oldest >= since && isVacant(entry, now) && !recorder.knows(slot) ? [slot] : []
      })
    }
    const configure: Budgets["Service"]["configure"] = (next, scope) =>
      Effect.suspend(() => {
        const now = clock.currentTimeMillisUnsafe()
        const before = actor.stateUnsafe()
        const vacant = vacantSlots(before, now)
        const command: BookCommand = { _tag: "Configure", policies: next, vacant }
        actor.askUnsafe(scope === undefined ? command : { ...command, scope }, now)
        const after = actor.stateUnsafe()
        if (after === before) return Effect.void
        bearers.take(after, scope)
        moved.openUnsafe()
        let isDrawn = false
        for (const [slot, entry] of after.entries()) {
          const old = before[slot]
          if (entry === old) continue
          if (old !== undefined && old.id !== entry.id) {
            recorder.vacated(slot, old)
            givenTo.set(slot, bearers.taken)
          }
          if (!entry.active) {
            givenUp.set(slot, bearers.taken)
            continue
          }
          givenUp.delete(slot)
          // what others have spent is learned with the first block
          recorder.want(slot, zero)
          isDrawn = true
        }
        const configured = new Set<string>(next.map(({ scope }) => scope))
        for (const [key, refused] of refusals)
          if (scope === undefined ? !configured.has(refused.scope) : refused.scope === scope && next.length === 0)
            refusals.delete(key)
        return isDrawn ? Effect.asVoid(Effect.timeoutOption(recorder.recorded, patienceMillis)) : Effect.void
      })

    const refusal = (slot: number, why: BudgetRefusal["why"], wanted: NanoUsd, left: NanoUsd = zero): BudgetRefusal => {
      const entry = actor.stateUnsafe()[slot]
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

    const isHard = (slot: number): boolean => actor.stateUnsafe()[slot]?.policy.hard !== undefined

    const count = ({ scope, why }: BudgetRefusal): void => {
      const key = `${why} ${scope}`
      const known = refusals.get(key)
      if (known === undefined) refusals.set(key, { scope, why, count: 1 })
      else known.count++
    }
    const refuse = (refused: BudgetRefusal): Effect.Effect<never, BudgetRefusal> => {
      count(refused)
      return Effect.fail(refused)
    }

    /** The book, those of `slots` whose window has ended rolled into the one of `now`. */
    const bookAt = (slots: ReadonlyArray<number>, now: number): BookState => {
      const book = actor.stateUnsafe()
      for (const slot of slots) {
        const state = book[slot]?.state
        if (state === undefined || (now >= state.start && now < state.end)) continue
        ask({ _tag: "Roll", slots }, now)
        return actor.stateUnsafe()
      }
      return book
    }
    const entriesAt = (slots: ReadonlyArray<number>, now: number): ReadonlyArray<BudgetEntry> => {
      const book = bookAt(slots, now)
      return slots.flatMap((slot) => book[slot] ?? [])
    }

    const tier: Budgets["Service"]["tier"] = ({ expected, priority, scopes }, now) => {
      let lowest: BudgetTier = "premium"
      const slots = bearers.of(scopes)
      const book = bookAt(slots, now)
      for (const slot of slots) {
        const entry = book[slot]
        if (entry === undefined) continue
        const { policy, state } = entry
        const share = shareOf(policy, state, expected)
        let one = tierAt(priority, share)
        // something is left, and a cheaper way than the expected one may fit into it
        if (one === "none" && share <= 0 && tierAt(priority, shareOf(policy, state, zero)) !== "none")
          one = priority === "critical" ? "premium" : "economy"
        if (one === "none") {
          if (policy.hard !== undefined) {
            const why = shareOf(policy, state, zero) > 0 ? "priority" : "exhausted"
            return {
              tier: "none",
              refusal: refusal(slot, why, expected, roomOf(policy, state, priority === "critical"))
            }
          }
          // who is only watched is not refused
          one = "economy"
        }
        if (policy.soft !== undefined && spentOf(state) >= policy.soft && priority !== "critical") one = "economy"
        lowest = lowestTier(lowest, one)
      }
      return { tier: lowest }
    }

    const counter: Counter = {
      settle: (slots, held, owed, by, now) => {
        const reply = ask({ _tag: "Settle", slots, held, owed }, now)
        const windows = reply._tag === "Counted" ? reply.windows : []
        for (const [index, slot] of slots.entries()) recorder.note(slot, windows[index] ?? 0, now, by, owed, 1)
        return windows
      },
      correct: (known, counted, { before, by, owed, was }, now) => {
        // news may be later than the budget's end, and its slot another's since
        const found = bearers.foundIn(known)
        const isIts = (slot: number): boolean => (givenTo.get(slot) ?? 0) <= found
        const slots = givenTo.size === 0 ? known : known.filter(isIts)
        const windows = slots === known ? counted : counted.filter((_, index) => isIts(known[index] ?? -1))
        ask({ _tag: "Correct", slots, windows, before, owed }, now)
        const book = actor.stateUnsafe()
        for (const [index, slot] of slots.entries()) {
          const window = windows[index] ?? 0
          recorder.note(slot, window, now, was, nano(-before), -1)
          recorder.note(slot, window, now, by, owed, 1)
          if (book[slot]?.state.start !== window) recorder.unneeded(slot, window, minus(before, owed))
        }
      }
    }

    /** One try to reserve: the attempt, a refusal, or nothing where a block must be drawn first. */
    const tryReserve = (
      lease: { readonly priority: Priority; readonly holdings: Holdings },
      slots: ReadonlyArray<number>,
      { isUnpriced = false, retry = false, worst }: Hold
    ): Attempt | BudgetRefusal | undefined => {
      const unbound = isUnpriced ? slots.find(isHard) : undefined
      if (unbound !== undefined) return refusal(unbound, "unpriced", mostNano)
      if (lease.holdings.closed) return refusal(slots[0] ?? -1, "closed", worst)
      const privileged = retry || lease.priority === "critical"
      const reply = ask({ _tag: "Reserve", slots, amount: worst, privileged }, clock.currentTimeMillisUnsafe())
      if (reply._tag === "Refused") return refusal(reply.slot, reply.why, worst, reply.left)
      if (reply._tag === "Short") {
        for (const { by, slot } of reply.shorts) recorder.want(slot, by)
        return undefined
      }
      const book = actor.stateUnsafe()
      for (const slot of slots) {
        const entry = book[slot]
        // half a block ahead, so that the next ones do not wait
        if (entry !== undefined && isLow(entry)) recorder.want(slot, zero)
      }
      return lease.holdings.add(slots, worst)
    }

    const reserve = (
      lease: { readonly priority: Priority; readonly holdings: Holdings },
      slots: ReadonlyArray<number>,
      hold: Hold
    ): Effect.Effect<Attempt, BudgetRefusal> =>
      Effect.suspend(() => {
        const first = tryReserve(lease, slots, hold)
        if (first !== undefined) return "_tag" in first ? refuse(first) : Effect.succeed(first)
        const until = clock.currentTimeMillisUnsafe() + patienceMillis
        const unrecorded = () =>
          refuse(refusal(slots[0] ?? -1, recorder.recording === "superseded" ? "superseded" : "unrecorded", hold.worst))
        const again: Effect.Effect<Attempt, BudgetRefusal> = Effect.suspend(() =>
          Effect.flatMap(
            // only the wait has an end: what was reserved is always handed over
            Effect.timeoutOption(recorder.recorded, Math.max(0, until - clock.currentTimeMillisUnsafe())),
            (recorded) => {
              if (Option.isNone(recorded) || !recorded.value) return unrecorded()
              const next = tryReserve(lease, slots, hold)
              if (next === undefined) return again
              return "_tag" in next ? refuse(next) : Effect.succeed(next)
            }
          )
        )
        return again
      })

    /** Why a reservation would be refused now. */
    const refuses = (
      slots: ReadonlyArray<number>,
      { isUnpriced = false, retry = false, worst }: Hold,
      priority: Priority,
      now: number
    ): BudgetRefusal | undefined => {
      const privileged = retry || priority === "critical"
      const book = bookAt(slots, now)
      for (const slot of slots) {
        const entry = book[slot]
        if (entry?.policy.hard === undefined) continue
        if (isUnpriced) return refusal(slot, "unpriced", mostNano)
        const left = roomOf(entry.policy, entry.state, privileged)
        if (worst <= left) continue
        const kept = !privileged && worst <= roomOf(entry.policy, entry.state, true)
        return refusal(slot, kept ? "kept" : "exhausted", worst, left)
      }
      return undefined
    }

    const leaseOf = (
      { id, millis, priority, scopes }: LeaseRequest,
      tier: BudgetTier,
      holdings: Holdings,
      now: number
    ): Lease => {
      /** Those that were asked for last, most often one candidate's for all that is asked of it. */
      let last: ReadonlyArray<BudgetScope> | undefined
      let slots: ReadonlyArray<number> = noSlots
      const slotsWith = (further: ReadonlyArray<BudgetScope>): ReadonlyArray<number> => {
        if (further === last) return slots
        last = further
        return (slots = bearers.of(scopes, further))
      }
      return {
        id,
        scopes,
        priority,
        tier,
        deadline: now + millis,
        reserve: (hold) => reserve({ priority, holdings }, slotsWith(hold.scopes), hold),
        turnedAway: count,
        refuses: (hold, then) => refuses(slotsWith(hold.scopes), hold, priority, then),
        isHard: (further) => slotsWith(further).some(isHard),
        spent: () => holdings.spent
      }
    }

    const look: Budgets["Service"]["look"] = (request, now) => {
      const found = tier(request, now)
      const holdings = new Holdings(counter)
      holdings.close("uncertain", now)
      return { lease: leaseOf(request, found.tier, holdings, now), refusal: found.refusal }
    }

    const open: Budgets["Service"]["open"] = (request) => {
      const now = clock.currentTimeMillisUnsafe()
      const found = tier(request, now)
      if (found.refusal !== undefined) {
        count(found.refusal)
        return Result.fail(found.refusal)
      }
      const holdings = new Holdings(counter)
      const close = leases.add(now + request.millis, holdings, bearers.taken)
      return Result.succeed({ lease: leaseOf(request, found.tier, holdings, now), close })
    }

    const lease: Budgets["Service"]["lease"] = (request) =>
      // not `acquireRelease`, which copies the whole context; opened where its end is already seen to
      Effect.flatMap(Effect.scope, (scope) =>
        Effect.suspend(() => {
          let close: (() => void) | undefined
          const closing = Effect.sync(() => close?.())
          return Effect.andThen(
            Scope.addFinalizer(scope, closing),
            Effect.suspend(() => {
              const opened = open(request)
              if (Result.isFailure(opened)) return Effect.fail(opened.failure)
              close = opened.success.close
              return Effect.succeed(opened.success.lease)
            })
          )
        })
      )

    const report: Budgets["Service"]["report"] = (now) =>
      entriesAt(
        // those that have ended are not rolled: they are history
        actor.stateUnsafe().flatMap((entry, slot) => (entry.active || !isVacant(entry, now) ? [slot] : [])),
        now
      ).map(({ active, id, policy, state }) => ({
        id,
        policy,
        start: state.start,
        end: state.end,
        spent: spentOf(state),
        reserved: state.reserved,
        left: roomOf(policy, state, false),
        share: shareOf(policy, state, zero),
        over: state.over,
        runsOutAt: active ? forecast(policy, state, now) : undefined,
        ended: !active
      }))

    yield* Effect.addFinalizer(() =>
      // a fiber of its own: the finalizer cannot be interrupted, so a limit could not end it
      Effect.flatMap(
        Effect.forkDetach(
          Effect.suspend(() => {
            const now = clock.currentTimeMillisUnsafe()
            leases.closeAll(now)
            return Effect.timeoutOption(recorder.close, closeLimit)
          }),
          { startImmediately: true }
        ),
        (fiber) => Effect.asVoid(Fiber.await(fiber))
      )
    )
    yield* Effect.forkScoped(recorder.run)
    yield* Effect.forkScoped(leases.sweeping)
    yield* configure(policies)

    return {
      lease,
      look,
      tier,
      share: (scopes, now) =>
        entriesAt(bearers.of(scopes), now).reduce(
          (least, { policy, state }) => Math.min(least, shareOf(policy, state, zero)),
          1
        ),
      report,
      configure,
      flush: recorder.recorded,
      recording: () => recorder.recording,
      isHard: () => actor.stateUnsafe().some(({ active, policy }) => active && policy.hard !== undefined),
      some: () => bearers.some,
      open,
      opened: () => leases.size,
      events: actor.events,
      moved,
      refused: () => [...refusals.values()]
    }
  })

const isLow = ({ policy, state }: BudgetEntry): boolean =>
  freeOf(state) * 2 < blockOf(policy) &&
  (policy.hard === undefined || minus(minus(policy.hard, state.elsewhere), state.drawn) > 0)
