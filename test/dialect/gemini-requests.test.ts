import {
  type Content,
  FunctionCallingConfigMode,
  type GenerationConfig,
  GoogleGenAI,
  ThinkingLevel,
  type Tool,
  type ToolConfig
} from "@google/genai"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { noQuirks, type Quirks } from "../../src/dialect/Dialect.ts"
import { unsignedCall } from "../../src/dialect/gemini/Models.ts"
import { geminiOutbound } from "../../src/dialect/Gemini.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import type { Message, Part, TextPart } from "../../src/domain/Message.ts"

/** A body in the SDK's own types: what the tests expect is checked against them by the compiler. */
interface Body {
  readonly contents: Array<Content>
  readonly systemInstruction?: Content
  readonly tools?: Array<Tool>
  readonly toolConfig?: ToolConfig
  readonly generationConfig?: GenerationConfig
}

const text = (value: string): TextPart => ({ _tag: "Text", text: value })
const user = (...content: ReadonlyArray<Part>): Message => ({ role: "user", content })
const assistant = (...content: ReadonlyArray<Part>): Message => ({ role: "assistant", content })
const toolResult = (...content: ReadonlyArray<Part>): Message => ({ role: "tool", content })

const request = (over: Partial<ChatRequest>): ChatRequest => ({
  model: "gemini-2.5-flash",
  delivery: "whole",
  messages: [user(text("hi"))],
  tools: [],
  sampling: {},
  usageWanted: true,
  fallbacks: [],
  ...over
})

const encode = (over: Partial<ChatRequest>, quirks: Partial<Quirks> = {}, maxOutputTokens?: number) => {
  const asked = request(over)
  return geminiOutbound.encodeRequest(asked, {
    model: asked.model,
    maxOutputTokens,
    quirks: { ...noQuirks, ...quirks }
  })
}
const bodyOf = (over: Partial<ChatRequest>): JsonObject => Result.getOrThrow(encode(over)).body
const contentsOf = (over: Partial<ChatRequest>) => bodyOf(over)["contents"]
const configOf = (over: Partial<ChatRequest>) => bodyOf(over)["generationConfig"]
const droppedOf = (over: Partial<ChatRequest>) => Result.getOrThrow(encode(over)).dropped
const featureOf = (over: Partial<ChatRequest>) => {
  const encoded = encode(over)
  return Result.isFailure(encoded) ? encoded.failure.feature : undefined
}

const weather = {
  _tag: "Function",
  name: "weather",
  description: "The weather of a city",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] }
} as const
const call = (id: string, args = '{"city":"Brno"}'): Part => ({
  _tag: "ToolCall",
  id,
  name: "weather",
  arguments: args
})
const result = (id: string, ...content: ReadonlyArray<{ readonly _tag: "Text"; readonly text: string }>): Part => ({
  _tag: "ToolResult",
  id,
  content
})

const everything: ChatRequest = request({
  model: "gemini-3-flash-preview",
  messages: [
    { role: "system", content: [text("Be brief.")] },
    { role: "developer", content: [text("Speak Czech.")] },
    user(text("What is it like in Brno?"), {
      _tag: "Image",
      source: { _tag: "Base64", mediaType: "image/png", data: "aGVsbG8=" }
    }),
    assistant(text("Let me look."), call("a"), call("b")),
    toolResult(result("a", { _tag: "Text", text: '{"sky":"clear"}' })),
    toolResult(result("b", { _tag: "Text", text: "no data" })),
    user(text("And tomorrow?"))
  ],
  tools: [weather],
  toolChoice: { _tag: "Named", name: "weather" },
  responseFormat: {
    _tag: "JsonSchema",
    name: "answer",
    schema: { type: "object", properties: { a: { const: "x" } }, $schema: "http://json-schema.org/draft-07/schema#" }
  },
  sampling: { maxTokens: 100, temperature: 0.5, topP: 0.9, topK: 40, stop: ["END"], seed: 7, n: 2 },
  reasoning: { effort: "low" }
})

const everythingOnTheWire: Body = {
  systemInstruction: { parts: [{ text: "Be brief." }, { text: "Speak Czech." }] },
  contents: [
    {
      role: "user",
      parts: [{ text: "What is it like in Brno?" }, { inlineData: { mimeType: "image/png", data: "aGVsbG8=" } }]
    },
    {
      role: "model",
      parts: [
        { text: "Let me look." },
        { functionCall: { id: "a", name: "weather", args: { city: "Brno" } }, thoughtSignature: unsignedCall },
        { functionCall: { id: "b", name: "weather", args: { city: "Brno" } } }
      ]
    },
    {
      role: "user",
      parts: [
        { functionResponse: { id: "a", name: "weather", response: { sky: "clear" } } },
        { functionResponse: { id: "b", name: "weather", response: { result: "no data" } } }
      ]
    },
    { role: "user", parts: [{ text: "And tomorrow?" }] }
  ],
  tools: [
    {
      functionDeclarations: [
        {
          name: "weather",
          description: "The weather of a city",
          parametersJsonSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] }
        }
      ]
    }
  ],
  toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["weather"] } },
  generationConfig: {
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    seed: 7,
    candidateCount: 2,
    maxOutputTokens: 100,
    stopSequences: ["END"],
    responseMimeType: "application/json",
    responseJsonSchema: { type: "object", properties: { a: { type: "string", enum: ["x"] } } },
    thinkingConfig: { includeThoughts: true, thinkingLevel: ThinkingLevel.LOW }
  }
}

describe("a request to Gemini", () => {
  it("says everything in the words of the SDK's own types", () => {
    expect(bodyOf(everything)).toEqual(everythingOnTheWire)
  })

  it("is the body that the SDK itself sends for the same content", async () => {
    const { contents, systemInstruction, tools, toolConfig, generationConfig } = everythingOnTheWire
    let sent: unknown
    const client = new GoogleGenAI({
      apiKey: "test-key",
      httpOptions: {
        fetch: (_input, init) => {
          sent = JSON.parse(String(init?.body))
          return Promise.resolve(Response.json({ candidates: [{ content: {}, finishReason: "STOP" }] }))
        }
      }
    })
    await client.models.generateContent({
      model: everything.model,
      contents,
      config: {
        ...generationConfig,
        ...(systemInstruction === undefined ? {} : { systemInstruction }),
        ...(tools === undefined ? {} : { tools }),
        ...(toolConfig === undefined ? {} : { toolConfig })
      } as NonNullable<Parameters<typeof client.models.generateContent>[0]["config"]> // its optional keys differ only in `undefined`
    })
    expect(bodyOf(everything)).toEqual(sent)
  })

  it("that came in on this wire is sent as it was written", () => {
    const body = { contents: [{ parts: [{ text: "hi" }] }], safetySettings: [], cachedContent: "cachedContents/1" }
    const encoded = encode({ wire: { dialect: "gemini", body, headers: { "x-goog-user-project": "p" } } })
    expect(Result.getOrThrow(encoded)).toEqual({ body, headers: { "x-goog-user-project": "p" }, dropped: [] })
  })

  it("leaves out what the vendor refuses, at the top and in the generation config, and says so", () => {
    const body = { contents: [], labels: { a: "b" }, generationConfig: { topK: 3, topP: 0.5 } }
    const encoded = encode({ wire: { dialect: "gemini", body, headers: {} } }, { refuses: ["labels", "topK", "seed"] })
    expect(Result.getOrThrow(encoded)).toEqual({
      body: { contents: [], generationConfig: { topP: 0.5 } },
      headers: {},
      dropped: ["labels", "topK"]
    })
    expect(Result.getOrThrow(encode({ sampling: { topK: 3 } }, { refuses: ["topK"] })).dropped).toEqual(["topK"])
  })

  it("keeps the fields only this wire knows after a stage has edited it", () => {
    const encoded = encode({
      sampling: { temperature: 1 },
      extensions: {
        gemini: { safetySettings: [], generationConfig: { temperature: 0, mediaResolution: "MEDIA_RESOLUTION_LOW" } },
        "gemini.headers": { "x-goog-user-project": "p" },
        "openai-chat": { store: true }
      }
    })
    expect(Result.getOrThrow(encoded)).toEqual({
      body: {
        safetySettings: [],
        contents: [{ role: "user", parts: [{ text: "hi" }] }],
        generationConfig: { temperature: 1, mediaResolution: "MEDIA_RESOLUTION_LOW" }
      },
      headers: { "x-goog-user-project": "p" },
      dropped: ["store"]
    })
  })
})

describe("messages to Gemini", () => {
  it("of one role that follow each other are one turn, and empty ones are none", () => {
    const messages = [user(text("a")), user(text("b"), text("")), assistant(text("")), assistant(text("c"))]
    expect(contentsOf({ messages })).toEqual([
      { role: "user", parts: [{ text: "a" }, { text: "b" }] },
      { role: "model", parts: [{ text: "c" }] }
    ])
  })

  it("keep a system prompt in the middle where it stands, tagged, in the user's turn", () => {
    const messages: ReadonlyArray<Message> = [
      user(text("a")),
      assistant(text("b")),
      { role: "system", content: [text("c")] },
      user(text("d"))
    ]
    expect(bodyOf({ messages })).toEqual({
      contents: [
        { role: "user", parts: [{ text: "a" }] },
        { role: "model", parts: [{ text: "b" }] },
        { role: "user", parts: [{ text: "<system>\nc\n</system>" }, { text: "d" }] }
      ]
    })
  })

  it("that are nothing but a system prompt are the user's", () => {
    expect(bodyOf({ messages: [{ role: "system", content: [text("a")] }] })).toEqual({
      contents: [{ role: "user", parts: [{ text: "a" }] }]
    })
  })

  it("carry media inline, by URL where the media type is known, and by file of the vendor's own", () => {
    const png = { _tag: "Base64", mediaType: "image/png", data: "AAEC" } as const
    const messages = [
      user(
        { _tag: "Image", source: png, extensions: { gemini: { mediaResolution: { level: "MEDIA_RESOLUTION_HIGH" } } } },
        { _tag: "Audio", source: { _tag: "Base64", mediaType: "audio/wav", data: "AAEC" } },
        { _tag: "Document", source: { _tag: "Base64", mediaType: "application/pdf", data: "AAEC" }, name: "a.pdf" },
        { _tag: "Document", source: { _tag: "PlainText", text: "plain" } },
        { _tag: "Image", source: { _tag: "Url", url: "https://example.com/a.JPG?b=c.gif" } },
        { _tag: "Image", source: { _tag: "Url", url: "https://example.com/a", mediaType: "image/webp" } },
        { _tag: "Image", source: { _tag: "FileId", id: "files/abc" } },
        { _tag: "Document", source: { _tag: "FileId", id: "gs://bucket/a.pdf" } }
      )
    ]
    expect(contentsOf({ messages })).toEqual([
      {
        role: "user",
        parts: [
          {
            inlineData: { mimeType: "image/png", data: "AAEC" },
            mediaResolution: { level: "MEDIA_RESOLUTION_HIGH" }
          },
          { inlineData: { mimeType: "audio/wav", data: "AAEC" } },
          { inlineData: { mimeType: "application/pdf", data: "AAEC" } },
          { text: "plain" },
          { fileData: { mimeType: "image/jpeg", fileUri: "https://example.com/a.JPG?b=c.gif" } },
          { fileData: { mimeType: "image/webp", fileUri: "https://example.com/a" } },
          { fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc" } },
          { fileData: { mimeType: "application/pdf", fileUri: "gs://bucket/a.pdf" } }
        ]
      }
    ])
  })

  it("cannot be all without content", () => {
    expect(featureOf({ messages: [user(text(""))] })).toBe("empty messages")
  })

  it("cannot carry a URL of unknown kind, another vendor's file or another vendor's block", () => {
    const image = (source: Extract<Part, { _tag: "Image" }>["source"]) =>
      featureOf({ messages: [user({ _tag: "Image", source })] })
    expect(image({ _tag: "Url", url: "https://example.com/a" })).toBe("images by URL")
    expect(image({ _tag: "Url", url: "https://example.com/a.constructor" })).toBe("images by URL")
    expect(image({ _tag: "FileId", id: "file-abc" })).toBe("uploaded files")
    const block: Part = { _tag: "Opaque", dialect: "anthropic-messages", block: { type: "server_tool_use" } }
    expect(featureOf({ messages: [user(text("a")), assistant(block)] })).toBe("server_tool_use")
  })

  it("send this wire's own blocks and thoughts back, and leave out the thoughts of others", () => {
    const block = { executableCode: { code: "1", language: "PYTHON" } }
    const messages = [
      user(text("a")),
      assistant(
        { _tag: "Reasoning", text: "other", signature: "s", origin: "anthropic-messages" },
        { _tag: "Reasoning", text: "own", origin: "gemini" },
        { _tag: "Opaque", dialect: "gemini", block },
        { ...text("b"), extensions: { gemini: { thoughtSignature: "t" } } },
        { _tag: "Reasoning", text: "", signature: "u", origin: "gemini" },
        { _tag: "Refusal", text: "no" }
      )
    ]
    expect(contentsOf({ messages })).toEqual([
      { role: "user", parts: [{ text: "a" }] },
      {
        role: "model",
        parts: [
          { text: "own", thought: true },
          block,
          { text: "b", thoughtSignature: "t" },
          { text: "", thoughtSignature: "u" },
          { text: "no" }
        ]
      }
    ])
  })
})

describe("function calls to Gemini", () => {
  const turns = (calls: ReadonlyArray<Part>, results: ReadonlyArray<Part> = []): ReadonlyArray<Message> => [
    user(text("a")),
    assistant(...calls),
    ...(results.length === 0 ? [] : [toolResult(...results)])
  ]
  const modelParts = (model: string, ...calls: ReadonlyArray<Part>) => {
    const contents = contentsOf({ model, messages: turns(calls) })
    return Array.isArray(contents) ? contents[1] : undefined
  }

  it("bear the signature the vendor gave them, or that of the thought before them", () => {
    const signed: Part = {
      _tag: "ToolCall",
      id: "a",
      name: "f",
      arguments: "{}",
      extensions: { gemini: { thoughtSignature: "s" } }
    }
    expect(modelParts("gemini-3-pro-preview", signed)).toEqual({
      role: "model",
      parts: [{ functionCall: { id: "a", name: "f", args: {} }, thoughtSignature: "s" }]
    })
    const thought: Part = { _tag: "Reasoning", text: "hm", signature: "t", origin: "gemini" }
    expect(modelParts("gemini-3-pro-preview", thought, call("a"))).toEqual({
      role: "model",
      parts: [
        { text: "hm", thought: true, thoughtSignature: "t" },
        { functionCall: { id: "a", name: "weather", args: { city: "Brno" } }, thoughtSignature: "t" }
      ]
    })
  })

  it("without a signature get a stand-in only where the model asks for one", () => {
    const bare = { functionCall: { id: "a", name: "weather", args: { city: "Brno" } } }
    expect(modelParts("gemini-2.5-flash", call("a"))).toEqual({ role: "model", parts: [bare] })
    expect(modelParts("gemini-3.1-pro-preview", call("a"))).toEqual({
      role: "model",
      parts: [{ ...bare, thoughtSignature: unsignedCall }]
    })
    expect(atob(unsignedCall)).toBe("skip_thought_signature_validator")
  })

  it("take no arguments for an empty object, and cannot carry arguments that are none", () => {
    expect(modelParts("gemini-2.5-flash", call("a", " "))).toEqual({
      role: "model",
      parts: [{ functionCall: { id: "a", name: "weather", args: {} } }]
    })
    for (const broken of ['{"city":', "[1]", "null"])
      expect(featureOf({ messages: turns([call("a", broken)]) })).toBe("tool call arguments")
  })

  const responses = (model: string, ...results: ReadonlyArray<Part>) => {
    const contents = contentsOf({ model, messages: turns([call("a")], results) })
    return Array.isArray(contents) ? contents[2] : undefined
  }

  it("are answered with an object, errors under their own name", () => {
    const failed: Part = { _tag: "ToolResult", id: "a", content: [{ _tag: "Text", text: "down" }], isError: true }
    const listed: Part = { _tag: "ToolResult", id: "x", name: "other", content: [{ _tag: "Text", text: "[1]" }] }
    expect(responses("gemini-2.5-flash", failed, listed)).toEqual({
      role: "user",
      parts: [
        { functionResponse: { id: "a", name: "weather", response: { error: "down" } } },
        { functionResponse: { id: "x", name: "other", response: { result: "[1]" } } }
      ]
    })
  })

  it("have pictures in their results where the model takes them there, otherwise after them", () => {
    const image: Part = {
      _tag: "ToolResult",
      id: "a",
      content: [
        { _tag: "Text", text: "see" },
        { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "AAEC" } }
      ]
    }
    const inlineData = { mimeType: "image/png", data: "AAEC" }
    const response = { result: "see" }
    expect(responses("gemini-2.5-flash", image)).toEqual({
      role: "user",
      parts: [{ functionResponse: { id: "a", name: "weather", response } }, { inlineData }]
    })
    expect(responses("gemini-3-flash-preview", image)).toEqual({
      role: "user",
      parts: [{ functionResponse: { id: "a", name: "weather", response, parts: [{ inlineData }] } }]
    })
  })

  it("cannot be answered without the name of the function", () => {
    expect(featureOf({ messages: turns([call("a")], [result("b", { _tag: "Text", text: "x" })]) })).toBe("tool results")
  })
})

describe("tools for Gemini", () => {
  const choiceOf = (toolChoice: NonNullable<ChatRequest["toolChoice"]>) =>
    bodyOf({ tools: [weather], toolChoice })["toolConfig"]

  it("are chosen by mode", () => {
    expect(choiceOf({ _tag: "Auto" })).toEqual({ functionCallingConfig: { mode: "AUTO" } })
    expect(choiceOf({ _tag: "None" })).toEqual({ functionCallingConfig: { mode: "NONE" } })
    expect(choiceOf({ _tag: "Required" })).toEqual({ functionCallingConfig: { mode: "ANY" } })
    expect(bodyOf({ tools: [weather] })).not.toHaveProperty("toolConfig")
    expect(bodyOf({ toolChoice: { _tag: "Auto" } })).not.toHaveProperty("toolConfig")
  })

  it("of the vendor's own stand beside the functions, and those of others cannot", () => {
    const search = { _tag: "Hosted", dialect: "gemini", definition: { googleSearch: {} } } as const
    const bare = { _tag: "Function", name: "now" } as const
    expect(bodyOf({ tools: [search, bare] })["tools"]).toEqual([
      { functionDeclarations: [{ name: "now" }] },
      { googleSearch: {} }
    ])
    const foreign = { _tag: "Hosted", dialect: "openai-responses", definition: { type: "web_search" } } as const
    expect(featureOf({ tools: [foreign] })).toBe("web_search")
  })

  it("beside an answer in JSON are a fault where the model does not take both", () => {
    const responseFormat = { _tag: "JsonObject" } as const
    expect(featureOf({ tools: [weather], responseFormat })).toBe("response_format with tools")
    expect(featureOf({ model: "gemini-3-flash-preview", tools: [weather], responseFormat })).toBe(undefined)
    expect(featureOf({ tools: [weather], responseFormat: { _tag: "Text" } })).toBe(undefined)
  })

  it("are told as dropped where they may not be called in parallel, which the wire cannot say", () => {
    expect(droppedOf({ tools: [weather], parallelToolCalls: false })).toEqual(["parallel_tool_calls"])
    expect(droppedOf({ parallelToolCalls: false })).toEqual([])
  })
})

describe("settings for Gemini", () => {
  it("take five stop sequences and tell the rest as dropped", () => {
    const stop = ["1", "2", "3", "4", "5", "6"]
    expect(configOf({ sampling: { stop } })).toEqual({ stopSequences: ["1", "2", "3", "4", "5"] })
    expect(droppedOf({ sampling: { stop } })).toEqual(["stop"])
    expect(droppedOf({ sampling: { stop: stop.slice(1) } })).toEqual([])
  })

  it("hold the output to what the model can give", () => {
    const encoded = encode({ sampling: { maxTokens: 100_000 } }, {}, 65_536)
    expect(Result.getOrThrow(encoded).body["generationConfig"]).toEqual({ maxOutputTokens: 65_536 })
  })

  it("carry penalties and log probabilities only to models that take them", () => {
    const sampling = { presencePenalty: 0.5, frequencyPenalty: 0, logprobs: true, topLogprobs: 3 }
    expect(configOf({ model: "gemini-2.0-flash", sampling })).toEqual({
      presencePenalty: 0.5,
      frequencyPenalty: 0,
      responseLogprobs: true,
      logprobs: 3
    })
    expect(configOf({ model: "gemini-2.5-flash", sampling })).toEqual({ responseLogprobs: true, logprobs: 3 })
    expect(droppedOf({ model: "gemini-2.5-flash", sampling })).toEqual(["presence_penalty"])
    expect(droppedOf({ model: "gemini-3-pro-preview", sampling })).toEqual([
      "presence_penalty",
      "logprobs",
      "top_logprobs"
    ])
  })

  it("ask for JSON as strictly as the vendor takes it", () => {
    const responseFormat = { _tag: "JsonSchema", name: "a", schema: { type: "object" } } as const
    const asked = (structuredOutput: Quirks["structuredOutput"]) =>
      Result.getOrThrow(encode({ responseFormat }, { structuredOutput }))
    expect(asked("json_schema").body["generationConfig"]).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: { type: "object" }
    })
    expect(asked("json_object").body["generationConfig"]).toEqual({ responseMimeType: "application/json" })
    expect(asked("json_object").dropped).toEqual(["response_format.json_schema"])
    expect(asked("none").body).not.toHaveProperty("generationConfig")
    expect(asked("none").dropped).toEqual(["response_format"])
  })

  it("leave out labels and the end user, and tell so", () => {
    expect(Result.getOrThrow(encode({ user: "u", metadata: { a: "b" } }))).toEqual({
      body: { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
      headers: {},
      dropped: ["user", "metadata"]
    })
  })
})
