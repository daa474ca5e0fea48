/**
 * Where requests wait that nobody has room for: bounded in number and in time, and fair (`machine/FairQueue`).
 *
 * When it is a request's turn and one of those it waits for has room, the room takes the slot on its behalf and hands
 * it over, so nobody can slip in between. Who is tried and cannot be let in claims what refused it (the model, or where
 * the account's limit did, the whole provider): nobody behind it gets any of that, be it as small as it may, so that a
 * large request is not starved by small ones. Requests that wait for others do not stand behind it.
 *
 * A claim lasts two seconds. Then those behind may be served with what it would have kept, and when one is, the claim has
 * had its turn: what it kept from them is put to its caller's account, whose next turn is later by that. Each further
 * claim of the same request lasts twice as long as the one before. So the small ones of others get in again and again
 * while it waits, and a request that waits long enough gets in whatever they do, as in the end its claim outlasts any
 * window. A claim that keeps nobody from anything that it could use costs nothing: the place is kept.
 *
 * The room looks when there may be room (a call ended, a vendor told of more, limits changed), when somebody joins or
 * leaves, and at the earliest moment that a limit named; one fiber sleeps until that. Nothing is polled.
 *
 * Gotchas
 * - Newcomers must ask `mustWait` first: the limits themselves do not know who waits.
 * - What is handed over is given back when the scope closes, if it was not before.
 * - A caller that goes away leaves at once, also between the hand-over and its receipt. A claim of its is put to its
 *   account like one that has had its turn: to leave and come back makes nobody the next.
 * - What callers got is forgotten when nobody has waited for a minute.
 *
 * @module
 */
import { Clock, Context, Duration, Effect, Latch, Layer, Scope } from "effect"
import type { Stream } from "effect"
import * as Actor from "../actor/Actor.ts"
import type { Resilience } from "../config/Settings.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import type { Priority } from "../domain/RequestContext.ts"
import {
  type FairCommand,
  type FairEvent,
  fairEvents,
  type FairReply,
  type FairState,
  fairStep,
  initialFair,
  inTurn,
  type Waiter,
  waitingByCaller
} from "../machine/FairQueue.ts"
import { RateLimits, type Slot } from "./RateLimits.ts"

export interface WaitRequest {
  /** Any of these will do; the first that has room is taken. */
  readonly refs: ReadonlyArray<ModelRef>
  /** What the call will use, estimated, in tokens. */
  readonly tokens: number
  /** The name of the client key. */
  readonly caller: string
  readonly priority: Priority
  /** No longer than this, in milliseconds since 1970; nor than the queue's patience. */
  readonly until: number
}

/** `Room`: its turn, and the slot that was taken for it. `Full`: too many wait. `Late`: the time was over. */
export type Turn =
  | { readonly _tag: "Room"; readonly ref: ModelRef; readonly slot: Slot }
  | { readonly _tag: "Full" }
  | { readonly _tag: "Late" }

/** The part of the settings that the room needs. */
export type WaitingRoomSettings = Pick<Resilience, "queue">

export class WaitingRoom extends Context.Service<
  WaitingRoom,
  {
    readonly wait: (request: WaitRequest) => Effect.Effect<Turn, never, Scope.Scope>
    /** Do others wait for it already? Then a newcomer waits behind them. */
    readonly mustWait: (ref: ModelRef) => boolean
    /** How many wait now. */
    readonly waiting: () => number
    /** How many wait now, by caller. */
    readonly waitingByCaller: () => ReadonlyMap<string, number>
    /** Bounds from now on; who waits already keeps its place and its time. */
    readonly configure: (settings: WaitingRoomSettings) => void
    readonly events: Stream.Stream<FairEvent>
  }
>()("switchyard/health/WaitingRoom") {
  static readonly layer = (settings: WaitingRoomSettings): Layer.Layer<WaitingRoom, never, RateLimits> =>
    Layer.effect(WaitingRoom, make(settings))
}

/** One that waits, and what came of it. */
interface Ticket {
  readonly waiter: Waiter
  readonly request: WaitRequest
  readonly until: number
  turn: Turn | undefined
  /** From its first refusal at its turn on, until somebody is served with what it waits for. */
  claim: Claim | undefined
  /** How long its next claim lasts, in milliseconds. */
  claimMillis: number
  /** Set while its fiber sleeps. */
  wake: (() => void) | undefined
}

interface Claim {
  readonly since: number
  readonly until: number
  /** What refused it: `provider` or `provider/model`. */
  readonly keys: ReadonlySet<string>
}

const firstClaimMillis = 2000
/** Limits are kept by the minute: a claim of so long keeps as much from others as its request is worth. */
const windowMillis = 60_000
const late: Turn = { _tag: "Late" }
const full: Turn = { _tag: "Full" }

const make = Effect.fnUntraced(function* (settings: WaitingRoomSettings) {
  const clock = yield* Clock.Clock
  const limits = yield* RateLimits
  const queue = yield* Actor.make<FairState, FairCommand, FairReply, FairEvent>({
    initial: initialFair,
    step: fairStep,
    events: fairEvents
  })
  const tickets = new Map<number, Ticket>()
  /** What is waited for and by how many, by `provider/model`. */
  const awaited = new Map<string, { readonly ref: ModelRef; readonly by: number }>()
  /** What those refused in the last round claim: `provider` or `provider/model`. */
  let claims = new Set<string>()
  /** Those with a claim of their own, be it over. */
  const claimants = new Set<Ticket>()
  /** When nobody waited any more. */
  let emptySince = 0
  let { capacity, patience } = settings.queue
  let lastId = 0

  // The alarm: one fiber that sleeps until `alarmAt`

  let alarmAt = Number.POSITIVE_INFINITY
  const sooner = Latch.makeUnsafe(false)
  const alarm = (at: number): void => {
    if (at >= alarmAt) return
    alarmAt = at
    sooner.openUnsafe()
  }
  const watch = Effect.suspend(() => {
    const now = clock.currentTimeMillisUnsafe()
    if (alarmAt <= now) {
      alarmAt = Number.POSITIVE_INFINITY
      expire(now)
      admit(now)
    }
    sooner.closeUnsafe()
    return alarmAt === Number.POSITIVE_INFINITY
      ? sooner.await
      : Effect.timeoutOrElse(sooner.await, { duration: Math.max(0, alarmAt - now), orElse: () => Effect.void })
  })

  // Who waits

  const awaits = (ref: ModelRef, more: 1 | -1): void => {
    const key = showModelRef(ref)
    const by = (awaited.get(key)?.by ?? 0) + more
    if (by > 0) awaited.set(key, { ref, by })
    else awaited.delete(key)
  }
  const join = (ticket: Ticket, now: number): boolean => {
    if (tickets.size === 0 && now >= emptySince + windowMillis) queue.askUnsafe({ _tag: "Forget" }, now)
    if (queue.askUnsafe({ _tag: "Join", waiter: ticket.waiter, capacity }, 0)._tag !== "Joined") return false
    tickets.set(ticket.waiter.id, ticket)
    for (const ref of ticket.request.refs) awaits(ref, 1)
    return true
  }
  /** What the others had to do without for its claim, in tokens. */
  const kept = ({ claim, request }: Ticket, now: number): number =>
    claim === undefined
      ? 0
      : Math.max(1, (request.tokens * (Math.min(now, claim.until) - claim.since)) / windowMillis || 0)
  const leave = (ticket: Ticket, turn: Turn | undefined, now: number): void => {
    const { waiter } = ticket
    queue.askUnsafe(
      turn?._tag === "Room"
        ? { _tag: "Serve", waiter, tokens: turn.slot.reserved }
        : { _tag: "Leave", waiter, tokens: kept(ticket, now) },
      now
    )
    tickets.delete(waiter.id)
    claimants.delete(ticket)
    if (tickets.size === 0) emptySince = now
    for (const ref of ticket.request.refs) awaits(ref, -1)
    ticket.turn = turn
    ticket.wake?.()
  }

  /** Those whose time is over go; the next one's end sets the alarm. */
  const expire = (now: number): void => {
    let next = Number.POSITIVE_INFINITY
    for (const ticket of tickets.values()) {
      if (ticket.until <= now) leave(ticket, late, now)
      else next = Math.min(next, ticket.until)
    }
    alarm(next)
  }

  const isOf = ({ keys }: Claim, ref: ModelRef): boolean => keys.has(ref.provider) || keys.has(showModelRef(ref))
  /** Does somebody wait for it, or for what it needs? Also one whose claim is over: it is to have the next. */
  const isWanted = (ref: ModelRef): boolean => {
    if (awaited.has(showModelRef(ref)) || isClaimed(ref)) return true
    for (const { claim } of claimants) if (claim !== undefined && isOf(claim, ref)) return true
    return false
  }
  const isClaimed = (ref: ModelRef): boolean => claims.has(ref.provider) || claims.has(showModelRef(ref))
  const isAllClaimed = (): boolean => {
    for (const { ref } of awaited.values()) if (!isClaimed(ref)) return false
    return true
  }

  /**
   * Somebody was served with what others claim. Those whose claim had lapsed, and who were tried before, have had their
   * turn: their next claim is longer. Those who come after have kept nothing from anybody: it was not their turn yet.
   */
  const passOver = (ref: ModelRef, lapsed: ReadonlySet<Ticket>, now: number): void => {
    for (const ticket of claimants) {
      const { claim, waiter } = ticket
      if (claim === undefined || !isOf(claim, ref)) continue
      if (lapsed.has(ticket)) {
        queue.askUnsafe({ _tag: "Pass", waiter, tokens: kept(ticket, now) }, now)
        ticket.claimMillis *= 2
      }
      ticket.claim = undefined
      claimants.delete(ticket)
    }
  }

  /** Takes for `ticket` what it waits for, if there is room that nobody before it claims. */
  const serve = (ticket: Ticket, lapsed: Set<Ticket>, now: number): boolean => {
    const keys = new Set<string>()
    for (const ref of ticket.request.refs) {
      if (isClaimed(ref) || keys.has(ref.provider)) continue
      const taken = limits.take(ref, ticket.request.tokens, now)
      if (taken._tag === "Slot") {
        leave(ticket, { _tag: "Room", ref, slot: taken }, now)
        passOver(ref, lapsed, now)
        return true
      }
      keys.add(taken.key)
      // never now: a limit that errs must not keep the room awake
      if (taken.retryAt !== undefined) alarm(Math.max(taken.retryAt, now + 1))
    }
    if (keys.size === 0) return false
    const { since, until } = ticket.claim ?? { since: now, until: now + ticket.claimMillis }
    ticket.claim = { since, until, keys }
    claimants.add(ticket)
    if (now < until) {
      for (const key of keys) claims.add(key)
      alarm(until)
    } else lapsed.add(ticket)
    return false
  }

  /** Lets in all there is room for, in their turn. Whenever somebody is, the order is another. */
  const admit = (now: number): void => {
    if (tickets.size === 0) return
    claims = new Set()
    let isServed = true
    while (isServed && tickets.size > 0) {
      isServed = false
      const lapsed = new Set<Ticket>()
      for (const id of inTurn(queue.stateUnsafe())) {
        const ticket = tickets.get(id)
        isServed = ticket !== undefined && serve(ticket, lapsed, now)
        if (isServed || isAllClaimed()) break
      }
    }
  }

  yield* Effect.acquireRelease(
    Effect.sync(() => limits.onFreed(admit)),
    (stop) => Effect.sync(stop)
  )
  yield* Effect.forkScoped(Effect.forever(watch))

  /** Resuming runs a fiber on the spot: the yield keeps what it does next out of the round that woke it. */
  const asleep = (ticket: Ticket): Effect.Effect<Turn> =>
    Effect.callback<Turn>((resume) => {
      const wake = () => resume(Effect.map(Effect.yieldNow, () => ticket.turn ?? late))
      ticket.wake = wake
      if (ticket.turn !== undefined) wake()
    })

  /** The caller went away: its place, or what was taken for it, is free at once. */
  const abandon = (ticket: Ticket): void => {
    const now = clock.currentTimeMillisUnsafe()
    ticket.wake = undefined
    if (ticket.turn?._tag === "Room") ticket.turn.slot.giveBack(now)
    else if (ticket.turn === undefined) {
      leave(ticket, late, now)
      // those behind it may want less than it did
      admit(now)
    }
  }

  const received = (turn: Turn): Effect.Effect<Turn, never, Scope.Scope> =>
    turn._tag === "Room"
      ? Effect.as(
          Effect.flatMap(Effect.scope, (scope) =>
            Scope.addFinalizer(
              scope,
              Effect.sync(() => turn.slot.release(clock.currentTimeMillisUnsafe()))
            )
          ),
          turn
        )
      : Effect.succeed(turn)

  const wait = (request: WaitRequest): Effect.Effect<Turn, never, Scope.Scope> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const now = clock.currentTimeMillisUnsafe()
        const until = Math.min(request.until, now + Duration.toMillis(patience))
        if (until <= now) return Effect.succeed(late)
        const waiter = { id: ++lastId, caller: request.caller, priority: request.priority }
        const ticket: Ticket = {
          waiter,
          request,
          until,
          turn: undefined,
          claim: undefined,
          claimMillis: firstClaimMillis,
          wake: undefined
        }
        if (!join(ticket, now)) return Effect.succeed(full)
        alarm(until)
        admit(now)
        if (ticket.turn !== undefined) return received(ticket.turn)
        return Effect.flatMap(
          Effect.onError(restore(asleep(ticket)), () => Effect.sync(() => abandon(ticket))),
          received
        )
      })
    )

  return WaitingRoom.of({
    wait,
    mustWait: (ref) => tickets.size > 0 && isWanted(ref),
    waiting: () => tickets.size,
    waitingByCaller: () => waitingByCaller(queue.stateUnsafe()),
    configure: (next) => {
      capacity = next.queue.capacity
      patience = next.queue.patience
    },
    events: queue.events
  })
})
