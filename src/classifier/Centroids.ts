/**
 * Centroids: one a class, refined by training, and what they make of a vector.
 *
 * A class's score is the dot product of its centroid with the vector, divided by a temperature; the probabilities are
 * the softmax of the scores. The temperature is set on forms of text the training had not seen, so that a probability
 * says how often such a judgement holds of a stranger's text.
 *
 * @module
 */
import { dimensions, featuresVersion, type Sketch } from "./features.ts"

export interface Centroids {
  readonly classes: ReadonlyArray<string>
  /** `values[row * classes.length + class]`, times `scale`. */
  readonly values: Int8Array
  readonly scale: number
  readonly temperature: number
}

/** The probabilities of the classes, in their order, into `into`; all equal where the vector is empty. */
export const probabilities = (centroids: Centroids, sketch: Sketch, into: Float64Array): void => {
  const { values } = centroids
  const width = centroids.classes.length
  into.fill(0)
  for (let at = 0; at < sketch.count; at++) {
    const row = sketch.touched[at] ?? 0
    const value = sketch.values[row] ?? 0
    const from = row * width
    for (let one = 0; one < width; one++) into[one] = (into[one] ?? 0) + value * (values[from + one] ?? 0)
  }
  softmax(into, width, centroids.scale / centroids.temperature)
}

/** Turns the first `width` scores, each times `factor`, into probabilities. */
export const softmax = (scores: Float64Array, width: number, factor: number): void => {
  let most = Number.NEGATIVE_INFINITY
  for (let one = 0; one < width; one++) most = Math.max(most, scores[one] ?? 0)
  let sum = 0
  for (let one = 0; one < width; one++) {
    const weight = Math.exp(((scores[one] ?? 0) - most) * factor)
    scores[one] = weight
    sum += weight
  }
  for (let one = 0; one < width; one++) scores[one] = (scores[one] ?? 0) / sum
}

/** Floats as centroids of bytes: the largest value gets 127. */
export const quantise = (classes: ReadonlyArray<string>, weights: Float32Array, temperature: number): Centroids => {
  let most = 0
  for (const weight of weights) most = Math.max(most, Math.abs(weight))
  const scale = most === 0 ? 1 : most / 127
  return { classes, values: Int8Array.from(weights, (weight) => Math.round(weight / scale)), scale, temperature }
}

/** The stored form: what describes the centroids, and their bytes in base64. */
export interface Asset {
  readonly version: number
  readonly classes: ReadonlyArray<string>
  readonly scale: number
  readonly temperature: number
  readonly values: string
}

export const toAsset = ({ classes, scale, temperature, values }: Centroids): Asset => ({
  version: featuresVersion,
  classes,
  scale,
  temperature,
  values: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64")
})

/** `undefined` where the asset was made for other features. */
export const fromAsset = ({ classes, scale, temperature, values, version }: Asset): Centroids | undefined => {
  const bytes = Buffer.from(values, "base64")
  return version === featuresVersion && bytes.length === dimensions * classes.length
    ? { classes, scale, temperature, values: new Int8Array(bytes) }
    : undefined
}
