/**
 * When the config file is read again: it has changed, or the process was sent SIGHUP.
 *
 * What comes of it is told in the log; a bad file keeps what was in force.
 *
 * @module
 */
import { Effect, type FileSystem, Queue, type Scope, Stream } from "effect"
import { watchFile } from "../config/watch.ts"
import { Operations } from "../gateway/Operations.ts"

/** The config file of this process. */
export interface ConfigSource {
  readonly path: string
  /** What it looked like when it was loaded (`digestOf`). */
  readonly seen: string | undefined
}

/** Reloads until the scope closes. */
export const reloading = ({
  path,
  seen
}: ConfigSource): Effect.Effect<void, never, Operations | FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const operations = yield* Operations
    const moments = Stream.merge(hangups, watchFile(path, seen === undefined ? {} : { seen }))
    yield* Effect.forkScoped(Stream.runForEach(moments, () => Effect.ignore(operations.reload)))
  })

/** One element for each SIGHUP, which then no longer ends the process. */
const hangups: Stream.Stream<void> = Stream.callback<void>((queue) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const onHangup = () => void Queue.offerUnsafe(queue, undefined)
      process.on("SIGHUP", onHangup)
      return onHangup
    }),
    (onHangup) => Effect.sync(() => process.off("SIGHUP", onHangup))
  )
)
