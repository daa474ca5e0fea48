/**
 * What every wire format provides, both directions. One file a format; all pass the same law suite.
 *
 * - An `InboundDialect` faces callers: it decodes their requests and encodes answers, streams and errors for them.
 * - An `OutboundDialect` faces vendors: it encodes requests for them and decodes their answers and streams.
 *
 * Everything here is pure and synchronous; failures are values.
 *
 * @module
 */
import type { Result } from "effect"
import type { ChatRequest, ReasoningEffort } from "../domain/ChatRequest.ts"
import type { ChatResponse } from "../domain/ChatResponse.ts"
import type { Frame } from "../domain/ChatEvent.ts"
import type { GatewayError } from "../domain/GatewayError.ts"
import type { DialectId } from "../domain/Ids.ts"
import type { Json, JsonObject } from "../domain/Json.ts"

/** Header names in lower case. */
export type HeaderMap = Readonly<Record<string, string | undefined>>

/** A body that is not a request of this dialect. `param` is the path of the field at fault (`messages.0.content`). */
export interface RequestFault {
  readonly message: string
  readonly param: string | undefined
  /** The vendor's word for it, where its programs match on one. */
  readonly code?: string
}

export interface EncodedError {
  readonly status: number
  readonly body: JsonObject
}

/** Writes one streamed answer. Not shared between requests: it may remember what it has written. */
export interface StreamEncoder {
  /**
   * The bytes (as text) for one frame, `""` where the caller is shown nothing. A frame whose wire is this dialect's own
   * is passed on as it came; any other is written anew from its events. `Ended` writes the wire's end marker.
   */
  readonly frame: (frame: Frame) => string
  /** An error after the stream began: the dialect's error event, and nothing that could be taken for the end marker. */
  readonly error: (error: GatewayError) => string
}

export interface InboundDialect {
  readonly id: DialectId
  /** Header names (lower case) that go on to this dialect's own vendor. */
  readonly vendorHeaders: ReadonlyArray<string>
  readonly decodeRequest: (body: Json, headers: HeaderMap) => Result.Result<ChatRequest, RequestFault>
  /** With `request`, what a wire repeats of it in its answers. */
  readonly encodeResponse: (response: ChatResponse, request?: ChatRequest) => JsonObject
  readonly streamEncoder: (request: ChatRequest) => StreamEncoder
  readonly encodeError: (error: GatewayError, requestId: string) => EncodedError
  /** What is written while the caller waits: something every SDK of this dialect passes over. */
  readonly heartbeat: string
  /** The media type of its streams, where they are no server-sent events. */
  readonly streamMediaType?: string
}

/** Facts about the model a request is encoded for. Absent facts are unknown, not false. */
export interface Target {
  /** The vendor's name for the model. */
  readonly model: string
  /** The most tokens one answer may have. */
  readonly maxOutputTokens: number | undefined
  readonly quirks: Quirks
}

/** Deviations of one vendor (or one of its models) from its wire format. Each is a row of a table and has a test. */
export interface Quirks {
  /** Top-level fields the vendor answers with an error; they are left out (and told as dropped). */
  readonly refuses: ReadonlyArray<string>
  /** Which field carries the output limit. `undefined`: whichever the caller used. */
  readonly maxTokensField: "max_tokens" | "max_completion_tokens" | undefined
  /** Does it take `role: developer`? Otherwise it is sent as `system`. */
  readonly developerRole: boolean
  /** Does it take `stream_options`? */
  readonly streamOptions: boolean
  /** The strongest structured output it takes. */
  readonly structuredOutput: "json_schema" | "json_object" | "none"
  /** Does it take `json_object`? A schema may be all that a vendor takes. */
  readonly jsonObject: boolean
  /** Does it refuse `json_object` where no message has the word JSON? */
  readonly jsonWord: boolean
  /** Top-level fields it knows by names of its own: the wire's name → the vendor's. */
  readonly renames: Readonly<Record<string, string>>
  /** Fields of messages the vendor answers with an error. */
  readonly refusesInMessages: ReadonlyArray<string>
  /** Fields of messages it knows by names of its own. */
  readonly renamesInMessages: Readonly<Record<string, string>>
  /** Top-level fields refused by a model that thinks, and taken with `reasoning_effort: none`. */
  readonly refusesThinking: ReadonlyArray<string>
  /** Does it take system prompts? Otherwise they are said by the user, between `<system>` tags. */
  readonly systemRole: boolean
  /** Does it take custom tools? Otherwise they are functions of one text (`CustomAsFunction.ts`). */
  readonly customTools: boolean
  /** What marks words of the assistant's at the end as ones to go on from, which the answer repeats (`Echo.ts`). */
  readonly prefillField: string | undefined
  /** Must the roles take turns, after system prompts at the head? */
  readonly alternates: boolean
  /** The levels of effort it takes, weakest first. `undefined`: any; none: the field itself is refused. */
  readonly efforts: ReadonlyArray<ReasoningEffort> | undefined
  /** What turns thinking off, where it is not an effort. */
  readonly thinkingOff: JsonObject | undefined
  /** Does it take an effort beside functions? */
  readonly effortWithTools: boolean
  /** Does it ask that the assistant's calls come with their thought? */
  readonly callsWithThoughts: boolean
  /** Does it take the signatures of calls that Google's models make (`extra_content`)? */
  readonly callSignatures: boolean
  /** What ids of tool calls must look like; others are replaced (`FittedId.ts`). */
  readonly toolIds: RegExp | undefined
  /** What names of functions must look like. */
  readonly toolNames: RegExp | undefined
  /** The most answers a call. */
  readonly mostChoices: number | undefined
  /** The most stop sequences. */
  readonly mostStops: number | undefined
  /** What `user` must look like; another one is replaced likewise. */
  readonly user: RegExp | undefined
  /** Does it take `metadata` only of answers that it stores? */
  readonly metadataWithStore: boolean
  /** Does it refuse schemas that OpenAI's part of JSON Schema does not have (`OpenAiSchema.ts`)? */
  readonly openAiSchemas: boolean
  /** Can one tool be named that must be called? Otherwise it is the only one offered, and some tool must be. */
  readonly namedTool: boolean
  /** Can a call be demanded of a model while it thinks? Otherwise it is kept from thinking by `thinkingOff`. */
  readonly forcedThinking: boolean
}

export const noQuirks: Quirks = {
  refuses: [],
  maxTokensField: undefined,
  developerRole: true,
  streamOptions: true,
  structuredOutput: "json_schema",
  jsonObject: true,
  jsonWord: false,
  renames: {},
  refusesInMessages: [],
  renamesInMessages: {},
  callSignatures: false,
  refusesThinking: [],
  systemRole: true,
  customTools: true,
  prefillField: undefined,
  alternates: false,
  efforts: undefined,
  thinkingOff: undefined,
  effortWithTools: true,
  callsWithThoughts: false,
  toolIds: undefined,
  toolNames: undefined,
  mostChoices: undefined,
  mostStops: undefined,
  user: undefined,
  metadataWithStore: false,
  openAiSchemas: false,
  namedTool: true,
  forcedThinking: true
}

export interface EncodedRequest {
  readonly body: JsonObject
  /** Headers the request needs besides authentication (the caller's beta headers for this vendor). */
  readonly headers: Readonly<Record<string, string>>
  /** Fields that only tune the answer and that this wire cannot carry, in the field's words (`logprobs`). */
  readonly dropped: ReadonlyArray<string>
}

/** The request means something this wire cannot say. */
export interface EncodeFault {
  /** In the field's words; several are separated by commas. */
  readonly feature: string
  readonly message: string
  /** Fields that would have been dropped. */
  readonly dropped?: ReadonlyArray<string>
}

export type DecodeFault =
  /** Not what the wire promises: bad JSON, a missing field, neither content nor stop reason, no end. */
  | { readonly _tag: "Malformed"; readonly message: string }
  /** The vendor's error object where an answer should be: inside a 200, inside a stream. */
  | { readonly _tag: "ErrorInside"; readonly body: Json }

/** One server-sent event: `event` is its type where it had one, `data` its data lines joined by newlines. */
export interface SseEvent {
  readonly event: string | undefined
  readonly data: string
}

/** What a stream must hold to be whole. */
export interface Expected {
  /**
   * How many choices the request asked for. A vendor may give fewer, but then its own end marker must say that this is
   * all: a body that merely ends before a choice was seen was cut.
   */
  readonly choices: number
}

/** Reads one streamed answer. Not shared between requests. */
export interface StreamDecoder {
  /** At most one frame an event. `undefined`: nothing worth passing on. */
  readonly event: (event: SseEvent) => Result.Result<Frame | undefined, DecodeFault>
  /**
   * The body has ended. Gives the frame that holds `Ended` where the wire has no marker of its own or the vendor left
   * it out after every choice had finished; a fault where the answer is not whole.
   */
  readonly end: () => Result.Result<Frame | undefined, DecodeFault>
}

export interface OutboundDialect {
  readonly id: DialectId
  /**
   * The body to send. A request whose `wire` is of this dialect is sent as the caller wrote it but for the model, the
   * delivery, and what the quirks demand.
   */
  readonly encodeRequest: (request: ChatRequest, target: Target) => Result.Result<EncodedRequest, EncodeFault>
  readonly decodeResponse: (body: Json) => Result.Result<ChatResponse, DecodeFault>
  /** Without `expected` one choice was asked for. */
  readonly streamDecoder: (expected?: Expected) => StreamDecoder
}
