/**
 * What every store of client keys keeps to.
 *
 * @module
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, type Scope } from "effect"
import { KeyStore, type KeyStoreError } from "../../src/keys/KeyStore.ts"
import { revoked, type StoredKey } from "../../src/keys/StoredKey.ts"

/** A place where a store keeps its rows, and that outlasts it. */
export interface Place {
  /** A store that is opened there, and closed with its scope. */
  readonly open: Layer.Layer<KeyStore>
  /** Puts a row there as it is. */
  readonly plant: (name: string, text: string) => Effect.Effect<void>
}

export const keyOf = (name: string, changes: Partial<StoredKey> = {}): StoredKey => ({
  name,
  version: 1,
  priority: "normal",
  tags: [],
  secrets: [{ digest: "0f".repeat(32), prefix: "sy-AbCd", lastFour: "wxyz", createdAt: 1000 }],
  createdAt: 1000,
  ...changes
})

/** A plain one, and one with everything that a key may have. */
export const keys: ReadonlyArray<StoredKey> = [
  keyOf("web"),
  keyOf("ci.nightly_2-b", {
    version: 7,
    tenant: "ünï-'quoted\"",
    priority: "low",
    allow: ["smart", "openai/*"],
    region: "eu",
    limits: { requestsPerMinute: 60, tokensPerMinute: 1e6, concurrent: 4 },
    tags: ["a", "b"],
    expiresAt: 9000,
    revokedAt: 5000,
    secrets: [
      { digest: "1f".repeat(32), prefix: "sy-EfGh", lastFour: "-_Aa", createdAt: 2000 },
      { digest: "2f".repeat(32), prefix: "sy-IjKl", lastFour: "0000", createdAt: 1000, validUntil: 3000 }
    ]
  })
]
const sorted = (all: ReadonlyArray<StoredKey>) => [...all].sort((a, b) => (a.name < b.name ? -1 : 1))

export const keyStoreLaws = (name: string, place: Effect.Effect<Place, never, Scope.Scope>): void => {
  /** What `use` makes of a store that is opened for it alone. */
  const at = <A, E>({ open }: Place, use: (store: KeyStore["Service"]) => Effect.Effect<A, E>) =>
    Effect.provide(Effect.flatMap(KeyStore, use), Layer.fresh(open))
  const load = (there: Place) =>
    Effect.map(
      at(there, (store) => store.load),
      sorted
    )

  describe(`the ${name} store of client keys`, () => {
    it.effect("is empty at first, and gives back what was inserted after it was closed and opened again", () =>
      Effect.gen(function* () {
        const there = yield* place
        assert.deepStrictEqual(yield* load(there), [])
        for (const key of keys) assert.isTrue(yield* at(there, (store) => store.insert(key)))
        assert.deepStrictEqual(yield* load(there), sorted(keys))
      })
    )
    it.effect("gives a name once: whoever inserts second changes nothing", () =>
      Effect.gen(function* () {
        const there = yield* place
        yield* at(there, (store) => store.insert(keyOf("web")))
        assert.isFalse(yield* at(there, (store) => store.insert(keyOf("web", { tenant: "another" }))))
        assert.deepStrictEqual(yield* load(there), [keyOf("web")])
      })
    )
    it.effect("takes one of two changes that were made from the same version", () =>
      Effect.gen(function* () {
        const there = yield* place
        yield* at(there, (store) => store.insert(keyOf("web")))
        const one = revoked(keyOf("web"), 7000)
        const taken = yield* at(there, (store) =>
          Effect.all([store.replace(one), store.replace(keyOf("web", { version: 2, tenant: "late" }))])
        )
        assert.deepStrictEqual(taken, [true, false])
        assert.deepStrictEqual(yield* load(there), [one])
        assert.isTrue(yield* at(there, (store) => store.replace({ ...one, version: 3, tenant: "acme" })))
        assert.isFalse(yield* at(there, (store) => store.replace(keyOf("nobody", { version: 2 }))))
        assert.lengthOf(yield* load(there), 1)
      })
    )
    it.effect("removes what it is told to, and minds nothing that is not there", () =>
      Effect.gen(function* () {
        const there = yield* place
        for (const key of keys) yield* at(there, (store) => store.insert(key))
        for (const gone of ["web", "web", "' OR 1 = 1 --"]) yield* at(there, (store) => store.remove(gone))
        assert.deepStrictEqual(yield* load(there), keys.slice(1))
        assert.isTrue(yield* at(there, (store) => store.insert(keyOf("web"))))
      })
    )
    it.effect("has another revision after every change, and none after what changed nothing", () =>
      Effect.gen(function* () {
        const there = yield* place
        yield* at(there, (store) =>
          Effect.gen(function* () {
            const seen = [yield* store.revision]
            const changes: ReadonlyArray<readonly [Effect.Effect<boolean | void, KeyStoreError>, boolean]> = [
              [store.insert(keyOf("web")), true],
              [store.insert(keyOf("web")), false],
              [store.replace(keyOf("web", { version: 2 })), true],
              [store.replace(keyOf("web", { version: 2 })), false],
              [store.remove("nobody"), false],
              [store.remove("web"), true],
              [store.insert(keyOf("web")), true]
            ]
            for (const [change, isChange] of changes) {
              yield* change
              const now = yield* store.revision
              assert.strictEqual(seen.includes(now), !isChange)
              seen.push(now)
            }
          })
        )
      })
    )
    it.effect("leaves out what it cannot read, says so once, and keeps its name taken", () =>
      Effect.gen(function* () {
        const there = yield* place
        yield* at(there, (store) => store.insert(keyOf("web")))
        yield* there.plant("broken", "{")
        yield* there.plant("later", JSON.stringify({ ...keyOf("later"), priority: "royal" }))
        yield* there.plant("other", JSON.stringify(keyOf("web")))
        yield* there.plant(
          "short",
          JSON.stringify(keyOf("short", { secrets: keyOf("x").secrets.map((one) => ({ ...one, digest: "ff" })) }))
        )
        const lines: Array<string> = []
        const logger = Logger.make(({ message }) => void lines.push(String(message)))
        assert.deepStrictEqual(yield* Effect.provide(load(there), Logger.layer([logger])), [keyOf("web")])
        assert.lengthOf(lines, 1)
        assert.include(lines[0], "4 stored client keys cannot be read")
        assert.isFalse(yield* at(there, (store) => store.insert(keyOf("broken"))))
      })
    )
  })
}
