/**
 * What becomes of each field of a request on each other wire: carried, dropped and told, or refused by name. A field
 * that an official client's types know and no row names fails the audit at the end.
 */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { anthropicMessagesInbound, anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import { type HeaderMap, type InboundDialect, noQuirks, type OutboundDialect } from "../../src/dialect/Dialect.ts"
import { geminiInbound, geminiOutbound } from "../../src/dialect/Gemini.ts"
import { openAiChatInbound, openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import { openAiResponsesInbound, openAiResponsesOutbound } from "../../src/dialect/OpenAiResponses.ts"
import { isJsonObject, type Json, type JsonObject } from "../../src/domain/Json.ts"

type Wire = "chat" | "responses" | "messages" | "gemini"

const wires: { readonly [W in Wire]: readonly [InboundDialect, OutboundDialect, model: string] } = {
  chat: [openAiChatInbound, openAiChatOutbound, "gpt-4o"],
  responses: [openAiResponsesInbound, openAiResponsesOutbound, "gpt-4o"],
  messages: [anthropicMessagesInbound, anthropicMessagesOutbound, "claude-opus-4-7"],
  gemini: [geminiInbound({ model: "m", delivery: "whole" }), geminiOutbound, "gemini-2.5-flash"]
}

/** `[path, value]`: it stands there; a path alone: nothing is lost by its absence. */
type Outcome =
  | { readonly at: string; readonly is: Json }
  | { readonly dropped: string }
  | { readonly refused: string }
  | "nothing lost"
const at = (path: string, is: Json): Outcome => ({ at: path, is })
const dropped = (word: string): Outcome => ({ dropped: word })
const refused = (word: string): Outcome => ({ refused: word })
const same = "nothing lost"

/** The fields over the least body, and the outcomes in the order of the other wires in `wires`. */
type Row = readonly [fields: JsonObject, first: Outcome, second: Outcome, third: Outcome]

const text = "hi"
const user = { role: "user", content: text }
const least: { readonly [W in Wire]: JsonObject } = {
  chat: { model: "m", messages: [user] },
  responses: { model: "m", input: text },
  messages: { model: "m", max_tokens: 5000, messages: [user] },
  gemini: { contents: [{ role: "user", parts: [{ text }] }] }
}
const schema = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false
}
const png = "iVBORw0KGgo="
const definition = 'start: "a"+'
const all = (outcome: (word: string) => Outcome, word: string) => [outcome(word), outcome(word), outcome(word)] as const

/** To Responses, Messages, Gemini. */
const chat = (messages: ReadonlyArray<JsonObject>): JsonObject => ({ messages })
const said = (...content: ReadonlyArray<JsonObject>): JsonObject => chat([{ role: "user", content }])
const fn = { type: "function", function: { name: "f", parameters: schema } }
const fromChat: ReadonlyArray<Row> = [
  [{ audio: { voice: "alloy", format: "mp3" } }, ...all(refused, "audio")],
  [{ modalities: ["text", "audio"] }, ...all(refused, "modalities")],
  [{ modalities: ["text"] }, same, same, same],
  [{ frequency_penalty: 1 }, ...all(dropped, "frequency_penalty")],
  [{ presence_penalty: 1 }, ...all(dropped, "presence_penalty")],
  [{ logit_bias: { "1": 2 } }, ...all(dropped, "logit_bias")],
  [
    { logprobs: true },
    at("include.0", "message.output_text.logprobs"),
    dropped("logprobs"),
    at("generationConfig.responseLogprobs", true)
  ],
  [
    { logprobs: true, top_logprobs: 2 },
    at("top_logprobs", 2),
    dropped("top_logprobs"),
    at("generationConfig.logprobs", 2)
  ],
  [
    { max_completion_tokens: 50 },
    at("max_output_tokens", 50),
    at("max_tokens", 50),
    at("generationConfig.maxOutputTokens", 50)
  ],
  [{ max_tokens: 5 }, dropped("max_tokens"), at("max_tokens", 5), at("generationConfig.maxOutputTokens", 5)],
  [{ metadata: { a: "b" } }, at("metadata", { a: "b" }), dropped("metadata"), dropped("metadata")],
  [{ moderation: { model: "x" } }, at("moderation", { model: "x" }), dropped("moderation"), dropped("moderation")],
  [{ n: 2 }, refused("n"), refused("n"), at("generationConfig.candidateCount", 2)],
  [
    { tools: [fn], parallel_tool_calls: false },
    at("parallel_tool_calls", false),
    at("tool_choice.disable_parallel_tool_use", true),
    dropped("parallel_tool_calls")
  ],
  [{ prediction: { type: "content", content: "x" } }, ...all(dropped, "prediction")],
  [{ prompt_cache_key: "k" }, at("prompt_cache_key", "k"), dropped("prompt_cache_key"), dropped("prompt_cache_key")],
  [
    { prompt_cache_options: { mode: "x" } },
    at("prompt_cache_options", { mode: "x" }),
    dropped("prompt_cache_options"),
    dropped("prompt_cache_options")
  ],
  [
    { prompt_cache_retention: "24h" },
    at("prompt_cache_retention", "24h"),
    dropped("prompt_cache_retention"),
    dropped("prompt_cache_retention")
  ],
  [
    { reasoning_effort: "high" },
    at("reasoning.effort", "high"),
    at("output_config.effort", "high"),
    at("generationConfig.thinkingConfig.thinkingBudget", 24_576)
  ],
  [
    { reasoning_effort: "none" },
    at("reasoning.effort", "none"),
    same,
    at("generationConfig.thinkingConfig.thinkingBudget", 0)
  ],
  [
    { response_format: { type: "json_schema", json_schema: { name: "n", schema } } },
    at("text.format.schema", schema),
    at("output_config.format.schema", schema),
    at("generationConfig.responseJsonSchema", schema)
  ],
  [
    { response_format: { type: "json_schema", json_schema: { name: "n", description: "A place", schema } } },
    at("text.format.description", "A place"),
    at("output_config.format.schema.description", "A place"),
    at("generationConfig.responseJsonSchema.description", "A place")
  ],
  [
    {
      response_format: {
        type: "json_schema",
        json_schema: { name: "n", description: "A place", schema: { ...schema, description: "A town" } }
      }
    },
    at("text.format.description", "A place"),
    dropped("response_format.description"),
    dropped("response_format.description")
  ],
  [
    { response_format: { type: "json_object" } },
    at("text.format.type", "json_object"),
    dropped("response_format"),
    at("generationConfig.responseMimeType", "application/json")
  ],
  [{ response_format: { type: "grammar" } }, ...all(refused, "response_format")],
  [
    { safety_identifier: "s" },
    at("safety_identifier", "s"),
    dropped("safety_identifier"),
    dropped("safety_identifier")
  ],
  [{ seed: 3 }, dropped("seed"), dropped("seed"), at("generationConfig.seed", 3)],
  [{ service_tier: "flex" }, at("service_tier", "flex"), dropped("service_tier"), dropped("service_tier")],
  [{ service_tier: "auto" }, same, same, same],
  [{ stop: ["a", "b", "c", "d", "e", "f"] }, refused("stop"), at("stop_sequences.5", "f"), dropped("stop")],
  [{ stop: [" "] }, refused("stop"), dropped("stop"), at("generationConfig.stopSequences", [" "])],
  [{ stop: "" }, same, same, same],
  [{ stop: ["", "a"] }, refused("stop"), at("stop_sequences", ["a"]), at("generationConfig.stopSequences", ["a"])],
  [{ store: true }, at("store", true), dropped("store"), dropped("store")],
  [{ store: false }, at("store", false), same, same],
  [
    { stream: true, stream_options: { include_obfuscation: true } },
    at("stream_options.include_obfuscation", true),
    dropped("stream_options.include_obfuscation"),
    dropped("stream_options.include_obfuscation")
  ],
  [{ temperature: 0.5 }, at("temperature", 0.5), dropped("temperature"), at("generationConfig.temperature", 0.5)],
  [{ top_p: 0.5 }, at("top_p", 0.5), dropped("top_p"), at("generationConfig.topP", 0.5)],
  [
    { tools: [fn], tool_choice: "required" },
    at("tool_choice", "required"),
    at("tool_choice.type", "any"),
    at("toolConfig.functionCallingConfig.mode", "ANY")
  ],
  [
    {
      tools: [fn, { ...fn, function: { ...fn.function, name: "g" } }],
      tool_choice: {
        type: "allowed_tools",
        allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "g" } }] }
      }
    },
    at("tool_choice", "required"),
    at("tool_choice.type", "any"),
    at("toolConfig.functionCallingConfig.mode", "ANY")
  ],
  [
    chat([
      user,
      {
        role: "assistant",
        tool_calls: [
          {
            id: "c",
            type: "function",
            function: { name: "f", arguments: "{}" },
            extra_content: { google: { thought_signature: "c2ln" } }
          }
        ]
      },
      { role: "tool", tool_call_id: "c", content: "r" }
    ]),
    dropped("extra_content"),
    dropped("extra_content"),
    at("contents.1.parts.0.thoughtSignature", "c2ln")
  ],
  [{ tools: [{ type: "web_search" }] }, ...all(refused, "web_search")],
  [
    { tools: [{ type: "custom", custom: { name: "c" } }] },
    at("tools.0", { type: "custom", name: "c" }),
    at("tools.0.input_schema.required", ["input"]),
    at("tools.0.functionDeclarations.0.parametersJsonSchema.required", ["input"])
  ],
  [
    {
      tools: [
        { type: "custom", custom: { name: "c", format: { type: "grammar", grammar: { syntax: "lark", definition } } } }
      ]
    },
    at("tools.0.format", { type: "grammar", syntax: "lark", definition }),
    dropped("format"),
    dropped("format")
  ],
  [
    { tools: [{ ...fn, function: { ...fn.function, strict: true } }] },
    at("tools.0.strict", true),
    at("tools.0.strict", true),
    dropped("strict")
  ],
  [
    { functions: [fn.function], function_call: { name: "f" } },
    at("tool_choice.name", "f"),
    at("tool_choice.name", "f"),
    at("toolConfig.functionCallingConfig.allowedFunctionNames.0", "f")
  ],
  [{ user: "u" }, at("user", "u"), at("metadata.user_id", "u"), dropped("user")],
  [{ verbosity: "low" }, at("text.verbosity", "low"), dropped("verbosity"), dropped("verbosity")],
  [{ web_search_options: {} }, ...all(refused, "web_search_options")],
  [
    chat([{ role: "developer", content: "d" }, user]),
    at("input.0.role", "developer"),
    at("system", "d"),
    at("systemInstruction.parts.0.text", "d")
  ],
  [
    chat([user, { role: "system", content: "s" }, user]),
    at("input.1.content", "s"),
    at("messages.0.content.1.text", "<system>\ns\n</system>"),
    at("contents.0.parts.1.text", "<system>\ns\n</system>")
  ],
  [chat([{ ...user, name: "Bob" }]), ...all(dropped, "name")],
  [
    chat([user, { role: "assistant", content: null, refusal: "no" }, user]),
    at("input.1.content.0.refusal", "no"),
    at("messages.1.content.0.text", "no"),
    at("contents.1.parts.0.text", "no")
  ],
  [
    chat([user, { role: "assistant", content: "a", reasoning_content: "r" }, user]),
    ...all(dropped, "reasoning_content")
  ],
  [
    said({ type: "image_url", image_url: { url: `data:image/png;base64,${png}`, detail: "high" } }),
    at("input.0.content.0.detail", "high"),
    dropped("detail"),
    dropped("detail")
  ],
  [
    said({ type: "image_url", image_url: { url: "https://x.test/a.png" } }),
    at("input.0.content.0.image_url", "https://x.test/a.png"),
    at("messages.0.content.0.source.url", "https://x.test/a.png"),
    at("contents.0.parts.0.fileData.fileUri", "https://x.test/a.png")
  ],
  [
    said({ type: "input_audio", input_audio: { data: png, format: "wav" } }),
    at("input.0.content.0.input_audio.format", "wav"),
    refused("audio"),
    at("contents.0.parts.0.inlineData.mimeType", "audio/wav")
  ],
  [
    said({ type: "file", file: { file_data: `data:application/pdf;base64,${png}`, filename: "a.pdf" } }),
    at("input.0.content.0.filename", "a.pdf"),
    at("messages.0.content.0.title", "a.pdf"),
    dropped("filename")
  ],
  [said({ type: "file", file: { file_id: "file-1" } }), ...all(refused, "uploaded files")],
  [said({ type: "video_url", video_url: { url: "https://x.test/v" } }), ...all(refused, "video_url")]
]

/** To Chat Completions, Messages, Gemini. */
const input = (...items: ReadonlyArray<JsonObject>): JsonObject => ({ input: items })
const own = { type: "function", name: "f", parameters: schema, strict: false }
const fromResponses: ReadonlyArray<Row> = [
  [{ access_programs: { x: 1 } }, ...all(dropped, "access_programs")],
  [{ background: true }, ...all(refused, "background")],
  [{ context_management: [{ type: "compaction" }] }, ...all(dropped, "context_management")],
  [{ conversation: "c" }, ...all(refused, "conversation")],
  [{ image: { size: "x" } }, ...all(refused, "image")],
  [{ include: ["reasoning.encrypted_content"] }, same, same, same],
  [{ include: ["file_search_call.results"] }, ...all(dropped, "include")],
  [
    { include: ["message.output_text.logprobs"], top_logprobs: 2 },
    at("top_logprobs", 2),
    dropped("logprobs"),
    at("generationConfig.logprobs", 2)
  ],
  [{ top_logprobs: 2 }, at("logprobs", true), dropped("top_logprobs"), dropped("top_logprobs")],
  [{ instructions: "i" }, at("messages.0.content", "i"), at("system", "i"), at("systemInstruction.parts.0.text", "i")],
  [
    { max_output_tokens: 50 },
    at("max_completion_tokens", 50),
    at("max_tokens", 50),
    at("generationConfig.maxOutputTokens", 50)
  ],
  [{ max_tool_calls: 2 }, ...all(dropped, "max_tool_calls")],
  [{ metadata: { a: "b" } }, at("metadata", { a: "b" }), dropped("metadata"), dropped("metadata")],
  [{ moderation: { model: "x" } }, at("moderation", { model: "x" }), dropped("moderation"), dropped("moderation")],
  [
    { tools: [own], parallel_tool_calls: false },
    at("parallel_tool_calls", false),
    at("tool_choice.disable_parallel_tool_use", true),
    dropped("parallel_tool_calls")
  ],
  [{ prompt: { id: "p" } }, ...all(refused, "prompt")],
  [{ prompt_cache_key: "k" }, at("prompt_cache_key", "k"), dropped("prompt_cache_key"), dropped("prompt_cache_key")],
  [
    { prompt_cache_options: { mode: "x" } },
    at("prompt_cache_options", { mode: "x" }),
    dropped("prompt_cache_options"),
    dropped("prompt_cache_options")
  ],
  [
    { prompt_cache_retention: "24h" },
    at("prompt_cache_retention", "24h"),
    dropped("prompt_cache_retention"),
    dropped("prompt_cache_retention")
  ],
  [
    { reasoning: { effort: "low", summary: "auto" } },
    dropped("reasoning.summary"),
    at("thinking.display", "summarized"),
    at("generationConfig.thinkingConfig.includeThoughts", true)
  ],
  [
    { reasoning: { effort: "low" } },
    at("reasoning_effort", "low"),
    at("output_config.effort", "low"),
    at("generationConfig.thinkingConfig.thinkingBudget", 1024)
  ],
  [
    { safety_identifier: "s" },
    at("safety_identifier", "s"),
    dropped("safety_identifier"),
    dropped("safety_identifier")
  ],
  [{ service_tier: "flex" }, at("service_tier", "flex"), dropped("service_tier"), dropped("service_tier")],
  [{ store: true }, same, same, same],
  [
    { stream: true, stream_options: { include_obfuscation: true } },
    at("stream_options.include_obfuscation", true),
    dropped("stream_options.include_obfuscation"),
    dropped("stream_options.include_obfuscation")
  ],
  [{ temperature: 0.5 }, at("temperature", 0.5), dropped("temperature"), at("generationConfig.temperature", 0.5)],
  [{ top_p: 0.5 }, at("top_p", 0.5), dropped("top_p"), at("generationConfig.topP", 0.5)],
  [{ text: { verbosity: "low" } }, at("verbosity", "low"), dropped("text.verbosity"), dropped("text.verbosity")],
  [
    { text: { format: { type: "json_schema", name: "n", schema } } },
    at("response_format.json_schema.schema", schema),
    at("output_config.format.schema", schema),
    at("generationConfig.responseJsonSchema", schema)
  ],
  [
    {
      tools: [own],
      tool_choice: { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "f" }] }
    },
    at("tool_choice", "required"),
    at("tool_choice.type", "any"),
    at("toolConfig.functionCallingConfig.mode", "ANY")
  ],
  [{ tools: [own], tool_choice: { type: "web_search_preview" } }, ...all(refused, "tool_choice")],
  [
    { tools: [{ type: "web_search" }, { type: "code_interpreter", container: { type: "auto" } }] },
    ...all(refused, "web_search, code_interpreter")
  ],
  [
    { tools: [{ type: "custom", name: "c" }] },
    at("tools.0", { type: "custom", custom: { name: "c" } }),
    at("tools.0.input_schema.required", ["input"]),
    at("tools.0.functionDeclarations.0.parametersJsonSchema.required", ["input"])
  ],
  [
    { tools: [{ type: "custom", name: "c", format: { type: "grammar", syntax: "lark", definition } }] },
    at("tools.0.custom.format", { type: "grammar", grammar: { syntax: "lark", definition } }),
    dropped("format"),
    dropped("format")
  ],
  [
    { tools: [{ type: "custom", name: "c" }], tool_choice: { type: "custom", name: "c" } },
    at("tool_choice", { type: "custom", custom: { name: "c" } }),
    at("tool_choice.name", "c"),
    at("toolConfig.functionCallingConfig.allowedFunctionNames.0", "c")
  ],
  [{ truncation: "auto" }, ...all(dropped, "truncation")],
  [{ truncation: "disabled" }, same, same, same],
  [{ user: "u" }, at("user", "u"), at("metadata.user_id", "u"), dropped("user")],
  [
    input({ role: "user", content: [{ type: "input_file", file_url: "https://x.test/a.pdf" }] }),
    refused("documents"),
    at("messages.0.content.0.source.url", "https://x.test/a.pdf"),
    at("contents.0.parts.0.fileData.fileUri", "https://x.test/a.pdf")
  ],
  [input({ role: "user", content: [{ type: "input_image", file_id: "file-1" }] }), ...all(refused, "uploaded files")],
  [
    input(
      user,
      { type: "reasoning", summary: [{ type: "summary_text", text: "t" }], encrypted_content: "e" },
      { role: "assistant", content: "a" },
      user
    ),
    ...all(dropped, "reasoning")
  ],
  [input(user, { type: "web_search_call", id: "w", status: "completed" }, user), ...all(refused, "web_search_call")]
]

/** To Chat Completions, Responses, Gemini. */
const turn = (...content: ReadonlyArray<JsonObject>): JsonObject => ({ messages: [{ role: "user", content }] })
const cache = { cache_control: { type: "ephemeral" } }
const tool = { name: "f", input_schema: schema }
const called = { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: {} }] }
const answered = (result: JsonObject): JsonObject => ({
  messages: [user, called, { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", ...result }] }]
})
const fromMessages: ReadonlyArray<Row> = [
  [{ max_tokens: 5 }, at("max_completion_tokens", 5), dropped("max_tokens"), at("generationConfig.maxOutputTokens", 5)],
  [cache, ...all(dropped, "cache_control")],
  [{ container: "c" }, ...all(refused, "container")],
  [{ mcp_servers: [{ type: "url", name: "s", url: "https://x.test" }] }, ...all(refused, "mcp_servers")],
  [{ inference_geo: "us" }, ...all(refused, "inference_geo")],
  [{ thread: { type: "create" } }, ...all(refused, "thread")],
  ...[
    "billing_policy",
    "compaction",
    "context_management",
    "diagnostics",
    "fallback_credit_token",
    "speed",
    "user_profile_id",
    "workspace_id",
    "betas"
  ].map((field): Row => [{ [field]: { x: "y" } }, ...all(dropped, field)]),
  [{ fallbacks: [{ model: "m2" }] }, ...all(dropped, "fallbacks")],
  [{ metadata: { user_id: "u" } }, at("user", "u"), at("user", "u"), dropped("metadata.user_id")],
  [
    { output_config: { effort: "high" } },
    at("reasoning_effort", "high"),
    at("reasoning.effort", "high"),
    at("generationConfig.thinkingConfig.thinkingBudget", 24_576)
  ],
  [
    { output_config: { format: { type: "json_schema", schema } } },
    at("response_format.json_schema.schema", schema),
    at("text.format.schema", schema),
    at("generationConfig.responseJsonSchema", schema)
  ],
  [
    { output_format: { type: "json_schema", schema } },
    at("response_format.json_schema.schema", schema),
    at("text.format.schema", schema),
    at("generationConfig.responseJsonSchema", schema)
  ],
  [{ output_config: { task_budget: { type: "tokens", total: 9 } } }, ...all(dropped, "output_config.task_budget")],
  [{ service_tier: "standard_only" }, ...all(dropped, "service_tier")],
  [{ stop_sequences: ["a"] }, at("stop.0", "a"), refused("stop"), at("generationConfig.stopSequences.0", "a")],
  [{ system: [{ type: "text", text: "s", ...cache }] }, ...all(dropped, "cache_control")],
  [
    {
      system: [
        { type: "text", text: "s" },
        { type: "text", text: "t" }
      ]
    },
    at("messages.0.content.1.text", "t"),
    at("input.0.content.1.text", "t"),
    at("systemInstruction.parts.1.text", "t")
  ],
  [{ temperature: 0.5 }, at("temperature", 0.5), at("temperature", 0.5), at("generationConfig.temperature", 0.5)],
  [{ top_p: 0.5 }, at("top_p", 0.5), at("top_p", 0.5), at("generationConfig.topP", 0.5)],
  [{ top_k: 5 }, dropped("top_k"), dropped("top_k"), at("generationConfig.topK", 5)],
  [
    { thinking: { type: "enabled", budget_tokens: 2000 } },
    at("reasoning_effort", "low"),
    at("reasoning.effort", "low"),
    at("generationConfig.thinkingConfig.thinkingBudget", 2000)
  ],
  [
    { thinking: { type: "adaptive", display: "summarized" } },
    dropped("thinking.display"),
    at("reasoning.summary", "auto"),
    at("generationConfig.thinkingConfig.includeThoughts", true)
  ],
  [
    { thinking: { type: "adaptive", display: "omitted" } },
    same,
    same,
    at("generationConfig.thinkingConfig.includeThoughts", false)
  ],
  [
    { thinking: { type: "disabled" } },
    dropped("reasoning"),
    dropped("reasoning"),
    at("generationConfig.thinkingConfig.thinkingBudget", 0)
  ],
  [
    { tools: [tool], tool_choice: { type: "any", disable_parallel_tool_use: true } },
    at("parallel_tool_calls", false),
    at("tool_choice", "required"),
    dropped("parallel_tool_calls")
  ],
  [{ tools: [{ ...tool, ...cache, defer_loading: true }] }, ...all(dropped, "defer_loading")],
  [
    { tools: [{ ...tool, type: "custom" }] },
    at("tools.0.function.name", "f"),
    at("tools.0.name", "f"),
    at("tools.0.functionDeclarations.0.name", "f")
  ],
  [{ tools: [{ type: "web_search_20250305", name: "web_search" }] }, ...all(refused, "web_search_20250305")],
  [turn({ type: "text", text, ...cache }), ...all(dropped, "cache_control")],
  [
    turn({ type: "image", source: { type: "url", url: "https://x.test/a.png" } }),
    at("messages.0.content.0.image_url.url", "https://x.test/a.png"),
    at("input.0.content.0.image_url", "https://x.test/a.png"),
    at("contents.0.parts.0.fileData.fileUri", "https://x.test/a.png")
  ],
  [turn({ type: "image", source: { type: "file", file_id: "file_1" } }), ...all(refused, "uploaded files")],
  [
    turn({ type: "document", source: { type: "text", media_type: "text/plain", data: "d" }, title: "T" }),
    at("messages.0.content.0.text", "T\n\nd"),
    at("input.0.content.0.text", "T\n\nd"),
    at("contents.0.parts.0.text", "T\n\nd")
  ],
  [
    turn({ type: "document", source: { type: "base64", media_type: "application/pdf", data: png } }),
    at("messages.0.content.0.file.filename", "document.pdf"),
    at("input.0.content.0.filename", "document.pdf"),
    at("contents.0.parts.0.inlineData.mimeType", "application/pdf")
  ],
  [
    turn({ type: "document", source: { type: "url", url: "https://x.test/a.pdf" } }),
    refused("documents"),
    at("input.0.content.0.file_url", "https://x.test/a.pdf"),
    at("contents.0.parts.0.fileData.mimeType", "application/pdf")
  ],
  [
    turn({
      type: "document",
      source: { type: "text", media_type: "text/plain", data: "d" },
      citations: { enabled: true }
    }),
    ...all(dropped, "citations")
  ],
  [
    turn({ type: "document", source: { type: "text", media_type: "text/plain", data: "d" }, context: "c" }),
    ...all(refused, "context")
  ],
  [turn({ type: "search_result", source: "s", title: "t", content: [] }), ...all(refused, "search_result")],
  [
    answered({ content: "bad", is_error: true }),
    dropped("is_error"),
    dropped("is_error"),
    at("contents.2.parts.0.functionResponse.response.error", "bad")
  ],
  [
    answered({ content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: png } }] }),
    at("messages.3.content.1.type", "image_url"),
    at("input.2.output.0.type", "input_image"),
    at("contents.2.parts.1.inlineData.data", png)
  ],
  [
    {
      messages: [
        user,
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "t", signature: "s" },
            { type: "text", text }
          ]
        },
        user
      ]
    },
    ...all(dropped, "thinking")
  ],
  [
    { messages: [user, { role: "system", content: "s" }, user] },
    at("messages.1.role", "system"),
    at("input.1.role", "system"),
    at("contents.0.parts.1.text", "<system>\ns\n</system>")
  ]
]

/** To Chat Completions, Responses, Messages. */
const config = (generationConfig: JsonObject): JsonObject => ({ generationConfig })
const part = (one: JsonObject): JsonObject => ({ contents: [{ role: "user", parts: [one] }] })
const functionDeclarations = [
  { name: "f", parametersJsonSchema: schema },
  { name: "g", parametersJsonSchema: schema }
]
const calling = (functionCallingConfig: JsonObject): JsonObject => ({
  tools: [{ functionDeclarations }],
  toolConfig: { functionCallingConfig }
})
const fromGemini: ReadonlyArray<Row> = [
  [
    { systemInstruction: { parts: [{ text: "s" }] } },
    at("messages.0.content", "s"),
    at("instructions", "s"),
    at("system", "s")
  ],
  [{ cachedContent: "c" }, ...all(refused, "cachedContent")],
  [{ safetySettings: [{ category: "X", threshold: "BLOCK_NONE" }] }, ...all(dropped, "safetySettings")],
  [{ labels: { a: "b" } }, ...all(dropped, "labels")],
  [{ serviceTier: "flex" }, ...all(dropped, "serviceTier")],
  [{ store: true }, ...all(dropped, "store")],
  [{ modelArmorConfig: { x: 1 } }, ...all(dropped, "modelArmorConfig")],
  [{ tools: [{ googleSearch: {} }] }, ...all(refused, "googleSearch")],
  [
    calling({ mode: "ANY", allowedFunctionNames: ["g"] }),
    at("tool_choice.function.name", "g"),
    at("tool_choice.name", "g"),
    at("tool_choice.name", "g")
  ],
  [
    calling({ mode: "AUTO", allowedFunctionNames: ["g"] }),
    at("tools.0.function.name", "g"),
    at("tools.0.name", "g"),
    at("tools.0.name", "g")
  ],
  [calling({ mode: "VALIDATED" }), ...all(dropped, "toolConfig.functionCallingConfig")],
  [calling({ mode: "AUTO", streamFunctionCallArguments: true }), ...all(dropped, "toolConfig.functionCallingConfig")],
  [{ toolConfig: { retrievalConfig: { languageCode: "cs" } } }, ...all(dropped, "toolConfig.retrievalConfig")],
  [config({ temperature: 0.5 }), at("temperature", 0.5), at("temperature", 0.5), dropped("temperature")],
  [config({ topP: 0.5 }), at("top_p", 0.5), at("top_p", 0.5), dropped("top_p")],
  [config({ topK: 5 }), dropped("top_k"), dropped("top_k"), dropped("top_k")],
  [config({ candidateCount: 2 }), at("n", 2), refused("n"), refused("n")],
  [config({ maxOutputTokens: 5 }), at("max_completion_tokens", 5), dropped("maxOutputTokens"), at("max_tokens", 5)],
  [config({ stopSequences: ["a"] }), at("stop.0", "a"), refused("stop"), at("stop_sequences.0", "a")],
  [
    config({ responseLogprobs: true, logprobs: 2 }),
    at("top_logprobs", 2),
    at("top_logprobs", 2),
    dropped("top_logprobs")
  ],
  [config({ presencePenalty: 1 }), at("presence_penalty", 1), dropped("presence_penalty"), dropped("presence_penalty")],
  [
    config({ frequencyPenalty: 1 }),
    at("frequency_penalty", 1),
    dropped("frequency_penalty"),
    dropped("frequency_penalty")
  ],
  [config({ seed: 3 }), at("seed", 3), dropped("seed"), dropped("seed")],
  [
    config({ responseMimeType: "application/json", responseJsonSchema: schema }),
    at("response_format.json_schema.schema", schema),
    at("text.format.schema", schema),
    at("output_config.format.schema", schema)
  ],
  [
    config({ responseMimeType: "application/json", responseSchema: { type: "STRING" } }),
    at("response_format.json_schema.schema.type", "string"),
    at("text.format.schema.type", "string"),
    at("output_config.format.schema.type", "string")
  ],
  // a word of a list: the caller reads the bare word, which a schema's answer in JSON would not be
  [
    config({ responseMimeType: "text/x.enum", responseSchema: { type: "STRING", enum: ["a"] } }),
    ...all(refused, "generationConfig.responseMimeType")
  ],
  [config({ responseMimeType: "text/plain" }), same, same, same],
  [config({ responseFormat: [{ x: 1 }] }), ...all(refused, "generationConfig.responseFormat")],
  [config({ responseModalities: ["AUDIO"] }), ...all(refused, "generationConfig.responseModalities")],
  [config({ responseModalities: ["TEXT"] }), same, same, same],
  [config({ speechConfig: { languageCode: "cs" } }), ...all(refused, "generationConfig.speechConfig")],
  [config({ translationConfig: { x: 1 } }), ...all(refused, "generationConfig.translationConfig")],
  ...[
    "audioTimestamp",
    "audioTranscriptionConfig",
    "enableAffectiveDialog",
    "enableEnhancedCivicAnswers",
    "imageConfig",
    "mediaResolution",
    "modelSelectionConfig",
    "routingConfig"
  ].map((field): Row => [config({ [field]: "x" }), ...all(dropped, `generationConfig.${field}`)]),
  [config({ thinkingConfig: { thinkingBudget: 0 } }), dropped("reasoning"), dropped("reasoning"), same],
  [config({ thinkingConfig: { thinkingBudget: -1 } }), same, same, at("thinking.type", "adaptive")],
  [
    config({ thinkingConfig: { thinkingBudget: 2000 } }),
    at("reasoning_effort", "low"),
    at("reasoning.effort", "low"),
    at("thinking.type", "adaptive")
  ],
  [
    config({ thinkingConfig: { thinkingLevel: "HIGH" } }),
    at("reasoning_effort", "high"),
    at("reasoning.effort", "high"),
    at("output_config.effort", "high")
  ],
  [
    config({ thinkingConfig: { includeThoughts: true } }),
    dropped("generationConfig.thinkingConfig.includeThoughts"),
    at("reasoning.summary", "auto"),
    at("thinking.display", "summarized")
  ],
  [part({ text, thoughtSignature: "c2ln" }), ...all(dropped, "thoughtSignature")],
  [
    part({ inlineData: { mimeType: "image/png", data: png }, mediaResolution: { level: "x" } }),
    ...all(dropped, "mediaResolution")
  ],
  [part({ executableCode: { language: "PYTHON", code: "1" } }), ...all(refused, "executableCode")],
  [
    part({ fileData: { mimeType: "application/pdf", fileUri: "https://x.test/a.pdf" } }),
    refused("documents"),
    at("input.0.content.0.file_url", "https://x.test/a.pdf"),
    at("messages.0.content.0.source.url", "https://x.test/a.pdf")
  ]
]

const rows: { readonly [W in Wire]: ReadonlyArray<Row> } = {
  chat: fromChat,
  responses: fromResponses,
  messages: fromMessages,
  gemini: fromGemini
}
const names = ["chat", "responses", "messages", "gemini"] as const

const encode = (from: Wire, body: JsonObject, to: Wire, headers: HeaderMap = {}) => {
  const [, outbound, model] = wires[to]
  const request = Result.getOrThrow(wires[from][0].decodeRequest(body, headers))
  return outbound.encodeRequest(request, { model, maxOutputTokens: 64_000, quirks: noQuirks })
}

const valueAt = (value: Json | undefined, path: string): Json | undefined =>
  path.split(".").reduce<Json | undefined>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)]
    return isJsonObject(inner) ? inner[key] : undefined
  }, value)

for (const from of names)
  describe(`a request of ${from}`, () => {
    for (const [fields, ...outcomes] of rows[from])
      for (const [i, to] of names.filter((name) => name !== from).entries()) {
        const outcome = outcomes[i] ?? same
        const words = typeof outcome === "string" ? outcome : JSON.stringify(outcome)
        it(`with ${JSON.stringify(fields).slice(0, 120)} to ${to}: ${words.slice(0, 80)}`, () => {
          const encoded = encode(from, { ...least[from], ...fields }, to)
          if (typeof outcome === "object" && "refused" in outcome) {
            expect(Result.getOrThrow(Result.flip(encoded)).feature).toContain(outcome.refused)
            return
          }
          const sent = Result.getOrThrow(encoded)
          if (outcome === "nothing lost") expect(sent.dropped).toEqual([])
          else if ("dropped" in outcome) expect(sent.dropped).toContain(outcome.dropped)
          else expect(valueAt(sent.body, outcome.at)).toEqual(outcome.is)
        })
      }
  })

/** What no wire but its own can say, of each. */
const alone: { readonly [W in Wire]: readonly [fields: JsonObject, feature: string] } = {
  chat: [{ web_search_options: {} }, "web_search_options"],
  responses: [{ background: true }, "background"],
  messages: [{ mcp_servers: [{ type: "url", name: "s", url: "https://x.test" }] }, "mcp_servers"],
  gemini: [{ cachedContent: "c" }, "cachedContent"]
}

describe("what cannot be said is told all at once", () => {
  for (const from of names)
    for (const to of names.filter((name) => name !== from))
      it(`of a request of ${from} to ${to}, whatever else cannot be said beside it`, () => {
        const [fields, feature] = alone[from]
        for (const [more] of rows[from]) {
          const plain = encode(from, { ...least[from], ...more }, to)
          const told = (encoded: typeof plain): ReadonlyArray<string> =>
            Result.isSuccess(encoded) ? encoded.success.dropped : (encoded.failure.dropped ?? [])
          const refused = Result.isFailure(plain) ? plain.failure.feature.split(", ") : []
          const both = Result.getOrThrow(Result.flip(encode(from, { ...least[from], ...more, ...fields }, to)))
          expect(both.feature.split(", ").toSorted()).toEqual([...new Set([...refused, feature])].toSorted())
          expect([...(both.dropped ?? [])].toSorted()).toEqual([...told(plain)].toSorted())
          // nothing is told twice
          expect(new Set(told(plain)).size).toBe(told(plain).length)
        }
      })
})

describe("headers for one vendor", () => {
  const beta = { "anthropic-beta": "b", "anthropic-version": "2023-06-01", "openai-beta": "o" }
  it.each(names)("of a caller of %s go to no other, which is told", (from) => {
    for (const to of names) {
      const { headers, dropped } = Result.getOrThrow(encode(from, least[from], to, beta))
      if (from === to) continue
      expect(headers).toEqual({})
      const told = from === "messages" ? ["anthropic-beta"] : from === "gemini" ? [] : ["openai-beta"]
      expect(dropped).toEqual(told)
    }
    const { headers } = Result.getOrThrow(encode(from, least[from], from, beta))
    const mine = {
      messages: ["anthropic-beta", "anthropic-version"],
      gemini: [],
      chat: ["openai-beta"],
      responses: ["openai-beta"]
    }
    expect(Object.keys(headers).toSorted()).toEqual(mine[from])
  })
})

describe("the official clients' types", () => {
  /** The fields of an interface, read out of a package's declarations. */
  const fieldsOf = (file: string, name: string): ReadonlyArray<string> => {
    const source = readFileSync(new URL(`../../node_modules/${file}`, import.meta.url), "utf8").replaceAll("\r\n", "\n")
    const body = new RegExp(`interface ${name}(?: extends [^{]+)? \\{\\n([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? ""
    return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, field]) => field ?? "")
  }
  const audits: ReadonlyArray<
    readonly [Wire, file: string, name: string, within: string, others: ReadonlyArray<string>]
  > = [
    ["chat", "openai/resources/chat/completions/completions.d.ts", "ChatCompletionCreateParamsBase", "", ["model"]],
    [
      "responses",
      "openai/resources/responses/responses.d.ts",
      "ResponseCreateParamsBase",
      "",
      ["model", "previous_response_id"]
    ],
    [
      "messages",
      "@anthropic-ai/sdk/resources/beta/messages/messages.d.ts",
      "MessageCreateParamsBase",
      "",
      ["model", "stream"]
    ],
    ["gemini", "@google/genai/dist/genai.d.ts", "GenerationConfig", "generationConfig", []]
  ]
  it.each(audits)("know no field of a request of %s that has no row", (wire, file, name, within, others) => {
    const known = fieldsOf(file, name)
    expect(known.length).toBeGreaterThan(15)
    const told = rows[wire].flatMap(([fields]) => {
      const inner = within === "" ? fields : fields[within]
      return isJsonObject(inner) ? Object.keys(inner) : []
    })
    expect(known.filter((field) => !told.includes(field) && !others.includes(field))).toEqual([])
  })
})
