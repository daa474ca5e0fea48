import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import type { Alias } from "../../src/config/Settings.ts"
import type { ModelListing } from "../../src/gateway/Gateway.ts"
import { clientKey, failure, send, settingsWith, whole, withEdge } from "./support.ts"

const unknown = {
  contextWindowTokens: undefined,
  maxOutputTokens: undefined,
  price: undefined,
  tier: undefined,
  capabilities: {}
}
const models: ReadonlyArray<ModelListing> = [
  { id: "smart", ownedBy: "switchyard", targets: ["acme/large-1"], facts: unknown },
  {
    id: "acme/large-1",
    ownedBy: "acme",
    targets: undefined,
    facts: {
      ...unknown,
      contextWindowTokens: 200_000,
      maxOutputTokens: 8192,
      price: { inputUsdPerMTok: 3, outputUsdPerMTok: 15 },
      capabilities: { tools: true }
    }
  },
  { id: "fireworks/accounts/x/models/y-1:free", ownedBy: "fireworks", targets: undefined, facts: unknown }
]
const get = (path: string, headers: Record<string, string> = {}) => ({ method: "GET", path, headers })
const anthropic = { "anthropic-version": "2023-06-01" }

describe("models", () => {
  it.effect("are listed in OpenAI's shape with what is known of them", () =>
    withEdge({ models }, (port) =>
      Effect.gen(function* () {
        const reply = yield* send(port, get("/v1/models"))
        assert.strictEqual(reply.status, 200)
        assert.deepNestedInclude(reply.json, { object: "list", "data[0].id": "smart" })
        assert.deepNestedInclude(reply.json, {
          "data[0].targets": ["acme/large-1"],
          "data[1]": {
            id: "acme/large-1",
            object: "model",
            created: 0,
            owned_by: "acme",
            context_window: 200_000,
            max_output_tokens: 8192,
            pricing: { input_usd_per_mtok: 3, output_usd_per_mtok: 15 },
            capabilities: { tools: true }
          }
        })
      })
    )
  )

  it.effect("are listed in Anthropic's shape for a caller of Anthropic's", () =>
    withEdge({ models }, (port) =>
      Effect.gen(function* () {
        const reply = yield* send(port, get("/v1/models?limit=1000", anthropic))
        assert.deepNestedInclude(reply.json, {
          has_more: false,
          first_id: "smart",
          last_id: "fireworks/accounts/x/models/y-1:free",
          "data[1].type": "model",
          "data[1].display_name": "acme/large-1"
        })
      })
    )
  )

  it.effect("tell the same of window, price and capabilities in every shape, and nothing of what is not known", () =>
    withEdge({ models }, (port) =>
      Effect.gen(function* () {
        const known = {
          context_window: 200_000,
          max_output_tokens: 8192,
          pricing: { input_usd_per_mtok: 3, output_usd_per_mtok: 15 },
          capabilities: { tools: true }
        }
        const shapes = [
          { path: "/v1/models", headers: {}, list: "data" },
          { path: "/v1/models", headers: anthropic, list: "data" },
          { path: "/v1beta/models", headers: {}, list: "models" }
        ]
        for (const { headers, list, path } of shapes) {
          const all = yield* send(port, get(path, headers))
          const one = yield* send(port, get(`${path}/acme/large-1`, headers))
          for (const [field, value] of Object.entries(known)) {
            assert.deepNestedPropertyVal(all.json, `${list}[1].${field}`, value)
            assert.deepNestedPropertyVal(one.json, field, value)
            assert.notNestedProperty(all.json, `${list}[0].${field}`)
          }
        }
      })
    )
  )

  it.effect("are found by ids with slashes, raw and encoded", () =>
    withEdge({ models }, (port) =>
      Effect.gen(function* () {
        for (const { id } of models) {
          for (const path of [`/v1/models/${id}`, `/v1/models/${encodeURIComponent(id)}`, `/v1/models/${id}/`]) {
            const reply = yield* send(port, get(path))
            assert.strictEqual(reply.status, 200, path)
            assert.nestedPropertyVal(reply.json, "id", id)
          }
        }
      })
    )
  )

  it.effect("are found by every name that inference takes, listed or not, and within what a key allows", () =>
    Effect.gen(function* () {
      const unlisted: ReadonlyArray<ModelListing> = [
        { id: "large-1", ownedBy: "acme", targets: undefined, facts: unknown }
      ]
      yield* withEdge({ models, unlisted }, (port) =>
        Effect.gen(function* () {
          const reply = yield* send(port, get("/v1/models/large-1"))
          assert.strictEqual(reply.status, 200)
          assert.nestedPropertyVal(reply.json, "owned_by", "acme")
        })
      )
      const settings = settingsWith({}, [clientKey("web", "sk-1", { allow: ["acme/*"] })])
      yield* withEdge({ models, unlisted, settings }, (port) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* send(port, get("/v1/models/large-1"))).status, 401)
          assert.strictEqual((yield* send(port, get("/v1/models/large-1", { "x-api-key": "sk-1" }))).status, 404)
        })
      )
    })
  )

  it.effect("that do not exist are a 404 in the dialect, naming the nearest", () =>
    withEdge({ models }, (port) =>
      Effect.gen(function* () {
        const openAi = yield* send(port, get("/v1/models/acme/large-2"))
        assert.strictEqual(openAi.status, 404)
        assert.include(openAi.body, "acme/large-1")
        const reply = yield* send(port, get("/v1/models/nothing", anthropic))
        assert.strictEqual(reply.status, 404)
        assert.nestedPropertyVal(reply.json, "error.type", "not_found_error")
      })
    )
  )

  it.effect("that a key's region leaves out are not shown to it, aliases as little as models", () => {
    const spec = (id: string, region: string | undefined): ProviderSpec => ({
      id,
      kind: "ollama",
      apiKeys: [],
      baseUrl: undefined,
      apiVersion: undefined,
      deployments: {},
      headers: {},
      failureDomain: undefined,
      region,
      models: []
    })
    const listing = (id: string, targets?: ReadonlyArray<string>): ModelListing => ({
      id,
      ownedBy: targets === undefined ? (id.split("/")[0] ?? "") : "switchyard",
      targets,
      facts: unknown
    })
    const alias = (name: string, targets: ReadonlyArray<string>, region?: string): Alias => ({
      name,
      strategy: "priority",
      targets,
      ...(region === undefined ? undefined : { region })
    })
    const aliases = [
      alias("both", ["abroad/a", "home/a"]),
      alias("away", ["abroad/a", "unsaid/a"]),
      alias("elsewhere", ["abroad/a", "home/a"], "us")
    ]
    const settings = {
      ...settingsWith({}, [clientKey("web", "sk-1", { region: "eu" }), clientKey("any", "sk-2")]),
      providers: [spec("home", "EU"), spec("abroad", "us"), spec("unsaid", undefined)],
      aliases
    }
    const names = ["home/a", "abroad/a", "unsaid/a"]
    const models = [
      ...aliases.map(({ name, targets }) => listing(name, targets)),
      ...names.map((name) => listing(name))
    ]
    const unlisted = [{ ...listing("maker/a"), ownedBy: "abroad" }]
    return withEdge({ models, unlisted, settings }, (port) =>
      Effect.gen(function* () {
        const shown = (key: string) =>
          Effect.map(send(port, get("/v1/models", { "x-api-key": key })), ({ json }) =>
            ids(json).map((one) => (typeof one === "object" && one !== null && "id" in one ? one.id : one))
          )
        assert.deepStrictEqual(yield* shown("sk-1"), ["both", "home/a"])
        assert.strictEqual((yield* shown("sk-2")).length, 6)
        const one = (name: string) =>
          Effect.map(send(port, get(`/v1/models/${name}`, { "x-api-key": "sk-1" })), ({ status }) => status)
        assert.strictEqual(yield* one("home/a"), 200)
        assert.strictEqual(yield* one("abroad/a"), 404)
        // of a bare model who else serves it is not told
        assert.strictEqual(yield* one("maker/a"), 200)
      })
    )
  })

  it.effect("that a key may not ask for are not shown to it", () =>
    withEdge({ models, settings: settingsWith({}, [clientKey("web", "sk-1", { allow: ["acme/*"] })]) }, (port) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* send(port, get("/v1/models"))).status, 401)
        const key = { "x-api-key": "sk-1" }
        const reply = yield* send(port, get("/v1/models", key))
        assert.lengthOf(ids(reply.json), 1)
        assert.strictEqual((yield* send(port, get("/v1/models/smart", key))).status, 404)
      })
    )
  )
})

const ids = (list: unknown): ReadonlyArray<unknown> =>
  typeof list === "object" && list !== null && "data" in list && Array.isArray(list.data) ? list.data : []

describe("operators' endpoints", () => {
  it.effect("health and readiness are told without a key", () =>
    withEdge({ settings: settingsWith({}, [clientKey("web", "sk-1")]) }, (port) =>
      Effect.gen(function* () {
        assert.deepStrictEqual((yield* send(port, get("/healthz"))).json, { status: "ok" })
        assert.deepStrictEqual((yield* send(port, get("/readyz"))).json, { status: "ready" })
        const head = yield* send(port, { method: "HEAD", path: "/healthz" })
        assert.strictEqual(head.status, 200)
        assert.strictEqual(head.body, "")
      })
    )
  )

  it.effect("metrics count requests, failures, fallbacks, tokens and who is available", () =>
    Effect.gen(function* () {
      let calls = 0
      const handle = () =>
        ++calls === 1
          ? Effect.succeed(
              whole("hello", {
                attempts: [
                  { provider: "first", model: "a", reason: "Overloaded", millis: 1 },
                  { provider: "acme", model: "large-1", millis: 1 }
                ],
                fallback: "Overloaded"
              })
            )
          : Effect.fail(
              failure({
                _tag: "AllFailed",
                provider: "acme",
                model: "large-1",
                first: { _tag: "Timeout", message: "slow", limit: "unary" }
              })
            )
      const availability = [
        { provider: "acme", available: true, inFlight: 0, openCircuits: 0, quarantined: 0 },
        { provider: "first", available: false, inFlight: 0, openCircuits: 0, quarantined: 0 }
      ]
      yield* withEdge({ handle, availability, models }, (port) =>
        Effect.gen(function* () {
          yield* send(port)
          yield* send(port)
          const { status, headers, body } = yield* send(port, get("/metrics"))
          assert.strictEqual(status, 200)
          assert.match(headers["content-type"] ?? "", /^text\/plain; version=0\.0\.4/)
          const has = (name: string, labels: ReadonlyArray<string>, value: string) =>
            assert.isTrue(
              body
                .split("\n")
                .some(
                  (line) =>
                    line.startsWith(`${name}{`) &&
                    labels.every((label) => line.includes(label)) &&
                    line.endsWith(` ${value}`)
                ),
              `${name} ${labels.join()} in\n${body}`
            )
          has("llm_requests_total", ['outcome="ok"', 'dialect="openai-chat"', 'model="large-1"'], "1")
          has("llm_requests_total", ['outcome="error"'], "1")
          has("llm_requests_failed_total", ['reason="Timeout"'], "1")
          has("llm_fallbacks_total", ['from="first"', 'to="acme"', 'reason="Overloaded"'], "1")
          has("llm_tokens_total", ['kind="input"', 'provider="acme"'], "7")
          has("llm_tokens_total", ['kind="output"'], "3")
          has("llm_provider_available", ['provider="acme"'], "1")
          has("llm_provider_available", ['provider="first"'], "0")
          has("llm_request_duration_seconds_count", ['provider="acme"'], "2")
        })
      )
    })
  )

  it.effect("on loopback metrics are for this machine, and for no web page that gives its own name to it", () =>
    withEdge({ settings: settingsWith({}, [clientKey("web", "sk-1")]) }, (port) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* send(port, get("/metrics"))).status, 200)
        const foreign = yield* send(port, get("/metrics", { host: `page.example:${port}` }))
        assert.strictEqual(foreign.status, 403)
        assert.include(foreign.body, "On a loopback address metrics are told only to requests whose Host is")
        assert.strictEqual((yield* send(port, get("/metrics", { origin: "https://page.example" }))).status, 403)
      })
    )
  )

  it.effect("off loopback metrics need the admin key, a client key does not do, and without one there are none", () =>
    Effect.gen(function* () {
      const keys = [clientKey("web", "sk-1")]
      const adminKey = Redacted.make("admin-1")
      yield* withEdge({ settings: settingsWith({ host: "0.0.0.0", adminKey }, keys) }, (port) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* send(port, get("/metrics"))).status, 401)
          assert.strictEqual((yield* send(port, get("/metrics", { "x-api-key": "sk-1" }))).status, 401)
          assert.strictEqual((yield* send(port, get("/metrics", { authorization: "Bearer admin-1" }))).status, 200)
        })
      )
      yield* withEdge({ settings: settingsWith({ host: "0.0.0.0" }, keys) }, (port) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* send(port, get("/metrics", { "x-api-key": "sk-1" }))).status, 403)
        })
      )
    })
  )

  it.effect("the description of the API tells every endpoint with its payload, answers and errors", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const { json, status } = yield* send(port, get("/openapi.json"))
        assert.strictEqual(status, 200)
        const chat = "paths./v1/chat/completions.post"
        assert.nestedPropertyVal(json, "openapi", "3.1.0")
        assert.nestedProperty(json, escaped("/v1/chat/completions", "post.requestBody.content.application/json"), chat)
        assert.nestedProperty(json, escaped("/v1/chat/completions", "post.responses.200.content.text/event-stream"))
        assert.nestedProperty(json, escaped("/v1/chat/completions", "post.responses.429.content.application/json"))
        assert.nestedProperty(json, escaped("/v1/messages", "post.responses.413.content.application/json"))
        const counting = "post.requestBody.content.application/json"
        assert.nestedProperty(json, escaped("/v1/messages/count_tokens", counting))
        assert.nestedProperty(json, escaped("/v1/models/{id}", "get.responses.404"))
        for (const path of ["/v1/models", "/healthz", "/readyz"])
          assert.nestedProperty(json, escaped(path, "get.responses.200"))
        assert.nestedProperty(json, escaped("/metrics", "get.responses.200"))
        assert.nestedProperty(json, "components.securitySchemes.bearer")
        assert.notInclude(JSON.stringify(json), "x-effect-stream")
      })
    )
  )

  it.effect("the page for people carries its own scripts and may load nothing from elsewhere", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const { status, body, headers } = yield* send(port, get("/docs"))
        assert.strictEqual(status, 200)
        assert.include(body, "SwaggerUIBundle")
        assert.notMatch(body, /<(script|link|img)[^>]+(src|href)=["']?https?:/)
        assert.match(headers["content-security-policy"] ?? "", /default-src 'none'/)
      })
    )
  )
})

/** A path of properties for Chai, whose own separators must be escaped. */
const escaped = (path: string, rest: string): string => `paths.${path.replaceAll(".", "\\.")}.${rest}`
