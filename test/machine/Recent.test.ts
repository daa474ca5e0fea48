import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Recent } from "../../src/machine/Recent.ts"

const small = (most: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: most }))
const Step = Schema.Struct({
  does: Schema.Literals(["set", "set", "use", "get", "delete", "shrink", "clear"]),
  key: small(7),
  value: Schema.Int
})

describe("what was used last", () => {
  it.prop(
    "is what a list would give that is searched from end to end, in the same order",
    { steps: Schema.Array(Step).check(Schema.isMinLength(60), Schema.isMaxLength(80)) },
    ({ steps }) => {
      const recent = new Recent<number, number>()
      let model: ReadonlyArray<readonly [number, number]> = []
      const without = (key: number) => model.filter(([other]) => other !== key)
      for (const { does, key, value } of steps) {
        const known = model.find(([other]) => other === key)
        assert.strictEqual(recent.has(key), known !== undefined)
        switch (does) {
          case "set":
            recent.set(key, value)
            model = [...without(key), [key, value]]
            break
          case "use":
            assert.strictEqual(recent.use(key), known?.[1])
            if (known !== undefined) model = [...without(key), known]
            break
          case "get":
            assert.strictEqual(recent.get(key), known?.[1])
            break
          case "delete":
            assert.strictEqual(recent.delete(key), known !== undefined)
            model = without(key)
            break
          case "shrink":
            recent.shrink(key)
            model = model.slice(Math.max(0, model.length - key))
            break
          case "clear":
            if (value % 5 !== 0) break
            recent.clear()
            model = []
        }
        assert.deepStrictEqual([...recent], [...model])
        assert.deepStrictEqual(recent.oldest(), model[0])
        assert.strictEqual(recent.size, model.length)
      }
    },
    { arbitrary: { runs: 300 } }
  )
  it("may be deleted while it is iterated", () => {
    const recent = new Recent<string, number>()
    for (const [at, key] of ["a", "b", "c", "d"].entries()) recent.set(key, at)
    const seen: Array<string> = []
    for (const [key] of recent) {
      seen.push(key)
      recent.delete(key)
    }
    assert.deepStrictEqual(seen, ["a", "b", "c", "d"])
    assert.strictEqual(recent.size, 0)
    assert.isUndefined(recent.oldest())
  })
})
