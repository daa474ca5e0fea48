import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import type { ProviderKind, ProviderSpec } from "../../src/config/ProviderSpec.ts"
import { defaultResilience, defaultServer, type Settings } from "../../src/config/Settings.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { showModelRef } from "../../src/domain/Ids.ts"
import type { Part } from "../../src/domain/Message.ts"
import { anonymous, type Caller } from "../../src/domain/RequestContext.ts"
import { sameRows } from "../../src/routing/Tiers.ts"
import { makeResolver } from "../../src/routing/Resolve.ts"
import { idle } from "./moments.ts"

const spec = (id: string, kind: ProviderKind, models: ReadonlyArray<string> = []): ProviderSpec => ({
  id,
  kind,
  models,
  apiKeys: [],
  baseUrl: undefined,
  apiVersion: undefined,
  deployments: {},
  headers: {},
  failureDomain: undefined,
  region: undefined
})
const settings = (changes: Partial<Settings> = {}): Settings => ({
  server: defaultServer,
  providers: [
    spec("anthropic", "anthropic"),
    spec("openai", "openai"),
    spec("gemini", "google"),
    spec("local", "openai-compatible", ["llama"])
  ],
  providersOff: [],
  aliases: [
    {
      name: "smart",
      strategy: "priority",
      targets: ["anthropic/claude-sonnet-5", "openai/gpt-5.2", "gemini/gemini-3.5-flash"]
    },
    { name: "fast", strategy: "priority", targets: ["anthropic/claude-haiku-4-5", "openai/gpt-5-mini"] },
    { name: "gpt-4o", strategy: "priority", targets: ["gemini/gemini-3.5-flash"] }
  ],
  facts: new Map(),
  resilience: defaultResilience,
  keys: [],
  source: "file",
  warnings: [],
  ...changes
})
const request = (model: string, changes: Partial<ChatRequest> = {}): ChatRequest => ({
  model,
  delivery: "whole",
  messages: [{ role: "user", content: [{ _tag: "Text", text: "hi" }] }],
  tools: [],
  sampling: {},
  usageWanted: false,
  fallbacks: [],
  ...changes
})
const withPart = (part: Part): Partial<ChatRequest> => ({ messages: [{ role: "user", content: [part] }] })
const image: Part = { _tag: "Image", source: { _tag: "Url", url: "https://example.com/cat.png" } }

const resolve = (asked: ChatRequest, changes: Partial<Settings> = {}, caller: Caller = anonymous) => {
  const all = settings(changes)
  return makeResolver(all, all.providers, makeCatalog()).resolve(asked, caller, idle())
}
const names = (...args: Parameters<typeof resolve>): ReadonlyArray<string> => {
  const result = resolve(...args)
  return Result.isSuccess(result) ? result.success.candidates.map(({ ref }) => showModelRef(ref)) : []
}
const told = (...args: Parameters<typeof resolve>) => {
  const result = resolve(...args)
  return Result.isFailure(result) ? result.failure : undefined
}

describe("resolving a name", () => {
  it("takes an alias before an exact model before a bare one", () => {
    assert.deepStrictEqual(names(request("gpt-4o")), ["gemini/gemini-3.5-flash"])
    assert.deepStrictEqual(names(request("openai/gpt-4o")), ["openai/gpt-4o"])
    assert.deepStrictEqual(names(request("gpt-5.2")), ["openai/gpt-5.2"])
    assert.deepStrictEqual(names(request("llama")), ["local/llama"])
  })
  it("tells what any name that can be asked for stands for, listed or not", () => {
    const all = settings()
    const { named } = makeResolver(all, all.providers, makeCatalog())
    assert.deepInclude(named("gpt-5.2"), { id: "gpt-5.2", ownedBy: "openai", targets: undefined })
    assert.deepInclude(named("openai/gpt-new"), { id: "openai/gpt-new", ownedBy: "openai" })
    assert.deepInclude(named("gpt-4o"), { ownedBy: "switchyard", targets: ["gemini/gemini-3.5-flash"] })
    assert.strictEqual(named("no-such-model"), undefined)
  })
  it("looks up nothing that the key does not allow", () => {
    const all = settings()
    const catalog = makeCatalog()
    let looked = 0
    const counting: typeof catalog = {
      ...catalog,
      serves: (kind, model) => {
        looked++
        return catalog.serves(kind, model)
      }
    }
    const resolver = makeResolver(all, all.providers, counting)
    looked = 0
    const result = resolver.resolve(request("no-such-model"), { ...anonymous, allow: ["smart"] }, idle())
    assert.strictEqual(Result.isFailure(result) ? result.failure._tag : "", "Forbidden")
    assert.strictEqual(looked, 0)
  })
  it("keeps an alias's order, then the request's own fallbacks, then the configured ones, each model once", () => {
    assert.deepStrictEqual(
      names(request("smart", { fallbacks: ["fast", "openai/gpt-5.2"] }), {
        resilience: { ...defaultResilience, defaultFallbacks: ["local/llama"] }
      }),
      [
        "anthropic/claude-sonnet-5",
        "openai/gpt-5.2",
        "gemini/gemini-3.5-flash",
        "anthropic/claude-haiku-4-5",
        "openai/gpt-5-mini",
        "local/llama"
      ]
    )
  })
  it("splits an exact name at its first slash only", () => {
    const providers = [spec("router", "openrouter")]
    assert.deepStrictEqual(names(request("router/anthropic/claude-sonnet-5"), { providers, aliases: [] }), [
      "router/anthropic/claude-sonnet-5"
    ])
  })
  it("offers a bare model at every provider that serves it", () => {
    const providers = [spec("one", "openai"), spec("two", "openai"), spec("other", "anthropic")]
    assert.deepStrictEqual(names(request("gpt-5.2"), { providers, aliases: [] }), ["one/gpt-5.2", "two/gpt-5.2"])
  })
  it("without a file sends a bare model on to the same tier at other vendors, an exact one nowhere else", () => {
    const found = names(request("gpt-5-mini"), { source: "environment" })
    assert.strictEqual(found[0], "openai/gpt-5-mini")
    assert.include(found, "anthropic/claude-haiku-4-5")
    assert.notInclude(found, "anthropic/claude-sonnet-5")
    assert.deepStrictEqual(names(request("openai/gpt-5-mini"), { source: "environment" }), ["openai/gpt-5-mini"])
    assert.deepStrictEqual(names(request("gpt-5-mini"), { source: "file" }), ["openai/gpt-5-mini"])
    // a name nobody knows may be a typing error, which no other vendor should answer
    assert.deepStrictEqual(names(request("claude-sonet-5"), { source: "environment" }), ["anthropic/claude-sonet-5"])
  })
  it("names the nearest models to one that nobody serves", () => {
    const failure = told(request("gtp-5.2"))
    assert.strictEqual(failure?._tag, "UnknownModel")
    assert.isTrue(failure?._tag === "UnknownModel" && failure.nearest[0] === "gpt-5.2")
    assert.strictEqual(told(request(""))?._tag, "UnknownModel")
    assert.strictEqual(told(request("openai/"))?._tag, "UnknownModel")
  })
  it("refuses a fallback that nobody serves, and says which", () => {
    const failure = told(request("smart", { fallbacks: ["fast", "nobody/knows"] }))
    assert.isTrue(failure?._tag === "BadRequest" && failure.param === "fallbacks.1")
  })
  it("refuses images to a model that is known to see none, before any call", () => {
    const facts = new Map([["local/llama", { capabilities: ["tools"] as const }]])
    const failure = told(request("local/llama", withPart(image)), { facts })
    assert.deepStrictEqual(failure, {
      _tag: "ModelCannot",
      model: "local/llama",
      feature: "images",
      param: "messages.0.content.0"
    })
    // what nobody knows is left to the vendor
    assert.deepStrictEqual(names(request("local/llama", withPart(image))), ["local/llama"])
  })
  it("tells of a task's targets that are not there, and why, whether others are there or none", () => {
    const tasks = new Map([
      ["coding", { balanced: ["groq/llama", "wide", "openai/gpt-5.2", "gone/m"] }],
      ["chat", { balanced: ["groq/llama"] }]
    ])
    const aliases = [
      { name: "wide", strategy: "priority" as const, targets: ["groq/llama", "groq/other", "openai/gpt-5-mini"] }
    ]
    const wanted = settings({ tasks, aliases, providersOff: [{ id: "groq", why: "GROQ_API_KEY is not set" }] })
    const { consider, select } = makeResolver(wanted, wanted.providers, makeCatalog())
    const considered = (task: string, changes?: Partial<ChatRequest>) => {
      const found = consider(request("auto", changes), anonymous, idle(), sameRows(select(task, "balanced"))).considered
      return found.map(({ exclusion, ref }) => [
        showModelRef(ref),
        exclusion?._tag === "NotSetUp" ? exclusion.because : exclusion?._tag
      ])
    }
    const absent = [
      ["groq/llama", "noKey"],
      ["groq/other", "noKey"],
      ["gone/m", "unknown"]
    ]
    assert.deepStrictEqual(considered("coding"), [
      ["openai/gpt-5-mini", undefined],
      ["openai/gpt-5.2", undefined],
      ...absent
    ])
    assert.deepStrictEqual(considered("chat"), absent.slice(0, 1))
    // as of the configured fallbacks, each once
    const resilience = { ...defaultResilience, defaultFallbacks: ["wide", "groq/third"] }
    const falling = makeResolver({ ...wanted, resilience }, wanted.providers, makeCatalog())
    assert.deepStrictEqual(
      falling.consider(request("wide"), anonymous, idle()).considered.map(({ as, ref }) => [showModelRef(ref), as]),
      [
        ["openai/gpt-5-mini", "asked"],
        ["groq/llama", "asked"],
        ["groq/other", "asked"],
        ["groq/third", "default"]
      ]
    )
    // nor does what they lack besides keep them untold
    const sound = { _tag: "Audio", source: { _tag: "Base64", mediaType: "audio/wav", data: "AA==" } } as const
    assert.deepStrictEqual(considered("coding", { messages: [{ role: "user", content: [sound] }] }), [
      ["openai/gpt-5-mini", "CannotDo"],
      ["openai/gpt-5.2", "CannotDo"],
      ...absent
    ])
  })
  it("takes custom tools for tools: a model that is known to call none is left out", () => {
    const facts = new Map([["anthropic/claude-sonnet-5", { capabilities: ["vision"] as const }]])
    const custom = {
      _tag: "Hosted",
      dialect: "openai-chat",
      definition: { type: "custom", custom: { name: "patch" } }
    } as const
    assert.deepStrictEqual(names(request("smart", { tools: [custom] }), { facts }), [
      "openai/gpt-5.2",
      "gemini/gemini-3.5-flash"
    ])
    assert.deepStrictEqual(told(request("anthropic/claude-sonnet-5", { tools: [custom] }), { facts }), {
      _tag: "ModelCannot",
      model: "anthropic/claude-sonnet-5",
      feature: "tools",
      param: "tools"
    })
    // what its vendor runs by itself needs no calls
    const hosted = { _tag: "Hosted", dialect: "openai-responses", definition: { type: "web_search" } } as const
    assert.strictEqual(names(request("smart", { tools: [hosted] }), { facts })[0], "anthropic/claude-sonnet-5")
  })
  it("passes over an alias's targets that cannot do what the request needs", () => {
    const facts = new Map([["anthropic/claude-sonnet-5", { capabilities: ["tools"] as const }]])
    assert.deepStrictEqual(names(request("smart", withPart(image)), { facts }), [
      "openai/gpt-5.2",
      "gemini/gemini-3.5-flash"
    ])
  })
  it("lets a caller reach only what its key allows, fallbacks included, an alias's targets through the alias", () => {
    const caller: Caller = { ...anonymous, name: "web", allow: ["smart", "openai/*"] }
    assert.strictEqual(names(request("smart"), {}, caller).length, 3)
    assert.deepStrictEqual(names(request("openai/gpt-5.2"), {}, caller), ["openai/gpt-5.2"])
    assert.strictEqual(told(request("anthropic/claude-sonnet-5"), {}, caller)?._tag, "Forbidden")
    assert.strictEqual(
      told(request("smart", { fallbacks: ["gemini/gemini-3.5-flash"] }), {}, caller)?._tag,
      "Forbidden"
    )
  })
  it("lets a key or an alias demand a region, and says so where nobody serves there", () => {
    const providers = [
      { ...spec("us", "openai"), region: "us" },
      { ...spec("eu", "openai"), region: "eu" },
      spec("nowhere", "openai")
    ]
    const targets = ["us/gpt-5.2", "nowhere/gpt-5.2", "eu/gpt-5.2"]
    const aliases = [
      { name: "any", strategy: "priority" as const, targets },
      { name: "european", strategy: "priority" as const, targets, region: "eu" }
    ]
    const changes = { providers, aliases }
    const european: Caller = { ...anonymous, name: "web", region: "eu" }
    assert.deepStrictEqual(names(request("any"), changes), targets)
    assert.deepStrictEqual(names(request("european"), changes), ["eu/gpt-5.2"])
    assert.deepStrictEqual(names(request("any"), changes, european), ["eu/gpt-5.2"])
    // not by its own fallbacks either
    const asked = request("european", { fallbacks: ["us/gpt-5.2"] })
    assert.deepStrictEqual(names(asked, changes), ["eu/gpt-5.2"])
    assert.strictEqual(told(request("us/gpt-5.2"), changes, european)?._tag, "Forbidden")
    const american: Caller = { ...anonymous, name: "web", region: "us" }
    assert.strictEqual(told(request("european"), changes, american)?._tag, "Forbidden")
  })
  it("holds an alias to its region by whatever way it is reached, and says why the first choice was passed over", () => {
    const providers = [
      { ...spec("us", "openai"), region: "us" },
      { ...spec("eu", "openai"), region: "eu" }
    ]
    const aliases = [
      { name: "any", strategy: "priority" as const, targets: ["us/gpt-5-mini"] },
      { name: "european", strategy: "priority" as const, targets: ["us/gpt-5.2", "eu/gpt-5.2"], region: "eu" }
    ]
    const changes = { providers, aliases }
    assert.deepStrictEqual(names(request("any", { fallbacks: ["european"] }), changes), ["us/gpt-5-mini", "eu/gpt-5.2"])
    const resilience = { ...defaultResilience, defaultFallbacks: ["european"] }
    assert.deepStrictEqual(names(request("any"), { ...changes, resilience }), ["us/gpt-5-mini", "eu/gpt-5.2"])
    const result = resolve(request("us/gpt-5.2"), { ...changes, resilience }, { ...anonymous, region: "eu" })
    assert.strictEqual(Result.isSuccess(result) ? result.success.passedOver : undefined, "OtherRegion")
    const gone = told(request("european"), { aliases, providers: [{ ...spec("us", "openai"), region: "us" }] })
    assert.strictEqual(gone?._tag, "NobodyAvailable")
  })
  it("heeds the region of an alias that is reached by task", () => {
    const providers = [
      { ...spec("us", "openai"), region: "us" },
      { ...spec("eu", "openai"), region: "eu" }
    ]
    const aliases = [
      { name: "european", strategy: "priority" as const, targets: ["us/gpt-5.2", "eu/gpt-5.2"], region: "eu" }
    ]
    const all = settings({ providers, aliases })
    const resolver = makeResolver(all, all.providers, makeCatalog())
    const chosen = (...names: ReadonlyArray<string>) => {
      const { considered, outcome } = resolver.consider(request("auto"), anonymous, idle(), sameRows(names))
      const candidates = Result.isSuccess(outcome) ? outcome.success.candidates : []
      return { considered, candidates: candidates.map(({ ref }) => `${ref.provider}/${ref.model}`) }
    }
    const { candidates, considered } = chosen("european", "us/gpt-5-mini")
    assert.deepStrictEqual(candidates, ["eu/gpt-5.2", "us/gpt-5-mini"])
    assert.deepStrictEqual(chosen("european", "us/gpt-5.2").candidates, ["us/gpt-5.2", "eu/gpt-5.2"])
    assert.deepStrictEqual(
      considered.flatMap(({ exclusion, ref }) => (exclusion === undefined ? [] : [[ref.provider, exclusion]])),
      [["us", { _tag: "OtherRegion", wanted: "eu" }]]
    )
  })
  it("leaves out whom an operator has taken out of service, and asks weight 0 last", () => {
    const roles = new Map([
      ["anthropic", { state: "disabled" as const, weight: 1 }],
      ["openai", { state: "on" as const, weight: 0 }]
    ])
    assert.deepStrictEqual(names(request("smart"), { roles }), ["gemini/gemini-3.5-flash", "openai/gpt-5.2"])
    const alone = told(request("anthropic/claude-sonnet-5"), { roles })
    assert.strictEqual(alone?._tag === "NobodyAvailable" ? alone.why : "", "the config keeps anthropic out of service")
    const taken = new Map([["anthropic", { state: "draining" as const, weight: 1, by: "operator" as const }]])
    const byHand = told(request("anthropic/claude-sonnet-5"), { roles: taken })
    assert.strictEqual(
      byHand?._tag === "NobodyAvailable" ? byHand.why : "",
      "an operator has taken anthropic out of service"
    )
    const draining = new Map([["anthropic", { state: "draining" as const, weight: 1 }]])
    assert.deepStrictEqual(names(request("smart"), { roles: draining }), ["openai/gpt-5.2", "gemini/gemini-3.5-flash"])
  })
  it("gives the targets of a weighted alias their turns by their providers' weights", () => {
    const aliases = [
      { name: "shared", strategy: "weighted" as const, targets: ["anthropic/claude-sonnet-5", "openai/gpt-5.2"] }
    ]
    const roles = new Map([["openai", { state: "on" as const, weight: 3 }]])
    const all = settings({ aliases, roles })
    const resolver = makeResolver(all, all.providers, makeCatalog())
    const moment = idle({ weight: ({ ref }) => roles.get(ref.provider)?.weight ?? 1 })
    const firsts = Array.from({ length: 8 }, () => {
      const result = resolver.resolve(request("shared"), anonymous, moment)
      return Result.isSuccess(result) ? result.success.candidates[0].ref.provider : ""
    })
    assert.deepStrictEqual(firsts.map((provider) => provider.charAt(0)).join(""), "oaoooaoo")
  })
  it("answers the same however many names callers invent in between", () => {
    const all = settings()
    const resolver = makeResolver(all, all.providers, makeCatalog())
    const first = resolver.resolve(request("smart"), anonymous, idle())
    for (let i = 0; i < 5000; i++) resolver.resolve(request(`openai/invented-${i}`), anonymous, idle())
    assert.deepStrictEqual(resolver.resolve(request("smart"), anonymous, idle()), first)
  })
})
