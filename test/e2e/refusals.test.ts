/** What one caller's request is refused for must not cost the others the model, the key or the account. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Catalog } from "../../src/catalog/Catalog.ts"
import type { ProviderKind } from "../../src/config/ProviderSpec.ts"
import { defaultResilience } from "../../src/config/Settings.ts"
import type { Json } from "../../src/domain/Json.ts"
import { CurrentWatch } from "../../src/domain/ProviderWatch.ts"
import { Health } from "../../src/health/Health.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import { Quarantines } from "../../src/health/Quarantines.ts"
import { providerLayer } from "../../src/provider/kinds.ts"
import { LLMProvider } from "../../src/provider/LLMProvider.ts"
import { Transport } from "../../src/provider/Transport.ts"
import type { AskableCandidate } from "../../src/routing/Candidate.ts"
import { providerSpec } from "../provider/requests.ts"
import { json, makeWire } from "../provider/wire.ts"
import { answered, request } from "../routing/walking.ts"

const completion: Json = {
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }]
}
const message: Json = {
  id: "msg",
  type: "message",
  role: "assistant",
  model: "m",
  content: [{ type: "text", text: "hi" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 1 }
}
const generated: Json = {
  candidates: [{ content: { role: "model", parts: [{ text: "hi" }] }, finishReason: "STOP", index: 0 }],
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 }
}

interface Case {
  readonly kind: ProviderKind
  readonly what: string
  readonly status: number
  readonly refusal: Json
  readonly good: Json
  /** Does the vendor say that it is the account? Then all are kept away at once. */
  readonly barred?: string
}
const cases: ReadonlyArray<Case> = [
  {
    kind: "google",
    what: "a file of somebody else",
    status: 403,
    refusal: {
      error: {
        code: 403,
        message: "You do not have permission to access the File abc123 or it may not exist.",
        status: "PERMISSION_DENIED"
      }
    },
    good: generated
  },
  {
    kind: "google",
    what: "a denial that says no more",
    status: 403,
    refusal: { error: { code: 403, message: "The caller does not have permission", status: "PERMISSION_DENIED" } },
    good: generated
  },
  {
    kind: "openrouter",
    what: "an answer that the credit does not do for",
    status: 402,
    refusal: {
      error: {
        message:
          "This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 30104.",
        code: 402
      }
    },
    good: completion
  },
  {
    kind: "openai-compatible",
    what: "a firewall that dislikes one prompt",
    status: 403,
    refusal: { message: "blocked" },
    good: completion
  },
  {
    kind: "openai",
    what: "a key that lacks one scope",
    status: 401,
    refusal: {
      error: { message: "Missing scopes: api.x", type: "invalid_request_error", param: null, code: "missing_scope" }
    },
    good: completion
  },
  {
    kind: "openai",
    what: "a legal reason nobody names",
    status: 451,
    refusal: { message: "no" },
    good: completion
  },
  {
    kind: "anthropic",
    what: "a container that is not there",
    status: 404,
    refusal: { type: "error", error: { type: "not_found_error", message: "container: container_abc not found" } },
    good: message
  },
  {
    kind: "openai",
    what: "a ban",
    status: 403,
    refusal: { error: { message: "no", type: "x", param: null, code: "account_deactivated" } },
    good: completion,
    barred: "account:v"
  },
  {
    kind: "openai",
    what: "a spent quota",
    status: 429,
    refusal: { error: { message: "no", type: "x", param: null, code: "insufficient_quota" } },
    good: completion,
    barred: "account:v"
  }
]

describe("a request that is refused", () => {
  for (const { barred, good, kind, refusal, status, what } of cases) {
    it.live(`for ${what} at ${kind} ${barred === undefined ? "keeps nobody else away" : "keeps all away"}`, () =>
      Effect.gen(function* () {
        const wire = yield* makeWire((response, received) =>
          (JSON.stringify(received.body).includes("refuse me") ? json(refusal, status) : json(good))(response, received)
        )
        const spec = providerSpec({ id: "v", kind, baseUrl: wire.url })
        yield* Effect.gen(function* () {
          const { watch } = yield* Health
          const context = yield* Layer.build(
            providerLayer()(spec).pipe(
              Layer.provide([Transport.layer(), Catalog.layer, Layer.succeed(CurrentWatch, watch)])
            )
          )
          const provider = yield* LLMProvider.pipe(Effect.provide(context))
          const candidate: AskableCandidate = {
            ref: { provider: "v", model: "m" },
            provider,
            facts: {
              contextWindowTokens: undefined,
              maxOutputTokens: undefined,
              price: undefined,
              tier: undefined,
              capabilities: {}
            },
            failureDomain: "v",
            region: undefined
          }
          const say = (text: string) =>
            Effect.result(
              answered([candidate], {
                request: { ...request, messages: [{ role: "user", content: [{ _tag: "Text", text }] }] }
              })
            )
          const ends = [yield* say("hello"), yield* say("refuse me"), yield* say("hello")].map(({ _tag }) => _tag)
          assert.deepStrictEqual(ends, ["Success", "Failure", barred === undefined ? "Success" : "Failure"])
          const keys = (yield* Quarantines).entries(0).map(({ key }) => key)
          assert.deepStrictEqual(keys, barred === undefined ? [] : [barred])
        }).pipe(Effect.provide(healthInMemory({ resilience: defaultResilience, providers: [spec], facts: new Map() })))
      }).pipe(Effect.scoped)
    )
  }
})
