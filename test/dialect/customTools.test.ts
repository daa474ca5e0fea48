/** Custom tools between OpenAI's two wires, and the tools that `allowed_tools` leaves. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { wholeAsFrames } from "../../src/provider/wholeAsFrames.ts"
import { decodeStream, plainRequest, streamText } from "./laws/laws.ts"
import { inbound, outbound, type Wire } from "./laws/wires.ts"

const target = { model: "m", maxOutputTokens: undefined, quirks: noQuirks }
const encoded = (from: Wire, to: Wire, body: JsonObject) =>
  outbound[to].encodeRequest(Result.getOrThrow(inbound[from].decodeRequest(body, {})), target)
const sent = (from: Wire, to: Wire, body: JsonObject): JsonObject => Result.getOrThrow(encoded(from, to, body)).body

const definition = 'start: "a"+'
const chat: JsonObject = {
  model: "m",
  messages: [
    { role: "user", content: "patch it" },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c1", type: "custom", custom: { name: "patch", input: "{}" } }]
    },
    { role: "tool", tool_call_id: "c1", content: "done" }
  ],
  tools: [
    { type: "custom", custom: { name: "patch", description: "Patches", format: { type: "text" } } },
    {
      type: "custom",
      custom: { name: "speak", format: { type: "grammar", grammar: { syntax: "lark", definition } } }
    }
  ],
  tool_choice: { type: "custom", custom: { name: "patch" } }
}
const responses: JsonObject = {
  model: "m",
  input: [
    { role: "user", content: "patch it" },
    { type: "custom_tool_call", call_id: "c1", name: "patch", input: "{}" },
    { type: "custom_tool_call_output", call_id: "c1", output: "done" }
  ],
  tools: [
    { type: "custom", name: "patch", description: "Patches", format: { type: "text" } },
    { type: "custom", name: "speak", format: { type: "grammar", syntax: "lark", definition } }
  ],
  tool_choice: { type: "custom", name: "patch" }
}

describe("custom tools", () => {
  it("are the same over both of OpenAI's wires, with their calls, results, grammars and choice", () => {
    const { input, tool_choice: choice, tools } = sent("chat", "responses", chat)
    assert.deepStrictEqual(
      { model: "m", input: input ?? null, tools: tools ?? null, tool_choice: choice ?? null },
      responses
    )
    const back = sent("responses", "chat", responses)
    assert.deepStrictEqual(
      {
        model: "m",
        messages: back["messages"] ?? null,
        tools: back["tools"] ?? null,
        tool_choice: back["tool_choice"] ?? null
      },
      chat
    )
  })
  it("and calls of them are refused by name where no other wire has any, the tools there or not", () => {
    for (const [from, body] of [
      ["chat", chat],
      ["responses", responses]
    ] as const)
      for (const to of ["messages", "gemini"] as const)
        for (const tools of [true, false]) {
          const { tool_choice: _, tools: listed, ...rest } = body
          const fault = encoded(from, to, tools && listed !== undefined ? { ...rest, tools: listed } : rest)
          if (Result.isSuccess(fault)) return assert.fail(`${from} to ${to}`)
          assert.include(fault.failure.feature, "custom tool calls")
        }
  })

  const answers = {
    chat: {
      id: "x",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: null,
            tool_calls: [{ id: "c1", type: "custom", custom: { name: "patch", input: "*** a" } }]
          },
          finish_reason: "tool_calls"
        }
      ]
    },
    responses: {
      id: "resp_x",
      object: "response",
      created_at: 1,
      model: "m",
      status: "completed",
      output: [
        { type: "custom_tool_call", id: "ctc_1", status: "completed", call_id: "c1", name: "patch", input: "*** a" }
      ]
    }
  } as const
  for (const [from, to] of [
    ["chat", "responses"],
    ["responses", "chat"],
    ["chat", "chat"],
    ["responses", "responses"]
  ] as const)
    it(`are called over ${from} and over ${to} alike, whole and streamed`, () => {
      const { wire: _, ...answer } = Result.getOrThrow(outbound[from].decodeResponse(answers[from]))
      const whole = JSON.stringify(inbound[to].encodeResponse(answer))
      assert.match(whole, to === "chat" ? /"type":"custom"/ : /"type":"custom_tool_call"/)
      assert.include(whole, '"input":"*** a"')
      // a stream over `from` is written from the answer, and goes on over `to`
      const written = streamText(inbound[from], wholeAsFrames(answer), plainRequest)
      const frames = Result.getOrThrow(decodeStream(outbound[from], written, []))
      const text = streamText(
        inbound[to],
        frames.map((frame) => ({ ...frame, wire: undefined })),
        plainRequest
      )
      if (to === "responses")
        for (const type of ["delta", "done"]) assert.include(text, `event: response.custom_tool_call_input.${type}`)
      const { wire: __, ...read } = foldFrames(Result.getOrThrow(decodeStream(outbound[to], text, [])))
      assert.deepStrictEqual(
        read.choices[0].content.map((part) => (part._tag === "ToolCall" ? { ...part, extensions: undefined } : part)),
        answer.choices[0].content.map((part) => (part._tag === "ToolCall" ? { ...part, extensions: undefined } : part))
      )
      assert.match(JSON.stringify(inbound[to].encodeResponse(read)), to === "chat" ? /"custom"/ : /"custom_tool_call"/)
    })
})

describe("allowed_tools of Chat Completions", () => {
  const named = (name: string): JsonObject => ({ type: "function", function: { name } })
  const asked = (mode: string): JsonObject => ({
    model: "m",
    messages: [{ role: "user", content: "go" }],
    tools: ["one", "two"].map(named),
    tool_choice: { type: "allowed_tools", allowed_tools: { mode, tools: [named("two")] } }
  })
  it("leave those tools alone to other wires, to be called or to choose from", () => {
    for (const [mode, chosen] of [
      ["auto", ['"auto"', '{"type":"auto"}', '{"functionCallingConfig":{"mode":"AUTO"}}']],
      ["required", ['"required"', '{"type":"any"}', '{"functionCallingConfig":{"mode":"ANY"}}']]
    ] as const)
      for (const [index, [to, field]] of (
        [
          ["responses", "tool_choice"],
          ["messages", "tool_choice"],
          ["gemini", "toolConfig"]
        ] as const
      ).entries()) {
        const body = sent("chat", to, asked(mode))
        assert.strictEqual(JSON.stringify(body[field]), chosen[index], to)
        const tools = JSON.stringify(body["tools"])
        assert.include(tools, '"name":"two"')
        assert.notInclude(tools, '"name":"one"')
      }
  })
  it("go to the wire's own vendors as they came", () => {
    const body = asked("auto")
    assert.deepStrictEqual(sent("chat", "chat", body), body)
  })
})
