/** Requests and specs for the tests of this room. */
import { Redacted } from "effect"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"

export const chatRequest = (overrides: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "test-model",
  delivery: "whole",
  messages: [{ role: "user", content: [{ _tag: "Text", text: "Hello" }] }],
  tools: [],
  sampling: {},
  usageWanted: true,
  fallbacks: [],
  ...overrides
})

export const providerSpec = (
  overrides: Partial<Omit<ProviderSpec, "apiKeys">> & { readonly apiKeys?: ReadonlyArray<string> } = {}
): ProviderSpec => ({
  id: "vendor",
  kind: "openai",
  baseUrl: undefined,
  apiVersion: undefined,
  deployments: {},
  headers: {},
  failureDomain: undefined,
  region: undefined,
  models: [],
  ...overrides,
  apiKeys: (overrides.apiKeys ?? ["key-one"]).map((key) => Redacted.make(key))
})
