import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Watchdog from "../../src/routing/Watchdog.ts"

const late = Effect.fail("late")

describe("the watchdog", () => {
  it.effect("lets through what ends in time, its failure too", () =>
    Effect.gen(function* () {
      const { within } = yield* Watchdog.make
      assert.strictEqual(yield* within(Effect.succeed(1), 10, () => late), 1)
      assert.strictEqual(yield* Effect.flip(within(Effect.fail("own"), 10, () => late)), "own")
    })
  )
  it.effect("interrupts what is late, at the moment and not before, and waits for that", () =>
    Effect.gen(function* () {
      const { within } = yield* Watchdog.make
      const log: Array<string> = []
      const slow = Effect.onInterrupt(Effect.never, () =>
        Effect.andThen(
          Effect.sleep("5 millis"),
          Effect.sync(() => log.push("cleaned up"))
        )
      )
      const fiber = yield* Effect.forkChild(
        Effect.flip(
          within(slow, 100, () =>
            Effect.andThen(
              Effect.sync(() => log.push("told")),
              late
            )
          )
        ),
        { startImmediately: true }
      )
      yield* TestClock.adjust("99 millis")
      assert.deepStrictEqual(log, [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(log, [])
      yield* TestClock.adjust("5 millis")
      assert.strictEqual(yield* Fiber.join(fiber), "late")
      assert.deepStrictEqual(log, ["cleaned up", "told"])
    })
  )
  it.effect("passes an interruption on to what runs", () =>
    Effect.gen(function* () {
      const { within } = yield* Watchdog.make
      let interrupted = false
      const never = Effect.onInterrupt(Effect.never, () => Effect.sync(() => (interrupted = true)))
      const fiber = yield* Effect.forkChild(
        within(never, 1000, () => late),
        { startImmediately: true }
      )
      yield* Fiber.interrupt(fiber)
      assert.isTrue(interrupted)
    })
  )
  it.effect.prop(
    "ends each of many waits at its own moment, whatever their order",
    {
      waits: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 }))).check(
        Schema.isMaxLength(20)
      )
    },
    ({ waits }) =>
      Effect.gen(function* () {
        const { within } = yield* Watchdog.make
        const ended: Array<number> = []
        for (const wait of waits)
          yield* Effect.forkChild(
            within(Effect.never, wait, () => Effect.sync(() => ended.push(wait))),
            { startImmediately: true }
          )
        for (let now = 1; now <= 200; now++) {
          yield* TestClock.adjust("1 millis")
          assert.deepStrictEqual(
            ended.toSorted((a, b) => a - b),
            waits.filter((wait) => wait <= now).toSorted((a, b) => a - b)
          )
        }
      }).pipe(Effect.scoped),
    { arbitrary: { runs: 25, seed: 5 } }
  )
})
