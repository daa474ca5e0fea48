import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, FileSystem, Queue, type Scope, Stream } from "effect"
import { execFile } from "node:child_process"
import { dirname, join } from "node:path"
import { digestOf, watchFile, type WatchOptions } from "../../src/config/watch.ts"

const inFolder = <A, E>(
  use: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem | Scope.Scope>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* use(yield* fs.makeTempDirectoryScoped(), fs)
  }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))

/** Nothing is found by looking every now and then: the watchers have to tell. */
const watchersOnly: WatchOptions = { lookEvery: Duration.hours(1) }

/** Watches in the background; returns once the first look was taken. */
const watched = Effect.fnUntraced(function* (path: string, options: WatchOptions = watchersOnly) {
  const fs = yield* FileSystem.FileSystem
  /** One for every look at the file. */
  const looks = yield* Queue.unbounded<void>()
  /** What the look had found, for every element of the stream. */
  const told = yield* Queue.unbounded<string>()
  let found = "nothing"
  const readFile: typeof fs.readFile = (at) =>
    fs.readFile(at).pipe(
      Effect.tap((content) => Effect.sync(() => (found = new TextDecoder().decode(content)))),
      Effect.ensuring(Queue.offer(looks, undefined))
    )
  yield* watchFile(path, options).pipe(
    Stream.runForEach(() => Queue.offer(told, found)),
    Effect.provideService(FileSystem.FileSystem, { ...fs, readFile }),
    Effect.forkScoped
  )
  yield* Queue.take(looks)
  return { told: Queue.take(told), looked: Effect.andThen(Queue.clear(looks), Queue.take(looks)) }
})

/** As editors do it: another file takes the name. */
const replace = Effect.fnUntraced(function* (path: string, text: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.writeFileString(`${path}.new`, text)
  yield* fs.rename(`${path}.new`, path)
})

describe("a watched file", () => {
  it.live("is told of when it is written in place, and when another takes its name", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = join(folder, "a.yaml")
        yield* fs.writeFileString(path, "one")
        const { told } = yield* watched(path)
        yield* fs.writeFileString(path, "two")
        assert.strictEqual(yield* told, "two")
        yield* replace(path, "three")
        assert.strictEqual(yield* told, "three")
        yield* replace(path, "four")
        assert.strictEqual(yield* told, "four")
      })
    )
  )
  it.live("is not told of when it is touched, or written with the same content", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = join(folder, "a.yaml")
        yield* fs.writeFileString(path, "one")
        const { looked, told } = yield* watched(path)
        yield* Effect.all([looked, fs.utimes(path, 1, 1)], { concurrency: 2 })
        yield* Effect.all([looked, replace(path, "one")], { concurrency: 2 })
        yield* replace(path, "two")
        assert.strictEqual(yield* told, "two")
      })
    )
  )
  it.live("is told of once when it is written many times at once", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = join(folder, "a.yaml")
        yield* fs.writeFileString(path, "0")
        const { told } = yield* watched(path, { ...watchersOnly, quiet: Duration.seconds(1) })
        for (const text of ["1", "2", "3", "4"]) yield* replace(path, text)
        assert.strictEqual(yield* told, "4")
        yield* replace(path, "5")
        assert.strictEqual(yield* told, "5")
      })
    )
  )
  it.live("may be gone for a moment: what comes back is told if it is another", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = join(folder, "a.yaml")
        yield* fs.writeFileString(path, "one")
        const { looked, told } = yield* watched(path)
        yield* Effect.all([looked, fs.remove(path)], { concurrency: 2 })
        yield* Effect.all([looked, replace(path, "one")], { concurrency: 2 })
        yield* Effect.all([looked, fs.remove(path)], { concurrency: 2 })
        yield* replace(path, "two")
        assert.strictEqual(yield* told, "two")
      })
    )
  )
  it.live("that is a link is told of when what it leads to changes, and when it leads elsewhere", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const real = join(folder, "real")
        yield* fs.makeDirectory(real)
        yield* fs.writeFileString(join(real, "one.yaml"), "one")
        yield* fs.writeFileString(join(real, "two.yaml"), "two")
        const path = join(folder, "a.yaml")
        yield* fs.symlink(join("real", "one.yaml"), path)
        const { told } = yield* watched(path)
        yield* replace(join(real, "one.yaml"), "one again")
        assert.strictEqual(yield* told, "one again")
        yield* fs.symlink(join("real", "two.yaml"), `${path}.new`)
        yield* fs.rename(`${path}.new`, path)
        assert.strictEqual(yield* told, "two")
        yield* replace(join(real, "two.yaml"), "two again")
        assert.strictEqual(yield* told, "two again")
      })
    )
  )
  it.live("in a folder that Kubernetes mounts is told of when the hidden link is turned", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const turn = Effect.fnUntraced(function* (to: string, text: string) {
          yield* fs.makeDirectory(join(folder, to))
          yield* fs.writeFileString(join(folder, to, "a.yaml"), text)
          yield* fs.symlink(to, join(folder, "..data_tmp"))
          yield* fs.rename(join(folder, "..data_tmp"), join(folder, "..data"))
        })
        yield* turn("..2026_01", "one")
        const path = join(folder, "a.yaml")
        yield* fs.symlink(join("..data", "a.yaml"), path)
        const { told } = yield* watched(path)
        yield* turn("..2026_02", "two")
        assert.strictEqual(yield* told, "two")
        yield* fs.remove(join(folder, "..2026_01"), { recursive: true })
        yield* turn("..2026_03", "three")
        assert.strictEqual(yield* told, "three")
      })
    )
  )
  it.live("is followed into a new folder of the same name", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = join(folder, "conf", "a.yaml")
        yield* fs.makeDirectory(dirname(path))
        yield* fs.writeFileString(path, "one")
        const { looked, told } = yield* watched(path)
        yield* Effect.all([looked, fs.rename(dirname(path), join(folder, "old"))], { concurrency: 2 })
        yield* fs.makeDirectory(dirname(path))
        yield* fs.writeFileString(path, "two")
        assert.strictEqual(yield* told, "two")
        yield* replace(path, "three")
        assert.strictEqual(yield* told, "three")
      })
    )
  )
  it.live("may come into being later, with its folder", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = join(folder, "not", "yet", "a.yaml")
        const { told } = yield* watched(path)
        yield* fs.makeDirectory(dirname(path), { recursive: true })
        yield* fs.writeFileString(path, "one")
        assert.strictEqual(yield* told, "one")
      })
    )
  )
  it.live("is looked at every now and then where no watcher tells of it", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = join(folder, "far", "above", "a.yaml")
        yield* fs.makeDirectory(dirname(path), { recursive: true })
        yield* fs.writeFileString(path, "one")
        yield* fs.makeDirectory(join(folder, "other", "above"), { recursive: true })
        yield* fs.writeFileString(join(folder, "other", "above", "a.yaml"), "two")
        const { told } = yield* watched(path, { lookEvery: Duration.millis(100) })
        // the folder of the file stays what it is, under another name
        yield* fs.rename(join(folder, "far"), join(folder, "gone"))
        yield* fs.rename(join(folder, "other"), join(folder, "far"))
        assert.strictEqual(yield* told, "two")
      })
    )
  )
  it.live("is told of at once when it changed before the watching began", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = join(folder, "a.yaml")
        yield* fs.writeFileString(path, "one")
        const seen = yield* digestOf(path)
        const same = yield* watched(path, { ...watchersOnly, seen })
        yield* replace(path, "two")
        const { told } = yield* watched(path, { ...watchersOnly, seen })
        assert.strictEqual(yield* told, "two")
        assert.strictEqual(yield* same.told, "two")
      })
    )
  )
  it.live("does not keep the process alive", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = join(folder, "a.yaml")
        yield* fs.writeFileString(path, "one")
        const url = (relative: string) => JSON.stringify(new URL(relative, import.meta.url).href)
        const program = `
          import { NodeFileSystem } from ${JSON.stringify(import.meta.resolve("@effect/platform-node"))}
          import { Effect, Stream } from ${JSON.stringify(import.meta.resolve("effect"))}
          import { watchFile } from ${url("../../src/config/watch.ts")}
          Effect.runFork(Stream.runDrain(watchFile(${JSON.stringify(path)})).pipe(Effect.provide(NodeFileSystem.layer)))
          process.on("exit", () => console.log("nothing left to do"))
        `
        const output = yield* Effect.callback<string>((resume) => {
          const child = execFile(
            process.execPath,
            ["--input-type=module", "--eval", program],
            { timeout: 20_000 },
            (error, stdout, stderr) => resume(Effect.succeed(error === null ? stdout : `${error.message}\n${stderr}`))
          )
          return Effect.sync(() => child.kill())
        })
        assert.strictEqual(output.trim(), "nothing left to do")
      })
    )
  )
})
