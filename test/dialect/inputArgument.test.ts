/** The text within `{"input": "…"}`: the same however it is cut, whatever it holds, and whatever stands around it. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { inputIn, makeInputReader } from "../../src/dialect/InputArgument.ts"

const inPieces = (json: string, cuts: ReadonlyArray<number>): string => {
  const reader = makeInputReader()
  let text = ""
  for (let at = 0, i = 0; at < json.length; i++) {
    const next = at + (cuts[i % cuts.length] ?? json.length)
    text += reader.push(json.slice(at, next))
    at = next
  }
  return text + reader.end()
}
const Cuts = Schema.NonEmptyArray(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 })))
/** As another writer of JSON might: everything escaped. */
const escaped = (text: string): string =>
  `{ "input" :\n"${text
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("")}" }`

describe("the text of an input", () => {
  it.prop("is what was written, in any pieces", { text: Schema.String, cuts: Cuts }, ({ cuts, text }) => {
    for (const json of [JSON.stringify({ input: text }), escaped(text), `{"input":${JSON.stringify(text)},"b":1}`]) {
      assert.strictEqual(inputIn(json), text)
      assert.strictEqual(inPieces(json, cuts), text)
    }
  })
  it("is told as soon as it is known, and no half of a character before the other", () => {
    const reader = makeInputReader()
    const pieces = ['{"in', 'put"', ': "a\\', "nb\\ud8", "3d", "\\ude00c\ud83d", '\ude00"', "}"]
    assert.deepStrictEqual(
      pieces.map((piece) => reader.push(piece)),
      ["", "", "a", "\nb", "", "😀c", "😀", ""]
    )
    assert.strictEqual(reader.end(), "")
  })
  it.prop("that was cut is the beginning of it", { text: Schema.String, at: Schema.Int }, ({ at, text }) => {
    const json = JSON.stringify({ input: text })
    const until = 10 + (Math.abs(at) % (json.length - 10))
    const cut = json.slice(0, until)
    assert.strictEqual(inPieces(cut, [1]), inputIn(cut))
    assert.isTrue(text.startsWith(inputIn(cut).replace(/\\u?[0-9a-f]{0,3}$/, "")))
  })
  for (const [written, text] of [
    ["", ""],
    [" ", ""],
    ["{}", ""],
    ['{"a":1,"input":"x"}', "x"],
    ['{"input":5}', '{"input":5}'],
    ['{"text":"x"}', '{"text":"x"}'],
    ['"x"', "x"],
    ["*** not JSON", "*** not JSON"],
    ['{"inp', '{"inp']
  ] as const)
    it(`is ${JSON.stringify(text)} where ${JSON.stringify(written)} was written`, () => {
      for (const cuts of [[1], [3], [99]]) assert.strictEqual(inPieces(written, cuts), text)
    })
})
