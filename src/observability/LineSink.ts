/**
 * Where lines of the log go. Writing a line never waits and never fails.
 *
 * Standard output may be a pipe that nobody reads for a while, and Node's own `process.stdout` writes to pipes
 * synchronously, which would stop every request. So lines are kept in memory and one fiber writes them in batches
 * through `fs.write`; when the reader is too slow, lines are dropped, counted, and the count is told.
 *
 * @module
 */
import { Context, Effect, Fiber, Latch, Layer } from "effect"
import { write } from "node:fs"

export class LineSink extends Context.Service<
  LineSink,
  {
    /** Takes a line without its line break. */
    readonly write: (line: string) => void
  }
>()("switchyard/observability/LineSink") {
  /**
   * To a file descriptor, standard output by default. Closing the scope writes what is left, for at most a second.
   * `lost` is the line that tells of lines that were dropped.
   */
  static readonly layerFd = (fd = 1, lost: (count: number) => string = lostLine): Layer.Layer<LineSink> =>
    Layer.effect(LineSink, fdSink(fd, lost))

  /** Into an array, for tests. */
  static readonly layerMemory = (lines: Array<string>): Layer.Layer<LineSink> =>
    Layer.succeed(LineSink, { write: (line) => void lines.push(line) })
}

/** How long lines are gathered before they are written. */
const gathering = "20 millis"

/** The most characters that wait to be written. */
const capacity = 4 * 1024 * 1024

const lostLine = (count: number): string => `${count} lines of the log were dropped: its reader is too slow`

const fdSink = (fd: number, lost: (count: number) => string) =>
  Effect.gen(function* () {
    let waiting: Array<string> = []
    let size = 0
    let dropped = 0
    const some = Latch.makeUnsafe(false)

    const flush = Effect.suspend(() => {
      if (dropped > 0) waiting.push(lost(dropped), "\n")
      const batch = Buffer.from(waiting.join(""))
      waiting = []
      size = 0
      dropped = 0
      some.closeUnsafe()
      return writeAll(fd, batch)
    })

    yield* Effect.addFinalizer(() =>
      // a fiber of its own: the finalizer cannot be interrupted, so a limit could not end it
      Effect.flatMap(Effect.forkDetach(Effect.timeoutOption(flush, "1 second"), { startImmediately: true }), (fiber) =>
        Effect.asVoid(Fiber.await(fiber))
      )
    )
    // a moment's wait joins the lines of many requests into one write
    yield* Effect.forkScoped(
      Effect.forever(some.await.pipe(Effect.andThen(Effect.sleep(gathering)), Effect.andThen(flush)))
    )

    return LineSink.of({
      write: (line) => {
        if (size > capacity) {
          dropped++
          return
        }
        waiting.push(line, "\n")
        size += line.length + 1
        some.openUnsafe()
      }
    })
  })

/** Writes all of `bytes`. A reader that is full is asked again; one that is gone loses them. */
const writeAll = (fd: number, bytes: Uint8Array): Effect.Effect<void> =>
  bytes.length === 0
    ? Effect.void
    : Effect.flatMap(writeSome(fd, bytes), (written) =>
        written === "full"
          ? Effect.delay(
              Effect.suspend(() => writeAll(fd, bytes)),
              "20 millis"
            )
          : written === "gone"
            ? Effect.void
            : writeAll(fd, bytes.subarray(written))
      )

const writeSome = (fd: number, bytes: Uint8Array): Effect.Effect<number | "full" | "gone"> =>
  Effect.callback((resume) => {
    write(fd, bytes, (error, written) => {
      resume(Effect.succeed(error === null ? written : error.code === "EAGAIN" ? "full" : "gone"))
    })
  })
