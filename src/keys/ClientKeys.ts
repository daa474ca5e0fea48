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
import { Clock, Context, Duration, Effect, Layer, Redacted, Result, Schema, Semaphore } from "effect"
import { regionOf } from "../config/notation.ts"
import type { ClientKey, Settings } from "../config/Settings.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { anonymous, type Caller, type CallerLimits, type Priority } from "../domain/RequestContext.ts"
import { KeyStore, type KeyStoreError } from "./KeyStore.ts"
import { endsOf, newSecret, SecretBytes, secretDigest } from "./Secret.ts"
import {
  callerOf,
  isCurrent,
  keyNameExpected,
  keyNamePattern,
  type KeyGrants,
  type KeyState,
  revoked,
  rotated,
  stateOf,
  type StoredKey,
  type StoredSecret
} from "./StoredKey.ts"

/** What is asked cannot be done. `unavailable`: the store does not work now. */
export class KeyRefused extends Schema.TaggedError<KeyRefused>()("KeyRefused", {
  kind: Schema.Literals(["missing", "refused", "invalid", "unavailable"]),
  message: Schema.String,
  /** The field at fault. */
  param: Schema.optionalKey(Schema.String)
}) {}

/** A key as it may be told: never its secret. Times in milliseconds since 1970. */
export interface KeyReport {
  readonly name: string
  /** Where it stands: in the config, or in the store. */
  readonly source: "config" | "stored"
  /** `shadowed`: the config has a key of that name, and this one lets nobody in. */
  readonly state: KeyState | "shadowed"
  readonly tenant: string | undefined
  readonly priority: Priority
  readonly allow: ReadonlyArray<string> | undefined
  readonly region: string | undefined
  readonly limits: CallerLimits | undefined
  readonly tags: ReadonlyArray<string>
  readonly metadata: "body" | undefined
  readonly createdAt: number | undefined
  readonly expiresAt: number | undefined
  readonly revokedAt: number | undefined
  /** Those that still do, the newest first; none of a key of the config. */
  readonly secrets: ReadonlyArray<Omit<StoredSecret, "digest">>
  /** Does it outlast the process? */
  readonly durable: boolean
}

/** A secret is told once, here. */
export interface NewSecret {
  readonly key: KeyReport
  readonly secret: Redacted.Redacted<string>
  /** What its owner ought to know. */
  readonly notes: ReadonlyArray<string>
}

/** What a new key is to grant; absent: any model, any amount, no end. */
export interface KeyOrder {
  readonly name: string
  readonly tenant?: string
  readonly priority?: Priority
  readonly allow?: ReadonlyArray<string>
  readonly region?: string
  readonly limits?: CallerLimits
  readonly tags?: ReadonlyArray<string>
  /** Answers tell of themselves in their bodies too. */
  readonly metadata?: "body"
  readonly expiresAt?: number
}

/** What is to be another way; `null` takes away what was said. */
export type KeyChange = { readonly [K in keyof Omit<KeyOrder, "name">]?: KeyOrder[K] | null }

/** How soon a change that another process has made is noticed. */
export const lookEvery = Duration.seconds(2)
/** For how long a secret does after it was replaced, unless told. */
export const defaultGrace = Duration.hours(24)
const mostKeys = 10_000
/** A key's secrets that do at once, at the most. */
const mostSecrets = 8
/** How often a change is made anew where somebody else was quicker. */
const mostTries = 3

/** The settings that keys are held against. */
export type KeySettings = Pick<Settings, "keys" | "providers">

export class ClientKeys extends Context.Service<
  ClientKeys,
  {
    /** Does a request need a key at this moment? */
    readonly required: () => boolean
    /** Would a request need one without the keys of the config, too? */
    readonly hasStored: () => boolean
    /** Whose is one of these keys? The first that is anybody's counts. `now` in milliseconds since 1970. */
    readonly authenticate: (presented: ReadonlyArray<string>, now: number) => Result.Result<Caller, GatewayError>
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

const refuse = (kind: KeyRefused["kind"], message: string, param?: string): Effect.Effect<never, KeyRefused> =>
  Effect.suspend(() => Effect.fail(new KeyRefused({ kind, message, ...(param === undefined ? undefined : { param }) })))

const inConfig = (name: string): Effect.Effect<never, KeyRefused> =>
  refuse("refused", `'${name}' stands in the configuration: it is changed there`)

/** What a key's digest leads to. */
interface Known {
  readonly caller: Caller
  /** Why it lets nobody in at this moment. */
  readonly refusal: (now: number) => string | undefined
}

const missing =
  "No API key was given. Send one of this gateway's client keys as 'Authorization: Bearer …' or in the 'x-api-key' header"
const wrong = "The API key is not one of this gateway's client keys"
const ended: { readonly [S in KeyState]: string | undefined } = {
  active: undefined,
  expired: "The API key has expired",
  revoked: "The API key has been revoked"
}
const replaced = "The API key was replaced by another one, and its time of grace is over"

const noGrants: KeyGrants = { priority: "normal", tags: [] }

/** A key's grants with what is said anew; what is `null` is not said any more. */
const granted = <G extends KeyGrants>(grants: G, change: KeyChange): G => {
  const { allow, expiresAt, limits, metadata, priority, region, tags, tenant } = change
  const next = {
    ...grants,
    priority: priority === null ? noGrants.priority : (priority ?? grants.priority),
    tags: tags === null ? noGrants.tags : (tags ?? grants.tags)
  }
  const optional = {
    allow,
    expiresAt,
    limits,
    metadata,
    tenant,
    region: typeof region === "string" ? regionOf(region) : region
  }
  for (const [name, value] of Object.entries(optional)) {
    if (value === null) Reflect.deleteProperty(next, name)
    else if (value !== undefined) Reflect.set(next, name, value)
  }
  return next
}

const make = Effect.fnUntraced(function* (settings: () => KeySettings) {
  const store = yield* KeyStore
  const bytes = yield* SecretBytes
  const changing = yield* Semaphore.make(1)

  const stored = new Map<string, StoredKey>()
  /** Revoked here, and not yet in the store. */
  const unwritten = new Map<string, number>()
  /** The store's when it was read last; absent: it never was. */
  let revision: number | undefined
  /** Could the store not be read the last time? */
  let isTroubled = false

  /** By digest; made anew when either side has changed. */
  let known: ReadonlyMap<string, Known> = new Map()
  let knownFrom: ReadonlyArray<ClientKey> | undefined
  let configured: ReadonlyMap<string, ClientKey> = new Map()
  /** The digests of the config's keys, which are many bytes of hashing for what seldom changes. */
  const digests = new WeakMap<ClientKey, string>()

  const index = (): ReadonlyMap<string, Known> => {
    const { keys } = settings()
    if (keys === knownFrom) return known
    const next = new Map<string, Known>()
    configured = new Map(keys.map((key) => [key.name, key]))
    for (const key of stored.values()) {
      if (configured.has(key.name)) continue
      const caller = callerOf(key)
      for (const secret of key.secrets)
        next.set(secret.digest, {
          caller,
          refusal: (now) => ended[stateOf(key, now)] ?? (isCurrent(secret, now) ? undefined : replaced)
        })
    }
    for (const key of keys) {
      const digest = digests.get(key) ?? secretDigest(Redacted.value(key.key))
      digests.set(key, digest)
      const { expiresAt } = key
      const life = expiresAt === undefined ? {} : { expiresAt }
      next.set(digest, { caller: callerOf(key), refusal: (now) => ended[stateOf(life, now)] })
    }
    knownFrom = keys
    known = next
    return next
  }
  const put = (key: StoredKey): void => {
    stored.set(key.name, key)
    knownFrom = undefined
  }

  /** Takes what the store holds for what holds, but for what was revoked here. */
  const adopt = (keys: ReadonlyArray<StoredKey>): void => {
    stored.clear()
    for (const key of keys) {
      const at = unwritten.get(key.name)
      stored.set(key.name, at === undefined || key.revokedAt !== undefined ? key : { ...key, revokedAt: at })
    }
    knownFrom = undefined
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

  const isConfigured = (name: string): boolean => {
    index()
    return configured.has(name)
  }
  const found = (name: string): Effect.Effect<StoredKey, KeyRefused> =>
    Effect.suspend(() => {
      const key = stored.get(name)
      if (key !== undefined) return Effect.succeed(key)
      return isConfigured(name) ? inConfig(name) : refuse("missing", `there is no client key '${name.slice(0, 100)}'`)
    })

  const reportStored = (key: StoredKey, now: number): KeyReport => ({
    name: key.name,
    source: "stored",
    state: isConfigured(key.name) ? "shadowed" : stateOf(key, now),
    tenant: key.tenant,
    priority: key.priority,
    allow: key.allow,
    region: key.region,
    limits: key.limits,
    tags: key.tags,
    metadata: key.metadata,
    createdAt: key.createdAt,
    expiresAt: key.expiresAt,
    revokedAt: key.revokedAt,
    secrets: key.secrets
      .filter((secret) => isCurrent(secret, now))
      .map(({ createdAt, lastFour, prefix, validUntil }) => ({
        prefix,
        lastFour,
        createdAt,
        ...(validUntil === undefined ? undefined : { validUntil })
      })),
    durable: store.durable
  })
  const reportConfigured = (key: ClientKey, now: number): KeyReport => ({
    name: key.name,
    source: "config",
    state: stateOf(key.expiresAt === undefined ? {} : { expiresAt: key.expiresAt }, now),
    tenant: key.tenant,
    priority: key.priority,
    allow: key.allow,
    region: key.region,
    limits: key.limits,
    tags: key.tags ?? [],
    metadata: key.metadata,
    createdAt: undefined,
    expiresAt: key.expiresAt,
    revokedAt: undefined,
    secrets: [],
    durable: true
  })

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

  /** What is wrong with what is said anew. */
  const checked = ({ expiresAt, region }: KeyChange, now: number): Effect.Effect<void, KeyRefused> => {
    if (expiresAt !== undefined && expiresAt !== null && expiresAt <= now)
      return refuse("invalid", "a key that has expired already lets nobody in", "expires")
    if (typeof region === "string" && !settings().providers.some((spec) => spec.region === regionOf(region)))
      return refuse("invalid", `no provider that is on has the region '${region}'`, "region")
    return Effect.void
  }

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

  return ClientKeys.of({
    required,
    hasStored,
    authenticate: (presented, now) => {
      if (!required()) return Result.succeed(anonymous)
      if (presented.length === 0) return Result.fail(gatewayError({ _tag: "Unauthorized", message: missing }))
      const table = index()
      let refusal: string | undefined
      for (const key of presented) {
        const one = table.get(secretDigest(key))
        if (one === undefined) continue
        const refused = one.refusal(now)
        if (refused === undefined) return Result.succeed(one.caller)
        refusal ??= refused
      }
      return Result.fail(
        refusal === undefined && revision === undefined
          ? gatewayError({ _tag: "KeysUnavailable" })
          : gatewayError({ _tag: "Unauthorized", message: refusal ?? wrong })
      )
    },
    durable: store.durable,
    list: Effect.map(Clock.currentTimeMillis, (now) => [
      ...settings().keys.map((key) => reportConfigured(key, now)),
      ...[...stored.values()].sort((a, b) => a.createdAt - b.createdAt).map((key) => reportStored(key, now))
    ]),
    one: (name) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const own = settings().keys.find((key) => key.name === name)
        return own === undefined ? reportStored(yield* found(name), now) : reportConfigured(own, now)
      }),
    create: ({ name, ...order }) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (!keyNamePattern.test(name)) return yield* refuse("invalid", keyNameExpected, "name")
        const taken = refuse("refused", `there is, or was, a client key '${name}': a name is given once`, "name")
        if (isConfigured(name) || stored.has(name)) return yield* taken
        yield* checked(order, now)
        if (stored.size >= mostKeys) {
          const [oldest] = [...stored.values()]
            .filter((key) => stateOf(key, now) !== "active" && !unwritten.has(key.name))
            .sort((a, b) => a.createdAt - b.createdAt)
          if (oldest === undefined) return yield* refuse("refused", `there are ${mostKeys} client keys: revoke some`)
          yield* storing(store.remove(oldest.name))
          stored.delete(oldest.name)
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
            yield* checked(change, now)
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
            if (isConfigured(name)) return yield* inConfig(name)
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
