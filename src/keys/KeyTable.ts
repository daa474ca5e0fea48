/**
 * Whose a key is: the config's keys and the stored ones by the digests of their secrets.
 *
 * The table is made anew when either side has changed, and is otherwise a look into a map.
 *
 * @module
 */
import { Redacted } from "effect"
import type { ClientKey } from "../config/Settings.ts"
import type { Caller } from "../domain/RequestContext.ts"
import type { KeySettings } from "./KeyOrder.ts"
import { secretDigest } from "./Secret.ts"
import { callerOf, isCurrent, type KeyState, stateOf, type StoredKey } from "./StoredKey.ts"

/** What a key's digest leads to. */
interface Known {
  readonly caller: Caller
  /** Why it lets nobody in at this moment. */
  readonly refusal: (now: number) => string | undefined
}

const ended: { readonly [S in KeyState]: string | undefined } = {
  active: undefined,
  expired: "The API key has expired",
  revoked: "The API key has been revoked"
}
const replaced = "The API key was replaced by another one, and its time of grace is over"

/** So many keys' digests are remembered. */
const mostPresented = 1000

export class KeyTable {
  readonly #settings: () => KeySettings
  readonly #stored: ReadonlyMap<string, StoredKey>
  #known: ReadonlyMap<string, Known> = new Map()
  /** What `#known` was made from; absent: the stored keys have changed since. */
  #madeFrom: ReadonlyArray<ClientKey> | undefined
  #configured: ReadonlySet<string> = new Set()
  /** The digests of keys that were presented of late: to hash one takes longer than all else that is asked of it. */
  readonly #presented = new Map<string, string>()
  /** The digests of the config's keys, which are many bytes of hashing for what seldom changes. */
  readonly #digests = new WeakMap<ClientKey, string>()
  readonly #rows = new WeakMap<StoredKey, ReadonlyArray<readonly [digest: string, known: Known]>>()

  /** `stored` by name; whoever changes it says so (`changed`). */
  constructor(settings: () => KeySettings, stored: ReadonlyMap<string, StoredKey>) {
    this.#settings = settings
    this.#stored = stored
  }

  /** The stored keys are others from now on. */
  changed(): void {
    this.#madeFrom = undefined
    this.#presented.clear()
  }

  /** Has the config a key of this name? */
  isConfigured(name: string): boolean {
    this.#table()
    return this.#configured.has(name)
  }

  /** The caller whose one of these is, the first of them; or why one that is known lets nobody in. */
  find(presented: ReadonlyArray<string>, now: number): Caller | string | undefined {
    const table = this.#table()
    let refusal: string | undefined
    for (const key of presented) {
      const one = table.get(this.#digestOf(key))
      if (one === undefined) continue
      const refused = one.refusal(now)
      if (refused === undefined) return one.caller
      refusal ??= refused
    }
    return refusal
  }

  /** The digest of what was presented; of those that are used it is known. */
  #digestOf(key: string): string {
    const known = this.#presented.get(key)
    if (known !== undefined) return known
    const digest = secretDigest(key)
    // only what lets somebody in is remembered
    if (!this.#known.has(digest)) return digest
    if (this.#presented.size >= mostPresented) this.#presented.clear()
    this.#presented.set(key, digest)
    return digest
  }

  /** What a stored key adds to the table; the same caller as long as it is the same key. */
  #rowsOf(key: StoredKey): ReadonlyArray<readonly [digest: string, known: Known]> {
    const known = this.#rows.get(key)
    if (known !== undefined) return known
    const caller = callerOf(key)
    const rows = key.secrets.map(
      (secret) =>
        [
          secret.digest,
          {
            caller,
            refusal: (now: number) => ended[stateOf(key, now)] ?? (isCurrent(secret, now) ? undefined : replaced)
          }
        ] as const
    )
    this.#rows.set(key, rows)
    return rows
  }

  #table(): ReadonlyMap<string, Known> {
    const { keys } = this.#settings()
    if (keys === this.#madeFrom) return this.#known
    const next = new Map<string, Known>()
    this.#configured = new Set(keys.map(({ name }) => name))
    for (const key of this.#stored.values()) {
      if (this.#configured.has(key.name)) continue
      for (const [digest, known] of this.#rowsOf(key)) next.set(digest, known)
    }
    for (const key of keys) {
      const digest = this.#digests.get(key) ?? secretDigest(Redacted.value(key.key))
      this.#digests.set(key, digest)
      const { expiresAt } = key
      const life = expiresAt === undefined ? {} : { expiresAt }
      next.set(digest, { caller: callerOf(key), refusal: (now) => ended[stateOf(life, now)] })
    }
    this.#madeFrom = keys
    this.#known = next
    return next
  }
}
