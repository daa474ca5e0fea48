import * as AnthropicSdk from "@anthropic-ai/sdk"
import { assert, describe, it } from "@effect/vitest"
import { ApiError } from "@google/genai"
import { Effect, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import * as OpenAiSdk from "openai"
import { faultInModel, faultNames, type FaultName, faultOf, faults } from "../../src/simulator/Faults.ts"
import { script } from "../../src/simulator/Script.ts"
import * as Simulator from "../../src/simulator/Simulator.ts"
import {
  anthropic,
  asking,
  askedVendors,
  type AskedVendor,
  collect,
  dataOf,
  google,
  openai,
  raw,
  refusalOf
} from "./client.ts"

const models: Readonly<Record<AskedVendor, string>> = {
  openai: "gpt-4o",
  anthropic: "claude-haiku-4-5",
  google: "gemini-3.5-flash"
}

const ask = (simulator: Simulator.SimulatorShape, vendor: AskedVendor, fault: string, stream = false) =>
  asking[vendor](simulator, `${models[vendor]}--${fault}`, stream)

/** The part of each vendor's error body that programs read. */
const gist = (body: { error?: Record<string, unknown> }): string => {
  const { code, message, status, type } = body.error ?? {}
  return [type, typeof code === "string" ? code : undefined, status, message].filter(Boolean).join(" | ")
}

describe("a fault in place of an answer", () => {
  const rows: ReadonlyArray<readonly [FaultName, Readonly<Record<AskedVendor, readonly [number, string]>>]> = [
    [
      "invalid-key",
      { openai: [401, "invalid_api_key"], anthropic: [401, "authentication_error"], google: [400, "API key not valid"] }
    ],
    [
      "banned",
      {
        openai: [403, "account_deactivated"],
        anthropic: [403, "This organization has been disabled"],
        google: [403, "has been suspended"]
      }
    ],
    [
      "deactivated",
      {
        openai: [401, "account_deactivated"],
        anthropic: [400, "This organization has been disabled"],
        google: [403, "has been suspended"]
      }
    ],
    [
      "country",
      {
        openai: [403, "unsupported_country_region_territory"],
        anthropic: [403, "Request not allowed"],
        google: [400, "FAILED_PRECONDITION"]
      }
    ],
    [
      "forbidden",
      {
        openai: [403, "does not have access to model"],
        anthropic: [403, "permission_error"],
        google: [403, "PERMISSION_DENIED"]
      }
    ],
    [
      "rate-limit-bare",
      {
        openai: [429, "rate_limit_exceeded"],
        anthropic: [429, "rate_limit_error"],
        google: [429, "RESOURCE_EXHAUSTED"]
      }
    ],
    [
      "quota",
      {
        openai: [429, "insufficient_quota"],
        anthropic: [400, "credit balance is too low"],
        google: [429, "exceeded your current quota"]
      }
    ],
    ["server-error", { openai: [500, "server_error"], anthropic: [500, "api_error"], google: [500, "INTERNAL"] }],
    ["bad-gateway", { openai: [502, "cf_bad_gateway"], anthropic: [502, "api_error"], google: [502, "UNAVAILABLE"] }],
    [
      "unavailable",
      { openai: [503, "cf_service_unavailable"], anthropic: [503, "api_error"], google: [503, "UNAVAILABLE"] }
    ],
    [
      "gateway-timeout",
      { openai: [504, "cf_gateway_timeout"], anthropic: [504, "timeout_error"], google: [504, "DEADLINE_EXCEEDED"] }
    ],
    [
      "overloaded",
      {
        openai: [503, "server_is_overloaded"],
        anthropic: [529, "overloaded_error"],
        google: [503, "The model is overloaded"]
      }
    ],
    [
      "context-length",
      {
        openai: [400, "context_length_exceeded"],
        anthropic: [400, "prompt is too long"],
        google: [400, "exceeds the maximum number of tokens"]
      }
    ],
    [
      "content-policy",
      { openai: [400, "content_filter"], anthropic: [400, "content filtering policy"], google: [400, "Responsible AI"] }
    ],
    [
      "unknown-model",
      { openai: [404, "model_not_found"], anthropic: [404, "not_found_error"], google: [404, "NOT_FOUND"] }
    ],
    [
      "invalid-request",
      {
        openai: [400, "unsupported_value"],
        anthropic: [400, "invalid_request_error"],
        google: [400, "INVALID_ARGUMENT"]
      }
    ]
  ]
  for (const [fault, expected] of rows)
    it.live(`${fault} is said as each vendor says it, to streamed and whole calls alike`, () =>
      Effect.gen(function* () {
        const simulator = yield* Simulator.make()
        for (const vendor of askedVendors)
          for (const stream of [false, true]) {
            const answer = yield* ask(simulator, vendor, fault, stream)
            assert.strictEqual(answer.status, expected[vendor][0])
            assert.include(gist(JSON.parse(answer.text)), expected[vendor][1])
          }
      })
    )

  it.live("the official SDKs type the errors by themselves", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const messages = [{ role: "user" as const, content: "hello" }]
      const ofOpenAi = (fault: FaultName) =>
        refusalOf(() => openai(simulator).chat.completions.create({ model: `gpt-4o--${fault}`, messages }))
      assert.instanceOf(yield* ofOpenAi("invalid-key"), OpenAiSdk.AuthenticationError)
      assert.instanceOf(yield* ofOpenAi("banned"), OpenAiSdk.PermissionDeniedError)
      assert.instanceOf(yield* ofOpenAi("rate-limit"), OpenAiSdk.RateLimitError)
      assert.instanceOf(yield* ofOpenAi("server-error"), OpenAiSdk.InternalServerError)
      assert.instanceOf(yield* ofOpenAi("reset"), OpenAiSdk.APIConnectionError)
      const ofAnthropic = (fault: string) =>
        refusalOf(() =>
          anthropic(simulator).messages.create({ model: `claude-haiku-4-5--${fault}`, max_tokens: 9, messages })
        )
      assert.instanceOf(yield* ofAnthropic("invalid-key"), AnthropicSdk.AuthenticationError)
      assert.instanceOf(yield* ofAnthropic("banned"), AnthropicSdk.PermissionDeniedError)
      assert.instanceOf(yield* ofAnthropic("overloaded"), AnthropicSdk.InternalServerError)
      const billing = yield* ofAnthropic("quota~status=402")
      assert(billing instanceof AnthropicSdk.APIError)
      assert.deepStrictEqual([billing.status, billing.type], [402, "billing_error"])
      const ofGoogle = yield* refusalOf(() =>
        google(simulator).models.generateContent({ model: "gemini-3.5-flash--banned", contents: "hello" })
      )
      assert(ofGoogle instanceof ApiError)
      assert.strictEqual(ofGoogle.status, 403)
      assert.include(ofGoogle.message, "CONSUMER_SUSPENDED")
    })
  )

  it.live("rate limits say in each of the known ways when to come back", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const before = Date.now()
      for (const vendor of askedVendors) {
        const seconds = yield* ask(simulator, vendor, "rate-limit~retryAfter=7")
        assert.strictEqual(seconds.headers["retry-after"], "7")
        const millis = yield* ask(simulator, vendor, "rate-limit-millis~retryAfter=0.25")
        assert.strictEqual(millis.headers["retry-after-ms"], "250")
        const date = yield* ask(simulator, vendor, "rate-limit-date~retryAfter=60")
        assert.isAbove(Date.parse(date.headers["retry-after"] ?? ""), before + 58_000)
        const bare = yield* ask(simulator, vendor, "rate-limit-bare")
        assert.isUndefined(bare.headers["retry-after"])
      }
      const info = yield* ask(simulator, "google", "rate-limit-retry-info~retryAfter=20")
      assert.isUndefined(info.headers["retry-after"])
      assert.include(info.text, `"retryDelay": "20s"`)
    })
  )

  it.live("an error inside an array answers Gemini's stream that is one", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const url = `${simulator.url}/google/v1beta/models/gemini-3.5-flash--overloaded:streamGenerateContent?key=k`
      const answer = yield* raw(url, { body: { contents: [{ parts: [{ text: "hello" }] }] } })
      assert.deepStrictEqual([answer.status, JSON.parse(answer.text)[0].error.status], [503, "UNAVAILABLE"])
    })
  )

  it.live("a prefill is refused only where there is one", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      assert.strictEqual((yield* ask(simulator, "anthropic", "prefill-refused")).status, 200)
      const error = yield* refusalOf(() =>
        anthropic(simulator).messages.create({
          model: "claude-haiku-4-5--prefill-refused",
          max_tokens: 10,
          messages: [
            { role: "user", content: "hello" },
            { role: "assistant", content: "one" }
          ]
        })
      )
      assert.include(String(error), "does not support assistant message prefill")
    })
  )
})

/** All the text of a stream's content events that are JSON. */
const textIn = (vendor: AskedVendor, text: string): string =>
  dataOf(text)
    .map((data) => {
      try {
        const event = JSON.parse(data)
        switch (vendor) {
          case "openai":
            return event.choices?.[0]?.delta.content ?? ""
          case "anthropic":
            return event.delta?.text ?? ""
          case "google":
            return event.candidates?.[0]?.content?.parts?.[0]?.text ?? ""
        }
      } catch {
        return ""
      }
    })
    .join("")

const marks: Readonly<Record<AskedVendor, { readonly finish: string; readonly marker: string | undefined }>> = {
  openai: { finish: `"finish_reason":"stop"`, marker: "[DONE]" },
  anthropic: { finish: `"stop_reason":"end_turn"`, marker: `"message_stop"` },
  google: { finish: `"finishReason":"STOP"`, marker: undefined }
}

const whole = (vendor: AskedVendor, call: number) =>
  `This is ${vendor}'s ${models[vendor]}, call ${call}. You said: "Tell me of the sea"`

describe("a fault of the bytes", () => {
  it.live("cut: the socket goes after so many pieces of content", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      for (const [at, vendor] of askedVendors.entries()) {
        const answer = yield* ask(simulator, vendor, "cut~afterChunks=4", true)
        assert.deepStrictEqual([answer.status, answer.ended], [200, "broken"])
        const text = textIn(vendor, answer.text)
        assert.strictEqual(
          text,
          whole(vendor, at + 1)
            .match(/\s*\S{1,10}/g)
            ?.slice(0, 4)
            .join("")
        )
        assert.notInclude(answer.text, marks[vendor].finish)
      }
      assert.strictEqual((yield* ask(simulator, "openai", "cut")).ended, "broken")
    })
  )

  it.live("clean-cut: the body ends in order, the answer does not", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      for (const vendor of askedVendors) {
        const answer = yield* ask(simulator, vendor, "clean-cut", true)
        assert.strictEqual(answer.ended, "complete")
        assert.isAbove(textIn(vendor, answer.text).length, 0)
        assert.notInclude(answer.text, marks[vendor].finish)
        const unary = yield* ask(simulator, vendor, "clean-cut")
        assert.strictEqual(unary.ended, "complete")
        assert.throws(() => JSON.parse(unary.text))
      }
    })
  )

  it.live("missing-end: all of the text, no finish and no marker", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      for (const [at, vendor] of askedVendors.entries()) {
        const answer = yield* ask(simulator, vendor, "missing-end", true)
        assert.strictEqual(answer.ended, "complete")
        assert.strictEqual(textIn(vendor, answer.text), whole(vendor, 2 * at + 1))
        assert.notInclude(answer.text, marks[vendor].finish)
        assert.notInclude(answer.text, marks[vendor].marker ?? marks[vendor].finish)
        const unary = yield* ask(simulator, vendor, "missing-end")
        assert.notInclude(unary.text.replaceAll(/":\s+/g, '":'), marks[vendor].finish)
        JSON.parse(unary.text)
      }
    })
  )

  it.live("no-done: the finish, but no marker", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      for (const vendor of askedVendors) {
        const answer = yield* ask(simulator, vendor, "no-done", true)
        assert.include(answer.text, marks[vendor].finish)
        const marker = marks[vendor].marker
        if (marker !== undefined) assert.notInclude(answer.text, marker)
      }
    })
  )

  it.live("damaged-event: one piece that carried text is not JSON, all else is in order", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      for (const vendor of askedVendors) {
        const answer = yield* ask(simulator, vendor, "damaged-event", true)
        const broken = dataOf(answer.text).filter((data) => {
          try {
            return data !== "[DONE]" && JSON.parse(data) === undefined
          } catch {
            return true
          }
        })
        assert.strictEqual(broken.length, 1)
        assert.include(answer.text, marks[vendor].finish)
        assert.throws(() => JSON.parse(broken[0] ?? "null"))
        const unary = yield* ask(simulator, vendor, "damaged-event")
        assert.throws(() => JSON.parse(unary.text))
      }
    })
  )

  it.live("empty, html and html-bad-gateway: what proxies make of an answer", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      for (const vendor of askedVendors)
        for (const stream of [false, true]) {
          const empty = yield* ask(simulator, vendor, "empty", stream)
          assert.deepStrictEqual([empty.status, empty.text, empty.ended], [200, "", "complete"])
          const page = yield* ask(simulator, vendor, "html", stream)
          assert.strictEqual(page.status, 200)
          assert.include(page.headers["content-type"], "text/html")
          assert.strictEqual((yield* ask(simulator, vendor, "html-bad-gateway", stream)).status, 502)
        }
    })
  )

  it.live("reset, before and after the headers", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      for (const vendor of askedVendors) {
        const before = yield* ask(simulator, vendor, "reset", true)
        assert.deepStrictEqual([before.status, before.ended], [undefined, "broken"])
        const after = yield* ask(simulator, vendor, "reset-after-headers", true)
        assert.deepStrictEqual([after.status, after.text, after.ended], [200, "", "broken"])
      }
    })
  )

  it.live("silence and stall keep the connection until the caller leaves", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      for (const [at, fault] of (["silence", "stall"] as const).entries()) {
        const fiber = yield* Effect.forkChild(ask(simulator, "openai", fault, true))
        const open = yield* simulator.untilCall((call) => call.number === at + 1)
        assert.deepStrictEqual([open.endedAtMillis, open.aborted], [undefined, false])
        assert.strictEqual(yield* simulator.openStreams, 1)
        yield* Fiber.interrupt(fiber)
        const over = yield* simulator.untilCall((call) => call.number === at + 1 && call.endedAtMillis !== undefined)
        assert.isTrue(over.aborted)
        assert.strictEqual(yield* simulator.openStreams, 0)
      }
    })
  )

  it.live("error-body: the vendor's error object with status 200", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      for (const vendor of askedVendors)
        for (const stream of [false, true]) {
          const answer = yield* ask(simulator, vendor, "error-body", stream)
          assert.strictEqual(answer.status, 200)
          assert.include(answer.headers["content-type"], "application/json")
          assert.property(JSON.parse(answer.text), "error")
        }
    })
  )

  it.live("error-event: the SDKs throw on it, before the first text and after some", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      for (const [at, vendor] of askedVendors.entries())
        for (const [fault, pieces] of [
          ["error-event", 0],
          ["error-event-late", 3]
        ] as const) {
          const answer = yield* ask(simulator, vendor, fault, true)
          assert.deepStrictEqual([answer.status, answer.ended], [200, "complete"])
          const call = 2 * at + (pieces === 0 ? 1 : 2)
          const said =
            whole(vendor, call)
              .match(/\s*\S{1,10}/g)
              ?.slice(0, pieces) ?? []
          assert.strictEqual(textIn(vendor, answer.text), said.join(""))
          assert.property(JSON.parse(dataOf(answer.text).at(-1) ?? ""), "error")
        }
      const messages = [{ role: "user" as const, content: "hello" }]
      const errors = yield* Effect.all([
        refusalOf(() =>
          collect(openai(simulator).chat.completions.create({ model: "gpt-4o--error-event", messages, stream: true }))
        ),
        refusalOf(() =>
          collect(
            anthropic(simulator).messages.create({
              model: "m--error-event-late",
              max_tokens: 99,
              messages,
              stream: true
            })
          )
        ),
        refusalOf(() =>
          collect(google(simulator).models.generateContentStream({ model: "m--error-event-late", contents: "hello" }))
        )
      ])
      assert.instanceOf(errors[0], OpenAiSdk.APIError)
      assert.instanceOf(errors[1], AnthropicSdk.APIError)
      assert.instanceOf(errors[2], ApiError)
    })
  )

  it.effect("slow-first-token: the opening comes at once, the first text after the delay", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      for (const [at, stream] of [true, false].entries()) {
        const fiber = yield* Effect.forkChild(ask(simulator, "openai", "slow-first-token~delayMillis=5000", stream))
        yield* simulator.untilCall((call) => call.number === at + 1)
        yield* TestClock.adjust("4999 millis")
        assert.isUndefined((yield* simulator.calls)[at]?.endedAtMillis)
        yield* TestClock.adjust("1 millis")
        const answer = yield* Fiber.join(fiber)
        assert.strictEqual(answer.status, 200)
        const over = yield* simulator.untilCall((call) => call.number === at + 1 && call.endedAtMillis !== undefined)
        assert.strictEqual((over.endedAtMillis ?? 0) - over.atMillis, 5000)
      }
    })
  )

  it("trickle: each piece of content has its time, counted from the request", () => {
    const reply = {
      status: 200,
      headers: {},
      chunks: (["opening", "content", "content", "structure", "content", "finish"] as const).map((kind) => ({
        kind,
        data: kind
      })),
      body: "",
      endless: "",
      tokens: 3
    }
    const steps = script(reply, faultOf("trickle", { tokensPerSecond: 50 }), 0, { body: "", chunk: () => "" })
    assert.deepStrictEqual(
      steps
        .filter((step) => step._tag === "At" || step._tag === "Write")
        .map((step) => (step._tag === "At" ? step.millis : step.data)),
      ["opening", "content", 20, "content", "structure", 40, "content", "finish"]
    )
    const unary = script({ ...reply, chunks: undefined }, faultOf("trickle"), 0, { body: "", chunk: () => "" })
    assert.deepStrictEqual(unary[0], { _tag: "At", millis: 60 })
  })

  it.live("trickle: a stream at a pace is whole", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const answer = yield* ask(simulator, "anthropic", "trickle~tokensPerSecond=2000", true)
      assert.strictEqual(textIn("anthropic", answer.text), whole("anthropic", 1))
    })
  )
})

describe("a fault of the words", () => {
  const rows: ReadonlyArray<readonly [FaultName, Readonly<Record<AskedVendor, string>>]> = [
    [
      "filtered",
      {
        openai: `"finish_reason":"content_filter"`,
        anthropic: `"stop_reason":"refusal"`,
        google: `"finishReason":"SAFETY"`
      }
    ],
    [
      "refusal",
      { openai: `"refusal":"I`, anthropic: `"stop_reason":"refusal"`, google: `"blockReason":"PROHIBITED_CONTENT"` }
    ]
  ]
  for (const [fault, expected] of rows)
    it.live(`${fault} is a 200 that says so, streamed and whole`, () =>
      Effect.gen(function* () {
        const simulator = yield* Simulator.make()
        for (const vendor of askedVendors)
          for (const stream of [false, true]) {
            const answer = yield* ask(simulator, vendor, fault, stream)
            assert.strictEqual(answer.status, 200)
            assert.include(answer.text.replaceAll(/":\s+/g, '":'), expected[vendor])
          }
      })
    )

  it.live("restarts and overlaps: a model that continues badly", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const continued = (model: string) =>
        Effect.promise(() =>
          openai(simulator).chat.completions.create({
            model,
            messages: [
              { role: "user", content: "Repeat after me: one two three four five six" },
              { role: "assistant", content: "one two three four" },
              { role: "user", content: "Continue exactly where you stopped." }
            ]
          })
        ).pipe(Effect.map((answer) => answer.choices[0]?.message.content))
      assert.strictEqual(yield* continued("gpt-4o"), " five six")
      assert.strictEqual(yield* continued("gpt-4o--restarts"), "one two three four five six")
      assert.strictEqual(yield* continued("gpt-4o--overlaps"), "two three four five six")
    })
  )

  it.live("off-schema and loose-json: structured output that needs repair", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const schema = {
        type: "object",
        properties: { a: { type: "integer" }, b: { type: "integer" } },
        required: ["a", "b"]
      }
      const text = (model: string) =>
        Effect.promise(() =>
          openai(simulator).chat.completions.create({
            model,
            messages: [{ role: "user", content: "hello" }],
            response_format: { type: "json_schema", json_schema: { name: "x", schema } }
          })
        ).pipe(Effect.map((answer) => answer.choices[0]?.message.content ?? ""))
      assert.deepStrictEqual(JSON.parse(yield* text("gpt-4o--off-schema")), { b: 7 })
      const loose = yield* text("gpt-4o--loose-json")
      assert.isTrue(loose.startsWith("```json\n{"))
      assert.throws(() => JSON.parse(loose.slice(8, -4)))
    })
  )
})

describe("choosing a fault", () => {
  it("a model's name carries the fault and its parameters", () => {
    assert.deepStrictEqual(Result.getOrThrow(faultInModel("gpt-5.2--cut~afterChunks=5")), {
      model: "gpt-5.2",
      fault: { name: "cut", action: { _tag: "Bytes", how: "cut" }, parameters: { afterChunks: 5 } }
    })
    assert.isUndefined(Result.getOrThrow(faultInModel("gpt-5.2")))
  })

  it("a model's name is taken apart at its last dashes that a suffix follows, and is not searched for one at length", () => {
    const of = (model: string) => {
      const found = faultInModel(model)
      return found._tag === "Success" ? [found.success?.model, found.success?.fault.name] : "refused"
    }
    assert.deepStrictEqual(of("a--b--cut"), ["a--b", "cut"])
    assert.deepStrictEqual(of("a~b--cut~afterChunks=1"), ["a~b", "cut"])
    assert.deepStrictEqual(of("---cut"), ["-", "cut"])
    assert.deepStrictEqual(of("--cut"), [undefined, undefined])
    assert.deepStrictEqual(of("m--Cut"), [undefined, undefined])
    assert.deepStrictEqual(of("fault-cut~afterChunks=1"), ["fault-cut~afterChunks=1", "cut"])
    assert.strictEqual(of("m--cut--"), "refused")
    // looked at from every pair of dashes, each time to its end, these would take days
    assert.strictEqual(of("--a".repeat(1_000_000)), "refused")
    assert.deepStrictEqual(of(`m${"-".repeat(200)}!`), [undefined, undefined])
  })

  it("every fault has a sentence and can be named by a model", () => {
    for (const name of faultNames) {
      assert.isTrue(faults[name].doc.endsWith("."), name)
      for (const model of [`m--${name}`, `fault-${name}`]) {
        const found = faultInModel(model)
        assert.strictEqual(found._tag === "Success" ? found.success?.fault.name : undefined, name)
      }
    }
  })

  it.live("a suffix that names no fault, or no parameter, is refused", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      for (const fault of ["no-such-thing", "cut~often=3", "cut~afterChunks=many"]) {
        const answer = yield* ask(simulator, "openai", fault)
        assert.strictEqual(answer.status, 400, fault)
      }
    })
  )

  it.live("a wrong request is refused as wrong, whatever the fault", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const answer = yield* raw(`${simulator.url}/anthropic/v1/messages`, {
        headers: { "x-api-key": "k", "anthropic-version": "2023-06-01" },
        body: { model: "fault-overloaded", messages: [] }
      })
      assert.strictEqual(answer.status, 400)
    })
  )

  it.live("set faults fall on their vendor and model, so many times, until they are taken back", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const status = (vendor: AskedVendor) =>
        Effect.map(asking[vendor](simulator, models[vendor], false), ({ status }) => status)
      yield* simulator.setFault({ vendor: "openai", fault: "server-error", times: 2 })
      yield* simulator.setFault({ model: models.anthropic, fault: "overloaded" })
      assert.deepStrictEqual(
        yield* Effect.all([
          status("openai"),
          status("openai"),
          status("openai"),
          status("anthropic"),
          status("google")
        ]),
        [500, 500, 200, 529, 200]
      )
      yield* simulator.clearFaults
      assert.strictEqual(yield* status("anthropic"), 200)
    })
  )

  it.live("the same is done over HTTP, and what was received is listed without credentials", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const url = `${simulator.url}/control/faults`
      const set = yield* raw(url, { body: { fault: "rate-limit", vendor: "openai", retryAfter: 9, times: 1 } })
      assert.strictEqual(set.status, 200)
      const wrong = yield* raw(url, { body: { fault: "rate-limits" } })
      assert.strictEqual(wrong.status, 400)
      const listed = JSON.parse((yield* raw(url, { method: "GET" })).text)
      assert.deepStrictEqual(listed.active, [
        { fault: "rate-limit", vendor: "openai", retryAfter: 9, times: 1, left: 1 }
      ])
      assert.sameMembers(Object.keys(listed.known), [...faultNames])
      const limited = yield* asking.openai(simulator, "gpt-4o", false)
      assert.deepStrictEqual([limited.status, limited.headers["retry-after"]], [429, "9"])
      assert.strictEqual((yield* asking.openai(simulator, "gpt-4o", false)).status, 200)
      const { text } = yield* raw(`${simulator.url}/control/calls`, { method: "GET" })
      const { calls } = JSON.parse(text)
      assert.deepStrictEqual(
        calls.map((call: { status: number; fault: string | null }) => [call.status, call.fault]),
        [
          [429, "rate-limit"],
          [200, null]
        ]
      )
      assert.notInclude(text, "sk-simulated-key")
    })
  )
})
