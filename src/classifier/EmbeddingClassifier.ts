/**
 * Centroids of another embedder's making: the exemplars are embedded once, at start-up, in the background, and each
 * request's text in its turn. Until the centroids are there, and whenever the embedder fails or takes longer than its
 * time limit, the built-in one judges.
 *
 * After some failures in a row the embedder is left alone for a while, so that an endpoint that hangs does not cost every
 * request the time limit. The exemplars' vectors are kept by embedder and exemplars in whatever store is given, so that
 * a reload does not pay for them again.
 *
 * @module
 */
import { Clock, Effect, Layer, Ref } from "effect"
import { createHash } from "node:crypto"
import * as Actor from "../actor/Actor.ts"
import { builtInExemplars, trainedClasses } from "./builtInExemplars.ts"
import { makeCentroidJudge } from "./CentroidClassifier.ts"
import { softmax } from "./Centroids.ts"
import { Classifier, classifierOf, type ClassifierOptions, type JudgeText } from "./Classifier.ts"
import { Embedder } from "./Embedder.ts"
import { mayAsk, pauses } from "./pauses.ts"
import { beginTraining, calibrate, type Labelled, type Sample, scoresOf, usualTraining } from "./training.ts"
import type { UserClass } from "./userClasses.ts"

/** Where vectors of exemplars are kept. A store that fails costs an embedding, nothing more: it must not fail. */
export interface VectorStore {
  readonly get: (key: string) => Effect.Effect<ReadonlyArray<Float32Array> | undefined>
  readonly set: (key: string, vectors: ReadonlyArray<Float32Array>) => Effect.Effect<void>
}

/** A store that lasts as long as the process, of the last few sets of vectors. */
export const memoryVectors = (capacity = 4): VectorStore => {
  const kept = new Map<string, ReadonlyArray<Float32Array>>()
  return {
    get: (key) => Effect.sync(() => kept.get(key)),
    set: (key, vectors) =>
      Effect.sync(() => {
        kept.set(key, vectors)
        for (const oldest of kept.keys()) {
          if (kept.size <= capacity) break
          kept.delete(oldest)
        }
      })
  }
}

export interface EmbeddingOptions extends ClassifierOptions {
  readonly classes?: ReadonlyArray<UserClass>
  readonly store?: VectorStore
  /** How long a request waits for its vector. */
  readonly timeoutMillis?: number
  /** How long is waited before the exemplars are tried again where they could not be embedded. */
  readonly retryMillis?: number
}

export const usualTimeoutMillis = 300
const usualRetryMillis = 60_000

/** Under which the vectors of `texts` by `model` are kept. */
export const vectorsKey = (model: string, texts: ReadonlyArray<string>): string => {
  const hash = createHash("sha256").update(model)
  for (const text of texts) hash.update(`\u0000${text.length}\u0000`).update(text)
  return hash.digest("hex")
}

interface Dense {
  readonly classes: ReadonlyArray<string>
  readonly weights: Float32Array
  readonly temperature: number
  readonly dimensions: number
}

const training = { ...usualTraining, epochs: 10, dropout: 0.1 }

const sampleOf = (vector: Float32Array, label: number): Sample => ({
  rows: Int32Array.from(vector.keys()),
  values: vector,
  label,
  weight: 1
})

/** Trains on the vectors; the temperature is set on a quarter that another training has not seen. */
const trainDense = Effect.fnUntraced(function* (
  texts: ReadonlyArray<Labelled>,
  vectors: ReadonlyArray<Float32Array>,
  classes: ReadonlyArray<string>
) {
  const dimensions = vectors[0]?.length ?? 0
  const samples = vectors.map((vector, at) => sampleOf(vector, classes.indexOf(texts[at]?.label ?? "")))
  const fit = Effect.fnUntraced(function* (some: ReadonlyArray<Sample>) {
    const run = beginTraining(some, classes.length, training, dimensions)
    while (run.epoch()) yield* Effect.yieldNow
    return run.weights()
  })
  const part = yield* fit(samples.filter((_, at) => at % 4 !== 0))
  const held = samples.filter((_, at) => at % 4 === 0)
  const temperature = calibrate(
    held.map((sample) => ({ scores: scoresOf(part, classes.length, sample), label: sample.label }))
  )
  const dense: Dense = { classes, weights: yield* fit(samples), temperature, dimensions }
  return dense
})

const make = Effect.fnUntraced(function* (options: EmbeddingOptions) {
  const {
    classes: users = [],
    retryMillis = usualRetryMillis,
    store = memoryVectors(),
    timeoutMillis = usualTimeoutMillis
  } = options
  const embedder = yield* Embedder
  const builtIn = yield* makeCentroidJudge(users)
  const texts: ReadonlyArray<Labelled> = [
    ...builtInExemplars,
    ...users.flatMap(({ exemplars, name }) => exemplars.map((text) => ({ text, label: name })))
  ]
  const classes = [...new Set<string>([...trainedClasses, ...users.map(({ name }) => name)])]
  const dense = yield* Ref.make<Dense | undefined>(undefined)
  const pause = yield* Actor.make(pauses)

  const prepare = Effect.gen(function* () {
    const all = texts.map(({ text }) => text)
    const key = vectorsKey(embedder.model, all)
    const kept = yield* store.get(key)
    const vectors = kept ?? (yield* embedder.embed(all))
    if (kept === undefined) yield* store.set(key, vectors)
    yield* Ref.set(dense, yield* trainDense(texts, vectors, classes))
  })
  yield* prepare.pipe(
    Effect.sandbox,
    Effect.catch(() =>
      Effect.logWarning(
        "the classifier's exemplars could not be embedded; the built-in embedder judges meanwhile"
      ).pipe(Effect.andThen(Effect.sleep(retryMillis)), Effect.as("again" as const))
    ),
    Effect.repeat({ while: (outcome) => outcome === "again" }),
    Effect.forkScoped
  )

  const judge: JudgeText = Effect.fnUntraced(function* (text) {
    const ready = yield* Ref.get(dense)
    if (ready === undefined || !mayAsk(yield* pause.state, yield* Clock.currentTimeMillis)) return builtIn(text)
    const vector = yield* embedder.embed([text]).pipe(
      Effect.map(([first]) => (first?.length === ready.dimensions ? first : undefined)),
      Effect.timeout(timeoutMillis),
      Effect.sandbox,
      Effect.orElseSucceed(() => undefined)
    )
    yield* pause.ask(vector === undefined ? "failed" : "answered")
    if (vector === undefined) return builtIn(text)
    const scores = scoresOf(ready.weights, classes.length, sampleOf(vector, 0))
    softmax(scores, classes.length, 1 / ready.temperature)
    return {
      by: "embedding" as const,
      scores: classes.map((task, at) => ({ task, probability: scores[at] ?? 0 }))
    }
  })
  return classifierOf(judge, options)
})

export const layerEmbedding = (options: EmbeddingOptions = {}): Layer.Layer<Classifier, never, Embedder> =>
  Layer.effect(
    Classifier,
    Effect.suspend(() => make(options))
  )
