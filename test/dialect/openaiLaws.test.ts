import { Arbitrary, Schema } from "effect"
import { openAiChatInbound, openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { ChatResponse } from "../../src/domain/ChatResponse.ts"
import * as A from "./laws/arbitraries.ts"
import { dialectLaws } from "./laws/laws.ts"

const label = Schema.Struct({ "openai-chat": Schema.Struct({ cache_control: A.JsonObject }) })

const UserPart = Schema.Union([
  A.TextPart,
  Schema.TaggedStruct("Text", { text: A.Words, extensions: label }),
  Schema.TaggedStruct("Image", {
    source: Schema.Union([A.ImageUrl.fields.source, A.ImageBase64.fields.source]),
    detail: Schema.optionalKey(Schema.Literals(["auto", "low", "high"]))
  }),
  Schema.TaggedStruct("Audio", {
    source: Schema.TaggedStruct("Base64", {
      mediaType: Schema.Literals(["audio/mpeg", "audio/wav", "audio/flac"]),
      data: A.Base64
    })
  }),
  A.DocumentBase64,
  Schema.TaggedStruct("Opaque", {
    dialect: Schema.Literal("openai-chat"),
    block: Schema.Struct({ type: Schema.Literal("video_url"), video_url: A.JsonObject })
  })
])

/** Results are moved behind the call they answer; these answer none, so that turns may come in any order. */
const Uncalled = Schema.Literals(["Result-1", "Result-2"])

const Message = Schema.Union([
  Schema.Struct({
    role: Schema.Literals(["system", "developer"]),
    content: Schema.Array(A.TextPart),
    name: Schema.optionalKey(A.Name),
    extensions: Schema.optionalKey(label)
  }),
  Schema.Struct({
    role: Schema.Literal("user"),
    content: Schema.Array(UserPart),
    name: Schema.optionalKey(A.Name),
    extensions: Schema.optionalKey(label)
  }),
  // thought, text, refusal, calls: the order in which the wire keeps them
  Schema.Struct({
    role: Schema.Literal("assistant"),
    content: Schema.Tuple([
      Schema.TaggedStruct("Reasoning", {
        text: A.Words,
        origin: Schema.Literal("openai-chat"),
        extensions: Schema.Struct({
          "openai-chat": Schema.Struct({ field: Schema.Literals(["reasoning", "reasoning_content"]) })
        })
      }),
      A.TextPart,
      A.RefusalPart,
      A.ToolCall,
      Schema.TaggedStruct("ToolCall", {
        id: A.Name,
        name: A.Name,
        arguments: A.Words,
        extensions: Schema.Struct({ "openai-chat": Schema.Struct({ type: Schema.Literal("custom") }) })
      })
    ])
  }),
  Schema.Struct({ role: Schema.Literal("assistant"), content: Schema.Array(A.TextPart) }),
  Schema.Struct({ role: Schema.Literal("assistant"), content: Schema.Array(A.ToolCall) }),
  Schema.Struct({
    role: Schema.Literal("tool"),
    content: Schema.Tuple([Schema.TaggedStruct("ToolResult", { id: Uncalled, content: Schema.Array(A.TextPart) })]),
    name: Schema.optionalKey(A.Name)
  })
])

const maybe = Schema.optionalKey

const requests: Arbitrary.Arbitrary<ChatRequest> = Arbitrary.schema(
  Schema.Struct({
    model: A.Name,
    delivery: Schema.Literals(["whole", "live"]),
    messages: Schema.NonEmptyArray(Message),
    tools: Schema.Array(
      Schema.Union([
        Schema.TaggedStruct("Function", {
          ...A.FunctionTool.fields,
          parameters: maybe(A.JsonObject),
          strict: maybe(Schema.Boolean),
          extensions: maybe(label)
        }),
        Schema.TaggedStruct("Hosted", {
          dialect: Schema.Literal("openai-chat"),
          definition: Schema.Struct({
            type: Schema.Literals(["custom", "openrouter:web_search"]),
            custom: A.JsonObject
          })
        })
      ])
    ),
    toolChoice: maybe(A.AnyToolChoice),
    parallelToolCalls: maybe(Schema.Boolean),
    responseFormat: maybe(
      Schema.Union([
        Schema.TaggedStruct("Text", {}),
        Schema.TaggedStruct("JsonObject", {}),
        Schema.TaggedStruct("JsonSchema", {
          name: A.Name,
          description: maybe(A.Words),
          schema: A.JsonObject,
          strict: maybe(Schema.Boolean)
        })
      ])
    ),
    sampling: Schema.Struct({
      maxTokens: maybe(A.Count),
      temperature: maybe(A.Ratio),
      topP: maybe(A.Ratio),
      stop: maybe(Schema.Array(A.Words)),
      seed: maybe(A.Count),
      presencePenalty: maybe(A.Ratio),
      frequencyPenalty: maybe(A.Ratio),
      n: maybe(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 128 }))),
      logprobs: maybe(Schema.Boolean),
      topLogprobs: maybe(A.Ratio)
    }),
    reasoning: maybe(
      Schema.Struct({ effort: Schema.Literals(["none", "minimal", "low", "medium", "high", "xhigh", "max"]) })
    ),
    metadata: maybe(Schema.Record(A.Name, Schema.String)),
    user: maybe(A.Words),
    usageWanted: Schema.Literal(true),
    fallbacks: Schema.Tuple([]),
    extensions: maybe(
      Schema.Struct({ "openai-chat": Schema.Struct({ logit_bias: A.JsonObject, service_tier: A.Words }) })
    )
  })
).pipe(
  // this wire has no choice between no tools
  Arbitrary.map((request) => {
    if (request.tools.length > 0) return request
    const { parallelToolCalls: _parallel, toolChoice: _choice, ...rest } = request
    return rest
  })
)

const contents = [
  Schema.Tuple([A.TextPart]),
  Schema.Tuple([A.PlainReasoning, A.TextPart]),
  Schema.Tuple([A.RefusalPart]),
  Schema.Tuple([A.PlainReasoning, A.TextPart, A.RefusalPart]),
  Schema.Tuple([A.ImageUrl]),
  Schema.Tuple([A.TextPart, A.ImageBase64, A.ImageUrl, A.RefusalPart])
]
const Answer = Schema.Union([
  Schema.Struct({
    content: Schema.Union(contents),
    finishReason: Schema.Literals(["stop", "length", "content_filter"]),
    logprobs: maybe(A.Logprobs)
  }),
  Schema.Struct({ content: Schema.NonEmptyArray(A.ToolCall), finishReason: Schema.Literal("tool_calls") }),
  Schema.Struct({
    content: Schema.Tuple([A.TextPart, A.ToolCall, A.ToolCall]),
    finishReason: Schema.Literals(["tool_calls", "length"])
  }),
  Schema.Struct({ content: Schema.Tuple([]), finishReason: Schema.Literals(["stop", "content_filter"]) })
])

const responses: Arbitrary.Arbitrary<ChatResponse> = Arbitrary.map(
  Arbitrary.schema(
    Schema.Struct({
      id: A.Name,
      model: A.Name,
      created: A.Count,
      choices: Schema.NonEmptyArray(Answer),
      sources: A.Sources,
      usage: maybe(
        A.usageWith(["cacheReadTokens", "cacheWriteTokens", "reasoningTokens", "inputAudioTokens", "outputAudioTokens"])
      )
    })
  ),
  ({ choices: [first, ...others], sources, ...rest }): ChatResponse => ({
    ...rest,
    choices: [A.citing({ index: 0, ...first }, sources), ...others.map((choice, at) => ({ index: at + 1, ...choice }))]
  })
)

dialectLaws({
  name: "openai-chat",
  inbound: openAiChatInbound,
  outbound: openAiChatOutbound,
  requests,
  responses
})
