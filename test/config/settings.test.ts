import { assert, describe, it } from "@effect/vitest"
import { Duration, Redacted } from "effect"
import { defaultResilience, defaultServer } from "../../src/config/Settings.ts"
import { complete, env, minimal, settingsOf } from "./fixtures.ts"

describe("a config file", () => {
  it("with every documented section gives the settings it says", () => {
    const settings = settingsOf(complete)
    assert.deepStrictEqual(
      settings.providers.map(({ id, kind }) => [id, kind]),
      [
        ["anthropic", "anthropic"],
        ["openai", "openai"],
        ["gemini", "google"],
        ["azure", "azure-openai"],
        ["groq", "groq"],
        ["local", "openai-compatible"]
      ]
    )
    assert.deepStrictEqual(
      settings.providers[1]?.apiKeys.map((key) => Redacted.value(key)),
      ["openai-secret-value-1", "openai-secret-value-2"]
    )
    assert.deepStrictEqual(settings.providers[3]?.deployments, { "gpt-5.2": "my-deployment" })
    assert.strictEqual(settings.providers[3]?.apiVersion, "2024-10-21")
    assert.deepStrictEqual(settings.providers[4]?.limits, { requestsPerMinute: 1000, tokensPerMinute: 300_000 })
    assert.strictEqual(settings.providers[5]?.baseUrl, "http://127.0.0.1:11434/v1")
    assert.deepStrictEqual(settings.aliases, [
      {
        name: "smart",
        strategy: "priority",
        targets: ["anthropic/claude-sonnet-5", "openai/gpt-5.2", "gemini/gemini-3.5-flash"]
      },
      { name: "fast", strategy: "priority", targets: ["anthropic/claude-haiku-4-5", "groq/openai/gpt-oss-20b"] }
    ])
    assert.deepStrictEqual(
      [...settings.facts],
      [
        [
          "local/llama",
          {
            price: { inputUsdPerMTok: 0, outputUsdPerMTok: 0 },
            contextWindowTokens: 8192,
            capabilities: ["tools", "prefill"]
          }
        ]
      ]
    )
    assert.strictEqual(Duration.toSeconds(settings.resilience.deadline), 120)
    assert.strictEqual(settings.resilience.limits.unary, "auto")
    assert.deepStrictEqual(settings.resilience.limits.idle, Duration.seconds(30))
    assert.deepStrictEqual(settings.resilience.defaultFallbacks, ["fast", "openai/gpt-5-mini"])
    assert.deepStrictEqual(
      settings.keys.map(({ allow, key, name, priority, tenant }) => [
        name,
        Redacted.value(key),
        tenant,
        priority,
        allow
      ]),
      [["web", env["WEB_KEY"], "acme", "normal", ["smart", "auto*"]]]
    )
    assert.strictEqual(settings.source, "file")
  })
  it("that sets nothing but a provider gets every default", () => {
    const settings = settingsOf(minimal)
    assert.deepStrictEqual(settings.server, defaultServer)
    assert.deepStrictEqual(settings.resilience, defaultResilience)
    assert.deepStrictEqual(settings.warnings, [])
  })
  it("says of every section that does nothing yet that it has no effect", () => {
    const { warnings } = settingsOf(complete)
    for (const section of ["tasks", "budgets", "cache", "guard", "alerts", "storage"]) {
      assert.isTrue(
        warnings.some((warning) => warning.includes(`"${section}"`) && warning.includes("no effect")),
        section
      )
    }
    assert.isTrue(
      warnings.some((warning) => warning.includes("budgets") && warning.includes("spending is not limited"))
    )
    assert.isTrue(warnings.includes(`the limits of key "web" have no effect in this version`))
    assert.isTrue(warnings.includes("providers.groq.limits has no effect in this version"))
  })
  it("with a strategy of a later version is accepted and warned about", () => {
    const { warnings } = settingsOf(`${minimal}models: { a: { strategy: least-latency, targets: [local/x, local/y] } }`)
    assert.deepStrictEqual(warnings, [`alias "a": the strategy least-latency behaves as priority in this version`])
  })
  it("may be JSON, indented with tabs", () => {
    const text = JSON.stringify({ providers: { local: { kind: "ollama" } }, server: { port: 5 } }, null, "\t")
    assert.strictEqual(settingsOf(text).server.port, 5)
  })
  it("may use anchors and aliases of YAML", () => {
    const settings = settingsOf(`${minimal}models:\n  a: &list [local/x]\n  b: *list\n`)
    assert.deepStrictEqual(
      settings.aliases.map(({ targets }) => targets),
      [["local/x"], ["local/x"]]
    )
  })
  it("takes lengths of time in words, short units and milliseconds", () => {
    const seconds = (written: string) =>
      Duration.toSeconds(settingsOf(`${minimal}resilience: { deadline: ${written} }`).resilience.deadline)
    assert.deepStrictEqual(
      ["90 seconds", "1.5 minutes", "90s", "90000", "1 hour", "250 milliseconds"].map(seconds),
      [90, 90, 90, 90, 3600, 0.25]
    )
  })
  it("is overruled by the variables for host and port", () => {
    const { server } = settingsOf(minimal, { SWITCHYARD_HOST: "localhost", SWITCHYARD_PORT: "9" })
    assert.deepStrictEqual([server.host, server.port], ["localhost", 9])
  })
  it("warns of a client key that can be guessed", () => {
    const { warnings } = settingsOf(`${minimal}keys: [{ name: web, key: fifteen-letters }]`)
    assert.deepStrictEqual(warnings, [`key "web" is shorter than 16 characters: it can be guessed`])
  })
})

describe("a variable that is not set", () => {
  const provider = (apiKey: string) => `providers:\n  openai: { kind: openai, apiKey: ${apiKey} }\n`
  it("turns off the provider whose key asks for it, with a warning", () => {
    const settings = settingsOf(provider(`"\${NOBODY_SETS_THIS}"`), {})
    assert.deepStrictEqual(settings.providers, [])
    assert.deepStrictEqual(settings.providersOff, [{ id: "openai", why: "${NOBODY_SETS_THIS} is not set" }])
    assert.isTrue(settings.warnings.some((warning) => warning.includes(`"openai" is off`)))
  })
  it("leaves out one key of several, with a warning", () => {
    const settings = settingsOf(provider(`["\${OPENAI_API_KEY}", "\${NOBODY_SETS_THIS}"]`))
    assert.strictEqual(settings.providers[0]?.apiKeys.length, 1)
    assert.isTrue(settings.warnings.some((warning) => warning.includes("${NOBODY_SETS_THIS}")))
  })
  it("counts as not set when it is empty", () => {
    assert.strictEqual(settingsOf(provider(`"\${EMPTY}"`), { EMPTY: " " }).providersOff.length, 1)
  })
  it("does not matter elsewhere in a provider that is off", () => {
    const text = `providers:\n  azure: { kind: azure-openai, apiKey: "\${A}", baseUrl: "\${B}" }\n`
    assert.strictEqual(settingsOf(text, {}).providersOff[0]?.id, "azure")
  })
})

describe("the value of a variable", () => {
  it("is read as a number or a boolean where one belongs and nothing else stands there", () => {
    const text = `${minimal}server: { port: "\${P}" }\nresilience: { fallbackOnContentPolicy: "\${B}", deadline: "\${D}" }`
    const settings = settingsOf(text, { P: "8080", B: "true", D: "1500" })
    assert.strictEqual(settings.server.port, 8080)
    assert.strictEqual(settings.resilience.fallbackOnContentPolicy, true)
    assert.strictEqual(Duration.toMillis(settings.resilience.deadline), 1500)
  })
  it("stays a text where a text belongs, however it looks", () => {
    const settings = settingsOf(`${minimal}keys: [{ name: "\${N}", key: "\${K}" }]`, {
      N: "true",
      K: "12345678901234567890"
    })
    assert.strictEqual(settings.keys[0]?.name, "true")
  })
})
