import { assert, describe, it } from "@effect/vitest"
import { readPrompts } from "../../scripts/classifier/eval.ts"
import { calibrationError, figuresOf, type Judged, report } from "../../scripts/classifier/judge.ts"

const judged = (label: string, best: string, probability: number): Judged => ({
  text: "x",
  label,
  best,
  told: probability >= 0.5 ? best : "general",
  probability
})

describe("the evaluation", () => {
  it("reads prompts and counts what it cannot read or has no class for", () => {
    const content = [
      "\uFEFF" + JSON.stringify({ prompt: "a", label: "coding", source: "s" }),
      "",
      "   ",
      "{broken",
      "[1]",
      "null",
      JSON.stringify({ prompt: "b" }),
      JSON.stringify({ prompt: 3, label: "math" }),
      JSON.stringify({ prompt: "c", label: "Fast Lookup" }),
      JSON.stringify({ prompt: ["d", "e"], label: "chat" }),
      JSON.stringify({ prompt: "f", label: "poetry" }),
      JSON.stringify({ prompt: "g", label: "poetry" })
    ].join("\r\n")
    const { bad, otherLabels, prompts } = readPrompts("file", content)
    assert.deepStrictEqual(prompts, [
      { prompt: "a", label: "coding" },
      { prompt: "c", label: "fast_lookup" },
      { prompt: "d\ne", label: "chat" }
    ])
    assert.strictEqual(bad.length, 5)
    assert.strictEqual(bad[0], "file:4: no JSON")
    assert.deepStrictEqual([...otherLabels], [["poetry", 2]])
  })

  it("counts accuracy, F1, recall, and right tiers over the best of the six, abstentions aside", () => {
    const some = [
      judged("coding", "coding", 0.9),
      judged("coding", "math", 0.4),
      judged("chat", "fast_lookup", 0.6),
      judged("math", "math", 0.3)
    ]
    const { accuracy, cheapOrStrong, leastRecall, macroF1 } = figuresOf(some)
    assert.strictEqual(accuracy, 0.5)
    assert.strictEqual(cheapOrStrong, 1)
    assert.strictEqual(leastRecall, 0)
    assert.closeTo(macroF1, (2 / 3 + 0 + 2 / 3) / 3, 1e-9)
    assert.strictEqual(report(some)[0], "accuracy: 0.500")
  })

  it("finds a calibration error of what confidence is off by", () => {
    assert.closeTo(calibrationError([judged("math", "math", 0.75), judged("math", "chat", 0.75)]), 0.25, 1e-9)
    assert.closeTo(calibrationError([judged("math", "math", 1)]), 0, 1e-9)
  })
})
