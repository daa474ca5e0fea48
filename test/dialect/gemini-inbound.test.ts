import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { geminiInbound, geminiOutbound } from "../../src/dialect/Gemini.ts"
import { fromVendorSchema } from "../../src/dialect/gemini/VendorSchema.ts"
import type { ChatEvent, Frame } from "../../src/domain/ChatEvent.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { ChatResponse } from "../../src/domain/ChatResponse.ts"
import { type GatewayError, gatewayError } from "../../src/domain/GatewayError.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { streamText } from "./laws/laws.ts"

const inbound = geminiInbound({ model: "openai/gpt-5.2", delivery: "whole" })
const hi = [{ role: "user", parts: [{ text: "hi" }] }]
const decode = (body: JsonObject): ChatRequest =>
  Result.getOrThrow(inbound.decodeRequest({ contents: hi, ...body }, {}))
const faultOf = (body: Json) => {
  const decoded = inbound.decodeRequest(body, {})
  return Result.isFailure(decoded) ? [decoded.failure.param, decoded.failure.message] : undefined
}
const target = { model: "gemini-3.5-flash", maxOutputTokens: undefined, quirks: noQuirks }

describe("a request from a caller of Gemini's wire", () => {
  it("has the model and the delivery of its path, whatever its body says of them", () => {
    const request = decode({ model: "models/other" })
    expect([request.model, request.delivery]).toEqual(["openai/gpt-5.2", "whole"])
    expect(request.wire?.body).toEqual({ contents: hi })
  })

  it("means the same in camelCase and in snake_case, with nulls and with lists of one written as that one", () => {
    const camel = decode({
      contents: [
        { role: "user", parts: [{ text: "look" }, { inlineData: { mimeType: "image/png", data: "AAEC" } }] },
        {
          role: "model",
          parts: [{ functionCall: { id: "c1", name: "f", args: { a_b: 1 } }, thoughtSignature: "c2ln" }]
        },
        { role: "user", parts: [{ functionResponse: { id: "c1", name: "f", response: { c_d: null } } }] }
      ],
      systemInstruction: { parts: [{ text: "be brief" }] },
      tools: [{ functionDeclarations: [{ name: "f", parametersJsonSchema: { type: "object" } }] }],
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } },
      generationConfig: { maxOutputTokens: 5, topP: 0.5, thinkingConfig: { thinkingBudget: 2048 } }
    })
    const snake = decode({
      contents: [
        { role: "user", parts: [{ text: "look" }, { inline_data: { mime_type: "image/png", data: "AAEC" } }] },
        {
          role: "model",
          parts: { function_call: { id: "c1", name: "f", args: { a_b: 1 } }, thought_signature: "c2ln", text: null }
        },
        { role: "user", parts: [{ function_response: { id: "c1", name: "f", response: { c_d: null } } }] }
      ],
      system_instruction: { parts: { text: "be brief" } },
      tools: { function_declarations: { name: "f", parameters_json_schema: { type: "object" } } },
      tool_config: { function_calling_config: { mode: "ANY", allowed_function_names: ["f"] } },
      generation_config: { max_output_tokens: 5, top_p: 0.5, thinking_config: { thinking_budget: 2048 }, seed: null }
    })
    const { wire: camelWire, ...camelMeaning } = camel
    const { wire: snakeWire, ...snakeMeaning } = snake
    expect(snakeMeaning).toEqual(camelMeaning)
    expect(camelMeaning.toolChoice).toEqual({ _tag: "Named", name: "f" })
    expect(camelMeaning.sampling).toEqual({ maxTokens: 5, topP: 0.5 })
    expect(camelMeaning.reasoning).toEqual({ budgetTokens: 2048 })
    expect(JSON.stringify(camelMeaning.messages)).toContain("a_b")
    expect(JSON.stringify(camelMeaning.messages)).toContain("c_d")
    // its own vendor gets it as it was written
    expect(camelWire?.body).not.toEqual(snakeWire?.body)
    expect(snakeWire?.body).toHaveProperty("generation_config.seed", null)
  })

  it("holds a turn of the model in one message, also where a chat remembers it piece by piece", () => {
    const model = (...parts: ReadonlyArray<JsonObject>) => ({ role: "model", parts })
    const { messages, wire } = decode({
      contents: [
        ...hi,
        model({ text: "I ", thought: true }),
        model({ text: "think", thought: true, thoughtSignature: "c2ln" }),
        model({ text: "Hel" }),
        model({ text: "lo" }, { functionCall: { id: "c1", name: "f", args: {} } }),
        model({ functionCall: { id: "c2", name: "f", args: {} } }, { text: "" }),
        ...hi,
        ...hi
      ]
    })
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "user", "user"])
    expect(messages[1]?.content.map((part) => ("text" in part ? part.text : part._tag))).toEqual([
      "I think",
      "Hello",
      "ToolCall",
      "ToolCall"
    ])
    expect(messages[1]?.content[0]).toMatchObject({ _tag: "Reasoning", signature: "c2ln" })
    expect(wire?.body["contents"]).toHaveLength(8)
  })

  it("gives calls without ids ids of their own, and their answers the same ones, in order", () => {
    const { messages } = decode({
      contents: [
        ...hi,
        {
          role: "model",
          parts: [
            { functionCall: { name: "f", args: { n: 1 } } },
            { functionCall: { name: "g" } },
            { functionCall: { name: "f", args: { n: 2 } } }
          ]
        },
        {
          role: "function",
          parts: [
            { functionResponse: { name: "f", response: { result: "one" } } },
            { functionResponse: { name: "f", response: { error: "two" } } },
            { functionResponse: { name: "g", response: { a: 1 } } }
          ]
        }
      ]
    })
    const ids = (messages[1]?.content ?? []).map((part) => (part._tag === "ToolCall" ? part.id : ""))
    expect(new Set(ids).size).toBe(3)
    expect(messages[2]).toEqual({
      role: "tool",
      content: [
        { _tag: "ToolResult", id: ids[0], name: "f", content: [{ _tag: "Text", text: "one" }] },
        { _tag: "ToolResult", id: ids[2], name: "f", content: [{ _tag: "Text", text: "two" }], isError: true },
        { _tag: "ToolResult", id: ids[1], name: "g", content: [{ _tag: "Text", text: '{"a":1}' }] }
      ]
    })
  })

  it("splits a turn that holds answers of functions and words", () => {
    const { messages } = decode({
      contents: [
        { role: "model", parts: [{ functionCall: { id: "a", name: "f" } }] },
        { role: "user", parts: [{ functionResponse: { id: "a", name: "f", response: {} } }, { text: "go on" }] }
      ]
    })
    expect(messages.map(({ role }) => role)).toEqual(["assistant", "tool", "user"])
  })

  it("has files by what they are, and what only Gemini reads as Gemini's own", () => {
    const file = (mimeType: string | undefined, fileUri: string) => ({
      fileData: { ...(mimeType === undefined ? {} : { mimeType }), fileUri }
    })
    const { messages } = decode({
      contents: [
        {
          parts: [
            file("image/png", "https://example.com/a"),
            file("application/pdf", "https://generativelanguage.googleapis.com/v1beta/files/x"),
            file("audio/wav", "gs://bucket/a.wav"),
            file(undefined, "https://www.youtube.com/watch?v=1"),
            { inlineData: { mimeType: "video/mp4", data: "AAEC" } },
            { inlineData: { mimeType: "text/csv", data: "YQ==" } },
            { executableCode: { language: "PYTHON", code: "1" } }
          ]
        }
      ]
    })
    expect(
      messages[0]?.content.map((part) => ("source" in part ? `${part._tag} ${part.source._tag}` : part._tag))
    ).toEqual(["Image Url", "Document FileId", "Audio FileId", "Opaque", "Opaque", "Document Base64", "Opaque"])
  })

  it("has the vendor's schemas as JSON Schema", () => {
    expect(
      fromVendorSchema({
        type: "OBJECT",
        properties: {
          b: { type: "STRING", nullable: true, enum: ["x"], maxLength: "5" },
          a: { type: "ARRAY", items: { type: "INTEGER", format: "int32" }, minItems: "1", example: [1] },
          c: { anyOf: [{ type: "NUMBER" }, { type: "TYPE_UNSPECIFIED" }], nullable: true }
        },
        propertyOrdering: ["a", "b"],
        required: ["a"]
      })
    ).toEqual({
      type: "object",
      properties: {
        a: { type: "array", items: { type: "integer", format: "int32" }, minItems: 1, examples: [[1]] },
        b: { type: ["string", "null"], enum: ["x", null], maxLength: 5 },
        c: { anyOf: [{ type: "number" }, {}, { type: "null" }] }
      },
      required: ["a"]
    })
    const ordered = fromVendorSchema({ properties: { b: {}, a: {} }, propertyOrdering: ["a", "b"] })["properties"]
    expect(isJsonObject(ordered) ? Object.keys(ordered) : []).toEqual(["a", "b"])
  })

  it("has functions in either dialect of schemas, hosted tools, and only those tools that may be called", () => {
    const declared = (name: string) => ({ name, parameters: { type: "OBJECT" }, behavior: "BLOCKING" })
    const tools = [{ functionDeclarations: ["f", "g", "h"].map(declared) }, { googleSearch: {} }]
    const named = (mode: string, ...allowedFunctionNames: ReadonlyArray<string>) =>
      decode({ tools, toolConfig: { functionCallingConfig: { mode, allowedFunctionNames } } })
    expect(decode({ tools }).tools).toEqual([
      ...["f", "g", "h"].map((name) => ({
        _tag: "Function",
        name,
        parameters: { type: "object" },
        extensions: { gemini: { behavior: "BLOCKING" } }
      })),
      { _tag: "Hosted", dialect: "gemini", definition: { googleSearch: {} } }
    ])
    expect(named("ANY").toolChoice).toEqual({ _tag: "Required" })
    expect(named("any", "f").toolChoice).toEqual({ _tag: "Named", name: "f" })
    const several = named("ANY", "f", "h")
    expect(several.toolChoice).toEqual({ _tag: "Required" })
    expect(several.tools.map((tool) => (tool._tag === "Function" ? tool.name : "hosted"))).toEqual(["f", "h", "hosted"])
    const validated = named("VALIDATED")
    expect(validated.toolChoice).toBeUndefined()
    expect(validated.extensions).toHaveProperty("gemini.toolConfig.functionCallingConfig.mode", "VALIDATED")
  })

  it("asks for thought by budget, level or wish", () => {
    const reasoning = (thinkingConfig: JsonObject) => decode({ generationConfig: { thinkingConfig } }).reasoning
    expect(reasoning({ thinkingBudget: 0 })).toEqual({ disabled: true })
    expect(reasoning({ thinkingBudget: -1 })).toEqual({ adaptive: true })
    expect(reasoning({ includeThoughts: true })).toEqual({ adaptive: true })
    expect(reasoning({ thinkingLevel: "low", includeThoughts: true })).toEqual({ effort: "low" })
    expect(reasoning({ thinkingLevel: "HIGH" })).toEqual({ effort: "high" })
    expect(reasoning({ includeThoughts: false })).toBeUndefined()
  })

  it("keeps what has no word elsewhere for its own vendor, even after a stage has edited it", () => {
    const { wire: _, ...edited } = decode({
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
      labels: { team: "a" },
      toolConfig: { retrievalConfig: { languageCode: "cs" } },
      generationConfig: { temperature: 1, topK: 2.5, responseModalities: ["TEXT"], thinkingConfig: { extra: 1 } }
    })
    const { body } = Result.getOrThrow(geminiOutbound.encodeRequest(edited, target))
    expect(body).toMatchObject({
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
      labels: { team: "a" },
      toolConfig: { retrievalConfig: { languageCode: "cs" } },
      generationConfig: { temperature: 1, topK: 2.5, responseModalities: ["TEXT"] }
    })
  })

  it("takes fallbacks for Switchyard's own and does not send them on", () => {
    const request = decode({ fallbacks: ["a", "openai/gpt-5.2"], models: ["b", "a"] })
    expect(request.fallbacks).toEqual(["a", "b"])
    expect(request.wire?.body).toEqual({ contents: hi })
  })

  it("is refused with the path of what is wrong", () => {
    expect(faultOf({})).toEqual(["contents", "Missing required parameter: 'contents'"])
    expect(faultOf({ contents: [] })?.[0]).toBe("contents")
    expect(faultOf({ contents: "hi" })?.[0]).toBe("contents")
    expect(faultOf({ contents: [{ role: "assistant", parts: [{ text: "a" }] }] })?.[1]).toContain("'model'")
    expect(faultOf({ contents: [{ parts: [{ text: 5 }] }] })?.[0]).toBe("contents.0.parts.0.text")
    expect(faultOf({ contents: [{ parts: [{ inline_data: { mime_type: "image/png" } }] }] })?.[0]).toBe(
      "contents.0.parts.0.inlineData.data"
    )
    expect(faultOf({ contents: hi, generationConfig: { temperature: "hot" } })?.[0]).toBe(
      "generationConfig.temperature"
    )
    expect(faultOf({ contents: hi, tools: [{ functionDeclarations: [{}] }] })?.[0]).toBe(
      "tools.0.functionDeclarations.0.name"
    )
    expect(faultOf([])?.[1]).toContain("expected an object")
  })
})

const events = (...all: ReadonlyArray<ChatEvent>): ReadonlyArray<Frame> =>
  all.map((event) => ({ events: [event], wire: undefined }))
const started: ChatEvent = { _tag: "Started", id: "a1", model: "gpt" }
const call = (index: number, id: string): ChatEvent => ({
  _tag: "ToolCallStarted",
  choice: 0,
  index,
  id,
  name: `f${index}`
})
const args = (index: number, text: string): ChatEvent => ({ _tag: "ToolCallDelta", choice: 0, index, arguments: text })
const finished = (reason: "stop" | "length" | "tool_calls"): ChatEvent => ({ _tag: "Finished", choice: 0, reason })
const ended: ChatEvent = { _tag: "Ended" }

const sseChunks = (frames: ReadonlyArray<Frame>): ReadonlyArray<Json> =>
  streamText(inbound, frames)
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => parseJson(event.replace(/^data: /, "")) ?? event)
const partsIn = (chunks: ReadonlyArray<Json>): ReadonlyArray<Json> =>
  chunks.flatMap((chunk) => {
    const candidates = isJsonObject(chunk) ? chunk["candidates"] : undefined
    const first: Json = Array.isArray(candidates) ? candidates[0] : null
    const content = isJsonObject(first) ? first["content"] : undefined
    return isJsonObject(content) && Array.isArray(content["parts"]) ? content["parts"] : []
  })

describe("an answer to a caller of Gemini's wire", () => {
  it("has calls whole and in order, however their pieces were mixed", () => {
    const chunks = sseChunks(
      events(
        started,
        call(0, "x"),
        call(1, "y"),
        args(1, "{}"),
        args(0, '{"a":'),
        args(0, "1}"),
        finished("tool_calls"),
        ended
      )
    )
    expect(partsIn(chunks)).toEqual([
      { functionCall: { id: "x", name: "f0", args: { a: 1 } } },
      { functionCall: { id: "y", name: "f1", args: {} } },
      { text: "" }
    ])
    expect(chunks.at(-1)).toMatchObject({
      candidates: [{ finishReason: "STOP" }],
      responseId: "a1",
      modelVersion: "gpt"
    })
  })

  it("ends as the vendor's own do where a call cannot be written, unless its length cut it off", () => {
    const broken = (reason: "tool_calls" | "length") =>
      sseChunks(events(started, call(0, "x"), args(0, '{"a":'), finished(reason), ended))
    expect(broken("tool_calls").at(-1)).toMatchObject({ candidates: [{ finishReason: "MALFORMED_FUNCTION_CALL" }] })
    expect(broken("length")).toHaveLength(1)
    expect(broken("length").at(-1)).toMatchObject({ candidates: [{ finishReason: "MAX_TOKENS" }] })
    const whole: ChatResponse = {
      id: "a1",
      model: "gpt",
      choices: [
        {
          index: 0,
          content: [{ _tag: "ToolCall", id: "x", name: "f", arguments: "[1]" }],
          finishReason: "tool_calls"
        }
      ]
    }
    expect(inbound.encodeResponse(whole)).toMatchObject({
      candidates: [{ content: { parts: [] }, finishReason: "MALFORMED_FUNCTION_CALL" }]
    })
  })

  it("tells a whole refusal under a reason that says so, whatever reason its vendor gave", () => {
    const refused: ChatResponse = {
      id: "a1",
      model: "gpt",
      choices: [{ index: 0, content: [{ _tag: "Refusal", text: "no" }], finishReason: "stop" }]
    }
    expect(inbound.encodeResponse(refused)).toMatchObject({
      candidates: [{ content: { parts: [{ text: "no" }] }, finishReason: "SAFETY" }]
    })
  })

  it("says no reason to finish before the end was seen", () => {
    const text = streamText(inbound, events(started, { _tag: "TextDelta", choice: 0, text: "hi" }, finished("stop")))
    expect(text).not.toContain("finishReason")
  })

  it("has another vendor's thoughts, their signatures in envelopes", () => {
    const thought: ChatEvent = { _tag: "ReasoningDelta", choice: 0, text: "hm", signature: "c2ln" }
    const foreign: Frame = {
      events: [started, thought],
      wire: { dialect: "anthropic-messages", event: "x", data: "{}" }
    }
    const [shown] = partsIn(sseChunks([foreign]))
    expect(shown).toMatchObject({ text: "hm", thought: true })
    const signature = isJsonObject(shown) ? shown["thoughtSignature"] : undefined
    const envelope = Buffer.from(String(signature), "base64").toString()
    expect(envelope).toMatch(/^switchyard\.anthropic-messages\.s\.\w+\.c2ln$/)
    expect(partsIn(sseChunks(events(started, thought)))).toEqual([
      { text: "hm", thought: true, thoughtSignature: "c2ln" }
    ])
  })

  it("tells a refusal as words under a reason that says so, and who goes on in no comment", () => {
    // OpenAI ends a refusal as it ends everything
    for (const reason of ["refusal", "stop"] as const) {
      const chunks = sseChunks(
        events(
          started,
          { _tag: "RefusalDelta", choice: 0, text: "no" },
          {
            _tag: "Resumed",
            provider: "b",
            model: "m",
            after: { provider: "a", model: "m", reason: "Network" },
            by: "turn"
          },
          { _tag: "Finished", choice: 0, reason },
          ended
        )
      )
      expect(partsIn(chunks)[0]).toEqual({ text: "no" })
      expect(chunks).toHaveLength(2)
      expect(chunks[1]).toMatchObject({ candidates: [{ finishReason: "SAFETY" }] })
    }
  })

  it("goes on after a frame of its own wire in words of its own", () => {
    const own: Frame = {
      events: [started, { _tag: "TextDelta", choice: 0, text: "a" }],
      wire: {
        dialect: "gemini",
        event: undefined,
        data: '{"candidates":[{"content":{"parts":[{"text":"a"}]}}],\n"x":1}'
      }
    }
    const text = streamText(inbound, [
      own,
      ...events({ _tag: "TextDelta", choice: 0, text: "b" }, finished("stop"), ended)
    ])
    expect(text.split("\n\n")).toHaveLength(4)
    expect(text).toMatch(/^data: \{"candidates":\[\{"content":\{"parts":\[\{"text":"a"\}\]\}\}\], "x":1\}\n\n/)
    expect(text).toContain('"responseId":"a1"')
  })
})

describe("an error to a caller of Gemini's wire", () => {
  const told = (error: GatewayError) => inbound.encodeError(error, "req_1")
  const limited = gatewayError({
    _tag: "AllFailed",
    provider: "p",
    model: "m",
    first: { _tag: "RateLimited", message: "slow down", retryAfterMillis: 1500 }
  })

  it("has Google's words, and says when to come back", () => {
    expect(told(limited)).toMatchObject({
      status: 429,
      body: {
        error: {
          code: 429,
          status: "RESOURCE_EXHAUSTED",
          details: [
            { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "RATE_LIMITED" },
            { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "2s" },
            { "@type": "type.googleapis.com/google.rpc.RequestInfo", requestId: "req_1" }
          ]
        }
      }
    })
  })

  it("names the field at fault", () => {
    expect(told(gatewayError({ _tag: "BadRequest", message: "wrong", param: "contents.0" })).body).toMatchObject({
      error: { status: "INVALID_ARGUMENT", details: [{}, { fieldViolations: [{ field: "contents.0" }] }, {}] }
    })
  })

  it("inside a stream bears the code that the SDK throws on, though the vendor's own had none", () => {
    const cut = (error: JsonObject) =>
      inbound.streamEncoder(decode({})).error(
        gatewayError({
          _tag: "CutShort",
          provider: "p",
          model: "m",
          reason: { _tag: "ServerError", message: "broke" },
          wire: { dialect: "gemini", body: { error } }
        })
      )
    expect(cut({ code: 500, message: "theirs", status: "INTERNAL" })).toContain("theirs")
    expect(cut({ message: "theirs" })).toMatch(/^data: \{"error":\{"code":502,.*broke/)
  })

  it("leaves the array of a stream open", () => {
    const encoder = geminiInbound({ model: "m", delivery: "live", framing: "array" }).streamEncoder(decode({}))
    const text = encoder.frame({ events: [started, { _tag: "TextDelta", choice: 0, text: "a" }], wire: undefined })
    const all = text + encoder.error(limited) + encoder.frame({ events: [ended], wire: undefined })
    expect(parseJson(all)).toBeUndefined()
    expect(parseJson(`${all}]`)).toMatchObject([{ candidates: [{}] }, { error: { code: 429 } }])
  })
})
