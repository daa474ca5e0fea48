import { assert, describe, it } from "@effect/vitest"
import { isInRegion, lastResort } from "../../src/routing/Preference.ts"

interface Target {
  readonly id: string
  readonly weight: number
}
const weightOf = ({ weight }: Target) => weight
const ids = (targets: ReadonlyArray<Target>) => targets.map(({ id }) => id).join("")
const targets = (...weights: ReadonlyArray<number>): ReadonlyArray<Target> =>
  weights.map((weight, at) => ({ id: "abcdefgh".charAt(at), weight }))

describe("a demand for a region", () => {
  const at = (region: string | undefined) => ({ region })
  it("is satisfied by the same label, however it is written, and by no other", () => {
    const all = [at("eu"), at("EU"), at("us"), at("eu-west-1"), at(""), at("Eu")]
    const inRegion = (wanted: string | undefined) => all.filter((one) => isInRegion(one, wanted))
    assert.deepStrictEqual(inRegion("eu"), [at("eu"), at("EU"), at("Eu")])
    assert.deepStrictEqual(inRegion("EU-West-1"), [at("eu-west-1")])
    assert.deepStrictEqual(inRegion(undefined), all)
  })
  it("is never satisfied by a provider whose region nobody has stated", () => {
    for (const wanted of ["eu", "undefined", ""]) assert.isFalse(isInRegion(at(undefined), wanted))
  })
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
