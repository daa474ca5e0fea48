/**
 * Texts of which no task can be told: empty ones, such without words, and such in another script than Latin.
 *
 * @module
 */

export type Unreadable = "empty" | "symbols" | "non_latin"

const looked = 1024

/** Why `text` cannot be read, judged by its first and last kilobyte; `undefined` where it can. */
export const unreadable = (text: string): Unreadable | undefined => {
  let latin = 0
  let other = 0
  let marks = 0
  let digits = 0
  const look = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      const code = text.charCodeAt(at)
      if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 0xc0 && code <= 0x24f)) latin++
      else if (code >= 48 && code <= 57) digits++
      else if (isOtherScript(code)) other++
      else if (code > 32) marks++
    }
  }
  if (text.length <= 2 * looked) look(0, text.length)
  else {
    look(0, looked)
    look(text.length - looked, text.length)
  }
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
