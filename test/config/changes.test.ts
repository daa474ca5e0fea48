import { assert, describe, it } from "@effect/vitest"
import { changesBetween, restartOnly } from "../../src/config/changes.ts"
import { complete, env, minimal, settingsOf } from "./fixtures.ts"

const changes = (before: string, after: string, envAfter = env) =>
  changesBetween(settingsOf(before), settingsOf(after, envAfter))

const replaced = (from: string, to: string) => {
  assert.include(complete, from)
  return complete.replace(from, to)
}

describe("what a reload changes", () => {
  it("is nothing when the same file is read again", () => {
    assert.deepStrictEqual(changes(complete, complete), [])
    assert.deepStrictEqual(restartOnly(settingsOf(complete), settingsOf(complete)), [])
  })
  it("is told of the cache", () => {
    const cached = `${minimal}cache: { ttl: 1 hour }`
    assert.deepStrictEqual(changes(minimal, cached), ["the cache is on now"])
    assert.deepStrictEqual(changes(cached, minimal), ["the cache is off now"])
    assert.deepStrictEqual(changes(cached, `${minimal}cache: { ttl: 2 hours, stretch: 2 }`), [
      "cache changed: ttl, stretch"
    ])
    assert.deepStrictEqual(changes(cached, `${minimal}cache: { ttl: 60 minutes }`), [])
  })
  it("is told by the names of providers, aliases, facts and keys that came and went", () => {
    const before = `providers:
  a: { kind: ollama }
  b: { kind: ollama }
models: { x: [a/m], y: [a/m, b/m], a/m: { contextWindow: 1 } }
keys: [{ name: web, key: 0123456789-abcdef }]
`
    const after = `providers:
  b: { kind: ollama }
  c: { kind: ollama }
models: { y: [b/m], z: [c/m], c/m: { contextWindow: 1 } }
keys: [{ name: batch, key: 0123456789-abcdef }]
`
    assert.deepStrictEqual(changes(before, after), [
      `provider "c" added`,
      `provider "a" removed`,
      `alias "y" changed: targets`,
      `alias "z" added`,
      `alias "x" removed`,
      `facts of "c/m" added`,
      `facts of "a/m" removed`,
      `client key "batch" added`,
      `client key "web" removed`
    ])
  })
  it("is told of instructions for economy models, and of what may be downgraded", () => {
    const base = "providers: { a: { kind: ollama } }\n"
    const told = (system: string) => `${base}economy: { system: ${system} }\n`
    assert.deepStrictEqual(changes(base, told("brief")), ["economy changed: system"])
    assert.deepStrictEqual(changes(told("brief"), told("brief")), [])
    assert.deepStrictEqual(
      changes(`${base}models: { x: [a/m] }`, `${base}models: { x: { targets: [a/m], downgrade: true } }`),
      [`alias "x" changed: downgrade`]
    )
  })
  it("is told of tasks and of the classifier", () => {
    const base = "providers: { a: { kind: ollama } }\n"
    const texts = ["one lease", "two leases", "three leases", "four leases", "five leases"]
    const classified = (more: string) => `${base}classifier: { classes: { legal: [${texts.join(", ")}] }${more} }\n`
    assert.deepStrictEqual(
      changes(`${base}tasks: { chat: { cost: [a/m] } }`, `${base}tasks: { math: { cost: [a/m] } }`),
      [`task "math" added`, `task "chat" removed`]
    )
    assert.deepStrictEqual(
      changes(`${base}tasks: { chat: { cost: [a/m] } }`, `${base}tasks: { chat: { cost: [a/n], speed: [a/m] } }`),
      [`task "chat" changed: cost, speed`]
    )
    assert.deepStrictEqual(changes(base, classified("")), ["classifier changed: classes"])
    assert.deepStrictEqual(changes(classified(""), classified("")), [])
    assert.deepStrictEqual(changes(classified(", keepTexts: true"), classified("")), ["classifier changed: keepTexts"])
    assert.deepStrictEqual(changes(base, `${base}classifier: { by: centroid }`), [])
  })
  it.each([
    ["a provider's address", "https://x.openai", "https://y.openai", `provider "azure" changed: baseUrl`],
    [
      "a provider's role",
      "weight: 2, state: on",
      "weight: 3, state: draining",
      `provider "groq" changed: state, weight`
    ],
    ["a provider's limits", "concurrent: 20", "concurrent: 21", `provider "groq" changed: limits`],
    ["an alias", "strategy: priority", "strategy: weighted", `alias "smart" changed: strategy`],
    [
      "a model's facts",
      "contextWindow: 8192",
      "contextWindow: 4096",
      `facts of "local/llama" changed: contextWindowTokens`
    ],
    ["the deadline", "deadline: 120 seconds", "deadline: 2 hours", "resilience changed: deadline"],
    ["the circuit", "failures: 3", "failures: 4", "resilience changed: circuit"],
    [
      "a key's rights",
      "tenant: acme, priority: normal",
      "tenant: acme, priority: low",
      `client key "web" changed: priority`
    ],
    ["the server", "port: 4141,", `port: 4141, cors: ["*"],`, "server changed: cors"]
  ])("is told of %s", (_what, from, to, sentence) => {
    assert.deepStrictEqual(changes(complete, replaced(from, to)), [sentence])
  })
  it("is nothing when a length of time is only written in another way", () => {
    assert.deepStrictEqual(changes(complete, replaced("deadline: 120 seconds", "deadline: 2 minutes")), [])
  })
  it("is told when providers stand in another order", () => {
    const [a, b] = ["  a: { kind: ollama }\n", "  b: { kind: ollama }\n"]
    assert.deepStrictEqual(changes(`providers:\n${a}${b}`, `providers:\n${b}${a}`), [
      "the order of the providers changed"
    ])
  })
  it("is told with its reason when a provider is turned off by a variable that is gone, and on again", () => {
    const { GROQ_API_KEY: _gone, ...rest } = env
    const on = settingsOf(complete)
    const off = settingsOf(complete, rest)
    assert.deepStrictEqual(changesBetween(on, off), [`provider "groq" is off now: \${GROQ_API_KEY} is not set`])
    assert.deepStrictEqual(changesBetween(off, on), [`provider "groq" is on now`])
  })
  it("never tells a secret, old or new", () => {
    const renewed = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, name.endsWith("_KEY") ? `new-${value}` : value])
    )
    const told = changes(complete, replaced("127.0.0.1:11434", "user:password-in-url@127.0.0.1:11434"), renewed)
    assert.includeMembers(
      [...told],
      [
        "server changed: adminKey",
        `provider "anthropic" changed: apiKeys`,
        `provider "local" changed: baseUrl`,
        `client key "web" changed: key`
      ]
    )
    for (const secret of [...Object.values(env), ...Object.values(renewed), "password-in-url"]) {
      assert.notInclude(told.join("\n"), secret ?? "?")
    }
  })
})

describe("what only a restart changes", () => {
  it("is told of the address and of the database, and not among what a reload changes", () => {
    const after = settingsOf(`${minimal}server: { host: localhost, port: 5 }\nstorage: { sqlite: a.db }`)
    assert.deepStrictEqual(restartOnly(settingsOf(minimal), after), [
      "server.host changed, which takes effect at the next start only",
      "server.port changed, which takes effect at the next start only",
      "storage.sqlite changed, which takes effect at the next start only"
    ])
    assert.deepStrictEqual(changesBetween(settingsOf(minimal), after), [])
  })
})
