/**
 * Models chosen by task, and conversations that stay with whoever answered them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import { Classifier } from "../../src/classifier/Classifier.ts"
import { decide as decideOn } from "../../src/classifier/Classification.ts"
import { type Alias, defaultResilience, defaultServer, type Settings } from "../../src/config/Settings.ts"
import { anthropicMessagesInbound } from "../../src/dialect/AnthropicMessages.ts"
import type { InboundDialect } from "../../src/dialect/Dialect.ts"
import { geminiInbound } from "../../src/dialect/Gemini.ts"
import { openAiChatInbound } from "../../src/dialect/OpenAiChat.ts"
import { openAiResponsesInbound } from "../../src/dialect/OpenAiResponses.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import type { Message } from "../../src/domain/Message.ts"
import { anonymous, CurrentRequest, type RequestContext } from "../../src/domain/RequestContext.ts"
import type { Task } from "../../src/domain/Task.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import { Registry } from "../../src/provider/Registry.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { makeResolver } from "../../src/routing/Resolve.ts"
import { route } from "../../src/routing/Route.ts"
import { chatRequest, providerSpec } from "../provider/requests.ts"
import { choosing, waysOver } from "./ways.ts"

const tasks: NonNullable<Settings["tasks"]> = new Map([
  ["coding", { quality: ["a/coder"], balanced: ["b/coder", "a/coder"] }],
  ["chat", { balanced: ["c/small"] }],
  ["general", { balanced: ["a/general"] }]
])
const user = (text: string): Message => ({ role: "user", content: [{ _tag: "Text", text }] })
const assistant: Message = { role: "assistant", content: [{ _tag: "ToolCall", id: "1", name: "f", arguments: "{}" }] }
const result: Message = { role: "tool", content: [{ _tag: "ToolResult", id: "1", content: [] }] }

const judging = (task: Task, probability: number) =>
  Layer.succeed(
    Classifier,
    Classifier.of({
      classify: () => Effect.succeed(decideOn({ by: "centroid", scores: [{ task, probability }] }, false))
    })
  )

/** Judges one request after the other, surely. */
const inTurn = (...judged: ReadonlyArray<Task>) => {
  let at = 0
  const classify = () =>
    Effect.sync(() =>
      decideOn({ by: "centroid", scores: [{ task: judged[at++] ?? "general", probability: 1 }] }, false)
    )
  return Layer.succeed(Classifier, Classifier.of({ classify }))
}

interface Options {
  readonly aliases?: ReadonlyArray<Alias>
  readonly classifier?: Layer.Layer<Classifier>
  readonly context?: Partial<RequestContext>
  readonly facts?: Settings["facts"]
  /** What the first provider does, if not just answer. */
  readonly first?: Scripted.Options["script"]
}
/** A tool's result and a human's words in one message, or as near as a wire comes to it. */
const bodiesWithWords: ReadonlyArray<readonly [wire: string, InboundDialect, JsonObject]> = [
  [
    "Messages",
    anthropicMessagesInbound,
    {
      max_tokens: 10,
      messages: [
        { role: "user", content: "sort these" },
        { role: "assistant", content: [{ type: "tool_use", id: "1", name: "f", input: {} }] },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "1", content: "done" },
            { type: "text", text: "and now a poem" }
          ]
        }
      ]
    }
  ],
  [
    "Gemini",
    geminiInbound({ model: "auto", delivery: "whole" }),
    {
      contents: [
        { role: "user", parts: [{ text: "sort these" }] },
        { role: "model", parts: [{ functionCall: { name: "f", args: {} } }] },
        {
          role: "user",
          parts: [{ functionResponse: { name: "f", response: { result: "done" } } }, { text: "and now a poem" }]
        }
      ]
    }
  ],
  [
    "Chat Completions",
    openAiChatInbound,
    {
      messages: [
        { role: "user", content: "sort these" },
        {
          role: "assistant",
          tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }]
        },
        { role: "tool", tool_call_id: "1", content: "done" },
        { role: "user", content: "and now a poem" }
      ]
    }
  ],
  [
    "Responses",
    openAiResponsesInbound,
    {
      input: [
        { role: "user", content: "sort these" },
        { type: "function_call", call_id: "1", name: "f", arguments: "{}" },
        { type: "function_call_output", call_id: "1", output: "done" },
        { role: "user", content: "and now a poem" }
      ]
    }
  ]
]

/** Who answers each of some requests in a row, as `provider/model`, and for which task. */
const answers = (requests: ReadonlyArray<Partial<ChatRequest>>, options: Options = {}) =>
  Effect.gen(function* () {
    const ids = ["a", "b", "c"]
    const specs = ids.map((id) => providerSpec({ id, kind: "openai-compatible" }))
    const providers = ids.map((id, at) =>
      Scripted.make({ id, script: (at === 0 ? options.first : undefined) ?? Scripted.answer("hello") })
    )
    const settings: Settings = {
      server: defaultServer,
      providers: specs,
      providersOff: [],
      aliases: options.aliases ?? [],
      facts: options.facts ?? new Map(),
      tasks,
      resilience: defaultResilience,
      keys: [],
      source: "file",
      warnings: []
    }
    const resolver = makeResolver(settings, specs, makeCatalog())
    const context = { requestId: "r", caller: anonymous, timeoutMillis: undefined, ...options.context }
    const handled = Effect.gen(function* () {
      const handle = route(yield* waysOver(() => ({ settings, resolver })))
      return yield* Effect.forEach(requests, (request) =>
        handle(chatRequest(request)).pipe(
          Effect.scoped,
          Effect.provideService(CurrentRequest, context),
          Effect.map(({ served }) => `${served.provider}/${served.model} ${served.task ?? "-"}`)
        )
      )
    })
    return yield* Effect.provide(
      handled,
      Layer.mergeAll(
        options.classifier === undefined ? choosing : Layer.merge(choosing, options.classifier),
        Registry.layerOf(providers.map(({ provider }) => provider)),
        healthInMemory({ resilience: defaultResilience, providers: specs, facts: new Map() })
      )
    )
  }).pipe(Effect.scoped)

const auto = { model: "auto", messages: [user("Write a Python function that reverses a linked list in place.")] }

describe("a model asked for by task", () => {
  it.effect("is the first of those that suit what is asked", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* answers([auto, { ...auto, model: "auto:quality" }]), [
        "b/coder coding",
        "a/coder coding"
      ])
    })
  )
  it.effect("is chosen by what the headers say where they say something, and by its name before them", () =>
    Effect.gen(function* () {
      const context = { prefer: "quality" as const }
      assert.deepStrictEqual(yield* answers([auto, { ...auto, model: "auto:balanced" }], { context }), [
        "a/coder coding",
        "b/coder coding"
      ])
      assert.deepStrictEqual(yield* answers([auto], { context: { task: "chat" } }), ["c/small chat"])
    })
  )
  it.effect("is a small one only where the task is surely small", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* answers([auto], { classifier: judging("chat", 0.75) }), ["c/small chat"])
      assert.deepStrictEqual(yield* answers([auto], { classifier: judging("chat", 0.65) }), ["a/general general"])
      assert.deepStrictEqual(yield* answers([auto], { classifier: judging("chat", 0.4) }), ["a/general general"])
    })
  )
  it.effect("is reached through the name: a key that allows auto need not allow what it stands for", () =>
    Effect.gen(function* () {
      const caller = { ...anonymous, allow: ["auto*"] }
      assert.deepStrictEqual(yield* answers([auto], { context: { caller } }), ["b/coder coding"])
      const error = yield* Effect.flip(answers([{ ...auto, model: "b/coder" }], { context: { caller } }))
      assert.strictEqual(error.reason._tag, "Forbidden")
    })
  )
  it.effect("is no fallback, and the refusal does not propose another of its names", () =>
    Effect.gen(function* () {
      for (const name of ["auto", "auto:cost", "autp"]) {
        const error = yield* Effect.flip(answers([{ model: "a/m", fallbacks: [name], messages: [user("hello")] }]))
        assert.deepInclude(error.reason, { _tag: "BadRequest", param: "fallbacks.0", code: "model_not_found" })
        assert.notInclude(error.message, "did you mean 'auto")
      }
    })
  )
  it.effect("does not change while a tool is being used, whatever the classifier makes of its turns", () =>
    Effect.gen(function* () {
      const next = { ...auto, messages: [...auto.messages, assistant, result] }
      const spoken: Message = { role: "assistant", content: [{ _tag: "Text", text: "Sorted." }] }
      const after = { ...auto, messages: [...next.messages, spoken, user("thanks!")] }
      assert.deepStrictEqual(yield* answers([auto, next, after], { classifier: inTurn("coding", "general", "chat") }), [
        "b/coder coding",
        "b/coder coding",
        "a/general general"
      ])
    })
  )
})

describe("a classifier that breaks", () => {
  for (const [how, classify] of [
    ["dies", () => Effect.die("broken")],
    [
      "throws",
      () => {
        throw new Error("broken")
      }
    ]
  ] as const)
    it.effect(`costs a request nothing where it ${how}`, () =>
      Effect.gen(function* () {
        const classifier = Layer.succeed(Classifier, Classifier.of({ classify }))
        assert.deepStrictEqual(yield* answers([auto], { classifier }), ["a/general general"])
      })
    )
})

describe("a model of which nothing is known", () => {
  it.effect("works, and is told of once", () => {
    const said: Array<string> = []
    const logger = Logger.make(({ message }) => void said.push(String(message)))
    return Effect.gen(function* () {
      const asked = { model: "a/stranger", messages: [user("hello")] }
      const other = { ...asked, model: "b/stranger" }
      const served = yield* answers([asked, asked, other, { ...asked, model: "a/known" }], {
        facts: new Map([["a/known", { contextWindowTokens: 1000 }]])
      })
      assert.deepStrictEqual(served, ["a/stranger -", "a/stranger -", "b/stranger -", "a/known -"])
      const told = said.filter((line) => line.includes("nothing is known"))
      assert.strictEqual(told.length, 2)
      assert.include(told[0], `"a/stranger"`)
      assert.include(told[1], `"b/stranger"`)
    }).pipe(Effect.provide(Logger.layer([logger])))
  })
})

describe("a conversation", () => {
  const turning = (sticky: boolean): Alias => ({
    name: "shared",
    strategy: "round-robin",
    targets: ["a/m", "b/m", "c/m"],
    ...(sticky ? { sticky: "conversation" as const } : {})
  })
  const first = { model: "shared", messages: [user("one")] }
  const second = { model: "shared", messages: [user("one"), { ...assistant, content: [] }, user("and then?")] }
  const tool = { model: "shared", messages: [user("one"), assistant, result] }
  const by = (served: ReadonlyArray<string>) => served.map((one) => one.charAt(0)).join("")

  it.effect("goes round where nothing else is asked for, but for the turns of a tool", () =>
    Effect.gen(function* () {
      const reminded = { ...tool, messages: [...tool.messages, user("<system-reminder>Be brief.</system-reminder>")] }
      const said = { ...tool, messages: [...tool.messages, user("And be brief")] }
      assert.strictEqual(by(yield* answers([first, reminded, said], { aliases: [turning(false)] })), "aaa")
      assert.strictEqual(by(yield* answers([first, first, first], { aliases: [turning(false)] })), "abc")
      assert.strictEqual(by(yield* answers([first, tool, tool], { aliases: [turning(false)] })), "aaa")
    })
  )
  it.effect(
    "leaves the turn of a tool once the model has spoken to its result, or where the result answers no call",
    () =>
      Effect.gen(function* () {
        const spoken = { ...assistant, content: [{ _tag: "Text" as const, text: "Seen" }] }
        const over = { ...tool, messages: [...tool.messages, spoken, user("Do something else")] }
        const stray: Message = { role: "tool", content: [{ _tag: "ToolResult", id: "2", content: [] }] }
        const unasked = { ...tool, messages: [user("one"), assistant, stray] }
        const noAssistant = { ...tool, messages: [user("one"), result] }
        for (const one of [over, unasked, noAssistant])
          assert.match(by(yield* answers([first, one, one], { aliases: [turning(false)] })), /^abc$/)
      })
  )
  for (const [wire, dialect, body] of bodiesWithWords)
    it.effect(`sees the turn of a tool where a human's words stand beside its result in a body of ${wire}`, () =>
      Effect.gen(function* () {
        const asked = yield* Effect.fromResult(dialect.decodeRequest({ ...body, model: "auto" }, {}))
        const begun = { ...asked, messages: asked.messages.slice(0, 1) }
        const classifier = inTurn("coding", "chat")
        assert.deepStrictEqual(yield* answers([begun, asked], { classifier }), ["b/coder coding", "b/coder coding"])
      })
    )
  it.effect("stays with whoever called a tool, also where somebody stood in for the first of an alias", () =>
    Effect.gen(function* () {
      const inOrder: Alias = { name: "shared", strategy: "priority", targets: ["a/m", "b/m"] }
      const tools = [{ _tag: "Function" as const, name: "f", parameters: {} }]
      const cannot = Scripted.fails({ _tag: "UnsupportedFeature", message: "no", feature: "f" })
      const asked = [
        { ...first, tools },
        { ...tool, tools },
        { ...first, tools }
      ]
      assert.strictEqual(
        by(yield* answers(asked, { aliases: [inOrder], first: [cannot, Scripted.answer("again")] })),
        "bba"
      )
    })
  )
  it.effect("stays with whoever answered it, where that is asked for", () =>
    Effect.gen(function* () {
      const other = { model: "shared", messages: [user("two")] }
      const requests = [first, second, other, second, second, { ...other, messages: [...other.messages, user("x")] }]
      assert.strictEqual(by(yield* answers(requests, { aliases: [turning(true)] })).slice(0, 2), "aa")
      const served = by(yield* answers(requests, { aliases: [turning(true)] }))
      assert.strictEqual(served.charAt(3), "a")
      assert.strictEqual(served.charAt(4), "a")
      assert.strictEqual(served.charAt(5), served.charAt(2))
      assert.notStrictEqual(served.charAt(2), "a")
    })
  )
})
