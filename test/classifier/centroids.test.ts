import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import { asset } from "../../src/classifier/asset.ts"
import { trainedClasses } from "../../src/classifier/builtInExemplars.ts"
import { judgeBy, judgeByCentroids, layerCentroid, makeCentroidJudge } from "../../src/classifier/CentroidClassifier.ts"
import { type Centroids, fromAsset, quantise, toAsset } from "../../src/classifier/Centroids.ts"
import { abstained, bestOfSix, decide, type Judgement } from "../../src/classifier/Classification.ts"
import { Classifier } from "../../src/classifier/Classifier.ts"
import { readFeatures } from "../../src/classifier/features.ts"
import { clear, dimensions, makeSketch, vectorOf } from "../../src/classifier/Sketch.ts"
import { judgeByKeywords, layerKeyword } from "../../src/classifier/KeywordClassifier.ts"
import { samplesOf, train } from "../../src/classifier/training.ts"
import { isCheap, taskClasses } from "../../src/domain/Task.ts"
import { trainedAsset } from "../../scripts/classifier/train.ts"
import { requestOf, user } from "./requests.ts"

const file = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")

const stored = fromAsset(asset)
if (stored === undefined) throw new Error("the stored asset was made for other features")

const classify = (text: string) =>
  Effect.gen(function* () {
    return yield* (yield* Classifier).classify(requestOf(user(text)))
  }).pipe(Effect.provide(layerCentroid()))

const strange: ReadonlyArray<string> = [
  "",
  " \n\t",
  "\u0000\u0001",
  "\uD800",
  "a\uDC00b",
  "x".repeat(100_000),
  "? ".repeat(20_000),
  ".\n".repeat(20_000),
  "ж".repeat(9_000),
  "{".repeat(9_000),
  "a1_".repeat(9_000),
  Array.from({ length: 65_536 }, (_, code) => String.fromCharCode(code)).join(""),
  Array.from({ length: 20_000 }, (_, at) => `w${at}?`).join(" ")
]

const sumOf = ({ scores }: Judgement): number => scores.reduce((sum, { probability }) => sum + probability, 0)

describe("the built-in classifier", () => {
  for (const [at, text] of strange.entries())
    it.effect(`classifies strange text ${at} without failing`, () =>
      Effect.gen(function* () {
        const { best, probability, scores, task } = yield* classify(text)
        assert.isTrue(task === "general" || scores.some((one) => one.task === task))
        assert.isTrue(probability >= 0 && probability <= 1)
        assert.isAtMost(best.length, 2)
      })
    )

  it.effect.prop(
    "gives any text probabilities that add up to 1, the same each time",
    { text: Schema.String },
    ({ text }) =>
      Effect.sync(() => {
        const first = judgeByCentroids(text)
        assert.closeTo(sumOf(first), 1, 1e-9)
        for (const { probability } of first.scores) assert.isTrue(probability >= 0 && probability <= 1)
        judgeByCentroids("def f(x): return x")
        assert.deepStrictEqual(judgeByCentroids(text), first)
        assert.closeTo(sumOf(judgeByKeywords(text)), 1, 1e-9)
      }),
    { arbitrary: { runs: 200, seed: 11 } }
  )

  it.effect.prop(
    "leaves nothing of one text in the next and gives a text a vector of length 1",
    { one: Schema.String, other: Schema.String },
    ({ one, other }) =>
      Effect.sync(() => {
        const used = makeSketch()
        readFeatures(one, used)
        clear(used)
        readFeatures(other, used)
        const fresh = makeSketch()
        readFeatures(other, fresh)
        assert.deepStrictEqual(vectorOf(used), vectorOf(fresh))
        const square = vectorOf(fresh).reduce((sum, value) => sum + value * value, 0)
        assert.closeTo(square, 1, 1e-4)
      }),
    { arbitrary: { runs: 100, seed: 12 } }
  )

  it("decides the same whatever the order of the classes", () => {
    const width = stored.classes.length
    const order = [...stored.classes.keys()].toReversed()
    const values = stored.values.map(
      (_, cell) => stored.values[Math.floor(cell / width) * width + (order[cell % width] ?? 0)] ?? 0
    )
    const reversed: Centroids = { ...stored, classes: order.map((at) => stored.classes[at] ?? ""), values }
    const judge = judgeBy(reversed)
    for (const text of ["Write a haiku about fog.", "def f(x):", "hi!", "What is 3 + 4?"]) {
      const one = decide(judge(text), false)
      const other = decide(judgeByCentroids(text), false)
      assert.strictEqual(one.task, other.task)
      for (const { probability, task } of other.scores)
        assert.closeTo(one.scores.find((score) => score.task === task)?.probability ?? 2, probability, 1e-9)
    }
  })

  for (const [text, task] of [
    ["Write a haiku about a lighthouse in fog.", "creative"],
    ["def add(a, b):\n    # returns the sum\n", "coding"],
    ["Solve for x: 3x + 5 = 20", "math"],
    ["Summarize the following article: The mayor resigned on Monday after a vote.", "analysis"],
    ["who invented the telephone", "fast_lookup"],
    ["hey, how are you today?", "chat"],
    ["How do I get a coffee stain out of a carpet?", "general"]
  ] as const)
    it.effect(`tells “${text.slice(0, 40)}” for ${task}`, () =>
      Effect.gen(function* () {
        const told = yield* classify(text)
        assert.strictEqual(told.task, task)
        assert.strictEqual(told.by, "centroid")
        assert.strictEqual(told.best[0]?.task, task)
        assert.strictEqual(told.best.length, 2)
        assert.strictEqual(told.mayDowngrade, told.probability >= 0.7)
      })
    )

  it("is stored in less than 128 kB", () => {
    assert.isBelow(file("../../src/classifier/asset.ts").length, 128_000)
  })

  it("is stored as a training on the exemplars gives it, byte for byte", { timeout: 120_000 }, () => {
    assert.isTrue(trainedAsset() === file("../../src/classifier/asset.ts"), "run npm run classifier:train")
  })

  it("comes out of storage as it went in, and not at all for other features", () => {
    assert.deepStrictEqual(toAsset(stored), asset)
    assert.isUndefined(fromAsset({ ...asset, version: asset.version + 1 }))
    assert.isUndefined(fromAsset({ ...asset, values: asset.values.slice(4) }))
  })

  it("is right about most strangers it was never trained on", () => {
    const prompts = ["strangers.jsonl", "strangers-dressed.jsonl", "strangers-fresh.jsonl", "blind-fourth.jsonl"]
      .flatMap((name) => file(name).trim().split("\n"))
      // the files are ours: each line is a prompt and its label
      .map((line) => JSON.parse(line) as { readonly prompt: string; readonly label: string })
      .filter(({ label }) => label !== "general")
    const bests = prompts.map(({ prompt }) => bestOfSix(decide(judgeByCentroids(prompt), false))?.task ?? "")
    const rightOf = (some: ReadonlyArray<number>): number =>
      some.filter((at) => bests[at] === prompts[at]?.label).length / some.length
    const all = [...prompts.keys()]
    assert.isAbove(rightOf(all), 0.88)
    for (const task of taskClasses) assert.isAbove(rightOf(all.filter((at) => prompts[at]?.label === task)), 0.8, task)
    const cheap = all.filter((at) => isCheap(bests[at] ?? "") === isCheap(prompts[at]?.label ?? "")).length
    assert.isAbove(cheap / all.length, 0.95)
  })
})

describe("a training", () => {
  const texts = [
    { text: "red red rose", label: "a" },
    { text: "red wine", label: "a" },
    { text: "blue sky", label: "b" },
    { text: "blue blue sea", label: "b" }
  ]
  it("gives the same weights for the same texts and learns them", () => {
    const samples = samplesOf(texts, ["a", "b"])
    const weights = train(samples, 2)
    assert.deepStrictEqual(train(samplesOf(texts, ["a", "b"]), 2), weights)
    assert.strictEqual(weights.length, 2 * dimensions)
    const judge = judgeBy(quantise(["a", "b"], weights, 0.1))
    for (const { label, text } of texts) assert.strictEqual(decide(judge(text), false).task, label)
  })
})

describe("classes of the operator's", () => {
  const legal = {
    name: "legal",
    exemplars: [
      "Does this indemnity clause survive termination?",
      "Draft a non-disclosure agreement under Dutch law.",
      "Is a verbal lease binding on the landlord?",
      "What is the statute of limitations for breach of contract?",
      "Which court has jurisdiction over this dispute?",
      "Can my employer enforce this non-compete clause?"
    ]
  }
  it.effect("are told, and the built-in ones are not forgotten", () =>
    Effect.gen(function* () {
      const judge = yield* makeCentroidJudge([legal])
      const taskOf = (text: string): string => decide(judge(text), false).best[0]?.task ?? ""
      assert.strictEqual(taskOf("Is this indemnity clause binding on the landlord?"), "legal")
      assert.strictEqual(taskOf("Write a haiku about a lighthouse in fog."), "creative")
      assert.strictEqual(taskOf("who invented the telephone"), "fast_lookup")
      assert.strictEqual(taskOf("Solve for x: 3x + 5 = 20"), "math")
      assert.closeTo(sumOf(judge("anything")), 1, 1e-9)
    })
  )

  it.effect("may add exemplars to a built-in class", () =>
    Effect.gen(function* () {
      const phrase = "quux the frobnicator until it wibbles"
      const judge = yield* makeCentroidJudge([
        { name: "coding", exemplars: [phrase, `${phrase} again`, `pls ${phrase}`] }
      ])
      assert.strictEqual(decide(judge(phrase), false).best[0]?.task, "coding")
      assert.deepStrictEqual(
        judge(phrase).scores.map(({ task }) => task),
        [...trainedClasses]
      )
    })
  )
})

describe("the keyword classifier", () => {
  it.effect("tells what its cues tell and is general without any", () =>
    Effect.gen(function* () {
      const { classify } = yield* Classifier
      const taskOf = (text: string) => Effect.map(classify(requestOf(user(text))), ({ task }) => task)
      assert.strictEqual(yield* taskOf("Write a haiku about rain"), "creative")
      assert.strictEqual(yield* taskOf("def f(x): fix this python function"), "coding")
      assert.strictEqual(yield* taskOf("lorem ipsum dolor"), "general")
    }).pipe(Effect.provide(layerKeyword()))
  )
})

describe("an abstention", () => {
  it("has nobody's scores and may not send the request to a cheaper tier", () => {
    const { by, mayDowngrade, scores, task } = abstained("empty", false)
    assert.deepStrictEqual(
      { by, mayDowngrade, scores, task },
      { by: "none", mayDowngrade: false, scores: [], task: "general" }
    )
  })
})
