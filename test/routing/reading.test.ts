/** A live answer has one reader: what is not read is let go, and nobody reads it a second time as if it were whole. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Answer } from "../../src/domain/Answer.ts"
import { Circuits } from "../../src/health/Circuits.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { ask, candidate, fresh, inTime, live, read, scripted } from "./walking.ts"

const framesOf = (answer: Answer) => (answer._tag === "Live" ? answer.frames : Stream.empty)

describe("a live answer", () => {
  it.effect("that nobody reads ends with its scope, and is held against nobody", () =>
    fresh(
      Effect.gen(function* () {
        const one = scripted("one", Scripted.stalls(["a", "b"]))
        yield* inTime(Effect.scoped(ask([candidate(one)], { request: live })))
        assert.deepStrictEqual(
          (yield* one.calls).map(({ state }) => state),
          ["interrupted"]
        )
        assert.strictEqual((yield* (yield* Circuits).state("one/m"))._tag, "Closed")
      })
    )
  )
  it.effect("is at its end for whoever reads it a second time, and nobody is asked again", () =>
    fresh(
      Effect.gen(function* () {
        const one = scripted("one", Scripted.answer(["a", "b"]))
        const [first, second] = yield* inTime(
          Effect.scoped(
            Effect.flatMap(ask([candidate(one)], { request: live }), (answer) =>
              Effect.all([read(answer), read(answer)])
            )
          )
        )
        assert.deepInclude(first, { text: "ab", ended: true })
        assert.deepInclude(second, { text: "", ended: false })
        assert.strictEqual((yield* one.calls).length, 1)
      })
    )
  )
  it.effect("whose reader was interrupted is never told as whole to the next one", () =>
    fresh(
      Effect.gen(function* () {
        const one = scripted("one", Scripted.answer(["a", "b", "c"], { between: "1 second" }))
        yield* Effect.scoped(
          Effect.gen(function* () {
            const answer = yield* ask([candidate(one)], { request: live })
            const reader = yield* Effect.forkChild(Stream.runDrain(framesOf(answer)), { startImmediately: true })
            yield* TestClock.adjust("1500 millis")
            yield* Fiber.interrupt(reader)
            assert.deepInclude(yield* read(answer), { text: "", ended: false })
          })
        )
        assert.deepStrictEqual(
          (yield* one.calls).map(({ state }) => state),
          ["interrupted"]
        )
      })
    )
  )
})
