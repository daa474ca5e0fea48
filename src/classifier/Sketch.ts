/**
 * A text's features, hashed into rows, in three blocks: form, frame and words.
 *
 * A block is a list of rows, each with a weight; a row may stand there more than once and then counts as the sum. Every
 * block is scaled to a length of its own, then all together to 1, so a dot product with a centroid is a cosine (where
 * no row stands twice; where one does, the features are taken for different ones when their length is measured).
 *
 * Source of the hashing: Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009.
 *
 * Gotchas
 * - Lists are filled in order and read in order: nothing of the size of a centroid is written to, or cleared.
 *
 * @module
 */
import { finish } from "./hash.ts"

/** Rows of each block, and where it begins. */
const formRows = 4096
const frameRows = 6144
const wordRows = 14336
const frameAt = formRows
const wordsAt = formRows + frameRows

/** How many numbers a vector has. */
export const dimensions = formRows + frameRows + wordRows

/** Changes with every change of what a feature means. */
export const featuresVersion = 12

/** What each block weighs in the whole (squares of lengths). */
const formShare = 0.34
const frameShare = 0.33
const wordShare = 0.33

/** The most features of a block; what comes behind them is left out. */
const mostFeatures = 2048

export interface Block {
  readonly rows: Int32Array
  readonly weights: Float32Array
  /** How many of the rows and weights are of the text. */
  count: number
  /** What all weights are to be multiplied with. */
  factor: number
}

export interface Sketch {
  readonly form: Block
  readonly frame: Block
  readonly words: Block
}

const makeBlock = (): Block => ({
  rows: new Int32Array(mostFeatures),
  weights: new Float32Array(mostFeatures),
  count: 0,
  factor: 1
})

export const makeSketch = (): Sketch => ({ form: makeBlock(), frame: makeBlock(), words: makeBlock() })

/** Back to nothing. */
export const clear = (sketch: Sketch): void => {
  sketch.form.count = 0
  sketch.frame.count = 0
  sketch.words.count = 0
}

const add = (block: Block, row: number, weight: number): void => {
  const at = block.count
  if (at >= mostFeatures) return
  block.rows[at] = row
  block.weights[at] = weight
  block.count = at + 1
}
/** A row of `rows`, without the division that a remainder costs. */
const rowOf = (hash: number, rows: number): number => ((finish(hash) >>> 16) * rows) >>> 16

export const addForm = ({ form }: Sketch, hash: number, weight: number): void =>
  add(form, rowOf(hash, formRows), weight)
export const addFrame = ({ frame }: Sketch, hash: number, weight: number): void =>
  add(frame, frameAt + rowOf(hash, frameRows), weight)
export const addWord = ({ words }: Sketch, hash: number, weight: number): void =>
  add(words, wordsAt + rowOf(hash, wordRows), weight)

const squareOf = ({ count, weights }: Block): number => {
  let square = 0
  for (let at = 0; at < count; at++) {
    const weight = weights[at] ?? 0
    square += weight * weight
  }
  return square
}

/** Sets the blocks' factors so that each has its share, and the whole the length 1. */
export const normalise = ({ form, frame, words }: Sketch): void => {
  const ofForm = squareOf(form)
  const ofFrame = squareOf(frame)
  const ofWords = squareOf(words)
  const whole = (ofForm > 0 ? formShare : 0) + (ofFrame > 0 ? frameShare : 0) + (ofWords > 0 ? wordShare : 0)
  form.factor = ofForm > 0 ? Math.sqrt(formShare / whole / ofForm) : 0
  frame.factor = ofFrame > 0 ? Math.sqrt(frameShare / whole / ofFrame) : 0
  words.factor = ofWords > 0 ? Math.sqrt(wordShare / whole / ofWords) : 0
}

/** All rows of a sketch with their weights, in order; a row may stand there more than once. */
export const featuresOf = (sketch: Sketch): { readonly rows: Int32Array; readonly values: Float32Array } => {
  const blocks = [sketch.form, sketch.frame, sketch.words]
  return {
    rows: Int32Array.from(blocks.flatMap(({ count, rows }) => Array.from(rows.subarray(0, count)))),
    values: Float32Array.from(
      blocks.flatMap(({ count, factor, weights }) =>
        Array.from(weights.subarray(0, count), (weight) => weight * factor)
      )
    )
  }
}

/** A sketch as a vector of all {@link dimensions}, of length 1; of zeros where the sketch is empty. */
export const vectorOf = (sketch: Sketch): Float32Array => {
  const vector = new Float32Array(dimensions)
  const { rows, values } = featuresOf(sketch)
  for (const [at, row] of rows.entries()) vector[row] = (vector[row] ?? 0) + (values[at] ?? 0)
  const square = vector.reduce((sum, value) => sum + value * value, 0)
  return square === 0 ? vector : vector.map((value) => value / Math.sqrt(square))
}
