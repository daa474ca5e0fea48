import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, HashMap, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as Actor from "../../src/actor/Actor.ts"

type Event = { readonly total: number; readonly at: number }
/** Adds up; zero changes nothing. */
const counter: Actor.Machine<{ total: number; at: number }, number, number, Event> = {
  initial: { total: 0, at: 0 },
  step: (state, by, now) =>
    by === 0 ? [state.total, state] : [state.total + by, { total: state.total + by, at: now }],
  events: (_before, after) => [after]
}

describe("an actor", () => {
  it.effect("replies to the asker, keeps the state and dates it by the Clock", () =>
    Effect.gen(function* () {
      const actor = yield* Actor.make(counter)
      assert.strictEqual(yield* actor.ask(2), 2)
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual(yield* actor.ask(5), 7)
      assert.deepStrictEqual(yield* actor.state, { total: 7, at: 3000 })
    }).pipe(Effect.scoped)
  )
  it.effect("tells listeners what happened, in order, and nothing where nothing changed", () =>
    Effect.gen(function* () {
      const actor = yield* Actor.make(counter)
      const heard = yield* Effect.forkChild(Stream.runCollect(Stream.take(actor.events, 3)), { startImmediately: true })
      yield* Effect.forEach([1, 0, 2, 0, 3], actor.ask)
      const events = yield* Fiber.join(heard)
      assert.deepStrictEqual(
        events.map(({ total }) => total),
        [1, 3, 6]
      )
    }).pipe(Effect.scoped)
  )
  it.effect("lets a machine date what it tells by the Clock", () =>
    Effect.gen(function* () {
      const actor = yield* Actor.make({ ...counter, events: (_before, after, _command, at) => [{ ...after, at }] })
      const heard = yield* Effect.forkChild(Stream.runCollect(Stream.take(actor.events, 1)), { startImmediately: true })
      yield* TestClock.adjust("4 seconds")
      yield* actor.ask(1)
      assert.deepStrictEqual(yield* Fiber.join(heard), [{ total: 1, at: 4000 }])
    }).pipe(Effect.scoped)
  )
  it.effect("never waits for a listener that is too slow", () =>
    Effect.gen(function* () {
      const actor = yield* Actor.make(counter)
      const slow = yield* Effect.forkChild(
        Stream.runForEach(actor.events, () => Effect.never),
        { startImmediately: true }
      )
      yield* Effect.forEach(
        Array.from({ length: 5000 }, () => 1),
        actor.ask,
        { discard: true }
      )
      assert.strictEqual((yield* actor.state).total, 5000)
      yield* Fiber.interrupt(slow)
    }).pipe(Effect.scoped)
  )
  it.effect("loses no change when many ask at once", () =>
    Effect.gen(function* () {
      const actor = yield* Actor.make(counter)
      const asks = Array.from({ length: 1000 }, () => actor.ask(1))
      const replies = yield* Effect.all(asks, { concurrency: "unbounded" })
      assert.strictEqual(new Set(replies).size, 1000)
    }).pipe(Effect.scoped)
  )
})

describe("a keyed machine", () => {
  const machine = Actor.keyed(counter, { capacity: 3, isIdle: ({ total }) => total < 10 })
  const send = (states: HashMap.HashMap<string, { total: number; at: number }>, key: string, command: number) =>
    machine.step(states, { key, command }, 0)[1]

  it("keeps a state a key, and none for a key that never changed", () => {
    const states = [["a", 1] as const, ["b", 20] as const, ["c", 0] as const].reduce(
      (all, [key, by]) => send(all, key, by),
      machine.initial
    )
    assert.deepStrictEqual([...HashMap.keys(states)].sort(), ["a", "b"])
  })
  it("drops idle keys first when it is full, and stays within its capacity whatever the keys", () => {
    const full = ["a", "b", "c"].reduce((all, key) => send(all, key, key === "a" ? 1 : 20), machine.initial)
    const after = send(full, "d", 20)
    assert.deepStrictEqual([...HashMap.keys(after)].sort(), ["b", "c", "d"])
    const many = Array.from({ length: 50 }, (_, index) => `k${index}`).reduce((all, key) => send(all, key, 99), after)
    assert.isAtMost(HashMap.size(many), 3)
  })
  it("drops the state that knows of the earliest moments when none is idle", () => {
    const dated = Actor.keyed(counter, { capacity: 3, isIdle: () => false, horizon: ({ total }) => total })
    const fill = (keys: ReadonlyArray<readonly [string, number]>) =>
      keys.reduce((all, [key, command]) => dated.step(all, { key, command }, 0)[1], dated.initial)
    assert.deepStrictEqual(
      [
        ...HashMap.keys(
          fill([
            ["a", 7],
            ["b", 5],
            ["c", 6],
            ["d", 9],
            ["e", 8]
          ])
        )
      ].sort(),
      ["a", "d", "e"]
    )
  })
  it("drops a sixteenth at once when it is full, so that not every new key looks at all the others", () => {
    let looks = 0
    const watched = Actor.keyed(counter, {
      capacity: 320,
      isIdle: ({ total }) => {
        looks++
        return total === 1
      },
      horizon: ({ total }) => total
    })
    let states = watched.initial
    for (let i = 0; i < 3200; i++) {
      // some of those that are full are idle, but never many
      states = watched.step(states, { key: `k${i}`, command: i % 40 === 0 ? 1 : 100 + i }, 0)[1]
      assert.isAtMost(HashMap.size(states), 320)
    }
    assert.isTrue(HashMap.has(states, "k3199"))
    assert.isAtMost(looks, 3200 * 20)
  })
  it("never drops what must be kept, and gives a new key no state where all must be", () => {
    const kept = Actor.keyed(counter, { capacity: 2, isIdle: () => false, mustKeep: ({ total }) => total >= 100 })
    const fill = (states: typeof kept.initial, ...keys: ReadonlyArray<readonly [string, number]>) =>
      keys.reduce((all, [key, command]) => kept.step(all, { key, command }, 0)[1], states)
    const half = fill(kept.initial, ["a", 100], ...Array.from({ length: 40 }, (_, i) => [`k${i}`, 1] as const))
    assert.isTrue(HashMap.has(half, "a"))
    assert.strictEqual(HashMap.size(half), 2)
    const full = fill(half, ["b", 100], ["c", 1])
    assert.deepStrictEqual([...HashMap.keys(full)].sort(), ["a", "b"])
    assert.deepStrictEqual([...HashMap.keys(fill(full, ["d", 100]))].sort(), ["a", "b", "d"])
  })
  it.effect("tells which key an event belongs to", () =>
    Effect.gen(function* () {
      const actor = yield* Actor.make(machine)
      const heard = yield* Effect.forkChild(Stream.runCollect(Stream.take(actor.events, 2)), { startImmediately: true })
      yield* actor.ask({ key: "x", command: 4 })
      yield* actor.ask({ key: "y", command: 5 })
      assert.deepStrictEqual(
        (yield* Fiber.join(heard)).map(({ key, event }) => [key, event.total]),
        [
          ["x", 4],
          ["y", 5]
        ]
      )
    }).pipe(Effect.scoped)
  )
})
