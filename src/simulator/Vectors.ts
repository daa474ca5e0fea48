/**
 * What an imaginary embedding model answers: the same vector for the same text, model and length, from whatever vendor.
 *
 * Vectors have length 1 and hold 32-bit floats, so that numbers and base64 say the same. A shorter vector is the
 * beginning of a longer one, set to length 1 again, as models do it whose vectors can be cut.
 *
 * @module
 */
import type { JsonObject } from "../domain/Json.ts"
import { type Ask, tokensOf } from "./Speech.ts"
import { countedCharacters, type Session } from "./Wire.ts"

/** A text, or a text cut into tokens by its caller. */
export type Embeddable = string | ReadonlyArray<number>

/** The lengths of known models' vectors. */
const lengths: ReadonlyArray<readonly [RegExp, number]> = [
  [/text-embedding-(?:3-small|ada)/, 1536],
  [/text-embedding-3-large|gemini-embedding/, 3072],
  [/^mistral-embed/, 1024]
]
const usualLength = 768

/** Does a model of this name embed here? */
export const embeds = (model: string): boolean => /embed|^fault-/.test(model)

/** FNV-1a, 32 bits. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** Numbers from -1 to 1, the same for the same seed (a linear congruential generator of 32 bits). */
const numbersFrom = (seed: number, count: number): ReadonlyArray<number> => {
  let state = seed
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/** The vector of a text; `dimensions` where the caller wants another length than the model's own. */
export const vectorOf = (model: string, text: Embeddable, dimensions?: number): ReadonlyArray<number> => {
  const name = model.slice(model.lastIndexOf("/") + 1)
  const length = dimensions ?? lengths.find(([pattern]) => pattern.test(name))?.[1] ?? usualLength
  const numbers = numbersFrom(hashOf(`${name} ${String(text)}`), length)
  const norm = Math.hypot(...numbers)
  return numbers.map((number) => Math.fround(number / norm))
}

/** A request for vectors as the model understands it: nothing is to be said. */
export const askForVectors = (vendor: string, model: string, { call }: Session, body: JsonObject): Ask => ({
  vendor,
  model,
  call,
  turns: [{ role: "user", text: "", results: [] }],
  images: 0,
  inputCharacters: countedCharacters(body),
  tools: [],
  toolChoice: "none",
  parallelTools: false,
  format: undefined,
  maxTokens: 0,
  stop: [],
  thinks: false,
  choices: 1
})

/** What embedding a text costs. */
export const tokenCount = (text: Embeddable): number =>
  typeof text === "string" ? Math.max(1, tokensOf(text).length) : text.length
