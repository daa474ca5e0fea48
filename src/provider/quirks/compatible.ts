/**
 * Those of the vendors that speak Chat Completions as OpenAI's programs expect it.
 *
 * @module
 */
import { type CompatibleKind, compatibleVendors } from "../vendors.ts"
import { penalties, type QuirkRow } from "./QuirkRow.ts"

// compatibleVendors has every compatible kind as a key, and no other
const compatible = Object.keys(compatibleVendors) as ReadonlyArray<CompatibleKind>

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

export const fromCompatible: ReadonlyArray<QuirkRow> = [
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
