/**
 * Texts of which no task can be told: empty ones, such without words, and such in another script than Latin.
 *
 * @module
 */

export type Unreadable = "empty" | "symbols" | "non_latin"

const looked = 1024
/** Of texts longer than a quarter of that, every so many-th character tells enough: some 50 to 200 of them. */
const sampled = 5
const sampledOfLong = 11

/** Why `text` cannot be read, judged by its first and last kilobyte; `undefined` where it can. */
export const unreadable = (text: string): Unreadable | undefined => {
  let latin = 0
  let other = 0
  let marks = 0
  let digits = 0
  const look = (from: number, to: number, step: number): void => {
    for (let at = from; at < to; at += step) {
      const code = text.charCodeAt(at)
      if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 0xc0 && code <= 0x24f)) latin++
      else if (code >= 48 && code <= 57) digits++
      else if (isOtherScript(code)) other++
      else if (code > 32) marks++
    }
  }
  const head = Math.min(looked, text.length)
  const tail = Math.max(head, text.length - looked)
  const lookAtAll = (step: number): void => {
    look(0, head, step)
    look(tail, text.length, step)
  }
  lookAtAll(text.length <= looked / 4 ? 1 : text.length <= looked ? sampled : sampledOfLong)
  if (latin === 0) lookAtAll(1) // the sample may have missed what there is
  if (latin + other + marks + digits === 0) return "empty"
  if (other > latin) return "non_latin"
  // "2+2=" is a sum; "!!! ???" and "12" are nothing
  if (latin === 0 && (digits < 2 || marks === 0)) return "symbols"
  return undefined
}

/** Letters beyond Latin: Greek and on, but neither punctuation nor mathematical signs nor pictures. */
const isOtherScript = (code: number): boolean =>
  (code >= 0x370 && code < 0x1e00) ||
  (code >= 0x2e80 && code < 0xd800) ||
  (code >= 0xf900 && code < 0xfe00) ||
  (code >= 0xfe70 && code < 0xfffd)
