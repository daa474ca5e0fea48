/**
 * The variables that overrule a file (`SWITCHYARD_HOST`, `SWITCHYARD_PORT`), and those that stand in for one
 * (`SWITCHYARD_KEY`, a client key; `SWITCHYARD_ADMIN_KEY`; `SWITCHYARD_SQLITE`, the embedded database, relative to the
 * working directory).
 *
 * @module
 */
import { Redacted } from "effect"
import { resolve } from "node:path"
import { filePathExpected, isFilePath, sqlitePathOf } from "./checkStorage.ts"
import type { ConfigProblem } from "./ConfigError.ts"
import { type Environment, lookup } from "./interpolate.ts"
import { isCredential, isLoopback } from "./notation.ts"
import type { ClientKey } from "./Settings.ts"

export interface Overrides {
  readonly host: string | undefined
  readonly port: number | undefined
  readonly problems: ReadonlyArray<ConfigProblem>
}

/** A problem with a variable. `found` never quotes a credential. */
export const environmentProblem = (variable: string, found: string, expected: string): ConfigProblem => ({
  file: "environment",
  path: variable,
  found,
  expected
})

export const overridesOf = (env: Environment): Overrides => {
  const port = lookup(env, "SWITCHYARD_PORT")
  const valid = port === undefined || (/^\d{1,5}$/.test(port) && Number(port) <= 65_535)
  return {
    host: lookup(env, "SWITCHYARD_HOST"),
    port: port === undefined || !valid ? undefined : Number(port),
    problems: valid
      ? []
      : [environmentProblem("SWITCHYARD_PORT", JSON.stringify(port.slice(0, 20)), "an integer between 0 and 65535")]
  }
}

export interface EnvironmentAccess {
  readonly keys: ReadonlyArray<ClientKey>
  readonly adminKey: Redacted.Redacted<string> | undefined
  readonly problems: ReadonlyArray<ConfigProblem>
  readonly warnings: ReadonlyArray<string>
}

/** Who may call a gateway that has no file. */
export const accessOf = (env: Environment): EnvironmentAccess => {
  const client = lookup(env, "SWITCHYARD_KEY")
  const admin = lookup(env, "SWITCHYARD_ADMIN_KEY")
  const problems = (["SWITCHYARD_KEY", "SWITCHYARD_ADMIN_KEY"] as const).flatMap((variable) => {
    const value = lookup(env, variable)
    return value === undefined || isCredential(value)
      ? []
      : [environmentProblem(variable, "a text", credentialExpected)]
  })
  if (client !== undefined && client === admin) {
    problems.push(environmentProblem("SWITCHYARD_ADMIN_KEY", "the client key", "a key of its own"))
  }
  const redact = (value: string, label: string) => Redacted.make(value, { label })
  return {
    keys:
      client === undefined
        ? []
        : [
            {
              name: "environment",
              key: redact(client, "SWITCHYARD_KEY"),
              tenant: undefined,
              priority: "normal",
              allow: undefined
            }
          ],
    adminKey: admin === undefined ? undefined : redact(admin, "SWITCHYARD_ADMIN_KEY"),
    problems,
    warnings: [
      ...(client === undefined ? [] : guessable("SWITCHYARD_KEY", client)),
      ...(admin === undefined ? [] : guessable("SWITCHYARD_ADMIN_KEY", admin))
    ]
  }
}

/** The variable of the embedded database of a gateway that has no file. */
export const sqliteVariable = "SWITCHYARD_SQLITE"

/** Where a gateway without a file keeps its database; absent: nothing outlasts a restart. */
export const sqliteOf = (
  env: Environment
): { readonly sqlite: string | undefined; readonly problems: ReadonlyArray<ConfigProblem> } => {
  const written = lookup(env, sqliteVariable)
  if (written === undefined) return { sqlite: undefined, problems: [] }
  if (!isFilePath(written)) {
    return { sqlite: undefined, problems: [environmentProblem(sqliteVariable, "a text", filePathExpected)] }
  }
  return { sqlite: sqlitePathOf(written, resolve()), problems: [] }
}

/** A client's or the operator's key shorter than this can be guessed. */
const shortestKey = 16

/** A warning of a key that can be guessed, if it can be. */
export const guessable = (what: string, key: string): ReadonlyArray<string> =>
  key.length < shortestKey ? [`${what} is shorter than ${shortestKey} characters: it can be guessed`] : []

export const credentialExpected = "a key of printable ASCII characters without spaces"

/** Why a gateway may not listen there: an address others can reach, and no key to tell them apart. */
export const isOpenToAll = (host: string, keys: number): boolean => keys === 0 && !isLoopback(host)

export const openExpected = (remedy: string): string =>
  `a loopback address (127.0.0.1, localhost, ::1), or ${remedy}: without client keys anybody who reaches it could spend`
