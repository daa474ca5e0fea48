import { assert, describe, it } from "@effect/vitest"
import { resolve } from "node:path"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import { describeSettings, singleCandidates, singleCandidateWarning } from "../../src/catalog/describeSettings.ts"
import { settingsFromKeys } from "../../src/config/environment.ts"
import { complete, env, minimal, settingsOf } from "../config/fixtures.ts"

const catalog = makeCatalog()
const local = `${minimal}  two: { kind: ollama }\n`

describe("the configuration in words", () => {
  it("says what is on, what is off and why, and which names there are", () => {
    const { GROQ_API_KEY: _left, ...rest } = env
    const text = describeSettings(settingsOf(complete, rest), catalog)
    assert.include(text, "http://127.0.0.1:4141")
    assert.include(text, "admin API with its key")
    assert.include(text, "anthropic: on, kind anthropic, 1 key, failure domain anthropic")
    assert.include(text, "openai: on, kind openai, 2 keys, failure domain openai")
    assert.include(
      text,
      "azure: on, kind azure-openai, 1 key, https://x.openai.azure.com, failure domain openai, region eu"
    )
    assert.include(text, "groq: off, ${GROQ_API_KEY} is not set")
    assert.include(text, "smart (priority, hedged)")
    assert.include(text, "european (weighted, region eu)")
    assert.include(text, "  azure/gpt-5.2: standard")
    assert.include(text, "  openai/gpt-5.2: not in the region")
    assert.include(text, `from the file ${resolve("switchyard.yaml")}`)
    assert.include(text, `SQLite at ${resolve("data/switchyard.db")}`)
    assert.include(text, "openai/gpt-5.2: standard, 400,000 tokens, $1.75 in, $14 out per million")
    assert.include(text, "groq/openai/gpt-oss-20b: provider off")
    assert.include(text, "web: priority normal, tenant acme, region eu, only smart, auto*")
    assert.include(text, "has no effect in this version")
  })
  it("tells roles and limits where they are set", () => {
    const lines = describeSettings(
      settingsOf(`${minimal}  a: { kind: ollama, state: draining, weight: 3, limits: { requestsPerMinute: 1000, concurrent: 8 } }
  b: { kind: ollama, state: disabled }
models: { x: [a/m, b/m, local/m] }`),
      catalog
    ).split("\n")
    const line = (start: string) => lines.find((text) => text.trim().startsWith(start))?.trim()
    assert.strictEqual(
      line("local: on"),
      "local: on, kind openai-compatible, 0 keys, http://127.0.0.1:11434/v1, failure domain local"
    )
    assert.strictEqual(
      line("a: "),
      "a: draining, kind ollama, 0 keys, failure domain a, weight 3, at most 1,000 requests a minute, at most 8 at once"
    )
    assert.strictEqual(line("b: "), "b: disabled, kind ollama, 0 keys, failure domain b")
    assert.strictEqual(line("a/m"), "a/m: provider draining")
    assert.strictEqual(line("b/m"), "b/m: provider disabled")
  })
  it("tells budgets, and which models they keep from being asked for want of a price", () => {
    const text = describeSettings(
      settingsOf(`${minimal}  openai: { kind: openai, apiKey: k }
models:
  smart: [openai/gpt-5.2, openai/gpt-99-new, openai/gpt-98-new, local/m]
  openai/gpt-98-new: { price: { inputPerMTok: 1, outputPerMTok: 2 } }
budgets:
  - { scope: global, window: day, timeZone: Europe/Berlin, limitUsd: 50, softLimitUsd: 40.5 }
  - { scope: "tenant:acme", window: week, softLimitUsd: 20 }`),
      catalog
    )
    const [, section = ""] = /^Budgets\n([^]*?)\n\n/m.exec(text) ?? []
    assert.deepStrictEqual(
      section.split("\n").map((line) => line.trim()),
      [
        "global: a day in Europe/Berlin, $40.5 soft, $50 hard, of which 5 % are kept",
        "tenant:acme: a week in UTC, $20 soft, no hard limit",
        "openai/gpt-99-new: its price is not known, so it is not asked under a hard limit"
      ]
    )
  })
  it("tells what is cached, how long and among whom", () => {
    const told = (more: string): string | undefined =>
      /^Cache\n {2}(.*)/m.exec(describeSettings(settingsOf(`${minimal}${more}`), catalog))?.[1]
    assert.isUndefined(told(""))
    assert.isUndefined(told("cache: { exact: false }"))
    assert.strictEqual(
      told("cache: {}"),
      "answers to requests at temperature 0, good for 1d, shared by the keys of a tenant, at most 10000 in 67108864 bytes"
    )
    assert.strictEqual(
      told(`cache: { only: always, scope: key, ttl: 90 minutes, stretch: 4, maxEntries: 5, maxBytes: 4096 }
budgets: [{ scope: global, window: day, limitUsd: 1, onExhausted: cache-only }]`),
      "answers to requests at any temperature, good for 1h 30m, up to 4 times as long as budgets run low, " +
        "and for another 1d where one is exhausted, each key's own, at most 5 in 4096 bytes"
    )
  })
  it("tells that a hard limit does not hold for streams that are left, where it does not", () => {
    const told = (budget: string, resilience: string): boolean =>
      describeSettings(settingsOf(`${minimal}budgets: [${budget}]\nresilience: { ${resilience} }`), catalog).includes(
        "streams that are left"
      )
    const hard = `{ scope: "model:gpt-4o", window: day, limitUsd: 1 }`
    assert.isTrue(told(hard, "abandonedStreams: counted"))
    assert.isFalse(told(hard, "abandonedStreams: worst"))
    assert.isFalse(told("{ scope: global, window: day, softLimitUsd: 1 }", "abandonedStreams: counted"))
  })
  it("holds no secret", () => {
    const withPassword = complete.replace("http://127.0.0.1:11434", "http://user:password-in-url@127.0.0.1:11434")
    const text = describeSettings(settingsOf(withPassword), catalog)
    for (const secret of Object.values(env)) assert.notInclude(text, secret ?? "?")
    assert.notInclude(text, "password-in-url")
  })
  it("doubts a model whose name is not in its vendor's manner", () => {
    const settings = settingsOf(
      `providers: { openai: { kind: openai, apiKey: x } }\nmodels: { a: [openai/claude-sonnet-5] }`
    )
    assert.include(describeSettings(settings, catalog), "(not a name of openai's models)")
  })
  it("says plainly when anybody may call, and writes an IPv6 address as a URL has it", () => {
    const text = describeSettings(settingsOf(`${minimal}server: { host: "::1" }`), catalog)
    assert.include(text, "whoever reaches the address may call")
    assert.include(text, "http://[::1]:4141")
  })
})

describe("a single candidate", () => {
  it("is an alias with one target and every model in it, when nothing stands behind them", () => {
    assert.deepStrictEqual(singleCandidates(settingsOf(`${local}models: { a: [local/x], b: [local/x, two/y] }`)), [
      "a",
      "local/x",
      "two/y"
    ])
  })
  it("is no longer one with a default fallback, but the fallback itself still is", () => {
    const settings = settingsOf(`${local}models: { a: [local/x] }\nresilience: { defaultFallbacks: [two/y] }`)
    assert.deepStrictEqual(singleCandidates(settings), [])
    const alone = settingsOf(`${local}models: { a: [local/x] }\nresilience: { defaultFallbacks: [a] }`)
    assert.deepStrictEqual(singleCandidates(alone), ["a", "local/x"])
  })
  it("is an alias whose other targets are at providers that are off", () => {
    const text = `${minimal}  openai: { kind: openai, apiKey: "\${NOT_SET}" }\nmodels: { a: [openai/gpt-5.2, local/x] }`
    assert.include(singleCandidates(settingsOf(text)), "a")
  })
  it("is an alias whose other targets may not be asked: disabled, draining, or in another region", () => {
    const settings = settingsOf(
      `${local}  three: { kind: ollama, state: disabled, region: eu }\n  four: { kind: ollama, region: eu }\n` +
        `models: { a: [local/x, three/y], b: { targets: [local/x, four/y], region: eu }, c: [local/x, two/y] }`
    )
    const single = singleCandidates(settings)
    assert.includeMembers([...single], ["a", "b"])
    assert.notInclude([...single], "c")
  })
  it("is a model of the only vendor in the environment, and none once there are two", () => {
    assert.deepStrictEqual(singleCandidates(settingsFromKeys({ OPENAI_API_KEY: "a" }).settings), [
      "smart",
      "fast",
      "openai/gpt-5.2",
      "openai/gpt-5-mini"
    ])
    assert.deepStrictEqual(
      singleCandidates(settingsFromKeys({ OPENAI_API_KEY: "a", ANTHROPIC_API_KEY: "b" }).settings),
      []
    )
  })
  it("is warned about by name, all in one line, of many names the first ten and how many more", () => {
    const warning = (models: string) => singleCandidateWarning(settingsOf(`${local}models: { ${models} }`))
    assert.match(warning("a: [local/x]") ?? "", /^"a", "local\/x" have a single candidate each: [^\n]*$/)
    const many = Array.from({ length: 12 }, (_, index) => `a${index}: [local/x]`).join(", ")
    assert.match(warning(many) ?? "", /^"a0", .*"a9" and 3 more have a single candidate each/)
    assert.isUndefined(singleCandidateWarning(settingsOf(local)))
  })
})
