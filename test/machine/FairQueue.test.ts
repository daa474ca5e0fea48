import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  fairEvents,
  type FairState,
  fairStep,
  initialFair,
  inTurn,
  type Waiter,
  waitingByCaller,
  waitingOf
} from "../../src/machine/FairQueue.ts"
import { priorities, type Priority } from "../../src/domain/RequestContext.ts"

/** A queue and what it was told, so that tests read as a story. */
const queueOf = (capacity = 1000) => {
  let state: FairState = initialFair
  const waiters = new Map<number, Waiter>()
  let lastId = 0
  const join = (caller: string, priority: Priority = "normal"): number | undefined => {
    const waiter = { id: ++lastId, caller, priority }
    const [reply, next] = fairStep(state, { _tag: "Join", waiter, capacity })
    state = next
    if (reply._tag !== "Joined") return undefined
    waiters.set(waiter.id, waiter)
    return waiter.id
  }
  const waiterOf = (id: number): Waiter => waiters.get(id) ?? { id, caller: "nobody", priority: "normal" }
  const end = (_tag: "Serve" | "Leave", id: number, tokens = 0): Waiter => {
    const waiter = waiterOf(id)
    waiters.delete(id)
    state = fairStep(state, { _tag, waiter, tokens })[1]
    return waiter
  }
  const pass = (id: number, tokens: number) => {
    state = fairStep(state, { _tag: "Pass", waiter: waiterOf(id), tokens })[1]
  }
  const forget = () => {
    state = fairStep(state, { _tag: "Forget" })[1]
  }
  /** Serves the next one. */
  const next = (tokens = 0): Waiter | undefined => {
    const [id] = inTurn(state)
    return id === undefined ? undefined : end("Serve", id, tokens)
  }
  return { join, next, end, pass, forget, order: () => [...inTurn(state)], state: () => state }
}
const served = (queue: ReturnType<typeof queueOf>, n: number) =>
  Array.from({ length: n }, () => queue.next()?.caller ?? "-").join("")

describe("a fair queue", () => {
  it("serves callers in turn, and each caller's requests in the order they came", () => {
    const queue = queueOf()
    for (const caller of "aaabbc") queue.join(caller)
    assert.deepStrictEqual(queue.order(), [1, 4, 6, 2, 5, 3])
    assert.strictEqual(served(queue, 7), "abcaba-")
  })
  it("puts a caller that was served behind the others, also when it comes back at once", () => {
    const queue = queueOf()
    for (const caller of "ab") queue.join(caller)
    assert.strictEqual(queue.next()?.caller, "a")
    queue.join("a")
    assert.strictEqual(served(queue, 2), "ba")
  })
  it("lets a caller with a thousand requests delay another's first by one turn at most", () => {
    const queue = queueOf(2100)
    for (let i = 0; i < 1000; i++) assert.isDefined(queue.join("greedy"))
    queue.next()
    queue.join("modest")
    assert.strictEqual(served(queue, 2).length, "greedymodest".length)
    assert.strictEqual(waitingOf(queue.state(), "modest"), 0)
  })
  it("serves critical before normal before low", () => {
    const queue = queueOf()
    for (const priority of ["low", "normal", "critical"] as const) queue.join(priority, priority)
    assert.deepStrictEqual(queue.order(), [3, 2, 1])
  })
  it("gives a class that was passed over eight times the next turn, the higher of two first", () => {
    const queue = queueOf()
    for (let i = 0; i < 40; i++) queue.join("c", "critical")
    for (let i = 0; i < 3; i++) queue.join("n", "normal")
    for (let i = 0; i < 3; i++) queue.join("l", "low")
    assert.strictEqual(served(queue, 30), "ccccccccnlccccccccnlccccccccnl")
  })
  it("does not count the turns given while nobody waited in a class", () => {
    const queue = queueOf()
    for (let i = 0; i < 20; i++) queue.join("c", "critical")
    served(queue, 8)
    queue.join("l", "low")
    assert.strictEqual(served(queue, 9), "ccccccccl")
  })
  it("keeps everybody's place when one in the middle is served or leaves", () => {
    const queue = queueOf()
    for (const caller of "aabbcc") queue.join(caller)
    queue.end("Leave", 1)
    assert.deepStrictEqual(queue.order(), [2, 3, 5, 4, 6])
    // who is served out of turn has had its turn
    queue.end("Serve", 3)
    assert.deepStrictEqual(queue.order(), [2, 5, 4, 6])
  })
  it("keeps a caller that got a large request behind the others until they have got as much", () => {
    const queue = queueOf()
    for (const caller of "llsssssstttttt") queue.join(caller)
    assert.strictEqual(queue.next(5000)?.caller, "l")
    assert.strictEqual(served(queue, 11), "ststststst".concat("l"))
  })
  it("counts nothing for less than a thousand tokens: small requests take turns one by one", () => {
    const queue = queueOf()
    for (const caller of "aaabbb") queue.join(caller)
    assert.strictEqual(
      Array.from({ length: 6 }, (_, i) => queue.next(i % 2 === 0 ? 999 : 10)?.caller).join(""),
      "ababab"
    )
  })
  it("remembers what a caller got while it has nothing waiting, until it is told that that is long ago", () => {
    const queue = queueOf()
    for (const caller of "ls") queue.join(caller)
    queue.next(3000)
    queue.join("l")
    for (let i = 0; i < 3; i++) {
      assert.strictEqual(queue.next()?.caller, "s")
      queue.join("s")
    }
    assert.strictEqual(served(queue, 2), "ls")
    assert.isAtMost(queue.state().classes.normal.owing.size, 2)
    queue.join("b")
    queue.forget()
    assert.isAbove(queue.state().classes.normal.owing.size, 0)
    queue.next()
    queue.forget()
    assert.strictEqual(queue.state(), initialFair)
  })
  it("puts a caller behind the others that had its turn in vain, and one that left then also", () => {
    for (const left of [true, false]) {
      const queue = queueOf()
      for (const caller of "aabb") queue.join(caller)
      if (left) queue.end("Leave", 1, 500)
      else queue.pass(1, 500)
      assert.strictEqual(served(queue, left ? 3 : 4), left ? "bab" : "baba")
    }
    // to leave and to come back gains nothing
    const queue = queueOf()
    for (const caller of "ab") queue.join(caller)
    queue.end("Leave", 1, 500)
    queue.join("a")
    assert.strictEqual(served(queue, 2), "ba")
  })
  it("lets one that could not be served while others were have the next turn, and not all that it missed", () => {
    const queue = queueOf()
    for (const caller of "aaabbbbbbbb") queue.join(caller)
    for (const id of [4, 5, 6, 7]) queue.end("Serve", id)
    assert.strictEqual(served(queue, 5), "ababa")
  })
  it("takes no more of one caller than there are places free", () => {
    const queue = queueOf(9)
    const joins = (caller: string) => {
      let n = 0
      while (queue.join(caller) !== undefined) n++
      return n
    }
    // 5 of 9 leave 4 free; then 2, then 1, and the last place is for whoever has none
    assert.deepStrictEqual(["a", "b", "c", "d", "e"].map(joins), [5, 2, 1, 1, 0])
    assert.strictEqual(queue.state().waiting, 9)
  })
  it("of no places takes nobody, and of one place one", () => {
    assert.isUndefined(queueOf(0).join("a"))
    const one = queueOf(1)
    assert.isDefined(one.join("a"))
    assert.isUndefined(one.join("b"))
  })
  it("knows how many each caller has waiting, over all priorities", () => {
    const queue = queueOf()
    queue.join("a", "low")
    queue.join("a", "critical")
    queue.join("b")
    assert.deepStrictEqual(
      waitingByCaller(queue.state()),
      new Map([
        ["a", 2],
        ["b", 1]
      ])
    )
  })
  it("tells when it begins to fill and when it is empty, not once a waiter", () => {
    const queue = queueOf()
    const events = [() => queue.join("a"), () => queue.join("b"), () => queue.next(), () => queue.next()].flatMap(
      (act) => {
        const before = queue.state()
        act()
        return fairEvents(before, queue.state()).map(({ _tag }) => _tag)
      }
    )
    assert.deepStrictEqual(events, ["Began", "Emptied"])
  })
  it("changes nothing for one that does not wait", () => {
    const queue = queueOf()
    queue.join("a")
    const before = queue.state()
    for (const _tag of ["Serve", "Leave", "Pass"] as const)
      for (const waiter of [
        { id: 7, caller: "a", priority: "normal" },
        { id: 1, caller: "b", priority: "normal" },
        { id: 1, caller: "a", priority: "low" }
      ] as const)
        assert.strictEqual(fairStep(before, { _tag, waiter, tokens: 5 })[1], before)
  })

  const Move = Schema.Struct({
    kind: Schema.Literals(["join", "join", "join", "serve", "leave", "serveAny"]),
    caller: Schema.Literals(["a", "b", "c", "d"]),
    priority: Schema.Literals(["critical", "normal", "low"]),
    pick: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 }))
  })
  it.prop(
    "under any moves: each waiter stands in the order once, callers keep their own order, bounds hold, and nobody " +
      "is overtaken by more than its due",
    {
      moves: Schema.Array(Move).check(Schema.isMinLength(80), Schema.isMaxLength(120)),
      capacity: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 }))
    },
    ({ moves, capacity }) => {
      const queue = queueOf(capacity)
      const model = new Map<number, { caller: string; priority: Priority; sameClassServed: Map<string, number> }>()
      for (const { caller, kind, pick, priority } of moves) {
        const order = queue.order()
        assert.deepStrictEqual(
          [...order].sort((a, b) => a - b),
          [...model.keys()].sort((a, b) => a - b)
        )
        for (const name of ["a", "b", "c", "d"])
          for (const level of priorities) {
            const own = order.filter((id) => model.get(id)?.caller === name && model.get(id)?.priority === level)
            assert.deepStrictEqual(
              own,
              [...own].sort((a, b) => a - b)
            )
          }
        if (kind === "join") {
          const mine = [...model.values()].filter((one) => one.caller === caller).length
          const id = queue.join(caller, priority)
          assert.strictEqual(id !== undefined, mine < capacity - model.size)
          if (id !== undefined) model.set(id, { caller, priority, sameClassServed: new Map() })
          assert.isAtMost(model.size, capacity)
          continue
        }
        const id = kind === "serve" ? order[0] : order[pick % Math.max(1, order.length)]
        if (id === undefined) continue
        const one = queue.end(kind === "leave" ? "Leave" : "Serve", id)
        model.delete(id)
        // a caller that was served has had its turn, and the counting begins anew
        if (kind !== "leave")
          for (const waiting of model.values())
            if (waiting.caller === one.caller && waiting.priority === one.priority) waiting.sameClassServed.clear()
        if (kind !== "serve") continue
        // the first of a caller's line is overtaken by each other caller of its class once at most
        for (const [other, waiting] of model) {
          if (waiting.priority !== one.priority || waiting.caller === one.caller) continue
          const isFirst = ![...model].some(
            ([earlier, { caller: c, priority: p }]) => earlier < other && c === waiting.caller && p === waiting.priority
          )
          if (!isFirst) continue
          const times = (waiting.sameClassServed.get(one.caller) ?? 0) + 1
          waiting.sameClassServed.set(one.caller, times)
          assert.isAtMost(times, 1)
        }
      }
    },
    { arbitrary: { runs: 100, seed: 5 } }
  )

  const tokens = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50_000 }))
  it.prop(
    "whatever callers ask for, none that always has something waiting gets more than another by more than two turns",
    {
      sizes: Schema.Array(tokens).check(Schema.isMinLength(3), Schema.isMaxLength(5)),
      moves: Schema.Array(
        Schema.Struct({ tokens, passes: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 })) })
      ).check(Schema.isMaxLength(150))
    },
    ({ moves, sizes }) => {
      const queue = queueOf()
      const got = new Map<string, number>()
      for (const [index] of sizes.entries()) {
        queue.join(`c${index}`)
        got.set(`c${index}`, 0)
      }
      let largest = 1000
      for (const { passes, tokens: wanted } of moves) {
        const [id] = queue.order()
        if (id === undefined) return assert.fail("nobody waits")
        // one caller's requests are alike, but for some
        const caller = [...got.keys()].find((name) => waitsFirst(queue.state(), name, id)) ?? ""
        const cost = passes > 6 ? wanted : (sizes[Number(caller.slice(1))] ?? 0)
        largest = Math.max(largest, cost)
        got.set(caller, (got.get(caller) ?? 0) + Math.max(1000, cost))
        if (passes === 0) queue.pass(id, cost)
        else {
          queue.end("Serve", id, cost)
          queue.join(caller)
        }
        assert.isAtMost(Math.max(...got.values()) - Math.min(...got.values()), 2 * largest)
        assert.isAtMost(queue.state().classes.normal.owing.size, sizes.length)
      }
    },
    { arbitrary: { runs: 200, seed: 9 } }
  )
})

const waitsFirst = (state: FairState, caller: string, id: number): boolean =>
  state.classes.normal.lines.some((line) => line.caller === caller && line.ids[0] === id)
