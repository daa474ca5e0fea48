/**
 * Where vendors, and single models of theirs, deviate from the wire they speak: one named row each.
 *
 * A Chat Completions or Responses body that was written for the very OpenAI model it goes to is sent as its caller wrote
 * it: OpenAI answers for itself. Compatible vendors are asked by programs written for OpenAI, so their rows count for
 * every body. How the generations of Claude and Gemini differ is their dialects' own tables (`Models.ts`).
 *
 * A row that says that a field is refused is there because the vendor answers an error to it, not because it has no
 * effect: what merely does nothing is passed on.
 *
 * @module
 */
import type { ProviderKind } from "../config/ProviderSpec.ts"
import { noQuirks, type Quirks } from "../dialect/Dialect.ts"
import { openAiToolName } from "../dialect/ToolName.ts"
import { type CompatibleKind, compatibleVendors } from "./vendors.ts"

export interface QuirkRow {
  /** What the vendor does, in a few words; no two rows have the same. */
  readonly name: string
  /** Where it says so, or where it was seen to. */
  readonly source: string
  readonly kinds: ReadonlyArray<ProviderKind>
  /** Against the vendor's name for the model, in lower case. Absent: all its models. */
  readonly model?: RegExp
  readonly quirks: Partial<Quirks>
}

// compatibleVendors has every compatible kind as a key, and no other
const compatible = Object.keys(compatibleVendors) as ReadonlyArray<CompatibleKind>
const openai = ["openai", "azure-openai"] as const

/** Fields only OpenAI knows, for vendors that answer an error to a field they do not know. */
const onlyOpenAi = [
  "store",
  "metadata",
  "modalities",
  "audio",
  "prediction",
  "verbosity",
  "web_search_options",
  "prompt_cache_key",
  "prompt_cache_retention",
  "prompt_cache_options",
  "safety_identifier",
  "moderation"
] as const

/** Fields of answers that programs send back as they came, and that no vendor but OpenAI takes. */
const onlyOpenAiInMessages = ["annotations", "audio", "refusal", "function_call"] as const

const drawing = ["temperature", "top_p", "logprobs", "top_logprobs"] as const
const penalties = ["presence_penalty", "frequency_penalty", "logit_bias"] as const

const fromOpenAi: ReadonlyArray<QuirkRow> = [
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

const fromCompatible: ReadonlyArray<QuirkRow> = [
  {
    name: "compatible vendors and servers know max_tokens",
    source: "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
    kinds: compatible,
    quirks: { maxTokensField: "max_tokens" }
  },
  {
    name: "compatible vendors and servers know the role system, not developer",
    source: "https://inference-docs.cerebras.ai/resources/openai",
    kinds: compatible.filter((kind) => kind !== "openrouter" && kind !== "xai"),
    quirks: { developerRole: false }
  },
  {
    name: "compatible vendors and servers have functions, and no custom tools",
    source: "https://github.com/Oaklight/llm-rosetta/pull/486",
    kinds: compatible,
    quirks: { customTools: false }
  },
  {
    name: "Groq limits by max_completion_tokens",
    source: "https://console.groq.com/docs/api-reference#chat-create",
    kinds: ["groq"],
    quirks: { maxTokensField: "max_completion_tokens" }
  },
  {
    name: "Groq answers 400 to fields it does not know",
    source: "https://console.groq.com/docs/openai",
    kinds: ["groq"],
    quirks: { refuses: ["logprobs", "top_logprobs", "logit_bias", ...onlyOpenAi] }
  },
  {
    name: "Groq gives one answer a call",
    source: "https://console.groq.com/docs/openai",
    kinds: ["groq"],
    quirks: { mostChoices: 1 }
  },
  {
    name: "Groq answers 400 to fields of messages it does not know",
    source: "https://github.com/janhq/jan/issues/8136",
    kinds: ["groq"],
    quirks: { refusesInMessages: ["name", "reasoning_content", ...onlyOpenAiInMessages] }
  },
  {
    name: "Groq's models that do not think take no thoughts back",
    source: "https://github.com/vercel/ai/pull/8057",
    kinds: ["groq"],
    model: /^(?!.*(?:gpt-oss|qwen))/,
    quirks: { refusesInMessages: ["reasoning"] }
  },
  {
    name: "Groq's models that do not think take no effort",
    source: "https://console.groq.com/docs/reasoning",
    kinds: ["groq"],
    model: /^(?!.*(?:gpt-oss|qwen))/,
    quirks: { efforts: [] }
  },
  {
    name: "Groq's gpt-oss thinks at low, medium and high",
    source: "https://console.groq.com/docs/reasoning",
    kinds: ["groq"],
    model: /gpt-oss/,
    quirks: { efforts: ["low", "medium", "high"] }
  },
  {
    name: "Groq's Qwen thinks or does not",
    source: "https://console.groq.com/docs/reasoning",
    kinds: ["groq"],
    model: /qwen/,
    quirks: { thinkingOff: { reasoning_effort: "none" } }
  },
  {
    name: "Groq holds only some families to a schema",
    source: "https://console.groq.com/docs/structured-outputs",
    kinds: ["groq"],
    model: /^(?!.*(?:gpt-oss|llama-4|kimi)).*/,
    quirks: { structuredOutput: "json_object" }
  },
  {
    name: "Groq answers with any JSON only where the word is said",
    source: "https://console.groq.com/docs/structured-outputs#json-object-mode",
    kinds: ["groq"],
    quirks: { jsonWord: true }
  },
  {
    name: "Mistral answers 422 to fields it does not know",
    source: "https://github.com/Gitlawb/openclaude/issues/739",
    kinds: ["mistral"],
    // it takes `prompt_cache_key`, `prediction` and `metadata`
    quirks: {
      refuses: [
        ...onlyOpenAi.filter((field) => !["prompt_cache_key", "prediction", "metadata"].includes(field)),
        "service_tier",
        "user",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "functions",
        "function_call"
      ]
    }
  },
  {
    name: "Mistral calls the seed random_seed",
    source: "https://docs.mistral.ai/api/endpoint/chat",
    kinds: ["mistral"],
    quirks: { renames: { seed: "random_seed" } }
  },
  {
    name: "Mistral's streams tell their usage unasked",
    source: "https://docs.mistral.ai/api/endpoint/chat",
    kinds: ["mistral"],
    quirks: { streamOptions: false }
  },
  {
    name: "Mistral answers 422 to fields of messages it does not know",
    source: "https://github.com/BerriAI/litellm/issues/30835",
    kinds: ["mistral"],
    quirks: { refusesInMessages: ["reasoning_content", "reasoning", ...onlyOpenAiInMessages] }
  },
  {
    name: "Mistral goes on from the assistant's words where they are marked as a prefix, and repeats them",
    source: "https://github.com/vercel/ai/pull/3256",
    kinds: ["mistral"],
    quirks: { prefillField: "prefix" }
  },
  {
    name: "Mistral has no names of those who speak",
    source: "https://github.com/nomtek/mistralai_client_dart/issues/44",
    kinds: ["mistral"],
    quirks: { refusesInMessages: ["name"] }
  },
  {
    name: "Mistral's ids of tool calls have nine letters and digits",
    source: "https://github.com/nearai/ironclaw/issues/1241",
    kinds: ["mistral"],
    quirks: { toolIds: /^[a-zA-Z0-9]{9}$/ }
  },
  {
    name: "Mistral's models take no effort",
    source: "https://docs.mistral.ai/capabilities/reasoning",
    kinds: ["mistral"],
    quirks: { efforts: [] }
  },
  {
    name: "Mistral's small and medium models think at high or not at all",
    source: "https://docs.mistral.ai/capabilities/reasoning",
    kinds: ["mistral"],
    model: /^mistral-(?:small|medium)/,
    quirks: { efforts: ["none", "high"] }
  },
  {
    name: "DeepSeek answers in JSON, but to no schema",
    source: "https://api-docs.deepseek.com/guides/json_mode",
    kinds: ["deepseek"],
    quirks: { structuredOutput: "json_object" }
  },
  {
    name: "DeepSeek answers with any JSON only where the word is said",
    source: "https://api-docs.deepseek.com/guides/json_mode",
    kinds: ["deepseek"],
    quirks: { jsonWord: true }
  },
  {
    name: "DeepSeek's reasoner tells no probabilities",
    source: "https://api-docs.deepseek.com/guides/reasoning_model",
    kinds: ["deepseek"],
    model: /reasoner/,
    quirks: { refuses: ["logprobs", "top_logprobs"] }
  },
  {
    name: "DeepSeek stops thinking where it is told so by a field of its own",
    source: "https://api-docs.deepseek.com/guides/thinking_mode",
    kinds: ["deepseek"],
    quirks: { thinkingOff: { thinking: { type: "disabled" } } }
  },
  {
    name: "DeepSeek cannot be made to call a tool while it thinks",
    source: "https://github.com/deepseek-ai/DeepSeek-V3/issues/1376",
    kinds: ["deepseek"],
    quirks: { forcedThinking: false }
  },
  {
    name: "DeepSeek wants the thoughts before its calls back",
    source: "https://api-docs.deepseek.com/guides/thinking_mode#tool-calls",
    kinds: ["deepseek"],
    quirks: { callsWithThoughts: true }
  },
  {
    name: "OpenRouter takes both names of the output limit",
    source: "https://openrouter.ai/docs/api-reference/parameters",
    kinds: ["openrouter"],
    quirks: { maxTokensField: undefined }
  },
  {
    name: "OpenRouter takes a user of at most 128 characters",
    source: "https://github.com/ujisati/claude-code-provider-proxy/pull/11",
    kinds: ["openrouter"],
    quirks: { user: /^.{1,128}$/s }
  },
  {
    name: "Cerebras limits by max_completion_tokens",
    source: "https://inference-docs.cerebras.ai/api-reference/chat-completions",
    kinds: ["cerebras"],
    quirks: { maxTokensField: "max_completion_tokens" }
  },
  {
    name: "Cerebras answers 400 to fields it does not know",
    source: "https://inference-docs.cerebras.ai/resources/openai",
    kinds: ["cerebras"],
    quirks: { refuses: [...onlyOpenAi, "service_tier", ...penalties] }
  },
  {
    name: "Cerebras answers 400 to fields of messages it does not know",
    source: "https://github.com/proxysoul/Empryo/pull/209",
    kinds: ["cerebras"],
    quirks: { refusesInMessages: onlyOpenAiInMessages }
  },
  {
    name: "Cerebras calls thoughts reasoning",
    source: "https://github.com/vercel/ai/issues/15042",
    kinds: ["cerebras"],
    quirks: { renamesInMessages: { reasoning_content: "reasoning" } }
  },
  {
    name: "xAI limits by max_completion_tokens",
    source: "https://docs.x.ai/docs/api-reference",
    kinds: ["xai"],
    quirks: { maxTokensField: "max_completion_tokens" }
  },
  {
    name: "xAI takes no logit_bias",
    source: "https://docs.x.ai/docs/api-reference",
    kinds: ["xai"],
    quirks: { refuses: ["logit_bias"] }
  },
  {
    name: "xAI's models that think take neither penalties nor stop sequences",
    source: "https://docs.x.ai/docs/guides/reasoning",
    kinds: ["xai"],
    model: /^grok-(?:3-mini|[4-9]|code)(?!.*non-reasoning)/,
    quirks: { refuses: ["presence_penalty", "frequency_penalty", "stop"] }
  },
  {
    name: "xAI's models before Grok 4.3 take no effort",
    source: "https://docs.x.ai/docs/guides/reasoning",
    kinds: ["xai"],
    model: /^grok-(?:[23]|code|4(?!\.[3-9](?!\d)))/,
    quirks: { efforts: [] }
  },
  {
    name: "Grok 3 mini thinks at low and high",
    source: "https://docs.x.ai/docs/guides/reasoning",
    kinds: ["xai"],
    model: /^grok-3-mini/,
    quirks: { efforts: ["low", "high"] }
  },
  {
    name: "Grok 4.3 thinks from none to high",
    source: "https://github.com/vercel/ai/releases/tag/@ai-sdk%2Fxai@4.0.8",
    kinds: ["xai"],
    model: /^grok-4\.3(?!\d)/,
    quirks: { efforts: ["none", "low", "medium", "high"] }
  },
  {
    name: "Grok 4.4 and later always think, at low to high",
    source: "https://docs.x.ai/developers/model-capabilities/text/reasoning",
    kinds: ["xai"],
    model: /^grok-(?:4\.[4-9](?!\d)|[5-9])/,
    quirks: { efforts: ["low", "medium", "high"] }
  },
  {
    name: "Perplexity's streams tell their usage unasked",
    source: "https://docs.perplexity.ai/guides/chat-completions-guide",
    kinds: ["perplexity"],
    quirks: { streamOptions: false }
  },
  {
    name: "Perplexity knows few of OpenAI's fields",
    source: "https://docs.getbifrost.ai/providers/supported-providers/perplexity",
    kinds: ["perplexity"],
    quirks: {
      refuses: [
        "n",
        "seed",
        "user",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "parallel_tool_calls",
        "service_tier",
        "stop",
        ...onlyOpenAi
      ]
    }
  },
  {
    name: "Perplexity's roles must take turns",
    source: "https://github.com/perplexityai/api-discussion/issues/265",
    kinds: ["perplexity"],
    quirks: { alternates: true }
  },
  {
    name: "Perplexity answers to a schema, but not with any JSON",
    source: "https://docs.perplexity.ai/guides/structured-outputs",
    kinds: ["perplexity"],
    quirks: { jsonObject: false }
  },
  {
    name: "Perplexity's models that do not think take no effort",
    source: "https://docs.perplexity.ai/api-reference/chat-completions-post",
    kinds: ["perplexity"],
    model: /^(?!.*(?:reasoning|deep-research))/,
    quirks: { efforts: [] }
  },
  {
    name: "Perplexity's thinking models think from minimal to high",
    source: "https://docs.perplexity.ai/api-reference/chat-completions-post",
    kinds: ["perplexity"],
    model: /reasoning|deep-research/,
    quirks: { efforts: ["minimal", "low", "medium", "high"] }
  }
]

const fromServers: ReadonlyArray<QuirkRow> = [
  {
    name: "Ollama thinks at none, low, medium, high and max",
    source: "https://github.com/DevEmperor/DictateKeyboard/issues/186",
    kinds: ["ollama"],
    quirks: { efforts: ["none", "low", "medium", "high", "max"] }
  },
  {
    name: "LM Studio answers to a schema, but not with any JSON",
    source: "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/189",
    kinds: ["lmstudio"],
    quirks: { jsonObject: false }
  },
  {
    name: "LM Studio cannot be told which tool to call",
    source: "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/670",
    kinds: ["lmstudio"],
    quirks: { namedTool: false }
  }
]

const fromAnybody: ReadonlyArray<QuirkRow> = [
  {
    name: "A server of unknown make may be Google's own, which asks for the signatures of its calls",
    source: "https://ai.google.dev/gemini-api/docs/thought-signatures",
    kinds: ["openai-compatible"],
    quirks: { callSignatures: true }
  }
]

const fromGoogle: ReadonlyArray<QuirkRow> = [
  {
    name: "the Gemini API does not know fields of Google Cloud's",
    source: "https://github.com/googleapis/js-genai/blob/main/src/converters/_models_converters.ts",
    kinds: ["google"],
    quirks: { refuses: ["labels", "audioTimestamp", "routingConfig", "modelSelectionConfig"] }
  },
  {
    name: "Google Cloud does not know fields of the Gemini API's",
    source: "https://github.com/googleapis/js-genai/blob/main/src/converters/_models_converters.ts",
    kinds: ["vertex"],
    quirks: { refuses: ["store", "enableEnhancedCivicAnswers"] }
  }
]

/** Every row that fits counts. Lists add up; of two rows that say anything else about the same, the later. */
export const quirkRows: ReadonlyArray<QuirkRow> = [
  ...fromOpenAi,
  ...fromCompatible,
  ...fromServers,
  ...fromAnybody,
  ...fromGoogle
]

const rowsByKind = new Map<ProviderKind, ReadonlyArray<QuirkRow>>()
for (const row of quirkRows) for (const kind of row.kinds) rowsByKind.set(kind, [...(rowsByKind.get(kind) ?? []), row])

/** Names whose quirks are remembered. They are callers' inventions, so the oldest makes place for the newest. */
const mostRemembered = 1000
const remembered = new Map<string, Quirks>()

/** What `kind` of vendor deviates in for one of its models. */
export const quirksOf = (kind: ProviderKind, model: string): Quirks => {
  const key = `${kind}/${model}`
  const known = remembered.get(key)
  if (known !== undefined) return known
  const quirks = quirksAmong(rowsByKind.get(kind) ?? [], model)
  const [oldest] = remembered.size < mostRemembered ? [] : remembered.keys()
  if (oldest !== undefined) remembered.delete(oldest)
  remembered.set(key, quirks)
  return quirks
}

/** What the rows that fit a model say together. */
export const quirksAmong = (rows: ReadonlyArray<QuirkRow>, model: string): Quirks => {
  const name = model.toLowerCase()
  let quirks = noQuirks
  for (const { model: models, quirks: own } of rows) {
    if (models !== undefined && !models.test(name)) continue
    quirks = {
      ...quirks,
      ...own,
      refuses: [...quirks.refuses, ...(own.refuses ?? [])],
      refusesInMessages: [...quirks.refusesInMessages, ...(own.refusesInMessages ?? [])]
    }
  }
  return quirks
}
