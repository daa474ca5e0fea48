import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { type Circumstances, digestOf, requestKey } from "../../src/cache/RequestKey.ts"
import { anthropicMessagesInbound } from "../../src/dialect/AnthropicMessages.ts"
import type { InboundDialect } from "../../src/dialect/Dialect.ts"
import { geminiInbound } from "../../src/dialect/Gemini.ts"
import { openAiChatInbound } from "../../src/dialect/OpenAiChat.ts"
import { openAiResponsesInbound } from "../../src/dialect/OpenAiResponses.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject } from "../../src/domain/Json.ts"

const here: Circumstances = {
  sharedBy: "tenant:acme",
  routing: "r",
  strict: false,
  region: undefined,
  allow: undefined,
  prefer: undefined,
  task: undefined,
  tier: undefined,
  heedsLabels: false
}

const gemini = geminiInbound({ model: "smart", delivery: "whole" })
const messages = [{ role: "user", content: "hi" }]
const wires: ReadonlyArray<{ readonly dialect: InboundDialect; readonly body: JsonObject }> = [
  { dialect: openAiChatInbound, body: { model: "smart", messages, temperature: 0 } },
  { dialect: openAiResponsesInbound, body: { model: "smart", input: "hi", temperature: 0 } },
  { dialect: anthropicMessagesInbound, body: { model: "smart", messages, max_tokens: 100, temperature: 0 } },
  { dialect: gemini, body: { contents: [{ role: "user", parts: [{ text: "hi" }] }] } }
]
const decoded = (dialect: InboundDialect, body: Json, headers: Record<string, string> = {}): ChatRequest =>
  Result.getOrThrow(Result.mapError(dialect.decodeRequest(body, headers), ({ message }) => new Error(message)))
const keyOf = (dialect: InboundDialect, body: Json, headers: Record<string, string> = {}): string =>
  requestKey(decoded(dialect, body, headers), here)

/** The same with the members of every object the other way round. */
const turned = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(turned)
    : isJsonObject(value)
      ? Object.fromEntries(
          Object.entries(value)
            .map(([name, member]): [string, Json] => [name, turned(member)])
            .toReversed()
        )
      : value

/** Fields that change an answer, in some wire or other; what a wire does not know it still tells its own vendor. */
const further: ReadonlyArray<JsonObject> = [
  { temperature: 0.1 },
  { top_p: 0.5 },
  { seed: 1 },
  { n: 2 },
  { stop: ["x"] },
  { stop_sequences: ["x"] },
  { max_tokens: 7 },
  { max_completion_tokens: 7 },
  { max_output_tokens: 7 },
  { tool_choice: { type: "auto" } },
  { response_format: { type: "json_object" } },
  { reasoning_effort: "low" },
  { reasoning: { effort: "low" } },
  { thinking: { type: "adaptive" } },
  { service_tier: "flex" },
  { logprobs: true },
  { system: "be brief" },
  { instructions: "be brief" },
  { generationConfig: { temperature: 0 } },
  { safetySettings: [] },
  { fallbacks: ["other"] },
  { models: ["other"] },
  { a_field_of_next_year: 1 },
  { a_field_of_next_year: "1" },
  { a_field_of_next_year: null },
  { a_field_of_next_year: [] },
  { a_field_of_next_year: {} },
  { a_field_of_next_year: [[1], 2] },
  { a_field_of_next_year: [1, [2]] }
]

const changed = (body: JsonObject): ReadonlyArray<JsonObject> => further.map((fields) => ({ ...body, ...fields }))

describe("the key of a request", () => {
  for (const { body, dialect } of wires) {
    it(`on ${dialect.id} is another for every field that may change the answer`, () => {
      const keys = new Map<string, string>()
      for (const one of [body, ...changed(body)]) {
        const result = dialect.decodeRequest(one, {})
        if (Result.isFailure(result)) continue
        const key = requestKey(result.success, here)
        // `fallbacks` and `models` with the same names mean the same
        const said = JSON.stringify({ ...one, models: undefined, fallbacks: one["models"] ?? one["fallbacks"] })
        const known = keys.get(key)
        assert.isTrue(known === undefined || known === said, `${said} and ${known}`)
        keys.set(key, said)
      }
      assert.isAbove(keys.size, 12)
    })
    it(`on ${dialect.id} is the same in whatever order the fields stand`, () => {
      for (const one of [body, ...changed(body)]) {
        const result = dialect.decodeRequest(one, {})
        if (Result.isFailure(result)) continue
        assert.strictEqual(keyOf(dialect, turned(one)), requestKey(result.success, here))
      }
    })
    it(`on ${dialect.id} is another for every header that goes on to the vendor`, () => {
      for (const name of dialect.vendorHeaders) {
        const keys = ["a", "b"].map((value) => keyOf(dialect, body, { [name]: value }))
        assert.strictEqual(new Set([...keys, keyOf(dialect, body)]).size, 3, name)
      }
      assert.strictEqual(keyOf(dialect, body, { authorization: "Bearer x" }), keyOf(dialect, body))
    })
  }
  it("is another for another wire, and for a stream", () => {
    const [chat] = wires
    const streamed = wires.map(({ body, dialect }) =>
      dialect === gemini
        ? keyOf(geminiInbound({ model: "smart", delivery: "live" }), body)
        : keyOf(dialect, { ...body, stream: true })
    )
    const whole = wires.map(({ body, dialect }) => keyOf(dialect, body))
    assert.strictEqual(new Set([...streamed, ...whole]).size, 8)
    assert.strictEqual(keyOf(openAiChatInbound, { ...chat?.body, stream: false }), whole[0])
  })
  it("does not tell apart what a vendor does not look at for an answer, where it does not repeat it", () => {
    const same: ReadonlyArray<readonly [InboundDialect, JsonObject, boolean]> = [
      [openAiChatInbound, { user: "u" }, true],
      [openAiChatInbound, { metadata: { trace: "1" } }, true],
      [openAiChatInbound, { safety_identifier: "u" }, true],
      [anthropicMessagesInbound, { metadata: { user_id: "u" } }, true],
      [gemini, { labels: { team: "a" } }, true],
      [openAiResponsesInbound, { metadata: { trace: "1" } }, false],
      [openAiResponsesInbound, { user: "u" }, false]
    ]
    for (const [dialect, fields, isSame] of same) {
      const body = wires.find((wire) => wire.dialect === dialect)?.body ?? {}
      assert.strictEqual(
        keyOf(dialect, { ...body, ...fields }) === keyOf(dialect, body),
        isSame,
        JSON.stringify(fields)
      )
      const heeded = [fields, {}].map((more) =>
        requestKey(decoded(dialect, { ...body, ...more }), { ...here, heedsLabels: true })
      )
      assert.notStrictEqual(heeded[0], heeded[1], JSON.stringify(fields))
    }
  })
  it("keeps the order of a schema's properties, in which a model writes, and of no other part of it", () => {
    const withSchema = (schema: JsonObject): string =>
      keyOf(openAiChatInbound, {
        model: "smart",
        messages,
        response_format: { type: "json_schema", json_schema: { name: "n", schema } }
      })
    const why = { type: "string" }
    const verdict = { type: "boolean" }
    const one = withSchema({ type: "object", properties: { why, verdict } })
    assert.notStrictEqual(withSchema({ type: "object", properties: { verdict, why } }), one)
    assert.strictEqual(withSchema({ properties: { why, verdict }, type: "object" }), one)
  })
  it("is another for whoever may be told another answer", () => {
    const request = decoded(openAiChatInbound, wires[0]?.body ?? {})
    const others: ReadonlyArray<Partial<Circumstances>> = [
      {},
      { sharedBy: "key:acme" },
      { sharedBy: "tenant:other" },
      { routing: "s" },
      { strict: true },
      { region: "eu" },
      { allow: [] },
      { allow: ["smart"] },
      { allow: ["smart", "fast"] },
      { prefer: "cost" },
      { prefer: "speed" },
      { task: "cost" },
      { task: "coding" },
      { tier: "economy" },
      { tier: "premium" },
      { heedsLabels: true }
    ]
    const keys = others.map((other) => requestKey(request, { ...here, ...other }))
    assert.strictEqual(new Set(keys).size, others.length)
  })
  it("of a request that came on no wire is another for every field of it", () => {
    const bare: ChatRequest = {
      model: "m",
      delivery: "whole",
      messages: [{ role: "user", content: [{ _tag: "Text", text: "hi" }] }],
      tools: [],
      sampling: {},
      usageWanted: true,
      fallbacks: []
    }
    const others: ReadonlyArray<Partial<ChatRequest>> = [
      {},
      { model: "n" },
      { delivery: "live" },
      { messages: [] },
      { messages: [{ role: "system", content: [{ _tag: "Text", text: "hi" }] }] },
      { messages: [{ role: "user", content: [{ _tag: "Text", text: "hi" }], name: "n" }] },
      { tools: [{ _tag: "Function", name: "f" }] },
      { tools: [{ _tag: "Function", name: "f", strict: true }] },
      { toolChoice: { _tag: "Auto" } },
      { toolChoice: { _tag: "Required" } },
      { parallelToolCalls: false },
      { responseFormat: { _tag: "JsonObject" } },
      { sampling: { temperature: 0 } },
      { sampling: { topP: 0 } },
      { reasoning: { effort: "low" } },
      { reasoning: { adaptive: true } },
      { usageWanted: false },
      { fallbacks: ["n"] },
      { extensions: { gemini: { x: 1 } } }
    ]
    const keys = others.map((other) => requestKey({ ...bare, ...other }, here))
    assert.strictEqual(new Set(keys).size, others.length)
    assert.strictEqual(requestKey({ ...bare, user: "u", metadata: { a: "b" } }, here), keys[0])
    const heeded = { ...here, heedsLabels: true }
    const byUser = ["u", "v", undefined].map((user) =>
      requestKey({ ...bare, ...(user === undefined ? {} : { user }) }, heeded)
    )
    assert.strictEqual(new Set(byUser).size, 3)
  })
})

describe("a digest", () => {
  /** The same form for values that are the same. */
  const sorted = (value: Json): Json =>
    Array.isArray(value)
      ? value.map(sorted)
      : isJsonObject(value)
        ? Object.fromEntries(
            Object.entries(value)
              .map(([name, member]): [string, Json] => [name, sorted(member)])
              .sort(([a], [b]) => (a < b ? -1 : 1))
          )
        : value
  it.prop(
    "is the same for two values exactly where they are the same",
    { one: Schema.Json, other: Schema.Json },
    ({ one, other }) => {
      assert.strictEqual(digestOf(one), digestOf(turned(one)))
      assert.strictEqual(digestOf(one), digestOf(JSON.parse(JSON.stringify(one))))
      const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
      assert.strictEqual(digestOf(one) === digestOf(other), same)
      assert.notStrictEqual(digestOf([one, other]), digestOf([[one], other]))
    },
    { arbitrary: { runs: 300 } }
  )
  it("tells apart texts that are cut elsewhere, long ones, and halves of characters", () => {
    const long = "x".repeat(20_000)
    const values: ReadonlyArray<unknown> = [
      ["ab", "c"],
      ["a", "bc"],
      ["abc"],
      "abc",
      [long, "y"],
      [`${long}y`],
      [long, "z"],
      "\ud800",
      "\ud801",
      "\ufffd",
      1,
      "1",
      true,
      "true",
      null,
      "null",
      [],
      {},
      [[]],
      { a: 1, b: 2 },
      { a: { b: 1 } },
      { a: 1, '"1:b': 2 }
    ]
    assert.strictEqual(new Set(values.map(digestOf)).size, values.length)
  })
})
