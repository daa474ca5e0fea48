import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  type CircuitCommand,
  type CircuitPolicy,
  type CircuitReply,
  type CircuitState,
  circuitStep,
  forcedTo,
  initialCircuit,
  isFreeAt,
  isIdleCircuit,
  openingMillis,
  recentFailures,
  wayFreeAt
} from "../../src/machine/CircuitBreaker.ts"
import { circuitEvents } from "../../src/machine/CircuitEvents.ts"
import { emptyTally, failsTooOften, isStaleTally, tallied } from "../../src/machine/FailureRate.ts"

const policy: CircuitPolicy = {
  failures: 3,
  windowMillis: 60_000,
  openForMillis: 30_000,
  maxOpenForMillis: 300_000
}
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
  it("lets one probe through and refuses all others while it is young", () => {
    const { replies } = run(...openedAt(0), [30_000, "Admit"], [30_000, "Admit"], [39_999, "Admit"])
    assert.deepStrictEqual(
      replies.slice(-2),
      [0, 0].map(() => ({ _tag: "Refused", retryAt: undefined }))
    )
  })
  describe("whose probe takes longer than an opening lasts", () => {
    const late = [...openedAt(0), [30_000, "Admit"], [60_000, "Admit"]] as const
    it("lets one more through, and again one after as long", () => {
      const { replies } = run(...late, [89_999, "Admit"], [90_000, "Admit"])
      assert.deepStrictEqual(
        replies.slice(-3).map((reply) => reply._tag === "Admitted" && reply.probe),
        [true, false, true]
      )
    })
    it("is closed by the first of them that succeeds or begins, whichever it is", () => {
      assert.strictEqual(run(...late, [61_000, "Succeeded"]).state._tag, "Closed")
      const { state } = run(...late, [61_000, "Began"])
      assert.isTrue(state._tag === "Closed" && state.onProbation)
    })
    it("is opened once by the first that fails: what the others say then is of an earlier life", () => {
      const { state } = run(...late, [61_000, "Failed"])
      assert.isTrue(state._tag === "Open" && state.openings === 2)
      for (const _tag of ["Began", "Succeeded", "Failed", "Abandoned"] as const)
        assert.strictEqual(step(state, { _tag, generation: state.generation - 1 }, 62_000)[1], state)
    })
    it("still hears the others when one goes away, and has its slot free when all have", () => {
      assert.strictEqual(run(...late, [61_000, "Abandoned"], [120_000, "Succeeded"]).state._tag, "Closed")
      assert.strictEqual(run(...late, [61_000, "Abandoned"], [61_000, "Abandoned"]).state._tag, "Open")
    })
    it("admits nobody before the moment a vendor named", () => {
      const [, limited] = step(
        run(...openedAt(0), [30_000, "Admit"]).state,
        { _tag: "NotBefore", until: 90_000 },
        31_000
      )
      assert.strictEqual(step(limited, { _tag: "Admit" }, 89_999)[0]._tag, "Refused")
      assert.strictEqual(step(limited, { _tag: "Admit" }, 90_000)[0]._tag, "Admitted")
    })
    it("hears an operator's probe alone, from then on", () => {
      const [, retaken] = step(run(...late).state, { _tag: "Probe", insist: true }, 61_000)
      assert.isTrue(retaken._tag === "HalfOpen" && retaken.probes === 1)
      assert.strictEqual(step(retaken, { _tag: "Succeeded", generation: retaken.generation - 1 }, 62_000)[1], retaken)
    })
  })
  describe("when the clock is set back by an hour", () => {
    const then = 10_000_000
    const back = then - 3_600_000
    it("is not open for an hour longer, nor is the way closed by what a vendor named before", () => {
      const { state } = run(...openedAt(then))
      assert.isTrue(isFreeAt(state, policy, back))
      assert.strictEqual(step(state, { _tag: "Admit" }, back)[0]._tag, "Admitted")
      const [, limited] = step(initialCircuit, { _tag: "NotBefore", until: then + 60_000 }, then)
      assert.strictEqual(step(limited, { _tag: "Admit" }, back)[0]._tag, "Admitted")
      const [, anew] = step(limited, { _tag: "NotBefore", until: back + 5_000 }, back)
      assert.deepStrictEqual(step(anew, { _tag: "Admit" }, back)[0], { _tag: "Refused", retryAt: back + 5_000 })
    })
    it("lets a probe join one that seems to have begun an hour from now", () => {
      const { state } = run(...openedAt(then), [then + 30_000, "Admit"])
      assert.strictEqual(step(state, { _tag: "Admit" }, back)[0]._tag, "Admitted")
    })
    it("counts no failures of an hour from now, and no share of them", () => {
      const failing = run([then, "Admit"], [then, "Failed"], [then, "Failed"], [back, "Failed"])
      assert.strictEqual(failing.state._tag, "Closed")
      assert.strictEqual(recentFailures(failing.state, policy, back), 1)
      const rate = { calls: 4, share: 0.5 }
      let tally = emptyTally
      for (let i = 0; i < 3; i++) tally = tallied(tally, true, 60_000, then)
      assert.isFalse(failsTooOften(tallied(tally, true, 60_000, back), rate, 60_000, back))
      assert.isTrue(isStaleTally(tally, 60_000, back))
    })
  })
  it("never keeps the way closed for longer than the longest opening, whatever moment is named", () => {
    const [, limited] = step(initialCircuit, { _tag: "NotBefore", until: 1e12 }, 0)
    assert.strictEqual(wayFreeAt(limited), 300_000)
    assert.strictEqual(step(limited, { _tag: "Admit" }, 299_999)[0]._tag, "Refused")
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

  it("leaves an opening as long as it was when somebody who probed before its end goes away", () => {
    const { state } = run(...openedAt(0))
    const [reply, probing] = step(state, { _tag: "Probe", insist: false }, 1000)
    assert.isTrue(reply._tag === "Admitted" && reply.probe)
    const [, back] = step(probing, { _tag: "Abandoned", generation: probing.generation }, 2000)
    assert.strictEqual(wayFreeAt(back), 30_000)
    assert.strictEqual(back.openings, 1)
  })
  it("tells what happened, when, and why it opened", () => {
    const told: Array<unknown> = []
    let state: CircuitState = initialCircuit
    const tell = (command: CircuitCommand, at: number) => {
      const [, next] = step(state, command, at)
      told.push(...circuitEvents(state, next, command, at))
      state = next
    }
    const report = (_tag: "Began" | "Succeeded" | "Failed" | "Abandoned", at: number) =>
      tell({ _tag, generation: state.generation }, at)
    for (let i = 0; i < 3; i++) report("Failed", 10)
    tell({ _tag: "Admit" }, 30_010)
    report("Abandoned", 30_020)
    tell({ _tag: "Admit" }, 30_030)
    report("Failed", 30_040)
    tell({ _tag: "Admit" }, 60_040)
    report("Began", 60_050)
    report("Failed", 60_060)
    tell({ _tag: "Force", to: "closed" }, 60_070)
    tell({ _tag: "Force", to: "open" }, 60_080)
    tell({ _tag: "Release" }, 60_090)
    tell({ _tag: "Trip" }, 60_100)
    tell({ _tag: "Reset" }, 60_110)
    assert.deepStrictEqual(told, [
      { _tag: "Opened", at: 10, until: 30_010, openings: 1, by: "failures" },
      { _tag: "Probing", at: 30_010, openings: 1 },
      { _tag: "ProbeAbandoned", at: 30_020, until: 30_010 },
      { _tag: "Probing", at: 30_030, openings: 1 },
      { _tag: "Opened", at: 30_040, until: 60_040, openings: 2, by: "probe" },
      { _tag: "Probing", at: 60_040, openings: 2 },
      { _tag: "Closed", at: 60_050, by: "begin", openings: 2 },
      { _tag: "Opened", at: 60_060, until: 120_060, openings: 3, by: "probation" },
      { _tag: "Forced", at: 60_070, to: "closed" },
      { _tag: "Forced", at: 60_080, to: "open" },
      { _tag: "Released", at: 60_090, from: "open" },
      { _tag: "Opened", at: 60_100, until: 90_100, openings: 1, by: "tripped" },
      { _tag: "Closed", at: 60_110, by: "reset", openings: 1 }
    ])
  })
  const Command = Schema.Union([
    ...(["Admit", "Admit", "Trip", "Release", "Reset"] as const).map((tag) => Schema.TaggedStruct(tag, {})),
    Schema.TaggedStruct("Force", { to: Schema.Literals(["open", "closed"]) }),
    Schema.TaggedStruct("Probe", { insist: Schema.Boolean }),
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

  const Moves = Schema.Array(Move).check(Schema.isMinLength(40), Schema.isMaxLength(120))
  const policies: ReadonlyArray<CircuitPolicy> = [policy, { ...policy, failureRate: { calls: 5, share: 0.5 } }]
  /** Reports are of the last life but so many, so that most of them are heard. */
  const aged = (command: (typeof Command)["Type"], state: CircuitState): CircuitCommand =>
    "generation" in command ? { ...command, generation: state.generation - (command.generation % 3) } : command

  it.prop(
    "keeps its invariants under any commands: nobody passes a way that is not free, generations never go back",
    { moves: Moves, which: Schema.Literals([0, 1]) },
    ({ moves, which }) => {
      const rules = policies[which] ?? policy
      let now = 0
      let state: CircuitState = initialCircuit
      for (const { after, command: drawn } of moves) {
        now += after
        const before = state
        const command = aged(drawn, before)
        const [reply, next] = circuitStep(rules)(before, command, now)
        state = next
        assert.isAtLeast(next.generation, before.generation)
        if (command._tag !== "Reset") assert.isAtLeast(next.notBefore, before.notBefore)
        if (next._tag === "Closed") {
          assert.isBelow(next.failedAt.length, rules.failures)
          assert.isAtMost(next.tally.length, rules.failureRate === undefined ? 0 : 10)
        }
        if (next._tag === "Open") assert.isAtMost(next.until, now + rules.maxOpenForMillis)
        if (reply._tag === "Admitted") {
          assert.strictEqual(reply.probe, next._tag === "HalfOpen")
          if (command._tag === "Admit") assert.isAtLeast(now, wayFreeAt(before))
          if (next._tag === "HalfOpen") assert.strictEqual(next.joinableAt, now + rules.openForMillis)
          if (command._tag === "Probe" && !command.insist) assert.isAtLeast(now, before.notBefore)
        }
        // a closed circuit admits, and so does one that is forced closed, but for what the vendor said
        if (command._tag === "Admit" && (before._tag === "Closed" || before._tag === "ForcedClosed"))
          assert.strictEqual(reply._tag === "Admitted", now >= before.notBefore)
        if (command._tag === "Admit" && before._tag === "ForcedOpen") assert.strictEqual(reply._tag, "Refused")
        // only an admission starts a probe
        if (next._tag === "HalfOpen" && before._tag !== "HalfOpen")
          assert.isTrue(command._tag === "Admit" || command._tag === "Probe")
        // refusals never last: a way that is not free names the moment it is, unless somebody has to say so
        if (reply._tag === "Refused" && before._tag !== "HalfOpen" && before._tag !== "ForcedOpen")
          assert.isAbove(reply.retryAt ?? 0, now)
        // what an operator said stands until an operator says otherwise, and is never forgotten
        if (forcedTo(before) !== undefined && command._tag !== "Force" && command._tag !== "Release")
          assert.strictEqual(next._tag, before._tag)
        if (forcedTo(next) !== undefined) assert.isFalse(isIdleCircuit(next, rules, now + 1e9))
      }
    },
    { arbitrary: { runs: 400, seed: 7 } }
  )

  it.prop(
    "admits one probe an opening, another only when the last is late, and lets the first that is decided decide",
    { moves: Moves },
    ({ moves }) => {
      let now = 0
      let state: CircuitState = initialCircuit
      /** Undecided, of this opening. */
      let underWay = 0
      let lastAt = Number.NEGATIVE_INFINITY
      for (const { after, command: drawn } of moves) {
        now += after
        const command = aged(drawn, state)
        if (command._tag === "Probe" && command.insist) continue
        const before = state
        const [reply, next] = step(before, command, now)
        state = next
        const isHeard = "generation" in command && command.generation === before.generation
        if (before._tag === "HalfOpen" && isHeard) {
          // who goes away decides nothing while others find out
          if (command._tag === "Abandoned") assert.strictEqual(next._tag, --underWay > 0 ? "HalfOpen" : "Open")
          else assert.strictEqual(next._tag, command._tag === "Failed" ? "Open" : "Closed")
        } else if (before._tag === "HalfOpen" && "generation" in command) assert.strictEqual(next, before)
        if (next._tag !== "HalfOpen") underWay = 0
        if (reply._tag === "Admitted" && reply.probe) {
          if (underWay > 0) assert.isAtLeast(now, lastAt + policy.openForMillis)
          underWay++
          lastAt = now
        }
        if (next._tag === "HalfOpen") assert.strictEqual(next.probes, underWay)
      }
    },
    { arbitrary: { runs: 400, seed: 11 } }
  )
})

describe("a forced circuit", () => {
  const forced = (to: "open" | "closed", state: CircuitState = initialCircuit) =>
    step(state, { _tag: "Force", to }, 0)[1]
  const failOnce = (state: CircuitState, at: number) =>
    step(state, { _tag: "Failed", generation: state.generation }, at)[1]

  it("admits nobody while forced open, and names no moment", () => {
    assert.deepStrictEqual(step(forced("open"), { _tag: "Admit" }, 1e9)[0], { _tag: "Refused", retryAt: undefined })
  })
  it("admits everybody while forced closed, however many fail, and shows the failures", () => {
    const failing = [1, 2, 3, 4, 5].reduce(failOnce, forced("closed"))
    assert.strictEqual(step(failing, { _tag: "Admit" }, 6)[0]._tag, "Admitted")
    assert.strictEqual(step(failing, { _tag: "Trip" }, 6)[1], failing)
    assert.strictEqual(recentFailures(failing, policy, 6), 3)
    assert.strictEqual(recentFailures(failing, policy, 60_005), 0)
  })
  it("still keeps everybody away for as long as the vendor asks", () => {
    const [, limited] = step(forced("closed"), { _tag: "NotBefore", until: 5000 }, 0)
    assert.deepStrictEqual(step(limited, { _tag: "Admit" }, 4999)[0], { _tag: "Refused", retryAt: 5000 })
    const [, released] = step(limited, { _tag: "Release" }, 10)
    assert.strictEqual(wayFreeAt(released), 5000)
  })
  it("lets an operator's probe through, and stays as it is whatever that finds out", () => {
    for (const to of ["open", "closed"] as const) {
      const state = forced(to)
      const [reply] = step(state, { _tag: "Probe", insist: true }, 1)
      assert.isTrue(reply._tag === "Admitted" && !reply.probe)
      for (const _tag of ["Began", "Succeeded", "Failed", "Abandoned"] as const)
        assert.strictEqual(step(state, { _tag, generation: state.generation }, 2)[1]._tag, state._tag)
    }
    assert.strictEqual(step(forced("open"), { _tag: "Probe", insist: false }, 1)[0]._tag, "Refused")
  })
  it("is closed with nothing counted once it is released, and deaf to calls from before", () => {
    const opened = run(...openedAt(0)).state
    const state = forced("open", opened)
    const [, released] = step(state, { _tag: "Release" }, 10)
    assert.isTrue(released._tag === "Closed" && released.openings === 0 && released.failedAt.length === 0)
    assert.strictEqual(step(released, { _tag: "Failed", generation: state.generation }, 11)[1], released)
    assert.strictEqual(step(opened, { _tag: "Release" }, 10)[1], opened)
  })
  it("stays forced when what it counted is forgotten", () => {
    const [, limited] = step(forced("open"), { _tag: "NotBefore", until: 5000 }, 0)
    const [, state] = step(limited, { _tag: "Reset" }, 1)
    assert.isTrue(state._tag === "ForcedOpen" && state.notBefore === 0)
  })
})

describe("an operator's probe", () => {
  it("takes the place of one that is under way, whose news then changes nothing", () => {
    const [, probing] = step(run(...openedAt(0)).state, { _tag: "Admit" }, 30_000)
    const [reply, retaken] = step(probing, { _tag: "Probe", insist: true }, 30_001)
    assert.isTrue(reply._tag === "Admitted" && reply.probe)
    assert.strictEqual(step(retaken, { _tag: "Failed", generation: probing.generation }, 30_002)[1], retaken)
    assert.strictEqual(step(retaken, { _tag: "Probe", insist: false }, 30_002)[0]._tag, "Refused")
    assert.strictEqual(step(retaken, { _tag: "Succeeded", generation: retaken.generation }, 30_003)[1]._tag, "Closed")
  })
})

describe("the failure rate", () => {
  const rated: CircuitPolicy = { ...policy, failures: 100, failureRate: { calls: 20, share: 0.5 } }
  const outcomes = (rules: CircuitPolicy, every: number, ...tags: ReadonlyArray<"Succeeded" | "Failed">) => {
    let now = 0
    let state: CircuitState = initialCircuit
    for (const _tag of tags) {
      state = circuitStep(rules)(state, { _tag, generation: state.generation }, now)[1]
      now += every
    }
    return state
  }
  const alternating = (length: number) =>
    Array.from({ length }, (_, i) => (i % 2 === 0 ? ("Succeeded" as const) : ("Failed" as const)))

  it("opens the circuit when half of twenty calls within the window failed, though never one after another", () => {
    assert.strictEqual(outcomes(rated, 100, ...alternating(19))._tag, "Closed")
    const state = outcomes(rated, 100, ...alternating(20))
    assert.isTrue(state._tag === "Open" && state.openedBy === "failureRate")
  })
  it("does not when fewer fail, when the calls are too far apart, or when the policy has none", () => {
    const third = Array.from({ length: 60 }, (_, i) => (i % 3 === 2 ? ("Failed" as const) : ("Succeeded" as const)))
    assert.strictEqual(outcomes(rated, 100, ...third)._tag, "Closed")
    assert.strictEqual(outcomes(rated, 4000, ...alternating(60))._tag, "Closed")
    assert.strictEqual(outcomes({ ...rated, failureRate: undefined }, 100, ...alternating(60))._tag, "Closed")
  })
  it("costs nothing where it is off: a good answer changes nothing, by identity", () => {
    const [, after] = step(initialCircuit, { _tag: "Succeeded", generation: 0 }, 5)
    assert.strictEqual(after, initialCircuit)
  })
  it("starts to count anew once the circuit has been closed by its probe", () => {
    const run = circuitStep(rated)
    let state = outcomes(rated, 100, ...alternating(20))
    state = run(state, { _tag: "Admit" }, 40_000)[1]
    state = run(state, { _tag: "Succeeded", generation: state.generation }, 40_001)[1]
    state = run(state, { _tag: "Failed", generation: state.generation }, 40_002)[1]
    assert.strictEqual(state._tag, "Closed")
  })
  it("keeps a few numbers however many calls there are, and is forgotten when they left the window", () => {
    const state = outcomes(rated, 7, ...Array.from({ length: 20_000 }, () => "Succeeded" as const))
    assert.isTrue(state._tag === "Closed" && state.tally.length <= 10)
    const last = 7 * 19_999
    assert.isFalse(isIdleCircuit(state, rated, last))
    assert.isTrue(isIdleCircuit(state, rated, last + 60_000))
  })
})

describe("a circuit that is reset", () => {
  it("forgets its failures, its openings and the vendor's moment, and is deaf to calls from before", () => {
    const [, limited] = step(run(...openedAt(0)).state, { _tag: "NotBefore", until: 99_000 }, 1)
    const [, state] = step(limited, { _tag: "Reset" }, 2)
    assert.strictEqual(step(state, { _tag: "Admit" }, 3)[0]._tag, "Admitted")
    assert.isTrue(isIdleCircuit(state, policy, 3))
    const [, counting] = step(initialCircuit, { _tag: "Failed", generation: 0 }, 0)
    const [, fresh] = step(counting, { _tag: "Reset" }, 1)
    assert.strictEqual(step(fresh, { _tag: "Failed", generation: 0 }, 2)[1], fresh)
    assert.strictEqual(step(initialCircuit, { _tag: "Reset" }, 1)[1], initialCircuit)
  })
})
