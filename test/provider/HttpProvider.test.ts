import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Catalog } from "../../src/catalog/Catalog.ts"
import { fingerprintOf } from "../../src/config/fingerprint.ts"
import { CurrentWatch, noWatch, type ProviderWatch } from "../../src/domain/ProviderWatch.ts"
import { providerLayer } from "../../src/provider/kinds.ts"
import { LLMProvider } from "../../src/provider/LLMProvider.ts"
import { Transport } from "../../src/provider/Transport.ts"
import { chatRequest, providerSpec } from "./requests.ts"
import { type Respond, type Wire, json, makeWire } from "./wire.ts"

const whole = chatRequest()
const live = chatRequest({ delivery: "live" })

const providerAt = (wire: Wire, apiKeys: ReadonlyArray<string> = ["key-one"], watch: ProviderWatch = noWatch) =>
  Effect.map(
    Layer.build(
      providerLayer()(providerSpec({ baseUrl: wire.url, apiKeys })).pipe(
        Layer.provide([Transport.layer(), Catalog.layer, Layer.succeed(CurrentWatch, watch)])
      )
    ),
    (context) => LLMProvider.pipe(Effect.provide(context))
  ).pipe(Effect.flatten)

type Provider = LLMProvider["Service"]
const deliveries = ["whole", "streamed"]
/** The failure of a call, whole or streamed. */
const reasonOf = (provider: Provider, delivery: string) =>
  Effect.map(
    Effect.flip(
      delivery === "whole" ? Effect.asVoid(provider.complete(whole)) : Stream.runDrain(provider.stream(live))
    ),
    ({ reason }) => reason
  )

const turn: Effect.Effect<void> = Effect.callback((resume) => void setImmediate(() => resume(Effect.void)))

/** Lets `millis` pass again and again, sockets having their turn between, until the fiber is done. */
const passing = <A, E>(fiber: Fiber.Fiber<A, E>, millis: number): Effect.Effect<A, E> =>
  Effect.suspend(() =>
    fiber.pollUnsafe() === undefined
      ? turn.pipe(Effect.andThen(TestClock.adjust(millis)), Effect.andThen(passing(fiber, millis)))
      : Fiber.join(fiber)
  )

const completion = {
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }]
}
const refusal = (code: string) => ({ error: { message: `no: ${code}`, type: code, param: null, code } })

const data = (event: object): string => `data: ${JSON.stringify(event)}\n\n`
const said = data({
  id: "c",
  model: "m",
  created: 1,
  choices: [{ index: 0, delta: { content: "hi" }, finish_reason: "stop" }]
})
const done = "data: [DONE]\n\n"

describe("an error's body", () => {
  for (const delivery of deliveries) {
    it.effect(`that never ends is waited for no longer than five seconds, ${delivery}`, () =>
      Effect.gen(function* () {
        const wire = yield* makeWire((response) => {
          response.writeHead(429, { "content-type": "application/json", "retry-after": "7" })
          response.write('{"error":{"message":"slow')
        })
        const provider = yield* providerAt(wire)
        const call = yield* Effect.forkChild(reasonOf(provider, delivery))
        const { gone } = yield* wire.next
        assert.deepInclude(yield* passing(call, 5_000), { _tag: "RateLimited", status: 429, retryAfterMillis: 7_000 })
        yield* gone
      }).pipe(Effect.scoped)
    )

    it.live(`that is cut leaves the status to tell what is wrong, ${delivery}`, () =>
      Effect.gen(function* () {
        const statuses = [400, 429, 503]
        let answered = 0
        const wire = yield* makeWire((response) => {
          response.writeHead(statuses[answered++] ?? 0, { "content-type": "application/json", "content-length": "900" })
          response.write('{"error":{"message":"no', () => response.destroy())
        })
        const provider = yield* providerAt(wire)
        const found: Array<string> = []
        for (const _ of statuses) found.push((yield* reasonOf(provider, delivery))._tag)
        assert.deepStrictEqual(found, ["InvalidRequest", "RateLimited", "Overloaded"])
      }).pipe(Effect.scoped)
    )

    it.live(`that is longer than anything worth reading is read no further, ${delivery}`, () =>
      Effect.gen(function* () {
        const wire = yield* makeWire((response) => {
          response.writeHead(500, { "content-type": "text/plain" })
          const more = (): void => void response.write("x".repeat(65_536), (error) => error ?? more())
          more()
        })
        const provider = yield* providerAt(wire)
        const { gone } = yield* Effect.map(
          Effect.all([wire.next, reasonOf(provider, delivery)], { concurrency: 2 }),
          ([received, reason]) => {
            assert.strictEqual(reason._tag, "ServerError")
            return received
          }
        )
        yield* gone
      }).pipe(Effect.scoped)
    )
  }
})

describe("the watch", () => {
  it.live("is told by which key a call was served, and not of one that failed", () =>
    Effect.gen(function* () {
      const served: Array<string> = []
      const watch: ProviderWatch = {
        ...noWatch,
        served: ({ model, provider }, credential) => void served.push(`${provider}/${model} ${credential}`)
      }
      const ill = json({ error: { message: "no" } }, 500)
      let calls = 0
      const wire = yield* makeWire((response, received) => (calls++ === 0 ? ill : json(completion))(response, received))
      const provider = yield* providerAt(wire, ["key-one"], watch)
      yield* Effect.flip(provider.complete(whole))
      yield* provider.complete(whole)
      assert.deepStrictEqual(served, [`${provider.id}/${whole.model} ${fingerprintOf("key-one")}`])
    }).pipe(Effect.scoped)
  )
})

describe("a check", () => {
  it.effect("of a vendor that never answers fails within a minute, and lets its connection go", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(() => {})
      const provider = yield* providerAt(wire)
      const check = yield* Effect.forkChild(Effect.flip(provider.check("m")))
      const { gone } = yield* wire.next
      const { reason } = yield* passing(check, 5_000)
      assert.deepInclude(reason, { _tag: "Timeout", limit: "unary" })
      assert.isAtMost(yield* Clock.currentTimeMillis, 65_000)
      yield* gone
    }).pipe(Effect.scoped)
  )
})

describe("a compressed answer", () => {
  for (const [delivery, type] of [
    ["whole", "application/json"],
    ["streamed", "text/event-stream"]
  ] as const) {
    it.live(`nobody asked for is called what it is, ${delivery}`, () =>
      Effect.gen(function* () {
        const wire = yield* makeWire((response) => {
          response.writeHead(200, { "content-type": type, "content-encoding": "br" })
          response.end(Buffer.from([0x1b, 0x2f, 0x00, 0xf8]))
        })
        const reason = yield* reasonOf(yield* providerAt(wire), delivery)
        assert.strictEqual(reason._tag, "MalformedResponse")
        assert.include(reason.message, "content-encoding: br")
      }).pipe(Effect.scoped)
    )
  }
})

describe("a stream after its own end", () => {
  const open: Respond = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write(said + done)
  }

  it.effect("is over at once although its connection stays open, which is let go a second later", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(open)
      const provider = yield* providerAt(wire)
      const frames = yield* Stream.runCollect(provider.stream(live))
      assert.strictEqual(frames.at(-1)?.events.at(-1)?._tag, "Ended")
      const { gone } = yield* wire.next
      yield* passing(yield* Effect.forkChild(gone), 1_000)
    }).pipe(Effect.scoped)
  )

  it.live("leaves its connection for use again when the body ends soon after", () =>
    Effect.gen(function* () {
      const held: Array<() => void> = []
      const wire = yield* makeWire((response, received) => {
        open(response, received)
        held.push(() => response.end("data: and more\n\n"))
      })
      const provider = yield* providerAt(wire)
      yield* Stream.runDrain(provider.stream(live))
      assert.strictEqual(wire.sockets(), 1)
      held[0]?.()
      // the end takes a few turns to arrive; a connection that was cut instead would be replaced by a second one
      for (let turns = 0; turns < 100; turns++) yield* turn
      yield* Stream.runDrain(provider.stream(live))
      assert.strictEqual(wire.sockets(), 1)
    }).pipe(Effect.scoped)
  )
})

describe("a stream of several choices", () => {
  const cut: Respond = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.end(said)
  }
  it.live("is cut when its body ends before one of them was seen", () =>
    Effect.gen(function* () {
      const provider = yield* providerAt(yield* makeWire(cut))
      const two = chatRequest({ delivery: "live", sampling: { n: 2 } })
      const { reason } = yield* Effect.flip(Stream.runDrain(provider.stream(two)))
      assert.strictEqual(reason._tag, "MalformedResponse")
      yield* Stream.runDrain(provider.stream(live))
    }).pipe(Effect.scoped)
  )
})

describe("several keys of an account", () => {
  /** A vendor that answers each key in its own way; `status` of a key may change. */
  const vendorOf = (answers: Record<string, Respond>) => {
    const used: Array<string> = []
    const respond: Respond = (response, received) => {
      const key = String(received.headers["authorization"]).replace("Bearer ", "")
      used.push(key)
      answers[key]?.(response, received)
    }
    return { used, respond, answers }
  }
  const good = json(completion)
  const goodStream: Respond = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.end(said + done)
  }
  const bad = json(refusal("invalid_api_key"), 401)
  const spent = json(refusal("insufficient_quota"), 429)
  const limited = json(refusal("rate_limit_exceeded"), 429, { "retry-after": "30" })

  it.effect("stand in for one that is wrong, which is left out for five minutes", () =>
    Effect.gen(function* () {
      const vendor = vendorOf({ bad, good })
      const provider = yield* providerAt(yield* makeWire(vendor.respond), ["bad", "good"])
      for (let call = 0; call < 4; call++) yield* provider.complete(whole)
      assert.deepStrictEqual(vendor.used, ["bad", "good", "good", "good", "good"])
      yield* TestClock.adjust("5 minutes")
      yield* provider.complete(whole)
      yield* provider.complete(whole)
      assert.deepStrictEqual(vendor.used.slice(5), ["bad", "good", "good"])
    }).pipe(Effect.scoped)
  )

  it.live("stand in for one that is wrong in a stream too", () =>
    Effect.gen(function* () {
      const vendor = vendorOf({ bad, good: goodStream })
      const provider = yield* providerAt(yield* makeWire(vendor.respond), ["bad", "good"])
      const frames = yield* Stream.runCollect(provider.stream(live))
      assert.strictEqual(frames.at(-1)?.events.at(-1)?._tag, "Ended")
      assert.deepStrictEqual(vendor.used, ["bad", "good"])
    }).pipe(Effect.scoped)
  )

  it.effect("stand in for one that is rate limited as long as it asks, and for one that is spent for ten minutes", () =>
    Effect.gen(function* () {
      const vendor = vendorOf({ limited, spent, good })
      const provider = yield* providerAt(yield* makeWire(vendor.respond), ["limited", "spent", "good"])
      yield* provider.complete(whole)
      assert.deepStrictEqual(vendor.used.splice(0), ["limited", "spent", "good"])
      yield* TestClock.adjust("29 seconds")
      yield* provider.complete(whole)
      assert.deepStrictEqual(vendor.used.splice(0), ["good"])
      yield* TestClock.adjust("1 second")
      vendor.answers["limited"] = good
      for (let call = 0; call < 3; call++) yield* provider.complete(whole)
      assert.sameMembers(vendor.used.splice(0), ["limited", "good", "limited"])
      yield* TestClock.adjust("10 minutes")
      for (let call = 0; call < 3; call++) yield* provider.complete(whole)
      assert.include(vendor.used, "spent")
    }).pipe(Effect.scoped)
  )

  it.effect("are each asked once when none will do, and the failure that is soonest over is told", () =>
    Effect.gen(function* () {
      const vendor = vendorOf({ limited, bad, spent })
      const provider = yield* providerAt(yield* makeWire(vendor.respond), ["bad", "limited", "spent"])
      const reason = yield* reasonOf(provider, "whole")
      assert.deepInclude(reason, { _tag: "RateLimited", retryAfterMillis: 30_000 })
      assert.deepStrictEqual(vendor.used.splice(0), ["bad", "limited", "spent"])
      // all are left out: the one that is due first is asked, once
      assert.strictEqual((yield* reasonOf(provider, "whole"))._tag, "RateLimited")
      assert.deepStrictEqual(vendor.used.splice(0), ["limited"])
    }).pipe(Effect.scoped)
  )

  it.live("are asked once each of a vendor that lets all come back at once", () =>
    Effect.gen(function* () {
      const now = json(refusal("rate_limit_exceeded"), 429, { "retry-after": "0" })
      const vendor = vendorOf({ a: now, b: now })
      const provider = yield* providerAt(yield* makeWire(vendor.respond), ["a", "b"])
      yield* reasonOf(provider, "whole")
      assert.deepStrictEqual(vendor.used, ["a", "b"])
    }).pipe(Effect.scoped)
  )

  it.live("are told of with their rests by model: a barred one is not asked while the other one rests", () =>
    Effect.gen(function* () {
      const refused = new Set<string>()
      const watch: ProviderWatch = {
        ...noWatch,
        mayUse: (_provider, credential) => !refused.has(credential),
        turnedAway: ({ credential = "" }) => void refused.add(credential)
      }
      const byModel: Respond = (response, received) =>
        (JSON.stringify(received.body).includes('"model":"m1"') ? limited : good)(response, received)
      const vendor = vendorOf({ bad, byModel })
      const provider = yield* providerAt(yield* makeWire(vendor.respond), ["bad", "byModel"], watch)
      const ask = (model: string) => Effect.result(provider.complete(chatRequest({ model })))
      assert.strictEqual((yield* ask("m1"))._tag, "Failure")
      assert.strictEqual((yield* ask("m2"))._tag, "Success")
      assert.strictEqual((yield* ask("m1"))._tag, "Failure")
      assert.deepStrictEqual(vendor.used, ["bad", "byModel", "byModel", "byModel"])
    }).pipe(Effect.scoped)
  )

  it.effect(
    "keep what their headers say to themselves: one that has nothing left rests until its limits are back",
    () =>
      Effect.gen(function* () {
        const heard: Array<number | undefined> = []
        const watch: ProviderWatch = {
          ...noWatch,
          heard: (_ref, { requests }) => void heard.push(requests?.remaining)
        }
        const left = (remaining: number, reset: string) =>
          json(completion, 200, {
            "x-ratelimit-limit-requests": "100",
            "x-ratelimit-remaining-requests": `${remaining}`,
            "x-ratelimit-reset-requests": reset
          })
        const vendor = vendorOf({ one: left(0, "60m"), two: left(99, "1s") })
        const wire = yield* makeWire(vendor.respond)
        const provider = yield* providerAt(wire, ["one", "two"], watch)
        for (let call = 0; call < 4; call++) yield* provider.complete(whole)
        assert.deepStrictEqual(vendor.used.splice(0), ["one", "two", "two", "two"])
        yield* TestClock.adjust("5 minutes")
        yield* provider.complete(whole)
        assert.deepStrictEqual(vendor.used.splice(0), ["one"])
        assert.deepStrictEqual(heard, [])
        yield* (yield* providerAt(wire, ["one"], watch)).complete(whole)
        assert.deepStrictEqual(heard, [0])
      }).pipe(Effect.scoped)
  )

  it.live("do not stand in for each other when the vendor is ill or the request is", () =>
    Effect.gen(function* () {
      for (const [status, tag] of [
        [500, "ServerError"],
        [400, "InvalidRequest"],
        [403, "AccessDenied"]
      ] as const) {
        const ill = json({ error: { message: "no" } }, status)
        const vendor = vendorOf({ a: ill, b: ill })
        const provider = yield* providerAt(yield* makeWire(vendor.respond), ["a", "b"])
        assert.strictEqual((yield* reasonOf(provider, "whole"))._tag, tag)
        assert.deepStrictEqual(vendor.used, ["a"])
      }
    }).pipe(Effect.scoped)
  )
})
