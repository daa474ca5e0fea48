/**
 * Where the embedded database lies, and whether it can lie there.
 *
 * Only what can be known without touching anything is looked at: no folder is made and no file opened.
 *
 * @module
 */
import { Effect, FileSystem, Option } from "effect"
import { dirname, resolve } from "node:path"

/** SQLite's name for a database that is gone with the process. */
const inMemory = ":memory:"

/** The path as the program uses it: absolute, from `folder` on; `:memory:` stays as it is. */
export const sqlitePathOf = (written: string, folder: string): string =>
  written === inMemory ? written : resolve(folder, written)

/** Is it a plain path to a file? SQLite would take `file:` for a URL. */
export const isFilePath = (written: string): boolean =>
  !written.includes("\0") && !/^file:/i.test(written) && !/[/\\]$/.test(written.trimEnd())

export const filePathExpected = `a path to a file, such as "./data/switchyard.db", or :memory:`

export interface Misplaced {
  readonly found: string
  readonly expected: string
}

/** What stands in the way of a database at an absolute path; absent where nothing is known to. */
export const misplacedDatabase = Effect.fnUntraced(function* (path: string) {
  if (path === inMemory) return undefined
  const fs = yield* FileSystem.FileSystem
  const typeOf = (at: string) => fs.stat(at).pipe(Effect.option, Effect.map(Option.map(({ type }) => type)))
  const may = (at: string) =>
    fs.access(at, { readable: true, writable: true }).pipe(
      Effect.as(true),
      Effect.orElseSucceed(() => false)
    )
  const misplaced = (found: string, expected: string): Misplaced => ({ found, expected })
  const own = yield* typeOf(path)
  if (Option.isSome(own)) {
    if (own.value === "Directory") return misplaced("the path of a folder", filePathExpected)
    return (yield* may(path)) ? undefined : misplaced("a file that may not be written", "a file that may be")
  }
  let folder = dirname(path)
  let type = yield* typeOf(folder)
  while (Option.isNone(type) && dirname(folder) !== folder) {
    folder = dirname(folder)
    type = yield* typeOf(folder)
  }
  if (Option.isNone(type)) return undefined
  if (type.value !== "Directory") {
    return misplaced("a path below something that is no folder", "a folder that exists or can be made")
  }
  return (yield* may(folder)) ? undefined : misplaced("a path in a folder that may not be written", "one that may be")
})
