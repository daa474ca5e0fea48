import { assert, describe, it } from "@effect/vitest"
import { makeKeptDecisions } from "../../src/gateway/KeptDecisions.ts"
import type { Captured } from "../../src/routing/Decision.ts"

const captured = (requestId: string, changes: Partial<Captured> = {}): Captured => ({
  requestId,
  at: 0,
  caller: "somebody",
  asked: "m",
  kind: "bare",
  strategy: undefined,
  byTask: undefined,
  stays: undefined,
  budget: undefined,
  weight: { inputTokens: 1, outputLimit: undefined, answers: 1 },
  mostAttempts: 6,
  hedge: false,
  considered: [],
  seen: [],
  outcome: { _tag: "Refused", status: 404, reason: "UnknownModel", message: "no", retryAfterMillis: undefined },
  ...changes
})
const idsOf = (kept: ReturnType<typeof makeKeptDecisions>) =>
  kept.last(1_000_000)?.map(({ decision }) => decision.requestId)

describe("kept decisions", () => {
  it("are no more than so many and so large; the oldest goes first", () => {
    const few = makeKeptDecisions({ count: 3, bytes: 1e9 })
    for (let at = 0; at < 10; at++) few.keep(captured(`r${at}`))
    assert.deepStrictEqual(idsOf(few), ["r9", "r8", "r7"])
    const small = makeKeptDecisions({ count: 1e6, bytes: 10_000 })
    for (let at = 0; at < 1000; at++) small.keep(captured(`r${at}`))
    assert.isAtMost(idsOf(small)?.length ?? Infinity, 10_000 / 600)
    assert.strictEqual(idsOf(small)?.[0], "r999")
  })
  it("leave out what a caller has made too large, and what has no id", () => {
    const kept = makeKeptDecisions()
    const ref = { provider: "p", model: "m".repeat(100_000) }
    kept.keep(
      captured("large", {
        considered: [{ ref, candidate: undefined, as: "asked", exclusion: { _tag: "NotSetUp", because: "unknown" } }]
      })
    )
    kept.keep(captured(""))
    assert.deepStrictEqual(idsOf(kept), [])
  })
  it("of one id are one, and learn what became of it; an unknown end is nobody's", () => {
    const kept = makeKeptDecisions()
    kept.keep(captured("r1"))
    kept.keep(captured("r1"))
    const fate = {
      endedAt: 5,
      status: 200,
      outcome: "ok" as const,
      reason: undefined,
      provider: "p",
      model: "m",
      attempts: [],
      inputTokens: 1,
      outputTokens: 2
    }
    kept.ended("r1", fate)
    kept.ended("r2", fate)
    assert.deepStrictEqual(idsOf(kept), ["r1"])
    assert.strictEqual(kept.get("r1")?.fate?.status, 200)
    assert.isUndefined(kept.get("r2"))
  })
})
