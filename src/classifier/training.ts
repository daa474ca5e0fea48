/**
 * Training: from labelled texts to centroids.
 *
 * Each class begins with the mean of its vectors. These are then refined: stochastic gradient descent on the
 * cross-entropy of the softmax over cosine ÷ T, every class having the same say however many texts it has, with weight
 * decay. Seeded and single-threaded: the same texts give the same bytes.
 *
 * Source: softmax regression as in Bishop, "Pattern Recognition and Machine Learning", 4.3.4; temperature scaling: Guo
 * et al., "On calibration of modern neural networks", ICML 2017.
 *
 * @module
 */
import { softmax } from "./Centroids.ts"
import { readFeatures } from "./features.ts"
import { clear, dimensions as builtInDimensions, featuresOf, makeSketch } from "./Sketch.ts"

export interface Labelled {
  readonly text: string
  readonly label: string
}

/** A text's vector, its class, and how much it counts. */
export interface Sample {
  readonly rows: Int32Array
  readonly values: Float32Array
  readonly label: number
  readonly weight: number
}

/** Numbers from 0 to below 1, the same for the same seed. Source: mulberry32, T. Ettinger, public domain. */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Vectors of the texts whose label is among `classes`. */
export const samplesOf = (
  texts: ReadonlyArray<Labelled & { readonly weight?: number }>,
  classes: ReadonlyArray<string>
): ReadonlyArray<Sample> => {
  const sketch = makeSketch()
  return texts.flatMap(({ label, text, weight }) => {
    const index = classes.indexOf(label)
    if (index < 0) return []
    clear(sketch)
    readFeatures(text, sketch)
    return [{ ...featuresOf(sketch), label: index, weight: weight ?? 1 }]
  })
}

export interface TrainingOptions {
  readonly epochs: number
  readonly rate: number
  readonly decay: number
  /** Of the softmax while training; what is stored is calibrated later. */
  readonly temperature: number
  readonly seed: number
  /** What share of a vector's values is left out at each sight of it. */
  readonly dropout: number
  /** How much of the target is spread over all classes. */
  readonly smoothing: number
}

export const usualTraining: TrainingOptions = {
  epochs: 14,
  rate: 0.4,
  decay: 0.00003,
  temperature: 0.06,
  seed: 20,
  dropout: 0.6,
  smoothing: 0.05
}

/** A training under way; `weights` is what it has come to. */
export interface Training {
  /** Makes one more round over all texts, or what is left of one, and says whether there is another. */
  readonly epoch: () => boolean
  /** Goes on by so many texts, and says whether there are more: what `epoch` does, in pieces. */
  readonly part: (texts: number) => boolean
  /** By row and class (`row * width + class`). */
  readonly weights: () => Float32Array
}

/** How much more than another class's a text may count where its class has few. */
const mostShare = 6

/**
 * Begins a training of `width` classes. Vectors have `dimensions` numbers; `start` are weights to begin with instead of
 * the mean vectors.
 */
export const beginTraining = (
  samples: ReadonlyArray<Sample>,
  width: number,
  options: TrainingOptions = usualTraining,
  dimensions = builtInDimensions,
  start?: Float32Array
): Training => {
  const weights = start ?? new Float32Array(dimensions * width)
  const mass = new Float64Array(width)
  for (const { label, weight } of samples) mass[label] = (mass[label] ?? 0) + weight
  const all = mass.reduce((sum, one) => sum + one, 0)
  const share = mass.map((one) => (one === 0 ? 0 : Math.min(mostShare, all / (width * one))))
  if (start === undefined)
    for (const { label, rows, values, weight } of samples)
      for (let at = 0; at < rows.length; at++) {
        const cell = (rows[at] ?? 0) * width + label
        weights[cell] = (weights[cell] ?? 0) + ((values[at] ?? 0) * weight) / (mass[label] ?? 1)
      }
  const random = randomOf(options.seed)
  const order = Array.from(samples)
  const scores = new Float64Array(width)
  const kept = 1 - options.dropout
  const steps = options.epochs * order.length
  let step = 0
  let epochs = 0
  let shrink = 1 // the weights are `weights` times this: decay costs one multiplication a step

  const learn = ({ label, rows, values, weight }: Sample): void => {
    const rate = options.rate * (1 - step / steps)
    step++
    shrink *= 1 - rate * options.decay
    // what is left out is drawn from a seed, so that it is the same in both passes
    const mask = Math.floor(random() * 4294967296)
    scores.fill(0)
    for (let at = 0; at < rows.length; at++) {
      if (isDropped(mask, at, options.dropout)) continue
      const value = values[at] ?? 0
      const from = (rows[at] ?? 0) * width
      for (let one = 0; one < width; one++) scores[one] = (scores[one] ?? 0) + value * (weights[from + one] ?? 0)
    }
    softmax(scores, width, shrink / (kept * options.temperature))
    const push = (rate * weight * (share[label] ?? 1)) / (shrink * kept)
    for (let one = 0; one < width; one++) {
      const target = (one === label ? 1 - options.smoothing : 0) + options.smoothing / width
      scores[one] = push * (target - (scores[one] ?? 0))
    }
    for (let at = 0; at < rows.length; at++) {
      if (isDropped(mask, at, options.dropout)) continue
      const value = values[at] ?? 0
      const from = (rows[at] ?? 0) * width
      for (let one = 0; one < width; one++)
        weights[from + one] = (weights[from + one] ?? 0) + value * (scores[one] ?? 0)
    }
  }

  let at = 0
  const shuffle = (): void => {
    for (let last = order.length - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1))
      const one = order[last]
      const two = order[other]
      if (one !== undefined && two !== undefined) {
        order[last] = two
        order[other] = one
      }
    }
  }
  const part = (texts: number): boolean => {
    if (at === 0) shuffle()
    const end = Math.min(at + texts, order.length)
    for (; at < end; at++) {
      const sample = order[at]
      if (sample !== undefined) learn(sample)
    }
    if (at < order.length) return true
    at = 0
    return ++epochs < options.epochs
  }

  return {
    epoch: () => part(order.length),
    part,
    weights: () => weights.map((weight) => weight * shrink)
  }
}

/** A whole training at once. */
export const train = (
  samples: ReadonlyArray<Sample>,
  width: number,
  options: TrainingOptions = usualTraining,
  dimensions = builtInDimensions
): Float32Array => {
  const training = beginTraining(samples, width, options, dimensions)
  while (training.epoch());
  return training.weights()
}

const isDropped = (mask: number, at: number, share: number): boolean => {
  let mixed = Math.imul((mask ^ Math.imul(at + 1, 0x9e3779b1)) | 0, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296 < share
}

/** Scores of a vector: by class, the dot product with its weights. */
export const scoresOf = (weights: Float32Array, width: number, { rows, values }: Sample): Float64Array => {
  const scores = new Float64Array(width)
  for (let at = 0; at < rows.length; at++) {
    const value = values[at] ?? 0
    const from = (rows[at] ?? 0) * width
    for (let one = 0; one < width; one++) scores[one] = (scores[one] ?? 0) + value * (weights[from + one] ?? 0)
  }
  return scores
}

/** The temperature at which `judged` (scores and right classes) are most likely. */
export const calibrate = (judged: ReadonlyArray<{ readonly scores: Float64Array; readonly label: number }>): number => {
  let best = 0.1
  let least = Number.POSITIVE_INFINITY
  for (let temperature = 0.01; temperature < 2; temperature *= 1.03) {
    let loss = 0
    for (const { label, scores } of judged) {
      const copy = scores.slice()
      softmax(copy, copy.length, 1 / temperature)
      loss -= Math.log(Math.max(copy[label] ?? 0, 1e-12))
    }
    if (loss < least) {
      least = loss
      best = temperature
    }
  }
  return best
}
