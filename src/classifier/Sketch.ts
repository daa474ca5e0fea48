/**
 * A sparse vector of hashed features, in three blocks: form, frame and words.
 *
 * Every block is scaled to a length of its own, then all together to 1, so a dot product with a centroid is a cosine.
 *
 * Source of the hashing: Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009.
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
export const featuresVersion = 10

/** What each block weighs in the whole (squares of lengths). */
const formShare = 0.34
const frameShare = 0.33
const wordShare = 0.33

/** A sparse vector: `values[touched[i]]` for `i < count`; all other values are 0. */
export interface Sketch {
  readonly values: Float32Array
  readonly touched: Int32Array
  count: number
}

export const makeSketch = (): Sketch => ({
  values: new Float32Array(dimensions),
  touched: new Int32Array(dimensions),
  count: 0
})

/** Back to nothing, in time with what was in it. */
export const clear = (sketch: Sketch): void => {
  for (let at = 0; at < sketch.count; at++) sketch.values[sketch.touched[at] ?? 0] = 0
  sketch.count = 0
}

export const add = (sketch: Sketch, row: number, weight: number): void => {
  const before = sketch.values[row] ?? 0
  if (before === 0) sketch.touched[sketch.count++] = row
  sketch.values[row] = before + weight
}
/** A row of `rows`, without the division that a remainder costs. */
const rowOf = (hash: number, rows: number): number => ((finish(hash) >>> 16) * rows) >>> 16

export const addForm = (sketch: Sketch, hash: number, weight: number): void =>
  add(sketch, rowOf(hash, formRows), weight)
export const addFrame = (sketch: Sketch, hash: number, weight: number): void =>
  add(sketch, frameAt + rowOf(hash, frameRows), weight)
export const addWord = (sketch: Sketch, hash: number, weight: number): void =>
  add(sketch, wordsAt + rowOf(hash, wordRows), weight)

/** Scales the blocks to their shares, and the whole to length 1. */
export const normalise = (sketch: Sketch): void => {
  let form = 0
  let frame = 0
  let word = 0
  const { touched, values } = sketch
  for (let at = 0; at < sketch.count; at++) {
    const row = touched[at] ?? 0
    const value = values[row] ?? 0
    if (row < frameAt) form += value * value
    else if (row < wordsAt) frame += value * value
    else word += value * value
  }
  const whole = (form > 0 ? formShare : 0) + (frame > 0 ? frameShare : 0) + (word > 0 ? wordShare : 0)
  if (whole === 0) return
  const ofForm = form > 0 ? Math.sqrt(formShare / whole / form) : 0
  const ofFrame = frame > 0 ? Math.sqrt(frameShare / whole / frame) : 0
  const ofWord = word > 0 ? Math.sqrt(wordShare / whole / word) : 0
  for (let at = 0; at < sketch.count; at++) {
    const row = touched[at] ?? 0
    values[row] = (values[row] ?? 0) * (row < frameAt ? ofForm : row < wordsAt ? ofFrame : ofWord)
  }
}
