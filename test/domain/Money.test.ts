import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  minus,
  mostNano,
  nano,
  nanoOfUsd,
  pico,
  picoPerUnitOfMillion,
  picoPerUnitOfThousand,
  plus,
  sayUsd,
  showUsd,
  total,
  usdOfNano
} from "../../src/domain/Money.ts"

describe("money", () => {
  it("is read from dollars to the nano-dollar and shown exactly", () => {
    assert.strictEqual(Number(nanoOfUsd(0.1)), 100_000_000)
    assert.strictEqual(Number(nanoOfUsd(1e6)), 1e15)
    assert.strictEqual(Number(nanoOfUsd(Number.NaN)), 0)
    assert.strictEqual(nanoOfUsd(1e30), mostNano)
    assert.strictEqual(usdOfNano(nano(2_500_000_000)), 2.5)
    assert.deepStrictEqual(
      [0, 1, 12_345_678_901, -5e8].map((one) => showUsd(nano(one))),
      ["0", "0.000000001", "12.345678901", "-0.5"]
    )
  })
  it("has prices a unit without the noise of floats, rounded up beyond a pico-dollar", () => {
    assert.deepStrictEqual(
      [3, 0.0375, 0.175, 0.1 + 0.2, 1 / 12].map((usd) => Number(picoPerUnitOfMillion(usd))),
      [3_000_000, 37_500, 175_000, 300_000, 83_334]
    )
    assert.strictEqual(Number(picoPerUnitOfThousand(10)), 1e10)
  })
  it("rounds a bill up once, at its end", () => {
    const line = { units: 1, each: pico(1) }
    assert.strictEqual(Number(total([line])), 1)
    assert.strictEqual(Number(total(Array.from({ length: 1000 }, () => line))), 1)
    assert.strictEqual(Number(total([{ units: 1000, each: pico(1) }, line])), 2)
    assert.strictEqual(Number(total([{ units: 2, each: pico(1000) }], 50)), 1)
    assert.strictEqual(Number(total([{ units: -5, each: pico(1000) }])), 0)
  })
  it("stays where it is beyond what a safe integer holds", () => {
    assert.strictEqual(plus(mostNano, nano(5)), mostNano)
    assert.strictEqual(Number(minus(nano(-9e15), mostNano)), -mostNano)
    assert.strictEqual(total([{ units: 1e15, each: pico(1e12) }]), mostNano)
  })
  it.prop(
    "adds a bill up as exact arithmetic does, however large",
    {
      lines: Schema.Array(
        Schema.Struct({
          units: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 200_000_000 })),
          each: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300_000_000 }))
        })
      ).check(Schema.isMaxLength(8)),
      percent: Schema.Literals([50, 100, 110, 600])
    },
    ({ lines, percent }) => {
      const exact = lines.reduce((sum, { each, units }) => sum + BigInt(units) * BigInt(each), 0n) * BigInt(percent)
      const expected = (exact + 99_999n) / 100_000n
      assert.strictEqual(
        BigInt(
          total(
            lines.map(({ each, units }) => ({ units, each: pico(each) })),
            percent
          )
        ),
        expected
      )
    },
    { arbitrary: { runs: 300, seed: 2 } }
  )
})

describe("an amount for people", () => {
  it("is cents from a dollar on, and three digits that matter below, without an exponent", () => {
    const cases: ReadonlyArray<readonly [number, string]> = [
      [0, "$0.00"],
      [1, "$1.00"],
      [1234.5, "$1,234.50"],
      [1_000_000, "$1,000,000.00"],
      [-0.5, "-$0.50"],
      [-12, "-$12.00"],
      [0.0123456, "$0.0123"],
      [0.99999, "$1.00"],
      [0.000_000_5, "$0.0000005"],
      [1e-9, "$0.000000001"],
      [1e-12, "$0.00"],
      [Number.NaN, "$0.00"]
    ]
    assert.deepStrictEqual(
      cases.map(([amount]) => sayUsd(amount)),
      cases.map(([, words]) => words)
    )
  })
})
