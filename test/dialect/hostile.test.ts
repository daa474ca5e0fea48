/**
 * Requests that are made to do harm: small ones that stand for huge ones, lists of hundreds of thousands, names that every
 * object has already.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { anthropicMessagesInbound, anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import { toOutputSchema } from "../../src/dialect/anthropic-messages/OutputSchema.ts"
import { type InboundDialect, noQuirks, type OutboundDialect } from "../../src/dialect/Dialect.ts"
import { geminiInbound, geminiOutbound } from "../../src/dialect/Gemini.ts"
import { allowanceForRequest, toGeminiSchema } from "../../src/dialect/gemini/JsonSchema.ts"
import { fromVendorSchema } from "../../src/dialect/gemini/VendorSchema.ts"
import { openAiChatInbound, openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import { openAiResponsesInbound, openAiResponsesOutbound } from "../../src/dialect/OpenAiResponses.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"

const gemini = geminiInbound({ model: "m", delivery: "whole" })
const outbound: ReadonlyArray<OutboundDialect> = [
  openAiChatOutbound,
  openAiResponsesOutbound,
  anthropicMessagesOutbound,
  geminiOutbound
]

const decoded = (dialect: InboundDialect, body: Json): ChatRequest => {
  const request = dialect.decodeRequest(body, {})
  if (Result.isFailure(request)) throw new Error(request.failure.message)
  return request.success
}

const many = (count: number, each: (at: number) => Json): ReadonlyArray<Json> =>
  Array.from({ length: count }, (_, at) => each(at))

describe("a schema that refers to much", () => {
  const properties = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`p${at}`, { type: "string" }]))
  const schema: JsonObject = {
    $defs: { big: { type: "object", properties } },
    properties: Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`q${at}`, { allOf: [{ $ref: "#/$defs/big" }] }])
    )
  }

  it("is copied within what its request is allowed, which all its schemas share", () => {
    const allowance = allowanceForRequest()
    const written = JSON.stringify(toGeminiSchema(schema, allowance))
    // each copy has 2,000 values; without a bound there were 500 of them
    assert.isBelow(written.split('"p999"').length, 30)
    assert.isAtLeast(allowance.values, 0)
    assert.isBelow(allowance.values, 2_100)
    const another = toGeminiSchema({ ...schema, properties: { q: { allOf: [{ $ref: "#/$defs/big" }] } } }, allowance)
    assert.deepStrictEqual(another["properties"], { q: {} })
  })

  it("is one of many tools, and what they may copy is used up by all of them", () => {
    const tools = many(50, (at) => ({ type: "function", function: { name: `t${at}`, parameters: schema } }))
    const request = decoded(openAiChatInbound, { model: "m", messages: [{ role: "user", content: "hi" }], tools })
    const encoded = geminiOutbound.encodeRequest(request, { model: "m", maxOutputTokens: 10, quirks: noQuirks })
    assert.isTrue(Result.isSuccess(encoded))
    // every tool brings its definition once
    assert.isBelow(JSON.stringify(encoded).split('"p999"').length, 50 + 30)
  })

  it("in a circle ends", () => {
    const around = { allOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/b" }] }
    const circle = { $defs: { a: around, b: { ...around, properties: { x: around, y: around } } }, ...around }
    assert.isBelow(JSON.stringify(toGeminiSchema(circle)).length, 1_000_000)
    assert.isUndefined(toOutputSchema(circle))
  })
})

describe("a property that is called as something every object has", () => {
  const names = ["constructor", "toString", "__proto__", "hasOwnProperty"]
  const properties = parseJson(`{${names.map((name) => `"${name}":{"type":"string"}`).join(",")}}`) ?? null
  const namesIn = (schema: JsonObject | undefined): ReadonlyArray<string> => {
    const found = schema?.["properties"]
    return isJsonObject(found) ? Object.keys(found).toSorted() : []
  }
  for (const [wire, convert] of [
    ["Gemini's JSON Schema", toGeminiSchema],
    ["JSON Schema from Gemini's own", fromVendorSchema],
    ["Anthropic's outputs", (schema: JsonObject) => toOutputSchema(schema)?.schema]
  ] as const)
    it(`stands in ${wire}`, () => {
      const schema = { type: "object", properties, propertyOrdering: names }
      assert.deepStrictEqual(namesIn(convert(schema)), names.toSorted())
    })
  it("stands in Gemini's JSON Schema where it is brought by a member of allOf", () => {
    assert.deepStrictEqual(namesIn(toGeminiSchema({ allOf: [{ properties }, { type: "object" }] })), names.toSorted())
  })
})

describe("hundreds of thousands of small things", () => {
  const count = 300_000
  const bodies: ReadonlyArray<readonly [what: string, dialect: InboundDialect, body: JsonObject]> = [
    [
      "system texts",
      anthropicMessagesInbound,
      {
        model: "m",
        max_tokens: 9,
        system: many(count, () => ({ type: "text", text: "s" })),
        messages: [{ role: "user", content: "hi" }]
      }
    ],
    [
      "system parts",
      gemini,
      {
        systemInstruction: { parts: many(count, () => ({ text: "s" })) },
        contents: [{ role: "user", parts: [{ text: "hi" }] }]
      }
    ],
    [
      "parts of a user's",
      openAiChatInbound,
      { model: "m", messages: [{ role: "user", content: many(count, () => ({ type: "text", text: "x" })) }] }
    ],
    [
      "parts of the assistant's",
      openAiResponsesInbound,
      {
        model: "m",
        input: [
          { role: "user", content: "hi" },
          { role: "assistant", content: many(count, () => ({ type: "output_text", text: "x" })) },
          { role: "user", content: "hi" }
        ]
      }
    ],
    [
      "contents of the model's in a row",
      gemini,
      {
        contents: [
          { role: "user", parts: [{ text: "hi" }] },
          ...many(count, (at) => ({ role: "model", parts: [{ functionCall: { name: `f${at}`, args: {} } }] })),
          { role: "user", parts: many(count, (at) => ({ functionResponse: { name: `f${at}`, response: {} } })) }
        ]
      }
    ],
    [
      "tools, each of them allowed by name",
      openAiResponsesInbound,
      {
        model: "m",
        input: "hi",
        tools: many(count, (at) => ({ type: "function", name: `t${at}`, parameters: {} })),
        tool_choice: {
          type: "allowed_tools",
          mode: "auto",
          tools: many(count, (at) => ({ type: "function", name: `t${count - at}` }))
        }
      }
    ]
  ]
  for (const [what, dialect, body] of bodies)
    it(`${what} are understood and written for every vendor or refused, and overflow nothing`, () => {
      const request = decoded(dialect, body)
      for (const to of outbound) {
        const encoded = to.encodeRequest(request, { model: "m", maxOutputTokens: 10, quirks: noQuirks })
        assert.isTrue(Result.isSuccess(encoded) || encoded.failure.message !== "")
      }
    })
})
