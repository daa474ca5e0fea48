import { assert, describe, it } from "@effect/vitest"
import { Turns, pauseMillis, restUntil, restsRemembered } from "../../src/provider/Turns.ts"

describe("the turns of an account's keys", () => {
  it("go round", () => {
    const turns = new Turns(3)
    assert.deepStrictEqual(
      [turns.take("m", 0), turns.take("m", 0), turns.take("m", 0), turns.take("m", 0)],
      [0, 1, 2, 0]
    )
  })

  it("pass over a key that is left out, until its time", () => {
    const turns = new Turns(3)
    turns.leaveOut(1, 100, 0)
    assert.deepStrictEqual(
      [turns.take("m", 0), turns.take("m", 0), turns.take("m", 99), turns.take("m", 99)],
      [0, 2, 0, 2]
    )
    assert.deepStrictEqual([turns.take("m", 100), turns.take("m", 100)], [0, 1])
  })

  it("fall to the key that is due first when all are left out, which counts as none free", () => {
    const turns = new Turns(2)
    turns.leaveOut(0, 300, 0)
    turns.leaveOut(1, 200, 0)
    assert.strictEqual(turns.free("m", 100), undefined)
    assert.deepStrictEqual([turns.take("m", 100), turns.take("m", 100)], [1, 1])
  })

  it("never fall to a key that may not be used while another may be, however long that one rests", () => {
    const turns = new Turns(3, (key) => key !== 0)
    turns.leaveOut(1, 300, 0)
    turns.leaveOut(2, 200, 0, "m")
    assert.deepStrictEqual([turns.take("m", 100), turns.take("other", 100)], [2, 2])
    const none = new Turns(2, () => false)
    assert.strictEqual(none.take("m", 0), 0)
  })

  it("leave a rate limited key out for the model that it was limited at alone", () => {
    const turns = new Turns(2)
    turns.leaveOut(0, 300, 0, "m")
    assert.deepStrictEqual([turns.take("m", 0), turns.take("m", 0)], [1, 1])
    assert.strictEqual(turns.take("other", 0), 0)
    turns.accepted(0, "other")
    assert.strictEqual(turns.take("m", 0), 1)
    turns.accepted(0, "m")
    assert.strictEqual(turns.take("m", 0), 0)
  })

  it("remember a bounded number of rests: what is over goes first, then what was set first", () => {
    const turns = new Turns(2)
    for (let i = 0; i < restsRemembered * 2; i++) turns.leaveOut(0, 1_000, 0, `invented-${i}`)
    assert.strictEqual(turns.resting, restsRemembered)
    turns.leaveOut(0, 2_000, 1_000, "m")
    assert.strictEqual(turns.resting, 1)
  })

  it("let a key of which nothing is left rest until its limits are back, for five minutes at most", () => {
    const requests = { limit: 100, remaining: 0, resetAt: 61_000 }
    const tokens = { limit: 100, remaining: 0, resetAt: 3_600_000 }
    assert.strictEqual(restUntil({ requests, tokens: undefined }, 1_000), 61_000)
    assert.strictEqual(restUntil({ requests, tokens }, 1_000), 301_000)
    assert.strictEqual(restUntil({ requests: { ...requests, remaining: 1 }, tokens: undefined }, 1_000), undefined)
    assert.strictEqual(restUntil({ requests, tokens: undefined }, 61_000), undefined)
  })

  it("come back to a key as soon as it was accepted", () => {
    const turns = new Turns(2)
    turns.leaveOut(0, 300, 0)
    turns.accepted(0, "m")
    assert.strictEqual(turns.take("m", 100), 0)
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
