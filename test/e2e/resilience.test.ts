/**
 * What survives what, over HTTP: outages, cuts, refusals, leaving callers, going down. Whole gateways over simulated
 * vendors; what a test waits for is a condition, never a time.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Redacted, References, Scope } from "effect"
import { createServer } from "node:net"
import OpenAI, { APIError } from "openai"
import type { FactsOverride } from "../../src/config/Settings.ts"
import { defaultResilience } from "../../src/config/Settings.ts"
import type { RecordedCall } from "../../src/simulator/Calls.ts"
import { faultNames } from "../../src/simulator/Faults.ts"
import { ask, type Delivery, deliveries, type Dialect, dialects, looksWhole, read, send, statusIn } from "./asking.ts"
import { alias, type Options, specOf, start } from "./harness.ts"

const openai = "openai/gpt-5.2"
const claude = "anthropic/claude-sonnet-5"
const gemini = "gemini/gemini-3.5-flash"

const starting = (options: Options = {}) => start({ aliases: [alias("smart", openai, claude)], ...options })

/** Every test has a gateway of its own, without the lines of its listener. */
const live = (name: string, test: () => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(test()).pipe(Effect.provideService(References.MinimumLogLevel, "None")))

const question = (model: string, delivery: Delivery = "whole", dialect: Dialect = "openai") => ({
  dialect,
  delivery,
  model,
  prompt: "Say hello"
})

/** Circuits that never open, where every call is to reach its vendor. */
const circuit = { ...defaultResilience.circuit, failures: 100_000 }

/** Until `condition` holds; the test's own time limit is the only one. */
const until = <E, R>(condition: Effect.Effect<boolean, E, R>) =>
  Effect.asVoid(Effect.repeat(Effect.delay(condition, "5 millis"), { until: (holds) => holds }))

const callsAt = (calls: ReadonlyArray<RecordedCall>, vendor: string) => calls.filter((call) => call.vendor === vendor)

describe.concurrent("an outage", () => {
  for (const delivery of deliveries)
    live(`is seen once: the circuit keeps callers away, and lets them back afterwards (${delivery})`, () =>
      Effect.gen(function* () {
        const openFor = Duration.seconds(1)
        const { simulator, url } = yield* starting({
          resilience: { circuit: { ...defaultResilience.circuit, openFor, maxOpenFor: openFor } }
        })
        yield* simulator.setFault({ fault: "unavailable", vendor: "openai" })
        const began = performance.now()
        const asked = 40
        for (let n = 0; n < asked; n++) {
          const told = yield* ask(url, question("smart", delivery))
          assert.isTrue(looksWhole(delivery, told), told.raw)
          assert.strictEqual(told.headers.get("x-switchyard-provider"), "anthropic")
        }
        // three failures open the circuit; afterwards one probe whenever it has been open for its time
        const probes = Math.ceil((performance.now() - began) / Duration.toMillis(openFor))
        const during = callsAt(yield* simulator.calls, "openai").length
        assert.isAtMost(during, 3 + probes)

        yield* simulator.clearFaults
        yield* until(
          Effect.map(
            ask(url, question("smart", delivery)),
            (told) => told.headers.get("x-switchyard-provider") === "openai"
          )
        )
        for (let n = 0; n < 5; n++) {
          const told = yield* ask(url, question("smart", delivery))
          assert.strictEqual(told.headers.get("x-switchyard-provider"), "openai")
          assert.strictEqual(told.headers.get("x-switchyard-attempts"), "1")
          assert.isNull(told.headers.get("x-switchyard-fallback"))
        }
      })
    )
  live("of everybody is told as soon as it is known, with when to come back", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* starting({ aliases: [] })
      yield* simulator.setFault({ fault: "unavailable", vendor: "openai" })
      for (let n = 0; n < 2; n++) yield* ask(url, question(openai))
      const before = (yield* simulator.calls).length
      assert.strictEqual(before, 3)
      for (const dialect of dialects)
        for (const delivery of deliveries) {
          const told = yield* ask(url, question(openai, delivery, dialect))
          assert.strictEqual(told.status, statusIn(dialect, 503), told.raw)
          assert.isNull(told.headers.get("x-should-retry"))
          assert.isAbove(Number(told.headers.get("retry-after")), 0)
        }
      assert.strictEqual((yield* simulator.calls).length, before)
    })
  )
  live("of one moment is bridged by asking again, which is no fallback", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* starting()
      for (const delivery of deliveries) {
        yield* simulator.setFault({ fault: "server-error", vendor: "openai", times: 1 })
        const told = yield* ask(url, question("smart", delivery))
        assert.isTrue(looksWhole(delivery, told), told.raw)
        assert.strictEqual(told.headers.get("x-switchyard-provider"), "openai")
        assert.strictEqual(told.headers.get("x-switchyard-attempts"), "2")
        assert.isNull(told.headers.get("x-switchyard-fallback"))
      }
    })
  )
  live("of the network, where nobody listens, is a connection that failed", () =>
    Effect.gen(function* () {
      const port = yield* closedPort
      const dead = specOf("openai", `http://127.0.0.1:${port}/v1`)
      const healthy = yield* start({ vendors: ["anthropic"] })
      const spec = healthy.settings.providers[0]
      assert.isDefined(spec)
      if (spec === undefined) return
      const { url } = yield* start({
        resilience: { circuit },
        aliases: [alias("smart", openai, claude)],
        settings: { providers: [dead, spec] }
      })
      for (const delivery of deliveries) {
        const alone = yield* ask(url, question(openai, delivery))
        assert.strictEqual(alone.status, 502, alone.raw)
        assert.strictEqual(alone.error?.["code"], "provider_unreachable")
        assert.strictEqual(alone.headers.get("x-switchyard-attempts"), "2")
        assert.isFalse(alone.raw.includes(String(port)), "an address within is nobody's business")
        const told = yield* ask(url, question("smart", delivery, "anthropic"))
        assert.isTrue(looksWhole(delivery, told), told.raw)
        assert.strictEqual(told.headers.get("x-switchyard-fallback"), "Network")
      }
    })
  )
})

/** A port of loopback's that nobody listens on. */
const closedPort = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

describe.concurrent("who is asked next", () => {
  live("several keys of an account take turns", () =>
    Effect.gen(function* () {
      const first = yield* start({ vendors: ["openai", "anthropic", "gemini"] })
      const keys = ["key-one-of-three", "key-two-of-three", "key-three-of-three"]
      const { url } = yield* start({
        settings: {
          providers: first.settings.providers.map((spec) => ({
            ...spec,
            apiKeys: keys.map((key) => Redacted.make(key))
          }))
        }
      })
      for (const model of [openai, claude, gemini]) {
        yield* first.simulator.clearCalls
        for (let n = 0; n < 6; n++) assert.strictEqual((yield* ask(url, question(model))).status, 200)
        const used = (yield* first.simulator.calls).map(({ headers }) =>
          (headers["authorization"] ?? headers["x-api-key"] ?? headers["x-goog-api-key"] ?? "").replace("Bearer ", "")
        )
        assert.deepStrictEqual(used, [...keys, ...keys], model)
      }
    })
  )
  for (const dialect of dialects)
    for (const field of ["fallbacks", "models"] as const)
      live(`${dialect}: the request's own ${field} are asked in turn and never sent to a vendor`, () =>
        Effect.gen(function* () {
          const names = ["gemini/gemini-3.5-flash--quota", claude]
          for (const delivery of deliveries) {
            // a gateway of its own, where no account is in quarantine yet
            const { simulator, url } = yield* starting()
            const told = yield* ask(url, {
              ...question(`openai/gpt-5.2--quota`, delivery, dialect),
              fields: { [field]: names }
            })
            assert.isTrue(looksWhole(delivery, told), told.raw)
            assert.strictEqual(told.headers.get("x-switchyard-provider"), "anthropic")
            assert.strictEqual(told.headers.get("x-switchyard-attempts"), "3")
            assert.strictEqual(told.headers.get("x-switchyard-fallback"), "QuotaExhausted")
            const calls = yield* simulator.calls
            assert.deepStrictEqual(
              calls.map(({ vendor }) => vendor),
              ["openai", "gemini", "anthropic"]
            )
            for (const { body } of calls) assert.notMatch(JSON.stringify(body), /fallbacks|"models"/)
          }
        })
      )
  live("a prompt that is too long goes to a larger window only", () =>
    Effect.gen(function* () {
      const tooLong = "openai/gpt-5.2--context-length"
      const facts = new Map<string, FactsOverride>([
        [tooLong, { contextWindowTokens: 100_000 }],
        [claude, { contextWindowTokens: 50_000 }],
        [gemini, { contextWindowTokens: 1_000_000 }]
      ])
      const { simulator, url } = yield* start({
        aliases: [alias("wide", tooLong, claude, gemini), alias("narrow", tooLong, claude)],
        settings: { facts }
      })
      for (const dialect of dialects)
        for (const delivery of deliveries) {
          yield* simulator.clearCalls
          const wide = yield* ask(url, question("wide", delivery, dialect))
          assert.isTrue(looksWhole(delivery, wide), wide.raw)
          assert.strictEqual(wide.headers.get("x-switchyard-provider"), "gemini")
          assert.strictEqual(wide.headers.get("x-switchyard-fallback"), "ContextLengthExceeded")
          const narrow = yield* ask(url, question("narrow", delivery, dialect))
          assert.strictEqual(narrow.status, 400)
          assert.strictEqual(narrow.headers.get("x-should-retry"), "false")
          if (dialect === "openai") assert.strictEqual(narrow.error?.["code"], "context_length_exceeded")
          assert.deepStrictEqual(callsAt(yield* simulator.calls, "anthropic"), [])
        }
    })
  )
  live("what a vendor's filter refuses goes nowhere else, unless the gateway or the alias says so", () =>
    Effect.gen(function* () {
      const refused = "openai/gpt-5.2--content-policy"
      const aliases = [
        alias("strict", refused, claude),
        { ...alias("free", refused, claude), fallbackOnContentPolicy: true },
        { ...alias("bound", refused, claude), fallbackOnContentPolicy: false }
      ]
      const first = yield* start({ aliases })
      const second = yield* start({ aliases, resilience: { fallbackOnContentPolicy: true } })
      const rerouted = [
        [first, "strict", false],
        [first, "free", true],
        [first, "bound", false],
        [second, "strict", true],
        [second, "bound", false]
      ] as const
      for (const [{ simulator, url }, name, goesOn] of rerouted)
        for (const delivery of deliveries) {
          yield* simulator.clearCalls
          const told = yield* ask(url, question(name, delivery))
          assert.strictEqual(told.status, goesOn ? 200 : 400, name)
          assert.strictEqual(callsAt(yield* simulator.calls, "anthropic").length, goesOn ? 1 : 0, name)
          if (!goesOn) assert.strictEqual(told.error?.["code"], "content_filter")
        }
    })
  )
  live("a body that an alias brings to a thinking model of OpenAI's says nothing that the model refuses", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* start({
        aliases: [alias("smart", openai), alias("backed", "gemini/gemini-3.5-flash--overloaded", openai)]
      })
      for (const model of ["smart", "backed"])
        for (const delivery of deliveries) {
          yield* simulator.clearCalls
          const told = yield* ask(url, {
            ...question(model, delivery),
            fields: { max_completion_tokens: null, max_tokens: 300, temperature: 0.2 }
          })
          assert.isTrue(looksWhole(delivery, told), told.raw)
          assert.include(told.headers.get("x-switchyard-dropped") ?? "", "temperature")
          const body = JSON.stringify(callsAt(yield* simulator.calls, "openai")[0]?.body)
          assert.include(body, '"max_completion_tokens":300')
          assert.notMatch(body, /max_tokens|temperature/)
        }
      // clients that know only bare names cannot know what a model refuses that is named with its provider
      const named = yield* ask(url, { ...question(openai), fields: { max_completion_tokens: null, max_tokens: 300 } })
      assert.isTrue(looksWhole("whole", named), named.raw)
      // who names the model as its vendor does gets the vendor's own verdict
      const own = yield* ask(url, { ...question("gpt-5.2"), fields: { max_completion_tokens: null, max_tokens: 300 } })
      assert.strictEqual(own.error?.["code"], "unsupported_parameter")
    })
  )
})

describe.concurrent("a caller", () => {
  for (const dialect of dialects) {
    live(`${dialect}: that leaves before a whole answer takes the call at the vendor with it`, () =>
      Effect.gen(function* () {
        const { log, simulator, url } = yield* starting()
        const leaving = new AbortController()
        const asked = send(url, question(`${gemini}--silence`, "whole", dialect), leaving.signal).catch(() => "left")
        yield* simulator.untilCall(({ fault }) => fault === "silence")
        leaving.abort()
        assert.strictEqual(yield* Effect.promise(() => asked), "left")
        const call = yield* simulator.untilCall(({ aborted }) => aborted)
        assert.strictEqual(call.fault, "silence")
        yield* until(Effect.sync(() => log.some((line) => line.includes('"outcome":"cancelled"'))))
        assert.strictEqual((yield* simulator.calls).length, 1)
      })
    )
    live(`${dialect}: that leaves within a stream takes the call at the vendor with it`, () =>
      Effect.gen(function* () {
        const { log, simulator, url } = yield* starting()
        const model = `${openai}--trickle~tokensPerSecond=10`
        const leaving = new AbortController()
        const response = yield* Effect.promise(() => send(url, question(model, "live", dialect), leaving.signal))
        yield* Effect.promise(async () => (await response.body?.getReader().read())?.value)
        leaving.abort()
        const call = yield* simulator.untilCall(({ aborted }) => aborted)
        assert.strictEqual(call.fault, "trickle")
        yield* until(Effect.sync(() => log.some((line) => line.includes('"outcome":"cancelled"'))))
        assert.strictEqual(yield* simulator.openStreams, 0)
      })
    )
  }
  live("that sets itself a shorter time is told when it is over, and nobody's circuit counts it", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* starting()
      const hurried = { "x-switchyard-timeout": "150" }
      yield* simulator.setFault({ fault: "silence", vendor: "openai", times: dialects.length * deliveries.length })
      for (const dialect of dialects)
        for (const delivery of deliveries) {
          const told = yield* ask(url, { ...question("smart", delivery, dialect), headers: hurried })
          assert.strictEqual(told.status, 504, told.raw)
          assert.isString(told.error?.["message"])
          assert.isNull(told.headers.get("x-switchyard-provider"))
        }
      // all were given up at the vendor, and the next caller finds the circuit closed
      yield* until(
        Effect.map(
          simulator.calls,
          (calls) => calls.filter(({ aborted }) => aborted).length === dialects.length * deliveries.length
        )
      )
      const told = yield* ask(url, question("smart"))
      assert.strictEqual(told.headers.get("x-switchyard-provider"), "openai")
      assert.deepStrictEqual(callsAt(yield* simulator.calls, "anthropic"), [])
      for (const bad of ["soon", "-5", "0"])
        assert.strictEqual(
          (yield* ask(url, { ...question("smart"), headers: { "x-switchyard-timeout": bad } })).status,
          400
        )
    })
  )
})

describe.concurrent("a stream that cannot end well", () => {
  for (const dialect of dialects)
    live(`${dialect}: ends with the dialect's error event when the gateway goes down`, () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const { url } = yield* Scope.provide(starting({ server: { shutdownGrace: Duration.millis(50) } }), scope)
        const model = `${claude}--trickle~tokensPerSecond=2`
        const response = yield* Effect.promise(() => send(url, question(model, "live", dialect)))
        const reader = response.body?.getReader()
        const decoder = new TextDecoder()
        const first = yield* Effect.promise(async () => decoder.decode((await reader?.read())?.value, { stream: true }))
        yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
        const rest = yield* Effect.promise(async () => {
          let text = first
          for (;;) {
            const next = await reader?.read()
            if (next === undefined || next.done) return text
            text += decoder.decode(next.value, { stream: true })
          }
        })
        const told = read(dialect, response, rest)
        assert.isFalse(told.marker)
        assert.match(String(told.error?.["message"]), /shutting down/)
      })
    )
  live("is told as cut to each of 200 callers at once, and leaves nothing behind", () =>
    Effect.gen(function* () {
      const { log, simulator, url } = yield* starting({ resilience: { circuit } })
      const models = [openai, claude, gemini].flatMap((model) => [
        `${model}--cut`,
        `${model}--clean-cut`,
        `${model}--error-event-late`
      ])
      const all = yield* Effect.forEach(
        Array.from({ length: 200 }, (_, index) => index),
        (index) =>
          ask(url, {
            dialect: dialects[index % dialects.length] ?? "openai",
            delivery: "live",
            model: models[index % models.length] ?? openai,
            prompt: `Number ${index}, in 30 words`
          }),
        { concurrency: "unbounded" }
      )
      for (const told of all) {
        assert.strictEqual(told.status, 200, told.raw)
        assert.isAbove(told.text.length, 0)
        assert.isFalse(looksWhole("live", told), told.raw)
        assert.isFalse(told.marker, told.raw)
        assert.isString(told.error?.["message"], told.raw)
      }
      yield* until(Effect.map(simulator.openStreams, (open) => open === 0))
      assert.strictEqual(log.length, 200)
      assert.isFalse(log.some((line) => line.includes('"outcome":"ok"')))
    })
  )
  live("is an error to the official SDK too, when a compatible vendor's error has another shape", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* start({ vendors: ["mistral", "vllm"] })
      const chunk = { id: "c", object: "chat.completion.chunk", created: 1, model: "m" }
      const said = {
        ...chunk,
        choices: [{ index: 0, delta: { role: "assistant", content: "half" }, finish_reason: null }]
      }
      const flat = {
        object: "error",
        message: "Service unavailable.",
        type: "unreachable_backend",
        param: null,
        code: 3
      }
      yield* simulator.setReplay(() => ({
        status: 200,
        headers: { "content-type": "text/event-stream" },
        text: `data: ${JSON.stringify(said)}\n\ndata: ${JSON.stringify(flat)}\n\n`
      }))
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 })
      for (const model of ["mistral/m", "vllm/m"]) {
        const caught = yield* Effect.promise(async () => {
          const stream = await client.chat.completions.create({
            model,
            messages: [{ role: "user", content: "x" }],
            stream: true
          })
          for await (const _ of stream);
        }).pipe(
          Effect.as(undefined),
          Effect.catchDefect((error) => Effect.succeed(error))
        )
        assert.instanceOf(caught, APIError, model)
      }
    })
  )
})

describe.concurrent("secrets and prompts", () => {
  live("stand in no log line, whatever goes wrong, and no key in any answer", () =>
    Effect.gen(function* () {
      const keys = {
        openai: "sk-proj-Canary0OpenAi7Zq9",
        anthropic: "sk-ant-Canary1Anthropic8Wv",
        gemini: "AIzaCanary2Gemini9Xu"
      }
      const first = yield* start()
      const limits = { ...defaultResilience.limits, firstEvent: limit, idle: limit, unary: limit }
      const opened = yield* Effect.forEach(faultNames, () =>
        start({
          resilience: { limits, circuit, retryAfterLimit: Duration.millis(0) },
          settings: {
            providers: first.settings.providers.map((spec) => ({
              ...spec,
              apiKeys: [Redacted.make(keys[spec.id as keyof typeof keys])]
            }))
          }
        })
      )
      const prompt = "prompt-canary-5517"
      const callers = "caller-canary-9923"
      // a gateway a fault: what one puts in quarantine keeps no other from being seen
      const cells = faultNames.flatMap((fault, index) =>
        [openai, claude, gemini].flatMap((model) =>
          dialects.flatMap((dialect) =>
            // a model of its own, so that no rate limit keeps a call from its vendor
            deliveries.map((delivery) => ({
              url: opened[index]?.url ?? "",
              dialect,
              delivery,
              model: `${model}-${dialect}-${delivery}--${fault}`,
              prompt
            }))
          )
        )
      )
      yield* Effect.forEach(
        cells,
        ({ url, ...cell }) =>
          Effect.gen(function* () {
            const headers = { authorization: `Bearer ${callers}`, "x-api-key": callers }
            const told = yield* ask(url, { ...cell, headers })
            const shown = told.raw + JSON.stringify([...told.headers])
            for (const key of Object.values(keys)) {
              assert.notInclude(shown, key, cell.model)
              // nor the part that vendors leave readable
              assert.notInclude(shown, key.slice(-4), cell.model)
            }
            assert.notInclude(shown, callers, cell.model)
          }),
        { concurrency: 24 }
      )
      const calls = yield* first.simulator.calls
      // of an account that is banned, or has no more quota, the vendor is asked once
      assert.isAtLeast(calls.length, faultNames.length * 3)
      const upstream = JSON.stringify(calls)
      assert.notInclude(upstream, callers)
      const log = opened.flatMap((one) => one.log)
      assert.strictEqual(log.length, cells.length)
      const lines = log.join("\n")
      for (const word of [prompt, callers, "word1", "Canary"]) assert.notInclude(lines, word)
      const [{ url, log: its } = first] = opened
      // a model's name is a text of the caller's: no prompt fits into it
      yield* ask(url, question(`openai/${"x".repeat(400)}${prompt}`))
      yield* ask(url, question(`${"y".repeat(400)}${prompt}`))
      assert.notInclude(its.join("\n"), prompt)
      const metrics = yield* Effect.promise(() => fetch(`${url}/metrics`).then((response) => response.text()))
      for (const word of [prompt, callers, "Canary"]) assert.notInclude(metrics, word)
    })
  )
})

const limit = Duration.millis(800)
