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
import type { BudgetPolicy, BudgetRefusal, BudgetScope, BudgetTier, Priority } from "../domain/Budget.ts"
import { type NanoUsd, zero } from "../domain/Money.ts"
import {
  bookEvents,
  type BookCommand,
  type BookEvent,
  type BookReply,
  type BookState,
  bookStep
} from "../machine/BudgetBook.ts"
import { forecast, roomOf, shareOf, spentOf } from "../machine/BudgetWindow.ts"
import { BudgetStore } from "./BudgetStore.ts"
import type { Lease } from "./Lease.ts"
import { Ledger } from "./Ledger.ts"
import { OpenLeases } from "./OpenLeases.ts"
import { Recorder, type Recording } from "./Recorder.ts"
import { type Desk, RequestLease } from "./RequestLease.ts"

/** What a request is, to the budgets. */
export interface LeaseRequest {
  readonly id: string
  /** `global` is added; those without a budget cost nothing. */
  readonly scopes: ReadonlyArray<BudgetScope>
  readonly priority: Priority
  /** What it will probably cost; it decides the tier. */
  readonly expected: NanoUsd
  /** No less than is expected, where that is sooner reckoned: mostly it shows that the tier does not depend on it. */
  readonly atMost?: NanoUsd
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
      request: Pick<LeaseRequest, "scopes" | "priority" | "expected" | "atMost">,
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
    const ledger: Ledger = new Ledger(actor, () => recorder, moved)
    const recorder: Recorder = new Recorder(store, owner, life, {
      state: actor.stateUnsafe,
      settleUp: () => ledger.settleUp(),
      drawn: ({ settled, slot, stay }, { total, unnoted }) => {
        ledger.record({ _tag: "Drawn", slots: [slot], stay, settled, unnoted, total }, clock.currentTimeMillisUnsafe())
      },
      turned: () => {
        moved.openUnsafe()
      },
      returned: (slot, amount) => {
        // in the window that the state is in, whatever the time: what is returned was read from it
        ledger.record({ _tag: "Return", slots: [slot], amount }, actor.stateUnsafe()[slot]?.state.start ?? 0)
      }
    })
    const leases = new OpenLeases(clock)
    /** By scope and why, which are as many as there were budgets. */
    const refusals = new Map<string, { -readonly [K in keyof RefusalCount]: RefusalCount[K] }>()

    const configure: Budgets["Service"]["configure"] = (next, scope) =>
      Effect.suspend(() => {
        const now = clock.currentTimeMillisUnsafe()
        const changed = ledger.configure(next, scope, () => leases.oldestBook(), now)
        // what others have spent is learned with the first block
        for (const slot of changed) recorder.want(slot, zero)
        const configured = new Set<string>(next.map((policy) => policy.scope))
        for (const [key, refused] of refusals)
          if (scope === undefined ? !configured.has(refused.scope) : refused.scope === scope && next.length === 0)
            refusals.delete(key)
        return changed.length > 0 ? Effect.asVoid(Effect.timeoutOption(recorder.recorded, patienceMillis)) : Effect.void
      })

    const count = ({ scope, why }: BudgetRefusal): void => {
      const key = `${why} ${scope}`
      const known = refusals.get(key)
      if (known === undefined) refusals.set(key, { scope, why, count: 1 })
      else known.count++
    }

    const desk: Desk = {
      ledger,
      clock,
      count,
      recording: () => recorder.recording,
      patienceMillis,
      drawn: (until) =>
        Effect.suspend(() =>
          Effect.map(
            Effect.timeoutOption(recorder.recorded, Math.max(0, until - clock.currentTimeMillisUnsafe())),
            Option.getOrElse(() => false)
          )
        )
    }

    const look: Budgets["Service"]["look"] = (request, now) => {
      const found = ledger.tier(ledger.purseOf(request.scopes), request, now)
      const lease = new RequestLease(desk, request, found.tier, now)
      lease.holdings.close("uncertain", now)
      return { lease, refusal: found.refusal }
    }

    const open: Budgets["Service"]["open"] = (request) => {
      const now = clock.currentTimeMillisUnsafe()
      const found = ledger.tier(ledger.purseOf(request.scopes), request, now)
      if (found.refusal !== undefined) {
        count(found.refusal)
        return Result.fail(found.refusal)
      }
      const lease = new RequestLease(desk, request, found.tier, now)
      return Result.succeed({ lease, close: leases.add(lease.deadline, lease.holdings, ledger.book) })
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
      ledger.allAt(now).map(({ active, id, policy, state }) => ({
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
      tier: (request, now) => ledger.tier(ledger.purseOf(request.scopes), request, now),
      share: (scopes, now) =>
        ledger
          .entriesAt(ledger.purseOf(scopes).slots, now)
          .reduce((least, { policy, state }) => Math.min(least, shareOf(policy, state, zero)), 1),
      report,
      configure,
      flush: recorder.recorded,
      recording: () => recorder.recording,
      isHard: () => actor.stateUnsafe().some(({ active, policy }) => active && policy.hard !== undefined),
      some: () => ledger.some,
      open,
      opened: () => leases.size,
      events: actor.events,
      moved,
      refused: () => [...refusals.values()]
    }
  })
