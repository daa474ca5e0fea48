/** Custom tools between OpenAI's two wires, and the tools that `allowed_tools` leaves. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { isCustomCall } from "../../src/dialect/CustomTools.ts"
import { isJsonObject, type JsonObject } from "../../src/domain/Json.ts"
import { wholeAsFrames } from "../../src/provider/wholeAsFrames.ts"
import { decodeStream, plainRequest, streamText } from "./laws/laws.ts"
import { inbound, outbound, type Wire } from "./laws/wires.ts"

const target = { model: "m", maxOutputTokens: undefined, quirks: noQuirks }
const encoded = (from: Wire, to: Wire, body: JsonObject) =>
  outbound[to].encodeRequest(Result.getOrThrow(inbound[from].decodeRequest(body, {})), target)
const sent = (from: Wire, to: Wire, body: JsonObject): JsonObject => Result.getOrThrow(encoded(from, to, body)).body

const definition = 'start: "a"+'
const grammarInWords = `The input must match this grammar (lark):\n${definition}`
const inputSchema = {
  type: "object",
  properties: { input: { type: "string", description: "The input of the tool, as plain text" } },
  required: ["input"],
  additionalProperties: false
}
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
  for (const [from, body] of [
    ["chat", chat],
    ["responses", responses]
  ] as const) {
    it(`of ${from} are functions of one text to Anthropic, with their calls, results and choice`, () => {
      const { dropped, body: sent } = Result.getOrThrow(encoded(from, "messages", body))
      assert.deepStrictEqual(
        [sent["tools"], sent["tool_choice"], sent["messages"]],
        [
          [
            { name: "patch", description: "Patches", input_schema: inputSchema },
            { name: "speak", description: grammarInWords, input_schema: inputSchema }
          ],
          { type: "tool", name: "patch" },
          [
            { role: "user", content: [{ type: "text", text: "patch it" }] },
            { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "patch", input: { input: "{}" } }] },
            {
              role: "user",
              content: [{ type: "tool_result", tool_use_id: "c1", content: [{ type: "text", text: "done" }] }]
            }
          ]
        ]
      )
      assert.deepStrictEqual(dropped, ["format"])
    })
    it(`of ${from} are functions of one text to Gemini, with their calls, results and choice`, () => {
      const { dropped, body: sent } = Result.getOrThrow(encoded(from, "gemini", body))
      assert.deepStrictEqual(
        [sent["tools"], sent["toolConfig"], sent["contents"]],
        [
          [
            {
              functionDeclarations: [
                { name: "patch", description: "Patches", parametersJsonSchema: inputSchema },
                { name: "speak", description: grammarInWords, parametersJsonSchema: inputSchema }
              ]
            }
          ],
          { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["patch"] } },
          [
            { role: "user", parts: [{ text: "patch it" }] },
            { role: "model", parts: [{ functionCall: { id: "c1", name: "patch", args: { input: "{}" } } }] },
            { role: "user", parts: [{ functionResponse: { id: "c1", name: "patch", response: { result: "done" } } }] }
          ]
        ]
      )
      assert.deepStrictEqual(dropped, ["format"])
    })
    it(`of ${from} in the history alone are calls of a function`, () => {
      const { tool_choice: _, tools: __, ...rest } = body
      for (const to of ["messages", "gemini"] as const)
        assert.include(JSON.stringify(sent(from, to, rest)), '{"input":"{}"}')
    })
  }
  it("without a name are refused, as tools that another vendor runs", () => {
    const fault = encoded("responses", "messages", { ...responses, tools: [{ type: "custom" }], tool_choice: "auto" })
    assert.include(Result.getOrThrow(Result.flip(fault)).feature, "custom")
  })

  const called = '*** "a"\n\\ é😀'
  const vendors = {
    messages: {
      id: "msg_x",
      type: "message",
      role: "assistant",
      model: "m",
      content: [
        { type: "tool_use", id: "c1", name: "patch", input: { input: called } },
        { type: "tool_use", id: "c2", name: "plain", input: { input: "x" } }
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 }
    },
    gemini: {
      responseId: "x",
      modelVersion: "m",
      candidates: [
        {
          index: 0,
          content: {
            role: "model",
            parts: [
              { functionCall: { id: "c1", name: "patch", args: { input: called } }, thoughtSignature: "c2ln" },
              { functionCall: { id: "c2", name: "plain", args: { input: "x" } } }
            ]
          },
          finishReason: "STOP"
        }
      ]
    }
  } as const
  for (const from of ["messages", "gemini"] as const)
    for (const to of ["chat", "responses"] as const)
      it(`are called by ${from} and told over ${to} as what they are, whole and streamed`, () => {
        const request = Result.getOrThrow(inbound[to].decodeRequest(to === "chat" ? chat : responses, {}))
        const { wire: _, ...answer } = Result.getOrThrow(outbound[from].decodeResponse(vendors[from]))
        const whole = Result.getOrThrow(outbound[to].decodeResponse(inbound[to].encodeResponse(answer, request)))
        const written = streamText(inbound[from], wholeAsFrames(answer), plainRequest)
        const frames = Result.getOrThrow(decodeStream(outbound[from], written, []))
        const streamed = foldFrames(
          Result.getOrThrow(decodeStream(outbound[to], streamText(inbound[to], frames, request), []))
        )
        for (const { choices } of [whole, streamed])
          assert.deepStrictEqual(
            choices[0].content.flatMap((part) =>
              part._tag === "ToolCall" ? [[part.id, part.name, part.arguments, isCustomCall(part)]] : []
            ),
            [
              ["c1", "patch", called, true],
              ["c2", "plain", '{"input":"x"}', false]
            ]
          )
      })
  it("are called by a vendor of Chat Completions that has only functions, and told as what they are", () => {
    const call = {
      id: "c1",
      type: "function",
      function: { name: "patch", arguments: JSON.stringify({ input: called }) }
    }
    const body: JsonObject = {
      id: "x",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: null, reasoning_details: [{ a: 1 }], tool_calls: [call] },
          finish_reason: "tool_calls"
        }
      ]
    }
    const request = Result.getOrThrow(inbound.chat.decodeRequest(chat, {}))
    const answer = Result.getOrThrow(outbound.chat.decodeResponse(body))
    const told = inbound.chat.encodeResponse(answer, request)
    // and nothing else of what the vendor wrote is lost
    const custom = { id: "c1", type: "custom", custom: { name: "patch", input: called } }
    assert.deepStrictEqual(
      JSON.stringify(told["choices"]),
      JSON.stringify(body["choices"]).replace(JSON.stringify(call), JSON.stringify(custom))
    )
    const { wire: _, ...plain } = answer
    const written = streamText(inbound.chat, wholeAsFrames(plain), plainRequest)
    const frames = Result.getOrThrow(decodeStream(outbound.chat, written, [3, 1, 7]))
    for (const to of ["chat", "responses"] as const) {
      const asked = Result.getOrThrow(inbound[to].decodeRequest(to === "chat" ? chat : responses, {}))
      const text = streamText(inbound[to], frames, asked)
      const [part] = foldFrames(Result.getOrThrow(decodeStream(outbound[to], text, []))).choices[0].content
      if (part?._tag !== "ToolCall") return assert.fail(text)
      assert.deepStrictEqual([part.arguments, isCustomCall(part)], [called, true])
    }
  })
  it("bear the signature of Gemini's call over Chat Completions, and give it back", () => {
    const request = Result.getOrThrow(inbound.chat.decodeRequest(chat, {}))
    const answer = Result.getOrThrow(outbound.gemini.decodeResponse(vendors.gemini))
    const { choices } = inbound.chat.encodeResponse(answer, request)
    const message = Array.isArray(choices) && isJsonObject(choices[0]) ? choices[0]["message"] : undefined
    const body = sent("chat", "gemini", {
      ...chat,
      messages: [
        { role: "user", content: "a" },
        message ?? null,
        ...["c1", "c2"].map((id) => ({ role: "tool", tool_call_id: id, content: "r" }))
      ]
    })
    assert.include(JSON.stringify(body["contents"]), '"thoughtSignature":"c2ln"')
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
  it("name the functions that custom tools are to a vendor that has only functions", () => {
    const custom = { type: "custom", custom: { name: "patch" } }
    const body = {
      ...asked("auto"),
      tools: [named("two"), custom],
      tool_choice: { type: "allowed_tools", allowed_tools: { mode: "required", tools: [named("two"), custom] } }
    }
    const request = Result.getOrThrow(inbound.chat.decodeRequest(body, {}))
    const quirks = { ...noQuirks, customTools: false }
    const { body: sent } = Result.getOrThrow(outbound.chat.encodeRequest(request, { ...target, quirks }))
    assert.deepStrictEqual(sent["tool_choice"], {
      type: "allowed_tools",
      allowed_tools: { mode: "required", tools: [named("two"), named("patch")] }
    })
    assert.notInclude(JSON.stringify(sent), '"custom"')
  })
  it("go to the wire's own vendors as they came", () => {
    const body = asked("auto")
    assert.deepStrictEqual(sent("chat", "chat", body), body)
  })
})
