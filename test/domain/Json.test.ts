import { assert, describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { omitKeys, parseJson } from "../../src/domain/Json.ts"

/** What the platform's own parser makes of a text. */
const plainly = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

describe("parsing", () => {
  it.each([
    "",
    " ",
    "the end",
    "t",
    "true",
    "truth",
    "false",
    "fallacy",
    "null",
    "nullify",
    "never",
    "-",
    "-1",
    "--1",
    "0",
    "01",
    "1.",
    "1.5",
    "12 apples",
    "5 of 5",
    "{",
    "}",
    "{}",
    "{a}",
    "{x} is {y}",
    "[",
    "[]",
    "[1",
    "[see] and [here]",
    '"',
    '""',
    '"a" and "b"',
    '"a"',
    "\u00a0{}",
    "\ufeff{}",
    " \n\t\r{ } \n\t\r",
    "\v{}",
    "Infinity",
    "NaN",
    "undefined",
    "1e5",
    "1e",
    "+1"
  ])("reads %j as the platform does", (text) => {
    expect(parseJson(text)).toEqual(plainly(text))
  })

  const spaces = Schema.Array(Schema.Literals([" ", "\n", "\t", "\r", "\u00a0"]))
  it.prop(
    "reads every value with space around it, and what is left of one, as the platform does",
    { value: Schema.Json, before: spaces, after: spaces, from: Schema.Int, to: Schema.Int },
    ({ after, before, from, to, value }) => {
      const text = before.join("") + JSON.stringify(value) + after.join("")
      assert.deepStrictEqual(parseJson(text), plainly(text))
      const start = Math.abs(from) % (text.length + 1)
      const part = text.slice(start, start + (Math.abs(to) % (text.length + 1)))
      assert.deepStrictEqual(parseJson(part), plainly(part))
    },
    { arbitrary: { runs: 1000, seed: 11 } }
  )
})

describe("leaving keys out", () => {
  it("gives the same object where none of them is there", () => {
    const object = { a: 1 }
    expect(omitKeys(object, ["b", "c"])).toBe(object)
  })

  it("copies the others, whatever they are called", () => {
    const object = parseJson('{"a": 1, "__proto__": {"b": 2}, "constructor": 3}')
    expect(JSON.stringify(omitKeys(Object(object), ["a", "toString"]))).toBe('{"__proto__":{"b":2},"constructor":3}')
    expect(JSON.stringify(object)).toContain('"a":1')
  })
})
