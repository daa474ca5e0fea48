/**
 * Every kind of provider, and how it is set up: the one list.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { Catalog } from "../catalog/Catalog.ts"
import type { ProviderKind, ProviderSpec } from "../config/ProviderSpec.ts"
import type { FactsOverride } from "../config/Settings.ts"
import { showModelRef } from "../domain/Ids.ts"
import { CurrentWatch } from "../domain/ProviderWatch.ts"
import { anthropic } from "./Anthropic.ts"
import { google } from "./Google.ts"
import { makeHttpProvider } from "./HttpProvider.ts"
import type { Vendor } from "./Vendor.ts"
import { LLMProvider } from "./LLMProvider.ts"
import { vertex } from "./Vertex.ts"
import { azureOpenai, compatible, openai } from "./OpenAi.ts"
import type { ProviderNotBuilt } from "./ProviderNotBuilt.ts"
import { Transport } from "./Transport.ts"
import type { CompatibleKind } from "./vendors.ts"

type Setup = (
  spec: ProviderSpec,
  maxOutputTokens: Vendor["maxOutputTokens"],
  transport: Transport["Service"]
) => Effect.Effect<Vendor, ProviderNotBuilt>

const row =
  (kind: CompatibleKind): Setup =>
  (spec, maxOutputTokens) =>
    compatible({ ...spec, kind }, maxOutputTokens)

export const kinds: { readonly [K in ProviderKind]: Setup } = {
  anthropic,
  openai,
  google,
  vertex,
  "azure-openai": azureOpenai,
  groq: row("groq"),
  mistral: row("mistral"),
  deepseek: row("deepseek"),
  together: row("together"),
  fireworks: row("fireworks"),
  openrouter: row("openrouter"),
  cerebras: row("cerebras"),
  xai: row("xai"),
  perplexity: row("perplexity"),
  ollama: row("ollama"),
  vllm: row("vllm"),
  lmstudio: row("lmstudio"),
  "openai-compatible": row("openai-compatible")
}

/**
 * How to set up the provider a spec describes, behind the tag. Its SDK is loaded only now. `overrides` gives
 * the operator's word on models, by `provider/model`, as it is at that moment.
 */
export const providerLayer =
  (overrides: () => ReadonlyMap<string, FactsOverride> = () => new Map()) =>
  (spec: ProviderSpec): Layer.Layer<LLMProvider, ProviderNotBuilt, Transport | Catalog> =>
    Layer.effect(
      LLMProvider,
      Effect.gen(function* () {
        const transport = yield* Transport
        const catalog = yield* Catalog
        const maxOutputTokens: Vendor["maxOutputTokens"] = (model) =>
          catalog.facts(spec.kind, model, overrides().get(showModelRef({ provider: spec.id, model }))).maxOutputTokens
        return makeHttpProvider(
          yield* kinds[spec.kind](spec, maxOutputTokens, transport),
          transport,
          yield* CurrentWatch
        )
      })
    )
