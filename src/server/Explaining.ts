/**
 * `POST /v1/route/explain`: what would be done with a body of any inbound wire, calling nobody.
 *
 * Which wire a body is of is told by its shape (`dialects`, the first row that fits) or by `?dialect=`. Errors are told in
 * that dialect where the address names it, otherwise in OpenAI's shape: what is wrong with a body may be that it is none.
 *
 * Gotchas
 * - A body of Google's wire has no model in it, as its path has: here it bears one.
 * - What a `previous_response_id` refers to is looked up as for a response, and nothing is remembered of it.
 *
 * @module
 */
import { Clock, Effect, Result } from "effect"
import { type Explainable, explainable } from "../api/RouteApi.ts"
import type { Settings } from "../config/Settings.ts"
import { anthropicMessagesInbound } from "../dialect/AnthropicMessages.ts"
import type { HeaderMap, InboundDialect } from "../dialect/Dialect.ts"
import { geminiInbound } from "../dialect/Gemini.ts"
import { openAiChatInbound } from "../dialect/OpenAiChat.ts"
import { openAiResponsesInbound } from "../dialect/OpenAiResponses.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"
import { CurrentRequest } from "../domain/RequestContext.ts"
import { Gateway } from "../gateway/Gateway.ts"
import type { ClientKeys } from "./ClientKeys.ts"
import { decisionView } from "./DecisionViews.ts"
import { makeServe, type Respond } from "./Inference.ts"
import { queryOf } from "./Query.ts"
import { badRequest } from "./Reply.ts"
import type { ResponseStore } from "./ResponseStore.ts"
import { remembering } from "./Responses.ts"

/** Anthropic's own words among the fields of a body that has messages. */
const ofAnthropic = ["system", "stop_sequences", "thinking", "mcp_servers"]
/** The same among the blocks of its messages and the fields of its tools. */
const blocksOfAnthropic = new Set(["tool_use", "tool_result", "thinking", "redacted_thinking", "document"])

const isAnthropics = (body: JsonObject, headers: HeaderMap): boolean => {
  if (headers["anthropic-version"] !== undefined || ofAnthropic.some((field) => field in body)) return true
  const { messages, tools } = body
  if (Array.isArray(tools) && tools.some((tool) => isJsonObject(tool) && "input_schema" in tool)) return true
  return (
    Array.isArray(messages) &&
    messages.some(
      (message) =>
        isJsonObject(message) &&
        Array.isArray(message["content"]) &&
        message["content"].some(
          (block) =>
            isJsonObject(block) &&
            ((typeof block["type"] === "string" && blocksOfAnthropic.has(block["type"])) ||
              (block["type"] === "image" && "source" in block))
        )
    )
  )
}

/** What tells a wire's bodies; the first row that fits decides. */
const dialects: ReadonlyArray<{
  readonly dialect: Explainable
  readonly fits: (body: JsonObject, headers: HeaderMap) => boolean
}> = [
  { dialect: "gemini", fits: (body) => "contents" in body },
  { dialect: "openai-responses", fits: (body) => "input" in body && !("messages" in body) },
  { dialect: "anthropic-messages", fits: (body, headers) => "messages" in body && isAnthropics(body, headers) },
  { dialect: "openai-chat", fits: (body) => "messages" in body }
]

/** Which wire a body is of; `undefined` where it is of none. */
export const dialectOfBody = (body: Json, headers: HeaderMap): Explainable | undefined =>
  isJsonObject(body) ? dialects.find(({ fits }) => fits(body, headers))?.dialect : undefined

const inbound: { readonly [D in Exclude<Explainable, "gemini">]: InboundDialect } = {
  "openai-chat": openAiChatInbound,
  "openai-responses": openAiResponsesInbound,
  "anthropic-messages": anthropicMessagesInbound
}

/** For errors alone. */
const gemini = geminiInbound({ model: "", delivery: "whole" })

const refuse = (message: string, param?: string): Result.Result<never, GatewayError> =>
  Result.fail(gatewayError({ _tag: "BadRequest", message, ...(param === undefined ? undefined : { param }) }))

/** A body of Google's wire that bears its model, under the name that its path would have. */
const ofGemini = (body: Json, headers: HeaderMap): Result.Result<ChatRequest, GatewayError> => {
  const { model = undefined, ...rest } = isJsonObject(body) ? body : {}
  if (typeof model !== "string" || model === "")
    return refuse("'model': expected the name of a model, as this path does not name one", "model")
  const dialect = geminiInbound({ model: model.replace(/^models\//, ""), delivery: "whole" })
  return Result.mapError(dialect.decodeRequest(rest, headers), badRequest)
}

const isExplainable = (name: string): name is Explainable => explainable.some((one) => one === name)

/**
 * A body of any inbound wire; `named` says of which, otherwise its shape does. `decodeResponses`, where earlier responses
 * can be looked up.
 */
export const decodeAny = (
  body: Json,
  headers: HeaderMap,
  named: string | null,
  decodeResponses = openAiResponsesInbound.decodeRequest
): Result.Result<ChatRequest, GatewayError> => {
  if (named !== null && !isExplainable(named))
    return refuse(`'dialect': expected one of ${explainable.join(", ")}`, "dialect")
  const dialect = named ?? dialectOfBody(body, headers)
  if (dialect === undefined)
    return refuse(
      "The body is of no wire that is known here: expected 'messages' (Chat Completions, Messages), 'input' (Responses) or 'contents' (Gemini)"
    )
  if (dialect === "gemini") return ofGemini(body, headers)
  const decode = dialect === "openai-responses" ? decodeResponses : inbound[dialect].decodeRequest
  return Result.mapError(decode(body, headers), badRequest)
}

/** Answers requests for explanations. */
export const makeExplaining = (settings: () => Settings, keys: ClientKeys, store: ResponseStore) =>
  Effect.map(Effect.all([Gateway, makeServe(settings, keys)]), ([gateway, serve]): Respond => (request) => {
    const named = queryOf(request.url).get("dialect")
    const spoken =
      named === null || !isExplainable(named) ? openAiChatInbound : named === "gemini" ? gemini : inbound[named]
    return serve(spoken, (call, body) =>
      Effect.withFiber((fiber) => {
        const now = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
        const { caller } = fiber.getRef(CurrentRequest)
        const { decodeRequest } = remembering(store, caller.name, "", () => now, settings().server.bodyLimitBytes)
        const found = decodeAny(body, call.headers, named, decodeRequest)
        if (Result.isFailure(found)) return Effect.fail(found.failure)
        call.record.asked(found.success)
        return Effect.map(gateway.explain(found.success), (decision) => call.told(decisionView(decision), {}))
      })
    )(request)
  })
