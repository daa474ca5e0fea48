/**
 * `node:sqlite`, loaded without the warning that some Node versions print about it.
 *
 * Node calls the module experimental before 24.15, 22 included, and says so on standard error at the first load. That one
 * warning is kept back while the module loads, every other passes. What is used of it is there from 22.16 on.
 *
 * @module
 */
import type * as Sqlite from "node:sqlite"

/** Runs `load` without the warning that SQLite is experimental. Whatever else is warned of meanwhile is warned of. */
export const withoutSqliteWarning = <A>(load: () => A): A => {
  const original = process.emitWarning
  // overloads of one function: what came in goes on as it came
  process.emitWarning = ((warning: string | Error, ...rest: Array<never>) => {
    const text = typeof warning === "string" ? warning : warning.message
    if (!text.startsWith("SQLite is an experimental feature")) original.call(process, warning, ...rest)
  }) as typeof process.emitWarning // the signature with all overloads cannot be written as one arrow
  try {
    return load()
  } finally {
    process.emitWarning = original
  }
}

export type Driver = typeof Sqlite

/** The driver, or `undefined` where this Node was built without it. */
export const loadDriver = (): Driver | undefined =>
  withoutSqliteWarning((): Driver | undefined => process.getBuiltinModule("node:sqlite"))
