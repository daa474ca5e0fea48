/**
 * The text within `{"input": "…"}`, out of the JSON as it comes in pieces.
 *
 * What is read of the text is given at once, unescaped; a piece may end anywhere, also within an escape or between the
 * halves of a character. Where a model wrote something else than it was asked for, that is given whole at the end: the
 * text under `input` if there is one after all, nothing for an object without members, else what was written.
 *
 * @module
 */
import { isJsonObject, parseJson } from "../domain/Json.ts"

export interface InputReader {
  /** What of the text this piece tells; `""` where it tells nothing yet. */
  readonly push: (piece: string) => string
  /** What is left when no more will come. */
  readonly end: () => string
}

const head = '{"input":"'
/** Where white space may stand in the head. */
const gaps: ReadonlySet<number> = new Set([0, 1, 8, 9])
const space = /\s/
const escapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }
/** A code in hexadecimal, as far as it is there. */
const begunCode = /^\\(?:u[0-9a-fA-F]{0,3})?$/
const highHalf = /[\ud800-\udbff]$/

/** Not shared between calls. */
export const makeInputReader = (): InputReader => {
  let state: "head" | "text" | "over" | "other" = "head"
  /** How much of the head was seen. */
  let at = 0
  /** All that was written, until it is known that it is the text that was asked for. */
  let seen = ""
  /** An escape or a character that is not whole yet. */
  let held = ""

  /** Reads the head; gives what comes after it. */
  const behead = (piece: string): string => {
    for (let i = 0; i < piece.length; i++) {
      const char = piece.charAt(i)
      if (gaps.has(at) && space.test(char)) continue
      if (char !== head[at]) {
        state = "other"
        return ""
      }
      if (++at < head.length) continue
      state = "text"
      seen = ""
      return piece.slice(i + 1)
    }
    return ""
  }

  const unescape = (piece: string): string => {
    const all = held + piece
    held = ""
    let text = ""
    for (let i = 0; i < all.length;) {
      const char = all.charAt(i)
      if (char === '"') {
        state = "over"
        return text
      }
      if (char !== "\\") {
        const next = all.slice(i).search(/["\\]/)
        const until = next === -1 ? all.length : i + next
        text += all.slice(i, until)
        i = until
        continue
      }
      const left = all.slice(i, i + 6)
      if (begunCode.test(left)) {
        held = left
        break
      }
      const code = /^\\u([0-9a-fA-F]{4})/.exec(left)?.[1]
      const escaped = all.charAt(i + 1)
      text += code === undefined ? (escapes[escaped] ?? escaped) : String.fromCharCode(Number.parseInt(code, 16))
      i += code === undefined ? 2 : 6
    }
    if (!highHalf.test(text)) return text
    // the other half may come with the next piece
    held = text.slice(-1) + held
    return text.slice(0, -1)
  }

  return {
    push: (piece) => {
      if (state === "over") return ""
      if (state === "text") return unescape(piece)
      seen += piece
      if (state === "other") return ""
      const rest = behead(piece)
      return rest === "" ? "" : unescape(rest)
    },
    end: () => {
      const left = state === "text" ? held : state === "over" ? "" : otherwise(seen)
      state = "over"
      return left
    }
  }
}

/** The text where something else was written than was asked for. */
const otherwise = (written: string): string => {
  const value = parseJson(written)
  if (typeof value === "string") return value
  if (isJsonObject(value)) {
    if (typeof value["input"] === "string") return value["input"]
    if (Object.keys(value).length === 0) return ""
  }
  return written.trim() === "" ? "" : written
}

/** The whole text at once. */
export const inputIn = (written: string): string => {
  const reader = makeInputReader()
  return reader.push(written) + reader.end()
}
