/**
 * Where `switchyard keys` does what it is told: at a running gateway, or straight at the database that gateways use.
 *
 * Both speak in the admin API's shapes. What is done straight at the database is noticed by a gateway that runs on it
 * within two seconds; what a gateway does is in force at once.
 *
 * @module
 */
import { Duration, Effect, Layer, type Schema, SchemaParser, type Scope } from "effect"
import { type AdminKey, type AdminNewKey, KeyChange, KeyOrder, RotationOrder } from "../api/AdminWire.ts"
import { parseDuration, parseMoment } from "../config/notation.ts"
import type { Settings } from "../config/Settings.ts"
import { ClientKeys, lookEvery } from "../keys/ClientKeys.ts"
import type { KeyRefused } from "../keys/KeyOrder.ts"
import type { KeyReport } from "../keys/KeyReport.ts"
import { KeyStore } from "../keys/KeyStore.ts"
import { faultIn } from "../server/AdminBody.ts"
import { keyView, newKeyView } from "../server/AdminViews.ts"
import * as Sqlite from "../storage/Sqlite.ts"
import { adminAt, type Remote, type RemoteAddress } from "./AdminAt.ts"
import { CommandFailed } from "./CommandFailed.ts"

/** What is asked for is checked as the admin API checks it. */
export interface KeyDesk {
  readonly list: Effect.Effect<ReadonlyArray<AdminKey>, CommandFailed>
  readonly create: (order: unknown) => Effect.Effect<AdminNewKey, CommandFailed>
  readonly change: (name: string, change: unknown) => Effect.Effect<AdminKey, CommandFailed>
  readonly rotate: (name: string, order: RotationOrder) => Effect.Effect<AdminNewKey, CommandFailed>
  readonly revoke: (name: string) => Effect.Effect<void, CommandFailed>
}

const failed = (message: string): Effect.Effect<never, CommandFailed> => Effect.fail(new CommandFailed({ message }))

/** What people wrote, as the admin API would take it. */
const checked = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  value: unknown
): Effect.Effect<S["Type"], CommandFailed> =>
  Effect.catch(Effect.fromResult(SchemaParser.decodeUnknownResult(schema)(value)), (issue) =>
    failed(faultIn(issue, "", value).error.message)
  )

/** A running gateway, through its admin API. */
const remoteDesk = ({ admin, told }: Remote): KeyDesk => ({
  list: Effect.map(told(admin.keys()), ({ keys }) => keys),
  create: (order) => Effect.flatMap(checked(KeyOrder, order), (payload) => told(admin.createKey({ payload }))),
  change: (name, change) =>
    Effect.flatMap(checked(KeyChange, change), (payload) => told(admin.changeKey({ params: { name }, payload }))),
  rotate: (name, order) =>
    Effect.flatMap(checked(RotationOrder, order), (payload) => told(admin.rotateKey({ params: { name }, payload }))),
  revoke: (name) => told(admin.revokeKey({ params: { name } }))
})

const viewed = (key: KeyReport): AdminKey => keyView({ ...key, use: [] })

/** The database that these settings name, whether a gateway runs on it or not. */
export const localDesk = (settings: Settings): Effect.Effect<KeyDesk, CommandFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const path = settings.storage?.sqlite
    if (path === undefined)
      return yield* failed(
        "There is no database to keep keys in: name one under storage.sqlite (or in SWITCHYARD_SQLITE), or a running gateway with --url and its admin key"
      )
    const layer = ClientKeys.layer(() => settings).pipe(
      Layer.provide(KeyStore.layerSqlite),
      Layer.provide(Sqlite.layer({ path }))
    )
    const context = yield* Effect.catch(Layer.build(layer), ({ message }) => failed(message))
    const keys = yield* Effect.provide(ClientKeys, context)
    const told = <A>(effect: Effect.Effect<A, KeyRefused>): Effect.Effect<A, CommandFailed> =>
      Effect.catch(effect, ({ message }) => failed(message))
    const noticed = `A gateway that runs on this database takes it within ${Duration.format(lookEvery)}`
    return {
      list: Effect.map(keys.list, (all) => all.map(viewed)),
      create: (written) =>
        Effect.gen(function* () {
          const { expires, ...order } = yield* checked(KeyOrder, written)
          const expiresAt = expires === undefined ? undefined : parseMoment(expires)
          const made = yield* told(keys.create({ ...order, ...(expiresAt === undefined ? undefined : { expiresAt }) }))
          return newKeyView({ ...made, key: { ...made.key, use: [] }, notes: [...made.notes, noticed] })
        }),
      change: (name, written) =>
        Effect.gen(function* () {
          const { expires, ...change } = yield* checked(KeyChange, written)
          const expiresAt = typeof expires === "string" ? parseMoment(expires) : expires
          return viewed(
            yield* told(keys.change(name, { ...change, ...(expiresAt === undefined ? undefined : { expiresAt }) }))
          )
        }),
      rotate: (name, written) =>
        Effect.gen(function* () {
          const { grace } = yield* checked(RotationOrder, written)
          const made = yield* told(keys.rotate(name, grace === undefined ? undefined : parseDuration(grace)))
          return newKeyView({ ...made, key: { ...made.key, use: [] }, notes: [...made.notes, noticed] })
        }),
      revoke: (name) => Effect.asVoid(told(keys.revoke(name)))
    }
  })

/** The desk that the arguments ask for. */
export const keyDesk = (
  remote: RemoteAddress | undefined,
  settings: Effect.Effect<Settings, CommandFailed>
): Effect.Effect<KeyDesk, CommandFailed, Scope.Scope> =>
  remote === undefined ? Effect.flatMap(settings, localDesk) : Effect.map(adminAt(remote), remoteDesk)
