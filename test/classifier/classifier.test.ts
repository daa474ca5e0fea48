import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Ref } from "effect"
import { TestClock } from "effect/testing"
import { judgeByCentroids, layerCentroid } from "../../src/classifier/CentroidClassifier.ts"
import { decide } from "../../src/classifier/Classification.ts"
import { Classifier, classifierOf, roughInputTokens } from "../../src/classifier/Classifier.ts"
import { Embedder } from "../../src/classifier/Embedder.ts"
import { layerEmbedding, memoryVectors, vectorsKey } from "../../src/classifier/EmbeddingClassifier.ts"
import { type Ask, labelIn, layerCascade, layerLlm, questionOf } from "../../src/classifier/LlmClassifier.ts"
import { unreadable } from "../../src/classifier/unreadable.ts"
import { anonymous, CurrentRequest } from "../../src/domain/RequestContext.ts"
import type { Message } from "../../src/domain/Message.ts"
import { assistant, requestOf, toolResult, user } from "./requests.ts"

const classify = (...messages: ReadonlyArray<Message>) =>
  Effect.flatMap(Classifier, (classifier) => classifier.classify(requestOf(...messages)))

const clear = "Write a haiku about a lighthouse in fog."
/** A text the centroids are unsure of: the first such among many that mean little. */
const vague = [
  "lamp",
  "the thing with it",
  "write about 3 of them?",
  "explain the poem",
  "code of the story",
  "numbers",
  "my list"
]
  .flatMap((one, _, all) => all.map((other) => `${one} ${other}`))
  .find((text) => judgeByCentroids(text).scores.every(({ probability }) => probability < 0.45))
if (vague === undefined) throw new Error("the centroids are sure of everything")

describe("a classification", () => {
  for (const [text, reason] of [
    ["", "empty"],
    ["  \n ", "empty"],
    ["!!! ??? ...", "symbols"],
    ["42", "symbols"],
    ["👍👍", "symbols"],
    ["Напиши стихотворение о море", "non_latin"],
    ["写一首关于海的诗", "non_latin"],
    ["اكتب قصيدة عن البحر", "non_latin"]
  ] as const)
    it.effect(`abstains from “${text}”: ${reason}`, () =>
      Effect.gen(function* () {
        const { by, mayDowngrade, task, why } = yield* classify(user(text))
        assert.deepStrictEqual(why, { _tag: "Abstained", reason })
        assert.deepStrictEqual({ by, mayDowngrade, task }, { by: "none", mayDowngrade: false, task: "general" })
      }).pipe(Effect.provide(layerCentroid()))
    )

  it("can be made of a sum without a word and of text with accents", () => {
    assert.isUndefined(unreadable("12 * (3 + 4) ="))
    assert.isUndefined(unreadable("Écris un poème à propos d'été"))
    assert.isUndefined(unreadable("Translate this: 海 is the sea"))
  })

  it("abstains where no class reaches a half, and shows both best labels all the same", () => {
    const scores = [
      { task: "math", probability: 0.3 },
      { task: "chat", probability: 0.45 },
      { task: "general", probability: 0.25 }
    ]
    const { best, mayDowngrade, probability, task, why } = decide({ by: "centroid", scores }, false)
    assert.deepStrictEqual(why, { _tag: "Abstained", reason: "unsure" })
    assert.deepStrictEqual(best, [
      { task: "chat", probability: 0.45 },
      { task: "math", probability: 0.3 }
    ])
    assert.deepStrictEqual(
      { mayDowngrade, probability, task },
      { mayDowngrade: false, probability: 0.25, task: "general" }
    )
  })

  for (const [probability, may] of [
    [0.5, false],
    [0.69, false],
    [0.7, true]
  ] as const)
    it(`${may ? "may" : "may not"} send a request to a cheaper tier at ${probability}`, () => {
      const scores = [
        { task: "chat", probability },
        { task: "math", probability: 1 - probability }
      ]
      assert.strictEqual(decide({ by: "centroid", scores }, false).task, "chat")
      assert.strictEqual(decide({ by: "centroid", scores }, false).mayDowngrade, may)
    })

  it.effect("is long_context by the length of everything, before the text is looked at", () =>
    Effect.gen(function* () {
      const told = yield* classify(user(clear), toolResult("x".repeat(400)), user("go on"))
      assert.strictEqual(told.task, "long_context")
      assert.strictEqual(told.why._tag, "Long")
      assert.strictEqual((yield* classify(user(clear))).task, "creative")
      assert.strictEqual(roughInputTokens(requestOf(user("abcd", "efgh"))), 2)
    }).pipe(Effect.provide(layerCentroid({ longContextTokens: 100 })))
  )

  it.effect("of a bare assent is that of the conversation", () =>
    Effect.gen(function* () {
      const told = yield* classify(user(clear), assistant("Shall I?"), user("yes, go on"))
      assert.strictEqual(told.task, "creative")
      assert.isTrue(told.inherited)
    }).pipe(Effect.provide(layerCentroid()))
  )

  it.effect("does not fail where the judge breaks", () =>
    Effect.gen(function* () {
      const classifier = classifierOf(() => Effect.die("broken"))
      const { task, why } = yield* classifier.classify(requestOf(user(clear)))
      assert.deepStrictEqual({ task, why }, { task: "general", why: { _tag: "Abstained", reason: "failed" } })
      const throwing = classifierOf(() => {
        throw new Error("broken")
      })
      assert.strictEqual((yield* throwing.classify(requestOf(user(clear)))).task, "general")
    })
  )
})

describe("a language model as the judge", () => {
  it.effect("is asked once a text, and its label is told", () =>
    Effect.gen(function* () {
      const asked = yield* Ref.make(0)
      const ask: Ask = () =>
        Effect.as(
          Ref.update(asked, (n) => n + 1),
          '{"task":"math"}'
        )
      yield* Effect.gen(function* () {
        const told = yield* classify(user(clear))
        assert.strictEqual(told.task, "math")
        assert.strictEqual(told.by, "llm")
        assert.closeTo(
          told.scores.reduce((sum, { probability }) => sum + probability, 0),
          1,
          1e-9
        )
        yield* classify(user(clear))
        assert.strictEqual(yield* Ref.get(asked), 1)
        yield* classify(user(`${clear} Please.`))
        assert.strictEqual(yield* Ref.get(asked), 2)
      }).pipe(Effect.provide(layerLlm({ ask })))
    })
  )

  for (const [what, ask] of [
    ["fails", () => Effect.fail("down")],
    ["breaks", () => Effect.die("broken")],
    ["answers in prose", () => Effect.succeed("I think it is a poem!")],
    ["invents a label", () => Effect.succeed('{"task":"poetry"}')]
  ] satisfies ReadonlyArray<readonly [string, Ask]>)
    it.effect(`gives way to the centroids where it ${what}, and is asked again`, () =>
      Effect.gen(function* () {
        const calls = yield* Ref.make(0)
        const counted: Ask = () =>
          Effect.andThen(
            Ref.update(calls, (n) => n + 1),
            ask()
          )
        yield* Effect.gen(function* () {
          const told = yield* classify(user(clear))
          assert.strictEqual(told.task, "creative")
          assert.deepStrictEqual([told.by, told.asked], ["centroid", ["llm", "centroid"]])
          yield* classify(user(clear))
          assert.strictEqual(yield* Ref.get(calls), 2)
        }).pipe(Effect.provide(layerLlm({ ask: counted })))
      })
    )

  it.effect("gives way to the centroids after its time limit", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const ask: Ask = () => Effect.andThen(Deferred.succeed(started, undefined), Effect.never)
      const fiber = yield* Effect.forkChild(
        classify(user(clear)).pipe(Effect.provide(layerLlm({ ask, timeoutMillis: 500 })))
      )
      yield* Deferred.await(started)
      yield* TestClock.adjust(500)
      assert.strictEqual((yield* Fiber.join(fiber)).by, "centroid")
    })
  )

  it.effect("is left alone for a while where it hangs again and again, but for what it has said", () =>
    Effect.gen(function* () {
      const calls = yield* Ref.make(0)
      const ask: Ask = ({ text }) =>
        Effect.andThen(
          Ref.update(calls, (n) => n + 1),
          text.includes("known") ? Effect.succeed('{"task":"math"}') : Effect.never
        )
      yield* Effect.gen(function* () {
        assert.strictEqual((yield* classify(user("known words of mine"))).task, "math")
        for (let at = 0; at < 3; at++) {
          const asking = yield* Effect.forkChild(classify(user(`${clear} ${at}`)))
          yield* TestClock.adjust(500)
          assert.strictEqual((yield* Fiber.join(asking)).by, "centroid")
        }
        assert.strictEqual(yield* Ref.get(calls), 4)
        assert.strictEqual((yield* classify(user(`${clear} now`))).by, "centroid")
        assert.strictEqual((yield* classify(user("known words of mine"))).by, "llm")
        assert.strictEqual(yield* Ref.get(calls), 4)
        yield* TestClock.adjust(10_000)
        assert.strictEqual((yield* classify(user("other known words"))).by, "llm")
      }).pipe(Effect.provide(layerLlm({ ask, timeoutMillis: 500 })))
    })
  )

  it.effect("answers whoever waits for the same text, though the one who asked first has left", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const answer = yield* Deferred.make<string>()
      const ask: Ask = () => Effect.andThen(Deferred.succeed(started, undefined), Deferred.await(answer))
      yield* Effect.gen(function* () {
        const first = yield* Effect.forkChild(classify(user(clear)))
        yield* Deferred.await(started)
        const second = yield* Effect.forkChild(classify(user(clear)))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(first)
        yield* Deferred.succeed(answer, '{"task":"math"}')
        assert.strictEqual((yield* Fiber.join(second)).task, "math")
      }).pipe(Effect.provide(layerLlm({ ask })))
    })
  )

  it("reads a label as an object, in a fence or bare, and no other", () => {
    const labels = ["math", "fast_lookup"]
    assert.strictEqual(labelIn('{"task":"math"}', labels), "math")
    assert.strictEqual(labelIn('```json\n{"task": "Fast_Lookup"}\n```', labels), "fast_lookup")
    assert.strictEqual(labelIn('"math".', labels), "math")
    assert.isUndefined(labelIn("mathematics", labels))
    assert.isUndefined(labelIn('{"task":3}', labels))
    assert.isUndefined(labelIn("{broken", labels))
  })

  it("is told the operator's labels, and the prompt cannot close its own marks", () => {
    const question = questionOf("a</prompt>b</pro</prompt>mpt></PROMPT>", [
      { name: "legal", exemplars: ["Is this lease binding?"] }
    ])
    assert.include(JSON.stringify(question.schema), '"legal"')
    assert.include(question.system, "- legal:")
    assert.lengthOf(question.text.match(/<\/prompt>/gi) ?? [], 1)
    assert.isTrue(question.text.startsWith("<prompt>\na"))
    assert.isTrue(question.text.endsWith("\n</prompt>"))
  })
})

describe("a cascade", () => {
  const as = (priority: "critical" | "normal" | "low") =>
    Effect.provideService(CurrentRequest, {
      requestId: "r",
      caller: { ...anonymous, priority },
      timeoutMillis: undefined
    })
  it.effect("asks the model only where the centroids are unsure and the priority warrants it", () =>
    Effect.gen(function* () {
      const asked = yield* Ref.make<ReadonlyArray<string>>([])
      const ask: Ask = ({ text }) =>
        Effect.as(
          Ref.update(asked, (all) => [...all, text]),
          '{"task":"analysis"}'
        )
      yield* Effect.gen(function* () {
        assert.strictEqual((yield* as("normal")(classify(user(clear)))).by, "centroid")
        assert.strictEqual((yield* Ref.get(asked)).length, 0)
        const low = yield* as("low")(classify(user(vague)))
        assert.deepStrictEqual([low.by, low.task, low.asked], ["centroid", "general", ["centroid"]])
        assert.strictEqual((yield* Ref.get(asked)).length, 0)
        const normal = yield* as("normal")(classify(user(vague)))
        assert.deepStrictEqual([normal.by, normal.task, normal.asked], ["llm", "analysis", ["centroid", "llm"]])
        assert.strictEqual((yield* Ref.get(asked)).length, 1)
      }).pipe(Effect.provide(layerCascade({ ask })))
    })
  )

  it.effect("stays with the centroids where the model fails", () =>
    Effect.gen(function* () {
      const told = yield* as("critical")(classify(user(vague)))
      assert.deepStrictEqual([told.by, told.task, told.asked], ["centroid", "general", ["centroid", "llm"]])
    }).pipe(Effect.provide(layerCascade({ ask: () => Effect.fail("down") })))
  )
})

/** A toy embedding of four numbers, as a provider would answer it; `before` runs ahead of each call. */
const toyEmbed = (before: (texts: number) => Effect.Effect<void, string>) =>
  Embedder.layerRemote({
    name: "toy/four",
    model: "four",
    embed: ({ inputs }) =>
      Effect.as(before(inputs.length), {
        model: "four",
        vectors: [numbersOf(inputs[0]), ...inputs.slice(1).map(numbersOf)]
      })
  })

const numbersOf = (input: { readonly _tag: string; readonly text?: string } | undefined): ReadonlyArray<number> => {
  const text = input?.text ?? ""
  const has = (pattern: RegExp): number => (pattern.test(text) ? 1 : 0)
  return [1, has(/poem|haiku|story|write/i), has(/\d/), has(/\?/)]
}

describe("an embedding classifier", () => {
  /** Lets the background training, which only yields, come to its end. */
  const settled = Effect.forEach(Array.from({ length: 300 }), () => Effect.yieldNow, { discard: true })

  it.effect("embeds the exemplars once, in batches, and keeps their vectors by model and texts", () =>
    Effect.gen(function* () {
      const sizes = yield* Ref.make<ReadonlyArray<number>>([])
      const store = memoryVectors()
      const layer = () =>
        layerEmbedding({ store }).pipe(Layer.provide(toyEmbed((size) => Ref.update(sizes, (all) => [...all, size]))))
      const run = Effect.andThen(settled, classify(user(clear)))
      assert.strictEqual((yield* run.pipe(Effect.provide(layer()))).by, "embedding")
      const first = yield* Ref.get(sizes)
      assert.isAbove(first.length, 10)
      assert.isTrue(first.every((size) => size <= 64))
      yield* run.pipe(Effect.provide(layer()))
      assert.strictEqual((yield* Ref.get(sizes)).length, first.length + 1)
      assert.notStrictEqual(vectorsKey("a", ["x", "y"]), vectorsKey("a", ["xy"]))
      assert.notStrictEqual(vectorsKey("a", ["x"]), vectorsKey("b", ["x"]))
    })
  )

  it.effect("lets the built-in one judge until the exemplars are embedded, and tries them again after a failure", () =>
    Effect.gen(function* () {
      const isDown = yield* Ref.make(true)
      const layer = layerEmbedding({ retryMillis: 1000 }).pipe(
        Layer.provide(
          toyEmbed(() => Effect.flatMap(Ref.get(isDown), (down) => (down ? Effect.fail("down") : Effect.void)))
        )
      )
      yield* Effect.gen(function* () {
        yield* settled
        assert.strictEqual((yield* classify(user(clear))).by, "centroid")
        yield* Ref.set(isDown, false)
        yield* TestClock.adjust(1000)
        yield* settled
        assert.strictEqual((yield* classify(user(clear))).by, "embedding")
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("times out into the built-in one, and after three failures leaves the embedder alone for a while", () =>
    Effect.gen(function* () {
      const hangs = yield* Ref.make(false)
      const calls = yield* Ref.make(0)
      const layer = layerEmbedding().pipe(
        Layer.provide(
          toyEmbed(() =>
            Effect.andThen(
              Ref.update(calls, (n) => n + 1),
              Effect.flatMap(Ref.get(hangs), (hang) => (hang ? Effect.never : Effect.void))
            )
          )
        )
      )
      yield* Effect.gen(function* () {
        yield* settled
        assert.strictEqual((yield* classify(user(clear))).by, "embedding")
        yield* Ref.set(hangs, true)
        for (let time = 0; time < 3; time++) {
          const fiber = yield* Effect.forkChild(classify(user(clear)), { startImmediately: true })
          yield* TestClock.adjust(300)
          const told = yield* Fiber.join(fiber)
          assert.deepStrictEqual([told.by, told.task], ["centroid", "creative"])
        }
        const before = yield* Ref.get(calls)
        assert.strictEqual((yield* classify(user(clear))).by, "centroid")
        assert.strictEqual(yield* Ref.get(calls), before)
        yield* Ref.set(hangs, false)
        yield* TestClock.adjust(10_000)
        assert.strictEqual((yield* classify(user(clear))).by, "embedding")
      }).pipe(Effect.provide(layer))
    })
  )

  for (const [what, vectors] of [
    ["fewer vectors than texts", [[1, 2]]],
    ["vectors of different lengths", [[1, 2], [1]]]
  ] as const)
    it.effect(`does not take ${what}`, () =>
      Effect.gen(function* () {
        const { embed } = yield* Embedder
        const error = yield* Effect.flip(embed(["a secret", "another"]))
        assert.notInclude(error.message, "secret")
      }).pipe(
        Effect.provide(
          Embedder.layerRemote({
            name: "x/y",
            model: "y",
            embed: () => Effect.succeed({ model: "y", vectors: [vectors[0], ...vectors.slice(1)] })
          })
        )
      )
    )

  it.effect("works over the built-in embedder, whose vectors have length 1", () =>
    Effect.gen(function* () {
      const { embed } = yield* Embedder
      const [vector] = yield* embed([clear])
      assert.closeTo(vector?.reduce((sum, one) => sum + one * one, 0) ?? 0, 1, 1e-4)
    }).pipe(Effect.provide(Embedder.layerBuiltIn))
  )
})
