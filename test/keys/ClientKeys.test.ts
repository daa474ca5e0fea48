import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Layer, Logger, Redacted, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import type { ClientKey } from "../../src/config/Settings.ts"
import { ClientKeys, lookEvery } from "../../src/keys/ClientKeys.ts"
import type { KeySettings } from "../../src/keys/KeyOrder.ts"
import { KeyStore, KeyStoreError } from "../../src/keys/KeyStore.ts"
import { secretDigest } from "../../src/keys/Secret.ts"

const configKey = (name: string, key: string, more: Partial<ClientKey> = {}): ClientKey => ({
  name,
  key: Redacted.make(key),
  tenant: undefined,
  priority: "normal",
  allow: undefined,
  ...more
})

const settingsOf = (...keys: ReadonlyArray<ClientKey>): KeySettings => ({ keys, providers: [] })

/** Who comes in with a secret: a name, or why nobody does. */
const whose = (secret: string | Redacted.Redacted<string>) =>
  Effect.gen(function* () {
    const keys = yield* ClientKeys
    const now = yield* Clock.currentTimeMillis
    const text = typeof secret === "string" ? secret : Redacted.value(secret)
    return Result.match(keys.authenticate([text], now), {
      onSuccess: ({ name }) => name,
      onFailure: ({ message, reason }) => `${reason._tag}: ${message}`
    })
  })

const over = (settings: KeySettings | (() => KeySettings), rows = new Map<string, string>()) =>
  ClientKeys.layer(typeof settings === "function" ? settings : () => settings).pipe(
    Layer.provide(Layer.fresh(KeyStore.layerMemory(rows)))
  )

describe("client keys", () => {
  it.effect("are not needed while there are none, and are from the first one on, be it revoked", () =>
    Effect.gen(function* () {
      const keys = yield* ClientKeys
      assert.isFalse(keys.required())
      assert.strictEqual(yield* whose("anything"), "anonymous")
      const { notes, secret } = yield* keys.create({ name: "web" })
      assert.isTrue(keys.required())
      assert.match(notes.join(), /ends with the process.*first key/)
      assert.strictEqual(yield* whose(secret), "web")
      assert.match(yield* whose("anything"), /^Unauthorized: .*not one of/)
      yield* keys.revoke("web")
      assert.isTrue(keys.required())
      assert.match(yield* whose(secret), /^Unauthorized: .*revoked/)
    }).pipe(Effect.provide(over(settingsOf())))
  )

  it.effect("have their answers tell of themselves in bodies, as long as that is said", () =>
    Effect.gen(function* () {
      const keys = yield* ClientKeys
      const { key, secret } = yield* keys.create({ name: "web", metadata: "body" })
      assert.strictEqual(key.metadata, "body")
      const granted = () => Result.getOrThrow(keys.authenticate([Redacted.value(secret)], 0)).metadata
      assert.strictEqual(granted(), "body")
      assert.strictEqual((yield* keys.change("web", { metadata: null })).metadata, undefined)
      assert.strictEqual(granted(), undefined)
    }).pipe(Effect.provide(over(settingsOf())))
  )

  it.effect("grant what was said when they were made, to whoever has the secret", () =>
    Effect.gen(function* () {
      const keys = yield* ClientKeys
      const limits = { requestsPerMinute: 60 }
      const { key, secret } = yield* keys.create({
        name: "web",
        tenant: "acme",
        priority: "low",
        allow: ["smart"],
        limits,
        tags: ["team"]
      })
      const caller = keys.authenticate(["wrong", Redacted.value(secret)], 0)
      assert.deepStrictEqual(Result.getOrUndefined(caller), {
        name: "web",
        tenant: "acme",
        priority: "low",
        allow: ["smart"],
        limits,
        tags: ["team"]
      })
      const text = Redacted.value(secret)
      assert.match(text, /^sy-[\w-]{43}$/)
      assert.deepStrictEqual(key.secrets, [{ prefix: text.slice(0, 7), lastFour: text.slice(-4), createdAt: 0 }])
      assert.notInclude(JSON.stringify(yield* keys.list), text)
    }).pipe(Effect.provide(over(settingsOf())))
  )

  it.effect("are stored as digests alone", () => {
    const rows = new Map<string, string>()
    return Effect.gen(function* () {
      const keys = yield* ClientKeys
      const { secret } = yield* keys.create({ name: "web" })
      const stored = [...rows.values()].join()
      assert.include(stored, secretDigest(Redacted.value(secret)))
      assert.notInclude(stored, Redacted.value(secret).slice(7, -4))
    }).pipe(Effect.provide(over(settingsOf(), rows)))
  })

  it.effect("that are rotated let both secrets in for the grace, and then the new one alone", () =>
    Effect.gen(function* () {
      const keys = yield* ClientKeys
      const first = yield* keys.create({ name: "web" })
      const second = yield* keys.rotate("web", Duration.hours(1))
      assert.lengthOf(second.key.secrets, 2)
      yield* TestClock.adjust("59 minutes")
      for (const { secret } of [first, second]) assert.strictEqual(yield* whose(secret), "web")
      yield* TestClock.adjust("1 minute")
      assert.match(yield* whose(first.secret), /replaced/)
      assert.strictEqual(yield* whose(second.secret), "web")
      assert.lengthOf((yield* keys.one("web")).secrets, 1)
      // without a grace at once
      const third = yield* keys.rotate("web", Duration.zero)
      assert.notStrictEqual(yield* whose(second.secret), "web")
      assert.strictEqual(yield* whose(third.secret), "web")
    }).pipe(Effect.provide(over(settingsOf())))
  )

  it.effect("that are rotated twice do not end an earlier secret sooner or later than it was told to", () =>
    Effect.gen(function* () {
      const keys = yield* ClientKeys
      const first = yield* keys.create({ name: "web" })
      yield* keys.rotate("web", Duration.hours(1))
      yield* keys.rotate("web", Duration.hours(5))
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual(yield* whose(first.secret), "web")
      yield* TestClock.adjust("1 minute")
      assert.match(yield* whose(first.secret), /replaced/)
      // however often they are rotated, their number has an end
      for (let n = 0; n < 6; n++) yield* keys.rotate("web", Duration.hours(5))
      const refused = yield* Effect.flip(keys.rotate("web", Duration.hours(5)))
      assert.strictEqual(refused.kind, "refused")
      yield* keys.rotate("web", Duration.zero)
    }).pipe(Effect.provide(over(settingsOf())))
  )

  it.effect("end when they expire, whoever they are of, and may be given more time", () => {
    const settings = settingsOf(configKey("temporary", "of-the-config", { expiresAt: 60_000 }))
    return Effect.gen(function* () {
      const keys = yield* ClientKeys
      const { secret } = yield* keys.create({ name: "web", expiresAt: 60_000 })
      assert.strictEqual(yield* whose(secret), "web")
      assert.strictEqual(yield* whose("of-the-config"), "temporary")
      yield* TestClock.adjust("1 minute")
      for (const one of [Redacted.value(secret), "of-the-config"]) assert.match(yield* whose(one), /has expired/)
      assert.deepStrictEqual(
        (yield* keys.list).map(({ state }) => state),
        ["expired", "expired"]
      )
      assert.strictEqual((yield* Effect.flip(keys.rotate("web"))).kind, "refused")
      assert.strictEqual((yield* Effect.flip(keys.change("web", { expiresAt: 60_000 }))).param, "expires")
      yield* keys.change("web", { expiresAt: 120_000, tenant: "acme" })
      assert.strictEqual(yield* whose(secret), "web")
      const changed = yield* keys.change("web", { expiresAt: null, tenant: null, priority: "critical" })
      assert.deepInclude(changed, { expiresAt: undefined, tenant: undefined, priority: "critical" })
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* whose(secret), "web")
    }).pipe(Effect.provide(over(settings)))
  })

  it.effect("bear budgets until they end, and whoever follows those is told so in that moment", () =>
    Effect.gen(function* () {
      const keys = yield* ClientKeys
      const heard: Array<readonly [name: string | undefined, count: number]> = []
      keys.listen((name) => void heard.push([name, keys.budgets(name).length]))
      const budgets = [{ window: "day", limitUsd: 1 } as const]
      yield* keys.create({ name: "brief", budgets, expiresAt: 60_000 })
      yield* keys.create({ name: "long", budgets, expiresAt: 90 * 86_400_000 })
      yield* keys.create({ name: "none" })
      assert.deepStrictEqual(heard, [
        ["brief", 1],
        ["long", 1]
      ])
      yield* TestClock.adjust("59 seconds")
      assert.lengthOf(keys.budgets(), 2)
      assert.lengthOf(heard, 2)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(heard[2], [undefined, 1])
      assert.lengthOf(keys.budgets("brief"), 0)
      // more time brings them back
      yield* keys.change("brief", { expiresAt: 120_000 })
      assert.deepStrictEqual(heard[3], ["brief", 1])
      yield* keys.revoke("brief")
      assert.deepStrictEqual(heard[4], ["brief", 0])
      yield* TestClock.adjust("90 days")
      assert.lengthOf(keys.budgets(), 0)
      assert.deepStrictEqual(heard.at(-1), [undefined, 0])
    }).pipe(Effect.provide(over(settingsOf())))
  )

  it.effect("that two operators rotate at once have both new secrets for the grace, and every one before", () =>
    Effect.gen(function* () {
      const keys = yield* ClientKeys
      const first = yield* keys.create({ name: "web" })
      const both = yield* Effect.all([keys.rotate("web"), keys.rotate("web")], { concurrency: 2 })
      for (const { secret } of [first, ...both]) assert.strictEqual(yield* whose(secret), "web")
      yield* TestClock.adjust("1 day")
      const still = yield* Effect.forEach([first, ...both], ({ secret }) => whose(secret))
      assert.lengthOf(
        still.filter((name) => name === "web"),
        1
      )
    }).pipe(Effect.provide(over(settingsOf())))
  )

  it.effect("are told of a name once: not one of the config's, not one that was revoked", () =>
    Effect.gen(function* () {
      const keys = yield* ClientKeys
      yield* keys.create({ name: "web" })
      yield* keys.revoke("web")
      for (const name of ["web", "config"])
        assert.strictEqual((yield* Effect.flip(keys.create({ name }))).kind, "refused", name)
      for (const name of ["", "a b", "a/b", "-a", "ü", "x".repeat(65)])
        assert.strictEqual((yield* Effect.flip(keys.create({ name }))).kind, "invalid", name)
      for (const change of [
        Effect.asVoid(keys.revoke("config")),
        Effect.asVoid(keys.rotate("config")),
        Effect.asVoid(keys.change("config", { tags: [] }))
      ])
        assert.match((yield* Effect.flip(change)).message, /stands in the configuration/)
      for (const change of [
        Effect.asVoid(keys.revoke("nobody")),
        Effect.asVoid(keys.rotate("nobody")),
        Effect.asVoid(keys.one("nobody"))
      ])
        assert.strictEqual((yield* Effect.flip(change)).kind, "missing")
      assert.strictEqual((yield* Effect.flip(keys.rotate("web"))).kind, "refused")
      // to revoke again is to have revoked
      assert.strictEqual((yield* keys.revoke("web")).state, "revoked")
    }).pipe(Effect.provide(over(settingsOf(configKey("config", "of-the-config")))))
  )

  it.effect("of the config take the place of a stored one of that name as soon as they are in force", () => {
    let settings = settingsOf()
    return Effect.gen(function* () {
      const keys = yield* ClientKeys
      const { secret } = yield* keys.create({ name: "web" })
      settings = settingsOf(configKey("web", "of-the-config"))
      assert.match(yield* whose(secret), /not one of/)
      assert.strictEqual(yield* whose("of-the-config"), "web")
      assert.deepStrictEqual(
        (yield* keys.list).map(({ source, state }) => [source, state]),
        [
          ["config", "active"],
          ["stored", "shadowed"]
        ]
      )
      settings = settingsOf()
      assert.strictEqual(yield* whose(secret), "web")
      assert.match(yield* whose("of-the-config"), /not one of/)
    }).pipe(Effect.provide(over(() => settings)))
  })

  it.effect("are only for regions that somebody has", () =>
    Effect.gen(function* () {
      const keys = yield* ClientKeys
      assert.strictEqual((yield* Effect.flip(keys.create({ name: "web", region: "mars" }))).param, "region")
    }).pipe(Effect.provide(over(settingsOf())))
  )
})

describe("any history of client keys", () => {
  const Event = Schema.Struct({
    what: Schema.Literals(["create", "rotate", "revoke", "expire", "reload"]),
    which: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
    minutes: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 90 }))
  })

  it.effect.prop(
    "lets in who holds a secret that does, and nobody else, before and after a restart",
    { events: Schema.Array(Event).check(Schema.isMinLength(15), Schema.isMaxLength(30)) },
    ({ events }) => {
      const rows = new Map<string, string>()
      /** What ought to be: each secret's name, and until when it does. */
      const secrets: Array<{ readonly name: string; readonly text: string; until: number }> = []
      const expires = new Map<string, number>()
      const revoked = new Set<string>()
      const names = ["a", "b", "c", "d"]

      const check = Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        for (const { name, text, until } of secrets) {
          const isIn = !revoked.has(name) && now < until && now < (expires.get(name) ?? Infinity)
          const told = yield* whose(text)
          if (isIn) assert.strictEqual(told, name)
          else assert.match(told, /^Unauthorized/)
        }
        assert.strictEqual((yield* ClientKeys).required(), secrets.length > 0)
      })

      return Effect.gen(function* () {
        yield* Effect.gen(function* () {
          const keys = yield* ClientKeys
          for (const { minutes, what, which } of events) {
            yield* TestClock.adjust(Duration.minutes(minutes))
            const now = yield* Clock.currentTimeMillis
            const name = names[which] ?? "a"
            const isLiving = secrets.some((one) => one.name === name) && !revoked.has(name)
            const isExpired = now >= (expires.get(name) ?? Infinity)
            if (what === "create") {
              const made = yield* Effect.result(keys.create({ name }))
              assert.strictEqual(Result.isSuccess(made), !secrets.some((one) => one.name === name))
              if (Result.isSuccess(made))
                secrets.push({ name, text: Redacted.value(made.success.secret), until: Infinity })
            } else if (what === "rotate") {
              const grace = Duration.minutes(minutes)
              const made = yield* Effect.result(keys.rotate(name, grace))
              if (Result.isFailure(made)) {
                const current = secrets.filter((one) => one.name === name && now < one.until)
                assert.isTrue(!isLiving || isExpired || current.length >= 8)
              } else {
                for (const one of secrets)
                  if (one.name === name) one.until = Math.min(one.until, now + Duration.toMillis(grace))
                secrets.push({ name, text: Redacted.value(made.success.secret), until: Infinity })
              }
            } else if (what === "revoke") {
              yield* Effect.ignore(keys.revoke(name))
              if (isLiving) revoked.add(name)
            } else if (what === "expire") {
              const at = now + Duration.toMillis(Duration.minutes(minutes + 1))
              const changed = yield* Effect.result(keys.change(name, { expiresAt: at }))
              assert.strictEqual(Result.isSuccess(changed), isLiving)
              if (isLiving) expires.set(name, at)
            }
            yield* check
          }
        }).pipe(Effect.provide(over(settingsOf(), rows)))
        yield* Effect.provide(check, over(settingsOf(), rows))
      })
    },
    { arbitrary: { runs: 100 } }
  )
})

/** Two gateways over one store, the second of which only looks at it now and then. */
const shared = () => {
  const rows = new Map<string, string>()
  let revision = 0
  const of = (durable: boolean) =>
    Layer.effect(
      KeyStore,
      Effect.map(KeyStore, (store): KeyStore["Service"] => ({
        ...store,
        durable,
        insert: (key) => Effect.tap(store.insert(key), () => Effect.sync(() => revision++)),
        replace: (key) => Effect.tap(store.replace(key), () => Effect.sync(() => revision++)),
        revision: Effect.sync(() => revision)
      }))
    ).pipe(Layer.provide(Layer.fresh(KeyStore.layerMemory(rows))))
  const opened = Effect.flatMap(
    Layer.build(Layer.fresh(Layer.provide(ClientKeys.layer(settingsOf), of(true)))),
    (one) => Effect.provide(ClientKeys, one)
  )
  return { opened }
}

describe("client keys in a store of several processes", () => {
  it.effect("are noticed by the others soon, revoked ones too", () =>
    Effect.gen(function* () {
      const { opened } = shared()
      const one = yield* opened
      const other = yield* opened
      const { secret } = yield* one.create({ name: "web" })
      const there = whose(secret).pipe(Effect.provideService(ClientKeys, other))
      yield* TestClock.adjust(lookEvery)
      assert.strictEqual(yield* there, "web")
      yield* other.revoke("web")
      yield* TestClock.adjust(lookEvery)
      assert.match(yield* whose(secret).pipe(Effect.provideService(ClientKeys, one)), /revoked/)
    })
  )
  it.effect("are changed from what they are by then, not from what was seen last", () =>
    Effect.gen(function* () {
      const { opened } = shared()
      const one = yield* opened
      yield* one.create({ name: "web" })
      const other = yield* opened
      yield* one.change("web", { tenant: "acme" })
      const changed = yield* other.change("web", { priority: "low" })
      assert.deepInclude(changed, { tenant: "acme", priority: "low" })
      assert.strictEqual((yield* Effect.flip(other.create({ name: "web" }))).kind, "refused")
    })
  )
})

describe("a store of client keys that does not work", () => {
  /** A store that fails while it is told to. */
  const failing = (rows: Map<string, string>, isDown: () => boolean) =>
    Layer.effect(
      KeyStore,
      Effect.map(KeyStore, (store): KeyStore["Service"] => {
        const down = (operation: KeyStoreError["operation"]) => new KeyStoreError({ operation, message: "disk full" })
        const unless = <A>(effect: Effect.Effect<A, KeyStoreError>, operation: KeyStoreError["operation"]) =>
          Effect.suspend(() => (isDown() ? Effect.fail(down(operation)) : effect))
        return {
          durable: true,
          load: unless(store.load, "load"),
          insert: (key) => unless(store.insert(key), "insert"),
          replace: (key) => unless(store.replace(key), "replace"),
          remove: (name) => unless(store.remove(name), "remove"),
          revision: unless(store.revision, "revision")
        }
      })
    ).pipe(Layer.provide(Layer.fresh(KeyStore.layerMemory(rows))))

  it.effect(
    "at the start lets in the config's keys alone, tells others to come back, and is read when it works",
    () => {
      const rows = new Map<string, string>()
      const lines: Array<string> = []
      let isDown = false
      let made: Redacted.Redacted<string> = Redacted.make("")
      const settings = settingsOf(configKey("config", "of-the-config"))
      const layer = () => Layer.fresh(ClientKeys.layer(() => settings).pipe(Layer.provide(failing(rows, () => isDown))))
      return Effect.gen(function* () {
        yield* Effect.gen(function* () {
          made = (yield* (yield* ClientKeys).create({ name: "web" })).secret
        }).pipe(Effect.provide(layer()))
        isDown = true
        yield* Effect.gen(function* () {
          const keys = yield* ClientKeys
          assert.isTrue(keys.hasStored())
          assert.match(yield* whose(made), /^KeysUnavailable/)
          assert.strictEqual(yield* whose("of-the-config"), "config")
          yield* TestClock.adjust("1 minute")
          assert.lengthOf(lines, 1, lines.join("\n"))
          isDown = false
          yield* TestClock.adjust(lookEvery)
          assert.strictEqual(yield* whose(made), "web")
          assert.lengthOf(lines, 2)
        }).pipe(Effect.provide(layer()))
      }).pipe(Effect.provide(Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])))
    }
  )

  it.effect("later makes nothing that would be lost, but revokes at once, and stores that when it works", () => {
    const rows = new Map<string, string>()
    let isDown = false
    return Effect.gen(function* () {
      const keys = yield* ClientKeys
      const { secret } = yield* keys.create({ name: "web" })
      isDown = true
      assert.strictEqual((yield* Effect.flip(keys.create({ name: "other" }))).kind, "unavailable")
      assert.strictEqual((yield* Effect.flip(keys.rotate("web"))).kind, "unavailable")
      assert.strictEqual(yield* whose(secret), "web")
      const refused = yield* Effect.flip(keys.revoke("web"))
      assert.strictEqual(refused.kind, "unavailable")
      assert.match(yield* whose(secret), /revoked/)
      assert.notInclude([...rows.values()].join(), "revokedAt")
      isDown = false
      yield* TestClock.adjust(lookEvery)
      assert.include([...rows.values()].join(), "revokedAt")
      assert.match(yield* whose(secret), /revoked/)
    }).pipe(Effect.provide(ClientKeys.layer(settingsOf).pipe(Layer.provide(failing(rows, () => isDown)))))
  })
})
