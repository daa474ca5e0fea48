/**
 * Anthropic, over the Messages wire.
 *
 * @module
 */
import { Effect, Redacted } from "effect"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import { anthropicMessagesOutbound } from "../dialect/AnthropicMessages.ts"
import type { Vendor } from "./Vendor.ts"
import { countingRows } from "./counting.ts"
import { below, loadSdk, makeWithSdk, sdkLane, sdkTimeoutMillis, secretsOf } from "./lanes.ts"
import type { ProviderNotBuilt } from "./ProviderNotBuilt.ts"
import { errorTables } from "./errors/classify.ts"
import { quirksOf } from "./quirks.ts"

const url = "https://api.anthropic.com"
const chatPath = "/v1/messages"
const countPath = "/v1/messages/count_tokens"

/** A key for a server that wants none: the SDK must be given one, and is told to send none. */
const noKey = "none"

export const anthropic = (
  spec: ProviderSpec,
  maxOutputTokens: Vendor["maxOutputTokens"]
): Effect.Effect<Vendor, ProviderNotBuilt> =>
  Effect.gen(function* () {
    const { default: Anthropic } = yield* loadSdk(spec.id, "@anthropic-ai/sdk", () => import("@anthropic-ai/sdk"))
    // the version is in the path of every call
    const baseURL = (spec.baseUrl ?? url).replace(/\/v1$/, "")
    const laneOf = (apiKey: string | undefined, path: string) =>
      makeWithSdk(spec.id, () => {
        const address = below(baseURL, path)
        const client = new Anthropic({
          apiKey: apiKey ?? noKey,
          baseURL,
          maxRetries: 0,
          timeout: sdkTimeoutMillis,
          defaultHeaders: { ...(apiKey === undefined ? { authorization: null } : {}), ...spec.headers }
        })
        return sdkLane(
          apiKey,
          () => address,
          () =>
            client
              .buildRequest({ method: "post", path, body: {} }, { retryCount: 0 })
              .then(({ req, url }) => ({ url, headers: new Headers(req.headers) }))
        )
      })
    const [first, ...rest] = spec.apiKeys.map(Redacted.value)
    const lanesTo = (path: string) =>
      Effect.gen(function* () {
        return [yield* laneOf(first, path), ...(yield* Effect.forEach(rest, (key) => laneOf(key, path)))] as const
      })
    const row = countingRows[spec.kind]
    return {
      id: spec.id,
      dialect: anthropicMessagesOutbound,
      errors: errorTables.anthropic,
      lanes: yield* lanesTo(chatPath),
      ...(row === undefined
        ? {}
        : { counting: { dialect: anthropicMessagesOutbound, lanes: yield* lanesTo(countPath), row } }),
      secrets: secretsOf(spec),
      wireModel: (model) => model,
      quirks: ({ model }) => quirksOf(spec.kind, model),
      maxOutputTokens,
      typed: (status, body) => {
        const { errorCode, type } = Anthropic.APIError.generate(status, Object(body), undefined, new Headers())
        return [errorCode, type].filter((word) => word !== null && word !== undefined)
      }
    }
  })
