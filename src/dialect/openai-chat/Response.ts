/**
 * Whole answers of the Chat Completions wire, both ways.
 *
 * Decoding is lenient where vendors deviate (content in blocks, thoughts under three names, tool calls without a type,
 * no id, no index) and strict where an answer would be none: an error in its place, no choices, a choice without a
 * finish reason (the vendor has not ended it, so it is not whole).
 *
 * Pictures stand in `images`, as OpenRouter and others answer with them; the vendor's own wire has none in answers.
 *
 * What a message carries beyond the domain (`reasoning_details`) is in `wire` only.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatResponse, Choice } from "../../domain/ChatResponse.ts"
import { type Citation, cited } from "../../domain/Citation.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import { logprobsIn, logprobsJson } from "../../domain/Logprobs.ts"
import { type ImagePart, type MediaSource, type Part, textOf } from "../../domain/Message.ts"
import { madeCallId } from "../CallIds.ts"
import type { DecodeFault } from "../Dialect.ts"
import { makeShowing } from "../Showing.ts"
import type { BodyWith } from "../CustomAsFunction.ts"
import { isCustomCall } from "../CustomTools.ts"
import { inputIn } from "../InputArgument.ts"
import { annotationsOf, citationsIn, sourcesIn } from "./Citations.ts"
import { detailOf, signatureField } from "./Details.ts"
import { kept, labelled, restored, unmodelled } from "./Extensions.ts"
import { encodeUsage, failureOf, finishReasonOf, finishWordOf, usageOf } from "./Finish.ts"
import { sourceOfUrl, urlOfBase64 } from "./Media.ts"
import { dialectId } from "./Wire.ts"

const responseFields = new Set(["id", "object", "created", "model", "choices", "usage"])

export const malformed = (message: string): Result.Result<never, DecodeFault> =>
  Result.fail({ _tag: "Malformed", message })

export const errorInside = (body: Json): Result.Result<never, DecodeFault> => Result.fail({ _tag: "ErrorInside", body })

/** Is this an error where an answer should be? OpenAI's envelope, or the bare object of vLLM and others. */
export const isErrorBody = (body: JsonObject): boolean =>
  isJsonObject(body["error"]) ||
  (typeof body["error"] === "string" && body["error"] !== "") ||
  body["object"] === "error" ||
  (body["choices"] === undefined && (typeof body["message"] === "string" || body["detail"] !== undefined))

export const decodeResponse = (body: Json): Result.Result<ChatResponse, DecodeFault> => {
  if (!isJsonObject(body)) return malformed("The answer is not a JSON object")
  if (isErrorBody(body)) return errorInside(body)
  const listed = body["choices"]
  if (!Array.isArray(listed)) return malformed("The answer has no choices")
  const choices: Array<Choice> = []
  const sources = sourcesIn(body) ?? []
  for (let position = 0; position < listed.length; position++) {
    const choice: Json | undefined = listed[position]
    if (!isJsonObject(choice)) return malformed(`Choice ${position} of the answer is not an object`)
    const failure = failureOf(choice)
    if (failure !== undefined) return errorInside(failure)
    const decoded = decodeChoice(choice, position, text(body["id"]), sources)
    if (decoded === undefined) return malformed(`Choice ${position} has no finish reason: the answer is not whole`)
    choices.push(decoded)
  }
  const [first, ...others] = choices
  if (first === undefined) return malformed("The answer has no choices")
  const created = body["created"]
  const usage = usageOf(body["usage"])
  return Result.succeed({
    id: text(body["id"]),
    model: text(body["model"]),
    ...(typeof created === "number" && Number.isInteger(created) ? { created } : {}),
    choices: [first, ...others],
    ...(usage === undefined ? {} : { usage }),
    wire: { dialect: dialectId, body },
    ...labelled(unmodelled(body, responseFields))
  })
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "")

const decodeChoice = (
  choice: JsonObject,
  position: number,
  answerId: string,
  sources: ReadonlyArray<Citation>
): Choice | undefined => {
  const message = isJsonObject(choice["message"]) ? choice["message"] : {}
  const at = choice["index"]
  const index = typeof at === "number" && Number.isInteger(at) ? at : position
  const content = partsOf(message, (call) => madeCallId(answerId, index, call))
  const called = content.some((part) => part._tag === "ToolCall")
  const finishReason = finishReasonOf(choice["finish_reason"], called)
  if (finishReason === undefined) return undefined
  const logprobs = logprobsIn(choice["logprobs"])
  const { annotations } = message
  const told = annotations === undefined ? [] : citationsIn(annotations, textOf(content))
  return {
    index,
    content,
    finishReason,
    ...(logprobs === undefined ? {} : { logprobs: logprobsJson(logprobs) }),
    ...cited([...told, ...sources])
  }
}

/** Thought, content, pictures, refusal, sound, tool calls. */
const partsOf = (message: JsonObject, callId: (index: number) => string): ReadonlyArray<Part> => {
  const parts: Array<Part> = []
  const thought = text(message["reasoning_content"]) || text(message["reasoning"])
  if (thought !== "") parts.push({ _tag: "Reasoning", text: thought })
  const content = message["content"]
  if (typeof content === "string") {
    if (content !== "") parts.push({ _tag: "Text", text: content })
  } else if (Array.isArray(content)) for (const block of content) parts.push(blockOf(block))
  parts.push(...imagesOf(message["images"]))
  const refusal = text(message["refusal"])
  if (refusal !== "") parts.push({ _tag: "Refusal", text: refusal })
  const { audio } = message
  // only the request said its format, so nobody else can read it; in a stream it comes in pieces
  if (isJsonObject(audio)) parts.push({ _tag: "Opaque", dialect: dialectId, block: { audio } })
  const calls = message["tool_calls"]
  if (Array.isArray(calls))
    calls.forEach((call: Json, index) => {
      if (isJsonObject(call)) parts.push(callOf(call, callId(index)))
    })
  const old = message["function_call"]
  if (isJsonObject(old)) parts.push(callOf({ function: old }, "function_call"))
  return parts
}

/** The pictures of a message or of a delta. */
export const imagesOf = (images: Json | undefined): ReadonlyArray<ImagePart> =>
  Array.isArray(images)
    ? images.flatMap((image: Json): ReadonlyArray<ImagePart> => {
        const at = isJsonObject(image) ? image["image_url"] : undefined
        const url = isJsonObject(at) ? text(at["url"]) : ""
        return url === "" ? [] : [{ _tag: "Image", source: sourceOfUrl(url) }]
      })
    : []

/** A picture or a sound as a field of a message or of a delta; `undefined` for what this wire cannot carry. */
export const mediaField = (part: Part): JsonObject | undefined => {
  if (part._tag === "Image") {
    const url = urlOf(part.source)
    return url === undefined ? undefined : { images: [{ type: "image_url", image_url: { url } }] }
  }
  if (part._tag === "Audio" && part.source._tag === "Base64")
    // a sound of another vendor's cannot be referred to, and tells no transcript
    return { audio: { id: "", data: part.source.data, expires_at: 0, transcript: "" } }
  const block = part._tag === "Opaque" && part.dialect === dialectId ? part.block : undefined
  return isJsonObject(block) && isJsonObject(block["audio"]) ? { audio: block["audio"] } : undefined
}

/** The pieces of a sound together: its bytes and its words go on, anything else is told once. */
const joinSound = (before: JsonObject | undefined, piece: JsonObject): JsonObject => ({
  ...before,
  ...piece,
  ...(before === undefined
    ? {}
    : {
        data: text(before["data"]) + text(piece["data"]),
        transcript: text(before["transcript"]) + text(piece["transcript"])
      })
})

const urlOf = (source: MediaSource): string | undefined =>
  source._tag === "Url" ? source.url : source._tag === "Base64" ? urlOfBase64(source) : undefined

/** A block of content; Mistral answers in them when the model thinks. */
const blockOf = (block: Json): Part => {
  if (isJsonObject(block)) {
    if (block["type"] === "text") return { _tag: "Text", text: text(block["text"]) }
    if (block["type"] === "thinking") return { _tag: "Reasoning", text: thinkingOf(block["thinking"]) }
  }
  return { _tag: "Opaque", dialect: dialectId, block }
}

/** Mistral's thoughts are blocks of text within a block. */
export const thinkingOf = (thinking: Json | undefined): string =>
  Array.isArray(thinking)
    ? thinking.map((inner: Json) => (isJsonObject(inner) ? text(inner["text"]) : "")).join("")
    : text(thinking)

/** `made`: the id of a call that has none. */
const callOf = (call: JsonObject, made: string): Part => {
  const id = text(call["id"]) || made
  const custom = call["custom"]
  if (isJsonObject(custom))
    return {
      _tag: "ToolCall",
      id,
      name: text(custom["name"]),
      arguments: text(custom["input"]),
      ...labelled({ type: "custom" })
    }
  const called = isJsonObject(call["function"]) ? call["function"] : {}
  return { _tag: "ToolCall", id, name: text(called["name"]), arguments: argumentsOf(called["arguments"]) }
}

/** The arguments are a text; some vendors give the object itself. */
export const argumentsOf = (value: Json | undefined): string =>
  typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value)

/** Calls of functions that stood for custom tools, in the body of a vendor who has none. */
export const bodyWithCustomCalls: BodyWith = (body, names) => {
  const { choices } = body
  if (!Array.isArray(choices)) return body
  const custom = (call: Json): Json => {
    const called = isJsonObject(call) ? call["function"] : undefined
    if (!isJsonObject(call) || !isJsonObject(called) || !names.has(text(called["name"]))) return call
    const input = inputIn(argumentsOf(called["arguments"]))
    return { ...omitKeys(call, ["function"]), type: "custom", custom: { name: text(called["name"]), input } }
  }
  return {
    ...body,
    choices: choices.map((choice: Json) => {
      const message = isJsonObject(choice) ? choice["message"] : undefined
      if (!isJsonObject(choice) || !isJsonObject(message) || !Array.isArray(message["tool_calls"])) return choice
      return { ...choice, message: { ...message, tool_calls: message["tool_calls"].map(custom) } }
    })
  }
}

/** The body a caller of this dialect is answered. An answer of this wire is passed on as it came. */
export const encodeResponse = (response: ChatResponse): JsonObject => {
  if (response.wire?.dialect === dialectId) return response.wire.body
  return restored(
    {
      id: response.id,
      object: "chat.completion",
      created: response.created ?? 0,
      model: response.model,
      choices: response.choices.map(encodeChoice),
      ...(response.usage === undefined ? {} : { usage: encodeUsage(response.usage) })
    },
    kept(response)
  )
}

const encodeChoice = (choice: Choice): JsonObject => {
  let content: string | undefined
  let thought: string | undefined
  let refusal: string | undefined
  let audio: JsonObject | undefined
  const images: Array<Json> = []
  const calls: Array<Json> = []
  const details: Array<JsonObject> = []
  const showing = makeShowing()
  for (const part of choice.content) {
    const media = mediaField(part)
    showing.tell(part._tag, media !== undefined || written.has(part._tag))
    const detail =
      part._tag === "Reasoning"
        ? detailOf(part, details.length, { text: content?.length ?? 0, calls: calls.length })
        : undefined
    if (detail !== undefined) details.push(detail)
    if (part._tag === "Text") content = (content ?? "") + part.text
    else if (part._tag === "Refusal") refusal = (refusal ?? "") + part.text
    else if (part._tag === "Reasoning" && part.text !== "") thought = (thought ?? "") + part.text
    else if (part._tag === "ToolCall")
      calls.push(
        isCustomCall(part)
          ? { id: part.id, type: "custom", custom: { name: part.name, input: part.arguments }, ...signatureField(part) }
          : {
              id: part.id,
              type: "function",
              function: { name: part.name, arguments: part.arguments },
              ...signatureField(part)
            }
      )
    else if (Array.isArray(media?.["images"])) images.push(...media["images"])
    else if (isJsonObject(media?.["audio"])) audio = joinSound(audio, media["audio"])
    // blocks that only another dialect knows have no place in this one's answers
  }
  const annotations = annotationsOf(choice.citations ?? [], content ?? "")
  return {
    index: choice.index,
    message: {
      role: "assistant",
      content: content ?? null,
      refusal: refusal ?? null,
      ...(annotations.length === 0 ? {} : { annotations }),
      ...(thought === undefined ? {} : { reasoning_content: thought }),
      ...(details.length === 0 ? {} : { reasoning_details: details }),
      ...(images.length === 0 ? {} : { images }),
      ...(audio === undefined ? {} : { audio }),
      ...(calls.length === 0 ? {} : { tool_calls: calls })
    },
    logprobs: choice.logprobs ?? null,
    finish_reason: finishWordOf[showing.ending(choice.finishReason)]
  }
}

/** The kinds of parts that always have a place in a message. */
const written: ReadonlySet<Part["_tag"]> = new Set(["Text", "Refusal", "ToolCall"])
