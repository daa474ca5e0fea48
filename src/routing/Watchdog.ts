/**
 * Time limits for many waits at once, at the cost of one timer.
 *
 * `Effect.timeout` forks two fibers and sets a timer a wait, which for a stream is once a network read: 3.4 µs measured.
 * A watchdog keeps the moments at which waits are over in a roster, and one fiber sleeps until the earliest: 1 µs.
 *
 * Like `Effect.timeoutOrElse`, `within` waits until what was late has been interrupted. Time is the Clock's monotonic
 * one, so a clock that is set neither ends waits nor prolongs them.
 *
 * @module
 */
import { Clock, Effect, Fiber, Latch, type Scope } from "effect"
import { Roster } from "../actor/Roster.ts"

export interface Watchdog {
  /** Runs `effect`; when it has not ended after `millis` milliseconds it is interrupted and `onLate` takes its place. */
  readonly within: <A, E, R, A2, E2, R2>(
    effect: Effect.Effect<A, E, R>,
    millis: number,
    onLate: () => Effect.Effect<A2, E2, R2>
  ) => Effect.Effect<A | A2, E | E2, R | R2>
}

interface Wait {
  /** Among the waits. */
  place: number
  /** On the monotonic clock, in milliseconds. */
  readonly until: number
  readonly expire: () => void
}

/** A watchdog whose fiber ends with the scope. */
export const make: Effect.Effect<Watchdog, never, Scope.Scope> = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const time = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  const waits = new Roster<Wait>()
  /** When the fiber wakes; a wait that is over earlier wakes it at once. */
  let target = Number.POSITIVE_INFINITY
  const sooner = Latch.makeUnsafe(false)

  const watch = Effect.suspend(() => {
    sooner.closeUnsafe()
    const now = time()
    target = Number.POSITIVE_INFINITY
    for (const wait of waits) {
      if (wait.until <= now) {
        waits.remove(wait.place, wait)
        wait.expire()
      } else if (wait.until < target) target = wait.until
    }
    return target === Number.POSITIVE_INFINITY
      ? sooner.await
      : Effect.raceFirst(sooner.await, Effect.sleep(Math.ceil(target - now)))
  })
  yield* Effect.forkScoped(Effect.forever(watch))

  const within: Watchdog["within"] = (effect, millis, onLate) =>
    Effect.contextWith((context) =>
      Effect.callback((resume) => {
        const fiber = Effect.runForkWith(context)(effect)
        let late = false
        const wait: Wait = {
          place: -1,
          until: time() + millis,
          expire: () => {
            late = true
            fiber.interruptUnsafe()
          }
        }
        wait.place = waits.add(wait)
        if (wait.until < target) {
          target = wait.until
          sooner.openUnsafe()
        }
        fiber.addObserver((exit) => {
          waits.remove(wait.place, wait)
          resume(late ? onLate() : exit)
        })
        return Effect.suspend(() => {
          waits.remove(wait.place, wait)
          return Fiber.interrupt(fiber)
        })
      })
    )
  return { within }
})
