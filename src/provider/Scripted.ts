/**
 * A provider that answers from a script: the fake behind the `LLMProvider` tag, shipped beside the vendors' Layers.
 *
 * Each call takes the next reply of the script (the last one repeats); a script may also be a function of the call.
 * Every wait is on Effect's Clock, so that TestClock drives it; every call is recorded, with how it ended, so that a
 * test can see an attempt that was interrupted or abandoned. A reply serves both deliveries: a whole call gets the
 * reply's text at once, a stream gets it in its pieces. A call for vectors that is answered gets one an input, made of
 * the input's place and length.
 *
 * @module
 */
import { type Array as Arr, Cause, Channel, Duration, Effect, Exit, Layer, type Pull, Scope, Stream } from "effect"
import { type ChatEvent, type Frame, isVisible } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ChatResponse, FinishReason } from "../domain/ChatResponse.ts"
import type { EmbeddingRequest, EmbeddingResponse } from "../domain/Embedding.ts"
import type { Part } from "../domain/Message.ts"
import { ProviderError, type Reason } from "../domain/ProviderError.ts"
import type { TokenCount } from "../domain/TokenCount.ts"
import type { Usage } from "../domain/Usage.ts"
import { LLMProvider } from "./LLMProvider.ts"

/** Waits, on the Clock. */
export interface Pace {
  /** Before anything comes: the whole answer, the first frame, the error. */
  readonly before?: Duration.Input
  /** Between two visible pieces of a stream. */
  readonly between?: Duration.Input
}

export interface Answer extends Pace {
  readonly _tag: "Answer"
  /** The text in the pieces a stream shows it in. */
  readonly pieces: ReadonlyArray<string>
  readonly toolCalls: ReadonlyArray<{ readonly id: string; readonly name: string; readonly arguments: string }>
  readonly finishReason: FinishReason | undefined
  readonly usage: Usage | undefined
}
/** Fails before anything was shown. */
export interface Failure extends Pace {
  readonly _tag: "Failure"
  readonly reason: Reason
}
/** A stream that shows `pieces` and then fails; a whole call fails. */
export interface Break extends Pace {
  readonly _tag: "Break"
  readonly pieces: ReadonlyArray<string>
  readonly reason: Reason
}
/** A stream that shows `pieces` and then nothing more, for ever; a whole call never answers. */
export interface Stall extends Pace {
  readonly _tag: "Stall"
  readonly pieces: ReadonlyArray<string>
}
/** Frames as they are, one pull each; then the end, or `reason`. A whole call fails with `MalformedResponse`. */
export interface Frames extends Pace {
  readonly _tag: "Frames"
  readonly frames: ReadonlyArray<Frame>
  readonly reason: Reason | undefined
}
/** A bug: the call dies. */
export interface Defect extends Pace {
  readonly _tag: "Defect"
  readonly defect: unknown
}
export type Reply = Answer | Failure | Break | Stall | Frames | Defect

const piecesOf = (text: string | ReadonlyArray<string>): ReadonlyArray<string> =>
  typeof text === "string" ? [text] : text

/** An answer: its text whole, or in the pieces a stream shows. Usage is counted in pieces unless given. */
export const answer = (
  text: string | ReadonlyArray<string>,
  options: Pace & {
    readonly toolCalls?: Answer["toolCalls"]
    readonly finishReason?: FinishReason
    /** `"none"`: the vendor tells no usage. */
    readonly usage?: Usage | "none"
  } = {}
): Answer => {
  const pieces = piecesOf(text)
  const { finishReason, toolCalls = [], usage, ...pace } = options
  return {
    ...pace,
    _tag: "Answer",
    pieces,
    toolCalls,
    finishReason,
    usage: usage === "none" ? undefined : (usage ?? { inputTokens: 10, outputTokens: pieces.length + toolCalls.length })
  }
}
export const fails = (reason: Reason, pace: Pace = {}): Failure => ({ ...pace, _tag: "Failure", reason })
export const breaks = (text: string | ReadonlyArray<string>, reason: Reason, pace: Pace = {}): Break => ({
  ...pace,
  _tag: "Break",
  pieces: piecesOf(text),
  reason
})
export const stalls = (text: string | ReadonlyArray<string> = [], pace: Pace = {}): Stall => ({
  ...pace,
  _tag: "Stall",
  pieces: piecesOf(text)
})
export const frames = (frames: ReadonlyArray<Frame>, options: Pace & { readonly reason?: Reason } = {}): Frames => {
  const { reason, ...pace } = options
  return { ...pace, _tag: "Frames", frames, reason }
}
export const dies = (defect: unknown, pace: Pace = {}): Defect => ({ ...pace, _tag: "Defect", defect })

/** One call as it was made. */
export interface Call {
  readonly kind: "complete" | "stream" | "check" | "embed" | "count"
  readonly model: string
  /** Absent for a check and for vectors. */
  readonly request: ChatRequest | undefined
  /** For vectors. */
  readonly embedding?: EmbeddingRequest
  /** `interrupted`: the caller let go of it, before its end. */
  readonly state: "running" | "succeeded" | "failed" | "interrupted"
}

/** The replies in order, the last one repeating; or the reply to call `index` (from 0). */
export type Script = Reply | Arr.NonEmptyReadonlyArray<Reply> | ((call: Call, index: number) => Reply)

export interface Options {
  readonly id: string
  readonly script: Script
  /** Replies to `check`; absent: every check succeeds at once. */
  readonly checks?: Script
  /** Replies to `count`, whose usage is the count; absent: it does not count. */
  readonly counts?: Script
  /** `false`: it has no embeddings. */
  readonly embeds?: boolean
  /** Fingerprints of the credentials it claims to have. */
  readonly credentials?: ReadonlyArray<string>
}

export interface Scripted {
  readonly provider: LLMProvider["Service"]
  /** Every call so far, oldest first; checks included. */
  readonly calls: Effect.Effect<ReadonlyArray<Call>>
  /** Replace what is left of the script. */
  readonly rescript: (script: Script) => Effect.Effect<void>
}

const pick = (script: Script, call: Call, index: number): Reply => {
  if (typeof script === "function") return script(call, index)
  if ("_tag" in script) return script
  // a non-empty array has a last element
  return script[Math.min(index, script.length - 1)] ?? script[0]
}

const frame = (...events: Arr.NonEmptyReadonlyArray<ChatEvent>): Frame => ({ events, wire: undefined })
const textFrame = (text: string): Frame => frame({ _tag: "TextDelta", choice: 0, text })

const finishOf = (reply: Answer): FinishReason =>
  reply.finishReason ?? (reply.toolCalls.length > 0 ? "tool_calls" : "stop")

const framesOf = (reply: Answer): ReadonlyArray<Frame> => {
  const out: Array<Frame> = reply.pieces.map(textFrame)
  for (const [index, call] of reply.toolCalls.entries()) {
    out.push(
      frame(
        { _tag: "ToolCallStarted", choice: 0, index, id: call.id, name: call.name },
        { _tag: "ToolCallDelta", choice: 0, index, arguments: call.arguments }
      )
    )
  }
  out.push(frame({ _tag: "Finished", choice: 0, reason: finishOf(reply) }))
  if (reply.usage !== undefined) out.push(frame({ _tag: "UsageReported", usage: reply.usage }))
  out.push(frame({ _tag: "Ended" }))
  return out
}

const responseOf = (reply: Answer, model: string, index: number): ChatResponse => {
  const text = reply.pieces.join("")
  const content: Array<Part> = text === "" ? [] : [{ _tag: "Text", text }]
  for (const call of reply.toolCalls) content.push({ _tag: "ToolCall", ...call })
  return {
    id: `scripted-${index}`,
    model,
    choices: [{ index: 0, content, finishReason: finishOf(reply) }],
    ...(reply.usage === undefined ? {} : { usage: reply.usage })
  }
}

const vectorsOf = ({ inputs: [first, ...rest] }: EmbeddingRequest): EmbeddingResponse["vectors"] => {
  const vectorOf = (input: typeof first, place: number) => [
    place,
    input._tag === "Text" ? input.text.length : input._tag === "Tokens" ? input.tokens.length : 0
  ]
  return [vectorOf(first, 0), ...rest.map((input, at) => vectorOf(input, at + 1))]
}

const pause = (duration: Duration.Input | undefined): Effect.Effect<void> =>
  duration === undefined || Duration.isZero(Duration.fromInputUnsafe(duration)) ? Effect.void : Effect.sleep(duration)

/** A scripted provider, and the sight of what was asked of it. */
export const make = (options: Options): Scripted => {
  const calls: Array<Call> = []
  let script = options.script
  // counts the calls since the script was last set
  let asked = 0
  let checked = 0

  const fail = (model: string, reason: Reason) =>
    Effect.suspend(() => Effect.fail(new ProviderError({ provider: options.id, model, reason })))

  const record = (call: Call): ((state: Call["state"]) => void) => {
    const at = calls.push(call) - 1
    return (state) => {
      calls[at] = { ...call, state }
    }
  }
  const stateOf = (exit: Exit.Exit<unknown, unknown>): Call["state"] =>
    Exit.isSuccess(exit) ? "succeeded" : Cause.hasInterrupts(exit.cause) ? "interrupted" : "failed"

  const wholeReply = (reply: Reply, model: string, index: number): Effect.Effect<ChatResponse, ProviderError> => {
    switch (reply._tag) {
      case "Answer":
        return Effect.succeed(responseOf(reply, model, index))
      case "Failure":
      case "Break":
        return fail(model, reply.reason)
      case "Stall":
        return Effect.never
      case "Frames":
        return fail(model, reply.reason ?? { _tag: "MalformedResponse", message: "the script has only frames" })
      case "Defect":
        return Effect.die(reply.defect)
    }
  }

  const complete = (request: ChatRequest): Effect.Effect<ChatResponse, ProviderError> =>
    Effect.suspend(() => {
      const call: Call = { kind: "complete", model: request.model, request, state: "running" }
      const index = asked++
      const finish = record(call)
      const reply = pick(script, call, index)
      return Effect.onExit(Effect.andThen(pause(reply.before), wholeReply(reply, request.model, index)), (exit) =>
        Effect.sync(() => finish(stateOf(exit)))
      )
    })

  const embed = (request: EmbeddingRequest): Effect.Effect<EmbeddingResponse, ProviderError> =>
    Effect.suspend(() => {
      const { model } = request
      const call: Call = { kind: "embed", model, request: undefined, embedding: request, state: "running" }
      const index = asked++
      const finish = record(call)
      const reply = pick(script, call, index)
      return Effect.onExit(
        Effect.map(Effect.andThen(pause(reply.before), wholeReply(reply, model, index)), ({ usage }) => ({
          model,
          vectors: vectorsOf(request),
          ...(usage === undefined ? {} : { usage: { inputTokens: usage.inputTokens, outputTokens: 0 } })
        })),
        (exit) => Effect.sync(() => finish(stateOf(exit)))
      )
    })

  let counted = 0
  const count =
    (counts: Script) =>
    (request: ChatRequest): Effect.Effect<TokenCount, ProviderError> =>
      Effect.suspend(() => {
        const call: Call = { kind: "count", model: request.model, request, state: "running" }
        const index = counted++
        const finish = record(call)
        const reply = pick(counts, call, index)
        return Effect.onExit(
          Effect.map(Effect.andThen(pause(reply.before), wholeReply(reply, request.model, index)), ({ usage }) => ({
            inputTokens: usage?.inputTokens ?? 0
          })),
          (exit) => Effect.sync(() => finish(stateOf(exit)))
        )
      })

  /** What a stream shows, and how it goes on after that. */
  const streamReply = (
    reply: Reply,
    model: string
  ): { readonly shown: ReadonlyArray<Frame>; readonly ending: Effect.Effect<never, ProviderError | Cause.Done> } => {
    switch (reply._tag) {
      case "Answer":
        return { shown: framesOf(reply), ending: Cause.done() }
      case "Failure":
        return { shown: [], ending: fail(model, reply.reason) }
      case "Break":
        return { shown: reply.pieces.map(textFrame), ending: fail(model, reply.reason) }
      case "Stall":
        return { shown: reply.pieces.map(textFrame), ending: Effect.never }
      case "Frames":
        return { shown: reply.frames, ending: reply.reason === undefined ? Cause.done() : fail(model, reply.reason) }
      case "Defect":
        return { shown: [], ending: Effect.die(reply.defect) }
    }
  }

  const stream = (request: ChatRequest): Stream.Stream<Frame, ProviderError> =>
    Stream.fromChannel(
      Channel.fromTransform((_upstream: Pull.Pull<unknown, unknown, unknown>, scope) =>
        Effect.sync(() => {
          let opened: ReturnType<typeof streamReply> | undefined
          let pace: Pace = {}
          let at = 0
          let seen = false
          let over: Call["state"] | undefined
          const open = (): Effect.Effect<void> => {
            const call: Call = { kind: "stream", model: request.model, request, state: "running" }
            const index = asked++
            const finish = record(call)
            const reply = pick(script, call, index)
            pace = reply
            const { ending, shown } = streamReply(reply, request.model)
            const started =
              shown.length === 0 || reply._tag === "Frames"
                ? shown
                : [frame({ _tag: "Started", id: `scripted-${index}`, model: request.model }), ...shown]
            opened = { shown: started, ending }
            return Scope.addFinalizer(
              scope,
              Effect.sync(() => finish(over ?? "interrupted"))
            )
          }
          const next: Pull.Pull<Arr.NonEmptyReadonlyArray<Frame>, ProviderError> = Effect.suspend(() => {
            if (opened === undefined) return Effect.andThen(open(), Effect.andThen(pause(pace.before), next))
            const shown = opened.shown[at]
            if (shown === undefined) {
              return Effect.onExit(opened.ending, (exit) =>
                Effect.sync(() => {
                  if (Exit.isFailure(exit) && !Cause.hasInterrupts(exit.cause))
                    over = exit.cause.reasons.some((r) => Cause.isFailReason(r) && Cause.isDone(r.error))
                      ? "succeeded"
                      : "failed"
                })
              )
            }
            const visible = shown.events.some(isVisible)
            const wait = visible && seen ? pause(pace.between) : Effect.void
            seen ||= visible
            return Effect.map(wait, () => {
              at++
              return [shown] as const
            })
          })
          return next
        })
      )
    )

  const check = (model: string): Effect.Effect<Usage | undefined, ProviderError> =>
    Effect.suspend(() => {
      const call: Call = { kind: "check", model, request: undefined, state: "running" }
      const finish = record(call)
      if (options.checks === undefined) {
        finish("succeeded")
        return Effect.undefined
      }
      const index = checked++
      const reply = pick(options.checks, call, index)
      return Effect.onExit(
        Effect.map(Effect.andThen(pause(reply.before), wholeReply(reply, model, index)), ({ usage }) => usage),
        (exit) => Effect.sync(() => finish(stateOf(exit)))
      )
    })

  return {
    provider: {
      id: options.id,
      credentials: options.credentials ?? [],
      complete,
      stream,
      check,
      ...(options.embeds === false ? {} : { embed }),
      ...(options.counts === undefined ? {} : { count: count(options.counts) })
    },
    calls: Effect.sync(() => [...calls]),
    rescript: (next) =>
      Effect.sync(() => {
        script = next
        asked = 0
      })
  }
}

/** The scripted provider behind the tag. */
export const layer = (options: Options): Layer.Layer<LLMProvider> =>
  Layer.sync(LLMProvider, () => make(options).provider)
