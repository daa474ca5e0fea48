/**
 * OpenAI's own, over both of its wires, and those of the same models at Azure.
 *
 * @module
 */
import { openAiToolName } from "../../dialect/ToolName.ts"
import { penalties, type QuirkRow } from "./QuirkRow.ts"

const openai = ["openai", "azure-openai"] as const
const drawing = ["temperature", "top_p", "logprobs", "top_logprobs"] as const

export const fromOpenAi: ReadonlyArray<QuirkRow> = [
  {
    name: "OpenAI takes ids of tool calls of at most 40 characters",
    source: "https://github.com/agno-agi/agno/issues/5382",
    kinds: openai,
    quirks: { toolIds: /^.{1,40}$/s }
  },
  {
    name: "OpenAI takes letters, digits, _ and - in names of functions",
    source: "https://platform.openai.com/docs/api-reference/chat/create",
    kinds: openai,
    quirks: { toolNames: openAiToolName }
  },
  {
    name: "OpenAI takes four stop sequences",
    source: "https://platform.openai.com/docs/api-reference/chat/create",
    kinds: openai,
    quirks: { mostStops: 4 }
  },
  {
    name: "OpenAI takes a user of at most 64 characters",
    source: "https://github.com/maximhq/bifrost/pull/1000",
    kinds: openai,
    quirks: { user: /^.{1,64}$/s }
  },
  {
    name: "OpenAI answers with any JSON only where the word is said",
    source: "https://platform.openai.com/docs/guides/structured-outputs#json-mode",
    kinds: openai,
    quirks: { jsonWord: true }
  },
  {
    name: "OpenAI keeps metadata only of answers that it stores",
    source: "https://github.com/QwenLM/qwen-code/issues/243",
    kinds: openai,
    quirks: { metadataWithStore: true }
  },
  {
    name: "OpenAI takes a part of JSON Schema, and less of it where it is held to",
    source: "https://platform.openai.com/docs/guides/structured-outputs#supported-schemas",
    kinds: openai,
    quirks: { openAiSchemas: true }
  },
  {
    name: "models from o1 on are limited by max_completion_tokens",
    source: "https://platform.openai.com/docs/guides/reasoning",
    kinds: openai,
    model: /^(?:o\d|codex-|gpt-(?:[5-9]|\d\d))/,
    quirks: { maxTokensField: "max_completion_tokens" }
  },
  {
    name: "models that always think draw their words as they like",
    source: "https://platform.openai.com/docs/guides/reasoning",
    kinds: openai,
    model: /^(?:o\d|codex-|gpt-5(?!\.\d)(?!.*chat)|gpt-(?:5\.\d|[6-9]|\d\d).*(?:codex|pro))/,
    quirks: { refuses: [...drawing, ...penalties, "stop"] }
  },
  {
    name: "models from GPT-5.1 on let their drawing be shaped only where they do not think",
    source: "https://platform.openai.com/docs/guides/latest-model",
    kinds: openai,
    model: /^gpt-(?:5\.\d|[6-9]|\d\d)(?!.*(?:chat|codex|pro))/,
    quirks: { refusesThinking: drawing, refuses: [...penalties, "stop"] }
  },
  {
    name: "the o series has no say in parallel calls",
    source: "https://github.com/run-llama/llama_index/issues/20865",
    kinds: openai,
    model: /^o\d/,
    quirks: { refuses: ["parallel_tool_calls"] }
  },
  {
    name: "the o series thinks at low, medium and high",
    source: "https://platform.openai.com/docs/guides/reasoning",
    kinds: openai,
    model: /^o\d/,
    quirks: { efforts: ["low", "medium", "high"] }
  },
  {
    name: "o1-mini and o1-preview take no system prompt",
    source: "https://github.com/microsoft/agent-framework/issues/1077",
    kinds: openai,
    model: /^o1-(?:mini|preview)/,
    quirks: { systemRole: false, developerRole: false }
  },
  {
    name: "o1-mini and o1-preview take neither effort nor a format of the answer",
    source: "https://community.openai.com/t/developer-role-not-accepted-for-o1-o1-mini-o3-mini/1110750/7",
    kinds: openai,
    model: /^o1-(?:mini|preview)/,
    quirks: { efforts: [], structuredOutput: "none" }
  },
  {
    name: "GPT-5 thinks from minimal to high",
    source: "https://platform.openai.com/docs/guides/latest-model",
    kinds: openai,
    model: /^gpt-5(?!\.\d)/,
    quirks: { efforts: ["minimal", "low", "medium", "high"] }
  },
  {
    name: "GPT-5.1 thinks at none, low, medium and high",
    source: "https://github.com/openai/openai-agents-python/issues/2089",
    kinds: openai,
    model: /^gpt-5\.1/,
    quirks: { efforts: ["none", "low", "medium", "high"] }
  },
  {
    name: "GPT-5.2 to 5.5 think from none to xhigh, but not minimally",
    source: "https://developers.openai.com/api/docs/models/gpt-5.5",
    kinds: openai,
    model: /^gpt-5\.[2-5]/,
    quirks: { efforts: ["none", "low", "medium", "high", "xhigh"] }
  },
  {
    name: "GPT-5.6 and later think from none to max, but not minimally",
    source: "https://github.com/pydantic/pydantic-ai/issues/7081",
    kinds: openai,
    model: /^gpt-(?:5\.(?:[6-9]|\d\d)|[6-9]|\d\d)/,
    quirks: { efforts: ["none", "low", "medium", "high", "xhigh", "max"] }
  },
  {
    name: "Codex models always think, at low to high",
    source: "https://developers.openai.com/api/docs/models/gpt-5-codex",
    kinds: openai,
    model: /^gpt-5(?:\.\d+)?-codex/,
    quirks: { efforts: ["low", "medium", "high"] }
  },
  {
    name: "Codex models from 5.1 Max on also think at xhigh",
    source: "https://developers.openai.com/api/docs/models/gpt-5.3-codex",
    kinds: openai,
    model: /^gpt-5\.(?:1-codex-max|[2-9]-codex)/,
    quirks: { efforts: ["low", "medium", "high", "xhigh"] }
  },
  {
    name: "GPT-5 pro thinks at high alone",
    source: "https://learn.microsoft.com/en-us/javascript/api/@azure/ai-projects/reasoningeffort",
    kinds: openai,
    model: /^gpt-5-pro/,
    quirks: { efforts: ["high"] }
  },
  {
    name: "pro models from 5.2 on think from medium to xhigh",
    source: "https://developers.openai.com/api/docs/models/gpt-5.2-pro",
    kinds: openai,
    model: /^gpt-[5-9]\.\d+-pro/,
    quirks: { efforts: ["medium", "high", "xhigh"] }
  },
  {
    name: "models that do not think, and chat variants, take no effort",
    source: "https://platform.openai.com/docs/guides/reasoning",
    kinds: openai,
    model: /^(?:ft:)?(?:chatgpt-|gpt-[34]|gpt-\d+(?:\.\d+)?-chat)/,
    quirks: { efforts: [] }
  },
  {
    name: "GPT-5.4 and later take no effort beside functions over Chat Completions",
    source: "https://github.com/openai/openai-openapi/issues/541",
    kinds: openai,
    model: /^gpt-(?:5\.(?:[4-9]|\d\d)|[6-9]|\d\d)(?!.*chat)/,
    quirks: { effortWithTools: false }
  },
  {
    name: "OpenAI's search models take no shaping of the drawing",
    source: "https://platform.openai.com/docs/guides/tools-web-search",
    kinds: ["openai"],
    model: /-search-(?:preview|api)/,
    quirks: { refuses: ["temperature", "top_p", "presence_penalty", "frequency_penalty", "n", "seed", "logit_bias"] }
  },
  {
    name: "models before GPT-4o know JSON, but no schema",
    source: "https://platform.openai.com/docs/guides/structured-outputs",
    kinds: openai,
    model: /^gpt-(?:3\.5|4(?![\d.o]))/,
    quirks: { structuredOutput: "json_object" }
  }
]
