/**
 * What holds for every stream of a dialect, whatever it tells and whoever made it: the order of its events, their
 * numbers and ids, and that its pieces and its whole say the same.
 */
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import type { Dialect } from "./asking.ts"
import { elementsOf, type Event, eventsOf } from "./reading.ts"

/** What a stream does that none of its dialect may; empty where all is well. */
export const lawsBroken = (dialect: Dialect, raw: string): ReadonlyArray<string> => {
  const problems = new Set<string>()
  const holds = (condition: boolean, what: string): void => {
    if (!condition) problems.add(what)
  }
  if (dialect === "gemini" && !raw.trimStart().startsWith("data:")) geminiLaws(elementsOf(raw), holds)
  else laws[dialect](eventsOf(raw), holds)
  return [...problems]
}

type Holds = (condition: boolean, what: string) => void

const object = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})
const list = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []
const bodies = (events: ReadonlyArray<Event>): ReadonlyArray<JsonObject> =>
  events.map(({ data }) => object(parseJson(data)))

const openaiLaws = (events: ReadonlyArray<Event>, holds: Holds): void => {
  const chunks = bodies(events.filter(({ data }) => data !== "[DONE]"))
  const answers = chunks.filter((chunk) => !("error" in chunk))
  holds(new Set(answers.map(({ id }) => id)).size <= 1, "its chunks bear different ids")
  holds(!chunks.slice(0, -1).some((chunk) => "error" in chunk), "something follows the error")
  const done = events.findIndex(({ data }) => data === "[DONE]")
  holds(done === -1 || done === events.length - 1, "something follows [DONE]")
  const ends = answers.flatMap(({ choices }) => list(choices).filter(({ finish_reason: reason }) => reason != null))
  holds(ends.length <= 1, "it ends twice")
  holds(done === -1 || ends.length === 1, "it has an end marker and no reason for its end")
}

const anthropicLaws = (events: ReadonlyArray<Event>, holds: Holds): void => {
  let open: Json | undefined
  let next = 0
  let place: "before" | "within" | "ended" | "over" = "before"
  for (const { data, event } of events) {
    const body = object(parseJson(data))
    holds(body["type"] === event, `the event ${event} holds ${String(body["type"])}`)
    holds(place !== "over", "something follows its end")
    switch (event) {
      case "message_start":
        holds(place === "before", "it starts twice")
        place = "within"
        break
      case "content_block_start":
        holds(place === "within" && open === undefined && body["index"] === next++, "a block starts out of order")
        open = body["index"] ?? null
        break
      case "content_block_delta":
        holds(open === body["index"], "a delta is of no open block")
        break
      case "content_block_stop":
        holds(open === body["index"], "a block stops that is not open")
        open = undefined
        break
      case "message_delta":
        holds(place === "within" && open === undefined, "it ends while a block is open")
        place = "ended"
        break
      case "message_stop":
        holds(place === "ended", "it stops without its end")
        place = "over"
        break
      case "error":
        place = "over"
    }
  }
}

const ends: ReadonlySet<string> = new Set(["response.completed", "response.incomplete", "response.failed", "error"])

const responsesLaws = (events: ReadonlyArray<Event>, holds: Holds): void => {
  const told = bodies(events)
  const texts = new Map<string, string>()
  const output: Array<JsonObject | undefined> = []
  const ids = new Set<Json | undefined>()
  for (const [number, body] of told.entries()) {
    const { item_id: id, output_index: index, type } = body
    const { [number]: event } = events
    holds(type === event?.event, `the event ${event?.event} holds ${String(type)}`)
    holds(body["sequence_number"] === number, `event ${number} has the number ${String(body["sequence_number"])}`)
    holds(ends.has(String(type)) === (number === told.length - 1), "it does not end with its end")
    if ("response" in body) ids.add(object(body["response"])["id"])
    const item = object(body["item"])
    const at = typeof index === "number" ? index : -1
    const place = `${String(id)} ${String(body["content_index"])}`
    if (type === "response.output_item.added") {
      holds(at === output.length, "an item is opened out of order")
      output.push(item)
    } else if (type === "response.output_item.done") {
      holds(output[at]?.["id"] === item["id"], "an item is closed under another id")
      output[at] = item
    } else if (id !== undefined) holds(output[at]?.["id"] === id, "an event is of an item that is not there")
    if (type === "response.output_text.delta") texts.set(place, (texts.get(place) ?? "") + String(body["delta"]))
    if (type === "response.output_text.done") holds(texts.get(place) === body["text"], "a text is not its pieces")
    if (type === "response.content_part.done" && object(body["part"])["type"] === "output_text")
      holds(texts.get(place) === object(body["part"])["text"], "a part is not its pieces")
  }
  holds(ids.size <= 1, "its responses bear different ids")
  holds(
    told[0]?.["type"] === "response.created" || told[0]?.["type"] === "error",
    "it does not begin with its creation"
  )
  holds(output.filter((item) => item?.["type"] === "message").length <= 1, "it has two messages")
  const last = told.at(-1)
  if (last === undefined || !("response" in last)) return
  const response = object(last["response"])
  holds(JSON.stringify(response["output"]) === JSON.stringify(output), "its last event holds other items")
  const said = list(response["output"]).flatMap(({ content }) => list(content))
  const text = said.map((part) => (typeof part["text"] === "string" ? part["text"] : "")).join("")
  holds(text === [...texts.values()].join(""), "its last event holds another text")
  holds(isJsonObject(response["usage"]), "its last event tells no usage")
}

const geminiLaws = (chunks: ReadonlyArray<JsonObject>, holds: Holds): void => {
  const told = new Set<Json | undefined>()
  for (const [number, chunk] of chunks.entries()) {
    const isLast = number === chunks.length - 1
    const ended = list(chunk["candidates"]).some(({ finishReason: reason }) => reason !== undefined)
    if ("error" in chunk) holds(isLast, "something follows the error")
    else told.add(chunk["responseId"])
    holds(!ended || isLast, "something follows its end")
    holds(!ended || isJsonObject(chunk["usageMetadata"]), "its last chunk tells no usage")
  }
  holds(told.size <= 1, "its chunks bear different ids")
}

const laws: { readonly [D in Dialect]: (events: ReadonlyArray<Event>, holds: Holds) => void } = {
  openai: openaiLaws,
  anthropic: anthropicLaws,
  responses: responsesLaws,
  gemini: (events, holds) => {
    holds(
      events.every(({ event }) => event === undefined),
      "its events bear names"
    )
    geminiLaws(bodies(events), holds)
  }
}
