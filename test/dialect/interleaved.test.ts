/** Thoughts among what was said and called: after a round trip through any client's history their maker has them back, in their order. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import type { ChatResponse } from "../../src/domain/ChatResponse.ts"
import { isJsonObject, type Json, type JsonObject } from "../../src/domain/Json.ts"
import type { Part } from "../../src/domain/Message.ts"
import { wholeAsFrames } from "../../src/provider/wholeAsFrames.ts"
import { readWithSdk } from "./laws/clients.ts"
import { plainRequest, streamText } from "./laws/laws.ts"
import { inbound, outbound, type Wire, wires } from "./laws/wires.ts"

const target = { model: "m", maxOutputTokens: undefined, quirks: noQuirks }
const tools = ["one", "two"]

const thought = (origin: string, n: number): Part => ({
  _tag: "Reasoning",
  text: `thought ${n}`,
  signature: Buffer.from(`signature ${n}`).toString("base64"),
  origin
})
const said = (text: string): Part => ({ _tag: "Text", text })
const call = (n: number): Part => ({ _tag: "ToolCall", id: `c${n}`, name: tools[n - 1] ?? "", arguments: `{"a":${n}}` })

type Maker = "responses" | "messages"
const makers: ReadonlyArray<Maker> = ["responses", "messages"]

const orders: Readonly<Record<string, (thought: (n: number) => Part) => ReadonlyArray<Part>>> = {
  "before everything": (think) => [think(1), said("said 😀"), call(1), call(2)],
  "before each call": (think) => [think(1), call(1), think(2), call(2)],
  "amid texts and calls": (think) => [think(1), said("a é"), think(2), said("b"), think(3), call(1), think(4), call(2)],
  "right after one another": (think) => [think(1), think(2), said("a"), think(3), think(4), call(1), call(2)]
}

const answerOf = (content: ReadonlyArray<Part>): ChatResponse => ({
  id: "x",
  model: "m",
  choices: [{ index: 0, content, finishReason: "tool_calls" }]
})

const objects = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

/** The next request over `wire` of a client that was answered with `body`, and has the results of both calls. */
const nextOver = (wire: Wire, body: JsonObject): JsonObject => {
  const user = { role: "user", content: "hi" }
  switch (wire) {
    case "chat":
      return {
        model: "m",
        messages: [
          user,
          objects(body["choices"])[0]?.["message"] ?? null,
          ...[1, 2].map((n) => ({ role: "tool", tool_call_id: `c${n}`, content: "r" }))
        ]
      }
    case "responses":
      return {
        model: "m",
        input: [
          user,
          ...objects(body["output"]),
          ...[1, 2].map((n) => ({ type: "function_call_output", call_id: `c${n}`, output: "r" }))
        ]
      }
    case "messages":
      return {
        model: "m",
        max_tokens: 9,
        messages: [
          user,
          { role: "assistant", content: body["content"] ?? null },
          { role: "user", content: [1, 2].map((n) => ({ type: "tool_result", tool_use_id: `c${n}`, content: "r" })) }
        ]
      }
    case "gemini":
      return {
        contents: [
          { role: "user", parts: [{ text: "hi" }] },
          objects(body["candidates"])[0]?.["content"] ?? null,
          {
            role: "user",
            parts: tools.map((name, at) => ({ functionResponse: { id: `c${at + 1}`, name, response: {} } }))
          }
        ]
      }
  }
}

/** What the maker is sent back of its turn. */
const turnOf = (maker: Maker, body: JsonObject): ReadonlyArray<string> =>
  maker === "messages"
    ? objects(objects(body["messages"])[1]?.["content"]).map(({ id, signature, text, type }) =>
        String(type === "thinking" ? signature : type === "text" ? text : id)
      )
    : objects(body["input"]).flatMap((item) =>
        item["type"] === "reasoning"
          ? [String(item["encrypted_content"])]
          : item["type"] === "function_call"
            ? [String(item["call_id"])]
            : item["role"] === "assistant"
              ? objects(item["content"]).map(({ text }) => String(text))
              : []
      )

const expected = (content: ReadonlyArray<Part>): ReadonlyArray<string> =>
  content.map((part) =>
    part._tag === "Reasoning"
      ? (part.signature ?? "")
      : part._tag === "Text"
        ? part.text
        : part._tag === "ToolCall"
          ? part.id
          : ""
  )

/** The answer that a stream's client has put together. */
const streamed = async (wire: Wire, answer: ChatResponse, maker: Maker): Promise<JsonObject> => {
  const frames = wholeAsFrames(answer).map((frame) => ({
    ...frame,
    wire: { dialect: outbound[maker].id, event: undefined, data: "" }
  }))
  const text = streamText(inbound[wire], frames, plainRequest)
  if (wire !== "gemini") {
    const read: unknown = await readWithSdk[wire](text)
    const json: Json = JSON.parse(JSON.stringify(read))
    return isJsonObject(json) ? json : {}
  }
  // its package leaves it to the program to join the chunks
  const parts = text.split("\n").flatMap((line) => {
    const chunk: Json = line.startsWith("data: ") ? JSON.parse(line.slice(6)) : null
    const content = isJsonObject(chunk) ? objects(chunk["candidates"])[0]?.["content"] : undefined
    return isJsonObject(content) ? objects(content["parts"]) : []
  })
  return { candidates: [{ content: { role: "model", parts } }] }
}

describe("thoughts among what was said and called", () => {
  for (const maker of makers)
    for (const wire of wires.filter((one) => one !== maker))
      for (const [order, contentOf] of Object.entries(orders)) {
        const content = contentOf((n) => thought(outbound[maker].id, n))
        const backFrom = (body: JsonObject): ReadonlyArray<string> => {
          const request = Result.getOrThrow(inbound[wire].decodeRequest(nextOver(wire, body), {}))
          return turnOf(maker, Result.getOrThrow(outbound[maker].encodeRequest(request, target)).body)
        }
        it(`${order}, of ${maker} over ${wire}, come back in their order`, () => {
          assert.deepStrictEqual(backFrom(inbound[wire].encodeResponse(answerOf(content))), expected(content))
        })
        it(`${order}, of ${maker} streamed over ${wire}, come back in their order`, async () => {
          assert.deepStrictEqual(backFrom(await streamed(wire, answerOf(content), maker)), expected(content))
        })
      }

  it("stand before the calls that are left where a client has cut the text", () => {
    const content = [
      thought("anthropic-messages", 1),
      said("a long text"),
      thought("anthropic-messages", 2),
      call(1),
      call(2)
    ]
    const next = nextOver("chat", inbound.chat.encodeResponse(answerOf(content)))
    const cut: Json = JSON.parse(JSON.stringify(next).replace("a long text", "a"))
    const request = Result.getOrThrow(inbound.chat.decodeRequest(cut, {}))
    const { body } = Result.getOrThrow(outbound.messages.encodeRequest(request, target))
    const [first, , second] = expected(content)
    assert.deepStrictEqual(turnOf("messages", body), [first ?? "", "a", second ?? "", "c1", "c2"])
  })
})
