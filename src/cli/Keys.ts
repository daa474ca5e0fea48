/**
 * `switchyard keys`: makes, lists, rotates and revokes client keys.
 *
 * With `--url` a running gateway does it, which wants its admin key; otherwise it is done in the database of the
 * configuration. A secret is written to standard output alone, and what else there is to say to standard error, so that
 * `KEY=$(switchyard keys create web)` holds the secret. `--json` writes the admin API's own answer.
 *
 * @module
 */
import { Clock, Console, Duration, Effect, FileSystem, Option, type Redacted } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { AdminKey, AdminNewKey, KeyOrder } from "../api/AdminWire.ts"
import type { SimulatorUrls } from "../config/environment.ts"
import { loadSettings } from "../config/load.ts"
import { parseDuration } from "../config/notation.ts"
import { priorities } from "../domain/RequestContext.ts"
import { adminKeyFlag, adminKeyOf } from "./AdminAt.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { type KeyDesk, keyDesk } from "./KeyDesk.ts"
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
const words = (text: string): ReadonlyArray<string> =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "")
const text = (flag: string, description: string) =>
  Flag.String(flag).pipe(Flag.withDescription(description), Flag.optional)
const whole = (flag: string, description: string) =>
  Flag.Int(flag).pipe(Flag.withDescription(description), Flag.optional)

const told = ({ key, notes, secret }: AdminNewKey, json: boolean): Effect.Effect<void> =>
  json
    ? Console.log(JSON.stringify({ key, secret, notes }, undefined, 2))
    : Effect.gen(function* () {
        yield* Console.error(`The secret of the client key '${key.name}', which is told this once:`)
        yield* Console.log(secret)
        for (const note of notes) yield* Console.error(`${note}.`)
      })

/** A moment, or one that is so far from now. */
const moment = (written: string): Effect.Effect<string> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const lasts = parseDuration(written)
    return lasts === undefined ? written : new Date(now + Duration.toMillis(lasts)).toISOString()
  })

const create = Command.make(
  "create",
  {
    ...where,
    name,
    tenant: text("tenant", "Whose it is"),
    priority: Flag.Literals("priority", priorities).pipe(
      Flag.withDescription("Who goes first when requests have to wait"),
      Flag.optional
    ),
    allow: text("allow", "The aliases and models it may ask for, separated by commas; * stands for any characters"),
    region: text("region", "Only providers of this region may answer"),
    requests: whole("requests-per-minute", "The most requests within a minute"),
    tokens: whole("tokens-per-minute", "The most tokens within a minute, of prompts and answers together"),
    concurrent: whole("concurrent", "The most requests at once"),
    tags: text("tags", "Labels by which its use is counted, separated by commas"),
    expires: text(
      "expires",
      'When it ends: a moment such as 2026-12-31T00:00:00Z, or a length of time such as "90 days"'
    )
  },
  (flags) =>
    at(flags, (desk) =>
      Effect.gen(function* () {
        const { allow, concurrent, expires, priority, region, requests, tags, tenant, tokens } = flags
        const limits = {
          ...some("requestsPerMinute", requests),
          ...some("tokensPerMinute", tokens),
          ...some("concurrent", concurrent)
        }
        const ends = Option.isSome(expires) ? yield* moment(expires.value) : undefined
        const order: KeyOrder = {
          name: flags.name,
          ...some("tenant", tenant),
          ...some("priority", priority),
          ...some("allow", Option.map(allow, words)),
          ...some("region", region),
          ...some("tags", Option.map(tags, words)),
          ...(Object.keys(limits).length === 0 ? undefined : { limits }),
          ...(ends === undefined ? undefined : { expires: ends })
        }
        yield* told(yield* desk.create(order), flags.json)
      })
    )
).pipe(Command.withDescription("Make a client key, and tell its secret"))

/** A field where there is a value for it. */
const some = <K extends string, A>(field: K, value: Option.Option<A>): { readonly [F in K]?: A } =>
  // the one field is of the type that is said
  (Option.isSome(value) ? { [field]: value.value } : {}) as { readonly [F in K]?: A }

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
      ...(key.tags.length === 0 ? [] : [`tags ${key.tags.join(", ")}`]),
      ...(key.expiresAt === undefined ? [] : [`${key.state === "expired" ? "ended" : "ends"} ${key.expiresAt}`])
    ].join("; ")
  ])
  return table(rows)
}

export const keysCommand = Command.make("keys").pipe(
  Command.withDescription("Make, list, rotate and revoke client keys"),
  Command.withSubcommands([create, list, rotate, revoke])
)
