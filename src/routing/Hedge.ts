/**
 * Two attempts at one thing, the second begun when the first is slow: the first answer counts, the other is cancelled.
 *
 * Source of the idea: J. Dean and L. A. Barroso, "The Tail at Scale", Communications of the ACM 56(2), 2013.
 *
 * @module
 */
import { type Context, Effect, Exit, Fiber } from "effect"

export interface Hedge<A, E, R> {
  /** Gives `undefined` where it has no answer and another may still have one. */
  readonly first: Effect.Effect<A | undefined, E, R>
  /** Milliseconds after which the second begins, if the first has not ended. */
  readonly afterMillis: number
  /** Called when it begins; `undefined`: there is none. */
  readonly second: () => Effect.Effect<A | undefined, E, R> | undefined
  /** Lets go of an answer that came too late to count. */
  readonly discard: (answer: A) => Effect.Effect<void>
  /** The one that was under way when the other answered. */
  readonly outrun: (which: "first" | "second") => void
}

/**
 * The first answer of the two. `undefined` when neither has one (or the first has none before the second began); a
 * failure of either is the failure of both. Whoever is late is interrupted, and not waited for.
 */
export const hedged = <A, E, R>({
  afterMillis,
  discard,
  first,
  outrun,
  second
}: Hedge<A, E, R>): Effect.Effect<A | undefined, E, R> =>
  Effect.contextWith((context: Context.Context<R>) =>
    Effect.callback<A | undefined, E>((resume) => {
      const fork = Effect.runForkWith(context)
      const running = new Map<"first" | "second", Fiber.Fiber<A | undefined, E>>()
      let over = false
      let timer: Fiber.Fiber<void> | undefined

      const finish = (result: Effect.Effect<A | undefined, E>) => {
        over = true
        timer?.interruptUnsafe()
        resume(result)
      }
      const begin = (which: "first" | "second", attempt: Effect.Effect<A | undefined, E, R>) => {
        const fiber = fork(attempt)
        running.set(which, fiber)
        fiber.addObserver((exit) => {
          running.delete(which)
          if (over) {
            if (Exit.isSuccess(exit) && exit.value !== undefined) fork(discard(exit.value))
            return
          }
          // nobody has answered yet: the other one still may
          if (Exit.isSuccess(exit) && exit.value === undefined && running.size > 0) return
          const late = [...running]
          // told before whoever waits goes on, which it does at once
          if (Exit.isSuccess(exit)) for (const [which] of late) outrun(which)
          finish(exit)
          for (const [, loser] of late) loser.interruptUnsafe()
        })
      }
      begin("first", first)
      if (!over)
        timer = fork(
          Effect.andThen(
            Effect.sleep(afterMillis),
            Effect.sync(() => {
              const attempt = over ? undefined : second()
              if (attempt !== undefined) begin("second", attempt)
            })
          )
        )
      return Effect.suspend(() => {
        over = true
        timer?.interruptUnsafe()
        return Fiber.interruptAll(running.values())
      })
    })
  )
