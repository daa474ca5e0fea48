/**
 * Where citations stand: the units and beginnings each wire counts from, what its own vendor alone can say, and what
 * programs of the vendors' own packages see of another vendor's sources.
 */
import Anthropic from "@anthropic-ai/sdk"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import OpenAI from "openai"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import type { ChatEvent, Frame } from "../../src/domain/ChatEvent.ts"
import type { ChatResponse } from "../../src/domain/ChatResponse.ts"
import { citedPieces } from "../../src/domain/Citation.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { wholeAsFrames } from "../../src/provider/wholeAsFrames.ts"
import { decodeStream, framesOf, jsonOf, plainRequest, streamText } from "./laws/laws.ts"
import { chat, gemini, messages, responses, type VendorAnswer } from "./laws/vendorAnswers.ts"
import { inbound, outbound, type Wire, wires } from "./laws/wires.ts"

const read = ({ from, whole }: VendorAnswer): ChatResponse => Result.getOrThrow(outbound[from].decodeResponse(whole))
const readStream = ({ from, stream }: VendorAnswer): ReadonlyArray<Frame> =>
  Result.getOrThrow(decodeStream(outbound[from], stream, []))

const said = "Čau 🙂: rain. Wind."
const place = said.indexOf("rain.")
const span = { start: place, end: place + 5 }
const url = "https://e.com"

/** The same answer of every vendor: `rain.` is cited for. */
const cited: { readonly [W in Wire]: VendorAnswer } = {
  chat: chat([
    {
      message: {
        content: said,
        // the smile is one code point
        annotations: [{ type: "url_citation", url_citation: { url, title: "E", start_index: 7, end_index: 12 } }]
      },
      finish_reason: "stop"
    }
  ]),
  responses: responses([
    {
      type: "message",
      id: "m1",
      role: "assistant",
      status: "completed",
      content: [
        {
          type: "output_text",
          text: said,
          annotations: [{ type: "url_citation", url, title: "E", start_index: 7, end_index: 12 }]
        }
      ]
    }
  ]),
  messages: messages(
    [
      { type: "text", text: said.slice(0, place) },
      {
        type: "text",
        text: "rain.",
        citations: [
          { type: "web_search_result_location", url, title: "E", cited_text: "It rains", encrypted_index: "c2ln" }
        ]
      },
      { type: "text", text: " Wind." }
    ],
    "end_turn"
  ),
  gemini: gemini([
    {
      content: { role: "model", parts: [{ text: said }] },
      finishReason: "STOP",
      groundingMetadata: {
        groundingChunks: [{ web: { uri: url, title: "E" } }],
        // bytes: two for the first letter, four for the smile
        groundingSupports: [{ segment: { startIndex: 11, endIndex: 16, text: "rain." }, groundingChunkIndices: [0] }]
      }
    }
  ])
}

const places = (response: ChatResponse): unknown =>
  response.choices[0].citations?.map(({ span, title, url }) => ({ span, title, url }))

describe("the place of a citation", () => {
  for (const from of wires) {
    it(`is read over ${from} in the units of the domain, whole and streamed`, () => {
      expect(places(read(cited[from]))).toEqual([{ span, title: "E", url }])
      expect(places(foldFrames(readStream(cited[from])))).toEqual([{ span, title: "E", url }])
    })
    for (const to of wires) {
      if (from === to) continue
      it(`is the same from ${from} to ${to}`, () => {
        const again = outbound[to].decodeResponse(jsonOf(inbound[to].encodeResponse(read(cited[from]))))
        expect(places(Result.getOrThrow(again))).toEqual([{ span, title: "E", url }])
        const streamed = decodeStream(outbound[to], streamText(inbound[to], readStream(cited[from])), [])
        // blocks that were streamed cannot be cut where the place turns out to begin
        const start = to === "messages" ? 0 : span.start
        const end = to === "messages" && from !== "messages" ? said.length : span.end
        expect(places(foldFrames(Result.getOrThrow(streamed)))).toEqual([{ span: { start, end }, title: "E", url }])
      })
    }
  }
  it("counts in the whole text where an answer has several, and in each text where the wire does", () => {
    const text = (words: string, start: number, end: number): JsonObject => ({
      type: "output_text",
      text: words,
      annotations: [{ type: "url_citation", url, title: "E", start_index: start, end_index: end }]
    })
    const item = (...content: ReadonlyArray<JsonObject>) => ({ type: "message", id: "m1", role: "assistant", content })
    const answer = responses([item(text("🙂a", 1, 2), text("b🙂", 1, 2)), item(text("cd", 0, 2))])
    const spans = [
      { start: 2, end: 3 },
      { start: 4, end: 6 },
      { start: 6, end: 8 }
    ]
    expect(read(answer).choices[0].citations?.map((one) => one.span)).toEqual(spans)
    expect(foldFrames(readStream(answer)).choices[0].citations?.map((one) => one.span)).toEqual(spans)
    expect(inbound.chat.encodeResponse(read(answer))["choices"]).toMatchObject([
      {
        message: {
          annotations: [
            { url_citation: { start_index: 1, end_index: 2 } },
            { url_citation: { start_index: 3, end_index: 4 } },
            { url_citation: { start_index: 4, end_index: 6 } }
          ]
        }
      }
    ])
  })
  it("is looked for by its words where a vendor's numbers do not lead to them", () => {
    const grounded = (segment: JsonObject) =>
      read(
        gemini([
          {
            content: { role: "model", parts: [{ text: "Hm", thought: true }, { text: "Čau. Rain." }] },
            finishReason: "STOP",
            groundingMetadata: {
              groundingChunks: [{ web: { uri: url } }],
              groundingSupports: [{ segment, groundingChunkIndices: [0, 7] }]
            }
          }
        ])
      ).choices[0].citations
    expect(grounded({ partIndex: 1, startIndex: 6, endIndex: 11, text: "Rain." })).toEqual([
      { url, span: { start: 5, end: 10 } }
    ])
    expect(grounded({ startIndex: 60, endIndex: 65, text: "Rain." })).toEqual([{ url, span: { start: 5, end: 10 } }])
    expect(grounded({ startIndex: 60, endIndex: 65, text: "Snow." })).toEqual([{ url }])
  })
  it("is taken for none where it is empty, upside down or no place", () => {
    for (const [start_index, end_index] of [
      [0, 0],
      [3, 2],
      [-1, 2],
      ["a", null],
      [50, 60]
    ] as ReadonlyArray<readonly [Json, Json]>) {
      const annotations = [{ type: "url_citation", url_citation: { url, title: "", start_index, end_index } }]
      const answer = chat([{ message: { content: "It rains.", annotations }, finish_reason: "stop" }])
      expect(read(answer).choices[0].citations).toEqual([{ url }])
    }
  })
  it("cuts a text where places begin and end, and keeps places that overlap together", () => {
    const at = (start: number, end: number) => ({ url: `${start}`, span: { start, end } })
    const all = [at(1, 3), at(2, 4), at(4, 5), at(8, 9), { url: "all" }]
    expect(
      citedPieces(["abcdef", "", "ghij"], all).map((pieces) =>
        pieces.map(({ citations, text }) => [text, ...citations.map(({ url }) => url)])
      )
    ).toEqual([[["a"], ["bcd", "1", "2"], ["e", "4"], ["f"]], [[""]], [["gh"], ["i", "8"], ["j", "all"]]])
  })
})

describe("what only Anthropic can say of a citation", () => {
  const written = cited.messages
  it("goes back to it as it came, also after a stage has edited the answer or put its stream together", () => {
    const { wire: _, ...edited } = read(written)
    expect(inbound.messages.encodeResponse(edited)["content"]).toEqual(written.whole["content"])
    expect(inbound.messages.encodeResponse(foldFrames(readStream(written)))["content"]).toEqual(
      written.whole["content"]
    )
  })
  it("is not made up: a citation of another vendor's is marked, and not sent to Anthropic when it comes back", () => {
    const { content } = inbound.messages.encodeResponse(read(cited.chat))
    expect(content).toEqual([
      { type: "text", text: said.slice(0, place) },
      {
        type: "text",
        text: "rain.",
        citations: [
          { type: "web_search_result_location", url, title: "E", cited_text: "", encrypted_index: "switchyard" }
        ]
      },
      { type: "text", text: " Wind." }
    ])
    const turns = (blocks: Json): JsonObject => ({
      model: "m",
      max_tokens: 9,
      messages: [
        { role: "user", content: [{ type: "text", text: "hi" }] },
        { role: "assistant", content: blocks },
        { role: "user", content: [{ type: "text", text: "and?" }] }
      ]
    })
    const asked = Result.getOrThrow(inbound.messages.decodeRequest(turns(jsonOf(content ?? null)), {}))
    const target = { model: "m", maxOutputTokens: undefined, quirks: noQuirks }
    const bare = [said.slice(0, place), "rain.", " Wind."].map((text) => ({ type: "text", text }))
    expect(Result.getOrThrow(outbound.messages.encodeRequest(asked, target)).body).toEqual(turns(bare))
    const { wire: _, ...edited } = asked
    expect(Result.getOrThrow(outbound.messages.encodeRequest(edited, target)).body).toEqual(turns(bare))
    expect(Result.getOrThrow(outbound.chat.encodeRequest(asked, target)).dropped).toEqual(["citations"])
    // the vendor's own are sent back
    const own = turns(written.whole["content"] ?? null)
    const again = Result.getOrThrow(inbound.messages.decodeRequest(own, {}))
    expect(Result.getOrThrow(outbound.messages.encodeRequest(again, target)).body).toEqual(own)
  })
  it("needs no block of nothing but white space, which it would refuse to read again", () => {
    const at = (start: number, end: number) => ({ url, span: { start, end } })
    const response: ChatResponse = {
      id: "a",
      model: "m",
      choices: [
        {
          index: 0,
          content: [{ _tag: "Text", text: "One.\n\nTwo. " }],
          finishReason: "stop",
          citations: [at(0, 4), at(6, 10)]
        }
      ]
    }
    const textsIn = (content: Json | undefined) =>
      Array.isArray(content) ? content.map((block: JsonObject) => block["text"]) : []
    expect(textsIn(inbound.messages.encodeResponse(response)["content"])).toEqual(["One.\n\n", "Two. "])
    for (const frames of [framesOf(response, []), wholeAsFrames(response)]) {
      const streamed = decodeStream(outbound.messages, streamText(inbound.messages, frames), [])
      const again = inbound.messages.encodeResponse(foldFrames(Result.getOrThrow(streamed)))
      expect(textsIn(again["content"])).toEqual(["One.\n\n", "Two. "])
    }
  })
})

describe("sources of another vendor's, to the vendors' own packages", () => {
  const answering = (text: string) => () =>
    Promise.resolve(new Response(text, { headers: { "content-type": "text/event-stream" } }))
  const from = (wire: Wire, to: Wire): string => streamText(inbound[to], readStream(cited[wire]))

  it("are annotations of OpenAI's message and of its response", async () => {
    for (const wire of ["messages", "gemini"] as const) {
      const completion = await new OpenAI({
        apiKey: "k",
        maxRetries: 0,
        fetch: answering(from(wire, "chat"))
      }).chat.completions
        .stream({ model: "m", messages: [] })
        .finalChatCompletion()
      expect(completion.choices[0]?.message.annotations).toEqual([
        { type: "url_citation", url_citation: { url, title: "E", start_index: 7, end_index: 12 } }
      ])
      const response = await new OpenAI({
        apiKey: "k",
        maxRetries: 0,
        fetch: answering(from(wire, "responses"))
      }).responses
        .stream({ model: "m", input: "hi" })
        .finalResponse()
      const [item] = response.output
      expect(item?.type === "message" ? item.content : []).toMatchObject([
        { text: said, annotations: [{ type: "url_citation", url, title: "E", start_index: 7, end_index: 12 }] }
      ])
    }
  })
  it("are citations of Anthropic's text, told as they come", async () => {
    const heard: Array<unknown> = []
    const message = await new Anthropic({
      apiKey: "k",
      maxRetries: 0,
      fetch: answering(from("responses", "messages"))
    }).messages
      .stream({ model: "m", max_tokens: 9, messages: [] })
      .on("citation", (citation) => heard.push(citation))
      .finalMessage()
    const citation = {
      type: "web_search_result_location",
      url,
      title: "E",
      cited_text: "",
      encrypted_index: "switchyard"
    }
    expect(message.content).toEqual([{ type: "text", text: said, citations: [citation] }])
    expect(heard).toEqual([citation])
  })
})

describe("sources that a vendor lists", () => {
  const chunk = (fields: JsonObject): string => `data: ${JSON.stringify({ id: "c", model: "m", ...fields })}\n\n`
  const sources = (events: ReadonlyArray<ChatEvent>): ReadonlyArray<unknown> =>
    events.flatMap((event) => (event._tag === "CitationAdded" ? [event.citation.url] : []))

  it("with every chunk are told once, before the end; those after every end are told as well", () => {
    const delta = (content: string, finish_reason: string | null) => [{ index: 0, delta: { content }, finish_reason }]
    const citations = [url, "https://f.com", ""]
    const each =
      chunk({ choices: delta("It ", null), citations }) +
      chunk({ choices: delta("rains.", "stop"), citations }) +
      chunk({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }, citations })
    const late = chunk({ choices: delta("It rains.", "stop") }) + chunk({ choices: [], citations })
    for (const stream of [each, late]) {
      const frames = Result.getOrThrow(decodeStream(outbound.chat, `${stream}data: [DONE]\n\n`, []))
      expect(sources(frames.flatMap(({ events }) => events))).toEqual([url, "https://f.com"])
      const told = streamText(
        inbound.chat,
        frames.map(({ events }) => ({ events, wire: undefined })),
        plainRequest
      )
      expect(told.match(/"annotations"/g)).toHaveLength(1)
    }
  })
})
