/**
 * Requests under a budget's tier, through the route as it is: only its providers are scripted.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import {
  type Alias,
  defaultResilience,
  defaultServer,
  type FactsOverride,
  type Settings
} from "../../src/config/Settings.ts"
import type { BudgetTier } from "../../src/domain/Budget.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { textOf, type Message } from "../../src/domain/Message.ts"
import { anonymous, CurrentRequest, type RequestContext } from "../../src/domain/RequestContext.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import { Registry } from "../../src/provider/Registry.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import type { Decision } from "../../src/routing/Decision.ts"
import { explain } from "../../src/routing/Explain.ts"
import { makeResolver } from "../../src/routing/Resolve.ts"
import { route } from "../../src/routing/Route.ts"
import { chatRequest, providerSpec } from "../provider/requests.ts"
import { choosing, waysOver } from "./ways.ts"

const user = (text: string): Message => ({ role: "user", content: [{ _tag: "Text", text }] })
const said = (text: string): Message => ({ role: "assistant", content: [{ _tag: "Text", text }] })
const called: Message = { role: "assistant", content: [{ _tag: "ToolCall", id: "1", name: "f", arguments: "{}" }] }
const result: Message = { role: "tool", content: [{ _tag: "ToolResult", id: "1", content: [] }] }
const tools = [{ _tag: "Function" as const, name: "f", parameters: {} }]

const fact = (tier: FactsOverride["tier"], price: number, more: Partial<FactsOverride> = {}): FactsOverride => ({
  ...(tier === undefined ? {} : { tier }),
  price: { inputUsdPerMTok: price, outputUsdPerMTok: price * 5 },
  ...more
})
const facts = new Map([
  ["a/dear", fact("premium", 5)],
  ["b/middle", fact("standard", 3)],
  ["c/cheap", fact("economy", 1)],
  ["c/blind", fact("economy", 1, { capabilities: ["tools"] })]
])
const willing = (changes: Partial<Alias> = {}): Alias => ({
  name: "willing",
  strategy: "priority",
  targets: ["a/dear", "b/middle", "c/cheap"],
  downgrade: true,
  ...changes
})

interface Asked extends Partial<ChatRequest> {
  readonly tier: BudgetTier | undefined
  readonly context?: Partial<RequestContext>
}
interface Options {
  readonly aliases?: ReadonlyArray<Alias>
  readonly tasks?: Settings["tasks"]
  readonly economy?: Settings["economy"]
  readonly scripts?: Readonly<Record<string, Scripted.Options["script"]>>
  readonly facts?: Settings["facts"]
}

/** Asks one after the other; who answered, what was said of it, what each provider was sent, and the decisions. */
const asking = (requests: ReadonlyArray<Asked>, options: Options = {}) =>
  Effect.gen(function* () {
    const ids = ["a", "b", "c"]
    const specs = ids.map((id) => providerSpec({ id, kind: "openai-compatible" }))
    const providers = ids.map((id) => Scripted.make({ id, script: options.scripts?.[id] ?? Scripted.answer("hello") }))
    const settings: Settings = {
      server: defaultServer,
      providers: specs,
      providersOff: [],
      aliases: options.aliases ?? [willing()],
      facts: options.facts ?? facts,
      ...(options.tasks === undefined ? {} : { tasks: options.tasks }),
      ...(options.economy === undefined ? {} : { economy: options.economy }),
      resilience: defaultResilience,
      keys: [],
      source: "file",
      warnings: []
    }
    const resolver = makeResolver(settings, specs, makeCatalog())
    const decisions: Array<Decision> = []
    const served = yield* Effect.gen(function* () {
      const ways = yield* waysOver(() => ({ settings, resolver }))
      const handle = route(ways)
      return yield* Effect.forEach(requests, ({ context, tier, ...request }) => {
        const asked = chatRequest({ model: "willing", ...request })
        const current = {
          requestId: "r",
          caller: anonymous,
          timeoutMillis: undefined,
          ...(tier === undefined ? {} : { tier }),
          ...context
        }
        return Effect.gen(function* () {
          decisions.push(yield* explain(ways)(asked))
          return (yield* handle(asked)).served
        }).pipe(
          Effect.scoped,
          Effect.provideService(
            CurrentRequest,
            tier === undefined ? { ...current, tier: "premium" } : { ...current, tier }
          )
        )
      })
    }).pipe(
      Effect.provide(
        Layer.mergeAll(
          choosing,
          Registry.layerOf(providers.map(({ provider }) => provider)),
          healthInMemory({ resilience: defaultResilience, providers: specs, facts: new Map() })
        )
      )
    )
    const sent = new Map<string, ReadonlyArray<ChatRequest>>()
    for (const { calls, provider } of providers)
      sent.set(
        provider.id,
        (yield* calls).flatMap(({ request }) => request ?? [])
      )
    return { served, by: served.map(({ model }) => model).join(" "), sent, decisions }
  }).pipe(Effect.scoped)

describe("a request under a budget's tier", () => {
  it.effect("is answered by what the budget pays for, and the answer says the tier of its model", () =>
    Effect.gen(function* () {
      const { by, served } = yield* asking([
        { tier: "premium" },
        { tier: "standard" },
        { tier: "economy" },
        { tier: "none" }
      ])
      assert.strictEqual(by, "dear middle cheap cheap")
      assert.deepStrictEqual(
        served.map(({ fallback, modelTier }) => [modelTier, fallback]),
        [
          ["premium", undefined],
          ["standard", "BudgetTier"],
          ["economy", "BudgetTier"],
          ["economy", "BudgetTier"]
        ]
      )
    })
  )
  it.effect("is answered as asked where the model was asked for by its name, or by an alias that does not opt in", () =>
    Effect.gen(function* () {
      const names = ["a/dear", "firm", "dear"]
      const aliases = [willing({ name: "firm", downgrade: false }), willing({ name: "dear", downgrade: false })]
      const { by, decisions } = yield* asking(
        names.map((model) => ({ model, tier: "economy" })),
        { aliases }
      )
      assert.strictEqual(by, "dear dear dear")
      for (const { budget, considered } of decisions) {
        assert.deepStrictEqual(budget, { tier: "economy", effect: "exempt" })
        assert.isTrue(considered.every(({ heldBack }) => heldBack === undefined))
      }
    })
  )
  it.effect(
    "is answered by what is there where nobody of the tier can do what it needs, and the decision says so",
    () =>
      Effect.gen(function* () {
        const image = { _tag: "Image" as const, source: { _tag: "Url" as const, url: "https://example.com/cat.png" } }
        const seeing = { messages: [{ role: "user" as const, content: [image] }], tier: "economy" as const }
        const aliases = [willing({ targets: ["a/dear", "c/blind"] })]
        const { by, decisions } = yield* asking([seeing], { aliases })
        assert.strictEqual(by, "dear")
        assert.deepStrictEqual(decisions[0]?.budget, { tier: "economy", effect: "unserved" })
        const blind = decisions[0]?.considered.find(({ ref }) => ref.model === "blind")
        assert.strictEqual(blind?.exclusion?._tag, "CannotDo")
      })
  )
  it.effect("is answered by who is held back where its prompt is too long for the others", () =>
    Effect.gen(function* () {
      const narrow = new Map([...facts, ["c/narrow", fact("economy", 1, { contextWindowTokens: 50 })] as const])
      const long = Array.from({ length: 400 }, (_, at) => `word${at}`).join(" ")
      const { by, decisions } = yield* asking([{ tier: "economy", messages: [user(long)] }], {
        aliases: [willing({ targets: ["a/dear", "c/narrow"] })],
        facts: narrow
      })
      assert.strictEqual(by, "dear")
      const out = decisions[0]?.considered.find(({ ref }) => ref.model === "narrow")?.exclusion
      assert.strictEqual(out?._tag, "TooLong")
    })
  )
  it.effect(
    "is answered by who is held back only after all others have failed, also those who share a failed vendor",
    () =>
      Effect.gen(function* () {
        const down = Scripted.fails({ _tag: "ModelUnavailable", message: "404" })
        const cheaper = new Map([...facts, ["c/cheaper", fact("economy", 0.5)] as const])
        const { decisions, sent, served } = yield* asking([{ tier: "economy" }], {
          aliases: [willing({ targets: ["a/dear", "c/cheap", "c/cheaper"] })],
          facts: cheaper,
          scripts: { c: down }
        })
        assert.deepStrictEqual(
          served[0]?.attempts.map(({ model }) => model),
          ["cheap", "cheaper", "dear"]
        )
        assert.strictEqual(sent.get("a")?.length, 1)
        assert.deepStrictEqual(
          decisions[0]?.order.map(({ model }) => model),
          ["cheap", "cheaper", "dear"]
        )
        const dear = decisions[0]?.considered.find(({ ref }) => ref.model === "dear")
        assert.deepStrictEqual(dear?.heldBack, { _tag: "AboveTier", tier: "economy" })
        assert.isUndefined(dear?.exclusion)
      })
  )
})

describe("a model asked for by task under a budget's tier", () => {
  const tasks: Settings["tasks"] = new Map([
    ["general", { quality: ["a/dear"], balanced: ["b/middle"], cost: ["c/cheap"], speed: ["a/dear", "b/middle"] }]
  ])
  const asked = (model: string, tier: BudgetTier): Asked => ({ model, tier, context: { task: "general" } })
  it.effect("is of the task's cheaper rows, whatever is preferred", () =>
    Effect.gen(function* () {
      const models = ["auto:quality", "auto", "auto:cost", "auto:speed"]
      for (const [tier, expected] of [
        ["premium", "dear middle cheap dear"],
        ["standard", "middle middle cheap middle"],
        ["economy", "cheap cheap cheap cheap"]
      ] as const) {
        const { by, decisions } = yield* asking(
          models.map((model) => asked(model, tier)),
          { tasks }
        )
        assert.strictEqual(by, expected, tier)
        assert.isTrue(decisions.every(({ budget }) => budget?.tier === tier && budget.effect !== "exempt"))
      }
    })
  )
})

describe("a conversation under a budget that runs low", () => {
  const first = { messages: [user("one")], tools }
  const turn = { messages: [user("one"), called, result], tools }
  it.effect("keeps its model while a tool is being used, whatever the tier", () =>
    Effect.gen(function* () {
      const seen = yield* asking([
        { ...first, tier: "premium" },
        { ...turn, tier: "standard" },
        { ...turn, tier: "economy" },
        { ...first, tier: "economy" },
        { ...turn, tier: "premium" }
      ])
      assert.strictEqual(seen.by, "dear dear dear cheap cheap")
      assert.deepStrictEqual(seen.decisions[2]?.budget, { tier: "economy", effect: "stays" })
      assert.strictEqual(seen.decisions[2]?.stays?.because, "toolTurn")
    })
  )
  it.effect("keeps the model that was chosen by task while a tool is being used", () =>
    Effect.gen(function* () {
      const tasks: Settings["tasks"] = new Map([["general", { quality: ["a/dear"], cost: ["c/cheap"] }]])
      const auto = { model: "auto:quality", context: { task: "general" } }
      const seen = yield* asking(
        [
          { ...first, ...auto, tier: "premium" },
          { ...turn, ...auto, tier: "economy" },
          { ...first, ...auto, tier: "economy" },
          { ...turn, ...auto, tier: "premium" }
        ],
        { tasks }
      )
      assert.strictEqual(seen.by, "dear dear cheap cheap")
    })
  )
  it.effect("that is sticky stays at standard, and leaves a dear model at economy", () =>
    Effect.gen(function* () {
      const aliases = [willing({ sticky: "conversation" })]
      const next = { messages: [user("one"), said("hello"), user("and then?")] }
      const seen = yield* asking(
        [
          { messages: [user("one")], tier: "premium" },
          { ...next, tier: "standard" },
          { ...next, tier: "economy" },
          { ...next, tier: "premium" }
        ],
        { aliases }
      )
      assert.strictEqual(seen.by, "dear dear cheap cheap")
      assert.deepStrictEqual(
        seen.decisions.map(({ budget }) => budget?.effect),
        ["unchanged", "stays", "downgraded", "unchanged"]
      )
    })
  )
})

describe("turns under an alias", () => {
  const turning = willing({ name: "shared", strategy: "round-robin", downgrade: false })
  const shared: Alias = { ...turning, sticky: "conversation" }
  const conversation = (name: string, more: ReadonlyArray<Message> = []): Asked => ({
    model: "shared",
    messages: [user(name), ...more],
    tier: undefined
  })
  it.effect("are not taken by conversations that stay where they are", () =>
    Effect.gen(function* () {
      const goesOn = [said("hello"), user("and then?")]
      const { by } = yield* asking(
        [
          conversation("one"),
          conversation("one", goesOn),
          conversation("one", goesOn),
          conversation("two"),
          conversation("two", goesOn),
          conversation("three"),
          conversation("four")
        ],
        { aliases: [shared] }
      )
      assert.strictEqual(by, "dear dear dear middle middle cheap dear")
    })
  )
  it.effect("are those of whoever can serve the request: one that fewer can serve moves nobody else's", () =>
    Effect.gen(function* () {
      const image = { _tag: "Image" as const, source: { _tag: "Url" as const, url: "https://example.com/cat.png" } }
      const seeing: Asked = { model: "shared", tier: undefined, messages: [{ role: "user", content: [image] }] }
      const plain = (name: string) => conversation(name)
      const aliases = [{ ...turning, targets: ["a/dear", "b/middle", "c/blind"] }]
      const { by } = yield* asking([plain("1"), seeing, plain("2"), seeing, plain("3"), seeing, plain("4")], {
        aliases
      })
      assert.strictEqual(by, "dear dear middle middle blind dear dear")
    })
  )
})

describe("instructions for economy models", () => {
  const economy = { system: "Use short sentences." }
  const wire = { dialect: "openai-chat" as const, body: { model: "willing", seed: 7 }, headers: {} }
  const system: Message = { role: "system", content: [{ _tag: "Text", text: "You are a cook." }] }
  const asked = { messages: [system, user("hello")], wire }
  const instructions = (request: ChatRequest | undefined) =>
    request?.messages.filter(({ role }) => role === "system").map(({ content }) => textOf(content))

  it.effect("stand at the end of the caller's own, for a model that a budget has chosen and no other", () =>
    Effect.gen(function* () {
      for (const delivery of ["whole", "live"] as const) {
        const { sent } = yield* asking(
          [
            { ...asked, delivery, tier: "premium" },
            { ...asked, delivery, tier: "standard" },
            { ...asked, delivery, tier: "economy" },
            { ...asked, delivery, tier: "economy", messages: [user("hello")] },
            { ...asked, delivery, tier: "economy", model: "c/cheap" }
          ],
          { economy }
        )
        for (const id of ["a", "b"]) {
          const [one] = sent.get(id) ?? []
          assert.deepStrictEqual(instructions(one), ["You are a cook."])
          assert.deepStrictEqual(one?.wire, wire)
        }
        const [added, alone, exact] = sent.get("c") ?? []
        assert.deepStrictEqual(instructions(added), ["You are a cook.\n\nUse short sentences."])
        assert.isUndefined(added?.wire)
        assert.deepStrictEqual(instructions(alone), ["Use short sentences."])
        assert.deepStrictEqual(instructions(exact), ["You are a cook."])
        assert.deepStrictEqual(exact?.wire, wire)
      }
    })
  )
  it.effect(
    "are not told to whoever answers in a cheap model's stead, nor where the cheap one was the first choice",
    () =>
      Effect.gen(function* () {
        const cannot = Scripted.fails({ _tag: "ModelUnavailable", message: "404" })
        const failing = yield* asking([{ ...asked, tier: "economy" }], { economy, scripts: { c: cannot } })
        assert.strictEqual(failing.by, "dear")
        assert.deepStrictEqual(instructions(failing.sent.get("c")?.[0]), ["You are a cook.\n\nUse short sentences."])
        assert.deepStrictEqual(instructions(failing.sent.get("a")?.[0]), ["You are a cook."])
        assert.deepStrictEqual(failing.sent.get("a")?.[0]?.wire, wire)
        const wanted = yield* asking([{ ...asked, tier: "economy" }], {
          economy,
          aliases: [willing({ targets: ["c/cheap", "a/dear"] })]
        })
        assert.deepStrictEqual(instructions(wanted.sent.get("c")?.[0]), ["You are a cook."])
      })
  )
  it.effect("hold for the names they are for, and leave alone what a vendor would carry out by its own wire", () =>
    Effect.gen(function* () {
      const stored = { ...asked, wire: { ...wire, body: { ...wire.body, store: true } } }
      const forAuto = yield* asking([{ ...asked, tier: "economy" }], { economy: { ...economy, for: ["auto*"] } })
      assert.deepStrictEqual(instructions(forAuto.sent.get("c")?.[0]), ["You are a cook."])
      const named = yield* asking([{ ...asked, tier: "economy" }], { economy: { ...economy, for: ["will*"] } })
      assert.deepStrictEqual(instructions(named.sent.get("c")?.[0]), ["You are a cook.\n\nUse short sentences."])
      const kept = yield* asking([{ ...stored, tier: "economy" }], { economy })
      assert.deepStrictEqual(kept.sent.get("c")?.[0]?.wire, stored.wire)
    })
  )
})
