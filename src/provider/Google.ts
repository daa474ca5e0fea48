/**
 * Google's Gemini API, over the `generateContent` wire.
 *
 * The SDK has no `buildRequest`, and its typed converters leave out request fields they do not know. So it is asked
 * once a model for a call with an empty prompt, with a `fetch` of ours (`httpOptions.fetch`) that takes the address and
 * the headers the SDK has made and sends nothing; our own body then goes to that address. The address carries the model
 * (`models/…`, `tunedModels/…`) and the delivery.
 *
 * @module
 */
import type { GoogleGenAI } from "@google/genai"
import { Effect, Redacted } from "effect"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import { geminiEmbeddingsOutbound } from "../dialect/Embeddings.ts"
import { geminiOutbound } from "../dialect/Gemini.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { Lane, Vendor } from "./Vendor.ts"
import { type Built, type PathOf, below, loadSdk, makeWithSdk, sdkLane, secretsOf } from "./lanes.ts"
import { ProviderNotBuilt } from "./ProviderNotBuilt.ts"
import { countingRows } from "./counting.ts"
import { embeddingsQuirks } from "./embeddings.ts"
import { errorTables } from "./errors/classify.ts"
import { quirksOf } from "./quirks.ts"

const url = "https://generativelanguage.googleapis.com"
/** The version that has every field; `v1` lacks tools, thinking and schemas of some models. */
const version = "v1beta"

/**
 * The names of models: everything else could lead to another method, or another resource, of the same account. (The SDK
 * itself lets `%2e%2e`, `#` and `:` pass.)
 */
const modelName = /^(?:(?:models|tunedModels)\/)?[\w.-]+$/

/** A key for a server that wants none. */
const noKey = "none"

export const google = (
  spec: ProviderSpec,
  maxOutputTokens: Vendor["maxOutputTokens"]
): Effect.Effect<Vendor, ProviderNotBuilt> =>
  Effect.gen(function* () {
    if (spec.baseUrl === undefined && spec.apiKeys.length === 0)
      return yield* new ProviderNotBuilt({ provider: spec.id, message: "a key (apiKey) is needed" })
    const { GoogleGenAI } = yield* loadSdk(spec.id, "@google/genai", () => import("@google/genai"))
    // a base URL may name the version itself
    const [, base = url, named] = /^(.*?)(?:\/(v\d\w*))?$/.exec(spec.baseUrl ?? url) ?? []
    const apiVersion = named ?? spec.apiVersion ?? version
    const models = below(base, `/${apiVersion}/`)
    /** Where a method of a model is asked. */
    const methodOf = (wireModel: string, method: string): string | undefined =>
      modelName.test(wireModel)
        ? `${models}${wireModel.includes("/") ? wireModel : `models/${wireModel}`}:${method}`
        : undefined
    const chatPath: PathOf = (wireModel, delivery) =>
      methodOf(wireModel, delivery === "live" ? "streamGenerateContent" : "generateContent")
    const countPath: PathOf = (wireModel) => methodOf(wireModel, "countTokens")
    const embeddingsPath: PathOf = (wireModel) => methodOf(wireModel, "batchEmbedContents")
    const laneOf = (apiKey: string | undefined, pathOf: PathOf, call: Call) =>
      clientLane(
        spec.id,
        (key, fetch) =>
          new GoogleGenAI({
            apiKey: key,
            apiVersion,
            vertexai: false,
            httpOptions: { baseUrl: base, headers: { ...spec.headers }, fetch }
          }),
        apiKey,
        pathOf,
        call
      )
    const [first, ...rest] = spec.apiKeys.map(Redacted.value)
    const lanesTo = (pathOf: PathOf, call: Call) =>
      Effect.gen(function* () {
        const others = yield* Effect.forEach(rest, (key) => laneOf(key, pathOf, call))
        return [yield* laneOf(first, pathOf, call), ...others] as const
      })
    const quirks = embeddingsQuirks[spec.kind]
    const row = countingRows[spec.kind]
    return {
      id: spec.id,
      dialect: geminiOutbound,
      errors: errorTables.google,
      lanes: yield* lanesTo(chatPath, chatCall),
      ...(quirks === undefined
        ? {}
        : {
            embeddings: {
              dialect: geminiEmbeddingsOutbound,
              lanes: yield* lanesTo(embeddingsPath, embeddingsCall),
              quirks
            }
          }),
      ...(row === undefined
        ? {}
        : { counting: { dialect: geminiOutbound, lanes: yield* lanesTo(countPath, countCall), row } }),
      secrets: secretsOf(spec),
      wireModel: (model) => model,
      quirks: ({ model }) => quirksOf(spec.kind, model),
      maxOutputTokens,
      // the SDK's one error class has only the status and the body's text
      typed: () => []
    }
  })

/** A call by which the SDK shows what it would send. */
export type Call = (client: GoogleGenAI, wireModel: string, delivery: ChatRequest["delivery"]) => Promise<unknown>

export const chatCall: Call = ({ models }, model, delivery) =>
  delivery === "live"
    ? models.generateContentStream({ model, contents: "" })
    : models.generateContent({ model, contents: "" })

export const countCall: Call = ({ models }, model) => models.countTokens({ model, contents: "" })

const embeddingsCall: Call = ({ models }, model) => models.embedContent({ model, contents: "" })

/** Makes a client that asks with a key, by the `fetch` it is given. */
type MakeClient = (key: string, fetch: typeof globalThis.fetch) => GoogleGenAI

/** Where a client's calls go, with the key where there is one. */
export const clientLane = (
  provider: string,
  client: MakeClient,
  apiKey: string | undefined,
  pathOf: PathOf,
  call: Call
): Effect.Effect<Lane, ProviderNotBuilt> =>
  makeWithSdk(provider, () =>
    sdkLane(apiKey, pathOf, (wireModel, delivery) =>
      builtBy((fetch) => client(apiKey ?? noKey, fetch), call, wireModel, delivery).then((built) => {
        if (apiKey === undefined) built.headers.delete("x-goog-api-key")
        return built
      })
    )
  )

/** What the SDK would send for a call. */
export const builtBy = (
  client: (fetch: typeof globalThis.fetch) => GoogleGenAI,
  call: Call,
  wireModel: string,
  delivery: ChatRequest["delivery"]
): Promise<Built> => {
  let built: Built | undefined
  const take: typeof globalThis.fetch = (input, init) => {
    built = { url: String(input), headers: new Headers(init?.headers) }
    return Promise.reject(taken)
  }
  return call(client(take), wireModel, delivery).then(
    () => Promise.reject(new Error("the SDK answered by itself")),
    (error: unknown) => built ?? Promise.reject(error)
  )
}

/** Ends the SDK's call once the request it built has been taken. */
const taken = new Error("taken")
