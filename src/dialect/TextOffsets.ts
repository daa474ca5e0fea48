/**
 * Places in a text, as wires count them, and as JavaScript does (in UTF-16 code units). Half a character counts as one:
 * one code point, three bytes.
 *
 * @module
 */

const isPair = (text: string, at: number): boolean => {
  const first = text.charCodeAt(at)
  if (first < 0xd800 || first > 0xdbff) return false
  const second = text.charCodeAt(at + 1)
  return second >= 0xdc00 && second <= 0xdfff
}

const one = (): number => 1

const bytesAt = (text: string, at: number): number => {
  const unit = text.charCodeAt(at)
  return unit < 0x80 ? 1 : unit < 0x800 ? 2 : isPair(text, at) ? 4 : 3
}

/** How many units of `size` lie before `at`. */
const before = (text: string, at: number, size: (text: string, at: number) => number): number => {
  let count = 0
  for (let i = 0; i < at && i < text.length; i += isPair(text, i) ? 2 : 1) count += size(text, i)
  return count
}

/** Where in `text` the unit number `count` is; its length where it has fewer. */
const indexAt = (text: string, count: number, size: (text: string, at: number) => number): number => {
  let i = 0
  for (let left = count; left > 0 && i < text.length; i += isPair(text, i) ? 2 : 1) left -= size(text, i)
  return i
}

/** Code points before the index `at`. */
export const codePointsBefore = (text: string, at: number): number => before(text, at, one)
/** The index of the code point number `count`. */
export const indexOfCodePoint = (text: string, count: number): number => indexAt(text, count, one)
/** Bytes of UTF-8 before the index `at`. */
export const bytesBefore = (text: string, at: number): number => before(text, at, bytesAt)
/** The index of the byte number `count`. */
export const indexOfByte = (text: string, count: number): number => indexAt(text, count, bytesAt)
