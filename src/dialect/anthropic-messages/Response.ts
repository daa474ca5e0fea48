/**
 * Whole answers ⇄ `ChatResponse`.
 *
 * A body without a stop reason is no answer: the vendor has not ended it.
 *
 * An answer that came on this wire goes out as it came. Any other is written anew: its first choice only (the wire has
 * one), thoughts as thinking blocks, a refusal as text with the stop reason `refusal`. Pictures, sound and
 * blocks of other dialects have no place here and are left out; an answer that they are ends as one that is not whole.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatResponse, Choice } from "../../domain/ChatResponse.ts"
import { type Citation, cited, type CitedPiece, citedPieces } from "../../domain/Citation.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys, parseJson } from "../../domain/Json.ts"
import type { Part, ReasoningPart } from "../../domain/Message.ts"
import { append } from "../append.ts"
import type { DecodeFault } from "../Dialect.ts"
import { seal, withThoughtsOfCalls } from "../Sealed.ts"
import { makeShowing } from "../Showing.ts"
import { partOf } from "./Blocks.ts"
import { citationJson, citationsIn } from "./Citations.ts"
import { countsOf, finishReasonOf, messageId, stopReasonOf, usageOf, wireUsage } from "./Counts.ts"
import { dialectId, keeping, ownFields } from "./Wire.ts"

export const malformed = (message: string): Result.Result<never, DecodeFault> =>
  Result.fail({ _tag: "Malformed", message })

const modelled = ["id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"]
const counted = ["input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"]

export const decodeResponse = (body: Json): Result.Result<ChatResponse, DecodeFault> => {
  if (!isJsonObject(body)) return malformed("The answer is not a JSON object")
  const { type, id, model, content, stop_reason: stopReason, stop_sequence: stopSequence } = body
  if (type === "error" || (content === undefined && isJsonObject(body["error"])))
    return Result.fail({ _tag: "ErrorInside", body })
  const blocks = content ?? []
  if (!Array.isArray(blocks)) return malformed("The answer's content is not an array")
  if (typeof stopReason !== "string" || stopReason === "")
    return malformed("The answer has no stop reason: it is not whole")
  const parts: Array<Part> = []
  const citations: Array<Citation> = []
  let length = 0
  for (let i = 0; i < blocks.length; i++) {
    const block: Json | undefined = blocks[i]
    if (!isJsonObject(block)) return malformed(`The answer's content.${i} is not an object`)
    const part = partOf(block, `content.${i}`)
    if (Result.isFailure(part)) return malformed(part.failure.message)
    parts.push(part.success)
    if (part.success._tag !== "Text") continue
    const start = length
    length += part.success.text.length
    append(citations, citationsIn(block["citations"], start, length))
  }
  const usage = usageOf(countsOf(body["usage"]))
  return Result.succeed({
    id: typeof id === "string" ? id : "",
    model: typeof model === "string" ? model : "",
    choices: [
      {
        index: 0,
        content: parts,
        finishReason: finishReasonOf(stopReason),
        ...(typeof stopSequence === "string" ? { stopSequence } : {}),
        ...cited(citations)
      }
    ],
    ...(usage === undefined ? {} : { usage }),
    wire: { dialect: dialectId, body },
    ...keeping(unmodelled(body))
  })
}

/** What the domain has no word for; the stop reason too where its word says more than the domain's. */
const unmodelled = (body: JsonObject): JsonObject => {
  const { stop_reason: stopReason, usage } = body
  const counts = isJsonObject(usage) ? omitKeys(usage, counted) : {}
  const exact =
    typeof stopReason !== "string" ||
    stopReasonOf(finishReasonOf(stopReason), { calls: false, refusal: false }) === stopReason
  return {
    ...omitKeys(body, modelled),
    ...(exact ? {} : { stop_reason: stopReason }),
    ...(Object.keys(counts).length === 0 ? {} : { usage: counts })
  }
}

export const encodeResponse = (response: ChatResponse): JsonObject => {
  if (response.wire?.dialect === dialectId) return response.wire.body
  const [choice] = response.choices
  const own = ownFields(response) ?? {}
  const extra = own["usage"]
  const showing = makeShowing()
  const texts = citedTexts(choice)
  const content = withThoughtsOfCalls(choice.content).flatMap((part) => {
    const blocks = part._tag === "Text" && texts !== undefined ? (texts.shift() ?? []) : answerBlock(part)
    showing.tell(part._tag, blocks.length > 0)
    return blocks
  })
  return {
    id: messageId(response.id),
    type: "message",
    role: "assistant",
    model: response.model,
    content,
    stop_reason: stopReason({ ...choice, finishReason: showing.ending(choice.finishReason) }, own["stop_reason"]),
    stop_sequence: choice.stopSequence ?? null,
    ...omitKeys(own, ["stop_reason", "usage"]),
    // what is kept as it came says more than what was read of it
    usage: { ...wireUsage(response.usage), ...(isJsonObject(extra) ? extra : {}) }
  }
}

/**
 * The blocks of each text of a choice, in order: one for each piece that is cited for. `undefined` where there is
 * nothing to cite, or the texts still bear the vendor's own citations.
 */
const citedTexts = ({ citations, content }: Choice): Array<ReadonlyArray<JsonObject>> | undefined => {
  const texts = content.flatMap((part) => (part._tag === "Text" ? [part] : []))
  if (citations === undefined || texts.some((part) => Array.isArray(ownFields(part)?.["citations"]))) return undefined
  const pieces = citedPieces(
    texts.map(({ text }) => text),
    citations
  )
  return texts.map((part, index) =>
    withoutGaps(pieces[index] ?? []).map((piece): JsonObject => {
      const told = piece.citations.flatMap((citation): ReadonlyArray<JsonObject> => {
        const json = citationJson(citation)
        return json === undefined ? [] : [json]
      })
      return { type: "text", text: piece.text, ...ownFields(part), ...(told.length === 0 ? {} : { citations: told }) }
    })
  )
}

/** White space between pieces belongs to the one before: the vendor takes no block of nothing else back. */
const withoutGaps = (pieces: ReadonlyArray<CitedPiece>): ReadonlyArray<CitedPiece> => {
  const out: Array<CitedPiece> = []
  for (const piece of pieces) {
    const last = out.at(-1)
    const isGap = (of: CitedPiece | undefined): boolean => of?.citations.length === 0 && of.text.trim() === ""
    if (last === undefined || (!isGap(piece) && !isGap(last))) out.push(piece)
    else out[out.length - 1] = { text: last.text + piece.text, citations: [...last.citations, ...piece.citations] }
  }
  return out
}

const stopReason = (choice: Choice, exact: Json | undefined): string => {
  if (typeof exact === "string" && finishReasonOf(exact) === choice.finishReason) return exact
  return stopReasonOf(choice.finishReason, {
    calls: choice.content.some((part) => part._tag === "ToolCall"),
    refusal: choice.content.some((part) => part._tag === "Refusal")
  })
}

const answerBlock = (part: Part): ReadonlyArray<JsonObject> => {
  switch (part._tag) {
    case "Text":
      return [{ type: "text", text: part.text, ...ownFields(part) }]
    case "Refusal":
      return [{ type: "text", text: part.text }]
    case "Reasoning":
      return thoughtBlock(part)
    case "ToolCall":
      return [{ type: "tool_use", id: part.id, name: part.name, input: toolInput(part.arguments), ...ownFields(part) }]
    case "Opaque":
      return part.dialect === dialectId && isJsonObject(part.block) ? [part.block] : []
    default:
      return []
  }
}

/** What another vendor signed goes in an envelope; without words, where this wire has thoughts that nobody reads. */
const thoughtBlock = (part: ReasoningPart): ReadonlyArray<JsonObject> => {
  const own = part.origin === undefined || part.origin === dialectId
  if (part.redacted !== undefined)
    return [{ type: "redacted_thinking", data: own ? part.redacted : (seal(part) ?? ""), ...ownFields(part) }]
  const signature = own ? (part.signature ?? "") : (seal(part) ?? "")
  if (!own && part.text === "") return signature === "" ? [] : [{ type: "redacted_thinking", data: signature }]
  return [{ type: "thinking", thinking: part.text, signature, ...ownFields(part) }]
}

/** The arguments as an object; text that is none (an answer cut off in the middle of a call) under one key. */
const toolInput = (text: string): JsonObject => {
  if (text.trim() === "") return {}
  const value = parseJson(text)
  return isJsonObject(value) ? value : { arguments: text }
}
