/**
 * Budgets of client keys that are made while the gateway runs, over HTTP.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Redacted, References, type Scope } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { policyOf } from "../../src/config/budgets.ts"
import type { Settings } from "../../src/config/Settings.ts"
import { Generations } from "../../src/gateway/Generations.ts"
import { start } from "./harness.ts"

const adminKey = "the-admin-key-of-this-test"
const model = "openai/dear-1"

const live = (name: string, test: () => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(test()).pipe(Effect.provideService(References.MinimumLogLevel, "None")))

/** A token written costs a hundredth of a cent, one read nothing. */
const facts: Settings["facts"] = new Map([
  [model, { price: { inputUsdPerMTok: 0, outputUsdPerMTok: 100 }, contextWindowTokens: 100_000 }]
])

const starting = (settings: Partial<Settings> = {}) =>
  Effect.map(start({ server: { adminKey: Redacted.make(adminKey) }, settings: { facts, ...settings } }), (one) => ({
    ...one,
    ...callsOf(one.url)
  }))

const callsOf = (url: string) => {
  const called = (method: string, path: string, key: string, body?: object) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      const text = await response.text()
      return { status: response.status, json: text === "" ? {} : JSON.parse(text) }
    })
  return {
    admin: (method: string, path: string, body?: object) => called(method, `/admin/${path}`, adminKey, body),
    /** An answer of as many tokens at the most. */
    chat: (key: string, tokens: number) =>
      called("POST", "/v1/chat/completions", key, {
        model,
        max_tokens: tokens,
        messages: [{ role: "user", content: "Say hello" }]
      })
  }
}

const month = (limitUsd: number, more: object = {}) => ({ window: "month", limitUsd, reserve: 0, ...more })

/** What stands of the key's budgets: of those in force, and of those that were. */
const standing = ({ admin }: ReturnType<typeof callsOf>, ended = false) =>
  Effect.map(admin("GET", "spend?scope=key"), ({ json }) =>
    json.budgets.filter((one: { readonly ended?: true }) => (one.ended ?? false) === ended)
  )

describe("a client key that is made with a budget", () => {
  live("spends no more than that, as soon as it is there, and nobody else's requests are touched", () =>
    Effect.gen(function* () {
      const gateway = yield* starting()
      const made = yield* gateway.admin("POST", "keys", { name: "web", budgets: [month(0.01)] })
      assert.strictEqual(made.status, 201, JSON.stringify(made.json))
      const terms = { window: "month", timeZone: "UTC", limitUsd: 0.01, reserve: 0, onExhausted: "reject" }
      assert.deepStrictEqual(made.json.key.budgets, [terms])
      const other = (yield* gateway.admin("POST", "keys", { name: "other" })).json.secret
      const { secret } = made.json
      // 200 tokens may cost $0.02
      const refused = yield* gateway.chat(secret, 200)
      assert.strictEqual(refused.status, 429)
      assert.include(refused.json.error.message, "month's budget of key:web")
      assert.strictEqual((yield* gateway.chat(secret, 50)).status, 200)
      assert.strictEqual((yield* gateway.chat(other, 200)).status, 200)
      const [one, ...more] = yield* standing(gateway)
      assert.lengthOf(more, 0)
      assert.deepInclude(one, { id: "key:web month UTC", limitUsd: 0.01, reservedUsd: 0 })
      assert.isAbove(one.settledUsd, 0)
      const listed = (yield* gateway.admin("GET", "keys")).json.keys
      assert.deepStrictEqual(
        listed.map((key: { readonly budgets: unknown }) => key.budgets),
        [[terms], []]
      )
    })
  )

  live("keeps what it has spent through a change, and has none any more when that is said or it is revoked", () =>
    Effect.gen(function* () {
      const gateway = yield* starting()
      const { json } = yield* gateway.admin("POST", "keys", { name: "web", budgets: [month(0.01)] })
      assert.strictEqual((yield* gateway.chat(json.secret, 50)).status, 200)
      const [{ settledUsd }] = yield* standing(gateway)
      const changed = yield* gateway.admin("PATCH", "keys/web", { budgets: [month(0.5), month(9, { window: "day" })] })
      assert.strictEqual(changed.status, 200, JSON.stringify(changed.json))
      assert.lengthOf(changed.json.budgets, 2)
      const [first, second] = yield* standing(gateway)
      assert.deepInclude(first, { limitUsd: 0.5, settledUsd })
      assert.deepInclude(second, { id: "key:web day UTC", limitUsd: 9, settledUsd: 0 })
      assert.strictEqual((yield* gateway.chat(json.secret, 200)).status, 200)
      // what else is changed leaves them as they are
      yield* gateway.admin("PATCH", "keys/web", { priority: "low" })
      assert.lengthOf(yield* standing(gateway), 2)
      const without = yield* gateway.admin("PATCH", "keys/web", { budgets: null })
      assert.deepStrictEqual(without.json.budgets, [])
      assert.lengthOf(yield* standing(gateway), 0)
      assert.strictEqual((yield* gateway.chat(json.secret, 20_000)).status, 200)
      yield* gateway.admin("PATCH", "keys/web", { budgets: [month(0.5)] })
      assert.isAbove((yield* standing(gateway))[0].settledUsd, settledUsd)
      assert.strictEqual((yield* gateway.admin("DELETE", "keys/web")).status, 204)
      assert.lengthOf(yield* standing(gateway), 0)
      // what it has spent is told until the month ends
      const [past, ...others] = yield* standing(gateway, true)
      assert.deepInclude(past, { id: "key:web month UTC", ended: true, tier: "none" })
      assert.isAbove(past.settledUsd, settledUsd)
      assert.deepStrictEqual(
        others.map(({ id }: { readonly id: string }) => id),
        ["key:web day UTC"]
      )
    })
  )

  live("may be revoked while it is used: what is under way is answered, and borne by the budget that has ended", () =>
    Effect.gen(function* () {
      const gateway = yield* starting()
      const { json } = yield* gateway.admin("POST", "keys", { name: "web", budgets: [month(0.01)] })
      yield* gateway.simulator.setFault({ vendor: "openai", fault: "slow-first-token", delayMillis: 500 })
      const running = yield* Effect.forkScoped(gateway.chat(json.secret, 50), { startImmediately: true })
      yield* gateway.simulator.untilCall(({ vendor }) => vendor === "openai")
      assert.strictEqual((yield* gateway.admin("DELETE", "keys/web")).status, 204)
      assert.deepInclude((yield* standing(gateway, true))[0], { settledUsd: 0, reservedUsd: 0.005 })
      assert.strictEqual((yield* gateway.chat(json.secret, 50)).status, 401)
      assert.strictEqual((yield* Fiber.join(running)).status, 200)
      const [ended] = yield* standing(gateway, true)
      assert.deepInclude(ended, { id: "key:web month UTC", ended: true, reservedUsd: 0 })
      assert.isAbove(ended.settledUsd, 0)
    })
  )

  live("is refused where the budget is none, and says which of its fields is wrong", () =>
    Effect.gen(function* () {
      const inFile = policyOf("key:web", { window: "week", limitUsd: 1 })
      const { admin } = yield* starting({ budgets: [inFile] })
      const cases: ReadonlyArray<readonly [budgets: unknown, param: string, words: RegExp]> = [
        [[{ window: "day" }], "budgets.0", /a budget without a limit/],
        [[month(1, { softLimitUsd: 2 })], "budgets.0.softLimitUsd", /no more than limitUsd \(1\)/],
        [[month(1), month(1, { timeZone: "Nowhere" })], "budgets.1.timeZone", /a time zone/],
        [[month(1), month(2)], "budgets.1", /a second budget of key:web for a month in UTC/],
        [[month(1, { window: "week" })], "budgets.0", /a second budget of key:web for a week in UTC/],
        [[month(-1)], "budgets.0.limitUsd", /US dollars between/],
        [[month(1, { scope: "global" })], "budgets.0.scope", /./],
        [Array.from({ length: 21 }, () => month(1)), "budgets", /at most 20 budgets/]
      ]
      for (const [budgets, param, words] of cases) {
        const { json, status } = yield* admin("POST", "keys", { name: "web", budgets })
        assert.strictEqual(status, 400, JSON.stringify(json))
        assert.deepInclude(json.error, { param })
        assert.match(json.error.message, words)
      }
      assert.lengthOf((yield* admin("GET", "keys")).json.keys, 0)
    })
  )

  live("has it and what was spent of it again after a restart, where there is a database", () =>
    Effect.gen(function* () {
      const home = mkdtempSync(join(tmpdir(), "switchyard-key-budgets-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(home, { recursive: true, force: true })))
      const settings = { storage: { sqlite: join(home, "switchyard.db") } }
      const { secret, settledUsd } = yield* Effect.gen(function* () {
        const gateway = yield* starting(settings)
        const { json } = yield* gateway.admin("POST", "keys", { name: "web", budgets: [month(0.01)] })
        assert.strictEqual((yield* gateway.chat(json.secret, 50)).status, 200)
        const [{ settledUsd }] = yield* standing(gateway)
        return { secret: String(json.secret), settledUsd: Number(settledUsd) }
      }).pipe(Effect.scoped)
      const gateway = yield* starting(settings)
      const [one] = yield* standing(gateway)
      assert.isAbove(settledUsd, 0)
      assert.deepInclude(one, { id: "key:web month UTC", limitUsd: 0.01, settledUsd, reservedUsd: 0 })
      assert.strictEqual((yield* gateway.chat(secret, 200)).status, 429)
    })
  )

  live("gives way to the configuration where that comes to have the same budget, or the key itself", () =>
    Effect.gen(function* () {
      const gateway = yield* starting()
      yield* gateway.admin("POST", "keys", { name: "web", budgets: [month(0.01), month(1, { window: "day" })] })
      const { apply } = Context.get(gateway.running, Generations)
      yield* apply({ ...gateway.settings, budgets: [policyOf("key:web", { window: "month", limitUsd: 7 })] })
      assert.deepStrictEqual(
        (yield* standing(gateway)).map(({ limitUsd }: { readonly limitUsd: number }) => limitUsd).sort(),
        [1, 7]
      )
      const webKey = { name: "web", tenant: undefined, priority: "normal", allow: undefined } as const
      yield* apply({ ...gateway.settings, keys: [{ ...webKey, key: Redacted.make("a-key-of-the-file") }] })
      assert.lengthOf(yield* standing(gateway), 0)
      yield* apply(gateway.settings)
      assert.lengthOf(yield* standing(gateway), 2)
    })
  )
})
