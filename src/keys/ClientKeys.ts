/**
 * Who may call: the client keys of the config and those that were made at run time, as one.
 *
 * A request's key is looked up by its SHA-256 digest in a table in memory, so that no request waits for a store. What an
 * operator does here is stored first and then in force, for new requests; a revocation is in force first, whatever the
 * store says. What others do to the same store (another replica, the command line) is noticed within `lookEvery`.
 *
 * - **Names** are one key's for ever: of the config's or stored, ended ones included. Where the config comes to name a
 *   stored key, the config's word holds, and the stored one lets nobody in (`shadowed`).
 * - **Keys once, keys for ever**: where there are none, everybody is the anonymous caller (on a loopback listener
 *   alone). Once there is one, be it ended, a key is needed: the last one that is revoked opens the gateway to nobody.
 * - **A store that cannot be read** lets nobody in but by the config's keys; others are told to come back.
 *
 * A caller's key is looked at here and nowhere else; it is neither logged nor sent on.
 *
 * @module
 */
import { Clock, Context, Duration, Effect, Latch, Layer, Option, Redacted, Result, Semaphore } from "effect"
import { budgetId, type BudgetPolicy } from "../domain/Budget.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { anonymous, type Caller } from "../domain/RequestContext.ts"
import {
  checked,
  granted,
  type KeyChange,
  type KeyOrder,
  type KeyRefused,
  type KeySettings,
  noGrants,
  refuse
} from "./KeyOrder.ts"
import { budgetsOf, type KeyReport, type NewSecret, reportConfigured, reportStored as reportOf } from "./KeyReport.ts"
import { KeyStore, type KeyStoreError } from "./KeyStore.ts"
import { KeyTable } from "./KeyTable.ts"
import { endsOf, newSecret, SecretBytes, secretDigest } from "./Secret.ts"
import {
  keyNameExpected,
  keyNamePattern,
  revoked,
  rotated,
  stateOf,
  type StoredKey,
  type StoredSecret
} from "./StoredKey.ts"

/** How soon a change that another process has made is noticed. */
export const lookEvery = Duration.seconds(2)
/** For how long a secret does after it was replaced, unless told. */
export const defaultGrace = Duration.hours(24)
const mostKeys = 10_000
/** A key's secrets that do at once, at the most. */
const mostSecrets = 8
/** Nothing sleeps longer, as timers and clocks go. */
const longestWaitMillis = 3_600_000
/** How often a change is made anew where somebody else was quicker. */
const mostTries = 3

export class ClientKeys extends Context.Service<
  ClientKeys,
  {
    /** Does a request need a key at this moment? */
    readonly required: () => boolean
    /** Would a request need one without the keys of the config, too? */
    readonly hasStored: () => boolean
    /** Whose is one of these keys? The first that is anybody's counts. `now` in milliseconds since 1970. */
    readonly authenticate: (presented: ReadonlyArray<string>, now: number) => Result.Result<Caller, GatewayError>
    /**
     * The budgets that stored keys bring with them: of those that let somebody in at this moment. Where the config has a budget of the
     * same scope, window and time zone, its word holds, and the key's is left out. `name`: of one key alone.
     */
    readonly budgets: (name?: string) => ReadonlyArray<BudgetPolicy>
    /**
     * Calls `listener` in the very step in which they may have become others: those of one key by its name, or any. It
     * must neither throw nor wait.
     */
    readonly listen: (listener: (name?: string) => void) => void
    /** Do keys that are made here outlast the process? */
    readonly durable: boolean
    /** The config's in its order, then those of the store, the oldest first. */
    readonly list: Effect.Effect<ReadonlyArray<KeyReport>>
    readonly one: (name: string) => Effect.Effect<KeyReport, KeyRefused>
    readonly create: (order: KeyOrder) => Effect.Effect<NewSecret, KeyRefused>
    readonly change: (name: string, change: KeyChange) => Effect.Effect<KeyReport, KeyRefused>
    /** A new secret; those before it do for as long as the grace. */
    readonly rotate: (name: string, grace?: Duration.Duration) => Effect.Effect<NewSecret, KeyRefused>
    /** Ends a key for all new requests, at once. */
    readonly revoke: (name: string) => Effect.Effect<KeyReport, KeyRefused>
  }
>()("switchyard/keys/ClientKeys") {
  /** The keys of the settings in force and those of the store. */
  static readonly layer = (settings: () => KeySettings): Layer.Layer<ClientKeys, never, KeyStore> =>
    Layer.effect(ClientKeys, make(settings))
  /** The same over a store that ends with the layer. */
  static readonly layerMemory = (settings: () => KeySettings): Layer.Layer<ClientKeys> =>
    ClientKeys.layer(settings).pipe(Layer.provide(Layer.fresh(KeyStore.layerMemory())))
}

const inConfig = (name: string): Effect.Effect<never, KeyRefused> =>
  refuse("refused", `'${name}' stands in the configuration: it is changed there`)

const missing =
  "No API key was given. Send one of this gateway's client keys as 'Authorization: Bearer …' or in the 'x-api-key' header"
const wrong = "The API key is not one of this gateway's client keys"
const make = Effect.fnUntraced(function* (settings: () => KeySettings) {
  const store = yield* KeyStore
  const bytes = yield* SecretBytes
  const clock = yield* Clock.Clock
  const changing = yield* Semaphore.make(1)

  const stored = new Map<string, StoredKey>()
  /** Revoked here, and not yet in the store. */
  const unwritten = new Map<string, number>()
  /** The store's when it was read last; absent: it never was. */
  let revision: number | undefined
  /** Could the store not be read the last time? */
  let isTroubled = false

  const table = new KeyTable(settings, stored)
  const listeners: Array<(name?: string) => void> = []

  const budgets = (name?: string): ReadonlyArray<BudgetPolicy> => {
    const now = clock.currentTimeMillisUnsafe()
    const ofConfig = new Set(
      (settings().budgets ?? []).filter(({ scope }) => scope.startsWith("key:")).map((policy) => budgetId(policy))
    )
    const policies: Array<BudgetPolicy> = []
    const one = name === undefined ? undefined : stored.get(name)
    for (const key of name === undefined ? stored.values() : one === undefined ? [] : [one]) {
      if (key.budgets === undefined || stateOf(key, now) !== "active" || table.isConfigured(key.name)) continue
      for (const policy of budgetsOf(key))
        if (ofConfig.size === 0 || !ofConfig.has(budgetId(policy))) policies.push(policy)
    }
    return policies
  }
  /** Opened where the moment at which the next key with budgets expires may be another one. */
  const ends = Latch.makeUnsafe(false)
  /** When that is, after `now`. */
  const nextEnd = (now: number): number => {
    let next = Number.POSITIVE_INFINITY
    for (const { budgets, expiresAt, revokedAt } of stored.values())
      if (budgets !== undefined && revokedAt === undefined && expiresAt !== undefined && expiresAt > now)
        next = Math.min(next, expiresAt)
    return next
  }
  const tellOfBudgets = (name?: string): void => {
    ends.openUnsafe()
    for (const listener of listeners) listener(name)
  }
  const put = (key: StoredKey): void => {
    const before = stored.get(key.name)
    stored.set(key.name, key)
    table.changed()
    if (before?.budgets !== undefined || key.budgets !== undefined) tellOfBudgets(key.name)
  }
  const drop = (name: string): void => {
    stored.delete(name)
    table.changed()
  }

  /** Takes what the store holds for what holds, but for what was revoked here. */
  const adopt = (keys: ReadonlyArray<StoredKey>): void => {
    const holding = keys.map((key) => {
      const at = unwritten.get(key.name)
      return at === undefined || key.revokedAt !== undefined ? key : { ...key, revokedAt: at }
    })
    // most often it is what was changed here that is read again
    if (holding.length === stored.size && holding.every((key) => stored.get(key.name) === key)) return
    stored.clear()
    for (const key of holding) stored.set(key.name, key)
    table.changed()
    tellOfBudgets()
  }

  const read = Effect.gen(function* () {
    // looked at first: what is changed while the keys are read is noticed at the next look
    const seen = yield* store.revision
    if (seen !== revision) adopt(yield* store.load)
    revision = seen
    if (!isTroubled) return
    isTroubled = false
    yield* Effect.logInfo("the stored client keys can be read again")
  }).pipe(
    Effect.catchTag("KeyStoreError", ({ message }) => {
      if (isTroubled) return Effect.void
      isTroubled = true
      const meanwhile =
        revision === undefined
          ? "Until they can, nobody is let in but by the keys of the configuration"
          : "What was read before stays in force; changes by others are not noticed until they can"
      return Effect.logError(`the stored client keys cannot be read: ${message}. ${meanwhile}`)
    })
  )

  const failed = ({ message }: KeyStoreError): Effect.Effect<never, KeyRefused> =>
    refuse("unavailable", `client keys cannot be stored now: ${message}`)
  const storing = <A>(effect: Effect.Effect<A, KeyStoreError>): Effect.Effect<A, KeyRefused> =>
    Effect.catchTag(effect, "KeyStoreError", failed)

  const found = (name: string): Effect.Effect<StoredKey, KeyRefused> =>
    Effect.suspend(() => {
      const key = stored.get(name)
      if (key !== undefined) return Effect.succeed(key)
      return table.isConfigured(name)
        ? inConfig(name)
        : refuse("missing", `there is no client key '${name.slice(0, 100)}'`)
    })

  const reportStored = (key: StoredKey, now: number): KeyReport =>
    reportOf(key, now, { durable: store.durable, isShadowed: table.isConfigured(key.name) })

  /** Changes a key, from what it is by then. Gives it as it is afterwards. */
  const changed = (
    name: string,
    change: (key: StoredKey, now: number) => Effect.Effect<StoredKey, KeyRefused>
  ): Effect.Effect<StoredKey, KeyRefused> => {
    const attempt = (left: number): Effect.Effect<StoredKey, KeyRefused> =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const next = yield* change(yield* found(name), now)
        if (yield* storing(store.replace(next))) {
          put(next)
          return next
        }
        adopt(yield* storing(store.load))
        return yield* left > 1
          ? attempt(left - 1)
          : refuse("refused", `'${name}' is being changed by somebody else: look at it and try again`)
      })
    return changing.withPermits(1)(attempt(mostTries))
  }

  const living = (key: StoredKey, now: number): Effect.Effect<void, KeyRefused> => {
    const state = stateOf(key, now)
    return state === "active" ? Effect.void : refuse("refused", `'${key.name}' is ${state}`)
  }

  const secretOf = (text: string, now: number): StoredSecret => ({
    digest: secretDigest(text),
    ...endsOf(text),
    createdAt: now
  })

  const hasStored = (): boolean => stored.size > 0 || revision === undefined
  const required = (): boolean => settings().keys.length > 0 || hasStored()

  const notes = (wasRequired: boolean): ReadonlyArray<string> => [
    ...(store.durable ? [] : ["Nothing is stored (there is no storage.sqlite): this key ends with the process"]),
    ...(wasRequired ? [] : ["It is the first key: from now on every request needs one"])
  ]

  /** Writes what could not be written when it was revoked. */
  const rewrite = Effect.suspend(() =>
    Effect.forEach(
      [...unwritten],
      ([name, at]) =>
        Effect.flatMap(Effect.result(changed(name, (key) => Effect.succeed(revoked(key, at)))), (result) =>
          Effect.sync(() => {
            // what is not there any more need not be revoked
            if (Result.isSuccess(result) || result.failure.kind === "missing") unwritten.delete(name)
          })
        ),
      { discard: true }
    )
  )

  yield* read
  if (store.durable)
    yield* Effect.forkScoped(
      Effect.forever(Effect.andThen(Effect.sleep(lookEvery), Effect.andThen(changing.withPermits(1)(read), rewrite)))
    )

  yield* Effect.forkScoped(
    Effect.forever(
      Effect.suspend(() => {
        ends.closeUnsafe()
        const now = clock.currentTimeMillisUnsafe()
        const wait = nextEnd(now) - now
        if (!Number.isFinite(wait)) return ends.await
        return Effect.flatMap(Effect.timeoutOption(ends.await, Math.min(wait, longestWaitMillis)), (changed) =>
          Effect.sync(() => {
            if (Option.isNone(changed)) tellOfBudgets()
          })
        )
      })
    )
  )

  return ClientKeys.of({
    required,
    hasStored,
    authenticate: (presented, now) => {
      if (!required()) return Result.succeed(anonymous)
      if (presented.length === 0) return Result.fail(gatewayError({ _tag: "Unauthorized", message: missing }))
      const found = table.find(presented, now)
      if (typeof found === "object") return Result.succeed(found)
      return Result.fail(
        found === undefined && revision === undefined
          ? gatewayError({ _tag: "KeysUnavailable" })
          : gatewayError({ _tag: "Unauthorized", message: found ?? wrong })
      )
    },
    budgets,
    listen: (listener) => void listeners.push(listener),
    durable: store.durable,
    list: Effect.map(Clock.currentTimeMillis, (now) => [
      ...settings().keys.map((key) => reportConfigured(key, now, settings().budgets)),
      ...[...stored.values()].sort((a, b) => a.createdAt - b.createdAt).map((key) => reportStored(key, now))
    ]),
    one: (name) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const own = settings().keys.find((key) => key.name === name)
        return own === undefined
          ? reportStored(yield* found(name), now)
          : reportConfigured(own, now, settings().budgets)
      }),
    create: ({ name, ...order }) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (!keyNamePattern.test(name)) return yield* refuse("invalid", keyNameExpected, "name")
        const taken = refuse("refused", `there is, or was, a client key '${name}': a name is given once`, "name")
        if (table.isConfigured(name) || stored.has(name)) return yield* taken
        yield* checked(name, order, settings(), now)
        if (stored.size >= mostKeys) {
          const [oldest] = [...stored.values()]
            .filter((key) => stateOf(key, now) !== "active" && !unwritten.has(key.name))
            .sort((a, b) => a.createdAt - b.createdAt)
          if (oldest === undefined) return yield* refuse("refused", `there are ${mostKeys} client keys: revoke some`)
          yield* storing(store.remove(oldest.name))
          drop(oldest.name)
        }
        const text = newSecret(bytes)
        const key: StoredKey = {
          name,
          version: 1,
          ...granted(noGrants, order),
          secrets: [secretOf(text, now)],
          createdAt: now
        }
        if (!(yield* storing(store.insert(key)))) {
          adopt(yield* storing(store.load))
          return yield* taken
        }
        const wasRequired = required()
        put(key)
        return { key: reportStored(key, now), secret: Redacted.make(text), notes: notes(wasRequired) }
      }).pipe(changing.withPermits(1)),
    change: (name, change) =>
      Effect.gen(function* () {
        const key = yield* changed(name, (key, now) =>
          Effect.gen(function* () {
            if (key.revokedAt !== undefined) yield* living(key, now)
            yield* checked(name, change, settings(), now)
            return { ...granted(key, change), version: key.version + 1 }
          })
        )
        return reportStored(key, yield* Clock.currentTimeMillis)
      }),
    rotate: (name, grace = defaultGrace) =>
      Effect.gen(function* () {
        const text = newSecret(bytes)
        const key = yield* changed(name, (key, now) =>
          Effect.gen(function* () {
            yield* living(key, now)
            if (table.isConfigured(name)) return yield* inConfig(name)
            const next = rotated(key, secretOf(text, now), Duration.toMillis(grace), now)
            return next.secrets.length > mostSecrets
              ? yield* refuse(
                  "refused",
                  `${mostSecrets} secrets of '${name}' do at once already: give no grace, or wait until one ends`
                )
              : next
          })
        )
        return {
          key: reportStored(key, yield* Clock.currentTimeMillis),
          secret: Redacted.make(text),
          notes: notes(true)
        }
      }),
    revoke: (name) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const key = yield* found(name)
        const at = key.revokedAt ?? now
        unwritten.set(name, at)
        put({ ...key, revokedAt: at })
        const result = yield* Effect.result(changed(name, (key) => Effect.succeed(revoked(key, at))))
        // what somebody else has removed meanwhile lets nobody in either
        if (Result.isSuccess(result) || result.failure.kind === "missing") {
          unwritten.delete(name)
          return reportStored(
            Result.getOrElse(result, () => revoked(key, at)),
            now
          )
        }
        return yield* refuse(
          "unavailable",
          `'${name}' lets nobody in from now on, but that could not be stored, and a restart would forget it (it is tried again by itself): ${result.failure.message}`
        )
      })
  })
})
