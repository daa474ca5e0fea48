/**
 * A streamed answer: events, and the frames that carry them.
 *
 * Order within a stream: `Started`, then deltas, then one `Finished` a choice, then at most one `UsageReported` (it may
 * also come earlier and be replaced by a later one), then `Ended` when the wire's own end was seen. A stream that stops
 * without `Ended` was cut.
 *
 * @module
 */
import { Schema } from "effect"
import type { Array as Arr } from "effect"
import { type DialectId, Extensions } from "./Ids.ts"
import { FinishReason } from "./ChatResponse.ts"
import { Citation } from "./Citation.ts"
import { Logprobs } from "./Logprobs.ts"
import { AudioPart, DocumentPart, ImagePart, OpaquePart } from "./Message.ts"
import { Usage } from "./Usage.ts"

/** Which of several answers (`n` > 1) an event belongs to. */
const choice = Schema.Int

export const Started = Schema.TaggedStruct("Started", {
  id: Schema.String,
  model: Schema.String,
  /** Seconds since 1970. */
  created: Schema.optionalKey(Schema.Int),
  /** As `ChatResponse.dropped`. */
  dropped: Schema.optionalKey(Schema.Array(Schema.String))
})
export const TextDelta = Schema.TaggedStruct("TextDelta", { choice, text: Schema.String })
export const RefusalDelta = Schema.TaggedStruct("RefusalDelta", { choice, text: Schema.String })
/** A piece of thought; `signature` closes the thought it follows; `redacted` is a whole encrypted thought. */
export const ReasoningDelta = Schema.TaggedStruct("ReasoningDelta", {
  choice,
  text: Schema.String,
  signature: Schema.optionalKey(Schema.String),
  redacted: Schema.optionalKey(Schema.String),
  /** The dialect of whoever made it, where that is not the frame's. */
  origin: Schema.optionalKey(Schema.String)
})
/** A tool call begins. `index` counts the calls of one choice from 0; `extensions` are those of the part. */
export const ToolCallStarted = Schema.TaggedStruct("ToolCallStarted", {
  choice,
  index: Schema.Int,
  id: Schema.String,
  name: Schema.String,
  extensions: Schema.optionalKey(Extensions)
})
/** A piece of the JSON text of the arguments of call `index`. */
export const ToolCallDelta = Schema.TaggedStruct("ToolCallDelta", {
  choice,
  index: Schema.Int,
  arguments: Schema.String
})
/** A block that only its own dialect knows, complete. */
export const OpaqueBlock = Schema.TaggedStruct("OpaqueBlock", { choice, part: OpaquePart })
/** A picture, sound or document, complete. */
export const MediaBlock = Schema.TaggedStruct("MediaBlock", {
  choice,
  part: Schema.Union([ImagePart, AudioPart, DocumentPart])
})
/** How likely the tokens were of the text or refusal that follows in the same choice. */
export const LogprobsReported = Schema.TaggedStruct("LogprobsReported", { choice, logprobs: Logprobs })
/** A source, told after the text it is of. */
export const CitationAdded = Schema.TaggedStruct("CitationAdded", { choice, citation: Citation })
export const Finished = Schema.TaggedStruct("Finished", {
  choice,
  reason: FinishReason,
  stopSequence: Schema.optionalKey(Schema.String)
})
export const UsageReported = Schema.TaggedStruct("UsageReported", { usage: Usage })
/** The wire's end was seen: the answer is whole. */
export const Ended = Schema.TaggedStruct("Ended", {})
/** From here on another model goes on where the stream broke; what follows joins what was shown. */
export const Resumed = Schema.TaggedStruct("Resumed", {
  provider: Schema.String,
  model: Schema.String,
  /** Who broke off, and why. */
  after: Schema.Struct({ provider: Schema.String, model: Schema.String, reason: Schema.String }),
  /** `prefill`: it was given what was shown as the beginning of its answer; `turn`: it was asked to go on. */
  by: Schema.Literals(["prefill", "turn"])
})
/** A wire message with nothing in it that the domain models (a ping, an unknown event); only its own wire shows it. */
export const Unmodelled = Schema.TaggedStruct("Unmodelled", {})

export const ChatEvent = Schema.Union([
  Started,
  TextDelta,
  RefusalDelta,
  ReasoningDelta,
  ToolCallStarted,
  ToolCallDelta,
  OpaqueBlock,
  MediaBlock,
  LogprobsReported,
  CitationAdded,
  Finished,
  UsageReported,
  Ended,
  Resumed,
  Unmodelled
])
export type ChatEvent = typeof ChatEvent.Type

/** One server-sent event as it came: `event` is its type where it had one, `data` the text of its data lines. */
export interface FrameWire {
  readonly dialect: DialectId
  readonly event: string | undefined
  readonly data: string
}

/** One wire message: what it means, and the message itself (dropped when a stage edits it or after a resume). */
export interface Frame {
  readonly events: Arr.NonEmptyReadonlyArray<ChatEvent>
  readonly wire: FrameWire | undefined
}

/** Who goes on, and after whom, in words. */
export const showResumed = ({ after, by, model, provider }: typeof Resumed.Type): string =>
  `${provider}/${model} goes on (${by}) after ${after.provider}/${after.model} broke off (${after.reason})`

/** Does the caller see something because of it? Until then any other provider may still take over. */
export const isVisible = (event: ChatEvent): boolean => {
  switch (event._tag) {
    case "TextDelta":
    case "RefusalDelta":
      return event.text.length > 0
    case "ReasoningDelta":
    case "ToolCallStarted":
    case "ToolCallDelta":
    case "OpaqueBlock":
    case "MediaBlock":
      return true
    default:
      return false
  }
}
