/**
 * Client keys from their making to their end, as the official SDKs meet them.
 */
import Anthropic, {
  AuthenticationError as AnthropicAuthError,
  RateLimitError as AnthropicRateLimit
} from "@anthropic-ai/sdk"
import { assert, describe, it } from "@effect/vitest"
import { ApiError, GoogleGenAI } from "@google/genai"
import { Effect, Redacted, References, type Scope } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import OpenAI, { AuthenticationError, PermissionDeniedError, RateLimitError } from "openai"
import { type Options, start } from "./harness.ts"

const model = "openai/gpt-5.2"
const adminKey = "the-admin-key-of-this-test"
const messages = [{ role: "user" as const, content: "Say hello" }]

const live = (name: string, test: () => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(test()).pipe(Effect.provideService(References.MinimumLogLevel, "None")))

const openai = (url: string, apiKey: string, maxRetries = 0) => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries })
const anthropic = (url: string, apiKey: string) => new Anthropic({ baseURL: url, apiKey, maxRetries: 0 })
const google = (url: string, apiKey: string) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } })

/** A call of the admin API. */
const admin = async (url: string, method: string, path: string, body?: object) => {
  const response = await fetch(`${url}/admin/${path}`, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const text = await response.text()
  // what the admin API answers is looked at field by field below
  return { status: response.status, text, json: (text === "" ? {} : JSON.parse(text)) as Record<string, string> }
}

const using = (use: (url: string) => Promise<void>, options: Options = {}) =>
  Effect.flatMap(start({ ...options, server: { adminKey: Redacted.make(adminKey) } }), ({ url }) =>
    Effect.promise(() => use(url))
  )

/** What a call threw. */
const thrown = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    await call
  } catch (error) {
    return error
  }
  throw new Error("it was answered")
}

describe("a client key that is made at run time", () => {
  live("lets in whoever has it, through rotation, until it is revoked", () =>
    using(async (url) => {
      // nobody needs a key before there is one
      await openai(url, "anything").chat.completions.create({ model, messages })
      const made = await admin(url, "POST", "keys", { name: "web", allow: ["openai/*"], expires: "2199-01-01" })
      assert.strictEqual(made.status, 201, made.text)
      const secret = made.json["secret"] ?? ""
      assert.instanceOf(
        await thrown(openai(url, "anything").chat.completions.create({ model, messages })),
        AuthenticationError
      )
      await openai(url, secret).chat.completions.create({ model, messages })
      const elsewhere = openai(url, secret).chat.completions.create({ model: "anthropic/claude-sonnet-5", messages })
      assert.instanceOf(await thrown(elsewhere), PermissionDeniedError)

      const rotated = await admin(url, "POST", "keys/web/rotate", { grace: "1 hour" })
      assert.strictEqual(rotated.status, 200, rotated.text)
      const next = rotated.json["secret"] ?? ""
      assert.notStrictEqual(next, secret)
      for (const one of [secret, next]) await openai(url, one).chat.completions.create({ model, messages })

      const listed = await admin(url, "GET", "keys")
      for (const one of [secret, next]) {
        assert.notInclude(listed.text, one)
        assert.include(listed.text, one.slice(0, 7))
      }
      assert.strictEqual((await admin(url, "DELETE", "keys/web")).status, 204)
      for (const one of [secret, next]) {
        const error = await thrown(anthropic(url, one).messages.create({ model, messages, max_tokens: 9 }))
        assert.instanceOf(error, AnthropicAuthError)
        assert.include(String(error), "revoked")
      }
      assert.include((await admin(url, "GET", "events")).text, "key.revoked")
    })
  )

  live("is found by its own name alone, whatever else an address says", () =>
    using(async (url) => {
      await admin(url, "POST", "keys", { name: "web" })
      for (const name of ["web;x", "web;", "WEB", "web%2F", "web%00", "%2Fweb", "web%3Fx"])
        assert.strictEqual((await admin(url, "DELETE", `keys/${name}`)).status, 404, name)
      assert.include((await admin(url, "GET", "keys/w%65b?x=1;y")).text, '"state":"active"')
    })
  )

  live("outlasts the gateway where there is a database, and the last one that was revoked opens nothing", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "switchyard-keys-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const options: Options = { settings: { storage: { sqlite: join(folder, "switchyard.db") } } }
      let secret = ""
      yield* Effect.scoped(
        using(async (url) => {
          const made = await admin(url, "POST", "keys", { name: "web" })
          secret = made.json["secret"] ?? ""
          assert.include(made.text, '"durable":true')
        }, options)
      )
      yield* Effect.scoped(
        using(async (url) => {
          await openai(url, secret).chat.completions.create({ model, messages })
          await admin(url, "DELETE", "keys/web")
        }, options)
      )
      yield* using(async (url) => {
        for (const one of [secret, "anything"])
          assert.instanceOf(
            await thrown(openai(url, one).chat.completions.create({ model, messages })),
            AuthenticationError
          )
      }, options)
    })
  )
})

describe("a client key's limits", () => {
  const limits = { requestsPerMinute: 2, tokensPerMinute: 1_000_000 }
  const made = async (url: string, body: object): Promise<string> => {
    const { json, text } = await admin(url, "POST", "keys", { name: "web", ...body })
    assert.isString(json["secret"], text)
    return json["secret"] ?? ""
  }

  live("are thrown as the openai SDK's own error, and told in its headers", () =>
    using(async (url) => {
      const client = openai(url, await made(url, { limits }))
      const { response } = await client.chat.completions.create({ model, messages }).withResponse()
      assert.strictEqual(response.headers.get("x-ratelimit-limit-requests"), "2")
      assert.strictEqual(response.headers.get("x-ratelimit-remaining-requests"), "1")
      assert.strictEqual(response.headers.get("x-ratelimit-limit-tokens"), "1000000")
      assert.match(response.headers.get("x-ratelimit-reset-tokens") ?? "", /^1m\d(\.\d+)?s$|^1m0s$/)
      await client.responses.create({ model, input: "Say hello" })
      for (const call of [
        () => client.chat.completions.create({ model, messages }),
        () => client.chat.completions.create({ model, messages, stream: true }),
        () => client.responses.create({ model, input: "Say hello" }),
        () => client.embeddings.create({ model: "openai/text-embedding-3-small", input: "hello" })
      ]) {
        const error = await thrown(call())
        assert.instanceOf(error, RateLimitError)
        if (!(error instanceof RateLimitError)) return
        assert.strictEqual(error.code, "rate_limit_exceeded")
        assert.isAtLeast(Number(error.headers.get("retry-after")), 1)
        assert.strictEqual(error.headers.get("x-ratelimit-remaining-requests"), "0")
      }
    })
  )

  live("are thrown as the Anthropic SDK's own error, and told in its headers", () =>
    using(async (url) => {
      const client = anthropic(url, await made(url, { limits }))
      const asked = { model, messages, max_tokens: 50 }
      const { response } = await client.messages.create(asked).withResponse()
      assert.strictEqual(response.headers.get("anthropic-ratelimit-requests-remaining"), "1")
      const reset = response.headers.get("anthropic-ratelimit-tokens-reset") ?? ""
      assert.isAbove(Date.parse(reset), Date.now())
      await client.messages.countTokens({ model, messages })
      for (const call of [
        () => client.messages.create(asked),
        () => client.messages.create({ ...asked, stream: true })
      ]) {
        const error = await thrown(call())
        assert.instanceOf(error, AnthropicRateLimit)
        if (!(error instanceof AnthropicRateLimit)) return
        assert.isAtLeast(Number(error.headers.get("retry-after")), 1)
        assert.strictEqual(error.headers.get("anthropic-ratelimit-requests-remaining"), "0")
      }
    })
  )

  live("are thrown as Google's SDK's error, with when to come back", () =>
    using(async (url) => {
      const client = google(url, await made(url, { limits: { requestsPerMinute: 1 } }))
      const asked = { model, contents: "Say hello" }
      await client.models.generateContent(asked)
      const error = await thrown(client.models.generateContent(asked))
      assert.instanceOf(error, ApiError)
      if (!(error instanceof ApiError)) return
      assert.strictEqual(error.status, 429)
      assert.include(error.message, "RESOURCE_EXHAUSTED")
      assert.match(error.message, /"retryDelay":"\d+s"/)
    })
  )

  live("that no wait helps are not tried again by an SDK that would", () =>
    using(async (url) => {
      const secret = await made(url, { limits: { tokensPerMinute: 100, requestsPerMinute: 100 } })
      const large = [{ role: "user" as const, content: "word ".repeat(500) }]
      assert.instanceOf(
        await thrown(openai(url, secret, 5).chat.completions.create({ model, messages: large })),
        RateLimitError
      )
      // one that was answered tells how many were counted
      const { response } = await openai(url, secret)
        .chat.completions.create({ model, messages, max_completion_tokens: 20 })
        .withResponse()
      assert.strictEqual(response.headers.get("x-ratelimit-remaining-requests"), "99")
    })
  )

  live("hold however many ask at once, and each that waits as it is told gets its turn", () =>
    using(async (url) => {
      const secret = await made(url, { limits: { concurrent: 2 } })
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => openai(url, secret, 10).chat.completions.create({ model, messages }))
      )
      assert.lengthOf(answers, 5)
      const { json } = await admin(url, "GET", "keys/web")
      assert.deepNestedInclude(json, { "use[0].what": "concurrent", "use[0].used": 0 })
    })
  )
})
