/**
 * Names that every object has already (`constructor`, `__proto__`), in the place of every name and every word of a request:
 * no table of the translators may find something under them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { inbound, outbound, type Wire, wires } from "./laws/wires.ts"

const inherited = ["constructor", "toString", "hasOwnProperty"]
const names = [...inherited, "__proto__"]
const picture = "iVBORw0KGgo="
const schema = { type: "object", properties: { a: { type: "string", format: "date" } }, required: ["a"] }

/** One of everything, as far as it can be asked for together. */
const bodies: { readonly [W in Wire]: JsonObject } = {
  chat: {
    model: "m",
    messages: [
      { role: "system", content: "s" },
      {
        role: "user",
        name: "n",
        content: [
          { type: "text", text: "x" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${picture}`, detail: "low" } },
          { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
          { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } }
        ]
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } }]
      },
      { role: "tool", tool_call_id: "c1", content: "r" }
    ],
    tools: [{ type: "function", function: { name: "f", parameters: schema, strict: true } }],
    tool_choice: { type: "function", function: { name: "f" } },
    response_format: { type: "json_schema", json_schema: { name: "j", schema } },
    stream_options: { include_usage: true },
    reasoning_effort: "low",
    service_tier: "auto",
    stop: ["q"],
    metadata: { a: "b" },
    modalities: ["text"],
    verbosity: "low"
  },
  responses: {
    model: "m",
    input: [
      {
        type: "message",
        role: "user",
        content: [
          { type: "input_text", text: "x" },
          { type: "input_image", image_url: `data:image/png;base64,${picture}`, detail: "low" }
        ]
      },
      { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "t" }], encrypted_content: "e" },
      { type: "function_call", call_id: "c", name: "f", arguments: "{}", status: "completed" },
      { type: "function_call_output", call_id: "c", output: "r" }
    ],
    tools: [{ type: "function", name: "f", parameters: schema }],
    tool_choice: "auto",
    text: { format: { type: "text" }, verbosity: "low" },
    reasoning: { effort: "low", summary: "auto" },
    include: ["reasoning.encrypted_content"],
    truncation: "auto",
    service_tier: "auto"
  },
  messages: {
    model: "m",
    max_tokens: 2000,
    system: [{ type: "text", text: "s", cache_control: { type: "ephemeral" } }],
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "x" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: picture } },
          { type: "document", source: { type: "text", media_type: "text/plain", data: "d" }, title: "t" }
        ]
      },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "t", signature: "s" },
          { type: "tool_use", id: "t1", name: "f", input: { a: 1 } }
        ]
      },
      {
        role: "user",
        content: [{ type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "r" }] }]
      }
    ],
    tools: [{ name: "f", input_schema: schema }],
    tool_choice: { type: "tool", name: "f" },
    output_config: { effort: "low", format: { type: "json_schema", schema } },
    thinking: { type: "adaptive" },
    service_tier: "auto",
    metadata: { user_id: "u" }
  },
  gemini: {
    contents: [
      { role: "user", parts: [{ text: "x" }, { inlineData: { mimeType: "image/png", data: picture } }] },
      { role: "model", parts: [{ functionCall: { name: "f", args: { a: 1 } } }] },
      { role: "user", parts: [{ functionResponse: { name: "f", response: { r: 1 } } }] }
    ],
    tools: [
      { functionDeclarations: [{ name: "f", parameters: { type: "OBJECT", properties: { a: { type: "STRING" } } } }] }
    ],
    toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } },
    generationConfig: {
      responseMimeType: "application/json",
      responseSchema: { type: "OBJECT", properties: { a: { type: "STRING" } } },
      thinkingConfig: { thinkingLevel: "low" },
      mediaResolution: "MEDIA_RESOLUTION_LOW"
    },
    safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
    labels: { a: "b" }
  }
}

/** The value with `name` as a further field of each of its objects in turn, and in the place of each of its words. */
function* changed(value: Json, name: string): Generator<Json> {
  if (typeof value === "string") yield name
  else if (Array.isArray(value)) {
    for (const [at, one] of value.entries())
      for (const inner of changed(one, name)) yield value.map((other, index) => (index === at ? inner : other))
  } else if (isJsonObject(value)) {
    // as a parser reads it: `__proto__` is a field like any other
    for (const word of ["low", { a: "b" }])
      yield parseJson(JSON.stringify(value).replace(/^\{/, `{"${name}":${JSON.stringify(word)},`)) ?? null
    for (const [key, one] of Object.entries(value))
      for (const inner of changed(one, name))
        yield Object.fromEntries(Object.entries(value).map(([other, old]) => [other, other === key ? inner : old]))
  }
}

describe("a name that every object has", () => {
  for (const from of wires)
    for (const to of wires)
      it(`is one like any other on the way from ${from} to ${to}, wherever it stands`, () => {
        const seen = { written: 0, refused: 0 }
        for (const name of names)
          for (const body of changed(bodies[from], name)) {
            const request = inbound[from].decodeRequest(body, {})
            if (Result.isFailure(request)) {
              assert.notInclude(request.failure.message, "native code")
              seen.refused++
              continue
            }
            const target = { model: "m", maxOutputTokens: 10, quirks: noQuirks }
            const encoded = outbound[to].encodeRequest(request.success, target)
            assert.notInclude(JSON.stringify(encoded), "native code")
            seen.written++
          }
        // refusals alone would show nothing
        assert.isAbove(seen.written, seen.refused)
      })

  for (const from of wires)
    it(`is told as dropped where nobody knows it (${from})`, () => {
      const others = wires.filter((to) => to !== from)
      for (const name of inherited) {
        const body = parseJson(JSON.stringify({ ...plain[from], x: 1 }).replace('"x"', `"${name}"`)) ?? null
        const request = Result.getOrThrow(inbound[from].decodeRequest(body, {}))
        for (const to of others) {
          const target = { model: "m", maxOutputTokens: 10, quirks: noQuirks }
          assert.include(Result.getOrThrow(outbound[to].encodeRequest(request, target)).dropped, name, to)
        }
      }
    })
})

const plain: { readonly [W in Wire]: JsonObject } = {
  chat: { model: "m", messages: [{ role: "user", content: "hi" }] },
  responses: { model: "m", input: "hi" },
  messages: { model: "m", max_tokens: 10, messages: [{ role: "user", content: "hi" }] },
  gemini: { contents: [{ role: "user", parts: [{ text: "hi" }] }] }
}
