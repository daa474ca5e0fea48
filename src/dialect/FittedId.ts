/**
 * An id as a vendor takes it: unchanged where it fits the vendor's rule, else nine letters and digits made from it, which
 * every vendor takes.
 *
 * The same id always becomes the same one, in this request and in every later one of a conversation, so that calls and
 * their results still belong together without anything being remembered. Different ids become different ones but for
 * chance, of 52 bits.
 *
 * @module
 */

const length = 9
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/** FNV-1a in 32 bits, http://www.isthe.com/chongo/tech/comp/fnv/, over UTF-16 code units. */
const hash = (text: string, start: number): number => {
  let sum = start
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193)
  return sum >>> 0
}

/** `id`, or what stands for it where it does not fit. */
export const fittedId = (id: string, rule: RegExp | undefined): string => {
  if (rule === undefined || rule.test(id)) return id
  let rest = hash(id, 0x811c9dc5) * 2 ** 20 + (hash(`${id}\0`, 0x01000193) >>> 12)
  let made = ""
  for (let place = 0; place < length; place++) {
    made += digits[rest % digits.length] ?? ""
    rest = Math.floor(rest / digits.length)
  }
  return made
}
