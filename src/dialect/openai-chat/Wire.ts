/**
 * The Chat Completions wire: Schemas of what travels on it.
 *
 * The Schemas name what Switchyard reads; other keys are allowed everywhere and nothing is changed, so a body that fits
 * is used as it is. `null` and absent mean the same on this wire. Content parts and tools of an unknown `type` are allowed
 * too: compatible vendors add their own (`document_url`, `video_url`, `openrouter:web_search`).
 *
 * Source of the shapes: the types of the `openai` package (`resources/chat/completions`), and what compatible vendors
 * really send and take (reasoning fields, tool calls and tools without `type`, `tool_choice: "any"`).
 *
 * @module
 */
import { Schema } from "effect"
import { AnyJson, AnyObject, atMostFallbacks, ModelName } from "../Issues.ts"

export const dialectId = "openai-chat"

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

/** An object whose `type` is none of `known`: a vendor's own, passed on as it came. */
const other = (known: ReadonlyArray<string>) =>
  Schema.Struct({
    type: Schema.String.check(
      Schema.makeFilter((type) => !known.includes(type), { expected: "an object that fits its type" })
    )
  })

const atLeastOne = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

const TextBlock = Schema.Struct({ type: Schema.Literal("text"), text: Schema.String })
const RefusalBlock = Schema.Struct({ type: Schema.Literal("refusal"), refusal: Schema.String })
const ImageBlock = Schema.Struct({
  type: Schema.Literal("image_url"),
  /** The bare string is Mistral's. */
  image_url: Schema.Union([Schema.String, Schema.Struct({ url: Schema.String, detail: maybe(Schema.String) })])
})
const AudioBlock = Schema.Struct({
  type: Schema.Literal("input_audio"),
  input_audio: Schema.Struct({ data: Schema.String, format: Schema.String })
})
const FileBlock = Schema.Struct({
  type: Schema.Literal("file"),
  file: Schema.Struct({
    file_data: maybe(Schema.String),
    file_id: maybe(Schema.String),
    filename: maybe(Schema.String)
  })
})
const ContentBlock = Schema.Union([
  TextBlock,
  ImageBlock,
  AudioBlock,
  FileBlock,
  RefusalBlock,
  other(["text", "image_url", "input_audio", "file", "refusal"])
])
export type ContentBlock = typeof ContentBlock.Type

const Content = Schema.Union([Schema.String, Schema.Array(ContentBlock)])
export type Content = typeof Content.Type

const FunctionCall = Schema.Struct({ name: Schema.String, arguments: Schema.String })

const ToolCall = Schema.Union([
  Schema.Struct({ id: Schema.String, type: maybe(Schema.Literal("function")), function: FunctionCall }),
  Schema.Struct({
    id: Schema.String,
    type: Schema.Literal("custom"),
    custom: Schema.Struct({ name: Schema.String, input: Schema.String })
  })
])
export type ToolCall = typeof ToolCall.Type

const prompt = <R extends string>(role: R) =>
  Schema.Struct({ role: Schema.Literal(role), content: Content, name: maybe(Schema.String) })

const AssistantMessage = Schema.Struct({
  role: Schema.Literal("assistant"),
  content: maybe(Content),
  name: maybe(Schema.String),
  refusal: maybe(Schema.String),
  audio: maybe(Schema.Struct({ id: Schema.String })),
  tool_calls: maybe(Schema.Array(ToolCall)),
  /** Deprecated by OpenAI for `tool_calls`. */
  function_call: maybe(FunctionCall),
  /** Thoughts with their signatures, as OpenRouter has them. */
  reasoning_details: maybe(AnyJson),
  /** The thought, as Groq and OpenRouter name it. */
  reasoning: maybe(Schema.String),
  /** The thought, as DeepSeek, vLLM and others name it. */
  reasoning_content: maybe(Schema.String)
})
export type AssistantMessage = typeof AssistantMessage.Type

const Message = Schema.Union([
  prompt("system"),
  prompt("developer"),
  prompt("user"),
  AssistantMessage,
  Schema.Struct({
    role: Schema.Literal("tool"),
    tool_call_id: Schema.String,
    content: Content,
    name: maybe(Schema.String)
  }),
  /** Deprecated by OpenAI for `tool`. */
  Schema.Struct({ role: Schema.Literal("function"), name: Schema.String, content: Schema.NullOr(Schema.String) })
])
export type Message = typeof Message.Type

const FunctionDefinition = Schema.Struct({
  name: Schema.String,
  description: maybe(Schema.String),
  parameters: maybe(AnyObject),
  strict: maybe(Schema.Boolean)
})

const Tool = Schema.Union([
  Schema.Struct({ type: Schema.optionalKey(Schema.Literal("function")), function: FunctionDefinition }),
  other(["function"])
])
export type Tool = typeof Tool.Type

const ToolChoice = Schema.Union([
  /** `any` is Mistral's word for `required`. */
  Schema.Literals(["none", "auto", "required", "any"]),
  Schema.Struct({ type: Schema.Literal("function"), function: Schema.Struct({ name: Schema.String }) }),
  other(["function"])
])

const ResponseFormat = Schema.Union([
  Schema.Struct({ type: Schema.Literals(["text", "json_object"]) }),
  Schema.Struct({
    type: Schema.Literal("json_schema"),
    json_schema: Schema.Struct({
      name: Schema.String,
      description: maybe(Schema.String),
      schema: maybe(AnyObject),
      strict: maybe(Schema.Boolean)
    })
  }),
  other(["text", "json_object", "json_schema"])
])

export const ChatCompletionsRequest = Schema.Struct({
  model: ModelName,
  messages: Schema.Array(Message).check(Schema.isMinLength(1, { expected: "at least one message" })),
  stream: maybe(Schema.Boolean),
  stream_options: maybe(Schema.Struct({ include_usage: maybe(Schema.Boolean) })),
  tools: maybe(Schema.Array(Tool)),
  tool_choice: maybe(ToolChoice),
  parallel_tool_calls: maybe(Schema.Boolean),
  /** Deprecated by OpenAI for `tools` and `tool_choice`. */
  functions: maybe(Schema.Array(FunctionDefinition)),
  function_call: maybe(Schema.Union([Schema.Literals(["none", "auto"]), Schema.Struct({ name: Schema.String })])),
  response_format: maybe(ResponseFormat),
  max_tokens: maybe(atLeastOne),
  max_completion_tokens: maybe(atLeastOne),
  temperature: maybe(Schema.Finite),
  top_p: maybe(Schema.Finite),
  stop: maybe(Schema.Union([Schema.String, Schema.Array(Schema.String)])),
  seed: maybe(Schema.Int),
  presence_penalty: maybe(Schema.Finite),
  frequency_penalty: maybe(Schema.Finite),
  /** More than 128 is refused by OpenAI too. */
  n: maybe(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 128 }))),
  logprobs: maybe(Schema.Boolean),
  top_logprobs: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  reasoning_effort: maybe(Schema.String),
  metadata: maybe(Schema.Record(Schema.String, Schema.String)),
  user: maybe(Schema.String),
  /** Switchyard's own: names to try after `model`, in order. */
  fallbacks: maybe(Schema.Array(ModelName).check(atMostFallbacks)),
  /** The same under OpenRouter's name for it. */
  models: maybe(Schema.Array(ModelName).check(atMostFallbacks))
}).annotate({ identifier: "ChatCompletionsRequest" })
export type ChatCompletionsRequest = typeof ChatCompletionsRequest.Type

/** The fields of a request that the domain models; every other one is kept as an extension. */
export const modelledFields: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "functions",
  "function_call",
  "response_format",
  "max_tokens",
  "max_completion_tokens",
  "temperature",
  "top_p",
  "stop",
  "seed",
  "presence_penalty",
  "frequency_penalty",
  "n",
  "logprobs",
  "top_logprobs",
  "reasoning_effort",
  "metadata",
  "user",
  "fallbacks",
  "models"
])

const CompletionUsage = Schema.Struct({
  prompt_tokens: Schema.Int,
  completion_tokens: Schema.Int,
  total_tokens: Schema.Int,
  prompt_tokens_details: maybe(
    Schema.Struct({
      cached_tokens: maybe(Schema.Int),
      audio_tokens: maybe(Schema.Int),
      cache_write_tokens: maybe(Schema.Int)
    })
  ),
  completion_tokens_details: maybe(
    Schema.Struct({ reasoning_tokens: maybe(Schema.Int), audio_tokens: maybe(Schema.Int) })
  )
})

const FinishReason = Schema.Literals(["stop", "length", "tool_calls", "content_filter", "function_call"])

/** A whole answer. */
export const ChatCompletion = Schema.Struct({
  id: Schema.String,
  object: Schema.Literal("chat.completion"),
  created: Schema.Int,
  model: Schema.String,
  choices: Schema.Array(
    Schema.Struct({
      index: Schema.Int,
      message: Schema.Struct({
        role: Schema.Literal("assistant"),
        content: Schema.NullOr(Schema.String),
        refusal: maybe(Schema.String),
        reasoning_content: maybe(Schema.String),
        annotations: maybe(Schema.Array(AnyObject)),
        tool_calls: maybe(Schema.Array(ToolCall))
      }),
      finish_reason: FinishReason,
      logprobs: maybe(AnyObject)
    })
  ),
  usage: maybe(CompletionUsage)
}).annotate({ identifier: "ChatCompletion" })

/** The data of one event of a stream. */
export const ChatCompletionChunk = Schema.Struct({
  id: Schema.String,
  object: Schema.Literal("chat.completion.chunk"),
  created: Schema.Int,
  model: Schema.String,
  choices: Schema.Array(
    Schema.Struct({
      index: Schema.Int,
      delta: Schema.Struct({
        role: maybe(Schema.Literal("assistant")),
        content: maybe(Schema.String),
        refusal: maybe(Schema.String),
        reasoning_content: maybe(Schema.String),
        annotations: maybe(Schema.Array(AnyObject)),
        tool_calls: maybe(
          Schema.Array(
            Schema.Struct({
              index: Schema.Int,
              id: maybe(Schema.String),
              type: maybe(Schema.String),
              function: maybe(Schema.Struct({ name: maybe(Schema.String), arguments: maybe(Schema.String) }))
            })
          )
        )
      }),
      finish_reason: Schema.NullOr(FinishReason),
      logprobs: maybe(AnyObject)
    })
  ),
  usage: maybe(CompletionUsage)
}).annotate({ identifier: "ChatCompletionChunk" })

/** An error: the body of every answer that is none, and the data of the last event of a stream that broke. */
export const ChatCompletionsError = Schema.Struct({
  error: Schema.Struct({
    message: Schema.String,
    type: Schema.String,
    param: Schema.NullOr(Schema.String),
    code: Schema.NullOr(Schema.String)
  })
}).annotate({ identifier: "ChatCompletionsError" })
export type ChatCompletionsError = typeof ChatCompletionsError.Type
