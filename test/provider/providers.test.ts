import type { ProviderKind } from "../../src/config/ProviderSpec.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { type CompatibleKind, compatibleVendors } from "../../src/provider/vendors.ts"
import { type Subject, providerLaws } from "./laws.ts"

const data = (event: object): string => `data: ${JSON.stringify(event)}\n\n`

const chunk = (delta: object, finish: string | null = null) =>
  data({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "test-model",
    choices: [{ index: 0, delta, finish_reason: finish }]
  })

const chat = (name: string, kind: ProviderKind): Subject => ({
  name,
  spec: { kind },
  basePath: "/v1",
  dialect: "openai-chat",
  path: () => "/v1/chat/completions",
  auth: (key) => ["authorization", `Bearer ${key}`],
  modelInBody: true,
  whole: {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "test-model",
    choices: [{ index: 0, message: { role: "assistant", content: "Hello!", refusal: null }, finish_reason: "stop" }],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
    novelty: "kept"
  },
  stream: [
    chunk({ role: "assistant", content: "" }),
    chunk({ content: "Hel" }),
    chunk({ content: "lo!" }),
    chunk({}, "stop"),
    data({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1_700_000_000,
      model: "test-model",
      choices: [],
      usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }
    }),
    "data: [DONE]\n\n"
  ],
  firstPiece: 2,
  overload: {
    status: 503,
    body: { error: { message: "The engine is currently overloaded", type: "server_error", param: null, code: null } },
    event: data({ error: { message: "The engine is currently overloaded", type: "server_error", code: null } })
  },
  wireBody: { model: "asked", messages: [{ role: "user", content: "Hello" }], novelty: "kept" }
})

const named = (type: string, event: object): string => `event: ${type}\n${data({ type, ...event })}`

const anthropic: Subject = {
  name: "anthropic",
  spec: { kind: "anthropic" },
  basePath: "",
  dialect: "anthropic-messages",
  path: () => "/v1/messages",
  auth: (key) => ["authorization", `Bearer ${key}`],
  modelInBody: true,
  whole: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "test-model",
    content: [{ type: "text", text: "Hello!" }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 2 },
    novelty: "kept"
  },
  stream: [
    named("message_start", {
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "test-model",
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 5, output_tokens: 1 }
      }
    }),
    named("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    named("content_block_delta", { index: 0, delta: { type: "text_delta", text: "Hel" } }),
    named("content_block_delta", { index: 0, delta: { type: "text_delta", text: "lo!" } }),
    named("content_block_stop", { index: 0 }),
    named("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 2 } }),
    named("message_stop", {})
  ],
  firstPiece: 3,
  overload: {
    status: 529,
    body: { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "req_1" },
    event: named("error", { error: { type: "overloaded_error", message: "Overloaded" } })
  },
  wireBody: { model: "asked", max_tokens: 9, messages: [{ role: "user", content: "Hello" }], novelty: "kept" }
}

const candidate = (text: string, finish?: string) =>
  data({
    candidates: [
      {
        index: 0,
        content: { role: "model", parts: [{ text }] },
        ...(finish === undefined ? {} : { finishReason: finish })
      }
    ],
    usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 },
    modelVersion: "test-model",
    responseId: "r1"
  })

const methodOf = (delivery: ChatRequest["delivery"]): string =>
  delivery === "live" ? "streamGenerateContent?alt=sse" : "generateContent"

const google: Subject = {
  name: "google",
  spec: { kind: "google" },
  basePath: "",
  dialect: "gemini",
  path: (model, delivery) => `/v1beta/models/${model}:${methodOf(delivery)}`,
  auth: (key) => ["x-goog-api-key", key],
  modelInBody: false,
  whole: {
    candidates: [{ index: 0, content: { role: "model", parts: [{ text: "Hello!" }] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 },
    modelVersion: "test-model",
    responseId: "r1",
    novelty: "kept"
  },
  stream: [candidate("Hel"), candidate("lo!", "STOP")],
  firstPiece: 1,
  overload: {
    status: 503,
    body: { error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } },
    event: data({ error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } })
  },
  wireBody: { contents: [{ role: "user", parts: [{ text: "Hello" }] }], novelty: "kept" }
}

providerLaws(anthropic)
providerLaws(chat("openai", "openai"))
providerLaws(google)
providerLaws({
  ...google,
  name: "vertex by a key alone",
  spec: { kind: "vertex" },
  path: (model, delivery) => `/v1beta1/publishers/google/models/${model}:${methodOf(delivery)}`
})
providerLaws({
  ...google,
  name: "vertex in a project, by a key",
  spec: { kind: "vertex", project: "acme-1", location: "europe-west4" },
  path: (model, delivery) =>
    `/v1beta1/projects/acme-1/locations/europe-west4/publishers/google/models/${model}:${methodOf(delivery)}`
})
providerLaws({
  ...chat("azure-openai with its dated API", "azure-openai"),
  spec: { kind: "azure-openai", apiVersion: "2024-10-21" },
  basePath: "",
  path: (model) => `/openai/deployments/${model}/chat/completions?api-version=2024-10-21`,
  auth: (key) => ["api-key", key]
})
providerLaws({
  ...chat("azure-openai with its undated API", "azure-openai"),
  basePath: "/openai/v1",
  path: () => "/openai/v1/chat/completions"
})
// the keys of the table are its kinds
for (const kind of Object.keys(compatibleVendors) as ReadonlyArray<CompatibleKind>) providerLaws(chat(kind, kind))
