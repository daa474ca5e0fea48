import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { formatSse, makeSseParser } from "../../src/dialect/Sse.ts"
import type { SseEvent } from "../../src/dialect/Dialect.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** All events of a body that comes in pieces cut at `cuts` (byte offsets, in any order). */
const parse = (text: string, cuts: ReadonlyArray<number> = [], maxEventBytes?: number): ReadonlyArray<SseEvent> => {
  const parser = makeSseParser(maxEventBytes === undefined ? {} : { maxEventBytes })
  const body = bytes(text)
  const edges = [0, ...cuts.map((cut) => cut % (body.length + 1)).sort((a, b) => a - b), body.length]
  const events: Array<SseEvent> = []
  for (let i = 1; i < edges.length; i++) events.push(...parser.push(body.subarray(edges[i - 1], edges[i])))
  return [...events, ...parser.end()]
}
const data = (text: string, event?: string): SseEvent => ({ event, data: text })

describe("the parser of server-sent events", () => {
  const cases: ReadonlyArray<readonly [string, string, ReadonlyArray<SseEvent>]> = [
    ["reads one event", "data: a\n\n", [data("a")]],
    ["reads several events", "data: a\n\ndata: b\n\n", [data("a"), data("b")]],
    ["takes off one space only", "data:a\n\ndata:  b\n\n", [data("a"), data(" b")]],
    ["reads the type of an event", "event: ping\ndata: {}\n\n", [data("{}", "ping")]],
    ["finds the type after the data", "data: {}\nevent: ping\n\n", [data("{}", "ping")]],
    ["forgets the type with its event", "event: a\ndata: 1\n\ndata: 2\n\n", [data("1", "a"), data("2")]],
    ["joins data lines by a line feed", "data: a\ndata\ndata: b\n\n", [data("a\n\nb")]],
    ["reads lines that end in CRLF", "event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n", [data("a", "x"), data("b")]],
    ["reads lines that end in CR", "event: x\rdata: a\r\rdata: b\r\r", [data("a", "x"), data("b")]],
    ["reads mixed line ends", "data: a\r\n\ndata: b\n\r\ndata: c\r\r\n", [data("a"), data("b"), data("c")]],
    ["passes over comments", ": OPENROUTER PROCESSING\n\n:\ndata: a\n: x\n\n", [data("a")]],
    ["passes over id, retry and unknown fields", "id: 1\nretry: 5\nfoo: x\ndata: a\n\n", [data("a")]],
    ["passes over an event without data", "event: ping\n\ndata: a\n\n", [data("a")]],
    ["passes on an event with empty data", "event: ping\ndata:\n\n", [data("", "ping")]],
    ["passes over a byte order mark", "\uFEFFdata: a\n\n", [data("a")]],
    ["passes over blank lines between events", "\n\n\ndata: a\n\n\n\n\ndata: b\n\n", [data("a"), data("b")]],
    ["keeps characters outside of ASCII", "data: žluťoučký 👩‍🚀 龍\n\ndata: é\n\n", [data("žluťoučký 👩‍🚀 龍"), data("é")]],
    ["gives the end marker that lacks its blank line", "data: {}\n\ndata: [DONE]", [data("{}"), data("[DONE]")]],
    ["gives whole JSON that lacks its blank line", 'data: {"a":1}\n', [data('{"a":1}')]],
    ["discards JSON that was cut", 'data: {}\n\ndata: {"a":', [data("{}")]],
    ["discards a cut comment", "data: {}\n\n: PING", [data("{}")]]
  ]
  for (const [name, text, expected] of cases) it(name, () => expect(parse(text)).toEqual(expected))

  it.prop(
    "gives the same events however the bytes are split",
    { which: Schema.Int, cuts: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 500 }))) },
    ({ which, cuts }) => {
      const body = cases.map(([, text]) => text)
      // each case by itself, and several one after the other
      const text = `${body[Math.abs(which) % body.length]}`
      const all = body.filter((one) => /(\n\n|\r\r|\r\n\r\n)$/.test(one) && !one.startsWith("\uFEFF")).join("")
      expect(parse(text, cuts)).toEqual(parse(text))
      expect(parse(all, cuts)).toEqual(parse(all))
    },
    { arbitrary: { runs: 300 } }
  )

  it("gives the same events when every byte comes alone", () => {
    for (const [, text, expected] of cases)
      expect(
        parse(
          text,
          Array.from({ length: bytes(text).length }, (_, i) => i)
        )
      ).toEqual(expected)
  })

  it("stops with a fault at an event over the bound and keeps the events before it", () => {
    const text = `data: a\n\ndata: ${"x".repeat(100)}\n\ndata: b\n\n`
    for (const cuts of [[], [4, 9, 20, 40, 60, 80, 100, 110], Array.from({ length: 130 }, (_, i) => i)]) {
      const parser = makeSseParser({ maxEventBytes: 50 })
      const events: Array<SseEvent> = []
      const body = bytes(text)
      let from = 0
      for (const to of [...cuts, body.length]) {
        events.push(...parser.push(body.subarray(from, to)))
        from = Math.max(from, to)
      }
      expect(events).toEqual([data("a")])
      expect(parser.fault()).toEqual({ _tag: "EventTooLarge", limitBytes: 50 })
      expect(parser.end()).toEqual([])
    }
  })

  it("takes an event of exactly the bound", () => {
    const text = `data: ${"x".repeat(44)}\n\n`
    expect(parse(text, [], 50)).toHaveLength(1)
    expect(
      parse(
        text,
        Array.from({ length: 52 }, (_, i) => i),
        50
      )
    ).toHaveLength(1)
  })

  it("holds no more of an endless event than the bound", () => {
    const parser = makeSseParser({ maxEventBytes: 1000 })
    for (let i = 0; i < 100 && parser.fault() === undefined; i++) parser.push(bytes("data: never ending "))
    expect(parser.fault()).toBeDefined()
  })
})

describe("the writer of server-sent events", () => {
  it.prop(
    "writes what the parser reads back",
    { data: Schema.String, type: Schema.UndefinedOr(Schema.Literals(["error", "message_start"])) },
    ({ data: text, type }) => {
      const joined = text.toWellFormed().replace(/\r\n|\r/g, "\n")
      expect(parse(formatSse(type, text))).toEqual([data(joined, type)])
    }
  )
  it("writes an event without a type in two lines", () => expect(formatSse(undefined, "{}")).toBe("data: {}\n\n"))
  it("writes the type first", () => expect(formatSse("error", "{}")).toBe("event: error\ndata: {}\n\n"))
})
