/**
 * OpenAI, Azure OpenAI and every vendor that speaks Chat Completions, all through OpenAI's SDK.
 *
 * The SDK reads `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID` and `OPENAI_CUSTOM_HEADERS` by itself: that is as it should be for
 * OpenAI's own account; no other vendor is told the organization or the project.
 *
 * @module
 */
import { Effect, Redacted } from "effect"
import type * as OpenAiSdk from "openai"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import { type Quirks, noQuirks } from "../dialect/Dialect.ts"
import { openAiEmbeddingsOutbound } from "../dialect/Embeddings.ts"
import { openAiChatOutbound } from "../dialect/OpenAiChat.ts"
import { openAiResponsesOutbound } from "../dialect/OpenAiResponses.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { Lane, Vendor } from "./Vendor.ts"
import { type PathOf, below, loadSdk, makeWithSdk, sdkLane, sdkTimeoutMillis, secretsOf } from "./lanes.ts"
import { ProviderNotBuilt } from "./ProviderNotBuilt.ts"
import { countingRows } from "./counting.ts"
import { embeddingsQuirks } from "./embeddings.ts"
import { errorTables } from "./errors/classify.ts"
import { quirksOf } from "./quirks.ts"
import { overResponses, speaksResponses } from "./responses.ts"
import { type CompatibleKind, baseUrlOf, compatibleVendors } from "./vendors.ts"

const chatPath = "/chat/completions"
const responsesPath = "/responses"
const countPath = "/responses/input_tokens"
const embeddingsPath = "/embeddings"
const url = "https://api.openai.com/v1"
/** The newest generally available version of Azure's dated API. */
const azureVersion = "2024-10-21"

/** A key for a server that wants none: the SDK must be given one, and is told to send none. */
const noKey = "none"

type Sdk = typeof OpenAiSdk

const load = (spec: ProviderSpec): Effect.Effect<Sdk, ProviderNotBuilt> =>
  loadSdk(spec.id, "openai", () => import("openai"))

const buildWith = (client: InstanceType<Sdk["OpenAI"]>, path: string, wireModel: string) =>
  client
    .buildRequest({ method: "post", path, body: { model: wireModel } }, { retryCount: 0 })
    .then(({ req, url }) => ({ url, headers: new Headers(req.headers) }))

/** A way to one of the paths of a vendor. */
type LaneOf = (apiKey: string | undefined, path: string) => Effect.Effect<Lane, ProviderNotBuilt>

/** A vendor that is asked at one path, whatever the model. */
const openAiLane =
  (sdk: Sdk, spec: ProviderSpec, baseURL: string): LaneOf =>
  (apiKey, path) =>
    makeWithSdk(spec.id, () => {
      const client = new sdk.OpenAI({
        apiKey: apiKey ?? noKey,
        adminAPIKey: null,
        baseURL,
        maxRetries: 0,
        timeout: sdkTimeoutMillis,
        ...(spec.kind === "openai" ? {} : { organization: null, project: null }),
        defaultHeaders: { ...(apiKey === undefined ? { authorization: null } : {}), ...spec.headers }
      })
      const address = below(baseURL, path)
      return sdkLane(
        apiKey,
        () => address,
        (wireModel) => buildWith(client, path, wireModel)
      )
    })

/** The names Azure gives deployments; nothing that means something in a path. */
const deploymentName = /^(?!\.+$)[\w. -]+$/

/** What Azure's dated API has once a resource, not once a deployment: the body names the deployment. */
const ofResource: ReadonlySet<string> = new Set([responsesPath, countPath])

/** Where a deployment is asked; a base URL that names one already is the one address of its provider. */
const deploymentPath = (baseURL: string, path: string): PathOf => {
  const address = below(baseURL, path)
  if (ofResource.has(path)) return () => address
  if (address.split("/").includes("deployments")) return () => address
  const deployments = below(baseURL, "/deployments/")
  return (wireModel) =>
    deploymentName.test(wireModel) ? `${deployments}${encodeURIComponent(wireModel)}${path}` : undefined
}

/** Azure's dated API: a path a deployment. */
const azureLane =
  (sdk: Sdk, spec: ProviderSpec, endpoint: string): LaneOf =>
  (apiKey, path) =>
    makeWithSdk(spec.id, () => {
      const client = new sdk.AzureOpenAI({
        apiKey: apiKey ?? noKey,
        ...(endpoint.endsWith("/openai") ? { baseURL: endpoint } : { endpoint }),
        apiVersion: spec.apiVersion ?? azureVersion,
        organization: null,
        project: null,
        maxRetries: 0,
        timeout: sdkTimeoutMillis,
        defaultHeaders: { ...(apiKey === undefined ? { "api-key": null } : {}), ...spec.headers }
      })
      return sdkLane(
        apiKey,
        deploymentPath(endpoint.endsWith("/openai") ? endpoint : `${endpoint}/openai`, path),
        (wireModel) => buildWith(client, path, wireModel)
      )
    })

/**
 * Did the caller write its body, on the wire it goes over, for this very model? Where it names `provider/model` a person
 * chose the model, but the client that wrote the body may know only bare names, as Vercel's and LangChain's do.
 */
const isWrittenFor = (request: ChatRequest, spec: ProviderSpec): boolean => {
  const { model, wire } = request
  const over = overResponses(request, spec) === undefined ? openAiChatOutbound : openAiResponsesOutbound
  return wire?.dialect === over.id && wire.body["model"] === model
}

/**
 * The quirks of what OpenAI's models are asked. A body that was written for the model goes to it as written; one that
 * an alias or a fallback brings to it could not know what the model refuses.
 */
const ownQuirks =
  (spec: ProviderSpec) =>
  (request: ChatRequest): Quirks =>
    isWrittenFor(request, spec) ? noQuirks : quirksOf(spec.kind, request.model)

const vendorOf = (
  sdk: Sdk,
  spec: ProviderSpec,
  laneOf: LaneOf,
  parts: Pick<Vendor, "wireModel" | "quirks" | "maxOutputTokens">
): Effect.Effect<Vendor, ProviderNotBuilt> =>
  Effect.gen(function* () {
    const [first, ...rest] = spec.apiKeys.map(Redacted.value)
    const lanesTo = (path: string) =>
      Effect.gen(function* () {
        return [yield* laneOf(first, path), ...(yield* Effect.forEach(rest, (key) => laneOf(key, path)))] as const
      })
    const quirks = embeddingsQuirks[spec.kind]
    const row = countingRows[spec.kind]
    return {
      ...parts,
      id: spec.id,
      dialect: openAiChatOutbound,
      errors: errorTables[spec.kind],
      lanes: yield* lanesTo(chatPath),
      ...(speaksResponses(spec)
        ? {
            second: {
              dialect: openAiResponsesOutbound,
              lanes: yield* lanesTo(responsesPath),
              takes: (request: ChatRequest) => overResponses(request, spec) !== undefined
            }
          }
        : {}),
      ...(row === undefined || !speaksResponses(spec)
        ? {}
        : { counting: { dialect: openAiResponsesOutbound, lanes: yield* lanesTo(countPath), row } }),
      ...(quirks === undefined
        ? {}
        : { embeddings: { dialect: openAiEmbeddingsOutbound, lanes: yield* lanesTo(embeddingsPath), quirks } }),
      secrets: secretsOf(spec),
      typed: (status, body) => {
        const { code, type } = sdk.APIError.generate(status, Object(body), undefined, new Headers())
        return [code, type].filter((word) => typeof word === "string")
      }
    }
  })

export const openai = (
  spec: ProviderSpec,
  maxOutputTokens: Vendor["maxOutputTokens"]
): Effect.Effect<Vendor, ProviderNotBuilt> =>
  Effect.flatMap(load(spec), (sdk) =>
    vendorOf(sdk, spec, openAiLane(sdk, spec, spec.baseUrl ?? url), {
      wireModel: (model) => model,
      quirks: ownQuirks(spec),
      maxOutputTokens
    })
  )

/**
 * Azure. A base URL that ends in `/openai/v1` is Azure's undated API, where the deployment is the body's model; any
 * other is the resource's endpoint with the dated API.
 */
export const azureOpenai = (
  spec: ProviderSpec,
  maxOutputTokens: Vendor["maxOutputTokens"]
): Effect.Effect<Vendor, ProviderNotBuilt> =>
  Effect.flatMap(load(spec), (sdk) => {
    const endpoint = spec.baseUrl
    if (endpoint === undefined)
      return Effect.fail(new ProviderNotBuilt({ provider: spec.id, message: "an Azure endpoint (baseUrl) is needed" }))
    const laneOf = endpoint.endsWith("/openai/v1") ? openAiLane(sdk, spec, endpoint) : azureLane(sdk, spec, endpoint)
    return vendorOf(sdk, spec, laneOf, {
      wireModel: (model) => (Object.hasOwn(spec.deployments, model) ? spec.deployments[model] : undefined) ?? model,
      quirks: ownQuirks(spec),
      maxOutputTokens
    })
  })

/** A vendor of the table of compatible ones. */
export const compatible = (
  spec: ProviderSpec & { readonly kind: CompatibleKind },
  maxOutputTokens: Vendor["maxOutputTokens"]
): Effect.Effect<Vendor, ProviderNotBuilt> =>
  Effect.flatMap(load(spec), (sdk) => {
    const row = compatibleVendors[spec.kind]
    const baseUrl = baseUrlOf(row, spec.baseUrl)
    if (baseUrl === undefined)
      return Effect.fail(new ProviderNotBuilt({ provider: spec.id, message: "a baseUrl is needed" }))
    if (row.keyed && spec.baseUrl === undefined && spec.apiKeys.length === 0)
      return Effect.fail(new ProviderNotBuilt({ provider: spec.id, message: "a key (apiKey) is needed" }))
    return vendorOf(sdk, spec, openAiLane(sdk, spec, baseUrl), {
      wireModel: (model) => model,
      quirks: (request) => quirksOf(spec.kind, request.model),
      maxOutputTokens
    })
  })
