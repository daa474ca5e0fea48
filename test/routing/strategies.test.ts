/**
 * What holds of every strategy, and what each is for.
 */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { Tier } from "../../src/catalog/ModelFacts.ts"
import { strategies as names } from "../../src/config/Settings.ts"
import type { Candidate } from "../../src/routing/Candidate.ts"
import { strategies } from "../../src/routing/strategies/menu.ts"
import type { Moment } from "../../src/routing/strategies/Strategy.ts"
import { idle, rotating } from "./moments.ts"

interface Standing {
  readonly weight: number
  readonly room: number
  readonly inFlight: number
  readonly millis: number | undefined
  readonly mayHave: number
  readonly usd: number | undefined
  readonly tier: Tier | undefined
}
const Standings = Schema.Array(
  Schema.Struct({
    weight: Schema.Literals([0, 0.5, 1, 2, 5]),
    room: Schema.Literals([0, 0.01, 0.3, 1]),
    inFlight: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 })),
    millis: Schema.UndefinedOr(Schema.Literals([0, 1, 250, 5000, 90_000])),
    mayHave: Schema.Literals([1, 2, 11]),
    usd: Schema.UndefinedOr(Schema.Literals([0, 0.001, 0.2])),
    tier: Schema.UndefinedOr(Schema.Literals(["premium", "standard", "economy"]))
  })
).check(Schema.isMaxLength(7))

const plain: Standing = {
  weight: 1,
  room: 1,
  inFlight: 0,
  millis: 100,
  mayHave: 11,
  usd: 0.001,
  tier: "standard"
}
const candidatesOf = (all: ReadonlyArray<Standing>): ReadonlyArray<Candidate> =>
  all.map(({ tier }, at) => ({
    ref: { provider: "abcdefgh".charAt(at), model: "m" },
    facts: { contextWindowTokens: undefined, maxOutputTokens: undefined, price: undefined, tier, capabilities: {} },
    failureDomain: "d",
    region: undefined
  }))
/** Uniform enough, and the same for the same seed: the minimal standard generator of Park and Miller. */
const randoms = (seed: number): (() => number) => {
  let state = (Math.abs(seed) % 2_147_483_646) + 1
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}
const momentOf = (all: ReadonlyArray<Standing>, seed: number, rotate: Moment["rotate"] = rotating()): Moment => {
  const of = ({ ref }: Candidate): Standing => all["abcdefgh".indexOf(ref.provider)] ?? plain
  return idle({
    weight: (one) => of(one).weight,
    room: (one) => of(one).room,
    inFlight: (one) => of(one).inFlight,
    expectedMillis: (one) => of(one).millis,
    mayHave: (one) => of(one).mayHave,
    expectedUsd: (one) => of(one).usd,
    rotate,
    next: randoms(seed)
  })
}
const orderOf = (name: (typeof names)[number], all: ReadonlyArray<Standing>, seed = 1): string =>
  strategies[name]
    .order(candidatesOf(all), momentOf(all, seed))
    .map(({ candidate }) => candidate.ref.provider)
    .join("")

describe.each(names)("the strategy %s", (name) => {
  it.prop(
    "loses and doubles nobody, and decides the same in the same moment",
    { all: Standings, seed: Schema.Int },
    ({ all, seed }) => {
      const order = orderOf(name, all, seed)
      assert.strictEqual([...order].toSorted().join(""), "abcdefgh".slice(0, all.length))
      assert.strictEqual(orderOf(name, all, seed), order)
    },
    { arbitrary: { runs: 300, seed: 7 } }
  )
  it.prop(
    "gives scores that are numbers or absent, never something between",
    { all: Standings, seed: Schema.Int },
    ({ all, seed }) => {
      for (const { score } of strategies[name].order(candidatesOf(all), momentOf(all, seed)))
        assert.isTrue(score === undefined || !Number.isNaN(score), String(score))
    },
    { arbitrary: { runs: 300, seed: 8 } }
  )
})

/** How often each comes first. */
const firsts = (name: (typeof names)[number], all: ReadonlyArray<Standing>, count: number) => {
  const counts = new Map<string, number>()
  const moment = momentOf(all, 5)
  for (let i = 0; i < count; i++) {
    const provider = strategies[name].order(candidatesOf(all), moment)[0]?.candidate.ref.provider ?? "-"
    counts.set(provider, (counts.get(provider) ?? 0) + 1)
  }
  return counts
}

describe("distribution", () => {
  it("by weight is exact over every round", () => {
    const counts = firsts(
      "weighted",
      [plain, { ...plain, weight: 2 }, { ...plain, weight: 5 }, { ...plain, weight: 0 }],
      800
    )
    assert.deepStrictEqual([...counts].toSorted(), [
      ["a", 100],
      ["b", 200],
      ["c", 500]
    ])
  })
  it("by weight goes down with what is left of a rate limit, and never to nothing", () => {
    const counts = firsts("weighted", [plain, { ...plain, room: 0.5 }, { ...plain, room: 0 }], 1520)
    assert.deepStrictEqual([...counts].toSorted(), [
      ["a", 1000],
      ["b", 500],
      ["c", 20]
    ])
  })
  it("in turns is the same for all, whatever their weights", () => {
    const counts = firsts("round-robin", [plain, { ...plain, weight: 5 }, { ...plain, weight: 0.5 }], 300)
    assert.deepStrictEqual([...counts.values()], [100, 100, 100])
  })
  it.prop(
    "by least latency never begins with the slowest of three or more, and prefers every faster one to every slower",
    { slowest: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 })) },
    ({ slowest }) => {
      const all = [100, 200, 300, 400, 500].map((millis, at) => ({ ...plain, millis: at === slowest ? 5000 : millis }))
      const counts = firsts("least-latency", all, 4000)
      assert.isUndefined(counts.get("abcde".charAt(slowest)))
      const byMillis = all.map(({ millis }, at) => ({ millis, had: counts.get("abcde".charAt(at)) ?? 0 }))
      const had = byMillis.toSorted((a, b) => a.millis - b.millis).map((one) => one.had)
      // of five, the best is the better of two in four tenths of all draws, the next in three, two and one
      for (const [at, share] of [0.4, 0.3, 0.2, 0.1].entries())
        assert.closeTo((had[at] ?? 0) / 4000, share, 5 * Math.sqrt((share * (1 - share)) / 4000))
    },
    { arbitrary: { runs: 5, seed: 9 } }
  )
  it("of the least busy among equals is even", () => {
    const counts = firsts("least-busy", [plain, plain, plain], 6000)
    for (const had of counts.values()) assert.closeTo(had / 6000, 1 / 3, 0.035)
  })
})

describe("choosing", () => {
  it("the least latency multiplies the time by the calls under way, and trusts a new one with one call", () => {
    assert.strictEqual(
      orderOf("least-latency", [
        { ...plain, inFlight: 9 },
        { ...plain, millis: 250 }
      ]),
      "ba"
    )
    const unknown = { ...plain, millis: undefined, mayHave: 1 }
    assert.strictEqual(orderOf("least-latency", [plain, unknown]), "ba")
    assert.strictEqual(orderOf("least-latency", [plain, { ...unknown, inFlight: 1 }]), "ab")
  })
  it("the least latency goes by what was known, and leaves the unknown for last, where all have what they are trusted with", () => {
    const enough = { ...plain, mayHave: 1, inFlight: 1 }
    const [slow, unknown, quick] = [
      { ...enough, millis: 9000 },
      { ...enough, millis: undefined },
      { ...enough, millis: 200 }
    ]
    assert.strictEqual(orderOf("least-latency", [slow, quick]), "ba")
    assert.strictEqual(orderOf("least-latency", [unknown, slow]), "ba")
    // one that may have more comes before both, however slow
    assert.strictEqual(orderOf("least-latency", [quick, { ...slow, inFlight: 0 }]), "ba")
  })
  it("the least busy counts calls by weight", () => {
    assert.strictEqual(
      orderOf("least-busy", [
        { ...plain, inFlight: 4 },
        { ...plain, weight: 5, inFlight: 10 }
      ]),
      "ba"
    )
  })
  it("the lowest cost leaves a price that nobody knows for last", () => {
    const [dear, unknown, cheap] = [
      { ...plain, usd: 0.2 },
      { ...plain, usd: undefined },
      { ...plain, usd: 0 }
    ]
    assert.strictEqual(orderOf("lowest-cost", [dear, unknown, cheap]), "cab")
  })
  it("quality goes by tier, then by the order they stand in", () => {
    const [economy, unknown, premium] = [
      { ...plain, tier: "economy" as const },
      { ...plain, tier: undefined },
      { ...plain, tier: "premium" as const }
    ]
    assert.strictEqual(orderOf("quality", [economy, unknown, premium, plain, premium]), "cedab")
  })
})
