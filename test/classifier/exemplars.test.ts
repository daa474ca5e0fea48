import { assert, describe, it } from "@effect/vitest"
import { analysis } from "../../src/classifier/exemplars/analysis.ts"
import { chat } from "../../src/classifier/exemplars/chat.ts"
import { coding } from "../../src/classifier/exemplars/coding.ts"
import { creative } from "../../src/classifier/exemplars/creative.ts"
import { type Exemplar, forms } from "../../src/classifier/exemplars/Exemplar.ts"
import { fastLookup } from "../../src/classifier/exemplars/fast_lookup.ts"
import { general } from "../../src/classifier/exemplars/general.ts"
import { math } from "../../src/classifier/exemplars/math.ts"

const classes: Readonly<Record<string, ReadonlyArray<Exemplar>>> = {
  coding,
  creative,
  analysis,
  chat,
  math,
  fast_lookup: fastLookup,
  general
}

const wordsOf = (text: string): ReadonlyArray<string> => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** Runs of four words; a shorter text is one run. */
const shinglesOf = (text: string): ReadonlySet<string> => {
  const words = wordsOf(text)
  const runs = Math.max(1, words.length - 3)
  return new Set(Array.from({ length: runs }, (_, at) => words.slice(at, at + 4).join(" ")))
}

describe("the exemplars of the classifier", () => {
  for (const [name, exemplars] of Object.entries(classes)) {
    it(`are at least 120 for ${name}`, () => {
      assert.isAtLeast(exemplars.length, 120)
    })

    it(`come in at least eight forms of fifteen for ${name}`, () => {
      const full = forms.filter((form) => exemplars.filter((exemplar) => exemplar.form === form).length >= 15)
      assert.isAtLeast(full.length, 8, full.join(", "))
    })

    it(`are texts with something to read for ${name}`, () => {
      for (const { text } of exemplars) {
        assert.strictEqual(text, text.trimEnd())
        assert.match(text, /[\p{L}\p{N}]/u)
      }
    })

    it(`differ in length from a few words to a page for ${name}`, () => {
      const lengths = exemplars.map(({ text }) => wordsOf(text).length)
      assert.isAtLeast(lengths.filter((length) => length <= 6).length, 10)
      assert.isAtLeast(lengths.filter((length) => length >= 30).length, 10)
    })
  }

  it("stand under one class only, and are never nearly the same twice", () => {
    const all = Object.entries(classes).flatMap(([name, exemplars]) =>
      exemplars.map(({ text }) => ({ name, text, shingles: shinglesOf(text) }))
    )
    const holders = new Map<string, Array<number>>()
    const alike: Array<string> = []
    for (const [at, { name, shingles, text }] of all.entries()) {
      const shared = new Map<number, number>()
      for (const shingle of shingles) {
        const before = holders.get(shingle) ?? []
        for (const other of before) shared.set(other, (shared.get(other) ?? 0) + 1)
        holders.set(shingle, [...before, at])
      }
      for (const [otherAt, count] of shared) {
        const other = all[otherAt]
        if (other === undefined) continue
        const overlap = count / (shingles.size + other.shingles.size - count)
        if (overlap > 0.4)
          alike.push(`${name} "${text.slice(0, 60)}" is like ${other.name} "${other.text.slice(0, 60)}"`)
      }
    }
    assert.deepStrictEqual(alike, [])
  })
})
