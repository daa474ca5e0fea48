/**
 * Gemini on Google Cloud (Vertex AI): the same wire as Google's own API, at other addresses and under other credentials.
 *
 * - A key alone asks `publishers/google/models/…` (express mode); with a project, or a service account, which has one, it
 *   is the project's models at a location that are asked.
 * - A service account's tokens run out, so they are put on every request anew, over an address that is built once.
 * - Names are those of Google's own models: a publisher in them would lead to another wire.
 * - It does not embed: Vertex has a wire of its own for that (`:predict`).
 *
 * The addresses are those of the SDK, which is asked as in `Google.ts`. It needs some key to leave credentials to us: the
 * one it is given for a service account is taken out again.
 *
 * @module
 */
import { Effect, Redacted, Result } from "effect"
import { fingerprintOf } from "../config/fingerprint.ts"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import { geminiOutbound } from "../dialect/Gemini.ts"
import type { Transport } from "./Transport.ts"
import type { Lane, Vendor } from "./Vendor.ts"
import { type PathOf, below, loadSdk, secretsOf } from "./lanes.ts"
import { countingRows } from "./counting.ts"
import { type Call, chatCall, clientLane, countCall } from "./Google.ts"
import { ProviderNotBuilt } from "./ProviderNotBuilt.ts"
import { type ServiceAccount, accessTokens, isServiceAccount, parseServiceAccount } from "./ServiceAccount.ts"
import { errorTables } from "./errors/classify.ts"
import { quirksOf } from "./quirks.ts"

/** The version that has every field. */
const version = "v1beta1"
const anywhere = "global"
/** Locations of several regions, which have hosts of their own. */
const multiRegional: ReadonlySet<string> = new Set(["us", "eu"])

/** Where a location is asked: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations */
export const hostOf = (location: string): string =>
  location === anywhere
    ? "https://aiplatform.googleapis.com"
    : multiRegional.has(location)
      ? `https://aiplatform.${location}.rep.googleapis.com`
      : `https://${location}-aiplatform.googleapis.com`

const modelName = /^[\w.-]+$/
/** What a path and a host can hold; the config asks for the same. */
const projectName = /^[\w.:-]+$/
const locationName = /^[a-z0-9-]+$/

export const vertex = (
  spec: ProviderSpec,
  maxOutputTokens: Vendor["maxOutputTokens"],
  transport: Transport["Service"]
): Effect.Effect<Vendor, ProviderNotBuilt> =>
  Effect.gen(function* () {
    const notBuilt = (message: string) => new ProviderNotBuilt({ provider: spec.id, message })
    const credentials: Array<Credential> = []
    for (const secret of spec.apiKeys.map(Redacted.value)) {
      if (!isServiceAccount(secret)) credentials.push({ secret, account: undefined })
      else {
        const account = parseServiceAccount(secret)
        if (Result.isFailure(account)) return yield* notBuilt(account.failure)
        credentials.push({ secret, account: account.success })
      }
    }
    const [first, ...rest] = credentials
    if (first === undefined && spec.baseUrl === undefined)
      return yield* notBuilt("a key (apiKey) or a service account (serviceAccount) is needed")
    const project = spec.project ?? credentials.find(({ account }) => account !== undefined)?.account?.project
    if (project === undefined && credentials.some(({ account }) => account !== undefined))
      return yield* notBuilt("a project is needed: the service account names none")
    const location = spec.location ?? anywhere
    if (!projectName.test(project ?? "none") || !locationName.test(location))
      return yield* notBuilt("the project or the location is not a name of one")
    const { GoogleGenAI } = yield* loadSdk(spec.id, "@google/genai", () => import("@google/genai"))
    const base = spec.baseUrl ?? hostOf(project === undefined ? anywhere : location)
    const apiVersion = spec.apiVersion ?? version
    const place = project === undefined ? "" : `/projects/${project}/locations/${location}`
    const models = below(base, `/${apiVersion}${place}/publishers/google/models/`)
    const methodOf = (wireModel: string, method: string): string | undefined =>
      modelName.test(wireModel) ? `${models}${wireModel}:${method}` : undefined
    const chatPath: PathOf = (wireModel, delivery) =>
      methodOf(wireModel, delivery === "live" ? "streamGenerateContent" : "generateContent")
    const countPath: PathOf = (wireModel) => methodOf(wireModel, "countTokens")
    const secrets = [...secretsOf(spec)]
    /** Where to ask, with the key where there is one. */
    const addresses = (apiKey: string | undefined, pathOf: PathOf, call: Call): Effect.Effect<Lane, ProviderNotBuilt> =>
      clientLane(
        spec.id,
        (key, fetch) =>
          new GoogleGenAI({
            vertexai: true,
            apiKey: key,
            ...(project === undefined ? {} : { project, location }),
            apiVersion,
            httpOptions: { baseUrl: base, headers: { ...spec.headers }, fetch }
          }),
        apiKey,
        pathOf,
        call
      )
    /** By credential: however many lanes ask for one, a token is fetched once. */
    const tokens = new Map<Credential, Effect.Success<ReturnType<typeof accessTokens>>>()
    const tokenOf = (credential: Credential, account: ServiceAccount) =>
      Effect.gen(function* () {
        const token = tokens.get(credential) ?? (yield* accessTokens(account, transport, remembering(secrets)))
        tokens.set(credential, token)
        return token
      })
    const laneOf = (credential: Credential, pathOf: PathOf, call: Call): Effect.Effect<Lane, ProviderNotBuilt> => {
      const { account, secret } = credential
      return account === undefined
        ? addresses(secret, pathOf, call)
        : Effect.gen(function* () {
            const { prepare } = yield* addresses(undefined, pathOf, call)
            const token = yield* tokenOf(credential, account)
            return {
              credential: fingerprintOf(secret),
              prepare: (wireModel, delivery) =>
                Effect.flatMap(prepare(wireModel, delivery), (prepared) =>
                  Effect.map(token, (bearer) => ({
                    ...prepared,
                    headers: { ...prepared.headers, authorization: `Bearer ${bearer}` }
                  }))
                )
            }
          })
    }
    const lanesTo = (pathOf: PathOf, call: Call) =>
      Effect.gen(function* () {
        const others = yield* Effect.forEach(rest, (credential) => laneOf(credential, pathOf, call))
        const own = yield* first === undefined ? addresses(undefined, pathOf, call) : laneOf(first, pathOf, call)
        return [own, ...others] as const
      })
    const row = countingRows[spec.kind]
    return {
      id: spec.id,
      dialect: geminiOutbound,
      errors: errorTables.vertex,
      lanes: yield* lanesTo(chatPath, chatCall),
      ...(row === undefined
        ? {}
        : { counting: { dialect: geminiOutbound, lanes: yield* lanesTo(countPath, countCall), row } }),
      secrets,
      // Google's own SDK puts `models/` before the name
      wireModel: (model) => model.replace(/^models\//, ""),
      quirks: ({ model }) => quirksOf(spec.kind, model),
      maxOutputTokens,
      typed: () => []
    }
  })

/** A key, or the text of a service account's key file. */
interface Credential {
  readonly secret: string
  readonly account: ServiceAccount | undefined
}

/** Keeps the last two tokens among the secrets: calls with the one before may still be under way. */
const remembering = (secrets: Array<string>): ((token: string) => void) => {
  const recent: Array<string> = []
  return (token) => {
    recent.push(token)
    secrets.push(token)
    const old = recent.length > 2 ? recent.shift() : undefined
    if (old !== undefined) secrets.splice(secrets.indexOf(old), 1)
  }
}
