/**
 * Responses that callers may refer to later, in memory.
 *
 * Each caller sees its own only. A response is kept with the items of its own turn; what came before it is found by the
 * response it continued, so a long conversation is held once. What is used is kept longest: a caller beyond its share
 * loses the response it has not used for the longest time, and so does the caller that holds the most when all of them
 * together hold too much. A response that was not used for a while is forgotten.
 *
 * What is forgotten is as if it had never been: a conversation of which a piece is missing is unknown as a whole, since an
 * answer to half of it would be a wrong one. Restarting the gateway forgets everything.
 *
 * @module
 */
import { Duration } from "effect"
import type { ResponseLimits } from "../config/Settings.ts"
import type { Json, JsonObject } from "../domain/Json.ts"

export interface StoredResponse {
  readonly id: string
  /** The response it continued. */
  readonly previous: string | undefined
  /** Input and output of this turn alone. */
  readonly items: ReadonlyArray<Json>
  /** As the caller was told it. */
  readonly response: JsonObject
}

/** `length`: of its JSON, in characters. */
export interface Conversation {
  readonly items: ReadonlyArray<Json>
  readonly length: number
}

/** `caller` is the name of a key; `now` milliseconds since 1970. */
export interface ResponseStore {
  readonly put: (caller: string, stored: StoredResponse, now: number) => void
  readonly get: (caller: string, id: string, now: number) => StoredResponse | undefined
  /**
   * All items of the conversation up to and with the response; `undefined` where any of it is unknown, `tooLarge` where
   * their JSON is longer than `most` characters. What the answers told besides (tools, instructions) is no part of it.
   */
  readonly conversation: (
    caller: string,
    id: string,
    now: number,
    most?: number
  ) => Conversation | "tooLarge" | undefined
  /** All items of the conversation up to the answer of the response; `undefined` as for `conversation`. */
  readonly asked: (caller: string, id: string, now: number) => ReadonlyArray<Json> | undefined
  /** The response that holds an item of the caller's that has an id. */
  readonly holder: (caller: string, item: string) => string | undefined
  /** Was it there? */
  readonly remove: (caller: string, id: string) => boolean
}

interface Entry {
  readonly id: string
  readonly previous: string | undefined
  /** Both as JSON: what is counted is what is held, which parsed objects exceed many times over. */
  readonly items: string
  readonly response: string
  readonly itemIds: ReadonlyArray<string>
  usedAt: number
}

/** The one used last is last in `entries`. */
interface Share {
  readonly entries: Map<string, Entry>
  /** Which response an item stands in. */
  readonly items: Map<string, string>
  bytes: number
}

/** `limits` gives those in force: what is beyond smaller ones goes with the next response that is kept. */
export const makeResponseStore = (limits: () => ResponseLimits): ResponseStore => {
  const keepMillis = (): number => Duration.toMillis(limits().ttl)
  const shares = new Map<string, Share>()
  let total = 0

  const drop = (caller: string, share: Share, id: string): boolean => {
    const entry = share.entries.get(id)
    if (entry === undefined) return false
    share.entries.delete(id)
    for (const item of entry.itemIds) if (share.items.get(item) === id) share.items.delete(item)
    share.bytes -= sizeOf(entry)
    total -= sizeOf(entry)
    if (share.entries.size === 0) shares.delete(caller)
    return true
  }

  const dropOldest = (caller: string, share: Share): void => {
    for (const id of share.entries.keys()) return void drop(caller, share, id)
  }

  /** Drops what is too old, and what is too much. */
  const bound = (now: number): void => {
    const { bytes, entries, totalBytes } = limits()
    const keep = keepMillis()
    for (const [caller, share] of shares) {
      for (const [id, entry] of share.entries) {
        if (now - entry.usedAt < keep) break
        drop(caller, share, id)
      }
      while (share.entries.size > entries || share.bytes > bytes) dropOldest(caller, share)
    }
    const heaviest = () => (total > totalBytes ? [...shares].sort(([, a], [, b]) => b.bytes - a.bytes)[0] : undefined)
    for (let most = heaviest(); most !== undefined; most = heaviest()) dropOldest(...most)
  }

  const use = (caller: string, id: string, now: number): Entry | undefined => {
    const share = shares.get(caller)
    const entry = share?.entries.get(id)
    if (share === undefined || entry === undefined) return undefined
    if (now - entry.usedAt >= keepMillis()) {
      drop(caller, share, id)
      return undefined
    }
    entry.usedAt = now
    share.entries.delete(id)
    share.entries.set(id, entry)
    return entry
  }

  const get: ResponseStore["get"] = (caller, id, now) => {
    const entry = use(caller, id, now)
    return entry === undefined
      ? undefined
      : { id, previous: entry.previous, items: itemsOf(entry), response: responseOf(entry) }
  }

  const conversation: ResponseStore["conversation"] = (caller, id, now, most = Number.POSITIVE_INFINITY) => {
    const turns: Array<Entry> = []
    const seen = new Set<string>()
    let length = 0
    for (let at: string | undefined = id; at !== undefined;) {
      const entry: Entry | undefined = seen.has(at) ? undefined : use(caller, at, now)
      if (entry === undefined) return undefined
      length += entry.items.length
      if (length > most) return "tooLarge"
      seen.add(at)
      // from the last to the first: the end is of no use without its beginning, which so is not dropped first
      turns.push(entry)
      at = entry.previous
    }
    return { items: turns.toReversed().flatMap(itemsOf), length }
  }

  return {
    put: (caller, stored, now) => {
      const { id, items, previous, response } = stored
      const written = { items: JSON.stringify(items), response: JSON.stringify(response) }
      const size = sizeOf(written)
      const former = shares.get(caller)
      if (former !== undefined) drop(caller, former, id)
      // it would only push out what may stay
      if (size > limits().bytes) return bound(now)
      let share = shares.get(caller)
      if (share === undefined) shares.set(caller, (share = { entries: new Map(), items: new Map(), bytes: 0 }))
      const itemIds = items.flatMap(idOf)
      share.entries.set(id, { id, previous, ...written, itemIds, usedAt: now })
      for (const item of itemIds) share.items.set(item, id)
      share.bytes += size
      total += size
      bound(now)
    },
    get,
    conversation,
    asked: (caller, id, now) => {
      const found = conversation(caller, id, now)
      const output = get(caller, id, now)?.response["output"]
      return found === undefined || found === "tooLarge"
        ? undefined
        : found.items.slice(0, found.items.length - (Array.isArray(output) ? output.length : 0))
    },
    holder: (caller, item) => shares.get(caller)?.items.get(item),
    remove: (caller, id) => {
      const share = shares.get(caller)
      return share !== undefined && drop(caller, share, id)
    }
  }
}

const sizeOf = ({ items, response }: Pick<Entry, "items" | "response">): number => items.length + response.length

// written by `put`, of items
const itemsOf = ({ items }: Entry) => JSON.parse(items) as ReadonlyArray<Json>
// written by `put`, of a response
const responseOf = ({ response }: Entry) => JSON.parse(response) as JsonObject

/** The id of an item, where it has one. */
export const idOf = (item: Json): ReadonlyArray<string> =>
  typeof item === "object" &&
  item !== null &&
  "id" in item &&
  typeof item.id === "string" &&
  item.type !== "item_reference"
    ? [item.id]
    : []
