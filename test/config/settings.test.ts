import { assert, describe, it } from "@effect/vitest"
import { Duration, Redacted } from "effect"
import { resolve } from "node:path"
import { settingsFromSource } from "../../src/config/load.ts"
import { defaultCache, defaultResilience, defaultServer, strategies } from "../../src/config/Settings.ts"
import { readYaml } from "../../src/config/Source.ts"
import { complete, env, minimal, settingsOf } from "./fixtures.ts"

const two = `${minimal}  two: { kind: ollama }\n`

describe("a config file", () => {
  it("says how much of what was answered is remembered, in part or not at all", () => {
    const of = (written: string) => settingsOf(`server: { responses: ${written} }\n${minimal}`).server.responses
    assert.deepStrictEqual(of("{}"), defaultServer.responses)
    assert.deepStrictEqual(of("{ entries: 0 }"), { ...defaultServer.responses, entries: 0 })
    assert.deepStrictEqual(of("{ entries: 5, bytes: 1000, totalBytes: 2000, ttl: 90 minutes }"), {
      entries: 5,
      bytes: 1000,
      totalBytes: 2000,
      ttl: Duration.minutes(90)
    })
  })

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
    assert.deepStrictEqual(settings.providers[4]?.limits, {
      requestsPerMinute: 1000,
      tokensPerMinute: 300_000,
      concurrent: 20
    })
    assert.deepStrictEqual([...(settings.roles ?? [])], [["groq", { state: "on", weight: 2 }]])
    assert.strictEqual(settings.resilience.costCapUsd, 2)
    assert.strictEqual(settings.storage?.sqlite, resolve("data/switchyard.db"))
    assert.strictEqual(settings.providers[5]?.baseUrl, "http://127.0.0.1:11434/v1")
    assert.deepStrictEqual(settings.aliases, [
      {
        name: "smart",
        strategy: "priority",
        targets: ["anthropic/claude-sonnet-5", "openai/gpt-5.2", "gemini/gemini-3.5-flash"],
        hedge: true
      },
      { name: "european", strategy: "weighted", targets: ["azure/gpt-5.2", "openai/gpt-5.2"], region: "eu" },
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
            capabilities: ["tools", "prefill"],
            limits: { requestsPerMinute: undefined, tokensPerMinute: undefined, concurrent: 4 }
          }
        ]
      ]
    )
    assert.strictEqual(Duration.toSeconds(settings.resilience.deadline), 120)
    assert.strictEqual(settings.resilience.limits.unary, "auto")
    assert.deepStrictEqual(settings.resilience.limits.idle, Duration.seconds(30))
    assert.deepStrictEqual(settings.resilience.defaultFallbacks, ["fast", "openai/gpt-5-mini"])
    assert.deepStrictEqual(
      settings.keys.map(({ allow, key, name, priority, region, tenant }) => [
        name,
        Redacted.value(key),
        tenant,
        priority,
        allow,
        region
      ]),
      [["web", env["WEB_KEY"], "acme", "normal", ["smart", "auto*"], "eu"]]
    )
    assert.strictEqual(settings.source, "file")
  })
  it("that sets nothing but a provider gets every default", () => {
    const settings = settingsOf(minimal)
    assert.deepStrictEqual(settings.server, defaultServer)
    assert.deepStrictEqual(settings.resilience, defaultResilience)
    assert.deepStrictEqual(settings.warnings, [])
  })
  it("says what a key grants, for how much and for how long, and warns of none of it", () => {
    const { keys, warnings } = settingsOf(
      `${minimal}keys: [{ name: web, key: long-enough-to-hold, limits: { requestsPerMinute: 60, concurrent: 4 }, tags: [a], expires: "2026-01-31T12:00:00+01:00" }]`
    )
    assert.deepStrictEqual(
      keys.map(({ expiresAt, limits, tags }) => ({ expiresAt, limits, tags })),
      [{ expiresAt: Date.parse("2026-01-31T11:00:00Z"), limits: { requestsPerMinute: 60, concurrent: 4 }, tags: ["a"] }]
    )
    assert.deepStrictEqual(warnings, [])
  })
  it("has budgets of every scope, those of keys among them, in nano-dollars", () => {
    const { budgets = [], warnings } = settingsOf(
      `server: { adminKey: an-admin-key-long-enough }
keys: [{ name: web, key: long-enough-to-hold, budgets: [{ window: minute, limitUsd: 0.5, reserve: 0 }] }]
budgets:
  - { scope: global, window: day, timeZone: Europe/Berlin, limitUsd: 50, softLimitUsd: 40, onExhausted: cache-only }
  - { scope: "tag:project-x", window: week, softLimitUsd: 3 }
  - { scope: "key:later", window: hour, limitUsd: 1 }
${minimal}`
    )
    assert.deepStrictEqual(
      budgets.map(({ hard, onExhausted, reservePercent, scope, soft, timeZone, window }) =>
        [scope, window, timeZone, hard, soft, reservePercent, onExhausted].join(" ")
      ),
      [
        "global day Europe/Berlin 50000000000 40000000000 5 cache-only",
        "tag:project-x week UTC  3000000000 5 reject",
        "key:later hour UTC 1000000000  5 reject",
        "key:web minute UTC 500000000  0 reject"
      ]
    )
    assert.isTrue(warnings.some((warning) => warning.includes("key:later") && warning.includes("until a key")))
  })
  it("caches answers where it says so, within bounds that it may state", () => {
    assert.isUndefined(settingsOf(minimal).cache)
    assert.isUndefined(settingsOf(`${minimal}cache: { exact: false, ttl: 1 hour }`).cache)
    assert.deepStrictEqual(settingsOf(`${minimal}cache: {}`).cache, defaultCache)
    assert.deepStrictEqual(settingsOf(`${minimal}cache: { exact: true, only: always }`).cache, {
      ...defaultCache,
      only: "always"
    })
    const all = `ttl: 1 hour, only: temperature-zero, scope: key, stretch: 4, grace: 0, maxEntries: 10, maxBytes: 100000, maxEntryBytes: 2000`
    const { cache, warnings } = settingsOf(`${minimal}cache: { ${all} }`)
    assert.deepStrictEqual(cache, {
      ttl: Duration.hours(1),
      only: "temperature-zero",
      scope: "key",
      stretch: 4,
      grace: Duration.zero,
      maxEntries: 10,
      maxBytes: 100_000,
      maxEntryBytes: 2_000
    })
    assert.deepStrictEqual(warnings, [])
  })
  it("is warned about where a budget may serve from a cache that is not there", () => {
    const budget = `budgets: [{ scope: global, window: day, limitUsd: 1, onExhausted: cache-only }]\n`
    for (const cache of ["", "cache: { exact: false }\n"])
      assert.isTrue(
        settingsOf(`${budget}${cache}${minimal}`).warnings.some((warning) => warning.includes("cache-only")),
        cache
      )
    assert.deepStrictEqual(settingsOf(`${budget}cache: {}\n${minimal}`).warnings, [])
  })
  it("says of every section that does nothing yet that it has no effect", () => {
    const { warnings } = settingsOf(complete)
    assert.isTrue(warnings.some((warning) => warning.includes(`"guard"`) && warning.includes("no effect")))
    assert.isTrue(warnings.includes("storage.redis has no effect in this version: replicas share nothing"))
    assert.isTrue(warnings.includes("storage.postgres has no effect in this version: replicas share nothing"))
    for (const effective of ["sqlite", "tasks", "region", "providers.groq.limits", "cache"]) {
      assert.isFalse(
        warnings.some((warning) => warning.includes(effective)),
        effective
      )
    }
  })
  it.each(strategies)("with an alias of strategy %s is not warned about", (strategy) => {
    const { warnings } = settingsOf(`${minimal}models: { a: { strategy: ${strategy}, targets: [local/x, local/y] } }`)
    assert.deepStrictEqual(warnings, [])
  })
  it("with a weighted alias is not warned about: the providers' weights act", () => {
    const { aliases, warnings } = settingsOf(`${two}models: { a: { strategy: weighted, targets: [local/x, two/y] } }`)
    assert.strictEqual(aliases[0]?.strategy, "weighted")
    assert.deepStrictEqual(warnings, [])
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
  it("warns of an admin key that can be guessed, without showing it", () => {
    const { warnings } = settingsOf(`${minimal}server: { adminKey: fifteen-letters }`)
    assert.deepStrictEqual(warnings, ["server.adminKey is shorter than 16 characters: it can be guessed"])
  })
  it("is known by its absolute path", () => {
    assert.strictEqual(settingsOf(minimal).file, resolve("switchyard.yaml"))
  })
})

describe("resilience", () => {
  const of = (written: string) => settingsOf(`${minimal}resilience: ${written}`).resilience
  it("keeps the defaults of what a part of it does not say", () => {
    assert.deepStrictEqual(of("{ retryBudget: { share: 0.5 } }").retryBudget, { share: 0.5, perMinute: 10 })
    assert.deepStrictEqual(of("{ retryBudget: { share: 0, perMinute: 0 } }").retryBudget, { share: 0, perMinute: 0 })
    assert.deepStrictEqual(of("{ queue: { capacity: 0 } }").queue, {
      capacity: 0,
      patience: defaultResilience.queue.patience
    })
    assert.deepStrictEqual(of("{ queue: { patience: 3 seconds } }").queue, {
      capacity: defaultResilience.queue.capacity,
      patience: Duration.seconds(3)
    })
  })
  it("turns probes off and on in one word, or says how often", () => {
    const { interval } = defaultResilience.probes
    assert.deepStrictEqual(of("{ probes: false }").probes, { enabled: false, interval })
    assert.deepStrictEqual(of("{ probes: true }").probes, { enabled: true, interval })
    assert.deepStrictEqual(of("{ probes: { interval: 5 minutes } }").probes, {
      enabled: true,
      interval: Duration.minutes(5)
    })
    assert.deepStrictEqual(of("{ probes: { enabled: false } }").probes, { enabled: false, interval })
  })
  it("takes the switch of the probes from a variable", () => {
    const { probes } = settingsOf(`${minimal}resilience: { probes: "\${P}" }`, { P: "false" }).resilience
    assert.isFalse(probes.enabled)
  })
  it("has no cost cap and no failure rate unless it says so", () => {
    assert.isUndefined(of("{}").costCapUsd)
    assert.strictEqual(of("{ costCapUsd: 0.25 }").costCapUsd, 0.25)
    assert.isFalse("failureRate" in of("{}").circuit)
    assert.deepStrictEqual(of("{ circuit: { failureRate: {} } }").circuit.failureRate, { calls: 20, share: 0.5 })
    assert.deepStrictEqual(of("{ circuit: { failureRate: { calls: 5, share: 0.8 } } }").circuit.failureRate, {
      calls: 5,
      share: 0.8
    })
  })
})

describe("a provider's role", () => {
  const roles = (entry: string) => settingsOf(`${minimal}  a: { kind: ollama${entry} }\n`).roles
  it("is told only where the file says something of it", () => {
    assert.deepStrictEqual([...(roles("") ?? [])], [])
    assert.deepStrictEqual([...(roles(", weight: 0") ?? [])], [["a", { state: "on", weight: 0 }]])
    assert.deepStrictEqual([...(roles(", state: draining") ?? [])], [["a", { state: "draining", weight: 1 }]])
    assert.deepStrictEqual(
      [...(roles(", state: disabled, weight: 2.5") ?? [])],
      [["a", { state: "disabled", weight: 2.5 }]]
    )
  })
  it("that starts nothing new leaves an alias without anybody, with a warning", () => {
    const { warnings } = settingsOf(
      `${minimal}  a: { kind: ollama, state: disabled }\n  b: { kind: ollama, state: draining }\nmodels: { x: [a/x, b/y], y: [a/x, local/z] }`
    )
    assert.deepStrictEqual(warnings, [
      `alias "x" cannot be served: the providers of all its targets are disabled or draining`
    ])
  })
  it("that starts nothing new anywhere is warned about", () => {
    const { warnings } = settingsOf("providers: { a: { kind: ollama, state: disabled } }")
    assert.deepStrictEqual(warnings, ["no provider is on, all are disabled: no request can be answered"])
  })
})

describe("a provider's limits", () => {
  it("may hold how many calls run at once", () => {
    const { providers } = settingsOf(`${minimal}  a: { kind: ollama, limits: { concurrent: 4 } }\n`)
    assert.deepStrictEqual(providers[1]?.limits, {
      requestsPerMinute: undefined,
      tokensPerMinute: undefined,
      concurrent: 4
    })
  })
})

describe("a region", () => {
  const providers = `${minimal}  a: { kind: ollama, region: EU }\n  b: { kind: ollama, region: us }\n`
  it("is the same in any case", () => {
    const settings = settingsOf(
      `${providers}models: { x: { targets: [a/x, b/x], region: eU } }\nkeys: [{ name: k, key: long-enough-to-hold, region: US }]`
    )
    assert.deepStrictEqual(
      [settings.providers[1]?.region, settings.aliases[0]?.region, settings.keys[0]?.region],
      ["eu", "eu", "us"]
    )
    assert.deepStrictEqual(settings.warnings, [])
  })
})

describe("a hedged alias", () => {
  it("is told from one that is not, and from one that says nothing", () => {
    const { aliases } = settingsOf(
      `${two}models: { a: { targets: [local/x, two/y], hedge: true }, b: { targets: [local/x], hedge: false }, c: [local/x] }`
    )
    assert.deepStrictEqual(
      aliases.map((alias) => alias.hedge),
      [true, false, undefined]
    )
  })
  it("with fewer than two targets is warned about", () => {
    const { warnings } = settingsOf(`${minimal}models: { a: { targets: [local/x, local/x], hedge: true } }`)
    assert.deepStrictEqual(warnings, [`alias "a": hedge has no effect with fewer than two targets`])
  })
})

describe("an alias whose vectors are compatible", () => {
  it("is told from one that says nothing", () => {
    const { aliases, warnings } = settingsOf(
      `${two}models: { a: { targets: [local/x, two/y], vectors: compatible }, b: [local/x] }`
    )
    assert.deepStrictEqual(
      aliases.map(({ vectors }) => vectors),
      ["compatible", undefined]
    )
    assert.deepStrictEqual(warnings, [])
  })
})

describe("the embedded database", () => {
  const sqlite = (written: string) => settingsOf(`${minimal}storage: { sqlite: "${written}" }`).storage?.sqlite
  it("lies where the file's folder says, and in memory if it says so", () => {
    assert.strictEqual(sqlite("./data/switchyard.db"), resolve("data/switchyard.db"))
    assert.strictEqual(sqlite("/var/lib/switchyard.db"), "/var/lib/switchyard.db")
    assert.strictEqual(sqlite(":memory:"), ":memory:")
    assert.isUndefined(settingsOf(minimal).storage?.sqlite)
    const elsewhere = settingsFromSource(readYaml("/etc/yard/a.yaml", `${minimal}storage: { sqlite: ../b.db }`, {}), {})
    assert.strictEqual(elsewhere.settings?.storage?.sqlite, "/etc/b.db")
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
