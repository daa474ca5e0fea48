import { describe, expect, it } from "@effect/vitest"
import { toGeminiSchema } from "../../src/dialect/gemini/JsonSchema.ts"
import { type Json, type JsonObject } from "../../src/domain/Json.ts"

const inside = (schema: JsonObject): Json | undefined => {
  const { properties } = toGeminiSchema({ type: "object", properties: { a: schema } })
  return (properties as JsonObject | undefined)?.["a"] // `properties` was an object and stays one
}

describe("a JSON Schema for Gemini", () => {
  it("keeps the keywords the vendor knows and leaves out the others", () => {
    const known: JsonObject = {
      type: "object",
      title: "T",
      description: "D",
      properties: {
        n: { type: ["integer", "null"], minimum: 0, maximum: 9 },
        d: { type: "string", format: "date-time" },
        l: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 2 },
        m: { type: "object", additionalProperties: { type: "number" } }
      },
      required: ["n"],
      additionalProperties: false,
      propertyOrdering: ["n", "d"]
    }
    expect(toGeminiSchema(known)).toEqual(known)
    expect(
      toGeminiSchema({
        ...known,
        $schema: "https://json-schema.org/draft/2020-12/schema",
        $comment: "x",
        default: {},
        examples: [],
        patternProperties: { "^x": {} },
        not: { type: "null" },
        if: {},
        minProperties: 1
      })
    ).toEqual(known)
    expect(inside({ type: "string", format: "email", pattern: "@", minLength: 3 })).toEqual({ type: "string" })
  })

  it("says constants and enumerations of any kind as enumerations and types", () => {
    expect(inside({ const: "x" })).toEqual({ type: "string", enum: ["x"] })
    expect(inside({ const: 1 })).toEqual({ type: "integer", enum: [1] })
    expect(inside({ const: 1.5, description: "d" })).toEqual({ type: "number", enum: [1.5], description: "d" })
    expect(inside({ const: true })).toEqual({ type: "boolean" })
    expect(inside({ const: null })).toEqual({ type: "null" })
    expect(inside({ type: ["string", "null"], enum: ["a", null] })).toEqual({
      anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }]
    })
    expect(inside({ enum: [{ a: 1 }], title: "t" })).toEqual({ title: "t" })
  })

  it("says unions as anyOf and merges what must hold together", () => {
    expect(inside({ oneOf: [{ type: "string" }, { const: 1 }] })).toEqual({
      anyOf: [{ type: "string" }, { type: "integer", enum: [1] }]
    })
    const schema = {
      type: "object",
      allOf: [
        { $ref: "#/$defs/Named", additionalProperties: false },
        { properties: { b: { type: "number" } }, required: ["b"] }
      ],
      required: ["a"],
      $defs: { Named: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } }
    }
    expect(toGeminiSchema(schema)).toEqual({
      type: "object",
      properties: { a: { type: "string" }, b: { type: "number" } },
      required: ["a", "b"],
      $defs: { Named: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } }
    })
  })

  it("keeps references, moves their definitions, and gives a reference with neighbours a union of its own", () => {
    expect(
      toGeminiSchema({
        type: "object",
        properties: {
          plain: { $ref: "#/definitions/Node" },
          described: { $ref: "#/definitions/Node", description: "d", default: null }
        },
        definitions: { Node: { type: "object", properties: { next: { $ref: "#/definitions/Node" } } } }
      })
    ).toEqual({
      type: "object",
      properties: {
        plain: { $ref: "#/$defs/Node" },
        described: { description: "d", anyOf: [{ $ref: "#/$defs/Node" }] }
      },
      $defs: { Node: { type: "object", properties: { next: { $ref: "#/$defs/Node" } } } }
    })
  })

  it("puts an object in the place of a reference at the root", () => {
    const User = { type: "object", properties: { name: { type: "string" } } }
    expect(toGeminiSchema({ $ref: "#/definitions/User", definitions: { User } })).toEqual({ ...User, $defs: { User } })
  })

  it("says tuples by their places and schemas that are true as anything", () => {
    expect(inside({ type: "array", items: [{ type: "string" }, true] })).toEqual({
      type: "array",
      prefixItems: [{ type: "string" }, {}]
    })
    expect(toGeminiSchema({ properties: { any: true } })).toEqual({ properties: { any: {} } })
  })

  it("comes to an end on schemas that contain themselves in every way", () => {
    const allOf = Array.from({ length: 20 }, () => ({ $ref: "#/$defs/A" }))
    const circular = toGeminiSchema({ $ref: "#/$defs/A", $defs: { A: { type: "object", allOf } } })
    expect(circular["type"]).toBe("object")
    const mutual = toGeminiSchema({ $ref: "#/$defs/A", $defs: { A: { $ref: "#/$defs/B" }, B: { $ref: "#/$defs/A" } } })
    expect(Object.keys(mutual)).toContain("$defs")
    let deep: JsonObject = { type: "string" }
    for (let i = 0; i < 5000; i++) deep = { type: "array", items: deep }
    expect(toGeminiSchema(deep)["type"]).toBe("array")
  })
})
