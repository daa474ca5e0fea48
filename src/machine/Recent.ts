/**
 * A map that knows which of its entries was set or used longest ago, for whoever keeps only so many.
 *
 * Everything takes constant time. A `Map` alone would do the same by the order of its keys, but to find its first key,
 * V8 walks over every entry that was deleted before it since the table was last copied: with 100,000 entries an
 * eviction took up to 50 µs, measured.
 *
 * It deliberately evicts nobody by itself: what is too much (in number, in size, in age) is its owner's to say.
 *
 * @module
 */

interface Entry<K, V> {
  readonly key: K
  value: V
  older: Entry<K, V> | undefined
  newer: Entry<K, V> | undefined
}

/** Iterating gives the oldest first. */
export class Recent<K, V> implements Iterable<readonly [K, V]> {
  readonly #entries = new Map<K, Entry<K, V>>()
  #oldest: Entry<K, V> | undefined
  #newest: Entry<K, V> | undefined

  get size(): number {
    return this.#entries.size
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  /** The value, which stays as old as it is. */
  get(key: K): V | undefined {
    return this.#entries.get(key)?.value
  }

  /** The value, which is the newest from now on. */
  use(key: K): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry !== this.#newest) {
      this.#unlink(entry)
      this.#append(entry)
    }
    return entry.value
  }

  /** The newest from now on, whether the key was there or not. */
  set(key: K, value: V): void {
    const known = this.#entries.get(key)
    if (known !== undefined) {
      known.value = value
      this.use(key)
      return
    }
    const entry: Entry<K, V> = { key, value, older: undefined, newer: undefined }
    this.#entries.set(key, entry)
    this.#append(entry)
  }

  /** Was it there? */
  delete(key: K): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    this.#entries.delete(key)
    this.#unlink(entry)
    return true
  }

  /** The entry that was set or used longest ago; `undefined`: there is none. */
  oldest(): readonly [K, V] | undefined {
    return this.#oldest === undefined ? undefined : [this.#oldest.key, this.#oldest.value]
  }

  /** Deletes the oldest entries until there are at most `most`. */
  shrink(most: number): void {
    while (this.#oldest !== undefined && this.#entries.size > most) this.delete(this.#oldest.key)
  }

  clear(): void {
    this.#entries.clear()
    this.#oldest = undefined
    this.#newest = undefined
  }

  /** What is deleted or used meanwhile is skipped or given again; the entry that was just given may be. */
  *[Symbol.iterator](): Generator<readonly [K, V]> {
    for (let at = this.#oldest; at !== undefined;) {
      const { key, newer, value } = at
      yield [key, value]
      at = newer
    }
  }

  #append(entry: Entry<K, V>): void {
    entry.older = this.#newest
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
  }

  /** Nothing that is gone refers to what is there: dead entries in the old generation would keep young ones alive. */
  #unlink(entry: Entry<K, V>): void {
    const { newer, older } = entry
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    entry.older = undefined
    entry.newer = undefined
  }
}
