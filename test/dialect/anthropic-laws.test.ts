import { withUniqueIds } from "../../src/dialect/UniqueIds.ts"
import { Arbitrary, Schema } from "effect"
import { anthropicMessagesInbound, anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { ChatResponse, Choice } from "../../src/domain/ChatResponse.ts"
import type { Message } from "../../src/domain/Message.ts"
import {
  AnyToolChoice,
  Base64,
  citing,
  Count,
  DocumentBase64,
  ImageBase64,
  ImageUrl,
  Name,
  Ratio,
  Sources,
  TextPart,
  ToolCall,
  usageWith
} from "./laws/arbitraries.ts"
import { dialectLaws } from "./laws/laws.ts"

const origin = Schema.Literal("anthropic-messages")
/** The vendor refuses text of nothing but white space, and white space at the end of a prefill. */
const Spoken = Schema.TaggedStruct("Text", { text: Schema.Literals(["hello", "a\nb", "čau", "🙂 ok", " lead"]) })
const Thought = Schema.TaggedStruct("Reasoning", { text: Name, signature: Name, origin })
const Redacted = Schema.TaggedStruct("Reasoning", { text: Schema.Literal(""), redacted: Base64, origin })
const Search = Schema.TaggedStruct("Opaque", {
  dialect: origin,
  block: Schema.Struct({ type: Schema.Literal("server_tool_use"), id: Name, name: Name, input: Schema.Struct({}) })
})
const Result = Schema.TaggedStruct("ToolResult", {
  id: Name,
  content: Schema.Array(Schema.Union([Spoken, ImageBase64])),
  isError: Schema.optionalKey(Schema.Boolean)
})

const Turns = Schema.Struct({
  system: Schema.Array(Spoken),
  turns: Schema.NonEmptyArray(
    Schema.Struct({
      user: Schema.NonEmptyArray(Schema.Union([Spoken, ImageUrl, ImageBase64, DocumentBase64])),
      assistant: Schema.NonEmptyArray(Schema.Union([Spoken, Thought, Redacted, ToolCall, Search])),
      results: Schema.Array(Result)
    })
  )
})

const messagesOf = ({ system, turns }: typeof Turns.Type): ReadonlyArray<Message> => [
  ...(system.length === 0 ? [] : [{ role: "system" as const, content: system }]),
  ...turns.flatMap(({ user, assistant, results }): ReadonlyArray<Message> => [
    { role: "user", content: user },
    { role: "assistant", content: assistant },
    ...(results.length === 0 ? [] : [{ role: "tool" as const, content: results }])
  ])
]

const Tools = Schema.NonEmptyArray(
  Schema.Union([
    Schema.TaggedStruct("Function", {
      name: Name,
      description: Schema.optionalKey(Name),
      parameters: Schema.Struct({
        type: Schema.Literal("object"),
        properties: Schema.Struct({}),
        additionalProperties: Schema.Literal(false)
      }),
      strict: Schema.optionalKey(Schema.Boolean)
    }),
    Schema.TaggedStruct("Hosted", {
      dialect: origin,
      definition: Schema.Struct({ type: Schema.Literal("web_search_20250305"), name: Name })
    })
  ])
)

const Settings = Schema.Struct({
  delivery: Schema.Literals(["whole", "live"]),
  user: Schema.optionalKey(Name),
  responseFormat: Schema.optionalKey(
    Schema.TaggedStruct("JsonSchema", {
      name: Schema.Literal("answer"),
      schema: Schema.Struct({
        type: Schema.Literal("object"),
        properties: Schema.Struct({ a: Schema.Struct({ type: Schema.Literal("string") }) }),
        additionalProperties: Schema.Literal(false)
      })
    })
  )
})

/** Sampling and thinking exclude each other on this wire; each form is tried on a model that takes it. */
const Modes = Schema.Union([
  Schema.Struct({
    model: Schema.Literal("claude-sonnet-4-0"),
    sampling: Schema.Struct({
      maxTokens: Count,
      temperature: Schema.optionalKey(Schema.Literals([0, 0.5, 1])),
      topP: Schema.optionalKey(Schema.Literals([0.5, 1])),
      topK: Schema.optionalKey(Ratio),
      stop: Schema.optionalKey(Schema.NonEmptyArray(Name))
    }),
    reasoning: Schema.optionalKey(Schema.Struct({ disabled: Schema.Literal(true) })),
    toolChoice: Schema.optionalKey(AnyToolChoice)
  }),
  Schema.Struct({
    model: Schema.Literal("claude-opus-5"),
    sampling: Schema.Struct({ maxTokens: Count }),
    reasoning: Schema.Struct({
      adaptive: Schema.Literal(true),
      effort: Schema.optionalKey(Schema.Literals(["low", "medium", "high", "xhigh", "max"]))
    }),
    toolChoice: Schema.optionalKey(Schema.TaggedStruct("Auto", {}))
  })
])

const requests = Arbitrary.schema(
  Schema.Struct({ turns: Turns, tools: Tools, parallel: Schema.Boolean, settings: Settings, mode: Modes })
).pipe(
  Arbitrary.map(({ turns, tools, parallel, settings: { responseFormat, ...settings }, mode }): ChatRequest => ({
    ...settings,
    ...(responseFormat === undefined || mode.model !== "claude-opus-5" ? {} : { responseFormat }),
    ...mode,
    // an id comes once on this wire
    messages: withUniqueIds(messagesOf(turns)),
    // the older model is held to no schema
    tools: tools.map((tool) =>
      tool._tag === "Function" && tool.strict === true && mode.model !== "claude-opus-5"
        ? { ...tool, strict: false }
        : tool
    ),
    // a choice of none has no word for it
    ...(mode.toolChoice === undefined || mode.toolChoice._tag === "None" ? {} : { parallelToolCalls: parallel }),
    usageWanted: true,
    fallbacks: []
  }))
)

const Answer = Schema.Union([
  Schema.Struct({
    content: Schema.Array(Schema.Union([TextPart, Thought, Redacted, Search])),
    finishReason: Schema.Literals(["stop", "length", "refusal", "pause"])
  }),
  Schema.Struct({
    content: Schema.Array(Schema.Union([TextPart, Thought, ToolCall])),
    finishReason: Schema.Literal("tool_calls")
  }),
  Schema.Struct({
    content: Schema.Array(TextPart),
    finishReason: Schema.Literal("stop_sequence"),
    stopSequence: Name
  })
])

const withoutSpace = (choice: Choice): Choice => ({
  ...choice,
  content: choice.content.map((part) =>
    part._tag === "Text" ? { ...part, text: part.text.replaceAll(/\s/g, "_") } : part
  )
})

const responses = Arbitrary.schema(
  Schema.Struct({
    id: Name,
    model: Name,
    answer: Answer,
    sources: Sources,
    usage: usageWith(["cacheReadTokens", "cacheWriteTokens", "reasoningTokens"])
  })
).pipe(
  Arbitrary.map(({ id, model, answer, sources, usage }): ChatResponse => ({
    id: `msg_${id}`,
    model,
    // a citation is of a whole block, and white space is no reason to begin one
    choices: [
      sources.length === 0 ? { index: 0, ...answer } : citing(withoutSpace({ index: 0, ...answer }), sources, true)
    ],
    usage
  }))
)

dialectLaws({
  name: "anthropic-messages",
  inbound: anthropicMessagesInbound,
  outbound: anthropicMessagesOutbound,
  requests,
  responses
})
