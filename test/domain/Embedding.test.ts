import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { base64Of, floatsOf, lengthOf, sumOfUsage } from "../../src/domain/Embedding.ts"

const Bits = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 32 - 1 }))

/** The 32-bit float of some bits; 0 where they are no number. */
const floatOf = (bits: number): number => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(bits)
  const float = bytes.readFloatLE()
  return Number.isFinite(float) ? float : 0
}

describe("a vector", () => {
  it.prop("is the same 32-bit floats after base64 and back", { bits: Schema.NonEmptyArray(Bits) }, ({ bits }) => {
    const floats = bits.map(floatOf)
    const back = Result.getOrThrow(floatsOf(base64Of(floats)))
    assert.isTrue(back.length === floats.length && back.every((float, at) => Object.is(float, floats[at])))
  })

  it.prop("is the same base64 after numbers and back", { bits: Schema.NonEmptyArray(Bits) }, ({ bits }) => {
    const text = base64Of(bits.map(floatOf))
    assert.strictEqual(base64Of(Result.getOrThrow(floatsOf(text))), text)
    assert.strictEqual(lengthOf(text), bits.length)
  })

  it("is written lowest byte first, as OpenAI writes it", () => {
    assert.strictEqual(base64Of([1, -2]), Buffer.from([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]).toString("base64"))
  })

  it("is none where a text is not the base64 of 32-bit floats that are numbers", () => {
    const infinite = Buffer.from([0, 0, 0x80, 0x7f]).toString("base64")
    for (const text of ["", "AAA=", "AAAAAAA=", "not base64!", infinite])
      assert.isTrue(Result.isFailure(floatsOf(text)), text)
  })
})

describe("the usage of several calls", () => {
  it("is their sum", () => {
    assert.deepStrictEqual(
      sumOfUsage([
        { inputTokens: 2, outputTokens: 0 },
        { inputTokens: 3, outputTokens: 0 }
      ]),
      { inputTokens: 5, outputTokens: 0 }
    )
  })
  it("is not known where one of them does not tell", () => {
    assert.isUndefined(sumOfUsage([{ inputTokens: 2, outputTokens: 0 }, undefined]))
  })
})
