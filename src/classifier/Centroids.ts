/**
 * Centroids: one a class, refined by training, and what they make of a vector.
 *
 * A class's score is the dot product of its centroid with the vector, divided by a temperature; the probabilities are
 * the softmax of the scores. The temperature is set on forms of text the training had not seen, so that a probability
 * says how often such a judgement holds of a stranger's text.
 *
 * @module
 */
import { type Block, dimensions, featuresVersion, type Sketch } from "./Sketch.ts"

export interface Centroids {
  readonly classes: ReadonlyArray<string>
  /** `values[row * classes.length + class]`, times `scale`. */
  readonly values: Int8Array
  readonly scale: number
  readonly temperature: number
}

/** Centroids as {@link probabilities} reads them: rows of eight where there are no more classes. */
export interface Ready {
  readonly width: number
  readonly stride: number
  /** `values[row * stride + class]`. */
  readonly values: Int8Array
  /** What a sum is multiplied with. */
  readonly factor: number
}

/** So many classes are summed up at once. */
const atOnce = 8

export const ready = ({ classes, scale, temperature, values }: Centroids): Ready => {
  const width = classes.length
  const stride = Math.max(width, atOnce)
  const rows = Math.ceil(values.length / width)
  const wide = new Int8Array(rows * stride)
  for (let row = 0; row < rows; row++) wide.set(values.subarray(row * width, (row + 1) * width), row * stride)
  return { width, stride, values: wide, factor: scale / temperature }
}

/**
 * A weight of 1 as a whole number: sums of products of whole numbers take half the time. The sum of all weights' sizes
 * is at most the root of their number, so no sum reaches 2³¹.
 */
const unit = 1 << 14

const sums = new Int32Array(atOnce)

/** Adds a block's dot products with eight classes to `sums`. */
const addEight = (values: Int8Array, { count, factor, rows, weights }: Block): void => {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let e = 0
  let f = 0
  let g = 0
  let h = 0
  const times = factor * unit
  for (let at = 0; at < count; at++) {
    const weight = ((weights[at] ?? 0) * times) | 0
    const from = (rows[at] ?? 0) << 3
    a = (a + Math.imul(weight, values[from] ?? 0)) | 0
    b = (b + Math.imul(weight, values[from + 1] ?? 0)) | 0
    c = (c + Math.imul(weight, values[from + 2] ?? 0)) | 0
    d = (d + Math.imul(weight, values[from + 3] ?? 0)) | 0
    e = (e + Math.imul(weight, values[from + 4] ?? 0)) | 0
    f = (f + Math.imul(weight, values[from + 5] ?? 0)) | 0
    g = (g + Math.imul(weight, values[from + 6] ?? 0)) | 0
    h = (h + Math.imul(weight, values[from + 7] ?? 0)) | 0
  }
  sums[0] = (sums[0] ?? 0) + a
  sums[1] = (sums[1] ?? 0) + b
  sums[2] = (sums[2] ?? 0) + c
  sums[3] = (sums[3] ?? 0) + d
  sums[4] = (sums[4] ?? 0) + e
  sums[5] = (sums[5] ?? 0) + f
  sums[6] = (sums[6] ?? 0) + g
  sums[7] = (sums[7] ?? 0) + h
}

/** The same for however many classes. */
const addMany = ({ stride, values, width }: Ready, block: Block, into: Float64Array): void => {
  const { count, rows, weights } = block
  for (let at = 0; at < count; at++) {
    const weight = ((weights[at] ?? 0) * block.factor * unit) | 0
    const from = (rows[at] ?? 0) * stride
    for (let one = 0; one < width; one++) into[one] = (into[one] ?? 0) + weight * (values[from + one] ?? 0)
  }
}

/** The probabilities of the classes, in their order, into `into`; all equal where the vector is empty. */
export const probabilities = (centroids: Ready, { form, frame, words }: Sketch, into: Float64Array): void => {
  if (centroids.stride === atOnce) {
    sums.fill(0)
    addEight(centroids.values, form)
    addEight(centroids.values, frame)
    addEight(centroids.values, words)
    for (let one = 0; one < centroids.width; one++) into[one] = sums[one] ?? 0
  } else {
    into.fill(0)
    for (const block of [form, frame, words]) addMany(centroids, block, into)
  }
  softmax(into, centroids.width, centroids.factor / unit)
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

/**
 * The fifteen values a stored weight may have, from the lowest: finer around 0, where most weights are, as the square
 * of the step is.
 */
const steps = Int8Array.from({ length: 15 }, (_, at) => Math.sign(at - 7) * Math.round((127 * (at - 7) ** 2) / 49))

/** The largest step is this many times the weights' root mean square; what is beyond it is cut. */
const reach = 17

/** The step nearest to `value`, as its place in `steps`. */
const nearestStep = (value: number): number => {
  let best = 7
  for (let at = 0; at < steps.length; at++)
    if (Math.abs((steps[at] ?? 0) - value) < Math.abs((steps[best] ?? 0) - value)) best = at
  return best
}

/** Floats as centroids of fifteen steps. */
export const quantise = (classes: ReadonlyArray<string>, weights: Float32Array, temperature: number): Centroids => {
  let square = 0
  let some = 0
  for (const weight of weights)
    if (weight !== 0) {
      square += weight * weight
      some++
    }
  const scale = some === 0 ? 1 : (reach * Math.sqrt(square / some)) / 127
  return {
    classes,
    values: Int8Array.from(weights, (weight) => steps[nearestStep(weight / scale)] ?? 0),
    scale,
    temperature
  }
}

/** The stored form: what describes the centroids, and their weights, four bits each, in base64. */
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
  values: packed(values).toString("base64")
})

/** Two weights a byte, each as its place among the steps, the first in the lower half. */
const packed = (values: Int8Array): Buffer => {
  const bytes = Buffer.alloc(Math.ceil(values.length / 2))
  for (const [at, value] of values.entries())
    bytes[at >> 1] = (bytes[at >> 1] ?? 0) | (nearestStep(value) << (at % 2 === 0 ? 0 : 4))
  return bytes
}

const unpacked = (bytes: Buffer, length: number): Int8Array => {
  const values = new Int8Array(length)
  for (let at = 0; at < length; at++) {
    const byte = bytes[at >> 1] ?? 0
    values[at] = steps[at % 2 === 0 ? byte & 15 : byte >> 4] ?? 0
  }
  return values
}

/** `undefined` where the asset was made for other features. */
export const fromAsset = ({ classes, scale, temperature, values, version }: Asset): Centroids | undefined => {
  const bytes = Buffer.from(values, "base64")
  const length = dimensions * classes.length
  return version === featuresVersion && bytes.length === Math.ceil(length / 2)
    ? { classes, scale, temperature, values: unpacked(bytes, length) }
    : undefined
}
