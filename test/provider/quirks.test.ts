/**
 * Every row of the table of quirks, by an example: a request, and exactly what the row changes in what the vendor is
 * sent. A row without an example fails, and so does one that changes nothing.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import type { ProviderKind } from "../../src/config/ProviderSpec.ts"
import type { EncodedRequest, EncodeFault, InboundDialect, OutboundDialect } from "../../src/dialect/Dialect.ts"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { geminiInbound, geminiOutbound } from "../../src/dialect/Gemini.ts"
import { openAiChatInbound, openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { quirkRows, quirksAmong, quirksOf } from "../../src/provider/quirks.ts"
import type { QuirkRow } from "../../src/provider/quirks/QuirkRow.ts"
import { baseUrlOf, compatibleVendors } from "../../src/provider/vendors.ts"

interface Example {
  readonly model: string
  /** Of the row's kinds the first where it does not matter. */
  readonly kind?: ProviderKind
  /** Fields of the body beside the model and, on Chat Completions, a message. */
  readonly sent: JsonObject
  /** What each changed field becomes; `undefined`: it is left out. */
  readonly becomes?: Readonly<Record<string, Json | undefined>>
  readonly dropped?: ReadonlyArray<string>
  /** What would be dropped without the row, and is not. */
  readonly spared?: ReadonlyArray<string>
  /** The feature that the request is refused for. */
  readonly fault?: string
  /** Models the row is not for. */
  readonly not?: ReadonlyArray<string>
  /** The request as another wire brought it: without the body its caller wrote. */
  readonly foreign?: true
  readonly change?: Partial<ChatRequest>
}

const hello: JsonObject = { role: "user", content: "Say hello" }
const tool = (name: string): JsonObject => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: {} } }
})
const withSchema = (parameters: JsonObject, strict?: boolean): JsonObject => ({
  type: "function",
  function: { name: "look", parameters, ...(strict === undefined ? {} : { strict }) }
})
const called = (id: string, more: JsonObject = {}): ReadonlyArray<Json> => [
  hello,
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id, type: "function", function: { name: "look", arguments: "{}" } }],
    ...more
  },
  { role: "tool", tool_call_id: id, content: "done" }
]
const said = (more: JsonObject): ReadonlyArray<Json> => [
  hello,
  { role: "assistant", content: "Hello", ...more },
  { role: "user", content: "Again" }
]
const schema: JsonObject = { type: "object", properties: { a: { type: "string" } } }
const asSchema: JsonObject = { type: "json_schema", json_schema: { name: "a", schema } }
const asObject: JsonObject = { type: "json_object" }
const instructed = (instruction: string): ReadonlyArray<Json> => [{ role: "system", content: instruction }, hello]
const inSchema = `Answer with a JSON object only, without any text around it, that is valid against this JSON Schema: ${JSON.stringify(schema)}`
const inJson = "Answer with a JSON object only, without any text around it."
const inWord = "Answer with a JSON object."
const drawing: JsonObject = { temperature: 0.5, top_p: 0.5, logprobs: true, top_logprobs: 2 }
const penalties: JsonObject = { presence_penalty: 1, frequency_penalty: 1, logit_bias: { "1": 1 } }
const gone = (fields: JsonObject): Readonly<Record<string, undefined>> =>
  Object.fromEntries(Object.keys(fields).map((field) => [field, undefined]))

const refused = (model: string, fields: JsonObject, rest: Partial<Example> = {}): Example => ({
  model,
  sent: fields,
  becomes: gone(fields),
  dropped: Object.keys(fields),
  ...rest
})
const effort = (model: string, asked: string, becomes: string | undefined, rest: Partial<Example> = {}): Example => ({
  model,
  sent: { reasoning_effort: asked },
  becomes: { reasoning_effort: becomes },
  dropped: becomes === undefined || asked === "none" ? ["reasoning_effort"] : [],
  ...rest
})
const inMessages = (model: string, field: string, becomes: JsonObject = {}): Example => ({
  model,
  sent: { messages: said({ [field]: "x" }) },
  becomes: { messages: said(becomes) },
  dropped: Object.keys(becomes).length === 0 ? [field] : []
})
const onlyOpenAi: JsonObject = {
  store: true,
  modalities: ["text"],
  audio: { voice: "ash", format: "mp3" },
  verbosity: "low",
  web_search_options: {},
  prompt_cache_retention: "24h",
  prompt_cache_options: {},
  safety_identifier: "me",
  moderation: {}
}

const signedCall: ReadonlyArray<Json> = called("call_1", {
  tool_calls: [
    {
      id: "call_1",
      type: "function",
      function: { name: "look", arguments: "{}" },
      extra_content: { google: { thought_signature: "c2ln" } }
    }
  ]
})

const examples: Readonly<Record<string, ReadonlyArray<Example>>> = {
  "OpenAI takes ids of tool calls of at most 40 characters": [
    {
      model: "gpt-4o",
      sent: { messages: called(`call_${"1".repeat(40)}`) },
      becomes: { messages: called("WziptU4L4") }
    }
  ],
  "OpenAI takes letters, digits, _ and - in names of functions": [
    { model: "gpt-4o", sent: { tools: [tool("files.read")] }, foreign: true, fault: "tool names" }
  ],
  "OpenAI takes four stop sequences": [
    {
      model: "gpt-4o",
      sent: { stop: ["1", "2", "3", "4", "5"] },
      becomes: { stop: ["1", "2", "3", "4"] },
      dropped: ["stop"]
    }
  ],
  "OpenAI takes a user of at most 64 characters": [
    { model: "gpt-4o", sent: { user: "u".repeat(65) }, becomes: { user: "9dJSApTA9" } }
  ],
  "OpenAI answers with any JSON only where the word is said": [
    { model: "gpt-4o", sent: { response_format: asObject }, becomes: { messages: instructed(inWord) } }
  ],
  "OpenAI keeps metadata only of answers that it stores": [
    { model: "gpt-4o", sent: { metadata: { team: "a" } }, becomes: { metadata: undefined }, dropped: ["metadata"] }
  ],
  "OpenAI takes a part of JSON Schema, and less of it where it is held to": [
    // what is missing is said
    {
      model: "gpt-4o",
      sent: { tools: [withSchema({}), withSchema({ type: "object", properties: { a: { type: "array" } } })] },
      becomes: {
        tools: [
          withSchema({ type: "object", properties: {} }),
          withSchema({ type: "object", properties: { a: { type: "array", items: {} } } })
        ]
      }
    },
    // an open object is closed, since what fits it then fits it as it was
    {
      model: "gpt-4o",
      sent: { tools: [withSchema({ ...schema, required: ["a"] }, true)] },
      becomes: { tools: [withSchema({ ...schema, required: ["a"], additionalProperties: false }, true)] }
    },
    // what may be left out is not required of the model
    {
      model: "gpt-4o",
      sent: { tools: [withSchema({ ...schema, additionalProperties: false }, true)] },
      becomes: { tools: [withSchema({ ...schema, additionalProperties: false }, false)] },
      dropped: ["strict"]
    },
    ...[
      { ...schema, required: ["a"], oneOf: [] },
      { type: "object", properties: { a: { type: "string", format: "uri" } }, required: ["a"] },
      { type: "object", additionalProperties: { type: "string" }, properties: {} },
      { type: "object", properties: { a: { anyOf: [{ type: "object", properties: schema }] } }, required: ["a"] }
    ].map((odd): Example => ({
      model: "gpt-4o",
      sent: { response_format: { type: "json_schema", json_schema: { name: "a", strict: true, schema: odd } } },
      becomes: { response_format: { type: "json_schema", json_schema: { name: "a", strict: false, schema: odd } } },
      dropped: ["response_format.strict"]
    }))
  ],
  "models from o1 on are limited by max_completion_tokens": [
    {
      model: "gpt-5-chat-latest",
      sent: { max_tokens: 9 },
      becomes: { max_tokens: undefined, max_completion_tokens: 9 },
      not: ["gpt-4o", "chatgpt-4o-latest"]
    },
    { model: "o1", sent: { max_tokens: 9 }, becomes: { max_tokens: undefined, max_completion_tokens: 9 } }
  ],
  "models that always think draw their words as they like": [
    refused("o3-mini", { ...drawing, ...penalties, stop: ["."] }, { not: ["gpt-4o", "gpt-5-chat-latest", "gpt-5.4"] }),
    refused("gpt-5-nano", { temperature: 0 }),
    refused(
      "gpt-5.2-pro",
      { temperature: 0, reasoning_effort: "high" },
      { becomes: { temperature: undefined }, dropped: ["temperature"] }
    ),
    // what it is anyway goes without a word
    refused("o3", { temperature: 1, presence_penalty: 0 }, { dropped: [] })
  ],
  "models from GPT-5.1 on let their drawing be shaped only where they do not think": [
    refused("gpt-5.1", drawing, { not: ["gpt-5", "gpt-5.1-chat-latest", "gpt-5.2-pro"] }),
    {
      model: "gpt-5.6-sol",
      kind: "azure-openai",
      sent: { ...drawing, ...penalties, reasoning_effort: "none" },
      becomes: gone(penalties),
      dropped: Object.keys(penalties)
    },
    { model: "gpt-5.1", sent: { stop: [] }, becomes: { stop: undefined } },
    { model: "gpt-5.1", sent: { stop: "" }, becomes: { stop: undefined } }
  ],
  "the o series has no say in parallel calls": [refused("o4-mini", { parallel_tool_calls: false }, { not: ["gpt-5"] })],
  "the o series thinks at low, medium and high": [
    effort("o3", "minimal", "low", { not: ["gpt-5"] }),
    effort("o3", "none", "low")
  ],
  "o1-mini and o1-preview take no system prompt": [
    {
      model: "o1-mini",
      sent: {
        messages: [
          { role: "system", content: "Be brief" },
          { role: "developer", content: [{ type: "text", text: "x" }] },
          hello
        ]
      },
      becomes: {
        messages: [
          { role: "user", content: "<system>\nBe brief\n</system>" },
          { role: "user", content: [{ type: "text", text: "<system>\nx\n</system>" }] },
          hello
        ]
      },
      not: ["o1", "o3-mini"]
    }
  ],
  "o1-mini and o1-preview take neither effort nor a format of the answer": [
    effort("o1-preview", "low", undefined, { not: ["o1"] }),
    {
      model: "o1-mini",
      sent: { response_format: asSchema },
      becomes: {
        response_format: undefined,
        messages: [{ role: "user", content: `<system>\n${inSchema}\n</system>` }, hello]
      },
      dropped: ["response_format"]
    }
  ],
  "GPT-5 thinks from minimal to high": [
    effort("gpt-5-mini", "xhigh", "high", { not: ["gpt-5.1"] }),
    effort("gpt-5", "none", "minimal")
  ],
  "GPT-5.1 thinks at none, low, medium and high": [
    effort("gpt-5.1", "minimal", "low"),
    effort("gpt-5.1", "xhigh", "high")
  ],
  "GPT-5.2 to 5.5 think from none to xhigh, but not minimally": [
    effort("gpt-5.2", "minimal", "low"),
    effort("gpt-5.5", "max", "xhigh")
  ],
  "GPT-5.6 and later think from none to max, but not minimally": [
    effort("gpt-5.6-luna", "minimal", "low"),
    effort("gpt-6", "minimal", "low")
  ],
  "Codex models always think, at low to high": [
    effort("gpt-5-codex", "minimal", "low"),
    effort("gpt-5.1-codex-mini", "none", "low")
  ],
  "Codex models from 5.1 Max on also think at xhigh": [
    effort("gpt-5.1-codex-max", "max", "xhigh"),
    effort("gpt-5.3-codex", "xhigh", "xhigh")
  ],
  "GPT-5 pro thinks at high alone": [effort("gpt-5-pro", "low", "high")],
  "pro models from 5.2 on think from medium to xhigh": [effort("gpt-5.2-pro", "low", "medium")],
  "models that do not think, and chat variants, take no effort": [
    effort("gpt-4o", "low", undefined, { not: ["gpt-5", "o3"] }),
    effort("ft:gpt-4.1:acme", "low", undefined),
    effort("gpt-5.1-chat-latest", "low", undefined)
  ],
  "GPT-5.4 and later take no effort beside functions over Chat Completions": [
    {
      model: "gpt-5.4",
      kind: "azure-openai",
      sent: { reasoning_effort: "low", tools: [tool("look")] },
      becomes: { reasoning_effort: undefined },
      dropped: ["reasoning_effort"],
      not: ["gpt-5.2"]
    }
  ],
  "OpenAI's search models take no shaping of the drawing": [
    refused("gpt-4o-search-preview", { temperature: 0, n: 2, seed: 1 }, { not: ["gpt-4o"] })
  ],
  "models before GPT-4o know JSON, but no schema": [
    {
      model: "gpt-4-turbo",
      sent: { response_format: asSchema },
      becomes: { response_format: asObject, messages: instructed(inSchema) },
      dropped: ["response_format"],
      not: ["gpt-4o-mini", "gpt-4.1"]
    }
  ],
  "compatible vendors and servers know max_tokens": [
    {
      model: "m",
      kind: "together",
      sent: { max_completion_tokens: 9 },
      becomes: { max_completion_tokens: undefined, max_tokens: 9 }
    }
  ],
  "compatible vendors and servers know the role system, not developer": [
    {
      model: "m",
      kind: "vllm",
      sent: { messages: [{ role: "developer", content: "Be brief" }, hello] },
      becomes: { messages: [{ role: "system", content: "Be brief" }, hello] }
    }
  ],
  "compatible vendors and servers have functions, and no custom tools": [
    {
      model: "m",
      kind: "vllm",
      sent: {
        messages: [
          hello,
          {
            role: "assistant",
            content: null,
            tool_calls: [{ id: "c", type: "custom", custom: { name: "patch", input: '"a"' } }]
          },
          { role: "tool", tool_call_id: "c", content: "done" }
        ],
        tools: [
          tool("look"),
          { type: "custom", custom: { name: "patch", format: { type: "grammar", grammar: { definition: "g" } } } }
        ],
        tool_choice: { type: "custom", custom: { name: "patch" } }
      },
      becomes: {
        messages: [
          hello,
          {
            role: "assistant",
            content: null,
            tool_calls: [
              { id: "c", type: "function", function: { name: "patch", arguments: String.raw`{"input":"\"a\""}` } }
            ]
          },
          { role: "tool", tool_call_id: "c", content: "done" }
        ],
        tools: [
          tool("look"),
          {
            type: "function",
            function: {
              name: "patch",
              description: "The input must match this grammar:\ng",
              parameters: {
                type: "object",
                properties: { input: { type: "string", description: "The input of the tool, as plain text" } },
                required: ["input"],
                additionalProperties: false
              }
            }
          }
        ],
        tool_choice: { type: "function", function: { name: "patch" } }
      },
      dropped: ["format"]
    }
  ],
  "Groq limits by max_completion_tokens": [
    { model: "m", sent: { max_tokens: 9 }, becomes: { max_tokens: undefined, max_completion_tokens: 9 } }
  ],
  "Groq answers 400 to fields it does not know": [
    refused("m", {
      logprobs: true,
      top_logprobs: 1,
      logit_bias: {},
      metadata: {},
      prediction: {},
      prompt_cache_key: "k",
      ...onlyOpenAi
    })
  ],
  "Groq gives one answer a call": [refused("m", { n: 2 })],
  "Groq answers 400 to fields of messages it does not know": [
    inMessages("m", "reasoning_content"),
    inMessages("m", "name"),
    inMessages("m", "refusal"),
    inMessages("m", "annotations"),
    {
      model: "m",
      sent: { messages: said({ content: null, refusal: "No" }) },
      becomes: { messages: said({ content: "No" }) }
    },
    { model: "m", sent: { messages: said({ refusal: null, annotations: [] }) }, becomes: { messages: said({}) } }
  ],
  "Groq's models that do not think take no thoughts back": [
    { ...inMessages("llama-3.3-70b-versatile", "reasoning"), not: ["openai/gpt-oss-20b"] }
  ],
  "Groq's models that do not think take no effort": [
    effort("llama-3.3-70b-versatile", "low", undefined, { not: ["openai/gpt-oss-20b", "qwen/qwen3-32b"] })
  ],
  "Groq's gpt-oss thinks at low, medium and high": [effort("openai/gpt-oss-20b", "minimal", "low")],
  "Groq's Qwen thinks or does not": [
    {
      model: "qwen/qwen3-32b",
      sent: {},
      foreign: true,
      change: { reasoning: { disabled: true } },
      becomes: { reasoning_effort: "none" }
    }
  ],
  "Groq holds only some families to a schema": [
    {
      model: "llama-3.1-8b-instant",
      sent: { response_format: asSchema },
      becomes: { response_format: asObject, messages: instructed(inSchema) },
      dropped: ["response_format"],
      not: ["openai/gpt-oss-120b"]
    }
  ],
  "Groq answers with any JSON only where the word is said": [
    { model: "m", sent: { response_format: asObject }, becomes: { messages: instructed(inWord) } }
  ],
  "Mistral answers 422 to fields it does not know": [
    refused("m", {
      logprobs: true,
      top_logprobs: 1,
      logit_bias: {},
      user: "me",
      service_tier: "auto",
      functions: [],
      function_call: "auto",
      ...onlyOpenAi
    })
  ],
  "Mistral calls the seed random_seed": [
    { model: "m", sent: { seed: 7 }, becomes: { seed: undefined, random_seed: 7 } }
  ],
  "Mistral's streams tell their usage unasked": [
    { model: "m", sent: { stream: true }, becomes: { stream_options: undefined } }
  ],
  "Mistral answers 422 to fields of messages it does not know": [
    inMessages("m", "reasoning_content"),
    inMessages("m", "refusal"),
    inMessages("m", "annotations")
  ],
  "Mistral goes on from the assistant's words where they are marked as a prefix, and repeats them": [
    {
      model: "m",
      sent: { messages: [hello, { role: "assistant", content: "Hel" }] },
      becomes: { messages: [hello, { role: "assistant", content: "Hel", prefix: true }] }
    }
  ],
  "Mistral has no names of those who speak": [inMessages("m", "name")],
  "Mistral's ids of tool calls have nine letters and digits": [
    { model: "m", sent: { messages: called("call_1") }, becomes: { messages: called("l8ShXKzOD") } }
  ],
  "Mistral's models take no effort": [effort("codestral-latest", "low", undefined)],
  "Mistral's small and medium models think at high or not at all": [effort("mistral-medium-3-5", "low", "high")],
  "DeepSeek answers in JSON, but to no schema": [
    {
      model: "m",
      sent: { response_format: asSchema },
      becomes: { response_format: asObject, messages: instructed(inSchema) },
      dropped: ["response_format"]
    }
  ],
  "DeepSeek answers with any JSON only where the word is said": [
    { model: "m", sent: { response_format: asObject }, becomes: { messages: instructed(inWord) } }
  ],
  "DeepSeek's reasoner tells no probabilities": [
    refused("deepseek-reasoner", { logprobs: true, top_logprobs: 1 }, { not: ["deepseek-chat"] })
  ],
  "DeepSeek stops thinking where it is told so by a field of its own": [
    {
      model: "deepseek-v4-pro",
      sent: {},
      foreign: true,
      change: { reasoning: { disabled: true } },
      becomes: { thinking: { type: "disabled" } }
    }
  ],
  "DeepSeek cannot be made to call a tool while it thinks": [
    {
      model: "deepseek-v4-pro",
      sent: { tools: [tool("look")], tool_choice: "required", reasoning_effort: "high" },
      becomes: { thinking: { type: "disabled" }, reasoning_effort: undefined },
      dropped: ["reasoning_effort"]
    }
  ],
  "DeepSeek wants the thoughts before its calls back": [
    {
      model: "deepseek-v4-pro",
      sent: { messages: called("call_1") },
      becomes: { messages: called("call_1", { reasoning_content: " " }) }
    }
  ],
  "OpenRouter takes both names of the output limit": [
    { model: "m", sent: { max_completion_tokens: 9 }, becomes: { max_completion_tokens: 9, max_tokens: undefined } }
  ],
  "OpenRouter takes a user of at most 128 characters": [
    { model: "m", sent: { user: "u".repeat(129) }, becomes: { user: "TEeLsHurF" } }
  ],
  "Cerebras limits by max_completion_tokens": [
    { model: "m", sent: { max_tokens: 9 }, becomes: { max_tokens: undefined, max_completion_tokens: 9 } }
  ],
  "Cerebras answers 400 to fields it does not know": [
    refused("m", { ...onlyOpenAi, ...penalties, service_tier: "auto" })
  ],
  "Cerebras answers 400 to fields of messages it does not know": [
    inMessages("m", "refusal"),
    inMessages("m", "annotations")
  ],
  "Cerebras calls thoughts reasoning": [inMessages("m", "reasoning_content", { reasoning: "x" })],
  "A server of unknown make may be Google's own, which asks for the signatures of its calls": [
    { model: "m", sent: { messages: signedCall }, becomes: { messages: signedCall }, spared: ["extra_content"] }
  ],
  "xAI limits by max_completion_tokens": [
    { model: "m", sent: { max_tokens: 9 }, becomes: { max_tokens: undefined, max_completion_tokens: 9 } }
  ],
  "xAI takes no logit_bias": [refused("m", { logit_bias: {} })],
  "xAI's models that think take neither penalties nor stop sequences": [
    refused(
      "grok-4.6",
      { presence_penalty: 1, frequency_penalty: 1, stop: ["."] },
      { not: ["grok-4-1-fast-non-reasoning", "grok-3"] }
    )
  ],
  "xAI's models before Grok 4.3 take no effort": [
    effort("grok-4-0709", "low", undefined, { not: ["grok-4.3", "grok-4.5", "grok-5"] }),
    effort("grok-4.20-reasoning", "low", undefined),
    effort("grok-code-fast-1", "low", undefined)
  ],
  "Grok 3 mini thinks at low and high": [effort("grok-3-mini", "medium", "low", { not: ["grok-3"] })],
  "Grok 4.3 thinks from none to high": [effort("grok-4.3", "xhigh", "high")],
  "Grok 4.4 and later always think, at low to high": [
    effort("grok-4.5", "none", "low", { not: ["grok-4.20-reasoning"] })
  ],
  "Perplexity's streams tell their usage unasked": [
    { model: "sonar", sent: { stream: true }, becomes: { stream_options: undefined } }
  ],
  "Perplexity knows few of OpenAI's fields": [
    refused("sonar", {
      n: 2,
      seed: 1,
      user: "me",
      logprobs: true,
      top_logprobs: 1,
      logit_bias: {},
      parallel_tool_calls: false,
      stop: ["."],
      service_tier: "auto",
      ...onlyOpenAi
    })
  ],
  "Perplexity's roles must take turns": [
    {
      model: "sonar",
      sent: {
        messages: [
          { role: "system", content: "Be brief" },
          hello,
          { role: "user", content: [{ type: "text", text: "Now" }] },
          { role: "assistant", content: "Hello" },
          { role: "system", content: "Be kind" },
          { role: "user", content: "Again" }
        ]
      },
      becomes: {
        messages: [
          { role: "system", content: "Be brief" },
          {
            role: "user",
            content: [
              { type: "text", text: "Say hello" },
              { type: "text", text: "Now" }
            ]
          },
          { role: "assistant", content: "Hello" },
          { role: "user", content: "<system>\nBe kind\n</system>\n\nAgain" }
        ]
      }
    }
  ],
  "Perplexity answers to a schema, but not with any JSON": [
    {
      model: "sonar",
      sent: { response_format: asObject },
      becomes: { response_format: undefined, messages: instructed(inJson) },
      dropped: ["response_format"]
    }
  ],
  "Perplexity's models that do not think take no effort": [
    effort("sonar-pro", "low", undefined, { not: ["sonar-deep-research"] })
  ],
  "Perplexity's thinking models think from minimal to high": [effort("sonar-deep-research", "xhigh", "high")],
  "Ollama thinks at none, low, medium, high and max": [
    effort("qwen3", "minimal", "low"),
    effort("qwen3", "xhigh", "high")
  ],
  "LM Studio answers to a schema, but not with any JSON": [
    {
      model: "m",
      sent: { response_format: asObject },
      becomes: { response_format: undefined, messages: instructed(inJson) },
      dropped: ["response_format"]
    }
  ],
  "LM Studio cannot be told which tool to call": [
    {
      model: "m",
      sent: { tools: [tool("look"), tool("say")], tool_choice: { type: "function", function: { name: "say" } } },
      becomes: { tools: [tool("say")], tool_choice: "required" }
    }
  ],
  "the Gemini API does not know fields of Google Cloud's": [
    {
      model: "gemini-3.5-flash",
      sent: {
        contents: [{ parts: [{ text: "Say hello" }] }],
        labels: { team: "a" },
        generationConfig: { audioTimestamp: true }
      },
      becomes: { labels: undefined, generationConfig: {} },
      dropped: ["labels", "audioTimestamp"]
    }
  ],
  "Google Cloud does not know fields of the Gemini API's": [
    {
      model: "gemini-3.5-flash",
      sent: { contents: [{ parts: [{ text: "Say hello" }] }], store: true },
      becomes: { store: undefined },
      dropped: ["store"]
    }
  ]
}

const gemini = (model: string): readonly [InboundDialect, OutboundDialect] => [
  geminiInbound({ model, delivery: "whole" }),
  geminiOutbound
]
const chat: readonly [InboundDialect, OutboundDialect] = [openAiChatInbound, openAiChatOutbound]

/** What a vendor is sent where only `rows` count. */
const sent = (
  { change, foreign, model, sent: fields }: Example,
  rows: ReadonlyArray<QuirkRow>
): Result.Result<EncodedRequest, EncodeFault> => {
  const [inbound, outbound] = "contents" in fields ? gemini(model) : chat
  const body = "contents" in fields ? fields : { model, messages: [hello], ...fields }
  const request = Result.getOrThrow(inbound.decodeRequest(body, {}))
  const { wire, ...rest } = request
  return outbound.encodeRequest(
    { ...rest, ...(foreign === undefined && wire !== undefined ? { wire } : {}), ...change },
    { model, maxOutputTokens: undefined, quirks: quirksAmong(rows, model) }
  )
}

const withoutRow = (kind: ProviderKind, row: QuirkRow): ReadonlyArray<QuirkRow> =>
  quirkRows.filter((one) => one !== row && one.kinds.includes(kind))
const all = (kind: ProviderKind): ReadonlyArray<QuirkRow> => quirkRows.filter((one) => one.kinds.includes(kind))

describe("the table of quirks", () => {
  it("has an example for every row, and no example without a row", () => {
    assert.sameMembers(
      Object.keys(examples),
      quirkRows.map(({ name }) => name)
    )
  })

  it("names every row once, and where it is from", () => {
    assert.strictEqual(new Set(quirkRows.map(({ name }) => name)).size, quirkRows.length)
    for (const { kinds, source } of quirkRows) {
      assert.match(source, /^https:\/\//)
      assert.isNotEmpty(kinds)
    }
  })

  for (const row of quirkRows) {
    const [own] = row.kinds
    for (const [index, example] of (examples[row.name] ?? []).entries()) {
      const kind = example.kind ?? own
      if (kind === undefined) continue
      it(`${row.name}${index === 0 ? "" : `: ${example.model}`}`, () => {
        assert.include(row.kinds, kind)
        assert.isTrue(row.model === undefined || row.model.test(example.model), "the row is for the model")
        const alone = sent(example, [row])
        if (example.fault !== undefined) {
          assert.strictEqual(Result.isFailure(alone) ? alone.failure.feature : undefined, example.fault)
          assert.isTrue(Result.isSuccess(sent(example, [])))
          return
        }
        const plain = Result.getOrThrow(sent(example, []))
        const fitted = Result.getOrThrow(sent(example, all(kind)))
        const expected: Record<string, Json> = {}
        for (const [field, value] of Object.entries({ ...plain.body, ...example.becomes }))
          if (value !== undefined) expected[field] = value
        assert.deepStrictEqual(fitted.body, expected)
        assert.sameMembers(
          [...fitted.dropped],
          [
            ...plain.dropped.filter((field) => field !== "reasoning" && !(example.spared ?? []).includes(field)),
            ...(example.dropped ?? [])
          ]
        )
        assert.notDeepEqual(
          Result.getOrThrow(sent(example, withoutRow(kind, row))),
          fitted,
          "without the row another request would be sent"
        )
      })
    }
    for (const model of (examples[row.name] ?? []).flatMap(({ not }) => not ?? []))
      it(`${row.name}, but not ${model}`, () => {
        assert.isFalse(row.model?.test(model) ?? true)
      })
  }

  it("asks nothing of a vendor that has no row", () => {
    assert.deepStrictEqual(quirksOf("anthropic", "claude-opus-4-7"), noQuirks)
  })

  it("does not take another vendor's model for OpenAI's", () => {
    assert.deepStrictEqual(quirksOf("openrouter", "openai/o3"), quirksOf("openrouter", "m"))
  })

  it("says the same of a name however many others it was asked for meanwhile", () => {
    const before = quirksOf("openai", "o3")
    for (let at = 0; at < 1500; at++) quirksOf("openai", `m${at}`)
    assert.deepStrictEqual(quirksOf("openai", "o3"), before)
    assert.notDeepEqual(quirksOf("groq", "o3"), before)
  })

  it("knows models whatever the case of their names", () => {
    assert.deepStrictEqual(quirksOf("openai", "GPT-5-nano"), quirksOf("openai", "gpt-5-nano"))
  })
})

describe("compatibleVendors", () => {
  it("names every vendor by its own kind, at an address with TLS or on this machine", () => {
    for (const [kind, vendor] of Object.entries(compatibleVendors)) {
      assert.strictEqual(vendor.kind, kind)
      if (vendor.url !== undefined) assert.match(vendor.url, vendor.keyed ? /^https:/ : /^http:\/\/127\.0\.0\.1:/)
    }
  })

  it("finds the wire of a local server that is named without its version", () => {
    assert.strictEqual(baseUrlOf(compatibleVendors.ollama, "http://gpu:11434"), "http://gpu:11434/v1")
    assert.strictEqual(baseUrlOf(compatibleVendors.vllm, "http://gpu:8000/api"), "http://gpu:8000/api")
    assert.strictEqual(baseUrlOf(compatibleVendors.groq, "http://proxy"), "http://proxy")
    assert.strictEqual(baseUrlOf(compatibleVendors.groq, undefined), "https://api.groq.com/openai/v1")
    assert.strictEqual(baseUrlOf(compatibleVendors["openai-compatible"], undefined), undefined)
  })
})
