import { assert, describe, it } from "@effect/vitest"
import { Effect, Random, Schema } from "effect"
import { byWeight, inRegion, lastResort } from "../../src/routing/Preference.ts"

interface Target {
  readonly id: string
  readonly weight: number
}
const weightOf = ({ weight }: Target) => weight
const ids = (targets: ReadonlyArray<Target>) => targets.map(({ id }) => id).join("")
const targets = (...weights: ReadonlyArray<number>): ReadonlyArray<Target> =>
  weights.map((weight, at) => ({ id: "abcdefgh".charAt(at), weight }))

const Targets = Schema.Array(
  Schema.Struct({ id: Schema.String, weight: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })) })
).check(Schema.isMaxLength(8))

describe("a demand for a region", () => {
  const at = (region: string | undefined) => ({ region })
  it("is satisfied by the same label, however it is written, and by no other", () => {
    const all = [at("eu"), at("EU"), at("us"), at("eu-west-1"), at(""), at("Eu")]
    assert.deepStrictEqual(inRegion(all, "eu"), [at("eu"), at("EU"), at("Eu")])
    assert.deepStrictEqual(inRegion(all, "EU-West-1"), [at("eu-west-1")])
  })
  it("is never satisfied by a provider whose region nobody has stated", () => {
    assert.deepStrictEqual(inRegion([at(undefined)], "eu"), [])
    assert.deepStrictEqual(inRegion([at(undefined)], "undefined"), [])
    assert.deepStrictEqual(inRegion([at(undefined)], ""), [])
  })
})

describe("an order by weight", () => {
  it.effect("puts each first as often as its weight says, and draws the rest by the same law", () =>
    Effect.gen(function* () {
      const random = yield* Random.Random
      const draws = 30_000
      const counts = new Map<string, number>()
      for (let i = 0; i < draws; i++) {
        const order = ids(byWeight(targets(6, 3, 1), weightOf, () => random.nextDoubleUnsafe()))
        counts.set(order, (counts.get(order) ?? 0) + 1)
      }
      // the first by its share of all, the second by its share of the two that are left
      const law = {
        abc: (0.6 * 3) / 4,
        acb: 0.6 / 4,
        bac: (0.3 * 6) / 7,
        bca: 0.3 / 7,
        cab: (0.1 * 6) / 9,
        cba: 0.1 / 3
      }
      for (const [order, share] of Object.entries(law))
        assert.closeTo((counts.get(order) ?? 0) / draws, share, 5 * Math.sqrt((share * (1 - share)) / draws), order)
      assert.strictEqual(counts.size, 6)
    }).pipe(Random.withSeed("by weight"))
  )
  it.effect("puts those of weight 0 last, in the order given", () =>
    Effect.gen(function* () {
      const random = yield* Random.Random
      for (let i = 0; i < 200; i++) {
        const order = ids(byWeight(targets(0, 1, 0, 5, NaN, -2), weightOf, () => random.nextDoubleUnsafe()))
        assert.isTrue(order === "bdacef" || order === "dbacef", order)
      }
    }).pipe(Random.withSeed("weight 0"))
  )
  it("is the order given where the lot is the same for all", () => {
    assert.strictEqual(ids(byWeight(targets(1, 1, 1), weightOf, () => 0.5)), "abc")
    assert.strictEqual(ids(byWeight(targets(1, 2, 1), weightOf, () => 0.5)), "bac")
  })
  it.effect.prop(
    "loses and doubles nobody",
    { all: Targets },
    ({ all }) =>
      Effect.gen(function* () {
        const random = yield* Random.Random
        const order = byWeight(all, weightOf, () => random.nextDoubleUnsafe())
        assert.strictEqual(order.length, all.length)
        assert.isTrue(all.every((one) => order.includes(one)))
        const firstZero = order.findIndex(({ weight }) => weight === 0)
        if (firstZero >= 0 && order.length > 1)
          assert.isTrue(order.slice(firstZero).every(({ weight }) => weight === 0))
      }).pipe(Random.withSeed("permutation")),
    { arbitrary: { runs: 100, seed: 2 } }
  )
})

describe("a last resort", () => {
  it("comes after all others, whose order stays", () => {
    assert.strictEqual(ids(lastResort(targets(0, 2, 0, 1), weightOf)), "bdac")
  })
  it("changes nothing where nobody has weight 0, or everybody", () => {
    const all = targets(1, 3, 2)
    assert.strictEqual(lastResort(all, weightOf), all)
    assert.strictEqual(ids(lastResort(targets(0, 0, 0), weightOf)), "abc")
  })
})
