/**
 * Answers as vendors write them, whole and streamed, and what a caller finds in an answer of its own wire. Both are
 * written in the wires' own words, apart from the code they test.
 *
 * @module
 */
import { formatSse } from "../../../src/dialect/Sse.ts"
import { isJsonObject, type Json, type JsonObject } from "../../../src/domain/Json.ts"
import type { Wire } from "./wires.ts"

export interface VendorAnswer {
  readonly from: Wire
  readonly whole: JsonObject
  /** The same, streamed. */
  readonly stream: string
}

const data = (chunks: ReadonlyArray<JsonObject>): string =>
  chunks.map((chunk) => formatSse(undefined, JSON.stringify(chunk))).join("")

interface ChatChoice {
  readonly message: JsonObject
  readonly finish_reason: string
  readonly logprobs?: Json
}

/** One chunk says all of a choice; calls bear their index in a stream. */
export const chat = (choices: ReadonlyArray<ChatChoice>, more: JsonObject = {}): VendorAnswer => {
  const head = { id: "chatcmpl-1", created: 1, model: "gpt-x" }
  const { usage, ...rest } = more
  const deltaOf = (message: JsonObject): JsonObject => {
    const calls = message["tool_calls"]
    return Array.isArray(calls)
      ? { ...message, tool_calls: calls.map((call: JsonObject, index) => ({ ...call, index })) }
      : message
  }
  const chunk = (choice: JsonObject): JsonObject => ({
    ...head,
    object: "chat.completion.chunk",
    ...rest,
    choices: [choice]
  })
  return {
    from: "chat",
    whole: {
      ...head,
      object: "chat.completion",
      choices: choices.map((choice, index) => ({ index, ...choice })),
      ...more
    },
    stream:
      data([
        ...choices.map(({ logprobs, message }, index) =>
          chunk({
            index,
            delta: deltaOf(message),
            ...(logprobs === undefined ? {} : { logprobs }),
            finish_reason: null
          })
        ),
        ...choices.map(({ finish_reason }, index) => chunk({ index, delta: {}, finish_reason })),
        ...(usage === undefined ? [] : [{ ...head, object: "chat.completion.chunk", choices: [], usage }])
      ]) + "data: [DONE]\n\n"
  }
}

export const messages = (
  content: ReadonlyArray<JsonObject>,
  stop_reason: string,
  usage: JsonObject = { input_tokens: 5, output_tokens: 2 }
): VendorAnswer => {
  const head = { id: "msg_1", type: "message", role: "assistant", model: "claude-x" }
  const event = (type: string, fields: JsonObject): string => formatSse(type, JSON.stringify({ type, ...fields }))
  const blockEvents = (block: JsonObject, index: number): string => {
    const delta = (start: JsonObject, inner: JsonObject): string =>
      event("content_block_start", { index, content_block: start }) +
      event("content_block_delta", { index, delta: inner })
    const said =
      block["type"] === "text"
        ? delta({ type: "text", text: "" }, { type: "text_delta", text: block["text"] ?? "" }) +
          list(block["citations"])
            .map((citation) => event("content_block_delta", { index, delta: { type: "citations_delta", citation } }))
            .join("")
        : block["type"] === "tool_use"
          ? delta(
              { ...block, input: {} },
              { type: "input_json_delta", partial_json: JSON.stringify(block["input"] ?? {}) }
            )
          : block["type"] === "thinking"
            ? delta(
                { type: "thinking", thinking: "", signature: "" },
                { type: "thinking_delta", thinking: block["thinking"] ?? "" }
              ) +
              event("content_block_delta", {
                index,
                delta: { type: "signature_delta", signature: block["signature"] ?? "" }
              })
            : event("content_block_start", { index, content_block: block })
    return said + event("content_block_stop", { index })
  }
  return {
    from: "messages",
    whole: { ...head, content, stop_reason, stop_sequence: null, usage },
    stream:
      event("message_start", {
        message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 1 } }
      }) +
      content.map(blockEvents).join("") +
      event("message_delta", { delta: { stop_reason, stop_sequence: null }, usage }) +
      event("message_stop", {})
  }
}

export const responses = (output: ReadonlyArray<JsonObject>, more: JsonObject = {}): VendorAnswer => {
  const head = {
    id: "resp_1",
    object: "response",
    created_at: 1,
    model: "gpt-x",
    error: null,
    incomplete_details: null
  }
  const whole: JsonObject = { ...head, status: "completed", output, usage: null, ...more }
  const status = whole["status"] === "incomplete" ? "incomplete" : "completed"
  let sequence_number = 0
  const event = (type: string, fields: JsonObject): string =>
    formatSse(type, JSON.stringify({ type, ...fields, sequence_number: sequence_number++ }))
  return {
    from: "responses",
    whole,
    stream:
      event("response.created", { response: { ...head, status: "in_progress", output: [] } }) +
      output
        .map(
          (item, output_index) =>
            event("response.output_item.added", { output_index, item: { ...item, content: [], arguments: "" } }) +
            event("response.output_item.done", { output_index, item })
        )
        .join("") +
      event(`response.${status}`, { response: whole })
  }
}

export const gemini = (candidates: ReadonlyArray<JsonObject>, more: JsonObject = {}): VendorAnswer => {
  const whole = { candidates, modelVersion: "gemini-x", responseId: "r1", ...more }
  return { from: "gemini", whole, stream: data([whole]) }
}

// ---- what a caller finds

export interface Found {
  readonly text: string
  readonly thoughts: string
  readonly refusal: string
  readonly calls: ReadonlyArray<readonly [name: Json, input: Json]>
  /** Media types of pictures and sounds. */
  readonly media: ReadonlyArray<Json>
  /** The words that say how it ended. */
  readonly end: Json
  /** How many tokens are told with their probability. */
  readonly likely: number
  /** The addresses, or else the names, of what it cites. */
  readonly sources: ReadonlyArray<Json>
}

const list = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []
const object = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})
const join = (parts: ReadonlyArray<JsonObject>, key: string): string => parts.map((part) => part[key] ?? "").join("")
const parsed = (value: Json | undefined): Json => JSON.parse(String(value))

/** The choice of an answer, as a program that knows the wire reads it. */
export const found: { readonly [W in Wire]: (body: JsonObject, choice?: number) => Found } = {
  chat: (body, choice = 0) => {
    const { finish_reason: end, logprobs, message } = list(body["choices"])[choice] ?? {}
    const { audio, content, images, reasoning_content, refusal, tool_calls } = object(message)
    return {
      text: String(content ?? ""),
      thoughts: String(reasoning_content ?? ""),
      refusal: String(refusal ?? ""),
      calls: list(tool_calls).map((call) => {
        const { arguments: input, name } = object(call["function"])
        return [name ?? null, parsed(input)]
      }),
      media: [
        ...list(images).map((image) => /^data:([^;]+);/.exec(String(object(image["image_url"])["url"]))?.[1] ?? "url"),
        ...(audio === undefined ? [] : ["audio"])
      ],
      end: end ?? null,
      likely: list(object(logprobs)["content"]).length,
      sources: list(object(message)["annotations"]).flatMap((one) => object(one["url_citation"])["url"] ?? [])
    }
  },
  responses: (body) => {
    const items = list(body["output"])
    const content = items.flatMap((item) => (item["type"] === "message" ? list(item["content"]) : []))
    return {
      text: join(content, "text"),
      thoughts: items.map((item) => (item["type"] === "reasoning" ? join(list(item["summary"]), "text") : "")).join(""),
      refusal: join(content, "refusal"),
      calls: items.flatMap((item) =>
        item["type"] === "function_call" ? [[item["name"] ?? null, parsed(item["arguments"])] as const] : []
      ),
      media: items.flatMap((item) =>
        item["type"] === "image_generation_call" ? [`image/${String(item["output_format"])}`] : []
      ),
      end: [body["status"] ?? null, object(body["incomplete_details"])["reason"] ?? null],
      likely: content.flatMap((part) => list(part["logprobs"])).length,
      sources: content
        .flatMap((part) => list(part["annotations"]))
        .flatMap((one) => one["url"] ?? one["filename"] ?? [])
    }
  },
  messages: (body) => {
    const blocks = list(body["content"])
    return {
      text: join(blocks, "text"),
      thoughts: join(blocks, "thinking"),
      refusal: "",
      calls: blocks.flatMap((block) =>
        block["type"] === "tool_use" ? [[block["name"] ?? null, block["input"] ?? null] as const] : []
      ),
      media: [],
      end: body["stop_reason"] ?? null,
      likely: 0,
      sources: blocks
        .flatMap((block) => list(block["citations"]))
        .flatMap((one) => one["url"] ?? one["source"] ?? one["document_title"] ?? [])
    }
  },
  gemini: (body, choice = 0) => {
    const { content, finishReason, groundingMetadata, logprobsResult } = list(body["candidates"])[choice] ?? {}
    const parts = list(object(content)["parts"])
    return {
      text: join(
        parts.filter((part) => part["thought"] !== true),
        "text"
      ),
      thoughts: join(
        parts.filter((part) => part["thought"] === true),
        "text"
      ),
      refusal: "",
      calls: parts.flatMap(({ functionCall }) =>
        isJsonObject(functionCall) ? [[functionCall["name"] ?? null, functionCall["args"] ?? null] as const] : []
      ),
      media: parts.flatMap(({ inlineData }) => (isJsonObject(inlineData) ? [inlineData["mimeType"] ?? null] : [])),
      end: finishReason ?? null,
      likely: list(object(logprobsResult)["chosenCandidates"]).length,
      sources: list(object(groundingMetadata)["groundingChunks"]).flatMap(
        ({ retrievedContext, web }) => object(web)["uri"] ?? object(retrievedContext)["title"] ?? []
      )
    }
  }
}
