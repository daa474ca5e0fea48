import { assert, describe, it, vi } from "@effect/vitest"
import { Schema } from "effect"
import { afterPrefill, afterTurn, type SpliceState, spliceStep } from "../../src/machine/Splice.ts"

/** What is shown of `pieces` after `state`, and at the end; `undefined` where they do not join. */
const shown = (state: SpliceState, pieces: ReadonlyArray<string>, more = false): string | undefined => {
  let all = ""
  let now = state
  for (const text of pieces) {
    const [out, next] = spliceStep(now, { _tag: "Text", text })
    all += out
    now = next
  }
  const [out, end] = spliceStep(now, { _tag: "End", more })
  if (end._tag !== "DoesNotJoin") return all + out
  assert.strictEqual(all + out, "", "something was shown of what does not join")
  return undefined
}
const sent = "The quick brown fox jumps over the lazy dog and then "

describe("a continuation after a prefill", () => {
  it("may or may not bring back the white space that was trimmed", () => {
    assert.strictEqual(shown(afterPrefill(sent), ["it ", "sleeps."]), "it sleeps.")
    assert.strictEqual(shown(afterPrefill(sent), [" it ", "sleeps."]), "it sleeps.")
    assert.strictEqual(shown(afterPrefill("one\n\n"), ["\n", "\ntwo"]), "two")
    assert.strictEqual(shown(afterPrefill("one\n\n"), ["\n", "two"]), "two")
    assert.strictEqual(shown(afterPrefill("no space"), [" after"]), " after")
    assert.strictEqual(shown(afterPrefill("def f():\n    "), ["\n     ", "   return 1"]), "    return 1")
  })
  it("may write the ends of lines otherwise", () => {
    assert.strictEqual(shown(afterPrefill("one\r\n\r\n"), ["\n\n", "two"]), "two")
    assert.strictEqual(shown(afterPrefill("one\n\n"), ["\r\n\r", "\n  two"]), "  two")
    assert.strictEqual(shown(afterPrefill("one\r"), ["\ntwo"]), "\ntwo")
  })
  it("is trimmed where it starts over all the same by all of much that was shown", () => {
    assert.strictEqual(shown(afterPrefill(sent), [sent.slice(0, 20), `${sent.slice(20)}it sleeps.`]), "it sleeps.")
    assert.strictEqual(shown(afterPrefill(sent), ["The quick ", "end."]), "The quick end.")
    assert.strictEqual(shown(afterPrefill(sent), ["The quick"]), "The quick")
    assert.strictEqual(shown(afterPrefill("ha ha "), ["ha ha "]), "ha ha ")
    assert.strictEqual(shown(afterPrefill("1"), ["1"]), "1")
  })
  it("does not join where it starts over and says something else, or ends before it comes to what is new", () => {
    assert.isUndefined(shown(afterPrefill(sent), [`${sent.slice(0, 48)}so forth`]))
    assert.isUndefined(shown(afterPrefill(sent), [sent.slice(0, 45)]))
    assert.isUndefined(shown(afterPrefill(sent), [sent]))
  })
})

describe("a continuation in a further turn", () => {
  it("goes straight on", () => {
    assert.strictEqual(shown(afterTurn(sent), ["it sleeps ", "well."]), "it sleeps well.")
    assert.strictEqual(shown(afterTurn("so it was a"), ["a great day"]), "a great day")
  })
  it("is trimmed by all that was shown where it starts over, in whatever case and white space", () => {
    assert.strictEqual(shown(afterTurn(sent), [sent.slice(0, 20), `${sent.slice(20)}it sleeps.`]), "it sleeps.")
    assert.strictEqual(
      shown(afterTurn("hello world, this is the story of"), ["Hello world,\nthis is", " the story of a fox."]),
      " a fox."
    )
    assert.strictEqual(shown(afterTurn("I am cell"), ["I am cell", " 5."]), " 5.")
  })
  it("does not join where it starts over and ends before it comes to what is new", () => {
    assert.isUndefined(
      shown(afterTurn("Paris is the capital of France. It has about"), ["Paris is the capital", " of France."])
    )
    assert.isUndefined(shown(afterTurn("Yes. It is because"), ["Yes."]))
    assert.isUndefined(shown(afterTurn(sent), [sent]))
  })
  it("does not join where it starts over and says something else", () => {
    assert.isUndefined(
      shown(afterTurn("Here is the plan: first we buy flour, then we ba"), [
        "Here is the plan: first we buy ",
        "flour, and then we bake it."
      ])
    )
    assert.isUndefined(shown(afterTurn(sent), ["the QUICK brown Fox sleeps."]))
  })
  it("does not join where it begins with the little that was shown", () => {
    for (const [before, after] of [
      ["1", "1"],
      ["1", "10 apples"],
      ["Hello", "hello! How are you?"],
      ["ha ha ha ha", "ha ha ha ha ha!"]
    ] as const)
      assert.isUndefined(shown(afterTurn(before), [after]), before)
  })
  it("is trimmed by the last words where it repeats them", () => {
    assert.strictEqual(shown(afterTurn(sent), ["lazy dog ", "and then it sleeps."]), "it sleeps.")
    assert.strictEqual(shown(afterTurn("He laughed: ha ha ha ha"), ["laughed: ha ha ha ha! And left."]), "! And left.")
  })
  it("keeps a repetition that goes on", () => {
    for (const [before, after] of [
      ["He laughed: ha ha ha ha", " ha ha ha ha! And left."],
      ["1 followed by 20 zeros is 10000000000", "0000000000 exactly."],
      ["a table:\n| one | two |\n| one | two |\n", "| one | two |\n| three |"]
    ] as const)
      assert.strictEqual(shown(afterTurn(before), [after]), after)
  })
  it("does not join where it repeats no whole number of what was repeated before", () => {
    assert.isUndefined(shown(afterTurn("He laughed: ha ha ha ha"), ["ha ha ha ha! And left."]))
  })
})

it("a continuation that brings nothing but white space does not join, unless something else follows", () => {
  for (const start of [afterPrefill, afterTurn])
    for (const nothing of [[], [""], [" ", "\n"]]) {
      assert.isUndefined(shown(start("The three reasons are: first, the"), nothing))
      assert.strictEqual(shown(start("The three reasons are: first, the"), nothing, true), nothing.join(""))
    }
})

describe("for every text", () => {
  const Words = Schema.Array(
    Schema.Literals(["a", "an apple", " ", "the dog ", "\n", "continues", "the ", "Then ", "7", "0", "😀", "\r\n"])
  )
  const words = Words.check(Schema.isMaxLength(25))
  const cuts = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 }))).check(
    Schema.isMaxLength(8)
  )
  const place = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))
  const pieces = (whole: string, at: ReadonlyArray<number>): ReadonlyArray<string> => {
    const places = [0, ...at.filter((place) => place < whole.length).toSorted((a, b) => a - b), whole.length]
    return places.slice(1).map((place, index) => whole.slice(places[index], place))
  }

  it.prop(
    "the same is shown however the continuation is split, and it is the end of what came",
    { before: words, after: words, cuts, restarts: Schema.Boolean },
    ({ before, after, cuts, restarts }) => {
      const whole = (restarts ? before : []).concat(after).join("")
      for (const start of [afterPrefill, afterTurn]) {
        const state = start(before.join(""))
        const joined = shown(state, [whole])
        assert.isTrue(joined === undefined || whole.endsWith(joined))
        assert.strictEqual(shown(state, pieces(whole, cuts)), joined)
      }
    },
    { arbitrary: { runs: 1000, seed: 3 } }
  )
  it.prop(
    "broken anywhere, a new start gives exactly the whole text or does not join",
    { text: words, place, cuts },
    ({ text, place, cuts }) => {
      const whole = text.join("")
      const before = whole.slice(0, place % (whole.length + 1))
      if (before.trim() === "") return
      const rest = shown(afterTurn(before), pieces(whole, cuts))
      assert.isTrue(rest === undefined || before + rest === whole)
    },
    { arbitrary: { runs: 1000, seed: 4 } }
  )
  /** The same words, none of which can be taken for another. */
  const numbered = (text: ReadonlyArray<string>): string => text.map((word, n) => `<${n}>${word}`).join("")

  it.prop(
    "broken anywhere, the exact rest gives exactly the whole text where that does not repeat itself",
    { text: words, place, cuts },
    ({ text, place, cuts }) => {
      const whole = numbered(text)
      const before = whole.slice(0, place % (whole.length + 1))
      if (before === "") return
      const joins = (rest: string, shown: string | undefined) =>
        assert.strictEqual(shown, rest.trim() === "" ? undefined : whole.slice(before.length))
      const rest = whole.slice(before.length)
      joins(rest, shown(afterTurn(before), pieces(rest, cuts)))
      const prefilled = whole.slice(before.trimEnd().length)
      joins(prefilled, shown(afterPrefill(before), pieces(prefilled, cuts)))
    },
    { arbitrary: { runs: 1000, seed: 5 } }
  )
  it.prop(
    "broken anywhere, a rest that repeats the last words gives exactly the whole text where that does not repeat itself",
    { text: words, place, back: Schema.Int.check(Schema.isBetween({ minimum: 8, maximum: 400 })), cuts },
    ({ text, place, back, cuts }) => {
      const whole = numbered(text)
      const at = place % (whole.length + 1)
      if (at < back || whole.slice(at).trim() === "") return
      const rest = shown(afterTurn(whole.slice(0, at)), pieces(whole.slice(at - back), cuts))
      assert.isTrue(rest === whole.slice(at) || whole.slice(at - back, at).trim().length < 8)
    },
    { arbitrary: { runs: 2000, seed: 6 } }
  )
  it.prop(
    "broken anywhere, the exact rest of what was said twice or more already gives the whole text or does not join",
    { first: words, unit: words, times: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 9 })), place, cuts },
    ({ first, unit, times, place, cuts }) => {
      const said = numbered(first)
      const again = unit.join("")
      const whole = said + again.repeat(times)
      const least = said.length + 2 * again.length
      const at = least + (place % (whole.length - least + 1))
      const rest = shown(afterTurn(whole.slice(0, at)), pieces(whole.slice(at), cuts))
      assert.isTrue(rest === undefined || rest === whole.slice(at))
    },
    { arbitrary: { runs: 2000, seed: 7 } }
  )
})

describe("the work", () => {
  /** Characters that are looked at while `run` runs, those of what is searched for included. */
  const looked = (run: () => void): number => {
    const read = vi.spyOn(String.prototype, "charCodeAt")
    const searches = [
      vi.spyOn(String.prototype, "startsWith"),
      vi.spyOn(String.prototype, "endsWith"),
      vi.spyOn(String.prototype, "indexOf")
    ]
    try {
      run()
      let characters = read.mock.calls.length
      for (const { mock } of searches) for (const [searched] of mock.calls) characters += searched.length
      return characters
    } finally {
      read.mockRestore()
      for (const search of searches) search.mockRestore()
    }
  }
  const long = (length: number): string => {
    let text = ""
    for (let n = 0; text.length < length; n++) text += `word ${n} `
    return text
  }
  const byFour = (text: string): ReadonlyArray<string> => text.match(/[^]{1,4}/g) ?? []

  it("grows with the length of what was shown, however it is split", () => {
    for (const start of [afterPrefill, afterTurn])
      for (const length of [20_000, 100_000]) {
        const before = long(length)
        const again = byFour(`${before}the end`)
        let rest: string | undefined
        const work = looked(() => {
          rest = shown(start(before), again)
        })
        assert.strictEqual(rest, "the end")
        assert.isAbove(work, length)
        assert.isBelow(work, 4 * length + 200_000)
      }
  })
  it("is bounded while it may be the last words, and nothing is kept of what has started over", () => {
    const before = `${"a".repeat(5000)}b`
    const work = looked(() => void shown(afterTurn(before), byFour(`${"a".repeat(399)}c`)))
    assert.isBelow(work, 200_000)
    let state = afterTurn(long(5000))
    for (const text of byFour(long(4000))) state = spliceStep(state, { _tag: "Text", text })[1]
    assert.isTrue(state._tag === "Seeking" && state.held === "")
  })
})
