import { assert, describe, it } from "@effect/vitest"
import { injectedOpenings, injectedTags, withoutInjected, wrapperTags } from "../../src/classifier/injected.ts"
import { isAssent, lastHumanText } from "../../src/classifier/lastHumanText.ts"
import { assistant, requestOf, says, toolResult, user } from "./requests.ts"

describe("the last human text", () => {
  it("is the last user message, whatever stands after it", () => {
    const request = requestOf(
      says("system", "You are a poet."),
      user("Write a poem about rain."),
      assistant("Rain, rain."),
      user("Now fix the failing test."),
      assistant("I shall look."),
      toolResult("Traceback (most recent call last)")
    )
    assert.deepStrictEqual(lastHumanText(request), { text: "Now fix the failing test.", inherited: false })
  })

  it("joins the text parts of a message and passes over its images", () => {
    const request = requestOf({
      role: "user",
      content: [
        { _tag: "Text", text: "What is on" },
        { _tag: "Image", source: { _tag: "Url", url: "http://127.0.0.1/a.png" } },
        { _tag: "Text", text: "this picture?" }
      ]
    })
    assert.strictEqual(lastHumanText(request).text, "What is on\nthis picture?")
  })

  for (const [tag, whose] of injectedTags)
    it(`does not read <${tag}> (${whose})`, () => {
      const request = requestOf(
        user("Compose a lullaby."),
        user(`<${tag}>\nSELECT * FROM t\n</${tag}>`, `<${tag} kind="x">more</${tag}>`)
      )
      assert.strictEqual(lastHumanText(request).text, "Compose a lullaby.")
      assert.strictEqual(withoutInjected(`before <${tag}>x</${tag}>after`), "before after")
    })

  for (const [tag, whose] of wrapperTags)
    it(`reads what stands in <${tag}> (${whose})`, () => {
      assert.strictEqual(lastHumanText(requestOf(user(`<${tag}>Who was Ada?</${tag}>`))).text, "Who was Ada?")
    })

  for (const [opening, whose] of injectedOpenings)
    it(`does not read a text that opens with “${opening}” (${whose})`, () => {
      assert.strictEqual(lastHumanText(requestOf(user("Hello there"), user(`${opening} … and on`))).text, "Hello there")
    })

  it("leaves a tag alone that is not closed, or only begins like an injected one", () => {
    assert.strictEqual(withoutInjected("<rules>no end </b>"), "<rules>no end </b>")
    assert.strictEqual(withoutInjected("<rules-of-thumb>a</rules-of-thumb>"), "<rules-of-thumb>a</rules-of-thumb>")
    assert.strictEqual(withoutInjected("<rules-x>a<rules>b</rules>c"), "<rules-x>ac")
  })

  // read over and over, either would take minutes
  it("reads a text of many beginnings of tags once", () => {
    const beginnings = "<rules-".repeat(300_000)
    assert.isTrue(withoutInjected(`${beginnings}</rules>`) === `${beginnings}</rules>`)
    assert.strictEqual(withoutInjected(`${"<rules>".repeat(300_000)}</rules>.`), ".")
  })

  for (const assent of [
    "yes",
    "Yes, go on.",
    "ok continue",
    "Continue",
    "sure, go ahead!",
    "yep do it",
    "please proceed",
    "go on",
    "next",
    "keep going",
    "ok 👍",
    "👍",
    "LGTM",
    "Sounds good, carry on",
    "that's right",
    "try again please"
  ])
    it(`takes “${assent}” for an assent, which inherits the task before it`, () => {
      assert.isTrue(isAssent(assent))
      const request = requestOf(user("Prove that 2 is prime."), assistant("Shall I?"), user("ok"), user(assent))
      assert.deepStrictEqual(lastHumanText(request), { text: "Prove that 2 is prime.", inherited: true })
    })

  for (const other of ["hello", "yes?", "ok but in Rust", "continue the story", "good", "no", "yes, 12 of them", ""])
    it(`does not take “${other}” for an assent`, () => {
      assert.isFalse(isAssent(other))
    })

  it("is the assent itself where nothing came before it", () => {
    assert.deepStrictEqual(lastHumanText(requestOf(user("yes, go on"))), { text: "yes, go on", inherited: false })
  })

  it("is empty where no human wrote", () => {
    assert.deepStrictEqual(lastHumanText(requestOf(says("system", "Be brief."), assistant("Hi"))), {
      text: "",
      inherited: false
    })
  })
})
