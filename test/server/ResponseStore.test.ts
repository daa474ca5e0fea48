import { assert, describe, it } from "@effect/vitest"
import { Duration, Schema } from "effect"
import { defaultServer } from "../../src/config/Settings.ts"
import {
  type Conversation,
  makeResponseStore as makeStore,
  type StoredResponse
} from "../../src/server/ResponseStore.ts"

const storeLimits = defaultServer.responses
const makeResponseStore = (limits = storeLimits) => makeStore(() => limits)

const turn = (id: string, previous?: string, text = id): StoredResponse => ({
  id,
  previous,
  items: [
    { role: "user", content: text },
    { id: `msg_${id}`, type: "message", role: "assistant", content: [] }
  ],
  response: { id, object: "response" }
})
const sizeOf = (stored: StoredResponse): number =>
  JSON.stringify(stored.items).length + JSON.stringify(stored.response).length
const ids = (found: Conversation | "tooLarge" | undefined) => JSON.stringify(found)?.match(/msg_\w+/g) ?? undefined

describe("the store of responses", () => {
  it("gives a conversation in its order, whatever turn is named", () => {
    const store = makeResponseStore()
    store.put("ada", turn("a"), 0)
    store.put("ada", turn("b", "a"), 0)
    store.put("ada", turn("c", "a"), 0)
    assert.deepStrictEqual(ids(store.conversation("ada", "b", 0)), ["msg_a", "msg_b"])
    assert.deepStrictEqual(ids(store.conversation("ada", "c", 0)), ["msg_a", "msg_c"])
    assert.deepStrictEqual(ids(store.conversation("ada", "a", 0)), ["msg_a"])
  })

  it("shows a caller nothing of another's", () => {
    const store = makeResponseStore()
    store.put("ada", turn("a"), 0)
    assert.isUndefined(store.get("bob", "a", 0))
    assert.isUndefined(store.conversation("bob", "a", 0))
    assert.isUndefined(store.holder("bob", "msg_a"))
    assert.isFalse(store.remove("bob", "a"))
    assert.isDefined(store.get("ada", "a", 0))
  })

  it("finds an item of any of the caller's responses by its id until the response is removed", () => {
    const store = makeResponseStore()
    store.put("ada", turn("a"), 0)
    store.put("ada", turn("b"), 0)
    assert.strictEqual(store.holder("ada", "msg_a"), "a")
    assert.isUndefined(store.holder("ada", "msg_c"))
    assert.isTrue(store.remove("ada", "a"))
    assert.isFalse(store.remove("ada", "a"))
    assert.isUndefined(store.holder("ada", "msg_a"))
  })

  it("finds an item that stands in several responses as long as one of these is there", () => {
    for (const order of [
      ["a", "b"],
      ["b", "a"]
    ] as const) {
      const store = makeResponseStore()
      store.put("ada", turn("a"), 0)
      store.put("ada", { ...turn("b"), items: turn("a").items }, 0)
      for (const [at, gone] of order.entries()) {
        assert.isTrue(store.remove("ada", gone))
        assert.strictEqual(store.holder("ada", "msg_a"), order[at + 1])
      }
    }
  })

  it("gives no conversation that is larger than asked for", () => {
    const store = makeResponseStore()
    store.put("ada", turn("a"), 0)
    store.put("ada", turn("b", "a"), 0)
    assert.strictEqual(store.conversation("ada", "b", 0, 20), "tooLarge")
    assert.deepStrictEqual(ids(store.conversation("ada", "b", 0, 100_000)), ["msg_a", "msg_b"])
  })

  it("counts of a conversation its items alone, not what each answer repeats of its request", () => {
    const store = makeResponseStore()
    const tools = "x".repeat(10_000)
    for (const [id, previous] of [["a"], ["b", "a"], ["c", "b"]] as const)
      store.put("ada", { ...turn(id, previous), response: { id, object: "response", instructions: tools } }, 0)
    const found = store.conversation("ada", "c", 0, 1000)
    assert.deepStrictEqual(ids(found), ["msg_a", "msg_b", "msg_c"])
    const lengths = ["a", "b", "c"].map((id) => JSON.stringify(turn(id).items).length)
    assert.strictEqual(
      found === undefined || found === "tooLarge" ? undefined : found.length,
      lengths.reduce((sum, length) => sum + length)
    )
  })

  it("does not know a conversation of which a piece is missing", () => {
    const store = makeResponseStore()
    store.put("ada", turn("a"), 0)
    store.put("ada", turn("b", "a"), 0)
    store.remove("ada", "a")
    assert.isUndefined(store.conversation("ada", "b", 0))
    assert.isDefined(store.get("ada", "b", 0))
  })

  it("does not follow responses that continue each other in a circle", () => {
    const store = makeResponseStore()
    store.put("ada", turn("a", "b"), 0)
    store.put("ada", turn("b", "a"), 0)
    assert.isUndefined(store.conversation("ada", "b", 0))
  })

  it("forgets what was not used for its time, and keeps what was", () => {
    const store = makeResponseStore({ ...storeLimits, ttl: Duration.millis(100) })
    store.put("ada", turn("a"), 0)
    store.put("ada", turn("b"), 0)
    assert.isDefined(store.get("ada", "a", 99))
    assert.isUndefined(store.get("ada", "b", 100))
    assert.isDefined(store.get("ada", "a", 198))
    assert.isUndefined(store.get("ada", "a", 298))
  })

  it("keeps of a caller's responses those used last", () => {
    const store = makeResponseStore({ ...storeLimits, entries: 2 })
    store.put("ada", turn("a"), 0)
    store.put("ada", turn("b"), 1)
    store.get("ada", "a", 2)
    store.put("ada", turn("c"), 3)
    store.put("bob", turn("d"), 4)
    assert.deepStrictEqual(
      ["a", "b", "c"].map((id) => store.get("ada", id, 5) !== undefined),
      [true, false, true]
    )
    assert.isDefined(store.get("bob", "d", 5))
  })

  it("keeps the beginning of a conversation as long as its end", () => {
    const store = makeResponseStore({ ...storeLimits, entries: 3 })
    store.put("ada", turn("a"), 0)
    store.put("ada", turn("x"), 0)
    store.put("ada", turn("b", "a"), 0)
    store.conversation("ada", "b", 1)
    store.put("ada", turn("c", "b"), 2)
    assert.isUndefined(store.get("ada", "x", 3))
    assert.deepStrictEqual(ids(store.conversation("ada", "c", 3)), ["msg_a", "msg_b", "msg_c"])
  })

  it("holds no more bytes than a caller may have, and nothing that is larger than that alone", () => {
    const size = sizeOf(turn("a"))
    const store = makeResponseStore({ ...storeLimits, bytes: 2 * size })
    for (const id of ["a", "b", "c"]) store.put("ada", turn(id), 0)
    assert.deepStrictEqual(
      ["a", "b", "c"].map((id) => store.get("ada", id, 0) !== undefined),
      [false, true, true]
    )
    store.put("ada", turn("d", undefined, "x".repeat(2 * size)), 0)
    assert.isUndefined(store.get("ada", "d", 0))
    assert.isDefined(store.get("ada", "c", 0))
  })

  it("takes what is too much for all from the caller that holds the most", () => {
    const size = sizeOf(turn("a"))
    const store = makeResponseStore({ ...storeLimits, totalBytes: 3 * size })
    store.put("bob", turn("z"), 0)
    for (const id of ["a", "b", "c"]) store.put("ada", turn(id), 1)
    assert.isDefined(store.get("bob", "z", 2))
    assert.isUndefined(store.get("ada", "a", 2))
    assert.isDefined(store.get("ada", "c", 2))
  })

  it("counts a response that is told anew once", () => {
    const size = sizeOf(turn("a"))
    const store = makeResponseStore({ ...storeLimits, bytes: 2 * size })
    for (let time = 0; time < 5; time++) store.put("ada", turn("a"), time)
    store.put("ada", turn("b"), 5)
    assert.isDefined(store.get("ada", "a", 6))
    assert.isDefined(store.get("ada", "b", 6))
  })

  const small = (most: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: most }))
  const Step = Schema.Struct({
    does: Schema.Literals(["put", "put", "put", "get", "remove", "narrow"]),
    caller: small(3),
    id: small(6),
    length: small(40),
    after: small(30)
  })

  it.prop(
    "holds at any moment what a list that is searched from end to end would hold",
    { steps: Schema.Array(Step).check(Schema.isMaxLength(60)) },
    ({ steps }) => {
      let limits = { entries: 4, bytes: 300, totalBytes: 600, ttl: Duration.millis(100) }
      const store = makeStore(() => limits)
      const model = new Model()
      let now = 0
      for (const { after, caller, does, id, length } of steps) {
        now += after
        const [who, which] = [`c${caller}`, `r${id}`]
        if (does === "put") {
          const stored = turn(which, undefined, "x".repeat(length))
          store.put(who, stored, now)
          model.put(who, which, sizeOf(stored), now, limits)
        } else if (does === "get")
          assert.strictEqual(store.get(who, which, now) !== undefined, model.use(who, which, now, 100))
        else if (does === "remove") assert.strictEqual(store.remove(who, which), model.remove(who, which))
        else limits = { ...limits, entries: 1 + id, bytes: 100 + 5 * length, totalBytes: 200 + 10 * length }
        for (let one = 0; one <= 3; one++)
          for (let other = 0; other <= 6; other++)
            assert.strictEqual(
              // looks, and uses nothing
              store.holder(`c${one}`, `msg_r${other}`) !== undefined,
              model.has(`c${one}`, `r${other}`)
            )
      }
    },
    { arbitrary: { runs: 300 } }
  )
})

interface Held {
  readonly caller: string
  readonly id: string
  readonly size: number
  usedAt: number
}

/** The store without any thought of what it costs: one list, the one used last at its end. */
class Model {
  #held: Array<Held> = []
  /** Callers in the order in which they came to hold something. */
  #callers: Array<string> = []

  has(caller: string, id: string): boolean {
    return this.#held.some((one) => one.caller === caller && one.id === id)
  }
  remove(caller: string, id: string): boolean {
    const had = this.has(caller, id)
    this.#held = this.#held.filter((one) => one.caller !== caller || one.id !== id)
    this.#callers = this.#callers.filter((one) => this.#held.some((held) => held.caller === one))
    return had
  }
  use(caller: string, id: string, now: number, keep: number): boolean {
    const found = this.#held.find((one) => one.caller === caller && one.id === id)
    if (found === undefined) return false
    if (now - found.usedAt >= keep) return this.remove(caller, id) && false
    found.usedAt = now
    this.#held = [...this.#held.filter((one) => one !== found), found]
    return true
  }
  put(caller: string, id: string, size: number, now: number, limits: typeof storeLimits): void {
    this.remove(caller, id)
    if (size <= limits.bytes) {
      this.#held.push({ caller, id, size, usedAt: now })
      if (!this.#callers.includes(caller)) this.#callers.push(caller)
    }
    for (const one of this.#held) if (now - one.usedAt >= Duration.toMillis(limits.ttl)) this.remove(one.caller, one.id)
    for (const one of this.#callers)
      while (this.#of(one).length > limits.entries || this.#weight(one) > limits.bytes) this.#removeOldest(one)
    while (this.#held.reduce((sum, one) => sum + one.size, 0) > limits.totalBytes)
      this.#removeOldest(this.#callers.toSorted((a, b) => this.#weight(b) - this.#weight(a))[0] ?? "")
  }
  #of(caller: string): ReadonlyArray<Held> {
    return this.#held.filter((one) => one.caller === caller)
  }
  #weight(caller: string): number {
    return this.#of(caller).reduce((sum, one) => sum + one.size, 0)
  }
  #removeOldest(caller: string): void {
    this.remove(caller, this.#of(caller)[0]?.id ?? "")
  }
}
