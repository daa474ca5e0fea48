/**
 * Answers in memory, those that were used last kept longest.
 *
 * What is not used moves to the end of a list and is the first to make room. Every step takes the same time however much
 * is kept; what has expired leaves when it is asked for, and two of the oldest whenever something is put, so that no sweep
 * is needed.
 *
 * The list is linked, and its members are found by a Map that a use does not touch: V8 copies a Map that is changed often
 * (`actor/Roster.ts` tells the consequence), and an entry that is out gives its bytes back at once, whoever still refers
 * to it.
 *
 * @module
 */
import { Effect } from "effect"
import type { AnswerStoreBounds, AnswerStoreShape, StoredBytes } from "./StoreContract.ts"

interface Entry {
  readonly key: string
  stored: StoredBytes | undefined
  /** Used before it, and after it. */
  older: Entry | undefined
  newer: Entry | undefined
}

/** What an entry takes besides its answer: its key, itself, and its place in the Map. */
const ownBytes = 300

const sizeOf = (stored: StoredBytes | undefined): number =>
  stored === undefined ? 0 : stored.bytes.byteLength + ownBytes

/** How many of the oldest are looked at, when something is put, whether they have expired. */
const looks = 2

export const makeMemoryAnswerStore = (bounds: () => AnswerStoreBounds): AnswerStoreShape => {
  let byKey = new Map<string, Entry>()
  let oldest: Entry | undefined
  let newest: Entry | undefined
  let bytes = 0
  let evicted = 0

  const unlink = (entry: Entry): void => {
    if (entry.older === undefined) oldest = entry.newer
    else entry.older.newer = entry.newer
    if (entry.newer === undefined) newest = entry.older
    else entry.newer.older = entry.older
    entry.older = entry.newer = undefined
  }
  const link = (entry: Entry): void => {
    entry.older = newest
    if (newest === undefined) oldest = entry
    else newest.newer = entry
    newest = entry
  }
  const drop = (entry: Entry): void => {
    unlink(entry)
    byKey.delete(entry.key)
    bytes -= sizeOf(entry.stored)
    entry.stored = undefined
  }
  const fit = (most: AnswerStoreBounds): void => {
    const isTooMuch = () => byKey.size > most.entries || bytes > most.bytes
    for (let last = oldest; last !== undefined && isTooMuch(); last = oldest) {
      drop(last)
      evicted++
    }
  }
  const dropExpired = (now: number): void => {
    for (let look = 0; look < looks; look++)
      if (oldest?.stored !== undefined && now >= oldest.stored.keepUntil) drop(oldest)
  }

  return {
    get: (key, now) =>
      Effect.sync(() => {
        const entry = byKey.get(key)
        if (entry === undefined) return undefined
        if (entry.stored !== undefined && now >= entry.stored.keepUntil) {
          drop(entry)
          return undefined
        }
        if (entry !== newest) {
          unlink(entry)
          link(entry)
        }
        return entry.stored
      }),
    put: (key, stored) =>
      Effect.sync(() => {
        dropExpired(stored.storedAt)
        const known = byKey.get(key)
        if (known !== undefined) drop(known)
        const most = bounds()
        // alone it would not fit, so nothing has to make room for it
        if (sizeOf(stored) > most.bytes || most.entries < 1 || stored.keepUntil <= stored.storedAt) return fit(most)
        const entry: Entry = { key, stored, older: undefined, newer: undefined }
        byKey.set(key, entry)
        link(entry)
        bytes += sizeOf(stored)
        fit(most)
      }),
    clear: Effect.sync(() => {
      for (const entry of byKey.values()) entry.stored = undefined
      byKey = new Map()
      oldest = newest = undefined
      bytes = 0
    }),
    standing: () => ({ entries: byKey.size, bytes, evicted })
  }
}
