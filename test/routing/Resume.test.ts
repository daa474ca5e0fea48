/**
 * Streams that break and are completed, over scripted providers: what joins, what does not, and what is told then.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { ChatEvent, Frame } from "../../src/domain/ChatEvent.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { Reason } from "../../src/domain/ProviderError.ts"
import type { Tool } from "../../src/domain/Tool.ts"
import { Circuits } from "../../src/health/Circuits.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { answered, ask, candidate, count, fresh, inTime, live, scripted } from "./walking.ts"

const reset: Reason = { _tag: "Network", message: "reset", sent: true }
const text = (words: string): ChatEvent => ({ _tag: "TextDelta", choice: 0, text: words })
const framesOf = (...events: ReadonlyArray<ChatEvent>): ReadonlyArray<Frame> =>
  events.map((event) => ({ events: [event], wire: undefined }))
const story = "The quick brown fox jumps over the lazy dog and then"

/** What the caller gets where `first` breaks and each of the others is asked to go on in a further turn. */
const goesOn = (
  first: string,
  others: ReadonlyArray<Scripted.Script>,
  options: { readonly request?: ChatRequest; readonly prefill?: boolean } = {}
) => {
  const a = candidate(scripted("a", Scripted.breaks(first, reset)))
  const rest = others.map((script, index) => scripted(`b${index}`, script))
  const { prefill = false, request = live } = options
  return Effect.map(
    inTime(answered([a, ...rest.map((other) => candidate(other, { prefill }))], { request })),
    (read) => ({ ...read, others: rest })
  )
}
/** Every event that the caller is told. */
const events = (...args: Parameters<typeof ask>) =>
  Effect.scoped(
    Effect.flatMap(ask(...args), (answer) =>
      answer._tag === "Whole"
        ? Effect.die("a whole answer")
        : Effect.map(Stream.runCollect(answer.frames), (frames) => frames.flatMap(({ events }) => events))
    )
  )

describe("what does not join", () => {
  it.effect("is not shown; the next candidate is asked instead, and nobody hears that there was another", () =>
    fresh(
      Effect.gen(function* () {
        const cut = scripted("cut", Scripted.breaks(story, reset))
        const shorter = scripted("shorter", Scripted.answer(["The quick brown fox ", "jumps."]))
        const otherwise = scripted("otherwise", Scripted.answer(["The quick brown fox ", "sleeps."]))
        const nothing = scripted("nothing", Scripted.answer([" ", "\n"]))
        const good = scripted("good", Scripted.answer([" it ", "sleeps."]))
        const all = [cut, shorter, otherwise, nothing, good].map((one) => candidate(one))
        const [first, ...others] = all
        if (first === undefined) return assert.fail("no candidate")
        const told = yield* inTime(events([first, ...others], { request: live }))
        const said = told.flatMap((event) => (event._tag === "TextDelta" ? [event.text] : []))
        assert.strictEqual(said.join(""), `${story} it sleeps.`)
        const resumed = told.filter(({ _tag }) => _tag === "Resumed")
        assert.deepStrictEqual(resumed, [
          {
            _tag: "Resumed",
            provider: "good",
            model: "m",
            after: { provider: "cut", model: "m", reason: "Network" },
            by: "turn"
          }
        ])
        assert.strictEqual(told.at(-1)?._tag, "Ended")
      })
    )
  )
  it.effect("ends the answer in an error where nobody else is left, and counts against no provider", () =>
    fresh(
      Effect.gen(function* () {
        const continuations = ["The quick brown fox jumps.", "the quick brown fox sleeps.", "", story]
        for (const [index, continuation] of continuations.entries()) {
          const cut = scripted(`cut${index}`, Scripted.breaks(story, reset))
          const other = scripted("other", Scripted.answer(continuation))
          const read = yield* answered([candidate(cut), candidate(other)], { request: live })
          assert.deepStrictEqual([read.text, read.ended], [story, false], continuation)
          assert.isTrue(read.cut?.reason._tag === "CutShort" && read.cut.reason.reason._tag === "Network")
          assert.deepStrictEqual(
            read.cut?.attempts.map(({ reason }) => reason),
            ["Network", "MalformedResponse"]
          )
        }
        assert.strictEqual((yield* (yield* Circuits).state("other/m"))._tag, "Closed")
      })
    )
  )
  it.effect("is not in the usage that is told", () =>
    fresh(
      Effect.gen(function* () {
        const read = yield* goesOn(story, [
          Scripted.answer("The quick brown fox jumps.", { usage: { inputTokens: 1000, outputTokens: 1000 } }),
          Scripted.answer(" it sleeps.", { usage: { inputTokens: 30, outputTokens: 4 } })
        ])
        assert.deepStrictEqual([read.text, read.ended], [`${story} it sleeps.`, true])
        assert.deepStrictEqual(read.usage, { inputTokens: 2 + 30, outputTokens: 13 + 4 })
      })
    )
  )
  it.effect("is no way around a content filter: that it stopped the answer is told", () =>
    fresh(
      Effect.gen(function* () {
        for (const finishReason of ["content_filter", "refusal"] as const) {
          const cut = scripted("cut", Scripted.breaks(story, reset))
          const stopped = scripted("stopped", Scripted.answer([], { finishReason }))
          const other = scripted("other", Scripted.answer(" it sleeps."))
          const told = yield* inTime(events([candidate(cut), candidate(stopped), candidate(other)], { request: live }))
          assert.deepStrictEqual(
            told.flatMap((event) => (event._tag === "Finished" ? [event.reason] : [])),
            [finishReason]
          )
          assert.strictEqual(yield* count(other), 0)
        }
      })
    )
  )
  it.effect("is one that has only reached its limit of tokens, unless it brought something", () =>
    fresh(
      Effect.gen(function* () {
        const none = yield* goesOn(story, [Scripted.answer([], { finishReason: "length" })])
        assert.deepStrictEqual([none.text, none.ended], [story, false])
        const some = yield* goesOn(story, [Scripted.answer(" it", { finishReason: "length" })])
        assert.deepStrictEqual([some.text, some.ended], [`${story} it`, true])
      })
    )
  )
})

describe("what joins", () => {
  it.effect("keeps the sources of every part: the place of one that another cites later is not known", () =>
    fresh(
      Effect.gen(function* () {
        const cite = (url: string): ChatEvent => ({
          _tag: "CitationAdded",
          choice: 0,
          citation: { url, span: { start: 0, end: 9 } }
        })
        const cut = scripted("cut", Scripted.frames(framesOf(text(story), cite("https://e.com"))))
        const good = scripted(
          "good",
          Scripted.frames(
            framesOf(
              text(`${story.slice(-24)} it `),
              cite("https://f.com"),
              text("sleeps."),
              { _tag: "Finished", choice: 0, reason: "stop" },
              { _tag: "Ended" }
            )
          )
        )
        const told = yield* inTime(events([candidate(cut), candidate(good)], { request: live }))
        const said = told.flatMap((event) => (event._tag === "TextDelta" ? [event.text] : []))
        assert.strictEqual(said.join(""), `${story} it sleeps.`)
        const cited = told.flatMap((event) => (event._tag === "CitationAdded" ? [event.citation] : []))
        assert.deepStrictEqual(cited, [{ url: "https://e.com", span: { start: 0, end: 9 } }, { url: "https://f.com" }])
        assert.deepStrictEqual(
          told.slice(-4).map(({ _tag }) => _tag),
          ["CitationAdded", "Finished", "UsageReported", "Ended"]
        )
      })
    )
  )
  it.effect("is shown to its last word where the end comes without a finish", () =>
    fresh(
      Effect.gen(function* () {
        const read = yield* goesOn("one two three four five", [
          Scripted.frames(framesOf(text(" three"), { _tag: "Ended" }))
        ])
        assert.deepStrictEqual([read.text, read.ended], ["one two three four five three", true])
      })
    )
  )
  it.effect("has no character twice or by half where the stream breaks within one", () =>
    fresh(
      Effect.gen(function* () {
        const half = "\ud83d"
        for (const prefill of [true, false]) {
          const { text: said, others } = yield* goesOn(`smile with me now ${half}`, [Scripted.answer("😀 done")], {
            prefill
          })
          assert.strictEqual(said, "smile with me now 😀 done")
          const asked = (yield* others[0]?.calls ?? Effect.succeed([]))[0]?.request
          assert.isTrue(JSON.stringify(asked).isWellFormed() && !JSON.stringify(asked).includes("\\ud83d"))
        }
        const halves = scripted(
          "halves",
          Scripted.frames(
            framesOf(
              text(`a${half}`),
              text("\ude00"),
              text(half),
              { _tag: "Finished", choice: 0, reason: "stop" },
              { _tag: "Ended" }
            )
          )
        )
        const told = yield* events([candidate(halves)], { request: live })
        assert.deepStrictEqual(
          told.flatMap((event) => (event._tag === "TextDelta" ? [event.text] : [])),
          ["a", "😀", half]
        )
      })
    )
  )
  it.effect("is told with the usage of all its parts, estimated where one tells none", () =>
    fresh(
      Effect.gen(function* () {
        const begun = scripted(
          "begun",
          Scripted.frames(
            framesOf({ _tag: "UsageReported", usage: { inputTokens: 1000, outputTokens: 1 } }, text("a".repeat(400))),
            { reason: reset }
          )
        )
        const silent = scripted("silent", Scripted.answer("b".repeat(200), { usage: "none" }))
        const told = yield* events([candidate(begun), candidate(silent, { prefill: true })], { request: live })
        // the continuation's prompt has "hello" and 400 characters of the answer
        const usage = { inputTokens: 1000 + Math.ceil(405 / 4), outputTokens: 100 + 50 }
        assert.deepStrictEqual(
          told.slice(-3).map((event) => (event._tag === "UsageReported" ? event.usage : event._tag)),
          ["Finished", usage, "Ended"]
        )
      })
    )
  )
})

describe("the limit of tokens", () => {
  const limited = (maxTokens: number): ChatRequest => ({ ...live, sampling: { maxTokens } })

  it.effect("is the whole answer's: who goes on is given what is left of it", () =>
    fresh(
      Effect.gen(function* () {
        const { others } = yield* goesOn("word ".repeat(80), [Scripted.answer("x")], { request: limited(120) })
        assert.strictEqual((yield* others[0]?.calls ?? Effect.succeed([]))[0]?.request?.sampling.maxTokens, 20)
      })
    )
  )
  it.effect("ends an answer that had reached it when it broke, without asking anybody", () =>
    fresh(
      Effect.gen(function* () {
        const cut = scripted("cut", Scripted.breaks("word ".repeat(80), reset))
        const other = scripted("other", Scripted.answer("x"))
        const told = yield* events([candidate(cut), candidate(other)], { request: limited(100) })
        assert.deepStrictEqual(told.slice(-3), [
          { _tag: "Finished", choice: 0, reason: "length" },
          { _tag: "UsageReported", usage: { inputTokens: 2, outputTokens: 100 } },
          { _tag: "Ended" }
        ])
        assert.strictEqual(yield* count(other), 0)
      })
    )
  )
})

describe("an answer that may call tools", () => {
  const tool: Tool = { _tag: "Function", name: "weather", parameters: { type: "object" } }
  const withTools: ChatRequest = { ...live, tools: [tool] }
  const call = { id: "1", name: "weather", arguments: "{}" }

  it.effect("may still call them when another goes on", () =>
    fresh(
      Effect.gen(function* () {
        for (const words of [" for you.", []] as const) {
          const cut = scripted("cut", Scripted.breaks("Let me look that up", reset))
          const other = scripted("other", Scripted.answer(words, { toolCalls: [call] }))
          const told = yield* inTime(events([candidate(cut), candidate(other)], { request: withTools }))
          assert.deepStrictEqual(
            told.flatMap((event) =>
              event._tag === "ToolCallStarted" ? [event.name] : event._tag === "Finished" ? [event.reason] : []
            ),
            ["weather", "tool_calls"]
          )
          assert.deepStrictEqual((yield* other.calls)[0]?.request?.tools, [tool])
        }
      })
    )
  )
  it.effect("does not lose a call to what started over and called at once", () =>
    fresh(
      Effect.gen(function* () {
        const read = yield* goesOn(
          "Let me look that up for you. I will",
          [Scripted.answer("Let me look that up", { toolCalls: [call] }), Scripted.answer(" try.")],
          { request: withTools }
        )
        assert.deepStrictEqual([read.text, read.ended], ["Let me look that up for you. I will try.", true])
      })
    )
  )
  it.effect("is completed by nobody where a call was demanded", () =>
    fresh(
      Effect.gen(function* () {
        for (const toolChoice of [{ _tag: "Required" }, { _tag: "Named", name: "weather" }] as const) {
          const read = yield* goesOn("Let me look that up", [Scripted.answer(" for you.")], {
            request: { ...withTools, toolChoice }
          })
          assert.deepStrictEqual([read.text, read.ended], ["Let me look that up", false])
        }
      })
    )
  )
})
