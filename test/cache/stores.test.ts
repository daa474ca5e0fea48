import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { AnswerStore } from "../../src/cache/AnswerStore.ts"
import { makeMemoryAnswerStore } from "../../src/cache/MemoryAnswerStore.ts"
import { answerStoreLaws } from "./storeLaws.ts"

answerStoreLaws("memory", AnswerStore.layerMemory, { bounded: true })

const Move = Schema.Struct({
  put: Schema.Boolean,
  key: Schema.Literals(["a", "b", "c", "d", "e"]),
  size: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 })),
  after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 }))
})

describe("the memory store of answers", () => {
  it.prop(
    "gives what a list would give that is sorted by last use and cut at its end, and holds no more than its bounds",
    { moves: Schema.Array(Move).check(Schema.isMaxLength(60)) },
    ({ moves }) => {
      const most = { entries: 3, bytes: 1500 }
      const store = makeMemoryAnswerStore(() => most)
      /** The last used one last. Each takes 300 bytes besides its answer. */
      let model: ReadonlyArray<{ readonly key: string; readonly size: number; readonly at: number }> = []
      const ttl = 100
      const isAlive = (one: { readonly at: number }, now: number) => now < one.at + ttl
      let now = 0
      for (const { after, key, put, size } of moves) {
        now += after
        const known = model.find((one) => one.key === key)
        const others = model.filter((one) => one !== known)
        if (put) {
          Effect.runSync(store.put(key, { bytes: new Uint8Array(size), storedAt: now, keepUntil: now + ttl }))
          // those two that were not used for the longest time leave if they have expired, one after the other
          let rest = model
          for (let look = 0; look < 2; look++) if (rest[0] !== undefined && !isAlive(rest[0], now)) rest = rest.slice(1)
          model = [...rest.filter((one) => one.key !== key), { key, size, at: now }]
          while (model.length > most.entries || model.reduce((sum, one) => sum + 300 + one.size, 0) > most.bytes)
            model = model.slice(1)
        } else {
          const found = Effect.runSync(store.get(key, now))
          const expected = known !== undefined && isAlive(known, now) ? known : undefined
          assert.strictEqual(found?.bytes.byteLength, expected?.size)
          assert.strictEqual(found?.storedAt, expected?.at)
          if (known !== undefined) model = expected === undefined ? others : [...others, known]
        }
        const bytes = model.reduce((sum, one) => sum + 300 + one.size, 0)
        assert.deepInclude(store.standing(), { entries: model.length, bytes })
      }
    },
    { arbitrary: { runs: 300 } }
  )
})
