import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { geminiOutbound } from "../../src/dialect/Gemini.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { ChatResponse } from "../../src/domain/ChatResponse.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { type Part, textOf } from "../../src/domain/Message.ts"
import { decodeStream } from "./laws/laws.ts"

const files = ["google", "vertex"].map((name) =>
  fileURLToPath(new URL(`../../../shared/recordings/${name}.jsonl`, import.meta.url))
)
const present = files.every((file) => existsSync(file))
if (!present) console.info("skipped: the recorded exchanges are not beside this checkout")

interface Exchange {
  readonly source: string
  readonly model: string
  readonly request: JsonObject
  readonly status: number
  readonly answer: Json
}

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})
const listOf = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

const exchanges: ReadonlyArray<Exchange> = (present ? files : []).flatMap((file) =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => objectOf(parseJson(line)))
    .filter(({ request }) => /enerateContent/.test(String(objectOf(request)["path"])))
    .map(({ source, request, response }) => {
      const { path, body } = objectOf(request)
      const { status, text, body: answer } = objectOf(response)
      return {
        source: String(source),
        model: /models\/([^:]+):/.exec(String(path))?.[1] ?? "",
        request: objectOf(body),
        status: Number(status),
        answer: typeof text === "string" ? text : (answer ?? null)
      }
    })
)
const answered = exchanges.filter(({ status }) => status === 200)
const wholes = answered.filter(({ answer }) => typeof answer !== "string")
const streams = answered.flatMap(({ answer, ...rest }) => (typeof answer === "string" ? [{ ...rest, answer }] : []))

/** The chunks of a recorded stream, read in the plainest way. */
const chunksOf = (stream: string): ReadonlyArray<JsonObject> =>
  stream
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data: "))
    .map((line) => objectOf(parseJson(line.slice(6))))

const partsOf = (chunks: ReadonlyArray<JsonObject>): ReadonlyArray<JsonObject> =>
  chunks.flatMap((chunk) => listOf(chunk["candidates"]).flatMap(({ content }) => listOf(objectOf(content)["parts"])))

/** What the recording says, read by hand, against what was decoded. */
const compare = (chunks: ReadonlyArray<JsonObject>, response: ChatResponse): void => {
  const parts = partsOf(chunks)
  const said = parts.filter((part) => typeof part["text"] === "string" && part["thought"] !== true)
  const thought = parts.filter((part) => typeof part["text"] === "string" && part["thought"] === true)
  const join = (of: ReadonlyArray<JsonObject>) => of.map((part) => part["text"]).join("")
  const content: ReadonlyArray<Part> = response.choices.flatMap((choice) => choice.content)
  expect(textOf(content)).toBe(join(said))
  expect(content.flatMap((part) => (part._tag === "Reasoning" ? [part.text] : [])).join("")).toBe(join(thought))
  expect(content.flatMap((part) => (part._tag === "ToolCall" ? [[part.name, parseJson(part.arguments)]] : []))).toEqual(
    parts.flatMap(({ functionCall }) =>
      isJsonObject(functionCall) ? [[functionCall["name"], functionCall["args"] ?? {}]] : []
    )
  )
  const usage = objectOf(chunks.at(-1)?.["usageMetadata"])
  if (response.usage !== undefined)
    expect(response.usage.inputTokens + response.usage.outputTokens).toBe(usage["totalTokenCount"])
  else expect(usage).not.toHaveProperty("promptTokenCount")
  const last = chunks.findLast((chunk) => listOf(chunk["candidates"]).some(({ finishReason }) => finishReason))
  const reason = last === undefined ? undefined : listOf(last["candidates"])[0]?.["finishReason"]
  const calls = parts.some((part) => isJsonObject(part["functionCall"]))
  const expected = { STOP: calls ? "tool_calls" : "stop", SAFETY: "content_filter", UNEXPECTED_TOOL_CALL: "tool_calls" }
  expect(response.choices[0].finishReason).toBe(
    new Map(Object.entries(expected)).get(String(reason)) ?? "content_filter"
  )
  expect(response.id).toBe(chunks[0]?.["responseId"] ?? "")
  expect(response.model).toBe(chunks[0]?.["modelVersion"])
}

describe.skipIf(!present)("recorded answers of Gemini", () => {
  it("are all there", () => {
    expect(wholes.length).toBeGreaterThan(150)
    expect(streams.length).toBeGreaterThan(10)
  })

  it("that are whole decode with their text, thoughts, calls, usage and finish", () => {
    for (const { source, answer } of wholes) {
      const decoded = geminiOutbound.decodeResponse(answer)
      expect(Result.isSuccess(decoded), source).toBe(true)
      compare([objectOf(answer)], Result.getOrThrow(decoded))
    }
  })

  it("that are streamed decode wherever the bytes are split, and stop short of whole when cut", () => {
    // a stream that was closed by its caller before the first byte
    const seen = streams.filter(({ answer }) => answer !== "")
    for (const { source, answer } of seen) {
      for (const splits of [[], [1, 2, 3, 500, 501, 999], [answer.length - 1]]) {
        const frames = decodeStream(geminiOutbound, answer, splits)
        expect(Result.isSuccess(frames), source).toBe(true)
        compare(chunksOf(answer), foldFrames(Result.getOrThrow(frames)))
      }
      const last = answer.trimEnd().lastIndexOf("data: ")
      expect(Result.isFailure(decodeStream(geminiOutbound, answer.slice(0, last), [])), source).toBe(true)
    }
  })

  it("that are errors are told from answers", () => {
    const errors = exchanges.filter(({ status }) => status !== 200)
    expect(errors.length).toBeGreaterThan(0)
    for (const { answer } of errors)
      expect(geminiOutbound.decodeResponse(answer)).toEqual(Result.fail({ _tag: "ErrorInside", body: answer }))
  })

  it("sent back as the model's turn are taken apart and put together without loss", () => {
    for (const { source, answer } of wholes) {
      const { choices } = Result.getOrThrow(geminiOutbound.decodeResponse(answer))
      const { content } = choices[0]
      const { body } = Result.getOrThrow(
        geminiOutbound.encodeRequest(
          plain({ messages: [...plain({}).messages, { role: "assistant", content }] }),
          target("gemini-2.5-flash")
        )
      )
      const sent = listOf(listOf(body["contents"])[1]?.["parts"])
      const got = partsOf([objectOf(answer)]).filter((part) => part["text"] !== "" || "thoughtSignature" in part)
      expect(
        sent.map((part) => {
          const { id: _, ...call } = objectOf(part["functionCall"])
          return "functionCall" in part ? { ...part, functionCall: call } : part
        }),
        source
      ).toEqual(
        got.map((part) => {
          const { id: _, ...call } = objectOf(part["functionCall"])
          return "functionCall" in part ? { ...part, functionCall: { args: {}, ...call } } : part
        })
      )
    }
  })
})

const plain = (over: Partial<ChatRequest>): ChatRequest => ({
  model: "gemini-2.5-flash",
  delivery: "whole",
  messages: [{ role: "user", content: [{ _tag: "Text", text: "hi" }] }],
  tools: [],
  sampling: {},
  usageWanted: true,
  fallbacks: [],
  ...over
})
const target = (model: string) => ({ model, maxOutputTokens: undefined, quirks: noQuirks })

/** Values that are the caller's own, whose keys say nothing of the wire. */
const free = new Set(["args", "response", "parametersJsonSchema", "responseJsonSchema"])

/** Every path of keys in a body (`contents.parts.text`), names in camel case as the wire takes both. */
const pathsOf = (value: Json, path = ""): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, path))
  if (!isJsonObject(value)) return [path]
  return Object.entries(value).flatMap(([key, member]) => {
    const name = key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    const at = path === "" ? name : `${path}.${name}`
    return free.has(name) ? [at] : pathsOf(member, at)
  })
}

describe.skipIf(!present)("requests to Gemini", () => {
  it("have no field that the recorded ones have not", () => {
    const recorded = new Set(exchanges.flatMap(({ request }) => pathsOf(request)))
    const spread: ReadonlyArray<ChatRequest> = [
      plain({}),
      plain({
        messages: [
          { role: "system", content: [{ _tag: "Text", text: "s" }] },
          {
            role: "user",
            content: [
              { _tag: "Text", text: "a" },
              { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "AAEC" } },
              { _tag: "Document", source: { _tag: "Url", url: "https://example.com/a.pdf" } }
            ]
          },
          {
            role: "assistant",
            content: [
              { _tag: "Reasoning", text: "t", origin: "gemini" },
              { _tag: "Text", text: "b" },
              { _tag: "ToolCall", id: "c", name: "f", arguments: "{}" }
            ]
          },
          {
            role: "tool",
            content: [
              {
                _tag: "ToolResult",
                id: "c",
                content: [
                  { _tag: "Text", text: "r" },
                  { _tag: "Document", source: { _tag: "FileId", id: "files/a" } }
                ]
              }
            ]
          }
        ],
        tools: [
          { _tag: "Function", name: "f", description: "d", parameters: { type: "object" } },
          { _tag: "Hosted", dialect: "gemini", definition: { codeExecution: {} } }
        ],
        toolChoice: { _tag: "Required" },
        responseFormat: { _tag: "JsonSchema", name: "a", schema: { type: "object" } },
        sampling: { temperature: 1, topP: 0.5, topK: 3, stop: ["x"] }
      }),
      plain({ reasoning: { adaptive: false } }),
      plain({ reasoning: { disabled: true } })
    ]
    for (const model of ["gemini-2.5-flash", "gemini-3-flash-preview"])
      for (const request of spread) {
        const encoded = geminiOutbound.encodeRequest(request, target(model))
        if (Result.isFailure(encoded)) {
          expect([model, encoded.failure.feature]).toEqual(["gemini-2.5-flash", "response_format with tools"])
          continue
        }
        // not in the recordings, but in the SDK's types and in the vendor's documentation
        const documented = ["generationConfig.thinkingConfig.thinkingLevel"]
        for (const path of pathsOf(encoded.success.body))
          expect(recorded.has(path) || documented.includes(path), path).toBe(true)
      }
  })
})
