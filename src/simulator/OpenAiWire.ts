/**
 * OpenAI's wire: Chat Completions, Responses, embeddings and the list of models, under the name of any vendor that speaks it.
 *
 * A stream is a chunk with the role, chunks with content, one with the finish reason, one with usage and no choices
 * where `stream_options.include_usage` asked for it, and `[DONE]`. Paths are taken with and without `/v1`, and as Azure
 * writes them (`/openai/deployments/<model>/chat/completions`). What single vendors do otherwise is in `vendorRows`.
 *
 * @module
 */
import { openAiLimitHeaders } from "./Limits.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../domain/Json.ts"
import { hearEmbeddings, notForChat } from "./OpenAiEmbeddings.ts"
import { badRequest, missingKey, openAiError, openAiFailure } from "./OpenAiErrors.ts"
import { openAiAsk, openAiProblem } from "./OpenAiRequest.ts"
import { hearInputTokens, hearResponses } from "./OpenAiResponses.ts"
import type { Chunk, Reply } from "./Script.ts"
import { type Ask, type Speech, tokensOf, type Utterance } from "./Speech.ts"
import { type Asked, chunk, type Incoming, type Plain, type Session, type Wire } from "./Wire.ts"

interface VendorRow {
  /** Where thoughts are shown; absent: only counted. */
  readonly thoughts?: "reasoning" | "reasoning_content"
  /** A first chunk without choices that carries the verdict on the prompt. */
  readonly promptFilter?: true
}

const vendorRows: Readonly<Record<string, VendorRow>> = {
  "azure-openai": { promptFilter: true },
  cerebras: { thoughts: "reasoning" },
  deepseek: { thoughts: "reasoning_content" },
  groq: { thoughts: "reasoning" },
  openrouter: { thoughts: "reasoning" },
  vllm: { thoughts: "reasoning_content" },
  xai: { thoughts: "reasoning_content" }
}

const responsesVendors: ReadonlySet<string> = new Set(["openai", "azure-openai"])
const responsesRoutes: ReadonlySet<string> = new Set(["/responses", "/responses/input_tokens"])

const hear = (incoming: Incoming, session: Session): Plain | Asked => {
  const path = /^(?:\/openai)?(?:\/v1)?(?:\/deployments\/([^/]+))?(\/.*)$/.exec(incoming.path)
  const [, deployment, route = incoming.path] = path ?? []
  const key = openAiKey(incoming)
  if (key === "") return missingKey()
  if (session.keys !== undefined && !session.keys.includes(key))
    return openAiFailure("invalidKey", contextOf(incoming, session, ""))
  if (route === "/models" || route.startsWith("/models/")) return listModels(route, incoming, session)
  // those who imitate OpenAI mostly know Chat Completions alone
  const served = route.startsWith("/responses")
    ? deployment === undefined && responsesVendors.has(incoming.vendor) && responsesRoutes.has(route)
    : route === "/chat/completions" || route === "/embeddings"
  if (!served)
    return openAiError(404, {
      message: `Invalid URL (${incoming.method} ${incoming.path})`,
      type: "invalid_request_error"
    })
  if (incoming.method !== "POST")
    return openAiError(405, {
      message: `Not allowed to ${incoming.method} on ${incoming.path}. (HINT: Perhaps you meant to use a different HTTP method?)`,
      type: "invalid_request_error",
      code: "method_not_supported"
    })
  const body = parseJson(incoming.body)
  if (!isJsonObject(body))
    return badRequest(
      "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library " +
        "correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
      null,
      null
    )
  if (route === "/responses/input_tokens") return hearInputTokens(incoming, session, body)
  const model = deployment ?? body["model"]
  if (model === undefined || model === "") return badRequest("you must provide a model parameter", null, null)
  if (typeof model !== "string")
    return badRequest(
      `Invalid type for 'model': expected a string, but got ${typeof model} instead.`,
      "model",
      "invalid_type"
    )
  if (route === "/embeddings") return hearEmbeddings(incoming, session, body, model)
  if (route === "/responses") return notForChat(incoming.vendor, model) ?? hearResponses(incoming, session, body, model)
  const problem = notForChat(incoming.vendor, model) ?? openAiProblem(incoming.vendor, body, model)
  if (problem !== undefined) return problem
  return {
    _tag: "Asked",
    ask: openAiAsk(incoming.vendor, body, model, session.call),
    streaming: body["stream"] === true,
    reply: (ask, speech) => replyOf(body, session, ask, speech),
    errorBody: (error) => JSON.stringify(error.body),
    errorChunk: (error) => event(error.body)
  }
}

/** The key of a request, in any of the headers that vendors of this wire read. */
const openAiKey = ({ headers }: Incoming): string =>
  (headers["authorization"] ?? headers["api-key"] ?? "").replace(/^Bearer\s*/i, "").trim()

const contextOf = (incoming: Incoming, session: Session, model: string) => ({
  session,
  vendor: incoming.vendor,
  model,
  key: openAiKey(incoming),
  parameters: {},
  hint: undefined
})

const listModels = (route: string, incoming: Incoming, session: Session): Plain => {
  const rows = session.models.map((id) => ({ id, object: "model", created: 1_735_689_600, owned_by: incoming.vendor }))
  const wanted = decodeURIComponent(route.slice("/models/".length))
  const row = rows.find(({ id }) => id === wanted)
  if (wanted !== "" && row === undefined)
    return openAiError(404, {
      message: `The model '${wanted}' does not exist`,
      type: "invalid_request_error",
      param: "model",
      code: "model_not_found"
    })
  return { _tag: "Plain", status: 200, headers: {}, body: row ?? { object: "list", data: rows } }
}

const event = (data: Json): string => `data: ${JSON.stringify(data)}\n\n`

const finishReason = (one: Utterance): string => {
  switch (one.finish) {
    case "tools":
      return "tool_calls"
    case "filtered":
      return "content_filter"
    case "length":
      return "length"
    default:
      return "stop"
  }
}

const usageOf = (speech: Speech): JsonObject => ({
  prompt_tokens: speech.inputTokens,
  completion_tokens: speech.outputTokens,
  total_tokens: speech.inputTokens + speech.outputTokens,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: speech.thinkingTokens,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0
  }
})

const replyOf = (body: JsonObject, session: Session, ask: Ask, speech: Speech): Reply => {
  const row = vendorRows[ask.vendor] ?? {}
  const created = Math.floor(session.nowMillis / 1000)
  const shared = {
    id: `chatcmpl-${session.id}`,
    created,
    model: ask.model,
    service_tier: "default",
    system_fingerprint: "fp_simulated"
  }
  const callId = (choice: number, index: number) => `call_${session.id}${choice}${index}`
  const whole = (ended: boolean): Json => ({
    ...shared,
    object: "chat.completion",
    choices: speech.utterances.map((one, index) => ({
      index,
      message: {
        role: "assistant",
        content: one.tools.length > 0 || one.finish === "refusal" ? null : one.text.join(""),
        refusal: one.finish === "refusal" ? one.text.join("") : null,
        annotations: [],
        ...(row.thoughts === undefined || one.thinking.length === 0 ? {} : { [row.thoughts]: one.thinking.join("") }),
        ...(one.tools.length === 0
          ? {}
          : {
              tool_calls: one.tools.map((tool, at) => ({
                id: callId(index, at),
                type: "function",
                function: { name: tool.name, arguments: JSON.stringify(tool.input) }
              }))
            })
      },
      logprobs: null,
      finish_reason: ended ? finishReason(one) : null
    })),
    ...(ended ? { usage: usageOf(speech) } : {})
  })
  const options = body["stream_options"]
  const usage = isJsonObject(options) && options["include_usage"] === true
  const piece = (kind: Chunk["kind"], choices: Json, extra: JsonObject = usage ? { usage: null } : {}): Chunk =>
    chunk(kind, event({ ...shared, object: "chat.completion.chunk", choices, ...extra }))
  const delta = (kind: Chunk["kind"], index: number, delta: JsonObject, finish_reason: string | null = null): Chunk =>
    piece(kind, [{ index, delta, logprobs: null, finish_reason }])
  const chunks = (): ReadonlyArray<Chunk> => [
    ...(row.promptFilter === undefined ? [] : [chunk("opening", event(promptVerdict))]),
    ...speech.utterances.map((one, index) =>
      delta("opening", index, { role: "assistant", content: one.tools.length > 0 ? null : "", refusal: null })
    ),
    ...interleave(
      speech.utterances.map((one, index) => [
        ...(row.thoughts === undefined ? [] : one.thinking).map((text) =>
          delta("content", index, { [row.thoughts ?? "reasoning"]: text })
        ),
        ...one.text.map((text) =>
          delta("content", index, { [one.finish === "refusal" ? "refusal" : "content"]: text })
        ),
        ...one.tools.flatMap((tool, at) => [
          delta("content", index, {
            tool_calls: [
              { index: at, id: callId(index, at), type: "function", function: { name: tool.name, arguments: "" } }
            ]
          }),
          ...tokensOf(JSON.stringify(tool.input)).map((text) =>
            delta("content", index, { tool_calls: [{ index: at, function: { arguments: text } }] })
          )
        ])
      ])
    ),
    ...speech.utterances.map((one, index) => delta("finish", index, {}, finishReason(one))),
    ...(usage ? [piece("finish", [], { usage: usageOf(speech) })] : []),
    chunk("marker", "data: [DONE]\n\n")
  ]
  const streaming = body["stream"] === true
  return {
    status: 200,
    headers: {
      "content-type": streaming ? "text/event-stream; charset=utf-8" : "application/json",
      "x-request-id": `req_${session.id}`,
      "openai-processing-ms": "12",
      // a generous account's, so that nobody is held back by limits that are not kept
      "x-ratelimit-limit-requests": "30000",
      "x-ratelimit-remaining-requests": "29999",
      "x-ratelimit-reset-requests": "2ms",
      "x-ratelimit-limit-tokens": "150000000",
      "x-ratelimit-remaining-tokens": "149999000",
      "x-ratelimit-reset-tokens": "0s"
    },
    chunks: streaming ? chunks() : undefined,
    body: streaming ? "" : JSON.stringify(whole(true)),
    endless: streaming ? "" : JSON.stringify(whole(false)),
    tokens: speech.outputTokens
  }
}

const promptVerdict: Json = {
  choices: [],
  created: 0,
  id: "",
  model: "",
  object: "",
  prompt_filter_results: [{ prompt_index: 0, content_filter_results: { hate: { filtered: false, severity: "safe" } } }]
}

/** Several choices take turns, as a vendor that samples them side by side sends them. */
const interleave = <A>(lists: ReadonlyArray<ReadonlyArray<A>>): ReadonlyArray<A> => {
  const longest = lists.reduce((most, list) => Math.max(most, list.length), 0)
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat()
}

export const openAiWire: Wire = {
  baseSuffix: "/v1",
  limitHeaders: openAiLimitHeaders,
  models: ["gpt-5.2", "gpt-5-mini", "gpt-4o", "gpt-4o-mini"],
  hear,
  failure: openAiFailure
}
