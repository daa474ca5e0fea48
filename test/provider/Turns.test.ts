import { assert, describe, it } from "@effect/vitest"
import { Turns, pauseMillis } from "../../src/provider/Turns.ts"

describe("the turns of an account's keys", () => {
  it("go round", () => {
    const turns = new Turns(3)
    assert.deepStrictEqual([turns.take(0), turns.take(0), turns.take(0), turns.take(0)], [0, 1, 2, 0])
  })

  it("pass over a key that is left out, until its time", () => {
    const turns = new Turns(3)
    turns.leaveOut(1, 100)
    assert.deepStrictEqual([turns.take(0), turns.take(0), turns.take(99), turns.take(99)], [0, 2, 0, 2])
    assert.deepStrictEqual([turns.take(100), turns.take(100)], [0, 1])
  })

  it("fall to the key that is due first when all are left out, which counts as none free", () => {
    const turns = new Turns(2)
    turns.leaveOut(0, 300)
    turns.leaveOut(1, 200)
    assert.strictEqual(turns.free(100), undefined)
    assert.deepStrictEqual([turns.take(100), turns.take(100)], [1, 1])
  })

  it("come back to a key as soon as it was accepted", () => {
    const turns = new Turns(2)
    turns.leaveOut(0, 300)
    turns.accepted(0)
    assert.strictEqual(turns.take(100), 0)
  })

  it("leave a key out as long as its failure is likely to last, and not at all for any other failure", () => {
    const message = ""
    assert.strictEqual(pauseMillis({ _tag: "AuthenticationFailed", message }), 300_000)
    assert.strictEqual(pauseMillis({ _tag: "QuotaExhausted", message }), 600_000)
    assert.strictEqual(pauseMillis({ _tag: "RateLimited", message }), 2_000)
    assert.strictEqual(pauseMillis({ _tag: "RateLimited", message, retryAfterMillis: 7_000 }), 7_000)
    assert.strictEqual(pauseMillis({ _tag: "RateLimited", message, retryAfterMillis: 86_400_000 }), 300_000)
    assert.strictEqual(pauseMillis({ _tag: "Overloaded", message }), undefined)
    assert.strictEqual(pauseMillis({ _tag: "InvalidRequest", message }), undefined)
  })
})
