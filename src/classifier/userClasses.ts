/**
 * Classes and exemplars of the operator's, on top of the stored centroids.
 *
 * Training goes on from what is stored, over all exemplars: the built-in ones, so that nothing is forgotten, and the
 * operator's. A name that is one of the built-in classes adds its exemplars to that class. Every few milliseconds others
 * may run, so that a reload does not hold up requests.
 *
 * @module
 */
import { Effect } from "effect"
import { type Centroids, quantise } from "./Centroids.ts"
import { dimensions } from "./Sketch.ts"
import { beginTraining, type Labelled, samplesOf, type TrainingOptions, usualTraining } from "./training.ts"

export interface UserClass {
  readonly name: string
  readonly exemplars: ReadonlyArray<string>
}

/** Fewer rounds than at build time: most is learned already. */
const further: TrainingOptions = { ...usualTraining, epochs: 4, dropout: 0.1 }

/** How many texts are read, or learned from, before others may run. */
const batch = 200

/** Centroids that also know `users`' classes and exemplars. `known` are the texts `stored` was made from. */
export const withUserClasses = Effect.fnUntraced(function* (
  stored: Centroids,
  known: ReadonlyArray<Labelled>,
  users: ReadonlyArray<UserClass>
) {
  const added = users.map(({ name }) => name).filter((name) => !stored.classes.includes(name))
  const classes = [...stored.classes, ...new Set(added)]
  const width = classes.length
  const before = stored.classes.length
  const start = new Float32Array(dimensions * width)
  for (let row = 0; row < dimensions; row++)
    for (let one = 0; one < before; one++)
      start[row * width + one] = (stored.values[row * before + one] ?? 0) * stored.scale
  const texts = [...known, ...users.flatMap(({ exemplars, name }) => exemplars.map((text) => ({ text, label: name })))]
  const samples: Array<ReturnType<typeof samplesOf>[number]> = []
  for (let at = 0; at < texts.length; at += batch) {
    samples.push(...samplesOf(texts.slice(at, at + batch), classes))
    yield* Effect.yieldNow
  }
  const training = beginTraining(samples, width, further, dimensions, start)
  while (training.part(batch)) yield* Effect.yieldNow
  return quantise(classes, training.weights(), stored.temperature)
})
