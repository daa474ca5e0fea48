import { assert, describe, it } from "@effect/vitest"
import { GoogleGenAI } from "@google/genai"
import { Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto"
import { Catalog } from "../../src/catalog/Catalog.ts"
import { isJsonObject, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { builtBy, chatCall } from "../../src/provider/Google.ts"
import { providerLayer } from "../../src/provider/kinds.ts"
import { LLMProvider } from "../../src/provider/LLMProvider.ts"
import { Transport } from "../../src/provider/Transport.ts"
import { hostOf } from "../../src/provider/Vertex.ts"
import { chatRequest, providerSpec } from "./requests.ts"
import { type Received, type Respond, type Wire, json, makeWire } from "./wire.ts"

const pair = generateKeyPairSync("rsa", { modulusLength: 2048 })
const pem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString()
const tokenPath = "/token"

const keyFile = (wire: Wire, changes: JsonObject = {}): string =>
  JSON.stringify(
    {
      type: "service_account",
      project_id: "acme-1",
      private_key_id: "k1",
      private_key: pem,
      client_email: "gateway@acme-1.iam.gserviceaccount.com",
      token_uri: wire.url + tokenPath,
      ...changes
    },
    null,
    2
  )

const generation = { candidates: [{ content: { role: "model", parts: [{ text: "hi" }] }, finishReason: "STOP" }] }

type Answer = readonly [status: number, body: JsonObject]
const given = (token: string, seconds = 3600): Answer => [
  200,
  { access_token: token, expires_in: seconds, token_type: "Bearer" }
]

/** A wire whose token endpoint gives these answers in turn, the last for good, and whose models answer `models`. */
const wireOf = (tokens: ReadonlyArray<Answer>, models: Respond = json(generation)) => {
  let asked = 0
  return makeWire((response, received) => {
    if (received.path !== tokenPath) return models(response, received)
    const [status, body] = tokens[Math.min(asked++, tokens.length - 1)] ?? given("none")
    json(body, status)(response, received)
  })
}

const providerAt = (wire: Wire, apiKeys: ReadonlyArray<string>, spec: Parameters<typeof providerSpec>[0] = {}) =>
  Effect.map(
    Layer.build(
      providerLayer()(providerSpec({ kind: "vertex", baseUrl: wire.url, apiKeys, ...spec })).pipe(
        Layer.provide([Transport.layer({ connectTimeout: "5 seconds" }), Catalog.layer])
      )
    ),
    (context) => Effect.provide(LLMProvider, context)
  ).pipe(Effect.flatten)

const tokensAsked = ({ requests }: Wire): ReadonlyArray<Received> => requests.filter(({ path }) => path === tokenPath)
const bearers = ({ requests }: Wire) =>
  requests.filter(({ path }) => path !== tokenPath).map(({ headers }) => headers["authorization"])

const decoded = (part: string | undefined): JsonObject => {
  const value = parseJson(Buffer.from(part ?? "", "base64url").toString())
  return isJsonObject(value) ? value : {}
}

describe("a service account", () => {
  it.effect("signs for a token that its project's models are asked with", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_800_000_000_000)
      const wire = yield* wireOf([given("ya29.one")])
      const provider = yield* providerAt(wire, [keyFile(wire)])
      yield* provider.complete(chatRequest({ model: "gemini-3.5-flash" }))
      yield* provider.complete(chatRequest({ model: "models/gemini-3.5-flash" }))

      const [asked, call, again] = wire.requests
      assert.strictEqual(asked?.headers["content-type"], "application/x-www-form-urlencoded")
      const form = new URLSearchParams(asked?.text)
      assert.strictEqual(form.get("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer")
      const [header, claims, signature] = (form.get("assertion") ?? "").split(".")
      assert.deepStrictEqual(decoded(header), { alg: "RS256", typ: "JWT", kid: "k1" })
      assert.deepStrictEqual(decoded(claims), {
        iss: "gateway@acme-1.iam.gserviceaccount.com",
        scope: "https://www.googleapis.com/auth/cloud-platform",
        aud: wire.url + tokenPath,
        iat: 1_800_000_000,
        exp: 1_800_003_600
      })
      const bytes = Buffer.from(`${header}.${claims}`)
      const signed = verify("RSA-SHA256", bytes, createPublicKey(pem), Buffer.from(signature ?? "", "base64url"))
      assert.isTrue(signed)

      const path = "/v1beta1/projects/acme-1/locations/global/publishers/google/models/gemini-3.5-flash:generateContent"
      for (const received of [call, again]) {
        assert.strictEqual(received?.path, path)
        assert.strictEqual(received?.headers["authorization"], "Bearer ya29.one")
        assert.isUndefined(received?.headers["x-goog-api-key"])
      }
      assert.strictEqual(wire.requests.length, 3)
    }).pipe(Effect.scoped)
  )

  it.effect("asks in the project and the location that the config names", () =>
    Effect.gen(function* () {
      const wire = yield* wireOf([given("t")])
      const provider = yield* providerAt(wire, [keyFile(wire)], { project: "other-2", location: "europe-west4" })
      yield* provider.complete(chatRequest({ model: "m" }))
      assert.strictEqual(
        wire.requests[1]?.path,
        "/v1beta1/projects/other-2/locations/europe-west4/publishers/google/models/m:generateContent"
      )
    }).pipe(Effect.scoped)
  )

  it.effect("fetches one token for all who ask at once", () =>
    Effect.gen(function* () {
      const wire = yield* wireOf([given("one"), given("two")])
      const provider = yield* providerAt(wire, [keyFile(wire)])
      const calls = Array.from({ length: 5 }, (_, index) => provider.complete(chatRequest({ model: `m${index}` })))
      yield* Effect.all(calls, { concurrency: "unbounded" })
      assert.strictEqual(tokensAsked(wire).length, 1)
      assert.deepStrictEqual([...new Set(bearers(wire))], ["Bearer one"])
    }).pipe(Effect.scoped)
  )

  it.effect("renews its token before the old one's end, by the gateway's clock", () =>
    Effect.gen(function* () {
      const wire = yield* wireOf([given("one"), given("two", 60), given("three")])
      const provider = yield* providerAt(wire, [keyFile(wire)])
      const ask = provider.complete(chatRequest())
      yield* ask
      yield* TestClock.adjust("54 minutes")
      yield* ask
      yield* TestClock.adjust("1 minute")
      yield* ask
      // of a short-lived one half is used
      yield* TestClock.adjust("29 seconds")
      yield* ask
      yield* TestClock.adjust("1 second")
      yield* ask
      assert.deepStrictEqual(
        bearers(wire),
        ["one", "one", "two", "two", "three"].map((token) => `Bearer ${token}`)
      )
      assert.strictEqual(tokensAsked(wire).length, 3)
    }).pipe(Effect.scoped)
  )

  it.effect("goes on with a token that could not be renewed, up to its end", () =>
    Effect.gen(function* () {
      const wire = yield* wireOf([given("one"), [503, {}]])
      const provider = yield* providerAt(wire, [keyFile(wire)])
      yield* provider.complete(chatRequest())
      yield* TestClock.adjust("59 minutes")
      yield* provider.complete(chatRequest())
      assert.deepStrictEqual(bearers(wire), ["Bearer one", "Bearer one"])
      yield* TestClock.adjust("1 minute")
      const { reason } = yield* Effect.flip(provider.complete(chatRequest()))
      assert.strictEqual(reason._tag, "ServerError")
      assert.strictEqual(bearers(wire).length, 2)
    }).pipe(Effect.scoped)
  )

  const refusals: ReadonlyArray<readonly [string, Answer, string]> = [
    ["a key that was deleted", [400, { error: "invalid_grant", error_description: pem }], "AuthenticationFailed"],
    ["an account that is not known", [401, { error: "invalid_client" }], "AuthenticationFailed"],
    ["too many requests", [429, {}], "Overloaded"],
    ["an endpoint that is down", [503, {}], "ServerError"],
    ["an answer without a token", [200, { id_token: "x" }], "MalformedResponse"]
  ]
  for (const [what, answer, tag] of refusals)
    it.effect(`gets no token for ${what}: ${tag}, before anything is asked of the vendor`, () =>
      Effect.gen(function* () {
        const wire = yield* wireOf([answer])
        const provider = yield* providerAt(wire, [keyFile(wire)])
        const whole = yield* Effect.flip(provider.complete(chatRequest()))
        const live = yield* Effect.flip(Stream.runDrain(provider.stream(chatRequest({ delivery: "live" }))))
        for (const error of [whole, live]) {
          assert.strictEqual(error.reason._tag, tag)
          assert.notInclude(JSON.stringify(error) + error.message, "PRIVATE KEY")
        }
        assert.deepStrictEqual(bearers(wire), [])
      }).pipe(Effect.scoped)
    )

  it.live("cannot reach its token endpoint: a failure of the network in which nothing was sent", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire((response) => void response.destroy())
      const provider = yield* providerAt(wire, [keyFile(wire)])
      const { reason } = yield* Effect.flip(provider.complete(chatRequest()))
      assert.strictEqual(reason._tag, "Network")
      assert.propertyVal(reason, "sent", false)
    }).pipe(Effect.scoped)
  )

  it.effect("that is turned away leaves the call to the next credential", () =>
    Effect.gen(function* () {
      const wire = yield* wireOf([[400, { error: "invalid_grant" }]])
      const provider = yield* providerAt(wire, [keyFile(wire), "key-two"])
      yield* provider.complete(chatRequest())
      yield* provider.complete(chatRequest())
      const calls = wire.requests.filter(({ path }) => path !== tokenPath)
      assert.deepStrictEqual(
        calls.map(({ headers }) => headers["x-goog-api-key"]),
        ["key-two", "key-two"]
      )
      assert.strictEqual(tokensAsked(wire).length, 1)
      assert.strictEqual(provider.credentials.length, 2)
    }).pipe(Effect.scoped)
  )

  it.effect("has no token in an error, whatever the vendor echoes", () =>
    Effect.gen(function* () {
      const echo: Respond = (response, received) =>
        json(
          { error: { code: 401, status: "UNAUTHENTICATED", message: `who is ${received.headers["authorization"]}?` } },
          401
        )(response, received)
      const wire = yield* wireOf([given("ya29.canary-token-1"), given("ya29.canary-token-2")], echo)
      const provider = yield* providerAt(wire, [keyFile(wire)])
      for (let call = 0; call < 2; call++) {
        const error = yield* Effect.flip(provider.complete(chatRequest()))
        assert.strictEqual(error.reason._tag, "AuthenticationFailed")
        assert.notInclude(JSON.stringify(error) + error.message, "canary")
        yield* TestClock.adjust("1 hour")
      }
    }).pipe(Effect.scoped)
  )

  const unusable: ReadonlyArray<readonly [string, (wire: Wire) => string, RegExp]> = [
    ["is another kind of file", (wire) => keyFile(wire, { type: "authorized_user" }), /key file/],
    ["has no private key", (wire) => keyFile(wire, { private_key: "secret-canary" }), /private_key/],
    ["names no project", (wire) => keyFile(wire, { project_id: null }), /project/],
    ["names no address of its endpoint", (wire) => keyFile(wire, { token_uri: "file:///etc/passwd" }), /token_uri/],
    ["is not JSON", () => "{ secret-canary", /JSON/]
  ]
  for (const [what, text, expected] of unusable)
    it.effect(`cannot be set up where it ${what}`, () =>
      Effect.gen(function* () {
        const wire = yield* wireOf([given("t")])
        const { message } = yield* Effect.flip(providerAt(wire, [text(wire)]))
        assert.match(message, expected)
        assert.notInclude(message, "canary")
      }).pipe(Effect.scoped)
    )
})

describe("Vertex", () => {
  it.live("asks for a model of Google's and nothing else, whatever name a caller gives", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(generation))
      const provider = yield* providerAt(wire, ["key"], { project: "acme-1" })
      for (const model of [
        "anthropic/claude-sonnet-5",
        "publishers/google/models/m",
        "projects/other/locations/x/endpoints/1",
        "../x",
        "m:predict#",
        "m?x=",
        "%2e%2e",
        "..",
        ""
      ]) {
        const { reason } = yield* Effect.flip(provider.complete(chatRequest({ model })))
        assert.strictEqual(reason._tag, "ModelUnavailable", model)
      }
      assert.deepStrictEqual(wire.requests, [])
    }).pipe(Effect.scoped)
  )

  for (const location of ["global", "us", "eu", "europe-west4", "us-central1"])
    it.live(`is asked in ${location} at the SDK's own address`, () =>
      Effect.gen(function* () {
        const client = (fetch: typeof globalThis.fetch) =>
          new GoogleGenAI({ vertexai: true, apiKey: "k", project: "p", location, httpOptions: { fetch } })
        const { url } = yield* Effect.promise(() => builtBy(client, chatCall, "m", "whole"))
        assert.strictEqual(new URL(url).origin, hostOf(location))
      })
    )

  it.effect("cannot be set up without a credential, or in a place that is none", () =>
    Effect.gen(function* () {
      const wire = yield* wireOf([given("t")])
      assert.match((yield* Effect.flip(providerAt(wire, [], { baseUrl: undefined }))).message, /key/)
      for (const place of [{ project: "a/b" }, { project: "a", location: "evil.example/" }])
        assert.match((yield* Effect.flip(providerAt(wire, ["k"], place))).message, /project or the location/)
    }).pipe(Effect.scoped)
  )
})
