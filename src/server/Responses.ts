/**
 * `/v1/responses` with a memory: what a request refers to is put into it before it is decoded, and what is answered is
 * kept for later requests of the same caller.
 *
 * To vendors every request goes with its whole conversation, so whoever answers, an answer of anybody else can be
 * continued. `store: false` keeps nothing. What only OpenAI's own storage can serve (conversations, prompts by id,
 * responses in the background) is refused with a 400.
 *
 * An answer that did not come from this wire is given an id here, since other vendors' ids need not be unique.
 *
 * @module
 */
import { Clock, Effect, Random, Result } from "effect"
import type { Settings } from "../config/Settings.ts"
import type { InboundDialect, RequestFault } from "../dialect/Dialect.ts"
import { openAiInputTokens, openAiResponsesInbound } from "../dialect/OpenAiResponses.ts"
import type { Frame } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys, parseJson } from "../domain/Json.ts"
import type { ClientKeys } from "./ClientKeys.ts"
import type { CountingDialect } from "./Counting.ts"
import type { Respond } from "./Inference.ts"
import { newRequestId } from "./RequestId.ts"
import { idOf, type ResponseStore } from "./ResponseStore.ts"

const inner = openAiResponsesInbound

/** Answers `POST /v1/responses`. */
export const respondWithStore =
  (
    inference: (dialect: InboundDialect) => Respond,
    keys: ClientKeys,
    store: ResponseStore,
    settings: () => Settings
  ): Respond =>
  (request) =>
    Effect.withFiber((fiber) => {
      const caller = keys.authenticate(request.headers)
      // who may not ask is refused where all others are
      if (Result.isFailure(caller)) return inference(inner)(request)
      const clock = fiber.getRef(Clock.Clock)
      const id = newRequestId(fiber.getRef(Random.Random)).replace(/^req_/, "resp_")
      const most = settings().server.bodyLimitBytes
      return inference(remembering(store, caller.success.name, id, () => clock.currentTimeMillisUnsafe(), most))(
        request
      )
    })

/** Answers `POST /v1/responses/input_tokens`: what a request refers to is counted with it. */
export const countWithStore =
  (
    counting: (dialect: CountingDialect) => Respond,
    keys: ClientKeys,
    store: ResponseStore,
    settings: () => Settings
  ): Respond =>
  (request) =>
    Effect.withFiber((fiber) => {
      const caller = keys.authenticate(request.headers)
      // who may not ask is refused where all others are
      if (Result.isFailure(caller)) return counting(openAiInputTokens())(request)
      const now = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
      const most = settings().server.bodyLimitBytes
      const { decodeRequest } = remembering(store, caller.success.name, "", () => now, most)
      return counting(openAiInputTokens(decodeRequest))(request)
    })

/** The dialect for one request of `caller`; `id` is for its answer, `most` the characters that may be recalled. */
export const remembering = (
  store: ResponseStore,
  caller: string,
  id: string,
  now: () => number,
  most = Number.POSITIVE_INFINITY
): InboundDialect => {
  /** The caller's own input, once it was understood. */
  let asked: { readonly input: ReadonlyArray<Json>; readonly previous: string | undefined; readonly keep: boolean } = {
    input: [],
    previous: undefined,
    keep: false
  }
  /** The request as its caller wrote it, for what an answer repeats of it. */
  let said: ChatRequest | undefined

  const remember = (response: Json | undefined): void => {
    if (!asked.keep || !isJsonObject(response)) return
    const { id, output } = response
    if (typeof id !== "string" || !Array.isArray(output)) return
    store.put(caller, { id, previous: asked.previous, items: [...asked.input, ...output], response }, now())
  }

  const named = (request: ChatRequest): ChatRequest =>
    asked.previous === undefined || request.wire === undefined
      ? request
      : { ...request, wire: { ...request.wire, body: { ...request.wire.body, previous_response_id: asked.previous } } }

  return {
    ...inner,
    decodeRequest: (body, headers) => {
      const whole: Result.Result<Json, RequestFault> = isJsonObject(body)
        ? recall(store, caller, body, now(), most)
        : Result.succeed(body)
      if (Result.isFailure(whole)) return Result.fail(whole.failure)
      const decoded = inner.decodeRequest(whole.success, headers)
      if (Result.isSuccess(decoded) && isJsonObject(body)) {
        const { input, previous_response_id: previous, store: keep } = body
        asked = {
          input: inputItems(input),
          previous: typeof previous === "string" ? previous : undefined,
          keep: keep !== false
        }
        said = named(decoded.success)
      }
      return decoded
    },
    encodeResponse: (response) => {
      const own = response.wire?.dialect === inner.id
      const body = inner.encodeResponse(own ? response : { ...response, id }, said)
      const told = own && asked.previous !== undefined ? { ...body, previous_response_id: asked.previous } : body
      remember(told)
      return told
    },
    streamEncoder: (request) => {
      const encoder = inner.streamEncoder(named(request))
      return {
        frame: (frame) => {
          const text = encoder.frame(
            frame.wire?.dialect === inner.id ? withPrevious(frame, asked.previous) : withId(frame, id)
          )
          if (text !== "" && frame.events.some((event) => event._tag === "Ended")) remember(lastResponse(text))
          return text
        },
        error: encoder.error
      }
    }
  }
}

const withId = (frame: Frame, id: string): Frame => {
  const [first, ...others] = frame.events
  return first._tag === "Started" ? { ...frame, events: [{ ...first, id }, ...others] } : frame
}

/** A frame of this wire that holds the response, which its vendor was not told to be a continuation. */
const withPrevious = (frame: Frame, previous: string | undefined): Frame => {
  const { wire } = frame
  if (previous === undefined || wire === undefined || !wire.data.includes('"previous_response_id"')) return frame
  const event = parseJson(wire.data)
  const response = isJsonObject(event) ? event["response"] : undefined
  if (!isJsonObject(event) || !isJsonObject(response)) return frame
  const data = JSON.stringify({ ...event, response: { ...response, previous_response_id: previous } })
  return { ...frame, wire: { ...wire, data } }
}

/** The response in the last event of some events. */
const lastResponse = (text: string): Json | undefined => {
  const at = text.lastIndexOf("\ndata: ")
  const event = at === -1 ? undefined : parseJson(text.slice(at + 7).trimEnd())
  return isJsonObject(event) ? event["response"] : undefined
}

const inputItems = (input: Json | undefined): ReadonlyArray<Json> =>
  Array.isArray(input) ? input : typeof input === "string" && input !== "" ? [{ role: "user", content: input }] : []

const fault = (param: string, message: string, code?: string): Result.Result<never, RequestFault> =>
  Result.fail({ message, param, ...(code === undefined ? {} : { code }) })

/** What only the vendor's own storage could serve, and why it is refused. */
const elsewhere: ReadonlyArray<readonly [field: string, message: string]> = [
  ["background", "Responses in the background are not served here: leave 'background' out, or stream"],
  [
    "conversation",
    "Conversations that OpenAI stores are not served here: use 'previous_response_id' or send the items"
  ],
  ["prompt", "Prompts that OpenAI stores are not served here: send their text as 'instructions' and 'input'"]
]

/** What a request refers to, looked up once each and counted, so that a small body cannot stand for a huge one. */
class Recall {
  readonly #store: ResponseStore
  readonly #caller: string
  readonly #now: number
  #left: number
  readonly #responses = new Map<string, ReadonlyMap<string, JsonObject>>()
  readonly #told = new Set<string>()

  /** `most`: characters that all that is recalled may have as JSON. */
  constructor(store: ResponseStore, caller: string, now: number, most: number) {
    this.#store = store
    this.#caller = caller
    this.#now = now
    this.#left = most
  }

  conversation(id: string): ReadonlyArray<Json> | "tooLarge" | undefined {
    const found = this.#store.conversation(this.#caller, id, this.#now, this.#left)
    if (found === undefined || found === "tooLarge") return found
    this.#left -= found.length
    return found.items
  }

  /** The items with those in place of their references that are known; the others are refused by the dialect. */
  resolved(items: ReadonlyArray<Json>): ReadonlyArray<Json> | "tooLarge" {
    const all: Array<Json> = []
    for (const item of items) {
      const id = isJsonObject(item) && item["type"] === "item_reference" ? item["id"] : undefined
      const found = typeof id === "string" ? this.#item(id) : undefined
      if (found !== undefined && typeof id === "string") {
        this.#left -= JSON.stringify(found).length
        // an item stands in a conversation once
        if (this.#left < 0 || this.#told.has(id)) return "tooLarge"
        this.#told.add(id)
      }
      all.push(found ?? item)
    }
    return all
  }

  #item(id: string): JsonObject | undefined {
    const holder = this.#store.holder(this.#caller, id)
    if (holder === undefined) return undefined
    let items = this.#responses.get(holder)
    if (items === undefined) {
      const stored = this.#store.get(this.#caller, holder, this.#now)
      items = new Map(stored?.items.flatMap((item) => (isJsonObject(item) ? idOf(item).map((own) => [own, item]) : [])))
      this.#responses.set(holder, items)
    }
    return items.get(id)
  }
}

/** The body with everything that it refers to. */
const recall = (
  store: ResponseStore,
  caller: string,
  body: JsonObject,
  now: number,
  most: number
): Result.Result<JsonObject, RequestFault> => {
  for (const [field, message] of elsewhere) {
    const value = body[field]
    if (value !== undefined && value !== null && value !== false) return fault(field, message, "unsupported_parameter")
  }
  const { input, previous_response_id: previous } = body
  const recalled = new Recall(store, caller, now, most)
  const resolved = Array.isArray(input) ? recalled.resolved(input) : undefined
  if (resolved === "tooLarge") return fault("input", tooLarge, "context_length_exceeded")
  if (typeof previous !== "string") return Result.succeed(resolved === undefined ? body : { ...body, input: resolved })
  const before = recalled.conversation(previous)
  if (before === undefined)
    return fault(
      "previous_response_id",
      `Previous response with id '${previous.slice(0, 100)}' not found.`,
      "previous_response_not_found"
    )
  // what was kept may refer to what was kept earlier
  const known = before === "tooLarge" ? before : recalled.resolved(before)
  if (known === "tooLarge") return fault("previous_response_id", tooLarge, "context_length_exceeded")
  return Result.succeed({
    ...omitKeys(body, ["previous_response_id"]),
    // an input that is neither is refused by the dialect, which must see it
    input:
      resolved !== undefined || typeof input === "string"
        ? [...known, ...(resolved ?? inputItems(input))]
        : (input ?? null)
  })
}

const tooLarge =
  "What the request refers to is larger than a request may be, or refers to one item twice: send the items themselves"
