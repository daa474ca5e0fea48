/**
 * `switchyard keys`: makes, lists, changes, rotates and revokes client keys.
 *
 * With `--url` a running gateway does it, which wants its admin key; otherwise it is done in the database of the
 * configuration. A secret is written to standard output alone, and what else there is to say to standard error, so that
 * `KEY=$(switchyard keys create web)` holds the secret. `--json` writes the admin API's own answer.
 *
 * @module
 */
import { Console, Effect, FileSystem, Option, type Redacted } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { AdminKey, AdminNewKey } from "../api/AdminWire.ts"
import type { SimulatorUrls } from "../config/environment.ts"
import { loadSettings } from "../config/load.ts"
import { sayUsd } from "../domain/Money.ts"
import { adminKeyFlag, adminKeyOf } from "./AdminAt.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { type KeyDesk, keyDesk } from "./KeyDesk.ts"
import { grantFlags, grantsOf, some, text, words } from "./keyGrants.ts"
import { giveBackHangups } from "./Hangups.ts"
import { table } from "./table.ts"

const where = {
  url: Flag.String("url").pipe(
    Flag.withDescription("The address of a running gateway, which does it; without it the configuration's database"),
    Flag.optional
  ),
  adminKey: adminKeyFlag,
  config: Flag.String("config").pipe(
    Flag.withAlias("c"),
    Flag.withDescription("The config file that names the database; without it SWITCHYARD_CONFIG, or SWITCHYARD_SQLITE"),
    Flag.optional
  ),
  json: Flag.Boolean("json").pipe(Flag.withDescription("Write JSON"), Flag.withDefault(false))
}

interface Where {
  readonly url: Option.Option<string>
  readonly adminKey: Option.Option<Redacted.Redacted<string>>
  readonly config: Option.Option<string>
}

/** What can be taken away. */
const takable = ["tenant", "priority", "allow", "region", "limits", "budgets", "tags", "metadata", "expires"] as const
const isTakable = (field: string): boolean => takable.some((one) => one === field)

/** Nobody is asked anything here, so nobody need be configured. */
const noVendors: SimulatorUrls = {
  anthropic: "http://127.0.0.1:9",
  openai: "http://127.0.0.1:9",
  google: "http://127.0.0.1:9"
}

const at = <A, R>(flags: Where, use: (desk: KeyDesk) => Effect.Effect<A, CommandFailed, R>) =>
  Effect.gen(function* () {
    giveBackHangups()
    const adminKey = adminKeyOf(flags.adminKey)
    const files = yield* FileSystem.FileSystem
    const path = Option.getOrUndefined(flags.config)
    const settings = loadSettings({ path, env: process.env, simulators: Effect.succeed(noVendors) }).pipe(
      Effect.provideService(FileSystem.FileSystem, files),
      Effect.mapError(({ message }) => new CommandFailed({ message }))
    )
    const remote = Option.map(flags.url, (url) => ({ url, adminKey }))
    return yield* Effect.flatMap(keyDesk(Option.getOrUndefined(remote), settings), use)
  }).pipe(Effect.scoped)

const name = Argument.String("name").pipe(Argument.withDescription("The key's name"))

const told = ({ key, notes, secret }: AdminNewKey, json: boolean): Effect.Effect<void> =>
  json
    ? Console.log(JSON.stringify({ key, secret, notes }, undefined, 2))
    : Effect.gen(function* () {
        yield* Console.error(`The secret of the client key '${key.name}', which is told this once:`)
        yield* Console.log(secret)
        for (const note of notes) yield* Console.error(`${note}.`)
      })

const create = Command.make("create", { ...where, name, ...grantFlags }, (flags) =>
  at(flags, (desk) =>
    Effect.gen(function* () {
      const grants = yield* grantsOf(flags)
      yield* told(yield* desk.create({ ...grants, name: flags.name }), flags.json)
    })
  )
).pipe(Command.withDescription("Make a client key, and tell its secret"))

const change = Command.make(
  "change",
  {
    ...where,
    name,
    ...grantFlags,
    without: text("without", `What it is not to have any more, separated by commas: any of ${takable.join(", ")}`)
  },
  (flags) =>
    at(flags, (desk) =>
      Effect.gen(function* () {
        const grants = yield* grantsOf(flags)
        const without = words(Option.getOrElse(flags.without, () => ""))
        const wrong = without.find((field) => !isTakable(field) || field in grants)
        if (wrong !== undefined)
          return yield* new CommandFailed({
            message: isTakable(wrong)
              ? `'${wrong}' is to be had and not to be had`
              : `--without ${wrong}: expected any of ${takable.join(", ")}`
          })
        const order = { ...grants, ...Object.fromEntries(without.map((field) => [field, null])) }
        if (Object.keys(order).length === 0) return yield* new CommandFailed({ message: "Nothing is to be changed" })
        const key = yield* desk.change(flags.name, order)
        yield* Console.log(flags.json ? JSON.stringify(key, undefined, 2) : listed([key]))
      })
    )
).pipe(
  Command.withDescription(
    "Change what a client key grants, or when it ends. Limits, budgets, tags and names are said anew as a whole; what is not said stays"
  )
)

const list = Command.make("list", where, (flags) =>
  at(flags, (desk) =>
    Effect.flatMap(desk.list, (keys) => Console.log(flags.json ? JSON.stringify(keys, undefined, 2) : listed(keys)))
  )
).pipe(Command.withDescription("List the client keys, those of the config file and those that have ended included"))

const rotate = Command.make(
  "rotate",
  {
    ...where,
    name,
    grace: text("grace", 'For how long the secret before it does, such as "1 hour"; a day unless told')
  },
  (flags) =>
    at(flags, (desk) =>
      Effect.flatMap(desk.rotate(flags.name, some("grace", flags.grace)), (made) => told(made, flags.json))
    )
).pipe(Command.withDescription("Give a client key a new secret, and tell it"))

const revoke = Command.make("revoke", { ...where, name }, (flags) =>
  at(flags, (desk) =>
    Effect.andThen(
      desk.revoke(flags.name),
      flags.json
        ? Console.log(JSON.stringify({ name: flags.name, revoked: true }))
        : Console.error(`The client key '${flags.name}' is revoked`)
    )
  )
).pipe(Command.withDescription("End a client key; its name stays taken"))

/** One line a key, in columns. */
const listed = (keys: ReadonlyArray<AdminKey>): string => {
  if (keys.length === 0) return "There are no client keys"
  const rows = keys.map((key) => [
    key.name,
    key.state,
    key.source === "config" ? "of the config" : key.secrets.map((one) => `${one.prefix}…${one.lastFour}`).join(" "),
    `priority ${key.priority}`,
    [
      ...(key.tenant === undefined ? [] : [`tenant ${key.tenant}`]),
      ...(key.allow === undefined ? [] : [`only ${key.allow.join(", ")}`]),
      ...(key.region === undefined ? [] : [`region ${key.region}`]),
      ...Object.entries(key.limits ?? {}).map(([what, limit]) => `${what} ${limit}`),
      ...key.budgets.map(
        ({ limitUsd, softLimitUsd, window }) =>
          `budget ${limitUsd === undefined ? `watched from ${sayUsd(softLimitUsd ?? 0)}` : sayUsd(limitUsd)} a ${window}`
      ),
      ...(key.tags.length === 0 ? [] : [`tags ${key.tags.join(", ")}`]),
      ...(key.expiresAt === undefined ? [] : [`${key.state === "expired" ? "ended" : "ends"} ${key.expiresAt}`])
    ].join("; ")
  ])
  return table(rows)
}

export const keysCommand = Command.make("keys").pipe(
  Command.withDescription("Make, list, change, rotate and revoke client keys"),
  Command.withSubcommands([create, list, change, rotate, revoke])
)
