/**
 * What a request is known by: two have the same key only if the answer to one is an answer to the other.
 *
 * The key is a SHA-256 over everything that may change the answer, in a form of which no two values share a text:
 *
 * - the body as the caller wrote it, with whatever in it nobody here has a word for, and the headers that go on to the
 *   vendor; for a request that came on no wire, all of it that is modelled;
 * - the wire it came on and whether a stream is asked for: an answer is given back as it was given, so that nothing of it
 *   is lost that only its own wire can say;
 * - the name that is asked for and the fallbacks, and what they stand for at present (`routing`): an answer that was
 *   given before the configuration changed is not given after it;
 * - who may be told: the sharers (`sharedBy`), and whatever of a key or of a header decides who may answer at all.
 *
 * Left out is what the vendors promise not to look at for an answer, and do not repeat in one: labels for a bill, and by
 * whose hand it was asked (`unseen`). Responses repeat theirs, so there they count; and they count on every wire where
 * somebody might answer who promises nothing (`heedsLabels`): there are servers that remember their users.
 *
 * Gotchas
 * - The members of an object may stand in any order, but under `properties`: there a JSON Schema's order is told to the
 *   model, which writes in it.
 * - Numbers are those of JSON: `0` and `0.0` are one.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { DialectId } from "../domain/Ids.ts"
import { omitKeys } from "../domain/Json.ts"

/** What besides the request decides about its answer. */
export interface Circumstances {
  /** Among whom answers are shared. */
  readonly sharedBy: string
  /** What all names stand for. */
  readonly routing: string
  readonly strict: boolean
  readonly region: string | undefined
  readonly allow: ReadonlyArray<string> | undefined
  readonly prefer: string | undefined
  readonly task: string | undefined
  /** How good a model a program would have. */
  readonly tier: string | undefined
  /** May somebody answer of whom nobody knows what they make of labels and of the end user's name? */
  readonly heedsLabels: boolean
}

/** By wire, the fields of a body that do not change the answer. Whether a stream is asked for is in the key by itself. */
const unseen: { readonly [D in DialectId]?: ReadonlyArray<string> } = {
  "openai-chat": ["stream", "user", "metadata", "safety_identifier"],
  "openai-responses": ["stream"],
  "anthropic-messages": ["stream", "metadata"],
  gemini: ["labels"]
}

/** The key of a request, 43 characters. */
export const requestKey = (request: ChatRequest, circumstances: Circumstances): string => {
  const { metadata, user, wire, ...modelled } = request
  const { delivery, fallbacks, model } = request
  const digest = new Digest()
  digest.add("1")
  digest.add(circumstances)
  digest.add(
    wire === undefined
      ? circumstances.heedsLabels
        ? { ...modelled, metadata, user }
        : modelled
      : {
          delivery,
          fallbacks,
          model,
          dialect: wire.dialect,
          headers: wire.headers,
          body: omitKeys(wire.body, circumstances.heedsLabels ? ["stream"] : (unseen[wire.dialect] ?? []))
        }
  )
  return digest.end()
}

/** The digest of a value by itself. */
export const digestOf = (value: unknown): string => {
  const digest = new Digest()
  digest.add(value)
  return digest.end()
}

/** Texts that are longer are not copied on their way. */
const longText = 4096

/** Hashes values one after the other, each in a text that no other value has. */
class Digest {
  readonly #hash: Hash = createHash("sha256")
  #text = ""

  add(value: unknown, ordered = false): void {
    if (typeof value === "string") return this.#string(value)
    if (typeof value !== "object" || value === null) return this.#write(`${String(value)};`)
    if (Array.isArray(value)) {
      this.#write("[")
      for (const item of value) this.add(item)
      return this.#write("]")
    }
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    if (!ordered) members.sort(([a], [b]) => (a < b ? -1 : 1))
    this.#write(ordered ? "<" : "{")
    for (const [name, member] of members) {
      this.#string(name)
      this.add(member, name === "properties")
    }
    this.#write("}")
  }

  end(): string {
    this.#flush()
    return this.#hash.digest("base64url")
  }

  /** With its length before it, so that no text can be taken for what comes after it. */
  #string(text: string): void {
    this.#write(`"${text.length}:`)
    this.#write(text)
  }

  #write(text: string): void {
    if (text.length < longText) {
      this.#text += text
      if (this.#text.length < 4 * longText) return
      return this.#flush()
    }
    this.#flush()
    this.#hash.update(text, encoding)
  }

  #flush(): void {
    this.#hash.update(this.#text, encoding)
    this.#text = ""
  }
}

/** In which even halves of characters that stand alone keep apart. */
const encoding = "utf16le"
