import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { parseBudget } from "../../src/cli/keyGrants.ts"

describe("a budget on the command line", () => {
  it.effect("is a limit and a window, and after commas what else the config file says of one", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [written: string, budget: object]> = [
        ["10/day", { window: "day", limitUsd: 10 }],
        ["0.25/minute, reserve=0", { window: "minute", limitUsd: 0.25, reserve: 0 }],
        ["day,softLimitUsd=8", { window: "day", softLimitUsd: 8 }],
        [
          "5/week,softLimitUsd=4,timeZone=Europe/Berlin,onExhausted=cache-only",
          { window: "week", limitUsd: 5, softLimitUsd: 4, timeZone: "Europe/Berlin", onExhausted: "cache-only" }
        ]
      ]
      for (const [written, budget] of cases) assert.deepStrictEqual(yield* parseBudget(written), budget)
      // what is no number is not taken for one
      assert.deepStrictEqual(yield* parseBudget("/day"), { window: "day", limitUsd: "" })
      assert.isNaN((yield* parseBudget("much/day"))["limitUsd"])
    })
  )

  it.effect("that is not written like one is refused with how it is written", () =>
    Effect.gen(function* () {
      for (const written of ["", "10/day/night", "limitUsd=10", "10/day,limit=3", "10/day,softLimitUsd", "10/"]) {
        const result = yield* Effect.result(parseBudget(written))
        assert.isTrue(Result.isFailure(result), written)
        if (Result.isFailure(result)) assert.include(result.failure.message, 'such as "10/day"')
      }
    })
  )
})
