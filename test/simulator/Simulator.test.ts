import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import * as Simulator from "../../src/simulator/Simulator.ts"
import { anthropic, asking, dataOf, openai, raw } from "./client.ts"

describe("the simulator's listener", () => {
  it.live("gives each vendor the base URL its SDK takes", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make({ vendors: { acme: { wire: "anthropic" } } })
      assert.deepStrictEqual(
        ["openai", "groq", "anthropic", "google", "azure-openai", "acme"].map((vendor) =>
          simulator.baseUrl(vendor).slice(simulator.url.length)
        ),
        ["/openai/v1", "/groq/v1", "/anthropic", "/google", "/azure-openai", "/acme"]
      )
    })
  )

  it.live("is one service among others, by its Layer", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.Simulator
      assert.strictEqual((yield* asking.openai(simulator, "gpt-4o", false)).status, 200)
    }).pipe(Effect.provide(Simulator.Simulator.layer()))
  )

  it.live("knows the vendor of a path without a prefix", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      yield* raw(`${simulator.url}/v1/chat/completions`, { body: {} })
      yield* raw(`${simulator.url}/v1/messages`, { body: {} })
      yield* raw(`${simulator.url}/v1/models`, { method: "GET", headers: { "anthropic-version": "2023-06-01" } })
      yield* raw(`${simulator.url}/v1beta/models/gemini-3.5-flash:generateContent`, { body: {} })
      assert.deepStrictEqual(
        (yield* simulator.calls).map(({ vendor }) => vendor),
        ["openai", "anthropic", "anthropic", "google"]
      )
    })
  )

  it.live("takes Azure's deployment path and header", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const answer = yield* raw(
        `${simulator.baseUrl("azure-openai")}/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21`,
        { headers: { "api-key": "k" }, body: { stream: true, messages: [{ role: "user", content: "hello" }] } }
      )
      const [verdict, opening] = dataOf(answer.text).map((data) => (data === "[DONE]" ? data : JSON.parse(data)))
      assert.deepStrictEqual(verdict.choices, [])
      assert.strictEqual(opening.model, "my-gpt")
    })
  )

  it.live("records what it received and how it ended", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      yield* asking.google(simulator, "gemini-3.5-flash", true)
      const call = yield* simulator.untilCall(({ endedAtMillis }) => endedAtMillis !== undefined)
      assert.deepInclude(call, {
        number: 1,
        vendor: "google",
        model: "gemini-3.5-flash",
        method: "POST",
        path: "/v1beta/models/gemini-3.5-flash:streamGenerateContent",
        query: "alt=sse",
        body: { contents: [{ role: "user", parts: [{ text: "Tell me of the sea" }] }] },
        status: 200,
        aborted: false
      })
      assert.strictEqual(call.headers["x-goog-api-key"], "simulated")
      yield* simulator.clearCalls
      assert.deepStrictEqual(yield* simulator.calls, [])
    })
  )

  it.live("remembers so many calls and no more", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make({ rememberedCalls: 2 })
      for (let n = 0; n < 3; n++) yield* asking.openai(simulator, "gpt-4o", false)
      assert.deepStrictEqual(
        (yield* simulator.calls).map(({ number }) => number),
        [2, 3]
      )
    })
  )

  it.live("destroys its sockets when its scope closes, streams that hang included", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const simulator = yield* Simulator.make().pipe(Scope.provide(scope))
      const hanging = yield* Effect.forkChild(asking.anthropic(simulator, "claude-haiku-4-5--stall", true))
      yield* simulator.untilCall(({ number }) => number === 1)
      assert.strictEqual(yield* simulator.openConnections, 1)
      yield* Scope.close(scope, Exit.void)
      const answer = yield* Fiber.join(hanging)
      assert.strictEqual(answer.ended, "broken")
      assert.strictEqual(yield* simulator.openConnections, 0)
      assert.strictEqual((yield* asking.openai(simulator, "gpt-4o", false)).status, undefined)
    })
  )

  it.live("cuts every stream of one vendor that runs, and no other, and takes new calls afterwards", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const asked = [
        asking.openai(simulator, "gpt-4o--stall", true),
        asking.openai(simulator, "gpt-4o--stall", true),
        asking.anthropic(simulator, "claude-haiku-4-5--stall", true)
      ]
      const hanging = yield* Effect.forEach(asked, (one) => Effect.forkChild(one))
      yield* simulator.untilCall(({ number }) => number === 3)
      const told = yield* raw(`${simulator.url}/control/cut`, { body: { vendor: "openai" } })
      assert.deepStrictEqual(JSON.parse(told.text), { ok: true, cut: 2 })
      for (const one of hanging.slice(0, 2)) assert.strictEqual((yield* Fiber.join(one)).ended, "broken")
      const isOver =
        (vendor: string) => (call: { readonly vendor: string; readonly endedAtMillis: number | undefined }) =>
          call.vendor === vendor && call.endedAtMillis !== undefined
      assert.isFalse((yield* simulator.untilCall(isOver("openai"))).aborted)
      assert.strictEqual(yield* simulator.cut("openai"), 0)
      assert.strictEqual(yield* simulator.openStreams, 1)
      assert.strictEqual((yield* asking.openai(simulator, "gpt-4o", true)).ended, "complete")
      assert.strictEqual((yield* raw(`${simulator.url}/control/cut`, { body: {} })).status, 400)
    })
  )

  it.live("serves many calls at once, each with its own ids", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const client = openai(simulator)
      const answers = yield* Effect.all(
        Array.from({ length: 50 }, (_, n) =>
          Effect.promise(() =>
            client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: `question ${n}` }] })
          )
        ),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(new Set(answers.map(({ id }) => id)).size, 50)
      for (const [n, answer] of answers.entries())
        assert.include(answer.choices[0]?.message.content, `You said: "question ${n}"`)
    })
  )
})

describe("a replayed answer", () => {
  it.live("comes before any wire, byte by byte where asked, and is told what was requested", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const text = 'event: ping\ndata: {"type":"ping","text":"é€𝄞"}\n\n'
      const asked: Array<string> = []
      yield* simulator.setReplay(({ path, vendor }) => {
        asked.push(`${vendor} ${path}`)
        return vendor === "openai"
          ? {
              status: 418,
              headers: { "content-type": "text/event-stream", "content-length": "9999" },
              text,
              chunkBytes: 1
            }
          : undefined
      })
      const answer = yield* asking.openai(simulator, "gpt-4o", true)
      assert.deepStrictEqual([answer.status, answer.text, answer.ended], [418, text, "complete"])
      assert.strictEqual(answer.headers["content-type"], "text/event-stream")
      assert.isAbove(answer.pieces, 1)
      assert.strictEqual((yield* asking.anthropic(simulator, "claude-haiku-4-5", false)).status, 200)
      assert.deepStrictEqual(asked, ["openai /v1/chat/completions", "anthropic /v1/messages"])
      yield* simulator.setReplay(undefined)
      assert.strictEqual((yield* asking.openai(simulator, "gpt-4o", false)).status, 200)
    })
  )

  it.live("of JSON is read by an SDK as any other", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      yield* simulator.setReplay(() => ({ status: 200, body: { id: "recorded", type: "message", content: [] } }))
      const message = yield* Effect.promise(() =>
        anthropic(simulator).messages.create({ model: "m", max_tokens: 1, messages: [] })
      )
      assert.strictEqual(message.id, "recorded")
    })
  )
})
