import { Arbitrary, Schema } from "effect"
import { openAiResponsesInbound, openAiResponsesOutbound } from "../../src/dialect/OpenAiResponses.ts"
import { inTurns } from "../../src/dialect/Turns.ts"
import { withUniqueIds } from "../../src/dialect/UniqueIds.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { ChatResponse } from "../../src/domain/ChatResponse.ts"
import { isJsonObject } from "../../src/domain/Json.ts"
import type { Part } from "../../src/domain/Message.ts"
import * as A from "./laws/arbitraries.ts"
import { dialectLaws } from "./laws/laws.ts"

const id = "openai-responses"
const maybe = Schema.optionalKey
const label = <F extends Schema.Struct.Fields>(fields: F) => Schema.Struct({ [id]: Schema.Struct(fields) })
const other = label({ prompt_cache_breakpoint: A.JsonObject })

const InputText = Schema.TaggedStruct("Text", { text: A.Words, extensions: maybe(other) })
const Image = Schema.TaggedStruct("Image", {
  source: Schema.Union([A.ImageUrl.fields.source, A.ImageBase64.fields.source]),
  detail: maybe(Schema.Literals(["auto", "low", "high"]))
})
/** A file of this vendor's, which its label says. */
const uploaded = { source: Schema.TaggedStruct("FileId", { id: A.Name }), extensions: other }
const Document = Schema.Union([
  A.DocumentBase64,
  Schema.TaggedStruct("Document", {
    source: Schema.TaggedStruct("Url", { url: Schema.Literal("https://example.com/a.pdf") })
  }),
  Schema.TaggedStruct("Document", uploaded)
])
const UserPart = Schema.Union([
  InputText,
  Image,
  Schema.TaggedStruct("Image", uploaded),
  Document,
  Schema.TaggedStruct("Audio", {
    source: Schema.TaggedStruct("Base64", { mediaType: Schema.Literals(["audio/mpeg", "audio/wav"]), data: A.Base64 })
  }),
  Schema.TaggedStruct("Opaque", {
    dialect: Schema.Literal(id),
    block: Schema.Struct({ type: Schema.Literal("input_hologram"), input_hologram: A.JsonObject })
  })
])

const item = Schema.Struct({ id: A.Name, phase: Schema.Literals(["commentary", "final_answer"]) })
const Thought = Schema.TaggedStruct("Reasoning", {
  text: A.Words,
  signature: A.Name,
  origin: Schema.Literal(id),
  extensions: maybe(label({ id: A.Name }))
})
const SearchCall = Schema.TaggedStruct("Opaque", {
  dialect: Schema.Literal(id),
  block: Schema.Struct({ type: Schema.Literal("web_search_call"), id: A.Name, action: A.JsonObject })
})
const Turn = Schema.Struct({
  role: Schema.Literal("assistant"),
  content: Schema.NonEmptyArray(
    Schema.Union([
      Thought,
      A.TextPart,
      Schema.TaggedStruct("Text", { text: A.Words, extensions: label({ item }) }),
      A.RefusalPart,
      A.ToolCall,
      Schema.TaggedStruct("ToolCall", { ...A.ToolCall.fields, extensions: label({ id: A.Name, namespace: A.Name }) }),
      Schema.TaggedStruct("ToolCall", {
        id: A.Name,
        name: A.Name,
        arguments: A.Words,
        extensions: label({ type: Schema.Literal("custom_tool_call") })
      }),
      SearchCall
    ])
  )
})
const User = Schema.Struct({
  role: Schema.Literal("user"),
  content: Schema.Array(UserPart),
  extensions: maybe(other)
})
const Told = Schema.Union([
  User,
  Schema.Struct({
    role: Schema.Literals(["system", "developer"]),
    content: Schema.Array(InputText),
    extensions: maybe(other)
  }),
  Schema.Struct({
    role: Schema.Literal("tool"),
    content: Schema.Tuple([
      Schema.TaggedStruct("ToolResult", {
        id: A.Name,
        content: Schema.Array(Schema.Union([A.TextPart, Image, Document])),
        extensions: maybe(label({ type: Schema.Literal("custom_tool_call_output") }))
      })
    ])
  })
])

const requests: Arbitrary.Arbitrary<ChatRequest> = Arbitrary.schema(
  Schema.Struct({
    model: A.Name,
    delivery: Schema.Literals(["whole", "live"]),
    // items of the assistant's that follow each other are one turn, so something stands between two of them
    conversation: Schema.NonEmptyArray(Schema.Struct({ told: Told, turn: maybe(Turn) })),
    tools: Schema.Array(
      Schema.Union([
        Schema.TaggedStruct("Function", {
          ...A.FunctionTool.fields,
          parameters: maybe(A.JsonObject),
          strict: Schema.Boolean,
          extensions: maybe(label({ defer_loading: Schema.Boolean }))
        }),
        Schema.TaggedStruct("Hosted", {
          dialect: Schema.Literal(id),
          definition: Schema.Struct({ type: Schema.Literals(["custom", "web_search", "mcp"]), settings: A.JsonObject })
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
      logprobs: maybe(Schema.Literal(true)),
      topLogprobs: maybe(A.Ratio)
    }),
    reasoning: maybe(
      Schema.Struct({ effort: Schema.Literals(["none", "minimal", "low", "medium", "high", "xhigh", "max"]) })
    ),
    metadata: maybe(Schema.Record(A.Name, Schema.String)),
    user: maybe(A.Words),
    usageWanted: Schema.Literal(true),
    fallbacks: Schema.Tuple([]),
    // unless told, what is written here says that nothing is to be stored
    extensions: label({
      store: Schema.Boolean,
      truncation: maybe(Schema.Literals(["auto", "disabled"])),
      text: maybe(Schema.Struct({ verbosity: Schema.Literals(["low", "high"]) })),
      reasoning: maybe(Schema.Struct({ summary: Schema.Literals(["auto", "detailed"]) })),
      include: maybe(Schema.Tuple([Schema.Literal("reasoning.encrypted_content")]))
    })
  })
).pipe(
  Arbitrary.map(({ conversation, ...rest }) => ({
    ...rest,
    // in the order that vendors ask for, and an id comes once
    messages: inTurns(
      withUniqueIds(conversation.flatMap(({ told, turn }) => (turn === undefined ? [told] : [told, turn])))
    )
  })),
  // this wire has no choice between no tools
  Arbitrary.map((request) => {
    if (request.tools.length > 0) return request
    const { parallelToolCalls: _parallel, toolChoice: _choice, ...rest } = request
    return rest
  })
)

const SignedThought = Schema.TaggedStruct("Reasoning", { text: A.Words, signature: A.Name })
const Answer = Schema.Union([
  Schema.Struct({
    content: Schema.Union([Schema.Tuple([A.TextPart]), Schema.Tuple([SignedThought, A.TextPart, A.ImageBase64])]),
    finishReason: Schema.Literals(["stop", "length"]),
    logprobs: A.Logprobs
  }),
  Schema.Struct({
    content: Schema.Union([
      Schema.Tuple([A.TextPart]),
      Schema.Tuple([A.PlainReasoning, A.TextPart]),
      Schema.Tuple([SignedThought, A.PlainReasoning, A.TextPart]),
      Schema.Tuple([A.RefusalPart]),
      Schema.Tuple([A.TextPart, A.RefusalPart]),
      Schema.Tuple([A.TextPart, SearchCall, SignedThought, A.TextPart]),
      Schema.Tuple([])
    ]),
    finishReason: Schema.Literals(["stop", "length", "content_filter"])
  }),
  Schema.Struct({
    content: Schema.Union([
      Schema.Tuple([A.ToolCall]),
      Schema.Tuple([SignedThought, A.TextPart, A.ToolCall]),
      Schema.Tuple([A.ToolCall, A.TextPart])
    ]),
    finishReason: Schema.Literals(["tool_calls", "length"])
  })
])

/** Searches are told by the items that are one, and by nothing else. */
const searched = (parts: ReadonlyArray<Part>): { readonly webSearches?: number } => {
  const calls = parts.flatMap((part) =>
    part._tag === "Opaque" && isJsonObject(part.block) && part.block["type"] === "web_search_call"
      ? [part.block["action"]]
      : []
  )
  if (calls.length === 0) return {}
  return { webSearches: calls.filter((action) => !isJsonObject(action) || action["type"] === "search").length }
}
const Tokens = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 }))
const responses: Arbitrary.Arbitrary<ChatResponse> = Arbitrary.map(
  Arbitrary.schema(
    Schema.Struct({
      id: A.Name,
      model: A.Name,
      created: A.Count,
      answer: Answer,
      sources: A.Sources,
      usage: maybe(
        Schema.Struct({
          inputTokens: A.Count,
          outputTokens: A.Count,
          cacheReadTokens: Tokens,
          cacheWriteTokens: Tokens,
          reasoningTokens: Tokens
        })
      )
    })
  ),
  ({ answer, id, sources, usage, ...rest }): ChatResponse => ({
    ...rest,
    ...(usage === undefined ? {} : { usage: { ...usage, ...searched(answer.content) } }),
    id: `resp_${id}`,
    choices: [A.citing({ index: 0, ...answer }, sources)]
  })
)

dialectLaws({ name: id, inbound: openAiResponsesInbound, outbound: openAiResponsesOutbound, requests, responses })
