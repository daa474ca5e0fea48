import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  type CircuitCommand,
  type CircuitPolicy,
  type CircuitReply,
  type CircuitState,
  circuitStep,
  initialCircuit,
  openingMillis
} from "../../src/machine/CircuitBreaker.ts"

const policy: CircuitPolicy = { failures: 3, windowMillis: 60_000, openForMillis: 30_000, maxOpenForMillis: 300_000 }
const step = circuitStep(policy)

/** Runs commands at moments; a report without a generation bears that of the last admission. */
const run = (
  ...script: ReadonlyArray<readonly [at: number, command: "Admit" | "Began" | "Succeeded" | "Failed" | "Abandoned"]>
) => {
  let state: CircuitState = initialCircuit
  let generation = 0
  const replies: Array<CircuitReply> = []
  for (const [at, _tag] of script) {
    const command: CircuitCommand = _tag === "Admit" ? { _tag } : { _tag, generation }
    const [reply, next] = step(state, command, at)
    if (reply._tag === "Admitted") generation = reply.generation
    replies.push(reply)
    state = next
  }
  return { state, replies, last: replies.at(-1) }
}
const openedAt = (at: number) =>
  [
    [at, "Admit"],
    [at, "Failed"],
    [at, "Failed"],
    [at, "Failed"]
  ] as const

describe("the circuit", () => {
  it("opens at the third consecutive failure and refuses until its time is over", () => {
    assert.strictEqual(run([0, "Admit"], [0, "Failed"], [0, "Failed"]).state._tag, "Closed")
    assert.strictEqual(run(...openedAt(0)).state._tag, "Open")
    assert.deepStrictEqual(run(...openedAt(0), [29_999, "Admit"]).last, { _tag: "Refused", retryAt: 30_000 })
    const probe = run(...openedAt(0), [30_000, "Admit"]).last
    assert.isTrue(probe?._tag === "Admitted" && probe.probe)
  })
  it("forgets failures that are too far apart, and all of them at a success", () => {
    assert.strictEqual(run([0, "Admit"], [0, "Failed"], [30_000, "Failed"], [60_000, "Failed"]).state._tag, "Closed")
    assert.strictEqual(
      run([0, "Admit"], [0, "Failed"], [1, "Failed"], [2, "Succeeded"], [3, "Failed"]).state._tag,
      "Closed"
    )
  })
  it("lets one probe through and refuses all others while it is under way", () => {
    const { replies } = run(...openedAt(0), [30_000, "Admit"], [30_000, "Admit"], [90_000, "Admit"])
    assert.deepStrictEqual(
      replies.slice(-2),
      [0, 0].map(() => ({ _tag: "Refused", retryAt: undefined }))
    )
  })
  it("frees the slot of a probe that was abandoned", () => {
    const reply = run(...openedAt(0), [30_000, "Admit"], [31_000, "Abandoned"], [31_000, "Admit"]).last
    assert.isTrue(reply?._tag === "Admitted" && reply.probe)
  })
  it("closes on probation when the probe's stream begins: the next failure opens it again, the seen end clears it", () => {
    const begun = [...openedAt(0), [30_000, "Admit"], [31_000, "Began"]] as const
    const other = run(...begun, [31_000, "Admit"]).last
    assert.isTrue(other?._tag === "Admitted" && !other.probe)
    assert.strictEqual(run(...begun, [200_000, "Failed"]).state._tag, "Open")
    assert.strictEqual(run(...begun, [200_000, "Succeeded"], [200_001, "Failed"]).state._tag, "Closed")
  })
  it("stays open longer from the third opening on, up to the limit, and starts afresh after a success", () => {
    assert.deepStrictEqual(
      [1, 2, 3, 4, 5, 6, 7].map((openings) => openingMillis(policy, openings)),
      [30_000, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000]
    )
    const thrice = run(...openedAt(0), [30_000, "Admit"], [30_000, "Failed"], [60_000, "Admit"], [60_000, "Failed"])
    assert.isTrue(thrice.state._tag === "Open" && thrice.state.until === 120_000)
    const healed = run(...openedAt(0), [30_000, "Admit"], [30_000, "Succeeded"], ...openedAt(40_000))
    assert.isTrue(healed.state._tag === "Open" && healed.state.until === 70_000)
  })
  it("ignores news from an earlier life", () => {
    const [, opened] = [undefined, run(...openedAt(0)).state]
    const [, after] = step(opened, { _tag: "Succeeded", generation: 0 }, 10)
    assert.strictEqual(after, opened)
  })
  it("keeps everybody away before the moment a vendor named, without counting a failure", () => {
    const [, waiting] = step(initialCircuit, { _tag: "NotBefore", until: 5_000 }, 0)
    assert.strictEqual(waiting._tag, "Closed")
    assert.deepStrictEqual(step(waiting, { _tag: "Admit" }, 4_999)[0], { _tag: "Refused", retryAt: 5_000 })
    assert.strictEqual(step(waiting, { _tag: "Admit" }, 5_000)[0]._tag, "Admitted")
    assert.strictEqual(step(waiting, { _tag: "NotBefore", until: 4_000 }, 0)[1], waiting)
  })

  const Command = Schema.Union([
    Schema.TaggedStruct("Admit", {}),
    Schema.TaggedStruct("Trip", {}),
    ...(["Began", "Succeeded", "Failed", "Abandoned"] as const).map((tag) =>
      Schema.TaggedStruct(tag, { generation: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 12 })) })
    ),
    Schema.TaggedStruct("NotBefore", {
      until: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 400_000 }))
    })
  ])
  const Move = Schema.Struct({
    after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40_000 })),
    command: Command
  })

  it.prop(
    "keeps its invariants under any commands: one probe at a time, nobody passes an open way, time never goes back",
    { moves: Schema.Array(Move).check(Schema.isMaxLength(60)) },
    ({ moves }) => {
      let now = 0
      let state: CircuitState = initialCircuit
      for (const { after, command } of moves) {
        now += after
        const before = state
        const [reply, next] = step(before, command, now)
        state = next
        assert.isAtLeast(next.generation, before.generation)
        assert.isAtLeast(next.notBefore, before.notBefore)
        if (next._tag === "Closed") assert.isBelow(next.failedAt.length, policy.failures)
        if (next._tag === "Open") assert.isAtMost(next.until, now + policy.maxOpenForMillis)
        if (reply._tag === "Admitted") {
          assert.isAtLeast(now, before.notBefore)
          assert.notStrictEqual(before._tag, "HalfOpen")
          if (before._tag === "Open") assert.isAtLeast(now, before.until)
          assert.strictEqual(reply.probe, next._tag === "HalfOpen")
        }
        // only an admission starts a probe, and an admission changes nothing else
        if (next._tag === "HalfOpen" && before._tag !== "HalfOpen") assert.strictEqual(command._tag, "Admit")
        // refusals never last: an open way names the moment it ends
        if (reply._tag === "Refused" && before._tag !== "HalfOpen") assert.isAbove(reply.retryAt ?? 0, now)
      }
    },
    { arbitrary: { runs: 400, seed: 7 } }
  )
})
