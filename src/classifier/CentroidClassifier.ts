/**
 * The default: the built-in embedder's vector against the stored centroids. Some microseconds, no network, no wait.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { asset } from "./asset.ts"
import { type Centroids, fromAsset, probabilities, ready } from "./Centroids.ts"
import type { Judgement } from "./Classification.ts"
import { Classifier, classifierOf, type ClassifierOptions, type JudgeText } from "./Classifier.ts"
import { readFeatures } from "./features.ts"
import { clear, makeSketch } from "./Sketch.ts"
import { judgeByKeywords } from "./KeywordClassifier.ts"
import { type UserClass, withUserClasses } from "./userClasses.ts"

/** A judge over centroids. Synchronous; its scratch is its own. */
export const judgeBy = (centroids: Centroids): ((text: string) => Judgement) => {
  const sketch = makeSketch()
  const prepared = ready(centroids)
  const shares = new Float64Array(centroids.classes.length)
  return (text) => {
    clear(sketch)
    readFeatures(text, sketch)
    probabilities(prepared, sketch, shares)
    return {
      by: "centroid",
      scores: centroids.classes.map((task, at) => ({ task, probability: shares[at] ?? 0 }))
    }
  }
}

let builtIn: ((text: string) => Judgement) | undefined

/** Judges by the stored centroids; by keywords where those were made for other features. */
export const judgeByCentroids = (text: string): Judgement => {
  if (builtIn === undefined) {
    const stored = fromAsset(asset)
    builtIn = stored === undefined ? judgeByKeywords : judgeBy(stored)
  }
  return builtIn(text)
}

export interface CentroidOptions extends ClassifierOptions {
  /** The operator's classes and exemplars; the layer trains for well under a second where there are any. */
  readonly classes?: ReadonlyArray<UserClass>
}

/** A judge that knows the operator's classes as well; takes a training where there are any. */
export const makeCentroidJudge = Effect.fnUntraced(function* (classes: ReadonlyArray<UserClass> = []) {
  const stored = classes.length === 0 ? undefined : fromAsset(asset)
  if (stored === undefined) return (text: string) => judgeByCentroids(text)
  const { builtInExemplars } = yield* Effect.promise(() => import("./builtInExemplars.ts"))
  return judgeBy(yield* withUserClasses(stored, builtInExemplars, classes))
})

/** As {@link makeCentroidJudge}, as an Effect a text. */
export const centroidJudge = (classes?: ReadonlyArray<UserClass>): Effect.Effect<JudgeText> =>
  Effect.map(makeCentroidJudge(classes), (judge) => (text) => Effect.sync(() => judge(text)))

export const layerCentroid = (options: CentroidOptions = {}): Layer.Layer<Classifier> =>
  Layer.effect(
    Classifier,
    Effect.map(centroidJudge(options.classes), (judge) => classifierOf(judge, options))
  )
