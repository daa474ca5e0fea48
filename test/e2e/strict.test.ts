/** A caller that wants all it says to be told to whoever answers, over HTTP in every dialect. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { start } from "./harness.ts"

interface Case {
  readonly path: (model: string) => string
  readonly body: JsonObject
  /** Of these the first asked can be told none, the fallback all. */
  readonly fields: ReadonlyArray<string>
  readonly model: string
  readonly fallback: string
  /** What of an error only this dialect's own has. */
  readonly isOwn: (body: JsonObject) => boolean
}

const errorOf = (body: JsonObject): JsonObject => (isJsonObject(body["error"]) ? body["error"] : {})
const messages = [{ role: "user", content: "hi" }]
const gemini = "gemini/gemini-2.0-flash"
const openai = "openai/gpt-4o"
const anthropic = "anthropic/claude-sonnet-4"

const cases: Readonly<Record<string, Case>> = {
  "Chat Completions": {
    path: () => "/v1/chat/completions",
    body: { messages, seed: 7, presence_penalty: 0.5 },
    fields: ["seed", "presence_penalty"],
    model: anthropic,
    fallback: gemini,
    isOwn: (body) => errorOf(body)["code"] === "unsupported_value"
  },
  Responses: {
    path: () => "/v1/responses",
    body: { input: "hi", metadata: { a: "b" }, truncation: "auto" },
    fields: ["metadata", "truncation"],
    model: gemini,
    fallback: openai,
    isOwn: (body) => errorOf(body)["type"] === "invalid_request_error"
  },
  Messages: {
    path: () => "/v1/messages",
    body: { messages, max_tokens: 100, top_k: 5 },
    fields: ["top_k"],
    model: openai,
    fallback: gemini,
    isOwn: (body) => body["type"] === "error" && errorOf(body)["type"] === "invalid_request_error"
  },
  Gemini: {
    path: (model) => `/v1beta/models/${model}:generateContent`,
    body: {
      contents: [{ role: "user", parts: [{ text: "hi" }] }],
      generationConfig: { topK: 5 },
      safetySettings: [{ category: "HARM_CATEGORY_HATE_SPEECH", threshold: "BLOCK_NONE" }]
    },
    fields: ["top_k", "safetySettings"],
    model: openai,
    fallback: gemini,
    isOwn: (body) => errorOf(body)["status"] === "INVALID_ARGUMENT"
  }
}

const strict = { "x-switchyard-strict": "true" }

const objectOf = (text: string): JsonObject => {
  const value: Json | undefined = parseJson(text)
  return isJsonObject(value) ? value : {}
}

describe("a caller that demands strictness", () => {
  for (const [name, { body, fallback, fields, isOwn, model, path }] of Object.entries(cases)) {
    const asking = (url: string, headers: Readonly<Record<string, string>>, more: JsonObject = {}) =>
      Effect.promise(async () => {
        const isGemini = name === "Gemini"
        const response = await fetch(`${url}${path(model)}`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify({ ...body, ...(isGemini ? {} : { model }), ...more })
        })
        return { status: response.status, headers: response.headers, body: objectOf(await response.text()) }
      })

    it.live(`of ${name} is told without the header what was dropped`, () =>
      Effect.gen(function* () {
        const { url } = yield* start()
        for (const headers of [{}, { "x-switchyard-strict": "false" }]) {
          const told = yield* asking(url, headers)
          assert.strictEqual(told.status, 200)
          const dropped = (told.headers.get("x-switchyard-dropped") ?? "").split(/,\s*/)
          assert.includeMembers(dropped, [...fields])
        }
      }).pipe(Effect.scoped)
    )

    it.live(`of ${name} is answered by one who can be told everything`, () =>
      Effect.gen(function* () {
        const { url } = yield* start()
        const told = yield* asking(url, strict, { fallbacks: [fallback] })
        assert.strictEqual(told.status, 200, JSON.stringify(told.body))
        assert.strictEqual(told.headers.get("x-switchyard-dropped"), null)
        assert.strictEqual(told.headers.get("x-switchyard-fallback"), "UnsupportedFeature")
        const by = `${told.headers.get("x-switchyard-provider")}/${told.headers.get("x-switchyard-model")}`
        assert.strictEqual(by, fallback)
      }).pipe(Effect.scoped)
    )

    it.live(`of ${name} gets a 400 of its own dialect with every field where nobody can be told everything`, () =>
      Effect.gen(function* () {
        const { url } = yield* start()
        const stream: JsonObject = name === "Gemini" ? {} : { stream: true }
        for (const more of [{}, stream]) {
          const told = yield* asking(url, strict, more)
          assert.strictEqual(told.status, 400)
          assert.isTrue(isOwn(told.body), JSON.stringify(told.body))
          for (const field of fields) assert.include(String(errorOf(told.body)["message"]), field)
        }
      }).pipe(Effect.scoped)
    )

    it.live(`of ${name} in other words than true or false is told so`, () =>
      Effect.gen(function* () {
        const { url } = yield* start()
        const told = yield* asking(url, { "x-switchyard-strict": "yes" })
        assert.strictEqual(told.status, 400)
        assert.include(String(errorOf(told.body)["message"]), "x-switchyard-strict")
      }).pipe(Effect.scoped)
    )
  }

  it.live("learns of all at once: what is refused of anybody, and what would be dropped", () =>
    Effect.gen(function* () {
      const { url } = yield* start()
      const response = yield* Effect.promise(() =>
        fetch(`${url}/v1/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json", ...strict },
          body: JSON.stringify({
            model: anthropic,
            messages,
            n: 2,
            web_search_options: {},
            seed: 1,
            logit_bias: { 1: 1 }
          })
        })
      )
      assert.strictEqual(response.status, 400)
      const text = yield* Effect.promise(() => response.text())
      for (const word of ["n", "web_search_options", "seed", "logit_bias"])
        assert.match(text, new RegExp(`\\b${word}\\b`))
    }).pipe(Effect.scoped)
  )

  it.live("learns of every candidate what it cannot be told", () =>
    Effect.gen(function* () {
      const { url } = yield* start({ resilience: { maxAttempts: 1 } })
      const ask = (fallbacks: ReadonlyArray<string>) =>
        Effect.promise(async () => {
          const response = await fetch(`${url}/v1/chat/completions`, {
            method: "POST",
            headers: { "content-type": "application/json", ...strict },
            body: JSON.stringify({ model: anthropic, fallbacks, messages, seed: 1, metadata: { a: "b" }, store: true })
          })
          return { status: response.status, text: await response.text() }
        })
      const refused = yield* ask([gemini])
      assert.strictEqual(refused.status, 400)
      for (const word of ["seed", "metadata", "store", anthropic, gemini]) assert.include(refused.text, word)
      // no attempt is spent on who cannot be told everything
      assert.strictEqual((yield* ask([gemini, openai])).status, 200)
    }).pipe(Effect.scoped)
  )
})
