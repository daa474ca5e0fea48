import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  classRecords,
  type ConfusionEvent,
  confusionEvents,
  confusions,
  type ConfusionState,
  confusionStep,
  initialConfusion
} from "../../src/machine/Confusion.ts"

/** What is told of a row of feedbacks on one class, `true` standing for wrong. */
const play = (wrongs: ReadonlyArray<boolean>, from: ConfusionState = initialConfusion) => {
  let state = from
  const events: Array<ConfusionEvent> = []
  for (const [at, wrong] of wrongs.entries()) {
    const command = { _tag: "Judged", told: "chat", right: wrong ? "math" : "chat" } as const
    const [, next] = confusionStep(state, command)
    events.push(...confusionEvents(state, next, command, at))
    state = next
  }
  return { state, events }
}
const times = (count: number, wrong: boolean) => Array.from({ length: count }, () => wrong)

describe("the count of confusions", () => {
  it("tells of a class once more than 30 % of at least twenty feedbacks were wrong, and not before", () => {
    assert.lengthOf(play(times(19, true)).events, 0)
    assert.deepStrictEqual(play(times(20, true)).events, [{ _tag: "Drifted", task: "chat", wrong: 20, of: 20, at: 19 }])
    assert.lengthOf(play([...times(35, false), ...times(15, true)]).events, 0)
    const one = play([...times(35, false), ...times(16, true)])
    assert.deepStrictEqual(one.events, [{ _tag: "Drifted", task: "chat", wrong: 16, of: 50, at: 50 }])
  })
  it("tells of it again only after it was well, which is told too", () => {
    const drifting = play([...times(30, false), ...times(20, true)])
    assert.lengthOf(drifting.events, 1)
    assert.lengthOf(play(times(5, true), drifting.state).events, 0)
    const well = play(times(50, false), drifting.state)
    assert.deepStrictEqual(
      well.events.map(({ _tag, of, wrong }) => [_tag, wrong, of]),
      [["Recovered", 10, 50]]
    )
    assert.deepStrictEqual(
      play(times(50, true), well.state).events.map(({ _tag }) => _tag),
      ["Drifted"]
    )
  })
  it("keeps every pair apart, and no more than the last fifty of a class", () => {
    const { state } = play([...times(70, false), ...times(3, true)])
    assert.deepStrictEqual(confusions(state), [
      { told: "chat", right: "chat", count: 70 },
      { told: "chat", right: "math", count: 3 }
    ])
    assert.deepStrictEqual(classRecords(state), [{ task: "chat", feedbacks: 50, wrong: 3, isDrifting: false }])
  })
  it("stays bounded whatever classes are named", () => {
    let state = initialConfusion
    for (let at = 0; at < 1000; at++)
      state = confusionStep(state, { _tag: "Judged", told: `class-${at}`, right: "chat" })[1]
    for (let at = 0; at < 1000; at++)
      state = confusionStep(state, { _tag: "Judged", told: "class-0", right: `class-${at}` })[1]
    assert.isAtMost(state.size, 200)
    assert.isAtMost(state.get("class-0")?.rightly.size ?? Infinity, 200)
  })
  it.prop(
    "tells of drift and of recovery in turn",
    { wrongs: Schema.Array(Schema.Boolean) },
    ({ wrongs }) => {
      const { events } = play([...wrongs, ...wrongs.map((wrong) => !wrong), ...times(30, true), ...times(60, false)])
      for (const [at, { _tag }] of events.entries()) assert.strictEqual(_tag, at % 2 === 0 ? "Drifted" : "Recovered")
      assert.strictEqual(events.length % 2, 0)
    },
    { arbitrary: { runs: 100, seed: 3 } }
  )
})
