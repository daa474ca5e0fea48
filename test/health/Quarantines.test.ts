import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Logger, Redacted, Scope, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { fingerprintOf } from "../../src/config/fingerprint.ts"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import { ProviderError, type Reason } from "../../src/domain/ProviderError.ts"
import { Quarantines } from "../../src/health/Quarantines.ts"
import { QuarantineStore, StoreError } from "../../src/health/QuarantineStore.ts"
import * as Sqlite from "../../src/storage/Sqlite.ts"
import { entryOf } from "./quarantineStoreLaws.ts"

const minute = 60_000
const secrets = ["sk-canary-one", "sk-canary-two"] as const
const [one, two] = [fingerprintOf(secrets[0]), fingerprintOf(secrets[1])]

const specOf = (id: string, keys: ReadonlyArray<string>, changes: Partial<ProviderSpec> = {}): ProviderSpec => ({
  id,
  kind: "openai",
  apiKeys: keys.map((key) => Redacted.make(key)),
  baseUrl: undefined,
  apiVersion: undefined,
  deployments: {},
  headers: {},
  failureDomain: undefined,
  region: undefined,
  models: [],
  ...changes
})
const single = { providers: [specOf("openai", [secrets[0]])] }
const double = { providers: [specOf("openai", secrets)] }
const keyless = { providers: [specOf("openai", [])] }
const isKnown = ({ model }: { model: string }): boolean => !model.startsWith("invented")

const badKey: Reason = { _tag: "AuthenticationFailed", message: "invalid key", status: 401 }
const banned: Reason = { _tag: "AccessDenied", message: "account disabled", scope: "account", status: 403 }
const denied: Reason = { _tag: "AccessDenied", message: "not this model", scope: "model", status: 403 }
const spent: Reason = { _tag: "QuotaExhausted", message: "insufficient quota", status: 429 }
const gone: Reason = { _tag: "ModelUnavailable", message: "no such model", status: 404 }
/** `none`: the provider needs no key. */
const error = (reason: Reason, credential: string | "none" = one, model = "gpt-5.2") =>
  new ProviderError({ provider: "openai", model, reason, ...(credential === "none" ? {} : { credential }) })
const ref = { provider: "openai", model: "gpt-5.2" }
const other = { provider: "openai", model: "other" }

/** Everything is done with the quarantines of these settings, over a store that lasts as long as `rows`. */
const using = <A, E>(
  settings: { readonly providers: ReadonlyArray<ProviderSpec> },
  use: (quarantines: Quarantines["Service"]) => Effect.Effect<A, E>,
  rows = new Map<string, string>()
) =>
  Effect.flatMap(Quarantines, use).pipe(
    Effect.provide(
      Layer.fresh(Quarantines.layer(settings, isKnown).pipe(Layer.provide(QuarantineStore.layerMemory(rows))))
    )
  )
/** The keys of what is in quarantine after `acts`, all of which happen at once. */
const after = (
  settings: { readonly providers: ReadonlyArray<ProviderSpec> },
  acts: (quarantines: Quarantines["Service"]) => void
) =>
  using(settings, (quarantines) =>
    Effect.sync(() => {
      acts(quarantines)
      return quarantines.entries(0).map(({ key }) => key)
    })
  )
/** Lets other fibers run until it is so. */
const until = (holds: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (holds() ? Effect.void : Effect.andThen(Effect.yieldNow, until(holds))))
/** What the program logs, besides what it does. */
const logged = <A, E, R>(program: (lines: ReadonlyArray<string>) => Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel}: ${String(message)}`))
    return Effect.as(Effect.provide(program(lines), Logger.layer([logger])), lines)
  })

describe("the quarantines", () => {
  it.effect("bar the very next call, of any model, once an account's ban was read", () =>
    using(single, (quarantines) =>
      Effect.sync(() => {
        assert.isUndefined(quarantines.barred(other, [one], 5))
        quarantines.failed(error(banned), 5)
        const entry = quarantines.barred(other, [one], 5)
        assert.deepInclude(entry, { key: "account:openai", seenAt: "gpt-5.2", since: 5, recheckAt: 5 + 10 * minute })
        assert.isUndefined(quarantines.barred({ provider: "azure", model: "gpt-5.2" }, [], 5))
      })
    )
  )
  it.effect("bar a key that was turned away, and the provider only when it has no other", () =>
    using(double, (quarantines) =>
      Effect.sync(() => {
        quarantines.turnedAway(error(badKey, one), 0)
        assert.isFalse(quarantines.mayUse("openai", one, 0))
        assert.isTrue(quarantines.mayUse("openai", two, 0))
        assert.isUndefined(quarantines.barred(ref, [one, two], 0))
        quarantines.turnedAway(error(spent, two), 0)
        assert.strictEqual(quarantines.barred(ref, [one, two], 0)?.reason._tag, "AuthenticationFailed")
        const rechecks = new Map(quarantines.entries(0).map((entry) => [entry.credential, entry.recheckAt]))
        assert.deepStrictEqual([rechecks.get(one), rechecks.get(two)], [5 * minute, 10 * minute])
      })
    )
  )
  it.effect("bar the account for a quota of its only key, and for a key that a keyless server wants", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* after(single, (q) => q.failed(error(spent), 0)), ["account:openai"])
      assert.deepStrictEqual(yield* after(keyless, (q) => q.failed(error(badKey, "none"), 0)), ["account:openai"])
      assert.deepStrictEqual(yield* after(double, (q) => q.failed(error(spent), 0)), [`credential:openai:${one}`])
    })
  )
  it.effect("keep nothing of a model that nobody is known to serve, and all that was said of its account", () =>
    Effect.gen(function* () {
      const of = (reason: Reason) => after(single, (q) => q.failed(error(reason, one, "invented-1"), 0))
      assert.deepStrictEqual(yield* of(gone), [])
      assert.deepStrictEqual(yield* of(denied), [])
      assert.deepStrictEqual(yield* of(banned), ["account:openai"])
      const seenAt = yield* using(single, (q) =>
        Effect.sync(() => {
          q.failed(error(banned, one, "invented-1"), 0)
          return q.entries(0)[0]?.seenAt
        })
      )
      assert.strictEqual(seenAt, "invented-1")
    })
  )
  it.effect("keep nothing for failures that bar nobody", () =>
    Effect.gen(function* () {
      const reasons: ReadonlyArray<Reason> = [
        { _tag: "RateLimited", message: "slow down" },
        { _tag: "ServerError", message: "boom", status: 500 },
        { _tag: "InvalidRequest", message: "bad" }
      ]
      assert.deepStrictEqual(yield* after(single, (q) => reasons.forEach((reason) => q.failed(error(reason), 0))), [])
    })
  )
  it.effect("hand out what is due, and lift what a probe has shown to serve again", () =>
    using(double, (quarantines) =>
      Effect.sync(() => {
        quarantines.failed(error(banned), 0)
        quarantines.failed(error(denied), 0)
        quarantines.turnedAway(error(badKey, two), 0)
        const due = (now: number) => quarantines.due(now).map(({ key }) => key)
        assert.deepStrictEqual(due(minute), ["model:openai/gpt-5.2"])
        quarantines.recheckFailed("model:openai/gpt-5.2", error(denied), minute)
        assert.deepStrictEqual(due(minute), [])
        assert.deepStrictEqual(due(3 * minute), ["model:openai/gpt-5.2"])
        quarantines.recovered({ ref, credential: one }, 3 * minute)
        assert.deepStrictEqual(due(60 * minute), [`credential:openai:${two}`])
        quarantines.recovered({ ref, credential: two }, 60 * minute)
        assert.deepStrictEqual(quarantines.entries(60 * minute), [])
      })
    )
  )
  it.effect("lift the only key there is when the provider has completed a token, pinned to it or not", () =>
    Effect.gen(function* () {
      const keys = yield* after(single, (q) => {
        q.failed(error(badKey), 0)
        q.recovered({ ref }, 1)
      })
      assert.deepStrictEqual(keys, [])
    })
  )
  it.effect("bar what a probe of something else was told", () =>
    Effect.gen(function* () {
      const keys = yield* after(double, (q) => {
        q.turnedAway(error(badKey, one), 0)
        q.recheckFailed(`credential:openai:${one}`, error(banned, one), 5 * minute)
      })
      assert.deepStrictEqual(keys, [`credential:openai:${one}`, "account:openai"])
    })
  )
  it.effect(
    "lift an account and a key by a probe that only a good one is answered so, and bar what that is about",
    () =>
      Effect.gen(function* () {
        const bad: Reason = { _tag: "InvalidRequest", message: "max_tokens is too small", status: 400 }
        const answers: ReadonlyArray<readonly [Reason, ReadonlyArray<string>]> = [
          [gone, ["model:openai/gpt-5.2"]],
          [denied, ["model:openai/gpt-5.2"]],
          [bad, []],
          [{ ...gone, unspecific: true }, ["account:openai"]],
          [{ _tag: "Network", message: "reset", sent: true }, ["account:openai"]],
          [{ _tag: "RateLimited", message: "slow down" }, ["account:openai"]]
        ]
        for (const [reason, left] of answers) {
          const keys = yield* after(single, (q) => {
            q.failed(error(spent), 0)
            q.recheckFailed("account:openai", error(reason), 10 * minute)
          })
          assert.deepStrictEqual(keys, left, reason._tag)
        }
        const ofKey = yield* after(double, (q) => {
          q.turnedAway(error(badKey, one), 0)
          q.turnedAway(error(badKey, two), 0)
          q.recheckFailed(`credential:openai:${one}`, error(bad, one), 5 * minute)
        })
        assert.deepStrictEqual(ofKey, [`credential:openai:${two}`])
      })
  )
  it.effect("bar nobody for an unspecific refusal until there were three with nothing served between", () =>
    Effect.gen(function* () {
      const vague: ReadonlyArray<readonly [Reason, string]> = [
        [{ ...badKey, unspecific: true }, `credential:openai:${one}`],
        [{ ...banned, unspecific: true }, "account:openai"],
        [{ ...denied, unspecific: true }, "model:openai/gpt-5.2"],
        [{ ...gone, unspecific: true }, "model:openai/gpt-5.2"]
      ]
      for (const [reason, key] of vague) {
        const refuse = (q: Quarantines["Service"]) => q.failed(error(reason), 0)
        assert.deepStrictEqual(yield* after(single, (q) => [1, 2].forEach(() => refuse(q))), [])
        assert.deepStrictEqual(yield* after(single, (q) => [1, 2, 3].forEach(() => refuse(q))), [key])
        const mended = yield* after(single, (q) => {
          for (let i = 0; i < 9; i++) {
            refuse(q)
            if (i % 2 === 1) q.served(ref, one, 0)
          }
        })
        assert.deepStrictEqual(mended, [], key)
      }
    })
  )
  it.effect("count a refusal once that both the provider and the walk tell of", () =>
    Effect.gen(function* () {
      const keys = yield* after(single, (q) => {
        for (let i = 0; i < 2; i++) {
          const refusal = error({ ...denied, unspecific: true })
          for (let told = 0; told < 3; told++) q.failed(refusal, 0)
        }
      })
      assert.deepStrictEqual(keys, [])
    })
  )
  it.effect("hand out at once what is suspected, bar it when its probe is refused too, and forget it when not", () =>
    using(single, (quarantines) =>
      Effect.gen(function* () {
        const heard = yield* Effect.forkChild(Stream.runCollect(Stream.take(quarantines.suspicions, 1)), {
          startImmediately: true
        })
        const vague = { ...denied, unspecific: true }
        const key = "model:openai/gpt-5.2"
        quarantines.failed(error(vague), 5)
        assert.deepStrictEqual(yield* Fiber.join(heard), [key])
        const due = () => quarantines.due(5).map((entry) => [entry.key, entry.suspected])
        assert.deepStrictEqual(due(), [[key, true]])
        quarantines.recovered({ ref }, 5)
        assert.deepStrictEqual(due(), [])
        quarantines.failed(error(vague), 5)
        quarantines.recheckFailed(key, error(vague), 5)
        assert.strictEqual(quarantines.barred(ref, [one], 5)?.recheckAt, 5 + minute)
        assert.deepStrictEqual(due(), [])
      })
    )
  )
  it.effect("leave a recheck that nobody probes to one real call at a time, which lifts what it finds mended", () =>
    using(single, (quarantines) =>
      Effect.sync(() => {
        quarantines.failed(error(banned), 0)
        const refuses = (now: number) => quarantines.refuses(ref, [one], now)?.key
        assert.strictEqual(refuses(10 * minute - 1), "account:openai")
        // a call that had started before the ban
        quarantines.served(ref, one, 1)
        assert.strictEqual(refuses(2), "account:openai")
        assert.isUndefined(refuses(10 * minute))
        quarantines.tried(ref, [one], 10 * minute)
        assert.strictEqual(refuses(10 * minute), "account:openai")
        // it went away without an outcome
        assert.isUndefined(refuses(11 * minute))
        quarantines.tried(ref, [one], 11 * minute)
        quarantines.failed(error(banned), 11 * minute + 5)
        assert.strictEqual(refuses(21 * minute), "account:openai")
        assert.isUndefined(refuses(21 * minute + 5))
        quarantines.tried(ref, [one], 22 * minute)
        quarantines.served(ref, one, 22 * minute + 1)
        assert.deepStrictEqual(quarantines.entries(22 * minute + 1), [])
      })
    )
  )
  it.effect("leave no recheck to real calls that is probed, nor what a person has set", () =>
    using(single, (quarantines) =>
      Effect.sync(() => {
        quarantines.failed(error(denied), 0)
        const target = { scope: "account" as const, provider: "openai" }
        const audit = { target, reason: "AccessDenied" as const, message: "audit", source: "operator" as const }
        assert.isUndefined(quarantines.refuses(ref, [one], 60 * minute))
        quarantines.leaveTo(({ scope }) => scope === "model")
        assert.strictEqual(quarantines.refuses(ref, [one], 60 * minute)?.scope, "model")
        quarantines.leaveTo(() => false)
        const { key } = quarantines.set({ ...audit, until: undefined }, 60 * minute)
        assert.strictEqual(quarantines.refuses(ref, [one], 61 * minute)?.key, key)
      })
    )
  )
  it.effect("let a key that was turned away be used once when its recheck is due and nobody probes it", () =>
    using(double, (quarantines) =>
      Effect.sync(() => {
        quarantines.turnedAway(error(badKey, one), 0)
        const mayUse = (now: number) => quarantines.mayUse("openai", one, now)
        assert.isFalse(mayUse(5 * minute - 1))
        assert.isTrue(mayUse(5 * minute))
        assert.isFalse(mayUse(5 * minute))
        quarantines.turnedAway(error(badKey, one), 5 * minute + 1)
        assert.isFalse(mayUse(10 * minute))
        assert.isTrue(mayUse(10 * minute + 1))
        quarantines.served(ref, one, 10 * minute + 2)
        assert.isTrue(mayUse(10 * minute + 3))
        assert.deepStrictEqual(quarantines.entries(10 * minute + 3), [])
      })
    )
  )
  it.effect("obey a person and a drill before all, and find what was observed again when they end", () =>
    using(single, (quarantines) =>
      Effect.sync(() => {
        quarantines.failed(error(banned), 0)
        const target = { scope: "account" as const, provider: "openai" }
        const because = { target, reason: "ServerError" as const, message: "a drill" }
        const drill = quarantines.set({ ...because, source: "drill", until: 100 }, 0)
        assert.deepInclude(drill, { key: "drill:account:openai", until: 100 })
        const person = quarantines.set({ ...because, message: "an audit", source: "operator", until: undefined }, 0)
        assert.strictEqual(quarantines.barred(ref, [], 99)?.reason.message, "a drill")
        assert.strictEqual(quarantines.barred(ref, [], 100)?.reason.message, "an audit")
        quarantines.recovered({ ref }, 100)
        assert.strictEqual(quarantines.barred(ref, [], 100)?.key, person.key)
        assert.isFalse(quarantines.lift("drill:account:openai", 100))
        assert.isTrue(quarantines.lift(person.key, 100))
        assert.isUndefined(quarantines.barred(ref, [], 100))
      })
    )
  )
  it.effect("tell what happened, in its order", () =>
    using(single, (quarantines) =>
      Effect.gen(function* () {
        const listening = yield* Effect.forkChild(Stream.runCollect(Stream.take(quarantines.events, 3)), {
          startImmediately: true
        })
        quarantines.failed(error(banned), 0)
        quarantines.failed(error(banned), 1)
        quarantines.recheckFailed("account:openai", error(banned), 10 * minute)
        quarantines.lift("account:openai", 11 * minute)
        assert.deepStrictEqual(
          (yield* Fiber.join(listening)).map(({ _tag, at }) => [_tag, at]),
          [
            ["Set", 0],
            ["Rechecked", 10 * minute],
            ["Lifted", 11 * minute]
          ]
        )
      })
    )
  )

  it.effect(
    "free a provider at once whose key, keys or address the config has changed, and none that is merely off",
    () =>
      Effect.gen(function* () {
        const all = (q: Quarantines["Service"]) => {
          q.failed(error(banned), 0)
          q.failed(error(badKey), 0)
          q.failed(error(gone), 0)
        }
        const reloaded = (providers: ReadonlyArray<ProviderSpec>) =>
          after(single, (q) => {
            all(q)
            q.configure({ providers }, isKnown)
          })
        assert.lengthOf(yield* reloaded([]), 3)
        assert.lengthOf(yield* reloaded(single.providers), 3)
        assert.deepStrictEqual(yield* reloaded([specOf("openai", [secrets[1]])]), [])
        assert.deepStrictEqual(yield* reloaded(double.providers), [`credential:openai:${one}`])
        assert.deepStrictEqual(
          yield* reloaded([specOf("openai", [secrets[0]], { baseUrl: "http://elsewhere/v1" })]),
          []
        )
        const renamed = [specOf("openai", [secrets[0]], { deployments: { "gpt-5.2": "mine" } })]
        assert.deepStrictEqual(yield* reloaded(renamed), ["account:openai", `credential:openai:${one}`])
      })
  )
  it.effect("believe nothing that a key of an earlier config is told", () =>
    Effect.gen(function* () {
      const keys = yield* after(single, (q) => {
        q.configure({ providers: [specOf("openai", [secrets[1]])] }, isKnown)
        for (const reason of [banned, badKey, spent, gone]) q.failed(error(reason, one), 0)
      })
      assert.deepStrictEqual(keys, [])
    })
  )

  it.effect("know after a restart what was durable, and hold no secret in the store", () =>
    Effect.gen(function* () {
      const rows = new Map<string, string>()
      const target = { scope: "model" as const, provider: "openai", model: "gpt-5.2" }
      yield* using(
        single,
        (q) =>
          Effect.sync(() => {
            q.failed(error(banned), 0)
            q.failed(error(badKey), 0)
            q.failed(error(gone), 0)
            q.set({ target, reason: "AccessDenied", message: "audit", source: "operator", until: undefined }, 0)
            q.set({ target, reason: "AccessDenied", message: "drill", source: "drill", until: minute }, 0)
          }),
        rows
      )
      const keys = ["account:openai", `credential:openai:${one}`, "operator:model:openai/gpt-5.2"]
      assert.deepStrictEqual([...rows.keys()].sort(), keys)
      assert.notInclude(JSON.stringify([...rows]), "canary")
      const restarted = yield* using(single, (q) => Effect.sync(() => q.entries(0)), rows)
      assert.deepStrictEqual(restarted.map(({ key }) => key).sort(), keys)
      assert.isTrue(yield* using(single, (q) => Effect.sync(() => q.barred(other, [], 0) !== undefined), rows))
    })
  )
  it.effect("write at once, and take out of the store what is lifted, has lapsed or means nothing any more", () =>
    Effect.gen(function* () {
      const rows = new Map<string, string>([
        [`credential:openai:${two}`, JSON.stringify(entryOf("openai", { scope: "credential", credential: two }))],
        ["operator:account:old", JSON.stringify(entryOf("old", { source: "operator", until: -1 }))]
      ])
      yield* using(
        single,
        (q) =>
          Effect.gen(function* () {
            // no time passes: TestClock stands still
            yield* until(() => rows.size === 0)
            q.failed(error(banned), 0)
            yield* until(() => rows.has("account:openai"))
            q.recovered({ ref }, 1)
            yield* until(() => rows.size === 0)
          }),
        rows
      )
    })
  )
  it.effect("store of many changes of one thing the last", () =>
    Effect.gen(function* () {
      const rows = new Map<string, string>()
      yield* using(
        single,
        (q) =>
          Effect.sync(() => {
            for (let i = 0; i < 5; i++) {
              q.failed(error(banned), i)
              q.lift("account:openai", i)
            }
            q.failed(error(spent), 7)
          }),
        rows
      )
      assert.include(rows.get("account:openai"), `"since":7`)
    })
  )

  const over = (store: Layer.Layer<QuarantineStore>) => Quarantines.layer(single, isKnown).pipe(Layer.provide(store))
  it.effect("start with nothing, loudly, where the store cannot be read", () =>
    Effect.gen(function* () {
      const unreadable = Layer.succeed(QuarantineStore, {
        durable: true,
        load: Effect.fail(new StoreError({ operation: "load", message: "the disk image is malformed" })),
        put: () => Effect.void,
        remove: () => Effect.void
      })
      const defect = Layer.succeed(QuarantineStore, {
        durable: true,
        load: Effect.die(new Error("a driver's bug")),
        put: () => Effect.void,
        remove: () => Effect.void
      })
      for (const [store, words] of [
        [unreadable, "the disk image is malformed"],
        [defect, "a driver's bug"]
      ] as const) {
        const lines = yield* logged(() =>
          Effect.map(Quarantines, (q) => assert.deepStrictEqual(q.entries(0), [])).pipe(Effect.provide(over(store)))
        )
        assert.lengthOf(lines, 1)
        assert.match(lines[0] ?? "", /^Error: what was in quarantine cannot be read/)
        assert.include(lines[0], words)
      }
    })
  )
  it.effect("start without a store that gives no answer, and end without it", () =>
    Effect.gen(function* () {
      const hanging = Layer.succeed(QuarantineStore, {
        durable: true,
        load: Effect.never,
        put: () => Effect.never,
        remove: () => Effect.never
      })
      const lines = yield* logged(() =>
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const building = yield* Effect.forkChild(Layer.buildWithScope(over(hanging), scope), {
            startImmediately: true
          })
          yield* TestClock.adjust("5 seconds")
          const context = yield* Fiber.join(building)
          const barred = Effect.map(Quarantines, (q) => {
            q.failed(error(banned), 0)
            return q.barred(ref, [], 0)?.key
          })
          assert.strictEqual(yield* Effect.provideContext(barred, context), "account:openai")
          const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
          yield* TestClock.adjust("3 seconds")
          yield* Fiber.join(closing)
        })
      )
      assert.lengthOf(lines, 2)
      assert.include(lines[0], "gave no answer within 5 seconds")
      assert.include(lines[1], "were not stored")
    })
  )
  it.effect("go on while the store fails, say so once, and write it all when it works again", () =>
    Effect.gen(function* () {
      const sqlite = Sqlite.layer({ path: ":memory:" })
      const lines = yield* logged((lines) =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const q = yield* Quarantines
          const stored = Effect.map(sql`SELECT key FROM quarantine ORDER BY key`.values, (rows) => rows.flat())
          yield* sql`ALTER TABLE quarantine RENAME TO elsewhere`
          q.failed(error(banned), 0)
          yield* until(() => lines.length === 1)
          q.failed(error(badKey), 0)
          yield* TestClock.adjust("10 minutes")
          assert.lengthOf(lines, 1)
          assert.lengthOf(q.entries(0), 2)
          yield* sql`ALTER TABLE elsewhere RENAME TO quarantine`
          yield* TestClock.adjust("30 seconds")
          yield* until(() => lines.length === 2)
          assert.deepStrictEqual(yield* stored, ["account:openai", `credential:openai:${one}`])
          q.recovered({ ref }, 1)
        }).pipe(
          Effect.provide(
            Quarantines.layer(single, isKnown).pipe(
              Layer.provide(QuarantineStore.layerSqlite),
              Layer.provideMerge(sqlite)
            )
          )
        )
      )
      assert.match(lines[0] ?? "", /^Error: what is in quarantine cannot be stored: no such table/)
      assert.match(lines[1] ?? "", /^Info: what is in quarantine is stored again/)
      assert.lengthOf(lines, 2)
    })
  )

  const folder = Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "switchyard-quarantines-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  it.live("know of a ban after the process that saw it was killed", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "switchyard.db")
      const script = fileURLToPath(new URL("quarantineStoreChild.ts", import.meta.url))
      const told = yield* Effect.callback<{ stdout: string; stderr: string; signal: string | null }>((resume) => {
        const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "pipe"] })
        let stdout = ""
        let stderr = ""
        child.stderr.on("data", (chunk) => (stderr += String(chunk)))
        child.stdout.on("data", (chunk) => {
          stdout += String(chunk)
          if (stdout.includes("\n")) child.kill("SIGKILL")
        })
        child.on("close", (_code, signal) => resume(Effect.succeed({ stdout, stderr, signal })))
        return Effect.sync(() => child.kill("SIGKILL"))
      })
      assert.deepStrictEqual(told, { stdout: "banned\n", stderr: "", signal: "SIGKILL" })
      const restarted = Quarantines.layer({ providers: [] }, isKnown).pipe(
        Layer.provide(QuarantineStore.layerDurable(Sqlite.layer({ path })))
      )
      const entry = yield* Effect.provide(
        Effect.map(Quarantines, (q) => q.barred(other, [], 2000)),
        restarted
      )
      assert.deepInclude(entry, { key: "account:openai", since: 1000, recheckAt: 1000 + 10 * minute })
    })
  )
})
