/**
 * Writes what is in quarantine behind those who change it.
 *
 * Changes are noted synchronously; one fiber takes what was noted and writes it at once, what comes meanwhile in the
 * next go. Of several changes of one key only the last is written. A store that fails or hangs delays nobody: it is told
 * of once in the log and tried again, ever less often, until it works, which is told too.
 *
 * Closing the scope writes what is left, for a limited time.
 *
 * @module
 */
import { Cause, Effect, Fiber, Latch, type Scope } from "effect"
import type { QuarantineEvent } from "../machine/Quarantine.ts"
import { isDurable, type QuarantineEntry } from "../machine/QuarantineEntry.ts"
import type { QuarantineStore } from "./QuarantineStore.ts"

export interface QuarantineWriter {
  /** Takes what happened, in its order. Never waits, never fails. */
  readonly note: (events: ReadonlyArray<QuarantineEvent>) => void
}

/** One write may take this long before it counts as failed. */
const writeLimit = "10 seconds"
/** At the end, all of it may take this long. */
const flushLimit = "3 seconds"
const firstPauseMillis = 250
const longestPauseMillis = 30_000

/** What is to stand under each key; `undefined`: nothing. */
type Pending = Map<string, QuarantineEntry | undefined>

/** A writer to `store`, at work until the scope closes. */
export const quarantineWriter = (
  store: QuarantineStore["Service"]
): Effect.Effect<QuarantineWriter, never, Scope.Scope> =>
  Effect.gen(function* () {
    let pending: Pending = new Map()
    const some = Latch.makeUnsafe(false)

    /** Writes all that was noted. What was not written for certain is noted again, unless there is newer word of it. */
    const flush = Effect.suspend(() => {
      const batch = pending
      pending = new Map()
      some.closeUnsafe()
      return Effect.onExit(writeAll(store, batch), (exit) =>
        Effect.sync(() => {
          if (exit._tag === "Failure") pending = new Map([...batch, ...pending])
        })
      )
    })

    /** Writes until it has worked. */
    const persist = (pauseMillis: number): Effect.Effect<void> =>
      Effect.matchCauseEffect(flush, {
        onSuccess: () => (pauseMillis > firstPauseMillis ? recovered : Effect.void),
        onFailure: (cause) =>
          // yields first: where it is this fiber that was interrupted, nothing failed
          Effect.yieldNow.pipe(
            Effect.andThen(pauseMillis > firstPauseMillis ? Effect.void : notWritten(cause)),
            Effect.andThen(Effect.sleep(pauseMillis)),
            Effect.andThen(Effect.suspend(() => persist(Math.min(pauseMillis * 2, longestPauseMillis))))
          )
      })

    yield* Effect.addFinalizer(() =>
      // a fiber of its own: the finalizer cannot be interrupted, so a limit could not end it
      Effect.flatMap(
        Effect.forkDetach(
          Effect.suspend(() => (pending.size === 0 ? Effect.void : Effect.timeout(flush, flushLimit))).pipe(
            Effect.catchCause(lost)
          ),
          { startImmediately: true }
        ),
        (fiber) => Effect.asVoid(Fiber.await(fiber))
      )
    )
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(some.await, persist(firstPauseMillis))))

    return {
      note: (events) => {
        for (const { _tag, entry } of events) {
          if (isDurable(entry)) pending.set(entry.key, _tag === "Lifted" ? undefined : entry)
        }
        if (pending.size > 0) some.openUnsafe()
      }
    }
  })

const writeAll = (store: QuarantineStore["Service"], batch: Pending) => {
  const entries = [...batch.values()].filter((entry) => entry !== undefined)
  const gone = [...batch].flatMap(([key, entry]) => (entry === undefined ? [key] : []))
  return Effect.andThen(
    entries.length === 0 ? Effect.void : store.put(entries),
    gone.length === 0 ? Effect.void : store.remove(gone)
  ).pipe(Effect.timeout(writeLimit))
}

/** What went wrong, without its stack. */
const wordsOf = (cause: Cause.Cause<unknown>): string => {
  const [first] = Cause.prettyErrors(cause)
  return first === undefined ? "it was interrupted" : first.message
}

const notWritten = (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.logError(
    `what is in quarantine cannot be stored: ${wordsOf(cause)}. It stays in force, but a restart would forget it. ` +
      `Look at the file under storage.sqlite, its folder's permissions and the room on its disk; it is tried again by itself`
  )

const recovered: Effect.Effect<void> = Effect.logInfo("what is in quarantine is stored again")

const lost = (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.logError(
    `the last changes to what is in quarantine were not stored: ${wordsOf(cause)}. The next start knows what was stored before them`
  )
