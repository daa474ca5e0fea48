/**
 * Budgets over HTTP: what callers are told, what vendors are asked, and what is counted, whatever ends a call.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Redacted, References, Schedule, type Scope } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BudgetReport, Budgets } from "../../src/budget/Budgets.ts"
import { policyOf } from "../../src/config/budgets.ts"
import { type ClientKey, defaultResilience, type FactsOverride, type Settings } from "../../src/config/Settings.ts"
import type { BudgetPolicy, BudgetScope } from "../../src/domain/Budget.ts"
import { isJsonObject, type Json, parseJson } from "../../src/domain/Json.ts"
import { Generations } from "../../src/gateway/Generations.ts"
import { ask, type Delivery, deliveries, type Dialect, dialects, looksWhole, send } from "./asking.ts"
import { alias, type Options, start } from "./harness.ts"

const live = (name: string, test: () => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(test()).pipe(Effect.provideService(References.MinimumLogLevel, "None")))

const dear = "openai/dear-1"
const cheap = "gemini/cheap-1"
const free = "anthropic/free-1"

const price = (inputUsdPerMTok: number, outputUsdPerMTok: number): FactsOverride => ({
  price: { inputUsdPerMTok, outputUsdPerMTok },
  capabilities: ["tools"],
  contextWindowTokens: 100_000
})
const facts: Settings["facts"] = new Map([
  [dear, price(1, 100)],
  [cheap, price(0.01, 0.1)],
  [free, price(0, 0)],
  ["openai/judge-1", price(1, 10)],
  ["openai/text-embedding-3-small", price(10, 0)]
])
const budget = (
  scope: BudgetScope,
  limitUsd: number,
  more: Partial<Parameters<typeof policyOf>[1]> = {}
): BudgetPolicy => policyOf(scope, { window: "month", limitUsd, reserve: 0, ...more })

const starting = (budgets: ReadonlyArray<BudgetPolicy>, options: Options = {}) =>
  start({
    aliases: [alias("smart", dear, cheap)],
    ...options,
    settings: { facts, budgets, ...options.settings }
  })

const question = (model: string, delivery: Delivery = "whole", dialect: Dialect = "openai", prompt = "Say hello") => ({
  dialect,
  delivery,
  model,
  prompt
})

type Money = Budgets["Service"]
const now = Effect.clockWith((clock) => clock.currentTimeMillis)
const reportOf = (budgets: Money, scope: BudgetScope): Effect.Effect<BudgetReport> =>
  Effect.flatMap(now, (at) =>
    Effect.fromNullishOr(budgets.report(at).find(({ policy }) => policy.scope === scope)).pipe(Effect.orDie)
  )
/** Once nothing is held any more. */
const settled = (budgets: Money, scope: BudgetScope = "global"): Effect.Effect<BudgetReport> =>
  Effect.repeat(reportOf(budgets, scope), {
    until: ({ reserved }) => reserved === 0 && budgets.opened() === 0,
    schedule: Schedule.spaced("5 millis")
  })

const field = (value: Json | undefined, ...path: ReadonlyArray<string>): Json | undefined =>
  path.reduce<Json | undefined>((found, key) => (isJsonObject(found) ? found[key] : undefined), value)

const refusalWords: { readonly [D in Dialect]: readonly [status: number, ...path: ReadonlyArray<string>] } = {
  openai: [429, "type", "insufficient_quota"],
  responses: [429, "type", "insufficient_quota"],
  anthropic: [402, "type", "billing_error"],
  gemini: [429, "status", "RESOURCE_EXHAUSTED"]
}

const key = (name: string, more: Partial<ClientKey> = {}): ClientKey => ({
  name,
  key: Redacted.make(`key-of-${name}`),
  tenant: undefined,
  priority: "normal",
  allow: undefined,
  ...more
})

describe("a budget that has no room", () => {
  for (const dialect of dialects)
    for (const delivery of deliveries)
      live(`is told in the caller's words before anybody is asked (${dialect}, ${delivery})`, () =>
        Effect.gen(function* () {
          const { log, simulator, url } = yield* starting([budget("global", 0.001)])
          const told = yield* ask(url, question(dear, delivery, dialect))
          const [status, name = "", word = ""] = refusalWords[dialect]
          assert.strictEqual(told.status, status, told.raw)
          assert.strictEqual(told.error?.[name], word)
          assert.match(String(told.error?.["message"]), /month's budget of global .* anew at \d{4}-\d\d-01T00:00:00/)
          assert.strictEqual(told.headers.get("x-should-retry"), "false")
          assert.isNull(told.headers.get("retry-after"))
          assert.lengthOf(yield* simulator.calls, 0)
          assert.isTrue(log.some((line) => line.includes("BudgetExhausted")))
        })
      )
  live("lets a cheaper candidate answer that fits into it, and says why", () =>
    Effect.gen(function* () {
      const { budgets, simulator, url } = yield* starting([budget("global", 0.01)])
      const told = yield* ask(url, question("smart"))
      assert.strictEqual(told.status, 200, told.raw)
      assert.strictEqual(told.headers.get("x-switchyard-provider"), "gemini")
      assert.strictEqual(told.headers.get("x-switchyard-fallback"), "BudgetExhausted")
      assert.lengthOf(yield* simulator.calls, 1)
      const { spent } = yield* settled(budgets)
      assert.isAbove(spent, 0)
    })
  )
  live("of one provider or model bars nobody else", () =>
    Effect.gen(function* () {
      for (const scope of ["provider:openai", `model:${dear}`] as const) {
        const { url } = yield* starting([budget(scope, 0.001), budget("global", 10)])
        const told = yield* ask(url, question("smart"))
        assert.strictEqual(told.headers.get("x-switchyard-provider"), "gemini", scope)
        const alone = yield* ask(url, question(dear))
        assert.include(String(alone.error?.["message"]), scope)
      }
    })
  )
})

describe("a model's budget", () => {
  const dated = `${dear}-20260102`
  const other = `${dear}-mini`
  const named = new Map([...facts, [dated, price(1, 100)], [other, price(1, 100)]])
  for (const scope of [`model:${dear}`, "model:dear-1"] as const)
    live(`is not passed by another name of the model, and bears no other model (${scope})`, () =>
      Effect.gen(function* () {
        const { budgets, url } = yield* starting([budget(scope, 0.08)], { settings: { facts: named } })
        assert.strictEqual((yield* ask(url, question(dated))).status, 200)
        const { spent } = yield* settled(budgets, scope)
        assert.isAbove(spent, 0)
        assert.strictEqual((yield* ask(url, question(other))).status, 200)
        assert.strictEqual((yield* settled(budgets, scope)).spent, spent)
        yield* Effect.repeat(ask(url, question(dated)), {
          until: ({ status }) => status === 429,
          times: 200
        })
        const refused = yield* ask(url, question(dear, "live"))
        assert.strictEqual(refused.status, 429)
        assert.include(String(refused.error?.["message"]), scope)
        assert.isAtMost((yield* settled(budgets, scope)).spent, 80_000_000)
        assert.strictEqual((yield* ask(url, question(other))).status, 200)
      })
    )
})

describe("a model whose price nobody knows, at a vendor that charges", () => {
  const unknown = "openai/gpt-99-new"
  live("is not asked under a hard limit, and others are, by the caller's word", () =>
    Effect.gen(function* () {
      const { budgets, simulator, url } = yield* starting([budget("global", 10)], {
        aliases: [alias("smart", unknown, cheap)]
      })
      for (const dialect of dialects) {
        const told = yield* ask(url, question(unknown, "whole", dialect))
        const [status, name = "", word = ""] = refusalWords[dialect]
        assert.strictEqual(told.status, status, told.raw)
        assert.strictEqual(told.error?.[name], word)
        assert.match(String(told.error?.["message"]), /budget of global .* nobody knows what this model costs/)
      }
      assert.lengthOf(yield* simulator.calls, 0)
      const other = yield* ask(url, question("smart"))
      assert.strictEqual(other.headers.get("x-switchyard-provider"), "gemini", other.raw)
      assert.strictEqual(other.headers.get("x-switchyard-fallback"), "BudgetExhausted")
      assert.isAbove((yield* settled(budgets)).spent, 0)
    })
  )
  live("is asked where it is only watched, and where the operator says what it costs", () =>
    Effect.gen(function* () {
      const watched = policyOf("global", { window: "day", softLimitUsd: 1 })
      const watching = yield* starting([watched])
      assert.strictEqual((yield* ask(watching.url, question(unknown))).status, 200)
      const stated = yield* starting([budget("global", 10)], {
        settings: { facts: new Map([[unknown, price(0, 0)]]) }
      })
      assert.strictEqual((yield* ask(stated.url, question(unknown))).status, 200)
    })
  )
})

describe("whose budget bears a request", () => {
  const keys = [key("web", { tenant: "acme", tags: ["project-x"] }), key("other")]
  const by = (name: string, headers: Record<string, string> = {}) => ({
    ...question(dear),
    headers: { authorization: `Bearer key-of-${name}`, ...headers }
  })

  live("is told by its key's name, tenant and tags, and all of them bear it or none", () =>
    Effect.gen(function* () {
      const scopes = ["global", "tenant:acme", "key:web", "tag:project-x"] as const
      const { budgets, url } = yield* starting(
        scopes.map((scope) => budget(scope, 10)),
        { settings: { keys } }
      )
      assert.strictEqual((yield* ask(url, by("web"))).status, 200)
      const spent = new Set<number>()
      for (const scope of scopes) spent.add((yield* settled(budgets, scope)).spent)
      assert.lengthOf([...spent], 1)
      assert.isAbove([...spent][0] ?? 0, 0)
      assert.strictEqual((yield* ask(url, by("other"))).status, 200)
      assert.isAbove((yield* settled(budgets)).spent, [...spent][0] ?? 0)
      assert.strictEqual((yield* settled(budgets, "tag:project-x")).spent, [...spent][0])
    })
  )
  for (const scope of ["tenant:acme", "key:web", "tag:project-x"] as const)
    live(`and where ${scope} has no room, nothing is held in the others`, () =>
      Effect.gen(function* () {
        const { budgets, url } = yield* starting([budget("global", 10), budget(scope, 0.001)], { settings: { keys } })
        const told = yield* ask(url, by("web"))
        assert.strictEqual(told.status, 429)
        assert.include(told.raw, scope)
        assert.strictEqual((yield* settled(budgets)).spent, 0)
        assert.deepStrictEqual(budgets.refused(), [{ scope, why: "exhausted", count: 1 }])
        assert.strictEqual((yield* ask(url, by("other"))).status, 200)
      })
    )
  live("what is kept is for critical requests; a request that asks for less than its key's priority comes last", () =>
    Effect.gen(function* () {
      // at worst 0.0501 and some for the prompt: there is room for one, if half of it were not kept
      const { url } = yield* starting([budget("global", 0.06, { reserve: 50 })], {
        settings: { keys: [key("web"), key("vital", { priority: "critical" })] }
      })
      const refused = yield* ask(url, by("web"))
      assert.strictEqual(refused.status, 429)
      assert.include(refused.raw, "kept for critical requests")
      assert.strictEqual((yield* ask(url, by("vital", { "x-switchyard-priority": "normal" }))).status, 429)
      assert.strictEqual((yield* ask(url, by("vital"))).status, 200)
    })
  )
})

describe("a request without an output limit", () => {
  const open = (model: string, dialect: Dialect, delivery: Delivery) => ({
    ...question(model, delivery, dialect),
    fields:
      dialect === "openai"
        ? { max_completion_tokens: null }
        : dialect === "responses"
          ? { max_output_tokens: null }
          : { generationConfig: {} }
  })
  const limits = [
    ["openai", dear, "max_completion_tokens"],
    ["responses", dear, "max_output_tokens"],
    ["gemini", cheap, "generationConfig", "maxOutputTokens"],
    ["openai", "anthropic/paid-1", "max_tokens"]
  ] as const
  for (const [dialect, model, ...path] of limits)
    for (const delivery of deliveries)
      live(`is given one under a hard budget, and told so (${dialect} to ${model}, ${delivery})`, () =>
        Effect.gen(function* () {
          const { simulator, url } = yield* starting([budget("global", 10)], {
            settings: { facts: new Map([...facts, ["anthropic/paid-1", price(1, 1)]]) }
          })
          const told = yield* ask(url, open(model, dialect, delivery))
          assert.isTrue(looksWhole(delivery, told), told.raw)
          assert.strictEqual(told.headers.get("x-switchyard-output-limit"), "8192")
          const [call] = yield* simulator.calls
          assert.strictEqual(field(call?.body, ...path), 8192)
          const stated = yield* ask(url, question(model, delivery, dialect))
          assert.isNull(stated.headers.get("x-switchyard-output-limit"))
        })
      )
  live("is given none where its budget is only watched, where its model is free, and without a budget", () =>
    Effect.gen(function* () {
      const soft = policyOf("global", { window: "day", softLimitUsd: 1 })
      for (const budgets of [[soft], []]) {
        const { simulator, url } = yield* starting(budgets)
        const told = yield* ask(url, open(dear, "openai", "whole"))
        assert.isNull(told.headers.get("x-switchyard-output-limit"))
        assert.notExists(field((yield* simulator.calls)[0]?.body, "max_completion_tokens"))
      }
    })
  )
})

describe("what a call has cost", () => {
  /** The bill of all calls, as the simulated vendors tell usage to who asks them the same. */
  const billed = (told: { readonly raw: string }, [input, output]: readonly [number, number]): number => {
    const usage = field(parseJson(told.raw), "usage")
    return (
      Number(field(usage, "prompt_tokens")) * input * 1000 + Number(field(usage, "completion_tokens")) * output * 1000
    )
  }
  live("is what its vendor told, of whole answers, streams and vectors", () =>
    Effect.gen(function* () {
      const { budgets, url } = yield* starting([budget("global", 10)])
      const whole = yield* ask(url, question(dear))
      const bill = billed(whole, [1, 100])
      assert.isAbove(bill, 0)
      assert.strictEqual((yield* settled(budgets)).spent, bill)
      assert.isTrue(looksWhole("live", yield* ask(url, question(dear, "live"))))
      const two = (yield* settled(budgets)).spent
      assert.closeTo(two, 2 * bill, bill / 2)
      const response = yield* Effect.promise(() =>
        fetch(`${url}/v1/embeddings`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ model: "openai/text-embedding-3-small", input: "Say hello" })
        })
      )
      const vectors = parseJson(yield* Effect.promise(() => response.text()))
      assert.strictEqual(response.status, 200)
      const tokens = Number(field(vectors, "usage", "prompt_tokens"))
      assert.isAbove(tokens, 0)
      assert.strictEqual((yield* settled(budgets)).spent - two, tokens * 10_000)
    })
  )
  live("is nothing where it was refused, and its fallback's alone where another one answered", () =>
    Effect.gen(function* () {
      const { budgets, simulator, url } = yield* starting([budget("provider:openai", 10), budget("global", 10)])
      yield* simulator.setFault({ vendor: "openai", fault: "quota" })
      assert.strictEqual((yield* ask(url, question("smart"))).headers.get("x-switchyard-provider"), "gemini")
      assert.isAbove((yield* settled(budgets)).spent, 0)
      assert.strictEqual((yield* settled(budgets, "provider:openai")).spent, 0)
    })
  )
  for (const delivery of deliveries)
    live(`is its worst case where its caller left it (${delivery})`, () =>
      Effect.gen(function* () {
        const { budgets, simulator, url } = yield* starting([budget("global", 10)])
        yield* simulator.setFault({ vendor: "openai", fault: "stall" })
        const leaving = new AbortController()
        const call = send(url, question(dear, delivery), leaving.signal).then(
          (response) => response.text(),
          () => ""
        )
        yield* simulator.untilCall(({ vendor }) => vendor === "openai")
        assert.isAbove((yield* reportOf(budgets, "global")).reserved, 0.05 * 1e9)
        leaving.abort()
        yield* Effect.promise(() => call.catch(() => ""))
        // 500 tokens of output at a ten-thousandth of a dollar
        assert.isAbove((yield* settled(budgets)).spent, 0.05 * 1e9)
      })
    )
  live("has the prompt as its vendor told it, where it did before its caller left", () =>
    Effect.gen(function* () {
      const told = "anthropic/told-1"
      const { budgets, simulator, url } = yield* starting([budget("global", 10)], {
        settings: { facts: new Map([[told, price(100, 0.1)]]) }
      })
      yield* simulator.setFault({ vendor: "anthropic", fault: "stall" })
      const leaving = new AbortController()
      const asked = question(told, "live", "anthropic", "word ".repeat(2000))
      const response = yield* Effect.promise(() => send(url, asked, leaving.signal))
      yield* Effect.promise(async () => response.body?.getReader().read())
      const { reserved } = yield* reportOf(budgets, "global")
      assert.isAbove(reserved, 10_000 * 100_000)
      leaving.abort()
      const { spent } = yield* settled(budgets)
      assert.isBelow(spent, reserved / 2)
      assert.isAbove(spent, 1000 * 100_000)
    })
  )
  live(
    "is what had come of a stream that its caller left, where the operator wants that, although it may think unseen",
    () =>
      Effect.gen(function* () {
        const thinks = "openai/thinks-1"
        const thinker: FactsOverride = { ...price(1, 100), capabilities: ["tools", "thinking"] }
        const spent: Record<string, number> = {}
        for (const abandonedStreams of ["worst", "counted"] as const)
          for (const fault of ["stall", "silence"] as const) {
            const { budgets, simulator, url } = yield* starting([budget("global", 10)], {
              resilience: { abandonedStreams },
              settings: { facts: new Map([[thinks, thinker]]) }
            })
            yield* simulator.setFault({ vendor: "openai", fault })
            const leaving = new AbortController()
            const asked = send(url, question(thinks, "live"), leaving.signal)
            asked.catch(() => undefined)
            if (fault === "stall") yield* Effect.promise(async () => (await asked).body?.getReader().read())
            else yield* Effect.repeat(simulator.calls, { until: (calls) => calls.length > 0 })
            leaving.abort()
            spent[`${abandonedStreams} ${fault}`] = (yield* settled(budgets)).spent
          }
        // 500 tokens at $100 a million
        assert.isAbove(spent["worst stall"] ?? 0, 0.05e9)
        assert.isAbove(spent["worst silence"] ?? 0, 0.05e9)
        for (const one of ["counted stall", "counted silence"]) {
          assert.isAtLeast(spent[one] ?? 0, 100_000, one)
          assert.isBelow(spent[one] ?? Infinity, 0.01e9, one)
        }
        assert.isAbove(spent["counted stall"] ?? 0, spent["counted silence"] ?? 0)
      })
  )
  live("is counted where a stream breaks, and at its worst where nobody knows, as after a limit of time", () =>
    Effect.gen(function* () {
      const { budgets, simulator, url } = yield* starting([budget("global", 10)], {
        resilience: {
          onMidStreamFailure: "error",
          maxAttempts: 1,
          limits: { ...defaultResilience.limits, unary: Duration.millis(300) }
        }
      })
      yield* simulator.setFault({ vendor: "openai", fault: "cut", times: 1 })
      const cut = yield* ask(url, question(dear, "live"))
      assert.isFalse(cut.marker)
      const { spent } = yield* settled(budgets)
      assert.isAbove(spent, 0)
      assert.isBelow(spent, 0.05 * 1e9)
      yield* simulator.setFault({ vendor: "openai", fault: "silence", times: 1 })
      assert.strictEqual((yield* ask(url, question(dear))).status, 504)
      assert.isAbove((yield* settled(budgets)).spent - spent, 0.05 * 1e9)
    })
  )
  live("is that of both where a second one is asked beside the first: what was outrun at its worst", () =>
    Effect.gen(function* () {
      const both = [budget("provider:openai", 10), budget("provider:gemini", 10), budget("global", 10)]
      const { budgets, simulator, url } = yield* starting(both, {
        aliases: [{ ...alias("smart", dear, cheap), hedge: true }]
      })
      // enough first events to know how slow it almost never is
      for (let n = 0; n < 30; n++) yield* ask(url, question(dear, "live"))
      const before = (yield* settled(budgets, "provider:openai")).spent
      yield* simulator.setFault({ vendor: "openai", fault: "silence" })
      const told = yield* ask(url, question("smart", "live"))
      assert.strictEqual(told.headers.get("x-switchyard-fallback"), "Outrun", told.raw)
      const outrun = (yield* settled(budgets, "provider:openai")).spent - before
      assert.isAbove(outrun, 0.05 * 1e9)
      assert.isAbove((yield* settled(budgets, "provider:gemini")).spent, 0)
    })
  )
  live("is held for the completion of a stream as well, by whoever completes it", () =>
    Effect.gen(function* () {
      const both = [budget("provider:openai", 10), budget("provider:gemini", 10), budget("global", 10)]
      const { budgets, simulator, url } = yield* starting(both)
      yield* simulator.setFault({ vendor: "openai", fault: "cut" })
      const told = yield* ask(url, question("smart", "live"))
      assert.isTrue(looksWhole("live", told), told.raw)
      const first = (yield* settled(budgets, "provider:openai")).spent
      const second = (yield* settled(budgets, "provider:gemini")).spent
      assert.isAbove(first, 0)
      assert.isAbove(second, 0)
      assert.strictEqual((yield* settled(budgets)).spent, first + second)
    })
  )
  live("of the one that judges what a request is for is borne by the request's budgets", () =>
    Effect.gen(function* () {
      const { budgets, simulator, url } = yield* starting([budget("model:openai/judge-1", 10), budget("global", 10)], {
        settings: {
          classifier: { by: "llm", model: "openai/judge-1", longContextTokens: undefined, classes: new Map() }
        }
      })
      const told = yield* ask(url, question("auto"))
      assert.strictEqual(told.status, 200, told.raw)
      assert.isTrue((yield* simulator.calls).some(({ model }) => model === "judge-1"))
      const judge = yield* settled(budgets, "model:openai/judge-1")
      assert.isAbove(judge.spent, 0)
      assert.isAtLeast((yield* settled(budgets)).spent, judge.spent)
    })
  )
})

describe("budgets that change", () => {
  live("keep what they have counted through a reload", () =>
    Effect.gen(function* () {
      const { budgets, running, settings, url } = yield* starting([budget("global", 0.1)])
      assert.strictEqual((yield* ask(url, question(dear))).status, 200)
      const { spent } = yield* settled(budgets)
      const apply = (next: ReadonlyArray<BudgetPolicy>) =>
        Context.get(running, Generations).apply({ ...settings, budgets: next })
      yield* apply([budget("global", 0.0001)])
      yield* Effect.repeat(reportOf(budgets, "global"), { until: ({ policy }) => policy.hard === 100_000 })
      assert.strictEqual((yield* ask(url, question(dear))).status, 429)
      yield* apply([budget("global", 0.2)])
      yield* Effect.repeat(reportOf(budgets, "global"), { until: ({ policy }) => policy.hard === 200_000_000 })
      assert.strictEqual((yield* reportOf(budgets, "global")).spent, spent)
      assert.strictEqual((yield* ask(url, question(dear))).status, 200)
      yield* apply([])
      yield* Effect.repeat(
        Effect.sync(() => budgets.some()),
        { until: (some) => !some }
      )
      assert.strictEqual((yield* ask(url, question(dear))).status, 200)
    })
  )
  live("are remembered by a database from one life to the next", () =>
    Effect.gen(function* () {
      const home = mkdtempSync(join(tmpdir(), "switchyard-budgets-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(home, { recursive: true, force: true })))
      const settings = { storage: { sqlite: join(home, "switchyard.db") } }
      const one = Effect.gen(function* () {
        const { budgets, url } = yield* starting([budget("global", 10)], { settings })
        const { spent } = yield* settled(budgets)
        const { status } = yield* ask(url, question(dear))
        return { before: spent, status, after: (yield* settled(budgets)).spent }
      }).pipe(Effect.scoped)
      const first = yield* one
      assert.deepStrictEqual([first.before, first.status], [0, 200])
      assert.isAbove(first.after, 0)
      assert.strictEqual((yield* one).before, first.after)
    })
  )
})

describe("a database that is of no use", () => {
  live("refuses what it cannot record, and whoever asks may ask again; what is only watched is served", () =>
    Effect.gen(function* () {
      const home = mkdtempSync(join(tmpdir(), "switchyard-budgets-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(home, { recursive: true, force: true })))
      const sqlite = join(home, "garbage.db")
      writeFileSync(sqlite, "this is no database, whatever its name says, and it is long enough to be seen as one")
      const watched = policyOf("global", { window: "day", softLimitUsd: 1 })
      for (const [budgets, status] of [
        [[budget("global", 10)], 503],
        [[watched], 200]
      ] as const) {
        const { simulator, url } = yield* starting(budgets, {
          // whose keys the database holds is not known either
          settings: { storage: { sqlite }, keys: [key("web")] }
        })
        const told = yield* ask(url, { ...question(dear), headers: { authorization: "Bearer key-of-web" } })
        assert.strictEqual(told.status, status, told.raw)
        if (status === 503) assert.isNull(told.headers.get("x-should-retry"))
        assert.lengthOf(yield* simulator.calls, status === 503 ? 0 : 1)
      }
    })
  )
})

describe("an explanation", () => {
  const explained = (url: string, model: string) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}/v1/route/explain`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model, messages: [{ role: "user", content: "Say hello" }], max_completion_tokens: 500 })
      })
      return parseJson(await response.text())
    })
  live("tells whom a budget has no room for, and holds nothing", () =>
    Effect.gen(function* () {
      const { budgets, simulator, url } = yield* starting([budget("global", 0.01)])
      const decision = yield* explained(url, "smart")
      const candidates = field(decision, "candidates")
      const [first] = Array.isArray(candidates) ? candidates : []
      assert.strictEqual(field(first, "exclusion", "why"), "OverBudget")
      assert.strictEqual(field(first, "exclusion", "scope"), "global")
      assert.deepStrictEqual(field(decision, "order"), [cheap])
      const alone = yield* explained(url, dear)
      assert.strictEqual(field(alone, "outcome", "reason"), "BudgetExhausted")
      assert.strictEqual(field(alone, "outcome", "status"), 429)
      const { reserved, spent } = yield* reportOf(budgets, "global")
      assert.deepStrictEqual([reserved, spent], [0, 0])
      assert.lengthOf(yield* simulator.calls, 0)
    })
  )
})
