import { assert, describe, it } from "@effect/vitest"
import type { Json } from "../../src/domain/Json.ts"
import { sampleOf } from "../../src/simulator/SchemaSample.ts"

const rows: ReadonlyArray<readonly [string, Json, Json]> = [
  ["a constant", { const: null }, null],
  ["one of some words", { enum: ["a", "b"] }, "a"],
  ["a reference", { $ref: "#/$defs/a", $defs: { a: { type: "boolean" } } }, true],
  ["the first of several that is not null", { anyOf: [{ type: "null" }, { type: "integer" }] }, 7],
  ["a list of types", { type: ["null", "number"] }, 7],
  ["Google's upper case", { type: "OBJECT", properties: { city: { type: "STRING" } } }, { city: "Paris" }],
  [
    "all of several",
    { allOf: [{ type: "object", properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] },
    { a: 1, b: 2 }
  ],
  ["bounds", { type: "integer", minimum: 10, maximum: 12 }, 10],
  ["exclusive bounds", { type: "integer", exclusiveMaximum: 5 }, 4],
  ["a multiple", { type: "integer", multipleOf: 5 }, 10],
  ["a length", { type: "string", minLength: 8, maxLength: 8 }, "sample v"],
  ["a format", { type: "string", format: "date" }, "2025-01-31"],
  ["so many items", { type: "array", items: { type: "boolean" }, minItems: 3 }, [true, true, true]],
  ["a tuple", { type: "array", prefixItems: [{ const: 1 }, { const: 2 }], items: false }, [1, 2]],
  ["an open object", { type: "object", minProperties: 1, additionalProperties: { type: "integer" } }, { key1: 7 }]
]

describe("a sample of a JSON Schema", () => {
  for (const [what, schema, expected] of rows)
    it(`satisfies ${what}`, () => {
      assert.deepStrictEqual(sampleOf(schema), expected)
    })

  it("ends where a schema contains itself", () => {
    const tree = { type: "object", properties: { child: { $ref: "#" }, leaf: { type: "integer" } }, required: ["leaf"] }
    const sample = JSON.stringify(sampleOf(tree))
    assert.isAbove(sample.length, 20)
    assert.isBelow(sample.length, 1000)
  })
})
