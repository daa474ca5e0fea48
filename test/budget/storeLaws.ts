/**
 * What every store of budgets keeps to.
 *
 * @module
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema, type Scope } from "effect"
import { BudgetStore } from "../../src/budget/BudgetStore.ts"
import type { BudgetStoreShape, Drawn, StoreStep } from "../../src/budget/StoreContract.ts"
import { mostNano, nano } from "../../src/domain/Money.ts"

/** A place where a store keeps what it knows, and that outlasts it. */
export interface Place {
  /** A store that is opened there, and closed with its scope. */
  readonly open: Layer.Layer<BudgetStore>
}

const budget = "global day UTC"
const window = 1_700_006_400_000
const key = { budget, window }
const draw = (amount: number, limit = 1000, at = key): StoreStep => ({
  _tag: "Draw",
  ...at,
  amount: nano(amount),
  limit: nano(limit)
})
const giveBack = (amount: number): StoreStep => ({ _tag: "Return", ...key, amount: nano(amount) })
const note = (amount: number, certainty: "told" | "expired" = "told", hour = window): StoreStep => ({
  _tag: "Note",
  ...key,
  hour,
  certainty,
  amount: nano(amount),
  count: 1
})

/** A life of an owner: numbers its batches. */
const live = (store: BudgetStoreShape, owner: string, life: string) => {
  let number = 0
  return (...steps: ReadonlyArray<StoreStep>) => store.commit({ owner, life, number: ++number, steps })
}
const granted = (drawn: ReadonlyArray<Drawn>) => drawn.map(({ granted }) => Number(granted))

export const budgetStoreLaws = (name: string, place: Effect.Effect<Place, never, Scope.Scope>): void => {
  /** What `use` makes of a store that is opened for it alone. */
  const at = <A, E>({ open }: Place, use: (store: BudgetStoreShape) => Effect.Effect<A, E>) =>
    Effect.provide(Effect.flatMap(BudgetStore, use), Layer.fresh(open))

  describe(`the ${name} store of budgets`, () => {
    it.effect("grants what stays within the limit, and says what all have drawn", () =>
      Effect.flatMap(place, (there) =>
        at(there, (store) =>
          Effect.gen(function* () {
            yield* store.open("a", "1", 0)
            yield* store.open("b", "1", 0)
            const [a, b] = [live(store, "a", "1"), live(store, "b", "1")]
            assert.deepStrictEqual(yield* a(draw(600)), [{ granted: nano(600), total: nano(600), unnoted: nano(600) }])
            assert.deepStrictEqual(yield* b(draw(600)), [{ granted: nano(400), total: nano(1000), unnoted: nano(400) }])
            assert.deepStrictEqual(yield* a(draw(1)), [{ granted: nano(0), total: nano(1000), unnoted: nano(600) }])
            assert.deepStrictEqual(yield* store.balance(key), { drawn: nano(1000), noted: nano(0) })
          })
        )
      )
    )
    it.effect("keeps windows and budgets apart", () =>
      Effect.flatMap(place, (there) =>
        at(there, (store) =>
          Effect.gen(function* () {
            yield* store.open("a", "1", 0)
            const drawn = yield* live(store, "a", "1")(
              draw(1000),
              draw(1000, 1000, { budget, window: window + 86_400_000 }),
              draw(1000, 1000, { budget: "tenant:'x' day UTC", window })
            )
            assert.deepStrictEqual(granted(drawn), [1000, 1000, 1000])
          })
        )
      )
    )
    it.effect("takes back what was not noted, and no more", () =>
      Effect.flatMap(place, (there) =>
        at(there, (store) =>
          Effect.gen(function* () {
            yield* store.open("a", "1", 0)
            const a = live(store, "a", "1")
            yield* a(draw(500), note(200), giveBack(1000), giveBack(5))
            assert.deepStrictEqual(yield* store.balance(key), { drawn: nano(200), noted: nano(200) })
            assert.deepStrictEqual(granted(yield* a(draw(2000))), [800])
          })
        )
      )
    )
    it.effect("records what is noted beyond what was drawn, beyond the limit if need be", () =>
      Effect.flatMap(place, (there) =>
        at(there, (store) =>
          Effect.gen(function* () {
            yield* store.open("a", "1", 0)
            yield* live(store, "a", "1")(draw(1000), note(1200))
            assert.deepStrictEqual(yield* store.balance(key), { drawn: nano(1200), noted: nano(1200) })
          })
        )
      )
    )
    it.effect("adds up the journal by hour and certainty, corrections included", () =>
      Effect.flatMap(place, (there) =>
        at(there, (store) =>
          Effect.gen(function* () {
            yield* store.open("a", "1", 0)
            const later = window + 3_600_000
            yield* live(store, "a", "1")(draw(900), note(7), note(300, "expired"), note(5), note(-250, "told", later))
            const rows = yield* store.journal(budget, 0)
            assert.deepStrictEqual(
              rows.map(({ amount, certainty, count, hour }) => [hour, certainty, Number(amount), count]),
              [
                [window, "expired", 300, 1],
                [window, "told", 12, 2],
                [later, "told", -250, 1]
              ]
            )
            assert.deepStrictEqual(yield* store.journal(budget, window + 1), [])
            assert.deepStrictEqual(yield* store.balance(key), { drawn: nano(900), noted: nano(62) })
          })
        )
      )
    )
    it.effect("gives amounts of a million dollars back to the nano-dollar", () =>
      Effect.flatMap(place, (there) =>
        at(there, (store) =>
          Effect.gen(function* () {
            yield* store.open("a", "1", 0)
            yield* live(store, "a", "1")(draw(999_999_999_999_999, 1e15), note(999_999_999_999_999))
            assert.deepStrictEqual(
              granted(yield* store.commit({ owner: "a", life: "1", number: 2, steps: [draw(9, 1e15)] })),
              [1]
            )
          })
        )
      )
    )
    it.effect("counts what a life that ended had drawn and not noted as lost, once", () =>
      Effect.flatMap(place, (there) =>
        Effect.gen(function* () {
          yield* at(there, (store) =>
            Effect.andThen(store.open("a", "1", 0), live(store, "a", "1")(draw(500), note(200)))
          )
          yield* at(there, (store) =>
            Effect.gen(function* () {
              yield* store.open("a", "2", window + 1)
              yield* store.open("a", "2", window + 1)
              yield* store.open("a", "3", window + 2)
              assert.deepStrictEqual(yield* store.balance(key), { drawn: nano(500), noted: nano(500) })
              const lost = (yield* store.journal(budget, 0)).filter(({ certainty }) => certainty === "lost")
              assert.deepStrictEqual(lost, [{ ...key, hour: window, certainty: "lost", amount: nano(300), count: 1 }])
              assert.deepStrictEqual(granted(yield* live(store, "a", "3")(draw(1000))), [500])
            })
          )
        })
      )
    )
    it.effect("leaves the blocks of other owners alone", () =>
      Effect.flatMap(place, (there) =>
        at(there, (store) =>
          Effect.gen(function* () {
            yield* store.open("a", "1", 0)
            yield* store.open("b", "1", 0)
            yield* live(store, "a", "1")(draw(500))
            yield* store.open("b", "2", 0)
            assert.deepStrictEqual(yield* store.balance(key), { drawn: nano(500), noted: nano(0) })
          })
        )
      )
    )
    it.effect("fences off a life that was followed by another, and one that never began", () =>
      Effect.flatMap(place, (there) =>
        at(there, (store) =>
          Effect.gen(function* () {
            yield* store.open("a", "1", 0)
            const old = live(store, "a", "1")
            yield* old(draw(100))
            yield* store.open("a", "2", 0)
            for (const fenced of [old(draw(100)), live(store, "z", "1")(draw(1))])
              assert.strictEqual((yield* Effect.flip(fenced)).why, "superseded")
            assert.deepStrictEqual(yield* store.balance(key), { drawn: nano(100), noted: nano(100) })
          })
        )
      )
    )
    it.effect("answers a batch that is sent again as the first time, and does it once", () =>
      Effect.flatMap(place, (there) =>
        Effect.gen(function* () {
          const batch = { owner: "a", life: "1", number: 1, steps: [draw(700), note(50)] }
          const first = yield* at(there, (store) => Effect.andThen(store.open("a", "1", 0), store.commit(batch)))
          yield* at(there, (store) =>
            Effect.gen(function* () {
              assert.deepStrictEqual(yield* store.commit(batch), first)
              assert.deepStrictEqual(yield* store.balance(key), { drawn: nano(700), noted: nano(50) })
            })
          )
        })
      )
    )
    it.effect("keeps sums that are beyond all amounts at the largest", () =>
      Effect.flatMap(place, (there) =>
        at(there, (store) =>
          Effect.gen(function* () {
            yield* store.open("a", "1", 0)
            const a = live(store, "a", "1")
            yield* a(note(mostNano), note(mostNano))
            assert.deepStrictEqual(
              (yield* store.journal(budget, 0)).map(({ amount, count }) => [amount, count]),
              [[mostNano, 2]]
            )
            assert.deepStrictEqual(yield* store.balance(key), { drawn: mostNano, noted: mostNano })
            assert.deepStrictEqual(granted(yield* a(draw(1))), [0])
          })
        )
      )
    )
    it.effect("forgets windows that began before a moment, of that budget alone", () =>
      Effect.flatMap(place, (there) =>
        at(there, (store) =>
          Effect.gen(function* () {
            yield* store.open("a", "1", 0)
            const other = { budget: "global hour UTC", window }
            const a = live(store, "a", "1")
            yield* a(draw(500), note(200), draw(5, 1000, other), { _tag: "Forget", budget, window: window + 1 })
            assert.deepStrictEqual(yield* store.balance(key), { drawn: nano(0), noted: nano(0) })
            assert.deepStrictEqual(yield* store.journal(budget, 0), [])
            assert.deepStrictEqual(yield* store.balance(other), { drawn: nano(5), noted: nano(0) })
          })
        )
      )
    )

    const Move = Schema.Struct({
      owner: Schema.Literals(["a", "b", "c"]),
      does: Schema.Literals(["draw", "draw", "note", "return", "crash"]),
      amount: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 400 }))
    })
    it.effect.prop(
      "never has more drawn than the limit, however owners draw, note, return and die; the journal is what was noted",
      { moves: Schema.Array(Move).check(Schema.isMinLength(25), Schema.isMaxLength(30)) },
      ({ moves }) =>
        Effect.flatMap(place, (there) =>
          at(there, (store) =>
            Effect.gen(function* () {
              const lives = new Map<string, { life: number; number: number; free: number }>()
              let expected = 0
              for (const { amount, does, owner } of moves) {
                const before = lives.get(owner)
                if (before === undefined || does === "crash") {
                  // what a life had drawn and not noted counts as spent
                  expected += before?.free ?? 0
                  const life = (before?.life ?? 0) + 1
                  yield* store.open(owner, String(life), window)
                  lives.set(owner, { life, number: 0, free: 0 })
                  continue
                }
                const used = does === "draw" ? amount : Math.min(amount, before.free)
                const step = does === "draw" ? draw(used) : does === "note" ? note(used) : giveBack(used)
                const [answer] = yield* store.commit({
                  owner,
                  life: String(before.life),
                  number: ++before.number,
                  steps: [step]
                })
                before.free += does === "draw" ? (answer?.granted ?? 0) : -used
                if (does === "note") expected += used
                const balance = yield* store.balance(key)
                assert.isAtMost(balance.drawn, 1000)
                assert.strictEqual(Number(balance.noted), expected)
                const free = [...lives.values()].reduce((sum, one) => sum + one.free, 0)
                assert.strictEqual(balance.drawn - balance.noted, free)
              }
              const rows = yield* store.journal(budget, 0)
              assert.strictEqual(
                rows.reduce((sum, { amount }) => sum + amount, 0),
                Number((yield* store.balance(key)).noted)
              )
            })
          )
        ),
      { arbitrary: { runs: 20, seed: 3 } }
    )
  })
}
