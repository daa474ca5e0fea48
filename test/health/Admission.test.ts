import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { defaultResilience } from "../../src/config/Settings.ts"
import { ProviderError, type Reason } from "../../src/domain/ProviderError.ts"
import { Admission, type Permit } from "../../src/health/Admission.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import { RateLimits } from "../../src/health/RateLimits.ts"
import { providerSpec } from "../provider/requests.ts"

const ref = { provider: "openai", model: "m" }
const capped = providerSpec({
  id: "openai",
  limits: { requestsPerMinute: 100, tokensPerMinute: 300_000, concurrent: undefined }
})
const error = (reason: Reason) => new ProviderError({ ...ref, reason })
/** One call that reserves `tokens`, as `use` tells it. */
const call = (tokens: number, use: (permit: Permit) => Effect.Effect<void>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const admission = yield* Admission
      const admitted = yield* admission.admit({
        ref,
        credentials: [],
        tokens: () => tokens,
        again: false,
        handed: undefined
      })
      if (Result.isFailure(admitted)) return assert.fail(`it was refused: ${admitted.failure.why}`)
      yield* use(admitted.success)
    })
  )
/** What is counted against the account: requests and tokens. */
const counted = Effect.map(RateLimits, (limits) => limits.report("openai", 0).map(({ used }) => used))
const fresh = <A, E>(effect: Effect.Effect<A, E, Admission | RateLimits>) =>
  Effect.provide(effect, healthInMemory({ resilience: defaultResilience, providers: [capped], facts: new Map() }))

describe("a call that failed", () => {
  const unbilled: ReadonlyArray<Reason> = [
    { _tag: "InvalidRequest", message: "too many tokens", status: 400 },
    { _tag: "ContextLengthExceeded", message: "too long", status: 400 },
    { _tag: "RateLimited", message: "slow down", status: 429, retryAfterMillis: 10 },
    { _tag: "ServerError", message: "boom", status: 500 },
    { _tag: "Network", message: "connection refused", sent: false },
    { _tag: "Timeout", message: "nobody there", limit: "connect" }
  ]
  for (const reason of unbilled)
    it.effect(`holds none of the tokens it reserved where it was not billed, but counts as asked: ${reason._tag}`, () =>
      fresh(
        Effect.gen(function* () {
          yield* call(500_000, (permit) => permit.failed(error(reason)))
          assert.deepStrictEqual(yield* counted, [1, 0])
          const limits = yield* RateLimits
          assert.isTrue(limits.wouldTake(ref, 300_000, 0))
        })
      )
    )
  const billed: ReadonlyArray<Reason> = [
    { _tag: "ContentPolicy", message: "no", status: 400 },
    { _tag: "Network", message: "reset", sent: true },
    { _tag: "Timeout", message: "too slow", limit: "unary" },
    { _tag: "MalformedResponse", message: "what" }
  ]
  for (const reason of billed)
    it.effect(`keeps what it reserved where the vendor may have billed it: ${reason._tag}`, () =>
      fresh(
        Effect.gen(function* () {
          yield* call(500_000, (permit) => permit.failed(error(reason)))
          // an estimate beyond the limit holds all of it, and no more
          assert.deepStrictEqual(yield* counted, [1, 300_000])
        })
      )
    )
  it.effect("keeps what it reserved once its answer had begun, whatever it failed with", () =>
    fresh(
      Effect.gen(function* () {
        yield* call(5000, (permit) =>
          Effect.andThen(permit.began, permit.failed(error({ _tag: "Overloaded", message: "busy", status: 529 })))
        )
        assert.deepStrictEqual(yield* counted, [1, 5000])
      })
    )
  )
  it.effect("counts what it used, where that is known, and nothing else", () =>
    fresh(
      Effect.gen(function* () {
        yield* call(5000, (permit) => {
          permit.used(700, 0)
          return permit.failed(error({ _tag: "Overloaded", message: "busy", status: 529 }))
        })
        assert.deepStrictEqual(yield* counted, [1, 700])
      })
    )
  )
})
