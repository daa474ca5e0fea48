/**
 * What every store of answers keeps to.
 *
 * @module
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { AnswerStore } from "../../src/cache/AnswerStore.ts"
import type { AnswerStoreBounds, AnswerStoreShape, StoredBytes } from "../../src/cache/StoreContract.ts"

const roomy: AnswerStoreBounds = { entries: 100, bytes: 1_000_000 }

const stored = (text: string, storedAt = 0, keepUntil = 1000): StoredBytes => ({
  bytes: new TextEncoder().encode(text),
  storedAt,
  keepUntil
})
const textOf = (found: StoredBytes | undefined): string | undefined =>
  found === undefined ? undefined : new TextDecoder().decode(found.bytes)

/** `bounded`: does it keep to bounds by itself, and lose nothing within them? */
export const answerStoreLaws = (
  name: string,
  layer: (bounds: () => AnswerStoreBounds) => Layer.Layer<AnswerStore>,
  { bounded }: { readonly bounded: boolean }
): void => {
  const using = <A, E>(use: (store: AnswerStoreShape) => Effect.Effect<A, E>, bounds = () => roomy) =>
    Effect.provide(Effect.flatMap(AnswerStore, use), Layer.fresh(layer(bounds)))

  describe(`the ${name} store of answers`, () => {
    it.effect("gives what was put under a key, byte by byte, with when that was, and under no other key", () =>
      using((store) =>
        Effect.gen(function* () {
          const bytes = Uint8Array.from({ length: 256 }, (_, at) => at)
          yield* store.put("a", { bytes, storedAt: 5, keepUntil: 1000 })
          const found = yield* store.get("a", 10)
          assert.deepStrictEqual(Array.from(found?.bytes ?? []), Array.from(bytes))
          assert.strictEqual(found?.storedAt, 5)
          assert.isUndefined(yield* store.get("A", 10))
          assert.isUndefined(yield* store.get("", 10))
        })
      )
    )
    it.effect("gives what was put last", () =>
      using((store) =>
        Effect.gen(function* () {
          yield* store.put("a", stored("first"))
          yield* store.put("a", stored("second", 1))
          assert.strictEqual(textOf(yield* store.get("a", 10)), "second")
        })
      )
    )
    it.effect("gives nothing from the end of its time on", () =>
      using((store) =>
        Effect.gen(function* () {
          yield* store.put("a", stored("a", 0, 100))
          assert.strictEqual(textOf(yield* store.get("a", 99)), "a")
          assert.isUndefined(yield* store.get("a", 100))
          yield* store.put("b", stored("b", 100, 100))
          assert.isUndefined(yield* store.get("b", 100))
        })
      )
    )
    it.effect("forgets everything when it is told to, and goes on keeping", () =>
      using((store) =>
        Effect.gen(function* () {
          yield* store.put("a", stored("a"))
          yield* store.clear
          assert.isUndefined(yield* store.get("a", 1))
          assert.strictEqual(store.standing().bytes, 0)
          yield* store.put("a", stored("again"))
          assert.strictEqual(textOf(yield* store.get("a", 1)), "again")
        })
      )
    )
    if (!bounded) return
    it.effect("lets go what was not used for the longest time when there is too much", () =>
      using(
        (store) =>
          Effect.gen(function* () {
            for (const key of ["a", "b", "c"]) yield* store.put(key, stored(key))
            yield* store.get("a", 1)
            yield* store.put("d", stored("d", 1))
            const found = yield* Effect.forEach(["a", "b", "c", "d"], (key) => store.get(key, 2))
            assert.deepStrictEqual(found.map(textOf), ["a", undefined, "c", "d"])
            assert.deepInclude(store.standing(), { entries: 3, evicted: 1 })
          }),
        () => ({ entries: 3, bytes: 1_000_000 })
      )
    )
    it.effect("never holds more bytes than it may, whatever is put, and takes nothing that is more by itself", () =>
      using(
        (store) =>
          Effect.gen(function* () {
            yield* store.put("small", stored("x"))
            yield* store.put("huge", stored("x".repeat(20_000)))
            assert.isUndefined(yield* store.get("huge", 1))
            assert.strictEqual(textOf(yield* store.get("small", 1)), "x")
            for (let at = 0; at < 200; at++) {
              yield* store.put(`k${at % 37}`, stored("x".repeat((at * 7919) % 4000), at, at + 500))
              const { bytes, entries } = store.standing()
              assert.isAtMost(bytes, 10_000)
              assert.isAbove(entries, 0)
            }
          }),
        () => ({ entries: 100, bytes: 10_000 })
      )
    )
    it.effect("keeps to bounds that become smaller", () => {
      let bounds = roomy
      return using(
        (store) =>
          Effect.gen(function* () {
            for (let at = 0; at < 50; at++) yield* store.put(`k${at}`, stored("x"))
            assert.strictEqual(store.standing().entries, 50)
            bounds = { entries: 5, bytes: 1_000_000 }
            yield* store.put("new", stored("x"))
            assert.strictEqual(store.standing().entries, 5)
            assert.isDefined(yield* store.get("new", 1))
          }),
        () => bounds
      )
    })
    it.effect("counts nothing twice: what was replaced or has expired takes no room", () =>
      using((store) =>
        Effect.gen(function* () {
          for (let at = 0; at < 50; at++) yield* store.put("a", stored("x".repeat(at), at))
          const one = store.standing().bytes
          assert.strictEqual(store.standing().entries, 1)
          yield* store.put("b", stored("y".repeat(49), 50, 60))
          assert.strictEqual(store.standing().bytes, 2 * one)
          yield* store.get("b", 60)
          assert.deepStrictEqual(store.standing(), { entries: 1, bytes: one, evicted: 0 })
          yield* store.get("a", 1000)
          assert.deepStrictEqual(store.standing(), { entries: 0, bytes: 0, evicted: 0 })
        })
      )
    )
  })
}
