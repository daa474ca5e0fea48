import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { textOf } from "../../src/domain/Message.ts"
import type { Reason } from "../../src/domain/ProviderError.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { chatRequest } from "./requests.ts"

const overloaded: Reason = { _tag: "Overloaded", message: "busy", status: 529 }
const live = chatRequest({ delivery: "live" })

describe("Scripted", () => {
  it.effect("gives the replies of its script in order and repeats the last one", () =>
    Effect.gen(function* () {
      const { calls, provider } = Scripted.make({
        id: "fake",
        script: [Scripted.fails(overloaded), Scripted.answer(["Hel", "lo"])]
      })
      const error = yield* Effect.flip(provider.complete(chatRequest()))
      assert.deepStrictEqual([error.provider, error.model, error.reason], ["fake", "test-model", overloaded])
      yield* provider.complete(chatRequest())
      const response = yield* provider.complete(chatRequest())
      assert.strictEqual(textOf(response.choices[0].content), "Hello")
      assert.deepStrictEqual(
        (yield* calls).map((call) => call.state),
        ["failed", "succeeded", "succeeded"]
      )
    })
  )

  it.effect("streams an answer in its pieces, on the Clock, up to its end", () =>
    Effect.gen(function* () {
      const { calls, provider } = Scripted.make({
        id: "fake",
        script: Scripted.answer(["a", "b", "c"], { before: "2 seconds", between: "1 second" })
      })
      const events: Array<string> = []
      const fiber = yield* Effect.forkChild(
        Stream.runForEach(provider.stream(live), (frame) =>
          Effect.sync(() => frame.events.forEach((event) => events.push(event._tag)))
        )
      )
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(events, ["Started", "TextDelta", "TextDelta"])
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(events.slice(3), ["TextDelta", "Finished", "UsageReported", "Ended"])
      assert.deepStrictEqual(
        (yield* calls).map((call) => [call.kind, call.state]),
        [["stream", "succeeded"]]
      )
    })
  )

  it.effect("breaks a stream after what it has shown", () =>
    Effect.gen(function* () {
      const { calls, provider } = Scripted.make({ id: "fake", script: Scripted.breaks(["a"], overloaded) })
      const seen: Array<string> = []
      const exit = yield* Effect.exit(
        Stream.runForEach(provider.stream(live), (frame) =>
          Effect.sync(() => frame.events.forEach((event) => seen.push(event._tag)))
        )
      )
      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual(seen, ["Started", "TextDelta"])
      assert.strictEqual((yield* calls)[0]?.state, "failed")
    })
  )

  it.effect("opens a stream only when it is pulled, and shows that a stalled one was let go", () =>
    Effect.gen(function* () {
      const { calls, provider } = Scripted.make({ id: "fake", script: Scripted.stalls(["a"]) })
      const scope = yield* Scope.make()
      const pull = yield* Scope.provide(Stream.toPull(provider.stream(live)), scope)
      assert.deepStrictEqual(yield* calls, [])
      yield* pull
      yield* pull
      const waiting = yield* Effect.forkChild(pull, { startImmediately: true })
      assert.strictEqual((yield* calls)[0]?.state, "running")
      yield* Fiber.interrupt(waiting)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* calls)[0]?.state, "interrupted")
    })
  )

  it.effect("records an interrupted whole call", () =>
    Effect.gen(function* () {
      const { calls, provider } = Scripted.make({ id: "fake", script: Scripted.stalls() })
      const fiber = yield* Effect.forkChild(provider.complete(chatRequest()), { startImmediately: true })
      yield* Fiber.interrupt(fiber)
      assert.strictEqual((yield* calls)[0]?.state, "interrupted")
    })
  )

  it.effect("answers checks from a script of their own", () =>
    Effect.gen(function* () {
      const { provider } = Scripted.make({
        id: "fake",
        script: Scripted.answer("hello"),
        checks: [Scripted.fails(overloaded), Scripted.answer("x")]
      })
      assert.strictEqual((yield* Effect.flip(provider.check("m"))).reason._tag, "Overloaded")
      yield* provider.check("m")
    })
  )

  it.effect("dies where the script says so", () =>
    Effect.gen(function* () {
      const { provider } = Scripted.make({ id: "fake", script: Scripted.dies(new Error("bug")) })
      const exit = yield* Effect.exit(Stream.runDrain(provider.stream(live)))
      assert.isTrue(Exit.hasDies(exit))
    })
  )
})
