import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { billOfAnswer, missingOutputLimit } from "../../src/budget/bill.ts"
import { type CallEnd, Estimates, makeEstimates } from "../../src/budget/Estimates.ts"
import type { ModelFacts } from "../../src/catalog/ModelFacts.ts"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import type { ProviderKind } from "../../src/config/ProviderSpec.ts"
import type { FactsOverride } from "../../src/config/Settings.ts"
import { ratesOf } from "../../src/catalog/Rates.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { DialectId } from "../../src/domain/Ids.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import type { Part } from "../../src/domain/Message.ts"
import { nano } from "../../src/domain/Money.ts"
import { ProviderError } from "../../src/domain/ProviderError.ts"
import { Notebook } from "../../src/storage/Notebook.ts"

const text = (value: string): Part => ({ _tag: "Text", text: value })
const request = (content: ReadonlyArray<Part>, changes: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "m",
  delivery: "whole",
  messages: [{ role: "user", content }],
  tools: [],
  sampling: { maxTokens: 100 },
  usageWanted: false,
  fallbacks: [],
  ...changes
})
const facts = (changes: Partial<ModelFacts> = {}): ModelFacts => ({
  contextWindowTokens: 10_000,
  maxOutputTokens: undefined,
  price: { inputUsdPerMTok: 2, outputUsdPerMTok: 10 },
  tier: undefined,
  capabilities: {},
  ...changes
})
const ref = { provider: "p", model: "gpt-x" }
const quote = (asked: ChatRequest, of = facts()) => makeEstimates().quote(asked, ref, of)
const body = (fields: JsonObject): Partial<ChatRequest> => ({
  wire: { dialect: "openai-chat", body: fields, headers: {} }
})
const catalog = makeCatalog()

describe("the worst case", () => {
  it("is the prompt's bytes, eight around the message and the model's own, and the whole output limit", () => {
    const { worst, worstInputTokens, worstOutputTokens } = quote(request([text("héllo")]))
    assert.strictEqual(worstInputTokens, 6 + 8 + 8)
    assert.strictEqual(worstOutputTokens, 100)
    assert.strictEqual(Number(worst), 22 * 2000 + 100 * 10_000)
  })
  it("has no more of an answer than the window holds, whatever limit is stated", () => {
    const stated = (maxTokens: number, of = facts()) =>
      quote(request([text("hi")], { sampling: { maxTokens } }), of).worstOutputTokens
    assert.strictEqual(stated(Number.MAX_SAFE_INTEGER), 10_000)
    assert.strictEqual(stated(9999), 9999)
    assert.strictEqual(stated(Number.MAX_SAFE_INTEGER, facts({ maxOutputTokens: 700 })), 700)
    assert.strictEqual(stated(Number.MAX_SAFE_INTEGER, facts({ contextWindowTokens: undefined })), 1_000_000)
  })
  it("reckons with the dearest step, with what is written to a cache, and for an hour only where that is asked", () => {
    const sonnet = catalog.facts("anthropic", "claude-sonnet-4-5")
    const of = (asked: ChatRequest) =>
      makeEstimates().quote(asked, { provider: "a", model: "claude-sonnet-4-5" }, sonnet)
    const short = of(request([text("hi")]))
    assert.strictEqual(Number(short.worst), short.worstInputTokens * 3750 + 100 * 15_000)
    const long = of(request([text("a".repeat(200_001))]))
    assert.strictEqual(Number(long.worst), long.worstInputTokens * 7500 + 100 * 22_500)
    const kept = of(request([text("hi")], body({ system: [{ cache_control: { type: "ephemeral", ttl: "1h" } }] })))
    assert.strictEqual(Number(kept.worst), kept.worstInputTokens * 6000 + 100 * 15_000)
  })
  it("multiplies by the answers asked for, by tiers of service, and halves for a batch", () => {
    const one = Number(quote(request([text("hi")])).worst)
    assert.strictEqual(Number(quote(request([text("hi")], { sampling: { maxTokens: 100, n: 3 } })).worst), 3 * one)
    assert.strictEqual(Number(quote(request([text("hi")], body({ service_tier: "priority" }))).worst), 2.5 * one)
    assert.strictEqual(
      Number(makeEstimates().quote(request([text("hi")]), ref, facts(), { batch: true }).worst),
      one / 2
    )
  })
  it("is that of the dearer service by whichever name a vendor's wire asks for it", () => {
    const one = Number(quote(request([text("hi")])).worst)
    for (const fields of [{ service_tier: "fast" }, { service_tier: "priority" }])
      assert.isAtLeast(Number(quote(request([text("hi")], body(fields))).worst), 2 * one)
    // Gemini's wire has two spellings of every name
    const snake: Partial<ChatRequest> = {
      wire: { dialect: "gemini", body: { service_tier: "SERVICE_TIER_PRIORITY" }, headers: {} }
    }
    assert.isAtLeast(Number(quote(request([text("hi")], snake)).worst), 2 * one)
    for (const serviceTier of ["priority", "SERVICE_TIER_PRIORITY"]) {
      const asked = request([text("hi")], { wire: { dialect: "gemini", body: { serviceTier }, headers: {} } })
      assert.strictEqual(Number(quote(asked).worst), 2 * one)
      assert.strictEqual(quote(asked).percent, 200)
    }
  })
  it("has no search in it for a field that is null, and one for the field of Chat Completions", () => {
    const none = Number(quote(request([text("hi")], body({ web_search_options: null }))).worst)
    assert.strictEqual(none, Number(quote(request([text("hi")])).worst))
    const searching = quote(request([text("hi")], body({ web_search_options: {} })))
    assert.isAtLeast(Number(searching.worst), none + 35_000_000)
    const usage = { inputTokens: 10, outputTokens: 5 }
    assert.deepStrictEqual(makeEstimates().owed(searching, { usage, writtenBytes: 9 }), {
      by: "uncertain",
      owed: nano(10 * 2000 + 5 * 10_000 + 35_000_000)
    })
  })
  it("does not reckon with tools that the caller runs as with tools that the vendor runs", () => {
    const tool = (dialect: string, definition: JsonObject) =>
      quote(request([text("hi")], { tools: [{ _tag: "Hosted", dialect, definition }] }))
    for (const type of ["bash_20250124", "text_editor_20250728", "computer_20250124", "memory_20250818"]) {
      const quoted = tool("anthropic-messages", { type, name: "t" })
      assert.isBelow(quoted.worstInputTokens, 500, type)
      assert.isFalse(quoted.runsTools, type)
    }
    for (const definition of [
      { type: "local_shell" },
      { type: "apply_patch" },
      { type: "computer_use_preview", environment: "browser" },
      { type: "shell", environment: { type: "local" } }
    ])
      assert.isFalse(tool("openai-responses", definition).runsTools, definition.type)
    for (const definition of [{ type: "shell", environment: { type: "container_auto" } }, { type: "code_interpreter" }])
      assert.isTrue(tool("openai-responses", definition).runsTools, definition.type)
  })
  it("takes the context window for what only the vendor sees, and reads it once more for every use of a hosted tool", () => {
    for (const unseen of [
      request([{ _tag: "Document", source: { _tag: "Base64", mediaType: "application/pdf", data: "AAAA" } }]),
      request([{ _tag: "Audio", source: { _tag: "FileId", id: "f" } }]),
      request([{ _tag: "Opaque", dialect: "gemini", block: { fileData: { fileUri: "https://example.com/v" } } }]),
      request([text("hi")], body({ previous_response_id: "r" }))
    ])
      assert.strictEqual(quote(unseen).worstInputTokens, 10_000)
    const search = {
      _tag: "Hosted",
      dialect: "openai-responses",
      definition: { type: "web_search", max_uses: 2 }
    } as const
    const hosted = quote(request([text("hi")], { tools: [search] }))
    assert.strictEqual(hosted.worstInputTokens, 30_000)
    assert.strictEqual(Number(hosted.worst), 30_000 * 2000 + 100 * 10_000 + 2 * 35_000_000)
  })
  it("reads it no more often than a vendor goes on with its tools, all of them together", () => {
    const tools = (dialect: DialectId, ...definitions: ReadonlyArray<JsonObject>): Partial<ChatRequest> => ({
      tools: definitions.map((definition) => ({ _tag: "Hosted", dialect, definition }))
    })
    const windows = (changes: Partial<ChatRequest>) => quote(request([text("hi")], changes)).worstInputTokens / 10_000
    const search = { type: "web_search_20250305", name: "web_search" }
    const fetch = { type: "web_fetch_20250910", name: "web_fetch" }
    const code = { type: "code_execution_20250825", name: "code_execution" }
    assert.strictEqual(windows(tools("anthropic-messages", search)), 11)
    assert.strictEqual(windows(tools("anthropic-messages", search, fetch, code)), 11)
    assert.strictEqual(windows(tools("anthropic-messages", { ...search, max_uses: 2 })), 3)
    // it filters by code that it runs, which no limit of its uses counts
    assert.strictEqual(
      windows(tools("anthropic-messages", { ...search, type: "web_search_20260209", max_uses: 2 })),
      11
    )
    const both = tools("openai-responses", { type: "web_search" }, { type: "file_search" })
    assert.strictEqual(windows(both), 21)
    assert.strictEqual(
      windows({ ...both, wire: { dialect: "openai-responses", body: { max_tool_calls: 3 }, headers: {} } }),
      4
    )
    const servers = [{ url: "https://one.example" }, { url: "https://two.example" }]
    assert.strictEqual(
      windows({ wire: { dialect: "anthropic-messages", body: { mcp_servers: servers }, headers: {} } }),
      11
    )
  })
  it("counts images and sounds, at the sound's own price", () => {
    const none = quote(request([])).worstInputTokens
    const image = quote(request([{ _tag: "Image", source: { _tag: "Url", url: "https://example.com/a.png" } }]))
    assert.strictEqual(image.worstInputTokens - none, 8 + 16_200)
    const sound = quote(
      request([{ _tag: "Audio", source: { _tag: "Base64", mediaType: "audio/wav", data: "A".repeat(2000) } }])
    )
    assert.strictEqual(sound.worstInputTokens - none, 8 + 100)
  })
  it("is widened by a bill that was above it", () => {
    const estimates = makeEstimates()
    const first = estimates.quote(request([text("hi")]), ref, facts())
    const owed = estimates.owed(first, { usage: { inputTokens: 1000, outputTokens: 100 }, writtenBytes: 9 })
    assert.deepStrictEqual(owed, { by: "told", owed: nano(3_000_000) })
    const second = estimates.quote(request([text("hi")]), ref, facts())
    assert.isAtLeast(second.worst, 3_000_000)
    assert.isAbove(estimates.report()[0]?.worst ?? 0, 2)
  })
  it("is nothing where nobody knows the price", () => {
    assert.strictEqual(Number(quote(request([text("hi")]), facts({ price: undefined })).worst), 0)
  })
  it.prop(
    "is never below the expected cost, nor below any bill within its tokens",
    {
      texts: Schema.Array(Schema.String).check(Schema.isMaxLength(5)),
      maxTokens: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3000 })),
      share: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 })),
      cached: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 })),
      model: Schema.Literals(["claude-sonnet-4-5", "claude-haiku-4-5"])
    },
    ({ cached, maxTokens, model, share, texts }) => {
      const estimates = makeEstimates()
      const quoted = estimates.quote(
        request(texts.map(text), { sampling: { maxTokens } }),
        { provider: "a", model },
        catalog.facts("anthropic", model)
      )
      assert.isAtMost(quoted.expected, quoted.worst)
      const inputTokens = Math.floor((quoted.worstInputTokens * share) / 100)
      const cacheWriteTokens = Math.floor((inputTokens * cached) / 100)
      const usage = { inputTokens, outputTokens: maxTokens, cacheWriteTokens }
      const { owed } = estimates.owed(quoted, { usage, writtenBytes: 0 })
      assert.isAtMost(Number(owed), quoted.worst)
    },
    { arbitrary: { runs: 200, seed: 4 } }
  )
})

describe("the expected cost", () => {
  it("is characters ÷ 4 at first, and learns what the vendor counts and how long answers are", () => {
    const estimates = makeEstimates()
    const asked = request([text("x".repeat(4000))], { sampling: { maxTokens: 5000 } })
    const ask = () => estimates.quote(asked, ref, facts(), { task: "chat" })
    assert.deepInclude(ask(), { inputTokens: 1000, outputTokens: 600 })
    for (let n = 0; n < 100; n++)
      estimates.owed(ask(), { usage: { inputTokens: 1500, outputTokens: 60 }, writtenBytes: 0 })
    const learned = ask()
    assert.closeTo(learned.inputTokens, 1500, 30)
    assert.closeTo(learned.outputTokens, 60, 30)
    const [report] = estimates.report()
    assert.strictEqual(report?.seen, 100)
    assert.isBelow(report?.error ?? 1, 0.1)
  })
})

describe("the expected prompt", () => {
  const base64 = (bytes: Buffer) => bytes.toString("base64")
  /** Sound of so many seconds, as a WAV file has it: a header that tells the bytes of a second, and silence. */
  const wav = (seconds: number, perSecond: number): Part => {
    const header = Buffer.alloc(44)
    header.write("RIFF", 0, "latin1")
    header.write("WAVEfmt ", 8, "latin1")
    header.writeUInt32LE(perSecond, 28)
    const data = base64(Buffer.concat([header, Buffer.alloc(seconds * perSecond)]))
    return { _tag: "Audio", source: { _tag: "Base64", mediaType: "audio/wav", data } }
  }
  const plain = quote(request([text("hi")])).inputTokens
  const added = (changes: Partial<ChatRequest>, ...content: ReadonlyArray<Part>) => {
    const quoted = quote(request([text("hi"), ...content], changes), facts({ contextWindowTokens: 1_000_000 }))
    assert.isAtMost(quoted.expected, quoted.worst)
    assert.isAtMost(quoted.inputTokens, quoted.worstInputTokens)
    return quoted.inputTokens - plain
  }

  it("has an image in it at about what vendors count for one of 1024 × 1024, and at low detail what OpenAI does", () => {
    const image = { _tag: "Image", source: { _tag: "Url", url: "https://example.com/a.png" } } as const
    for (const counted of [765, 1398, 1032]) {
      assert.isAbove(added({}, image), counted / 1.5)
      assert.isBelow(added({}, image), counted * 1.5)
    }
    assert.strictEqual(added({}, image, image), 2 * added({}, image))
    assert.strictEqual(added({}, { ...image, detail: "low" }), 85)
  })

  it("has sound in it by its seconds, as Google counts them, whatever its format weighs", () => {
    for (const perSecond of [16_000, 32_000, 176_400]) assert.closeTo(added({}, wav(10, perSecond)), 320, 2)
    const mp3: Part = {
      _tag: "Audio",
      source: { _tag: "Base64", mediaType: "audio/mpeg", data: base64(Buffer.alloc(160_000)) }
    }
    assert.closeTo(added({}, mp3), 320, 2)
    // a header that tells nonsense is no reason to expect nothing, or the world
    for (const nonsense of [0, 4_294_967_295]) {
      const part = wav(1, 16_000)
      if (part._tag !== "Audio" || part.source._tag !== "Base64") throw new Error("a WAV file is sound")
      const bytes = Buffer.from(part.source.data, "base64")
      bytes.writeUInt32LE(nonsense, 28)
      assert.closeTo(added({}, { ...part, source: { ...part.source, data: base64(bytes) } }), 32, 2)
    }
  })

  it("costs what its sound costs, where that has a price of its own", () => {
    const model = "gemini-2.5-flash"
    const flash = catalog.facts("google", model)
    const rates = ratesOf(flash)
    const of = (...content: ReadonlyArray<Part>) =>
      makeEstimates().quote(request(content), { provider: "g", model }, flash)
    const sound: Part = { _tag: "Audio", source: { _tag: "Base64", mediaType: "audio/mp3", data: "A".repeat(640_000) } }
    const spoken = of(sound)
    const written = of(text("a".repeat(4 * spoken.inputTokens)))
    assert.strictEqual(written.inputTokens, spoken.inputTokens)
    const dearer = Number(rates?.inputAudio?.base) - Number(rates?.input.base)
    assert.isAbove(dearer, 0)
    assert.closeTo(Number(spoken.expected) - Number(written.expected), (spoken.inputTokens * dearer) / 1000, 1)
  })
  it("has tools, a schema for the answer and documents in it by their characters", () => {
    const schema = {
      type: "object",
      properties: Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`field_${at}`, { type: "string" }]))
    }
    const quarter = JSON.stringify(schema).length / 4
    const tool = { _tag: "Function", name: "look", description: "Looks", parameters: schema } as const
    assert.isAtLeast(added({ tools: [tool] }), quarter)
    assert.isAtMost(added({ tools: [tool] }), quarter + 40)
    assert.closeTo(added({ responseFormat: { _tag: "JsonSchema", name: "look", schema, strict: true } }), quarter, 1)
    const words = "word ".repeat(400)
    const document = (source: Extract<Part, { readonly _tag: "Document" }>["source"]): Part => ({
      _tag: "Document",
      source
    })
    assert.closeTo(added({}, document({ _tag: "PlainText", text: words })), 500, 1)
    const packed = { _tag: "Base64", mediaType: "text/plain", data: base64(Buffer.from(words)) } as const
    assert.closeTo(added({}, document(packed)), 500, 2)
    const told = { _tag: "Text", text: words } as const
    const result: Part = { _tag: "ToolResult", id: "1", content: [told], isError: false }
    assert.closeTo(added({}, result), 500, 1)
  })
})

describe("what was learned", () => {
  it.effect("outlasts a restart where there is a notebook", () =>
    Effect.gen(function* () {
      const pages = new Map<string, string>()
      const life = <A>(use: (estimates: Estimates["Service"]) => A) =>
        Effect.map(Estimates, use).pipe(
          Effect.provide(Layer.fresh(Estimates.layerKept).pipe(Layer.provide(Notebook.layerMemory(pages))))
        )
      const asked = request([text("x".repeat(4000))], { sampling: { maxTokens: 5000 } })
      const before = yield* life((estimates) => {
        const ask = () => estimates.quote(asked, ref, facts(), { task: "chat" })
        for (let n = 0; n < 30; n++)
          estimates.owed(ask(), { usage: { inputTokens: 1500, outputTokens: 60 }, writtenBytes: 0 })
        return [ask(), estimates.report()]
      })
      const after = yield* life((estimates) => [
        estimates.quote(asked, ref, facts(), { task: "chat" }),
        estimates.report()
      ])
      assert.deepStrictEqual(after, before)
    })
  )
})

describe("what is owed", () => {
  const estimates = makeEstimates()
  const sonnet = catalog.facts("anthropic", "claude-sonnet-4-5")
  const quoted = estimates.quote(
    request([text("x".repeat(400))]),
    { provider: "a", model: "claude-sonnet-4-5" },
    sonnet
  )

  it("is what was told: cached tokens at their price, steps for all tokens of a long prompt", () => {
    const told = (usage: Parameters<typeof estimates.owed>[1]["usage"]) =>
      Number(makeEstimates().owed(quoted, { usage, writtenBytes: 0 }).owed)
    assert.strictEqual(told({ inputTokens: 1000, outputTokens: 10 }), 1000 * 3000 + 10 * 15_000)
    assert.strictEqual(
      told({ inputTokens: 1000, outputTokens: 10, cacheReadTokens: 600, cacheWriteTokens: 100 }),
      300 * 3000 + 600 * 300 + 100 * 3750 + 10 * 15_000
    )
    assert.strictEqual(told({ inputTokens: 200_000, outputTokens: 0 }), 200_000 * 3000)
    assert.strictEqual(told({ inputTokens: 200_001, outputTokens: 10 }), 200_001 * 6000 + 10 * 22_500)
  })
  it("is nothing for a refusal, what was counted for a part, and the worst case where nobody knows", () => {
    const refused = new ProviderError({
      provider: "a",
      model: "m",
      reason: { _tag: "RateLimited", message: "slow down", status: 429 }
    })
    const cut = new ProviderError({
      provider: "a",
      model: "m",
      reason: { _tag: "Network", message: "reset", sent: true }
    })
    assert.deepStrictEqual(estimates.owed(quoted, { writtenBytes: 0, error: refused }), {
      by: "told",
      owed: nano(0)
    })
    assert.deepStrictEqual(estimates.owed(quoted, { writtenBytes: 0, error: cut }), {
      by: "uncertain",
      owed: undefined
    })
    assert.deepStrictEqual(
      estimates.owed(quoted, { writtenBytes: 30, told: { inputTokens: 110, outputTokens: 1 }, error: cut }),
      {
        by: "counted",
        owed: nano(110 * 3000 + 10 * 15_000)
      }
    )
    const search = (type: string, dialect: string) =>
      estimates.quote(
        request([text("hi")], { tools: [{ _tag: "Hosted", dialect, definition: { type } }] }),
        { provider: "a", model: "claude-sonnet-4-5" },
        sonnet
      )
    const usage = { inputTokens: 1000, outputTokens: 10, webSearches: 2 }
    assert.deepStrictEqual(
      makeEstimates().owed(search("web_search_20250305", "anthropic-messages"), { usage, writtenBytes: 9 }),
      { by: "told", owed: nano(1000 * 3000 + 10 * 15_000 + 2 * 10_000_000) }
    )
    // what is fetched costs its tokens, which are told
    assert.strictEqual(
      makeEstimates().owed(search("web_fetch_20250910", "anthropic-messages"), { usage, writtenBytes: 9 }).by,
      "told"
    )
    // sessions of a sandbox are charged and not told: of the fees the most counts, of the tokens what was told
    const tokens = { inputTokens: 1000, outputTokens: 10 }
    for (const [untold, fees] of [
      [search("code_execution_20250522", "anthropic-messages"), 10 * 120_000_000],
      [search("web_search", "some-other-dialect"), 10 * 35_000_000]
    ] as const)
      assert.deepStrictEqual(makeEstimates().owed(untold, { usage: tokens, writtenBytes: 9 }), {
        by: "uncertain",
        owed: nano(1000 * 3000 + 10 * 15_000 + fees)
      })
    const thinking = { ...quoted, thinksUnseen: true }
    assert.deepStrictEqual(estimates.owed(thinking, { writtenBytes: 30 }), { by: "uncertain", owed: undefined })
  })
})

describe("what is owed for an answer that was let go", () => {
  const sonnet = catalog.facts("anthropic", "claude-sonnet-4-5")
  const quoted = makeEstimates().quote(
    request([text("word ".repeat(2000))], { reasoning: { effort: "high" } }),
    { provider: "a", model: "claude-sonnet-4-5" },
    sonnet
  )
  const owed = (end: Partial<CallEnd>, of = quoted) => makeEstimates().owed(of, { writtenBytes: 0, ...end })
  it("is what its vendor told of the prompt, and all that might have been written", () => {
    const told = { inputTokens: 2000, outputTokens: 1, cacheReadTokens: 1500 }
    assert.deepStrictEqual(owed({ told }), {
      by: "uncertain",
      owed: nano(500 * 3000 + 1500 * 300 + 100 * 15_000)
    })
    assert.isBelow(500 * 3000 + 1500 * 300 + 100 * 15_000, quoted.worst / 10)
  })
  it("is the worst case where nothing was told of the prompt, or what cannot be, or the vendor reads more later", () => {
    const nothing = { by: "uncertain", owed: undefined } as const
    assert.deepStrictEqual(owed({}), nothing)
    assert.deepStrictEqual(owed({ told: { inputTokens: 0, outputTokens: 0 } }), nothing)
    assert.deepStrictEqual(
      owed({ told: { inputTokens: 2000, outputTokens: 1 } }, { ...quoted, runsTools: true }),
      nothing
    )
    assert.deepStrictEqual(owed({ told: { inputTokens: 1e9, outputTokens: 1 } }).owed, quoted.worst)
  })
})

describe("what is counted of an answer that broke off", () => {
  const cut = new ProviderError({
    provider: "a",
    model: "m",
    reason: { _tag: "Network", message: "reset", sent: true }
  })
  const counted = (asked: ChatRequest, end: Partial<CallEnd>) => {
    const estimates = makeEstimates()
    const model = "claude-sonnet-4-5"
    const quoted = estimates.quote(asked, { provider: "a", model }, catalog.facts("anthropic", model))
    return Number(estimates.owed(quoted, { writtenBytes: 3, error: cut, ...end }).owed)
  }
  it("has what was written to a cache in it, at its price", () => {
    const told = { inputTokens: 1000, outputTokens: 1, cacheWriteTokens: 900 }
    const asked = request([text("word ".repeat(800))])
    assert.strictEqual(counted(asked, { told }), 100 * 3000 + 900 * 3750 + 15_000)
    const hour = request(asked.messages[0]?.content ?? [], body({ cache_control: { type: "ephemeral", ttl: "1h" } }))
    assert.strictEqual(counted(hour, { told }), 100 * 3000 + 900 * 6000 + 15_000)
  })
  it("is a token for every character of three bytes, where nobody told", () => {
    const asked = request([text("語".repeat(900))])
    assert.isAtLeast(counted(asked, { writtenBytes: 30 }), 900 * 3000 + 10 * 15_000)
  })
})

describe("the bill of an answer that nobody quoted", () => {
  const hour = { system: [{ cache_control: { type: "ephemeral", ttl: "1h" } }] }
  const hosted = (dialect: string, definition: JsonObject): Partial<ChatRequest> => ({
    tools: [{ _tag: "Hosted", dialect, definition }]
  })
  const usage = { inputTokens: 1000, outputTokens: 50, cacheWriteTokens: 400, cacheReadTokens: 100, webSearches: 2 }
  const cases: ReadonlyArray<readonly [string, Partial<ChatRequest>]> = [
    ["nothing", {}],
    ["what is kept for an hour", body(hour)],
    ["what is kept for an hour in a region", body({ ...hour, inference_geo: "us" })],
    ["speed", body({ speed: "fast" })],
    ["faster service", body({ service_tier: "priority" })],
    ["searches that are told", hosted("anthropic-messages", { type: "web_search_20250305", name: "web_search" })],
    ["searches that are not", hosted("openai-chat", { type: "web_search" })],
    ["code that the vendor runs", hosted("openai-responses", { type: "code_interpreter" })],
    ["a tool that the caller runs", hosted("openai-responses", { type: "custom", name: "shout" })],
    ["servers of tools", body({ mcp_servers: [{ url: "https://example.com" }], inference_geo: "us" })],
    ["a search of Chat Completions", body({ web_search_options: {}, service_tier: "priority" })]
  ]
  const bills = new Set<number>()
  for (const [what, changes] of cases)
    it(`is what a quote would have settled it at: ${what}`, () => {
      const model = { provider: "a", model: "claude-sonnet-4-5" }
      const sonnet = catalog.facts("anthropic", "claude-sonnet-4-5")
      const asked = request([text("hi")], changes)
      const estimates = makeEstimates()
      const { owed } = estimates.owed(estimates.quote(asked, model, sonnet), { usage, writtenBytes: 0, whole: true })
      const rates = ratesOf(sonnet)
      assert.isDefined(rates)
      if (rates === undefined) return
      assert.strictEqual(billOfAnswer(asked, model.model, rates, usage), owed)
      bills.add(Number(owed))
    })
  it("differs by most of that", () => {
    assert.isAtLeast(bills.size, 8)
  })
})

describe("fees that a request's text does not show", () => {
  const usage = { inputTokens: 10, outputTokens: 5 }
  /** What is held, and what is owed, in US dollars, beyond a plain request's. */
  const beyond = (
    [kind, model]: readonly [ProviderKind, string],
    changes: Partial<ChatRequest>,
    plainly: readonly [ProviderKind, string] = [kind, model]
  ) => {
    const of = ([kind, model]: readonly [ProviderKind, string], changes: Partial<ChatRequest>) => {
      const estimates = makeEstimates()
      const stated = {
        ...catalog.facts("openai", "gpt-4o"),
        ...catalog.facts(kind, model),
        contextWindowTokens: 128_000
      }
      const quote = estimates.quote(request([text("hi")], changes), { provider: "a", model }, stated)
      return [quote, Number(estimates.owed(quote, { usage, writtenBytes: 0 }).owed)] as const
    }
    const [quote, owed] = of([kind, model], changes)
    const [plain, usual] = of(plainly, {})
    return {
      held: (Number(quote.worst) - Number(plain.worst)) / 1e9,
      owed: (owed - usual) / 1e9,
      runsTools: quote.runsTools
    }
  }
  const router = ["openrouter", "openai/gpt-4o"] as const
  const plugins = (...all: ReadonlyArray<JsonObject>) => body({ plugins: [...all] })
  const fees: ReadonlyArray<
    readonly [string, readonly [ProviderKind, string], Partial<ChatRequest>, number, (readonly [ProviderKind, string])?]
  > = [
    ["OpenRouter's search", router, plugins({ id: "web" }), 0.35],
    ["OpenRouter's search by a model's name", ["openrouter", "openai/gpt-4o:online"], {}, 0.35, router],
    ["OpenRouter's OCR", router, plugins({ id: "file-parser", pdf: { engine: "mistral-ocr" } }), 2],
    ["a plugin that nobody knows", router, plugins({ id: "fusion" }), 5],
    ["several", router, plugins({ id: "web" }, { id: "file-parser" }), 2.35],
    ["xAI's live search", ["xai", "grok-4"], body({ search_parameters: { mode: "auto" } }), 1.25],
    ["a model that searches", ["openai", "gpt-4o-search-preview"], {}, 0.035, ["openai", "gpt-4o"]],
    [
      "the same, told how",
      ["openai", "gpt-4o-search-preview"],
      body({ web_search_options: {} }),
      0.035,
      ["openai", "gpt-4o"]
    ],
    ["a model that searches at a host", ["openrouter", "openai/gpt-4o-search-preview"], {}, 0.035, router],
    ["Perplexity's deeper searches", ["perplexity", "sonar-pro"], body({ web_search_options: {} }), 0.01],
    ["Perplexity's model at a host", ["openrouter", "perplexity/sonar"], {}, 0.022, ["perplexity", "sonar"]]
  ]
  for (const [what, at, changes, fee, plainly] of fees)
    it(`are held, and owed where nobody tells them: ${what}`, () => {
      const { held, owed, runsTools } = beyond(at, changes, plainly)
      const included = plainly?.[0] === "perplexity" ? 0.012 : 0
      assert.isAtLeast(held, fee - included - 1e-9)
      assert.closeTo(owed, fee - included, 1e-9)
      assert.isTrue(runsTools)
    })
  it("are none where nothing is run, or all is in the fee of a request", () => {
    for (const [at, changes] of [
      [router, plugins({ id: "web", enabled: false }, { id: "response-healing" })],
      [router, body({ plugins: "web", mcp_servers: {}, search_parameters: null })],
      [["xai", "grok-4"], body({ search_parameters: { mode: "off" } })],
      [["openai", "gpt-4o"], body({ plugins: [] })]
    ] as const)
      assert.deepStrictEqual(beyond(at, changes), { held: 0, owed: 0, runsTools: false })
    const sonar = makeEstimates().quote(
      request([text("hi")]),
      { provider: "a", model: "sonar" },
      catalog.facts("perplexity", "sonar")
    )
    assert.strictEqual(Number(sonar.untoldFees), 0)
    assert.isAtLeast(Number(sonar.worst), 12_000_000)
  })
  it("of deep research are held, where nobody states the most", () => {
    assert.isAtLeast(beyond(["perplexity", "sonar-deep-research"], {}, ["openai", "gpt-4o-mini"]).held, 3)
  })
  it("of xAI's searches are five dollars a thousand, by each of their names a search", () => {
    const grok = catalog.facts("xai", "grok-4")
    const searched = { inputTokens: 10, outputTokens: 5, webSearches: 3 }
    for (const type of ["web_search", "x_search", "x_semantic_search", "live_search"]) {
      const tool = { _tag: "Hosted", dialect: "openai-responses", definition: { type } } as const
      const estimates = makeEstimates()
      const quote = estimates.quote(request([text("hi")], { tools: [tool] }), { provider: "a", model: "grok-4" }, grok)
      assert.isAtLeast(Number(quote.worst), 350_000_000)
      const { by, owed } = estimates.owed(quote, { usage: searched, writtenBytes: 0 })
      assert.deepStrictEqual([by, Number(owed)], ["told", 10 * 3000 + 5 * 15_000 + 15_000_000], type)
    }
  })
})

describe("what a vendor says that it charged", () => {
  const usage = { inputTokens: 1000, outputTokens: 50, chargedNanoUsd: 123_456 }
  const settled = (kind: ProviderKind, model: string, override?: FactsOverride) => {
    const facts = catalog.facts(kind, model, override)
    const asked = request([text("hi")], body({ web_search_options: {} }))
    const estimates = makeEstimates()
    const { by, owed } = estimates.owed(estimates.quote(asked, { provider: "a", model }, facts), {
      usage,
      writtenBytes: 0
    })
    const rates = ratesOf(facts)
    assert.isDefined(rates)
    if (rates !== undefined) assert.strictEqual(billOfAnswer(asked, model, rates, usage), owed)
    return [by, Number(owed)]
  }
  it("is what is owed at those who tell it in dollars, fees and all", () => {
    assert.deepStrictEqual(settled("openrouter", "openai/gpt-4o"), ["told", 123_456])
    assert.deepStrictEqual(settled("xai", "grok-4"), ["told", 123_456])
    assert.deepStrictEqual(settled("perplexity", "sonar-pro"), ["told", 123_456])
  })
  it("is nobody's word elsewhere, nor where the operator states the price", () => {
    const [by, owed] = settled("openai", "gpt-4o")
    assert.strictEqual(by, "uncertain")
    assert.isAbove(Number(owed), 35_000_000)
    const stated = { price: { inputUsdPerMTok: 1, outputUsdPerMTok: 1 } }
    assert.deepStrictEqual(settled("openrouter", "openai/gpt-4o", stated), ["uncertain", 1050 * 1000 + 35_000_000])
  })
})

describe("a lower price for requests that may wait", () => {
  const usage = { inputTokens: 1000, outputTokens: 10 }
  const billed = (
    kind: "openai" | "groq" | "google",
    model: string,
    fields: JsonObject,
    dialect: DialectId = "openai-chat"
  ) => {
    const estimates = makeEstimates()
    const asked = request([text("hi")], { wire: { dialect, body: fields, headers: {} } })
    const quoted = estimates.quote(asked, { provider: "p", model }, catalog.facts(kind, model))
    return Number(estimates.owed(quoted, { usage, writtenBytes: 9 }).owed)
  }
  it("is reckoned with where the vendor has one", () => {
    const flex = { service_tier: "flex" }
    assert.strictEqual(billed("openai", "gpt-5.2", flex) * 2, billed("openai", "gpt-5.2", {}))
    const gemini = ["google", "gemini-3.5-flash"] as const
    assert.strictEqual(billed(...gemini, { serviceTier: "flex" }, "gemini") * 2, billed(...gemini, {}, "gemini"))
  })
  it("is not, whatever the request says, where the vendor has none or the operator states the price", () => {
    const flex = { service_tier: "flex" }
    const groq = ["groq", "openai/gpt-oss-120b"] as const
    assert.isAbove(billed(...groq, {}), 0)
    assert.strictEqual(billed(...groq, flex), billed(...groq, {}))
    assert.strictEqual(billed("google", "gemini-3.5-flash", flex), billed("google", "gemini-3.5-flash", {}))
    assert.strictEqual(quote(request([text("hi")], body(flex))).percent, 100)
  })
})

describe("a prediction of the answer", () => {
  const prediction = { type: "content", content: "x".repeat(4000) }
  const predicting = (maxTokens?: number) =>
    request([text("hi")], { ...body({ prediction }), sampling: maxTokens === undefined ? {} : { maxTokens } })
  it("is held beside all that may be written, as what of it is not said is billed too", () => {
    const of = (asked: ChatRequest, max?: number) => quote(asked, facts({ maxOutputTokens: max })).worstOutputTokens
    assert.isAtLeast(of(predicting(100)), 4100)
    assert.isAtLeast(of(predicting(), 16_384), 16_384 + 4000)
    assert.isBelow(of(predicting(), 16_384), 16_384 + 4100)
    // without a limit of the model's its window is one
    assert.isAtLeast(of(predicting()), 10_000 + 4000)
    assert.strictEqual(of(request([text("hi")], body({ prediction: null }))), 100)
    const usage = { inputTokens: 10, outputTokens: 4100 }
    const quoted = quote(predicting(100))
    assert.isAtMost(Number(makeEstimates().owed(quoted, { usage, writtenBytes: 0 }).owed), Number(quoted.worst))
  })
  it("leaves a request without an output limit, which would be refused beside it", () => {
    assert.isUndefined(missingOutputLimit(predicting(), facts()))
    assert.strictEqual(
      missingOutputLimit(request([text("hi")], { ...body({ prediction: null }), sampling: {} }), facts()),
      8192
    )
  })
})

describe("an output limit", () => {
  it("is given to a request without one: more to those that think, and none above the model's own", () => {
    const open = request([], { sampling: {} })
    assert.strictEqual(missingOutputLimit(request([]), facts()), undefined)
    assert.strictEqual(missingOutputLimit(open, facts()), 8192)
    assert.strictEqual(missingOutputLimit(open, facts({ capabilities: { thinking: true } })), 32_000)
    assert.strictEqual(
      missingOutputLimit(open, facts({ capabilities: { thinking: true }, thinksUnasked: false })),
      8192
    )
    assert.strictEqual(missingOutputLimit(open, facts({ maxOutputTokens: 4096 })), undefined)
    assert.strictEqual(quote(open, facts({ maxOutputTokens: 4096 })).worstOutputTokens, 4096)
  })
})
