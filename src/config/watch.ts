/**
 * Tells when the content of a file has changed.
 *
 * The file's folder is watched and not the file: editors and `kubectl` replace files by renaming, and a watch of a file
 * that was renamed away sees nothing more. Where the path leads through symbolic links, the folder of each link is watched
 * too, so that turning `..data` or `current` elsewhere is seen. Every stir is only a reason to look: after a moment of
 * quiet the content's digest is compared with the last one, and a touch or an equal rewrite tells nothing.
 *
 * Watching can fail (no watches left, a folder that is gone, a file system that tells nothing): the watchers are opened
 * anew with growing pauses, and the file is looked at every few seconds all the while, whatever they say.
 *
 * A file that is gone for a moment is waited for. One that is read in the middle of a slow write is told twice.
 *
 * @module
 */
import { Duration, Effect, FileSystem, Option, Queue, type Scope, Stream } from "effect"
import { createHash } from "node:crypto"
import { unwatchFile, watch as watchFolder, watchFile as lookEvery } from "node:fs"
import { basename, join, parse, resolve, sep } from "node:path"

export interface WatchOptions {
  /** The digest of the content that is known already; absent: of what stands there when the watching begins. */
  readonly seen?: string | undefined
  /** How long the folder must be quiet before the file is looked at. Default 250 ms. */
  readonly quiet?: Duration.Duration
  /** How often it is looked at where nothing is told of it. Default 5 s. */
  readonly lookEvery?: Duration.Duration
}

/** The SHA-256 of a file's content; absent where there is none to be read. */
export const digestOf = (path: string): Effect.Effect<string | undefined, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const content = yield* fs.readFile(path).pipe(Effect.orElseSucceed(() => undefined))
    return content === undefined ? undefined : createHash("sha256").update(content).digest("hex")
  })

/** `stirred`: something happened to the file, perhaps. `broken`: a watcher failed. */
type News = "stirred" | "broken"

/** So often watchers that cannot be opened are tried again with nothing new to be seen of the file. */
const mostRetries = 12

/**
 * An element after each change of the file's content, at most one waiting. It never fails and never ends by itself; it
 * stops with its Scope. No watcher of it keeps the process alive, and no timer for longer than the retries take.
 */
export const watchFile = (
  path: string,
  options: WatchOptions = {}
): Stream.Stream<void, never, FileSystem.FileSystem> =>
  Stream.callback<void, never, FileSystem.FileSystem>(
    (changes) =>
      Effect.gen(function* () {
        const file = resolve(path)
        const quiet = options.quiet ?? Duration.millis(250)
        const longest = options.lookEvery ?? Duration.seconds(5)
        const news = yield* Queue.sliding<News>(1)
        yield* looks(file, longest, news)
        let seen = options.seen
        let isFirst = seen === undefined
        let failures = 0

        const look = Effect.gen(function* () {
          const digest = yield* digestOf(file)
          const changed = digest !== undefined && digest !== seen
          if (changed && !isFirst) Queue.offerUnsafe(changes, undefined)
          if (changed) seen = digest
          isFirst = false
        })

        const round = Effect.gen(function* () {
          let broken = false
          for (const [folder, names] of yield* foldersOf(file)) {
            if (!(yield* opened(folder, names, news))) broken = true
          }
          // after the watchers stand, so that nothing falls between them and the look
          yield* look
          while (true) {
            const pause = broken && failures < mostRetries ? pauseAfter(failures, quiet, longest) : Duration.infinity
            const told = yield* takeWithin(news, pause)
            if (told !== "broken") break
            broken = true
          }
          while ((yield* takeWithin(news, quiet)) !== undefined) {
            // until it is quiet
          }
          failures = broken ? failures + 1 : 0
        })

        return yield* Effect.forever(Effect.scoped(round))
      }),
    { bufferSize: 1, strategy: "sliding" }
  )

const takeWithin = (news: Queue.Dequeue<News>, time: Duration.Duration): Effect.Effect<News | undefined> =>
  Duration.isFinite(time)
    ? Effect.map(Effect.timeoutOption(Queue.take(news), time), Option.getOrUndefined)
    : Queue.take(news)

const pauseAfter = (failures: number, shortest: Duration.Duration, longest: Duration.Duration): Duration.Duration =>
  Duration.min(Duration.times(shortest, 2 ** failures), longest)

/** Node's own polling of what the path leads to: slow, but it works on every file system. */
const looks = (
  file: string,
  interval: Duration.Duration,
  news: Queue.Queue<News>
): Effect.Effect<unknown, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const stirred = (): void => void Queue.offerUnsafe(news, "stirred")
      lookEvery(file, { persistent: false, interval: Duration.toMillis(interval) }, stirred)
      return stirred
    }),
    (stirred) => Effect.sync(() => unwatchFile(file, stirred))
  )

/** Watches these names in a folder, and the folder itself; `false` where that is not possible. */
const opened = (
  folder: string,
  names: ReadonlySet<string>,
  news: Queue.Queue<News>
): Effect.Effect<boolean, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        const watcher = watchFolder(folder, { persistent: false }, (_event, name) => {
          // some systems do not tell the name; that of the folder itself means that it was moved or removed
          if (name === null || names.has(name) || name === basename(folder)) Queue.offerUnsafe(news, "stirred")
        })
        return watcher.on("error", () => void Queue.offerUnsafe(news, "broken"))
      },
      catch: () => "not watched" as const
    }),
    (watcher) => Effect.sync(() => watcher.close())
  ).pipe(
    Effect.as(true),
    Effect.orElseSucceed(() => false)
  )

/** As many symbolic links as Linux follows. */
const mostLinks = 40

/** Every folder in which the file, or a link on the way to it, has its name, and the names there. */
const foldersOf = (
  file: string
): Effect.Effect<ReadonlyMap<string, ReadonlySet<string>>, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folders = new Map<string, Set<string>>()
    const partsOf = (path: string): ReadonlyArray<string> =>
      path
        .slice(parse(path).root.length)
        .split(sep)
        .filter((part) => part !== "")
    const add = (folder: string, name: string): void => {
      folders.set(folder, (folders.get(folder) ?? new Set()).add(name))
    }
    let at = parse(file).root
    let rest = partsOf(file)
    let links = 0
    for (let [name, ...below] = rest; name !== undefined; [name, ...below] = rest) {
      const here = join(at, name)
      const target = yield* fs.readLink(here).pipe(Effect.orElseSucceed(() => undefined))
      if (target === undefined) {
        if (below.length === 0) add(at, name)
        at = here
        rest = below
      } else {
        add(at, name)
        if (++links > mostLinks) break
        const whole = resolve(at, target)
        at = parse(whole).root
        rest = [...partsOf(whole), ...below]
      }
    }
    return folders
  })
