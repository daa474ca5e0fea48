import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { anonymous, isAllowed } from "../../src/domain/RequestContext.ts"

const allowed = (pattern: string, name: string): boolean => isAllowed({ ...anonymous, allow: [pattern] }, name)

/** The same by trying everything: a star stands for nothing, or for one character and then itself. */
const fits = (pattern: string, name: string): boolean =>
  pattern === ""
    ? name === ""
    : pattern.startsWith("*")
      ? fits(pattern.slice(1), name) || (name !== "" && fits(pattern, name.slice(1)))
      : name !== "" && pattern.charAt(0) === name.charAt(0) && fits(pattern.slice(1), name.slice(1))

const few = (...letters: ReadonlyArray<string>) => Schema.Array(Schema.Literals(letters)).check(Schema.isMaxLength(9))

describe("what a key allows", () => {
  it.prop(
    "is what its pattern says, from the first character to the last",
    { pattern: few("a", "b", "*"), name: few("a", "b") },
    ({ name, pattern }) => {
      assert.strictEqual(allowed(pattern.join(""), name.join("")), fits(pattern.join(""), name.join("")))
    },
    { arbitrary: { runs: 2000, seed: 7 } }
  )

  it("takes nothing but the star for more than itself, and any character for a star", () => {
    assert.isFalse(allowed("gpt-5.2", "gpt-5x2"))
    assert.isFalse(allowed("gpt-*.2", "gpt-5x2"))
    assert.isTrue(allowed("open*/gpt-*", "openai/gpt-5"))
    assert.isTrue(allowed("a*", "a\nb"))
    assert.isFalse(allowed("a*a", "a"))
  })

  it("is found out for long names by looking at each character a few times", () => {
    // by trying everything this would not end
    const pattern = `${"*a".repeat(60)}*b`
    assert.isFalse(allowed(pattern, "a".repeat(200_000)))
    assert.isTrue(allowed(pattern, `${"a".repeat(200_000)}b`))
  })
})
