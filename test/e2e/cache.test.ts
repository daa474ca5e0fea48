/**
 * The response cache over HTTP: what callers of every wire are given again, what is never kept, and what it costs.
 */
import Anthropic from "@anthropic-ai/sdk"
import { GoogleGenAI } from "@google/genai"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, References, Schedule, type Scope } from "effect"
import OpenAI from "openai"
import { policyOf } from "../../src/config/budgets.ts"
import { type CacheSettings, type ClientKey, defaultCache } from "../../src/config/Settings.ts"
import { isJsonObject, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { ask, deliveries, type Delivery, type Dialect, dialects, type Question, type Told } from "./asking.ts"
import { alias, type Options, start } from "./harness.ts"

const live = (name: string, test: () => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(test()).pipe(Effect.provideService(References.MinimumLogLevel, "None")))

/** One model a vendor wire. */
const models = {
  openai: "openai/gpt-5.2",
  anthropic: "anthropic/claude-haiku-4-5",
  gemini: "gemini/gemini-3.5-flash"
} as const

const starting = (cache: Partial<CacheSettings> = {}, options: Options = {}) =>
  start({ ...options, settings: { cache: { ...defaultCache, ...cache }, ...options.settings } })

/** The words of a dialect for a temperature. */
const atTemperature = (dialect: Dialect, temperature: number): JsonObject =>
  dialect === "gemini" ? { generationConfig: { maxOutputTokens: 500, temperature } } : { temperature }

const question = (dialect: Dialect, delivery: Delivery, more: Partial<Question> = {}): Question => ({
  dialect,
  delivery,
  model: models.openai,
  prompt: "Say hello",
  ...more,
  fields: { ...atTemperature(dialect, 0), ...more.fields }
})

const cacheOf = ({ headers }: Told): string | null => headers.get("x-switchyard-cache")

/** Asks until it is answered otherwise than by a miss: what was answered is put away beside the request. */
const askedAgain = (url: string, question: Question) =>
  Effect.repeat(ask(url, question), {
    until: (told) => cacheOf(told) !== "miss",
    schedule: Schedule.max([Schedule.spaced("2 millis"), Schedule.recurs(20)])
  })

const wordsOf = (raw: string): string => raw.replace(/resp_\w+|_switchyard_\w+/g, "an id")

describe("the response cache", () => {
  for (const dialect of dialects)
    for (const delivery of deliveries)
      for (const [vendor, model] of Object.entries(models))
        live(`gives an answer again byte by byte, and asks nobody (${dialect}, ${delivery}, ${vendor})`, () =>
          Effect.gen(function* () {
            const { log, simulator, url } = yield* starting()
            const asked = question(dialect, delivery, { model })
            const first = yield* ask(url, asked)
            assert.strictEqual(first.status, 200, first.raw)
            assert.strictEqual(cacheOf(first), "miss")
            const again = yield* askedAgain(url, asked)
            assert.strictEqual(cacheOf(again), "hit")
            assert.strictEqual(wordsOf(again.raw), wordsOf(first.raw))
            assert.lengthOf(yield* simulator.calls, 1)
            assert.strictEqual(again.headers.get("x-switchyard-cost-usd"), "0")
            assert.strictEqual(again.headers.get("x-switchyard-attempts"), "0")
            for (const name of ["x-switchyard-provider", "x-switchyard-model", "x-switchyard-model-tier"])
              assert.strictEqual(again.headers.get(name), first.headers.get(name), name)
            assert.notStrictEqual(again.headers.get("x-request-id"), first.headers.get("x-request-id"))
            const line = parseJson(log.at(-1) ?? "")
            assert.isTrue(isJsonObject(line) && line["cache"] === "hit" && line["inputTokens"] === undefined)
          })
        )

  live("gives official SDKs what they take for an answer, whole and streamed", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* starting()
      const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 })
      const anthropic = new Anthropic({ baseURL: url, apiKey: "unused", maxRetries: 0 })
      const google = new GoogleGenAI({ apiKey: "unused", vertexai: false, httpOptions: { baseUrl: url } })
      const chat = {
        model: models.anthropic,
        temperature: 0,
        messages: [{ role: "user" as const, content: "Say hello" }]
      }
      const messages = { ...chat, model: models.openai, max_tokens: 200 }
      const responses = { model: models.openai, temperature: 0, input: "Say hello" }
      const content = { model: models.openai, contents: "Say hello", config: { temperature: 0 } }
      const uses: Readonly<Record<string, () => Promise<string>>> = {
        chat: async () => (await openai.chat.completions.create(chat)).choices[0]?.message.content ?? "",
        chatStream: async () =>
          (await openai.chat.completions.stream(chat).finalChatCompletion()).choices[0]?.message.content ?? "",
        responses: async () => (await openai.responses.create(responses)).output_text,
        responsesStream: async () => (await openai.responses.stream(responses).finalResponse()).output_text,
        messages: async () => JSON.stringify((await anthropic.messages.create(messages)).content),
        messagesStream: async () => JSON.stringify((await anthropic.messages.stream(messages).finalMessage()).content),
        content: async () => (await google.models.generateContent(content)).text ?? "",
        contentStream: async () => {
          let text = ""
          for await (const chunk of await google.models.generateContentStream(content)) text += chunk.text ?? ""
          return text
        }
      }
      for (const [name, use] of Object.entries(uses)) {
        yield* simulator.clearCalls
        const first = yield* Effect.promise(use)
        assert.match(first, /\w/, name)
        assert.strictEqual(yield* Effect.promise(use), first, name)
        assert.lengthOf(yield* simulator.calls, 1, name)
      }
    })
  )

  live("gives each cached Response an id of its own, from which its caller can go on", () =>
    Effect.gen(function* () {
      const { url } = yield* starting()
      const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 })
      const body = { model: models.openai, temperature: 0, input: "Say hello" }
      const create = Effect.promise(() => openai.responses.create(body))
      const [first, second] = [yield* create, yield* create]
      const third = yield* Effect.promise(() => openai.responses.stream(body).finalResponse())
      const fourth = yield* Effect.promise(() => openai.responses.stream(body).finalResponse())
      assert.strictEqual(second.output_text, first.output_text)
      assert.strictEqual(fourth.output_text, third.output_text)
      assert.strictEqual(new Set([first.id, second.id, third.id, fourth.id]).size, 4)
      for (const { id } of [first, second, third, fourth]) {
        yield* Effect.promise(() => openai.responses.delete(first.id).catch(() => undefined))
        if (id === first.id) continue
        const next = yield* Effect.promise(() =>
          openai.responses.create({ ...body, input: `And ${id}`, previous_response_id: id })
        )
        assert.strictEqual(next.previous_response_id, id)
      }
    })
  )

  for (const dialect of dialects)
    live(`has one call answer all who ask the same meanwhile (${dialect})`, () =>
      Effect.gen(function* () {
        const { simulator, url } = yield* starting()
        const asked = question(dialect, "whole", { model: "openai/gpt-5.2--slow-first-token~delayMillis=300" })
        const told = yield* Effect.all(
          Array.from({ length: 8 }, () => ask(url, asked)),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(told.map(cacheOf).toSorted(), [...Array.from({ length: 7 }, () => "hit"), "miss"])
        assert.lengthOf(new Set(told.map(({ text }) => text)), 1)
        assert.lengthOf(yield* simulator.calls, 1)
        const bodies = new Set(told.map(({ raw }) => raw))
        // each Response has an id of its own
        assert.strictEqual(bodies.size, dialect === "responses" ? 8 : 1)
      })
    )
  live("gives again what was chosen by task, and says for which", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* starting()
      const asked = question("openai", "whole", { model: "auto:cost", prompt: "Write a SQL query that counts users" })
      const first = yield* ask(url, asked)
      const hit = yield* ask(url, asked)
      assert.strictEqual(cacheOf(hit), "hit", hit.raw)
      assert.match(hit.headers.get("x-switchyard-task") ?? "", /\w/)
      assert.strictEqual(hit.headers.get("x-switchyard-task"), first.headers.get("x-switchyard-task"))
      const judged = (told: Told) =>
        Effect.promise(async () => {
          const body = JSON.stringify({ request_id: told.headers.get("x-request-id"), rating: "up" })
          const headers = { "content-type": "application/json" }
          return (await fetch(`${url}/v1/feedback`, { method: "POST", headers, body })).status
        })
      assert.deepStrictEqual([yield* judged(first), yield* judged(hit)], [200, 400])
      const other = yield* ask(url, { ...asked, headers: { "x-switchyard-prefer": "quality" }, model: "auto" })
      assert.strictEqual(cacheOf(other), "miss")
      assert.lengthOf(yield* simulator.calls, 2)
    })
  )
  live("gives Gemini's stream in either framing", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* starting()
      const asked = question("gemini", "live", { model: models.gemini })
      const first = yield* ask(url, asked)
      const again = yield* ask(url, { ...asked, framing: "array" })
      assert.strictEqual(cacheOf(again), "hit")
      assert.strictEqual(again.text, first.text)
      assert.isTrue(again.raw.trimStart().startsWith("["))
      assert.lengthOf(yield* simulator.calls, 1)
    })
  )
  live("tells of itself in the body where that is asked for, and in the kept decision", () =>
    Effect.gen(function* () {
      const adminKey = "an-admin-key-of-some-length"
      const { url } = yield* starting({}, { server: { adminKey: Redacted.make(adminKey) } })
      for (const delivery of deliveries) {
        const asked = question("openai", delivery, { headers: { "x-switchyard-metadata": "body" } })
        yield* ask(url, asked)
        const hit = yield* ask(url, asked)
        assert.match(hit.raw, /"switchyard":\{[^}]*"attempts":0,"cache":"hit"[^}]*"costUsd":0/)
        const id = hit.headers.get("x-request-id") ?? ""
        const kept = yield* Effect.promise(async () => {
          const response = await fetch(`${url}/admin/decisions/${id}`, {
            headers: { authorization: `Bearer ${adminKey}` }
          })
          return JSON.parse(await response.text())
        })
        assert.deepInclude(kept.outcome, { is: "cached", by: models.openai })
        assert.deepInclude(kept.became, {
          status: 200,
          outcome: "ok",
          cache: "hit",
          answeredBy: models.openai,
          attempts: []
        })
      }
    })
  )
  live("keeps what a tool was called with", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* starting()
      const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 })
      const body = {
        model: models.gemini,
        temperature: 0,
        messages: [{ role: "user" as const, content: "What is the weather in Paris?" }],
        tools: [{ type: "function" as const, function: { name: "get_weather", parameters: { type: "object" } } }],
        tool_choice: "required" as const
      }
      const create = Effect.promise(() => openai.chat.completions.create(body))
      assert.deepStrictEqual((yield* create).choices, (yield* create).choices)
      assert.lengthOf(yield* simulator.calls, 1)
    })
  )
})

describe("what is never cached", () => {
  const refuses = (
    name: string,
    asked: Question,
    options: { readonly status?: number; readonly cache?: string } = {}
  ) =>
    live(name, () =>
      Effect.gen(function* () {
        const { simulator, url } = yield* starting({}, { resilience: { onMidStreamFailure: "error" } })
        for (const _ of [1, 2]) {
          const told = yield* ask(url, asked)
          assert.strictEqual(told.status, options.status ?? 200, told.raw)
          assert.strictEqual(cacheOf(told), options.cache ?? "miss")
        }
        assert.lengthOf(yield* simulator.calls, 2)
      })
    )
  for (const delivery of deliveries) {
    refuses(
      `an answer to a request without a temperature (${delivery})`,
      { ...question("openai", delivery), fields: {} },
      {
        cache: "uncacheable"
      }
    )
    refuses(
      `an answer at another temperature than zero (${delivery})`,
      question("openai", delivery, { fields: { temperature: 0.2 } }),
      { cache: "uncacheable" }
    )
    refuses(`a refusal in words (${delivery})`, question("openai", delivery, { model: "openai/gpt-5.2--refusal" }))
    refuses(
      `a refusal (${delivery})`,
      question("anthropic", delivery, { model: "anthropic/claude-haiku-4-5--refusal" })
    )
    refuses(
      `an answer that a filter stopped (${delivery})`,
      question("gemini", delivery, { model: "gemini/gemini-3.5-flash--filtered" })
    )
    refuses(
      `an answer to a request that asks for it to be stored (${delivery})`,
      question("responses", delivery, { fields: { store: true } }),
      { cache: "uncacheable" }
    )
    refuses(
      `an answer that a tool of the vendor's goes into (${delivery})`,
      question("responses", delivery, { fields: { tools: [{ type: "web_search" }] } }),
      { cache: "uncacheable" }
    )
    refuses(
      `an answer about what stands behind an address (${delivery})`,
      question("openai", delivery, {
        fields: {
          messages: [
            {
              role: "user",
              content: [
                { type: "text", text: "What is this?" },
                { type: "image_url", image_url: { url: "https://example.com/today.png" } }
              ]
            }
          ]
        }
      }),
      { cache: "uncacheable" }
    )
  }
  refuses("a stream that was cut", question("openai", "live", { model: "openai/gpt-5.2--cut" }))
  refuses("a stream that ended early", question("openai", "live", { model: "openai/gpt-5.2--clean-cut" }))

  live("a stream that somebody else completed", () =>
    Effect.gen(function* () {
      const { log, url } = yield* starting({}, { aliases: [alias("smart", "openai/gpt-5.2--cut", models.anthropic)] })
      for (const _ of [1, 2]) {
        const told = yield* ask(url, question("openai", "live", { model: "smart" }))
        assert.isTrue(told.marker, told.raw)
        assert.strictEqual(cacheOf(told), "miss")
      }
      assert.isTrue(log.every((line) => line.includes('"resumed"')))
    })
  )
  live("an answer of a fallback", () =>
    Effect.gen(function* () {
      const { url } = yield* starting(
        {},
        { aliases: [alias("smart", "openai/gpt-5.2--invalid-key", models.anthropic)] }
      )
      for (const _ of [1, 2]) {
        const told = yield* ask(url, question("openai", "whole", { model: "smart" }))
        assert.strictEqual(told.headers.get("x-switchyard-provider"), "anthropic", told.raw)
        assert.strictEqual(cacheOf(told), "miss")
      }
    })
  )
  live("an error", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* starting()
      for (const _ of [1, 2]) {
        const told = yield* ask(url, question("openai", "whole", { model: "openai/gpt-5.2--invalid-request" }))
        assert.strictEqual(told.status, 400)
      }
      assert.lengthOf(yield* simulator.calls, 2)
    })
  )
})

describe("the header x-switchyard-cache", () => {
  const wishing = (wish: string, asked: Question): Question => ({
    ...asked,
    headers: { ...asked.headers, "x-switchyard-cache": wish }
  })
  live("of bypass neither looks nor keeps, of refresh keeps without looking, of default looks", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* starting()
      const asked = question("openai", "whole")
      const bypassed = yield* ask(url, wishing("bypass", asked))
      assert.strictEqual(cacheOf(bypassed), "bypass")
      assert.strictEqual(cacheOf(yield* ask(url, wishing("Refresh", asked))), "refresh")
      const kept = yield* askedAgain(url, wishing("default", asked))
      assert.strictEqual(cacheOf(kept), "hit")
      const refreshed = yield* ask(url, wishing("refresh", asked))
      assert.notStrictEqual(refreshed.text, kept.text)
      assert.strictEqual((yield* askedAgain(url, asked)).text, refreshed.text)
      assert.notStrictEqual((yield* ask(url, wishing("bypass", asked))).text, refreshed.text)
      assert.lengthOf(yield* simulator.calls, 4)
    })
  )
  for (const dialect of dialects)
    for (const delivery of deliveries)
      live(`of only asks nobody, and says in the caller's words that there is nothing (${dialect}, ${delivery})`, () =>
        Effect.gen(function* () {
          const { simulator, url } = yield* starting()
          const asked = question(dialect, delivery)
          for (const nothing of [asked, question(dialect, delivery, { fields: atTemperature(dialect, 0.5) })]) {
            const told = yield* ask(url, wishing("only", nothing))
            assert.strictEqual(told.status, 404, told.raw)
            assert.strictEqual(told.headers.get("x-should-retry"), "false")
            assert.match(String(told.error?.["message"]), /^Only a cached answer was asked for/)
            const word = told.error?.[dialect === "gemini" ? "status" : dialect === "anthropic" ? "type" : "code"]
            const words = {
              anthropic: "not_found_error",
              gemini: "NOT_FOUND",
              openai: "not_cached",
              responses: "not_cached"
            }
            assert.strictEqual(word, words[dialect])
          }
          assert.lengthOf(yield* simulator.calls, 0)
          const first = yield* ask(url, asked)
          const kept = yield* askedAgain(url, wishing("only", asked))
          assert.strictEqual(kept.text, first.text)
          assert.strictEqual(cacheOf(kept), "hit")
          assert.lengthOf(yield* simulator.calls, 1)
        })
      )
  live(
    "of only says so where there is no cache, and for vectors and counts; of another word is a 400 that names it",
    () =>
      Effect.gen(function* () {
        const { simulator, url } = yield* start()
        const told = yield* ask(url, wishing("only", question("openai", "whole")))
        assert.strictEqual(told.status, 404)
        assert.include(told.raw, "caches none")
        const embedded = yield* Effect.promise(() =>
          fetch(`${url}/v1/embeddings`, {
            method: "POST",
            headers: { "content-type": "application/json", "x-switchyard-cache": "only" },
            body: JSON.stringify({ model: "openai/text-embedding-3-small", input: "hi" })
          })
        )
        assert.strictEqual(embedded.status, 404)
        const counted = yield* Effect.promise(() =>
          fetch(`${url}/v1/messages/count_tokens`, {
            method: "POST",
            headers: { "content-type": "application/json", "x-switchyard-cache": "only" },
            body: JSON.stringify({ model: models.anthropic, messages: [{ role: "user", content: "hi" }] })
          })
        )
        assert.strictEqual(counted.status, 404)
        assert.lengthOf(yield* simulator.calls, 0)
        const wrong = yield* ask(url, wishing("sometimes", question("openai", "whole")))
        assert.strictEqual(wrong.status, 400)
        assert.include(wrong.raw, "x-switchyard-cache must be 'default', 'bypass', 'refresh' or 'only'")
        const plain = yield* ask(url, wishing("default", question("openai", "whole")))
        assert.strictEqual(plain.status, 200)
        assert.isNull(cacheOf(plain))
      })
  )
})

const key = (name: string, more: Partial<ClientKey> = {}): ClientKey => ({
  name,
  key: Redacted.make(`key-of-${name}`),
  tenant: undefined,
  priority: "normal",
  allow: undefined,
  ...more
})

describe("who shares cached answers", () => {
  const keys = [
    key("a1", { tenant: "a" }),
    key("a2", { tenant: "a" }),
    key("b", { tenant: "b" }),
    key("alone"),
    key("a"),
    key("a-eu", { tenant: "a", region: "eu" }),
    key("a-allowed", { tenant: "a", allow: ["other"] })
  ]
  const by = (name: string): Question => ({
    ...question("openai", "whole"),
    headers: { authorization: `Bearer key-of-${name}` }
  })
  const told = (scope: CacheSettings["scope"]) =>
    Effect.gen(function* () {
      const { url } = yield* starting(
        { scope },
        { settings: { keys }, provider: { openai: { region: "eu" } }, vendors: ["openai"] }
      )
      const first = yield* ask(url, by("a1"))
      assert.strictEqual(cacheOf(first), "miss")
      assert.strictEqual(cacheOf(yield* askedAgain(url, by("a1"))), "hit")
      const others = yield* Effect.forEach(["a2", "b", "alone", "a", "a-eu", "a-allowed"], (name) => ask(url, by(name)))
      return others.map((one) => (one.status === 200 ? (cacheOf(one) ?? "") : String(one.status)))
    })
  live("are the keys of a tenant, and a key without one by itself, unless told otherwise", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* told("tenant"), ["hit", "miss", "miss", "miss", "miss", "403"])
      assert.deepStrictEqual(yield* told("key"), ["miss", "miss", "miss", "miss", "miss", "403"])
      assert.deepStrictEqual(yield* told("all"), ["hit", "hit", "hit", "hit", "miss", "403"])
    })
  )
  live("have the request counted by the limits of their key, and none of its tokens", () =>
    Effect.gen(function* () {
      const limited = key("limited", { limits: { requestsPerMinute: 10, tokensPerMinute: 10_000 } })
      const { url } = yield* starting({}, { settings: { keys: [limited] } })
      yield* ask(url, by("limited"))
      const left = ({ headers }: Told) =>
        ["requests", "tokens"].map((what) => Number(headers.get(`x-ratelimit-remaining-${what}`)))
      const one = yield* askedAgain(url, by("limited"))
      for (const _ of [1, 2, 3]) yield* ask(url, by("limited"))
      const five = yield* ask(url, by("limited"))
      assert.strictEqual((left(one)[0] ?? 0) - (left(five)[0] ?? 0), 4)
      // what flows back in the meantime is more than what is taken
      assert.isAtLeast(left(five)[1] ?? 0, left(one)[1] ?? 0)
    })
  )
})

describe("a server behind a base URL", () => {
  live("that may know its users has each of them asked for, and no other has", () =>
    Effect.gen(function* () {
      for (const vendor of ["zai", "openai"] as const) {
        const { simulator, url } = yield* starting(
          {},
          { vendors: [vendor], provider: { zai: { models: ["glm-4.7"] } } }
        )
        const model = vendor === "zai" ? "zai/glm-4.7" : models.openai
        const by = (user: string) => ask(url, question("openai", "whole", { model, fields: { user } }))
        const first = yield* by("ann")
        assert.strictEqual(first.status, 200, first.raw)
        assert.strictEqual(cacheOf(yield* by("ann")), "hit")
        assert.strictEqual(cacheOf(yield* by("bob")), vendor === "zai" ? "miss" : "hit")
        assert.lengthOf(yield* simulator.calls, vendor === "zai" ? 2 : 1)
      }
    })
  )
})

describe("a budget that is exhausted", () => {
  const facts = new Map([
    [models.openai, { price: { inputUsdPerMTok: 1, outputUsdPerMTok: 100 }, contextWindowTokens: 100_000 }]
  ])
  const asked = question("openai", "whole")
  for (const onExhausted of ["reject", "cache-only"] as const)
    live(
      `and ${onExhausted === "reject" ? "rejects" : "serves from the cache only"} refuses nothing that is cached and still good`,
      () =>
        Effect.gen(function* () {
          const budgets = [policyOf("global", { window: "month", limitUsd: 0.06, reserve: 0, onExhausted })]
          const { simulator, url } = yield* starting({}, { settings: { facts, budgets } })
          assert.strictEqual((yield* ask(url, asked)).status, 200)
          // ten tokens written cost as much as is left
          for (const at of Array.from({ length: 60 }, (_, at) => at))
            yield* ask(url, question("openai", "whole", { prompt: `Say ${at}` }))
          const refused = yield* ask(url, question("openai", "whole", { prompt: "Say it" }))
          assert.strictEqual(refused.status, 429, refused.raw)
          assert.strictEqual(refused.error?.["code"], "insufficient_quota")
          assert.strictEqual(refused.raw.includes("only cached answers"), onExhausted === "cache-only")
          const calls = (yield* simulator.calls).length
          const hit = yield* ask(url, asked)
          assert.strictEqual(hit.status, 200)
          assert.strictEqual(cacheOf(hit), "hit")
          assert.lengthOf(yield* simulator.calls, calls)
        })
    )
})

describe("metrics", () => {
  live("count what the cache did, and what it holds", () =>
    Effect.gen(function* () {
      const { url } = yield* starting()
      const asked = question("openai", "whole")
      yield* ask(url, asked)
      yield* askedAgain(url, asked)
      yield* ask(url, question("openai", "whole", { fields: { temperature: 1 } }))
      const text = yield* Effect.promise(async () => (await fetch(`${url}/metrics`)).text())
      // other tests of this process have counted too
      for (const line of [
        /^llm_cache_requests_total\{result="hit"\} [1-9]/m,
        /^llm_cache_requests_total\{result="miss"\} [1-9]/m,
        /^llm_cache_requests_total\{result="uncacheable"\} [1-9]/m,
        /^llm_cache_entries 1$/m,
        /^llm_cache_evictions_total 0$/m
      ])
        assert.match(text, line)
      assert.match(text, /^llm_cache_bytes [1-9]\d+$/m)
      assert.match(text, /llm_requests_total\{[^}]*provider="cache"[^}]*\} [1-9]/)
    })
  )
})
