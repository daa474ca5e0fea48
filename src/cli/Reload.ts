/**
 * When the config file is read again: it has changed, or the process was sent SIGHUP.
 *
 * What comes of it is told in the log; a bad file keeps what was in force. Hangups and the watch of the file are apart,
 * and nothing that goes wrong with one reload or with the watch ends what is listened for afterwards.
 *
 * @module
 */
import { Cause, Duration, Effect, type FileSystem, Queue, type Scope, Stream } from "effect"
import { nameOfError } from "../config/nameOfError.ts"
import { watchFile } from "../config/watch.ts"
import { Operations } from "../gateway/Operations.ts"
import { onHangups } from "./Hangups.ts"

/** The config file of this process. */
export interface ConfigSource {
  readonly path: string
  /** What it looked like when it was loaded (`digestOf`). */
  readonly seen: string | undefined
}

/** How long a watch that broke is left alone. */
const rest = Duration.minutes(1)

/** Reloads until the scope closes. */
export const reloading = ({
  path,
  seen
}: ConfigSource): Effect.Effect<void, never, Operations | FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const operations = yield* Operations
    // what an operation refuses it has told itself
    const reload = survived("a reload", Effect.ignore(operations.reload))
    const watched = Stream.runForEach(watchFile(path, seen === undefined ? {} : { seen }), () => reload)
    yield* Effect.forkScoped(Stream.runForEach(hangups, () => reload))
    yield* Effect.forkScoped(
      Effect.forever(Effect.andThen(survived("the watch of the config file", watched), Effect.sleep(rest)))
    )
  })

/** Of what breaks unforeseen one line tells, by the error's name alone: its words may quote the configuration. */
const survived = <R>(what: string, effect: Effect.Effect<void, never, R>): Effect.Effect<void, never, R> =>
  Effect.catchCause(effect, (cause) =>
    Cause.hasInterruptsOnly(cause)
      ? Effect.interrupt
      : Effect.logError(`${what} broke off (${nameOfError(Cause.squash(cause))}); what was in force stays`)
  )

/** One element for each SIGHUP, at most one waiting. */
const hangups: Stream.Stream<void> = Stream.callback<void>(
  (queue) =>
    Effect.acquireRelease(
      Effect.sync(() => onHangups(() => void Queue.offerUnsafe(queue, undefined))),
      (forget) => Effect.sync(forget)
    ),
  { bufferSize: 1, strategy: "sliding" }
)
