/**
 * Anthropic's wire: Messages, token counting and the list of models.
 *
 * A stream is message_start, then each block as content_block_start, deltas and content_block_stop, with a ping after
 * the first start; then message_delta with stop reason and usage, and message_stop. Event and `type` always agree.
 * Thoughts are a block of their own, signed, before the text. How requests are judged is in `AnthropicRequest`.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject, parseJson } from "../domain/Json.ts"
import { anthropicError, anthropicFailure, noThreads } from "./AnthropicErrors.ts"
import { anthropicAsk, anthropicProblem } from "./AnthropicRequest.ts"
import { anthropicLimitHeaders } from "./Limits.ts"
import type { Chunk, Reply } from "./Script.ts"
import { type Ask, speak, type Speech, tokensOf, type Utterance } from "./Speech.ts"
import { type Asked, chunk, type Incoming, type Plain, type Session, type Wire } from "./Wire.ts"

const hear = (incoming: Incoming, session: Session): Plain | Asked => {
  const { headers, method, path } = incoming
  const invalid = (message: string) => anthropicError(session, 400, "invalid_request_error", message)
  const key = (headers["x-api-key"] ?? headers["authorization"] ?? "").replace(/^Bearer\s*/i, "").trim()
  if (key === "") return anthropicError(session, 401, "authentication_error", "x-api-key header is required")
  if (session.keys !== undefined && !session.keys.includes(key))
    return anthropicError(session, 401, "authentication_error", "invalid x-api-key")
  if (headers["anthropic-version"] === undefined) return invalid("anthropic-version: header is required")
  if (path === "/v1/models" || path.startsWith("/v1/models/")) return listModels(path, session)
  const counting = path === "/v1/messages/count_tokens"
  if (path !== "/v1/messages" && !counting) return anthropicError(session, 404, "not_found_error", "Not found")
  if (method !== "POST") return anthropicError(session, 405, "invalid_request_error", "Method Not Allowed")
  const body = parseJson(incoming.body)
  if (body === undefined) return invalid("The request body is not valid JSON")
  if (!isJsonObject(body)) return invalid("Input should be a valid dictionary")
  const problem = anthropicProblem(body, counting)
  if (problem !== undefined) return invalid(problem)
  if (isJsonObject(body["thread"])) return noThreads(session)
  const ask = anthropicAsk(incoming.vendor, body, session.call)
  if (counting)
    return {
      _tag: "Plain",
      status: 200,
      headers: replyHeaders(session),
      body: { input_tokens: speak(ask).inputTokens }
    }
  return {
    _tag: "Asked",
    ask,
    streaming: body["stream"] === true,
    reply: (ask, speech) => replyOf(body, session, ask, speech),
    errorBody: (error) => JSON.stringify(error.body),
    errorChunk: (error) => event("error", error.body)
  }
}

const listModels = (path: string, session: Session): Plain => {
  const rows = session.models.map((id) => ({
    type: "model",
    id,
    display_name: id,
    created_at: "2025-01-01T00:00:00Z",
    max_input_tokens: 200_000,
    max_tokens: 64_000
  }))
  const wanted = decodeURIComponent(path.slice("/v1/models/".length))
  const row = rows.find(({ id }) => id === wanted)
  if (wanted !== "" && row === undefined) return anthropicError(session, 404, "not_found_error", `model: ${wanted}`)
  return {
    _tag: "Plain",
    status: 200,
    headers: replyHeaders(session),
    body: row ?? { data: rows, has_more: false, first_id: rows[0]?.id ?? null, last_id: rows.at(-1)?.id ?? null }
  }
}

const replyHeaders = (session: Session) => ({
  "request-id": `req_${session.id}`,
  "anthropic-organization-id": "00000000-0000-4000-8000-000000000000",
  "anthropic-ratelimit-requests-limit": "4000",
  "anthropic-ratelimit-requests-remaining": "3999",
  "anthropic-ratelimit-requests-reset": new Date(session.nowMillis).toISOString()
})

const event = (name: string, data: Json): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

const stopReason = (one: Utterance): string => {
  switch (one.finish) {
    case "tools":
      return "tool_use"
    case "length":
      return "max_tokens"
    case "refusal":
    case "filtered":
      return "refusal"
    case "stop":
      return one.stoppedBy === undefined ? "end_turn" : "stop_sequence"
  }
}

const stopDetails = (one: Utterance): Json =>
  stopReason(one) === "refusal"
    ? { type: "refusal", category: null, explanation: "The answer was stopped by a streaming classifier." }
    : null

/** A signature as opaque as the real one, and as long as to be worth checking. */
const signatureOf = (session: Session): string =>
  Buffer.from(`signed by the simulator: ${session.id}`).toString("base64")

interface Block {
  readonly start: JsonObject
  readonly deltas: ReadonlyArray<JsonObject>
  readonly whole: JsonObject
}

const blocksOf = (one: Utterance, session: Session): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  if (one.thinking.length > 0) {
    const signature = signatureOf(session)
    blocks.push({
      start: { type: "thinking", thinking: "", signature: "" },
      deltas: [
        ...one.thinking.map((thinking) => ({ type: "thinking_delta", thinking })),
        { type: "signature_delta", signature }
      ],
      whole: { type: "thinking", thinking: one.thinking.join(""), signature }
    })
  }
  if (one.text.length > 0)
    blocks.push({
      start: { type: "text", text: "" },
      deltas: one.text.map((text) => ({ type: "text_delta", text })),
      whole: { type: "text", text: one.text.join("") }
    })
  for (const [index, tool] of one.tools.entries()) {
    const named = { type: "tool_use", id: `toolu_${session.id}${index}`, name: tool.name }
    blocks.push({
      start: { ...named, input: {} },
      deltas: ["", ...tokensOf(JSON.stringify(tool.input))].map((partial_json) => ({
        type: "input_json_delta",
        partial_json
      })),
      whole: { ...named, input: tool.input }
    })
  }
  return blocks
}

const replyOf = (body: JsonObject, session: Session, ask: Ask, speech: Speech): Reply => {
  const streaming = body["stream"] === true
  const one = speech.utterances[0] ?? { thinking: [], text: [], tools: [], finish: "stop", stoppedBy: undefined }
  const blocks = blocksOf(one, session)
  const ending = {
    stop_reason: stopReason(one),
    stop_sequence: one.stoppedBy ?? null,
    stop_details: stopDetails(one)
  }
  const inputUsage = {
    input_tokens: speech.inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    service_tier: "standard"
  }
  const message = (content: Json, end: JsonObject, output_tokens: number): JsonObject => ({
    id: `msg_${session.id}`,
    type: "message",
    role: "assistant",
    model: ask.model,
    content,
    ...end,
    usage: { ...inputUsage, output_tokens }
  })
  const open = { stop_reason: null, stop_sequence: null, stop_details: null }
  const whole = (end: JsonObject) =>
    JSON.stringify(
      message(
        blocks.map((block) => block.whole),
        end,
        speech.outputTokens
      )
    )
  const typed = (kind: Chunk["kind"], type: string, rest: JsonObject): Chunk =>
    chunk(kind, event(type, { type, ...rest }))
  const chunks = (): ReadonlyArray<Chunk> => [
    typed("opening", "message_start", { message: message([], open, 1) }),
    ...blocks.flatMap((block, index) => [
      typed(index === 0 ? "opening" : "structure", "content_block_start", { index, content_block: block.start }),
      ...(index === 0 ? [typed("opening", "ping", {})] : []),
      ...block.deltas.map((delta) => typed("content", "content_block_delta", { index, delta })),
      typed("structure", "content_block_stop", { index })
    ]),
    typed("finish", "message_delta", { delta: ending, usage: { ...inputUsage, output_tokens: speech.outputTokens } }),
    typed("marker", "message_stop", {})
  ]
  return {
    status: 200,
    headers: {
      ...replyHeaders(session),
      "content-type": streaming ? "text/event-stream; charset=utf-8" : "application/json"
    },
    chunks: streaming ? chunks() : undefined,
    body: streaming ? "" : whole(ending),
    endless: streaming ? "" : whole(open),
    tokens: speech.outputTokens
  }
}

export const anthropicWire: Wire = {
  baseSuffix: "",
  limitHeaders: anthropicLimitHeaders,
  models: ["claude-opus-4-6", "claude-sonnet-5", "claude-sonnet-4-5", "claude-haiku-4-5"],
  hear,
  failure: anthropicFailure
}
