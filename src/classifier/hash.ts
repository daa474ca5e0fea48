/**
 * The hash of words and runs of words.
 *
 * Source: Fowler–Noll–Vo 1a with Murmur3's finalizer.
 *
 * @module
 */

export const seed = 0x811c9dc5
export const step = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193)
export const finish = (hash: number): number => {
  let mixed = hash
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
export const join = (first: number, second: number): number => finish(Math.imul(first ^ 0x9e3779b9, 31) + second)
export const hashOf = (word: string): number => {
  let hash = seed
  for (let at = 0; at < word.length; at++) hash = step(hash, word.charCodeAt(at))
  return hash
}
