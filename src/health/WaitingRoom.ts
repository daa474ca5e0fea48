/**
 * Where requests wait that nobody has room for: bounded in number and in time, and fair (`machine/FairQueue`).
 *
 * When it is a request's turn and one of those it waits for has room, the room takes the slot on its behalf and hands
 * it over, so nobody can slip in between. Who is tried and cannot be let in claims what refused it (the model, or where
 * the account's limit did, the whole provider): nobody behind it gets any of that, be it as small as it may, so that a
 * large request is not starved by small ones. Requests that wait for others do not stand behind it.
 *
 * The room looks when there may be room (a call ended, a vendor told of more, limits changed), when somebody joins or
 * leaves, and at the earliest moment that a limit named; one fiber sleeps until that. Nothing is polled.
 *
 * Gotchas
 * - Newcomers must ask `mustWait` first: the limits themselves do not know who waits.
 * - What is handed over is given back when the scope closes, if it was not before.
 * - A caller that goes away leaves at once, also between the hand-over and its receipt.
 *
 * @module
 */
import { Clock, Context, Duration, Effect, Latch, Layer, Scope } from "effect"
import type { Stream } from "effect"
import * as Actor from "../actor/Actor.ts"
import type { Resilience } from "../config/Settings.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import {
  type FairCommand,
  type FairEvent,
  fairEvents,
  type FairReply,
  type FairState,
  fairStep,
  initialFair,
  inTurn,
  type Priority,
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
  /** Set while its fiber sleeps. */
  wake: (() => void) | undefined
}

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
  const join = (ticket: Ticket): boolean => {
    if (queue.askUnsafe({ _tag: "Join", waiter: ticket.waiter, capacity }, 0)._tag !== "Joined") return false
    tickets.set(ticket.waiter.id, ticket)
    for (const ref of ticket.request.refs) awaits(ref, 1)
    return true
  }
  const leave = (ticket: Ticket, as: "Serve" | "Leave", turn: Turn | undefined): void => {
    queue.askUnsafe({ _tag: as, waiter: ticket.waiter }, 0)
    tickets.delete(ticket.waiter.id)
    for (const ref of ticket.request.refs) awaits(ref, -1)
    ticket.turn = turn
    ticket.wake?.()
  }

  /** Those whose time is over go; the next one's end sets the alarm. */
  const expire = (now: number): void => {
    let next = Number.POSITIVE_INFINITY
    for (const ticket of tickets.values()) {
      if (ticket.until <= now) leave(ticket, "Leave", late)
      else next = Math.min(next, ticket.until)
    }
    alarm(next)
  }

  const isClaimed = (ref: ModelRef): boolean => claims.has(ref.provider) || claims.has(showModelRef(ref))
  const isAllClaimed = (): boolean => {
    for (const { ref } of awaited.values()) if (!isClaimed(ref)) return false
    return true
  }

  /** Takes for `ticket` what it waits for, if there is room that nobody before it claims. */
  const serve = (ticket: Ticket, now: number): boolean => {
    for (const ref of ticket.request.refs) {
      if (isClaimed(ref)) continue
      const taken = limits.take(ref, ticket.request.tokens, now)
      if (taken._tag === "Slot") {
        leave(ticket, "Serve", { _tag: "Room", ref, slot: taken })
        return true
      }
      claims.add(taken.key)
      // never now: a limit that errs must not keep the room awake
      if (taken.retryAt !== undefined) alarm(Math.max(taken.retryAt, now + 1))
    }
    return false
  }

  /** Lets in all there is room for, in their turn. Whenever somebody is, the order is another. */
  const admit = (now: number): void => {
    if (tickets.size === 0) return
    claims = new Set()
    let isServed = true
    while (isServed && tickets.size > 0) {
      isServed = false
      for (const id of inTurn(queue.stateUnsafe())) {
        const ticket = tickets.get(id)
        isServed = ticket !== undefined && serve(ticket, now)
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
      ticket.wake = () => resume(Effect.map(Effect.yieldNow, () => ticket.turn ?? late))
      if (ticket.turn !== undefined) ticket.wake()
    })

  /** The caller went away: its place, or what was taken for it, is free at once. */
  const abandon = (ticket: Ticket): void => {
    const now = clock.currentTimeMillisUnsafe()
    ticket.wake = undefined
    if (ticket.turn?._tag === "Room") ticket.turn.slot.giveBack(now)
    else if (ticket.turn === undefined) {
      leave(ticket, "Leave", late)
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
        const ticket: Ticket = { waiter, request, until, turn: undefined, wake: undefined }
        if (!join(ticket)) return Effect.succeed(full)
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
    mustWait: (ref) => tickets.size > 0 && (awaited.has(showModelRef(ref)) || isClaimed(ref)),
    waiting: () => tickets.size,
    waitingByCaller: () => waitingByCaller(queue.stateUnsafe()),
    configure: (next) => {
      capacity = next.queue.capacity
      patience = next.queue.patience
    },
    events: queue.events
  })
})
