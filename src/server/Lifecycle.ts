/**
 * From ready to gone: which requests run, and how they come to an end when the gateway must stop.
 *
 * A drain turns new requests away (503), gives those that run their time, then ends what is left: each running request
 * has said how it is to be stopped (a live answer with its dialect's error event, any other with a 503).
 *
 * Gotcha: a fiber that is already interrupted can neither wait nor write. `drain` therefore does its waiting in a fiber
 * of its own and may be called from a finalizer; it must run before the scope of the server closes.
 *
 * @module
 */
import { Context, Duration, Effect, Fiber, Latch, Layer } from "effect"
import { Roster } from "../actor/Roster.ts"

export class Lifecycle extends Context.Service<
  Lifecycle,
  {
    readonly isDraining: () => boolean
    /** How many requests run. */
    readonly running: () => number
    /** A request begins; `stop` ends it at once. Gives what to call when it has ended. */
    readonly enter: (stop: () => void) => () => void
    /** Turns new requests away, waits for the running ones for `grace` at most, then stops them. */
    readonly drain: (grace: Duration.Duration) => Effect.Effect<void>
  }
>()("switchyard/server/Lifecycle") {
  static readonly layer: Layer.Layer<Lifecycle> = Layer.sync(Lifecycle, () => make())
}

/** How long requests that were stopped have for their last words. */
const lastWords = Duration.seconds(2)

const make = (): Context.Service.Shape<typeof Lifecycle> => {
  const requests = new Roster<() => void>()
  const idle = Latch.makeUnsafe(false)
  let draining = false

  const drain = (grace: Duration.Duration) =>
    Effect.gen(function* () {
      draining = true
      if (requests.size === 0) return
      yield* Effect.timeoutOption(idle.await, grace)
      // a request that is stopped leaves the set, which iterating over a roster allows
      for (const stop of requests) stop()
      if (requests.size > 0) yield* Effect.timeoutOption(idle.await, lastWords)
    })

  return {
    isDraining: () => draining,
    running: () => requests.size,
    enter: (stop) => {
      // a wrapper, since two requests may be stopped by the same function
      const entry = () => stop()
      const place = requests.add(entry)
      return () => {
        requests.remove(place, entry)
        if (draining && requests.size === 0) idle.openUnsafe()
      }
    },
    drain: (grace) =>
      Effect.flatMap(Effect.forkDetach(drain(grace), { startImmediately: true }), (fiber) =>
        Effect.asVoid(Fiber.await(fiber))
      )
  }
}
