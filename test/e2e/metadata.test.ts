/** What an answer tells of itself in its body, through the official SDKs. */
import Anthropic from "@anthropic-ai/sdk"
import { GoogleGenAI } from "@google/genai"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import OpenAI from "openai"
import { defaultLevels } from "../../src/domain/Alert.ts"
import { webhook } from "../observability/alerting.ts"
import { start } from "./harness.ts"

const headers = { "x-switchyard-metadata": "body" }
const models = { openai: "openai/gpt-5.2", anthropic: "anthropic/claude-sonnet-5", gemini: "gemini/gemini-3.5-flash" }

/** The last that was told among what came, and how often it was. */
const toldIn = (events: ReadonlyArray<object>): ReadonlyArray<unknown> =>
  events.flatMap((event) => ("switchyard" in event ? [event.switchyard] : []))
const collect = async <A>(events: AsyncIterable<A>): Promise<ReadonlyArray<A>> => {
  const all: Array<A> = []
  for await (const event of events) all.push(event)
  return all
}
const isTold = (told: unknown, model: string) => {
  assert(typeof told === "object" && told !== null, JSON.stringify(told))
  const { costUsd, requestId, ...rest } = { costUsd: undefined, requestId: undefined, ...told }
  assert.deepInclude(rest, { provider: model.split("/")[0], model: model.split("/")[1], attempts: 1 })
  assert.isAbove(Number(costUsd), 0)
  assert.match(String(requestId), /^req_/)
}

describe("an answer that was asked to tell of itself in its body", () => {
  it.live(
    "does so whole, in each dialect, also where another vendor answers, and tells its cost in a header",
    () =>
      Effect.gen(function* () {
        const { url } = yield* start()
        for (const model of Object.values(models)) {
          const ask = (path: string, body: object) =>
            Effect.promise(async () => {
              const response = await fetch(`${url}${path}`, {
                method: "POST",
                headers: { ...headers, "content-type": "application/json" },
                body: JSON.stringify(body)
              })
              assert.strictEqual(response.status, 200)
              assert.isAbove(Number(response.headers.get("x-switchyard-cost-usd")), 0)
              const told: { readonly switchyard: { readonly costUsd: number } } = JSON.parse(await response.text())
              assert.strictEqual(
                String(told.switchyard.costUsd),
                String(Number(response.headers.get("x-switchyard-cost-usd")))
              )
              isTold(told.switchyard, model)
            })
          const messages = [{ role: "user", content: "hi" }]
          yield* ask("/v1/chat/completions", { model, messages })
          yield* ask("/v1/messages", { model, messages, max_tokens: 100 })
          yield* ask("/v1/responses", { model, input: "hi" })
          yield* ask(`/v1beta/models/${model}:generateContent`, {
            contents: [{ role: "user", parts: [{ text: "hi" }] }]
          })
        }
      }).pipe(Effect.scoped),
    60_000
  )

  it.live(
    "does so once, in a stream's last event, and each official SDK reads the stream as ever",
    () =>
      Effect.gen(function* () {
        const { url } = yield* start()
        for (const model of Object.values(models)) {
          const events = yield* Effect.promise(async () => {
            const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: "x", defaultHeaders: headers, maxRetries: 0 })
            const anthropic = new Anthropic({ baseURL: url, apiKey: "x", defaultHeaders: headers, maxRetries: 0 })
            const google = new GoogleGenAI({ apiKey: "x", httpOptions: { baseUrl: url, headers } })
            const messages = [{ role: "user" as const, content: "hi" }]
            const chat = openai.chat.completions.stream({ model, messages })
            const chatEvents = await collect(chat)
            assert.isAbove((await chat.finalChatCompletion()).choices[0]?.message.content?.length ?? 0, 0)
            const message = anthropic.messages.stream({ model, messages, max_tokens: 100 })
            const messageEvents = await collect(message)
            assert.isAbove((await message.finalText()).length, 0)
            const responseEvents = await collect(await openai.responses.create({ model, input: "hi", stream: true }))
            const gemini = await collect(await google.models.generateContentStream({ model, contents: "hi" }))
            assert.isAbove(gemini.map(({ text }) => text ?? "").join("").length, 0)
            return [chatEvents, messageEvents, responseEvents] as const
          })
          for (const one of events) {
            const told = toldIn(one)
            assert.strictEqual(told.length, 1, JSON.stringify(one.at(-1)))
            isTold(told[0], model)
          }
          for (const alt of ["alt=sse", ""]) {
            const text = yield* Effect.promise(() =>
              fetch(`${url}/v1beta/models/${model}:streamGenerateContent?${alt}`, {
                method: "POST",
                headers: { ...headers, "content-type": "application/json" },
                body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "hi" }] }] })
              }).then((response) => response.text())
            )
            const chunks: ReadonlyArray<object> =
              alt === ""
                ? JSON.parse(text)
                : text
                    .split(/\r?\n\r?\n/)
                    .flatMap((event) => (event.startsWith("data:") ? [JSON.parse(event.slice(5))] : []))
            const told = toldIn(chunks)
            assert.strictEqual(told.length, 1, text)
            isTold(told[0], model)
          }
        }
      }).pipe(Effect.scoped),
    60_000
  )

  it.live("does so for a key that says so, unless the request does not want it", () =>
    Effect.gen(function* () {
      const key = "client-key-0123456789"
      const { url } = yield* start({
        settings: {
          keys: [
            {
              name: "web",
              key: Redacted.make(key),
              tenant: undefined,
              priority: "normal",
              allow: undefined,
              metadata: "body"
            }
          ]
        }
      })
      const ask = (more: Readonly<Record<string, string>>) =>
        Effect.promise(() =>
          fetch(`${url}/v1/chat/completions`, {
            method: "POST",
            headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...more },
            body: JSON.stringify({ model: models.openai, messages: [{ role: "user", content: "hi" }] })
          }).then((response) => response.text())
        )
      assert.include(yield* ask({}), '"switchyard":{')
      assert.notInclude(yield* ask({ "x-switchyard-metadata": "headers" }), "switchyard")
      assert.include(yield* ask({ "x-switchyard-metadata": "elsewhere" }), "must be 'body' or 'headers'")
    }).pipe(Effect.scoped)
  )

  it.live("that was dearer than a webhook wants it is told there, without a word of the prompt", () =>
    Effect.gen(function* () {
      const hook = yield* webhook()
      const alerts = [{ ...defaultLevels, url: Redacted.make(hook.url), format: "json", requestUsd: 1e-9 }] as const
      const { url } = yield* start({ settings: { alerts } })
      yield* Effect.promise(() =>
        fetch(`${url}/v1/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ model: models.openai, messages: [{ role: "user", content: "hi, this is a secret" }] })
        }).then((response) => response.text())
      )
      yield* hook.received(1)
      const told = JSON.parse(hook.sent[0]?.body ?? "")
      assert.deepInclude(told, { kind: "request.cost", subject: models.openai })
      assert.isAbove(told.fields.costUsd, 0)
      assert.notInclude(hook.sent[0]?.body ?? "", "this is a secret")
    }).pipe(Effect.scoped)
  )

  it.live("does not where it was not asked", () =>
    Effect.gen(function* () {
      const { url } = yield* start()
      const text = yield* Effect.promise(() =>
        fetch(`${url}/v1/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ model: models.openai, messages: [{ role: "user", content: "hi" }] })
        }).then((response) => response.text())
      )
      assert.notInclude(text, "switchyard")
    }).pipe(Effect.scoped)
  )
})
