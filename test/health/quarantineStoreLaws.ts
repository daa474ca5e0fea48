/**
 * What every store of quarantine keeps to.
 *
 * @module
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, type Scope } from "effect"
import { QuarantineStore } from "../../src/health/QuarantineStore.ts"
import { type QuarantineEntry, entryKey, reasonOf, targetKey } from "../../src/machine/QuarantineEntry.ts"

/** A place where a store keeps its rows, and that outlasts it. */
export interface Place {
  /** A store that is opened there, and closed with its scope. */
  readonly open: Layer.Layer<QuarantineStore>
  /** Puts a row there as it is. */
  readonly plant: (key: string, text: string) => Effect.Effect<void>
}

export const entryOf = (provider: string, changes: Partial<QuarantineEntry> = {}): QuarantineEntry => {
  const entry = {
    key: "",
    scope: "account" as const,
    provider,
    source: "observed" as const,
    reason: reasonOf("QuotaExhausted", "the quota is spent"),
    since: 1000,
    recheckAt: 601_000,
    setbacks: 0,
    ...changes
  }
  return { ...entry, key: entryKey(entry.source, targetKey(entry)) }
}

/** One of each kind. */
export const entries: ReadonlyArray<QuarantineEntry> = [
  entryOf("openai", { seenAt: "gpt-5.2", identity: "0123456789abcdef" }),
  entryOf("openai", { scope: "credential", credential: "fedcba9876543210", setbacks: 3 }),
  entryOf("gemini", { scope: "model", model: "models/ünï-'quoted\"", reason: reasonOf("ModelUnavailable", "gone") }),
  entryOf("gemini", { source: "operator", until: 9000, reason: reasonOf("AccessDenied", "audit") })
]
const ofKey = (a: QuarantineEntry, b: QuarantineEntry): number => (a.key < b.key ? -1 : 1)
const sorted = (all: ReadonlyArray<QuarantineEntry>) => [...all].sort(ofKey)

export const quarantineStoreLaws = (name: string, place: Effect.Effect<Place, never, Scope.Scope>): void => {
  /** What `use` makes of a store that is opened for it alone. */
  const at = <A, E>({ open }: Place, use: (store: QuarantineStore["Service"]) => Effect.Effect<A, E>) =>
    Effect.provide(Effect.flatMap(QuarantineStore, use), Layer.fresh(open))
  const load = (there: Place) =>
    Effect.map(
      at(there, (store) => store.load),
      sorted
    )

  describe(`the ${name} store of quarantine`, () => {
    it.effect("is empty at first", () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* load(yield* place), [])
      })
    )
    it.effect("gives back what was put, after it was closed and opened again, in whatever order it was put", () =>
      Effect.gen(function* () {
        const [one, other] = [yield* place, yield* place]
        yield* at(one, (store) => store.put(entries))
        yield* at(other, (store) => Effect.forEach(entries.toReversed(), (entry) => store.put([entry])))
        assert.deepStrictEqual(yield* load(one), sorted(entries))
        assert.deepStrictEqual(yield* load(other), sorted(entries))
      })
    )
    it.effect("replaces what stood under the same key", () =>
      Effect.gen(function* () {
        const there = yield* place
        const [first, ...others] = entries
        assert.isDefined(first)
        if (first === undefined) return
        const later = { ...first, recheckAt: 2_000_000, setbacks: 7 }
        yield* at(there, (store) => Effect.andThen(store.put(entries), store.put([later])))
        assert.deepStrictEqual(yield* load(there), sorted([later, ...others]))
      })
    )
    it.effect("removes what it is told to, and minds nothing that is not there", () =>
      Effect.gen(function* () {
        const there = yield* place
        const [first, second, ...others] = entries
        yield* at(there, (store) =>
          Effect.gen(function* () {
            yield* store.put(entries)
            yield* store.remove([first?.key ?? "", second?.key ?? "", "account:nobody", "' OR 1 = 1 --"])
            yield* store.remove([])
            yield* store.put([])
          })
        )
        assert.deepStrictEqual(yield* load(there), sorted(others))
      })
    )
    it.effect("leaves out what it cannot read, says so once, and gives back the rest", () =>
      Effect.gen(function* () {
        const there = yield* place
        yield* at(there, (store) => store.put(entries))
        yield* there.plant("account:broken", "{")
        yield* there.plant("account:later", JSON.stringify({ ...entries[0], scope: "planet" }))
        yield* there.plant("account:other", JSON.stringify(entries[0]))
        yield* there.plant("account:never", JSON.stringify({ ...entryOf("never"), recheckAt: null }))
        const lines: Array<string> = []
        const logger = Logger.make(({ message }) => void lines.push(String(message)))
        const loaded = yield* Effect.provide(load(there), Logger.layer([logger]))
        assert.deepStrictEqual(loaded, sorted(entries))
        assert.lengthOf(lines, 1)
        assert.include(lines[0], "4 stored quarantine entries cannot be read")
      })
    )
  })
}
