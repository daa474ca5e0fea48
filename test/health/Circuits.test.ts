import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { defaultResilience } from "../../src/config/Settings.ts"
import { ProviderError, type Reason } from "../../src/domain/ProviderError.ts"
import { Circuits } from "../../src/health/Circuits.ts"

const ref = (model: string) => ({ provider: "openai", model })
const error = (reason: Reason, model = "m") => new ProviderError({ provider: "openai", model, reason })
const serverError: Reason = { _tag: "ServerError", message: "boom", status: 500 }
const refused: Reason = { _tag: "Network", message: "connection refused", sent: false }

/** One call that ends in `reason`, or well; `false` where it was not admitted. */
const call = (model: string, reason?: Reason) =>
  Effect.scoped(
    Effect.gen(function* () {
      const circuits = yield* Circuits
      const admitted = yield* circuits.admit(ref(model))
      if (Result.isFailure(admitted)) return false
      yield* reason === undefined ? admitted.success.succeeded : admitted.success.failed(error(reason, model))
      return true
    })
  )
const stateOf = (key: string) =>
  Effect.flatMap(Circuits, (circuits) => Effect.map(circuits.state(key), ({ _tag }) => _tag))
const layer = Circuits.layer(defaultResilience)

describe("the circuits", () => {
  it.effect("open one model's way after three server errors and leave the provider's other models alone", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 3; i++) assert.isTrue(yield* call("m", serverError))
      assert.isFalse(yield* call("m"))
      assert.isTrue(yield* call("other"))
      yield* TestClock.adjust("30 seconds")
      assert.isTrue(yield* call("m"))
      assert.strictEqual(yield* stateOf("openai/m"), "Closed")
    }).pipe(Effect.provide(layer))
  )
  it.effect("open the whole provider when it cannot be reached", () =>
    Effect.gen(function* () {
      for (const model of ["a", "b", "c"]) yield* call(model, refused)
      assert.strictEqual(yield* stateOf("openai"), "Open")
      assert.isFalse(yield* call("d"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("open the whole provider when two of its models are open", () =>
    Effect.gen(function* () {
      for (const model of ["a", "b"]) for (let i = 0; i < 3; i++) yield* call(model, serverError)
      assert.strictEqual(yield* stateOf("openai"), "Open")
      assert.isFalse(yield* call("c"))
      yield* TestClock.adjust("30 seconds")
      assert.isTrue(yield* call("c"))
      assert.isTrue(yield* call("a"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("never count what the failure table does not count", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 10; i++) yield* call("m", { _tag: "InvalidRequest", message: "bad" })
      for (let i = 0; i < 10; i++) yield* call("m", { _tag: "ContentPolicy", message: "no" })
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("keep everybody away for as long as a rate limit asks", () =>
    Effect.gen(function* () {
      yield* call("m", { _tag: "RateLimited", message: "slow down", retryAfterMillis: 7000 })
      assert.isFalse(yield* call("m"))
      yield* TestClock.adjust("6999 millis")
      assert.isFalse(yield* call("m"))
      yield* TestClock.adjust("1 millis")
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("never keep everybody away for longer than the longest opening, whatever a vendor asks", () =>
    Effect.gen(function* () {
      yield* call("m", { _tag: "RateLimited", message: "slow down", retryAfterMillis: 1_763_600_000_000 })
      yield* TestClock.adjust("5 minutes")
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("tell whether a call would be admitted without taking the probe's slot", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      assert.isTrue(circuits.wouldAdmit(ref("m"), 0))
      for (let i = 0; i < 3; i++) yield* call("m", serverError)
      assert.isFalse(circuits.wouldAdmit(ref("m"), 29_999))
      assert.isTrue(circuits.wouldAdmit(ref("m"), 30_000))
      yield* TestClock.adjust("30 seconds")
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("do not count what a model wrote wrongly, nor a connection that had grown stale", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 5; i++) yield* call("m", { _tag: "MalformedResponse", message: "x", byModel: true })
      for (let i = 0; i < 5; i++) yield* call("m", { _tag: "Network", message: "x", sent: true, stale: true })
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("free the probe's slot when the one that probed went away", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 3; i++) yield* call("m", serverError)
      yield* TestClock.adjust("30 seconds")
      const circuits = yield* Circuits
      yield* Effect.scoped(circuits.admit(ref("m")))
      assert.strictEqual(yield* stateOf("openai/m"), "Open")
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("hold nothing for names that only ever failed as unknown", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      for (let i = 0; i < 1000; i++)
        yield* call(`invented-${i}`, { _tag: "ModelUnavailable", message: "no such model" })
      assert.strictEqual((yield* circuits.states).size, 0)
    }).pipe(Effect.provide(layer))
  )
})
