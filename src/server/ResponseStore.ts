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
import { Recent } from "../machine/Recent.ts"
import { Heaviest } from "./Heaviest.ts"

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

interface Share {
  readonly caller: string
  readonly entries: Recent<string, Entry>
  /** Which response an item stands in; of several the last two, of which one is there when the other is removed. */
  readonly items: Map<string, string | readonly [string, string]>
  /** Bytes. */
  weight: number
}

/** `limits` gives those in force: what is beyond smaller ones goes with the next response that is kept. */
export const makeResponseStore = (limits: () => ResponseLimits): ResponseStore => {
  const keepMillis = (): number => Duration.toMillis(limits().ttl)
  const shares = new Map<string, Share>()
  const heaviest = new Heaviest<Share>()
  /** Everybody's, by when they were used. */
  const all = new Recent<Entry, Share>()
  let total = 0
  /** Those that every share was held to. */
  let held = limits()

  const weigh = (share: Share, bytes: number): void => {
    share.weight += bytes
    total += bytes
    heaviest.changed(share)
  }

  const shareOf = (caller: string): Share => {
    const known = shares.get(caller)
    if (known !== undefined) return known
    const share: Share = { caller, entries: new Recent(), items: new Map(), weight: 0 }
    shares.set(caller, share)
    heaviest.add(share)
    return share
  }

  const drop = (share: Share, id: string): boolean => {
    const entry = share.entries.get(id)
    if (entry === undefined) return false
    share.entries.delete(id)
    all.delete(entry)
    for (const item of entry.itemIds) letGo(share, item, id)
    weigh(share, -sizeOf(entry))
    if (share.entries.size === 0) {
      shares.delete(share.caller)
      heaviest.remove(share)
    }
    return true
  }

  const dropOldest = (share: Share): void => {
    const oldest = share.entries.oldest()
    if (oldest !== undefined) drop(share, oldest[0])
  }

  /** Drops what is too old, and what is too much; `share` is the only one that has grown. */
  const bound = (share: Share | undefined, now: number): void => {
    const { bytes, entries, totalBytes } = limits()
    const keep = keepMillis()
    for (let oldest = all.oldest(); oldest !== undefined; oldest = all.oldest()) {
      if (now - oldest[0].usedAt < keep) break
      drop(oldest[1], oldest[0].id)
    }
    const isNarrower = bytes < held.bytes || entries < held.entries
    held = limits()
    for (const one of isNarrower ? shares.values() : share === undefined ? [] : [share])
      while (one.entries.size > entries || one.weight > bytes) dropOldest(one)
    const tooHeavy = () => (total > totalBytes ? heaviest.first : undefined)
    for (let most = tooHeavy(); most !== undefined; most = tooHeavy()) dropOldest(most)
  }

  const use = (caller: string, id: string, now: number): Entry | undefined => {
    const share = shares.get(caller)
    const entry = share?.entries.use(id)
    if (share === undefined || entry === undefined) return undefined
    if (now - entry.usedAt >= keepMillis()) {
      drop(share, id)
      return undefined
    }
    all.use(entry)
    entry.usedAt = now
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
      if (former !== undefined) drop(former, id)
      // it would only push out what may stay
      if (size > limits().bytes) return bound(undefined, now)
      const share = shareOf(caller)
      const itemIds = items.flatMap(idOf)
      const entry: Entry = { id, previous, ...written, itemIds, usedAt: now }
      share.entries.set(id, entry)
      all.set(entry, share)
      for (const item of itemIds) hold(share, item, id)
      weigh(share, size)
      bound(share, now)
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
    holder: (caller, item) => {
      const held = shares.get(caller)?.items.get(item)
      return typeof held === "object" ? held[1] : held
    },
    remove: (caller, id) => {
      const share = shares.get(caller)
      return share !== undefined && drop(share, id)
    }
  }
}

/** Notes that an item stands in a response. */
const hold = ({ items }: Share, item: string, id: string): void => {
  const held = items.get(item)
  const last = typeof held === "object" ? held[1] : held
  if (last !== id) items.set(item, last === undefined ? id : [last, id])
}

/** Notes that it does no more. */
const letGo = ({ items }: Share, item: string, id: string): void => {
  const held = items.get(item)
  if (held === id) items.delete(item)
  else if (typeof held === "object" && held.includes(id)) items.set(item, held[0] === id ? held[1] : held[0])
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
