import { describe, expect, it } from "@effect/vitest"
import { toOutputSchema } from "../../src/dialect/anthropic-messages/OutputSchema.ts"
import type { JsonObject } from "../../src/domain/Json.ts"

const city = { type: "string" }
const place = { type: "object", properties: { city }, required: ["city"] }

describe("an answer's schema for Anthropic", () => {
  it("closes every object, wherever it stands", () => {
    const nested = {
      type: "object",
      properties: { at: place, all: { type: "array", items: place, minItems: 1 }, one: { oneOf: [place, city] } },
      $defs: { p: place },
      additionalProperties: true
    }
    const closed = { ...place, additionalProperties: false }
    expect(toOutputSchema(nested)).toEqual({
      exact: true,
      schema: {
        type: "object",
        properties: { at: closed, all: { type: "array", items: closed, minItems: 1 }, one: { anyOf: [closed, city] } },
        $defs: { p: closed },
        additionalProperties: false
      }
    })
  })
  it("is left as it is where the vendor takes all of it", () => {
    const schema = {
      type: "object",
      title: "T",
      properties: {
        when: { type: "string", format: "date" },
        what: { enum: ["a", 1, null] },
        p: { $ref: "#/$defs/p" }
      },
      required: ["when"],
      $defs: { p: { type: ["integer", "null"], description: "d", default: 1 } },
      additionalProperties: false
    }
    expect(toOutputSchema(schema)).toEqual({ exact: true, schema })
  })
  it("tells in words what the vendor does not hold an answer to", () => {
    const schema = { type: "object", properties: { n: { type: "integer", description: "A count.", minimum: 1 } } }
    expect(toOutputSchema(schema)).toEqual({
      exact: false,
      schema: {
        type: "object",
        properties: { n: { type: "integer", description: 'A count.\nMust satisfy: {"minimum":1}' } },
        additionalProperties: false
      }
    })
  })
  const unsayable: ReadonlyArray<readonly [string, JsonObject]> = [
    ["any value", {}],
    ["any object", { type: "object" }],
    ["a map", { type: "object", additionalProperties: { type: "string" } }],
    ["anything in a list", { type: "array", items: {} }],
    ["a schema that is true", { type: "object", properties: { x: true } }],
    ["a reference to the root", { type: "object", properties: { next: { $ref: "#" } } }],
    ["a reference out of it", { type: "object", properties: { next: { $ref: "https://x/y" } } }],
    [
      "definitions that call each other",
      {
        $ref: "#/$defs/a",
        $defs: { a: { anyOf: [{ $ref: "#/$defs/b" }, city] }, b: { type: "array", items: { $ref: "#/$defs/a" } } }
      }
    ]
  ]
  for (const [name, schema] of unsayable)
    it(`cannot be said for ${name}`, () => {
      expect(toOutputSchema(schema)).toBeUndefined()
    })
})
