/**
 * Random schedules of faults for the walk, and providers that play them while everything they are asked is recorded.
 *
 * Every provider dictates the same text, so that an answer is whole exactly when its text is that text, whoever wrote
 * which part of it. Providers honour a prefill and a wish to go on as models do: with or without the white space that a
 * prefill loses, straight on, from the start again, or from a few words before.
 */
import { Cause, type Clock, Effect, Exit, Schema, Stream } from "effect"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { Frame } from "../../src/domain/ChatEvent.ts"
import { textOf } from "../../src/domain/Message.ts"
import type { Reason, ReasonTag } from "../../src/domain/ProviderError.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import type { AskableCandidate } from "../../src/routing/Candidate.ts"

/** No stretch of eight characters of it comes twice. */
export const wholeText =
  "Zero one two three.\n\nFour five, six seven eight nine ten; eleven twelve thirteen fourteen.  Fifteen sixteen."

/** A text that begins with all of so many characters that were shown has started over. */
const surelyStartedOver = 40

const reasonTags = [
  "RateLimited",
  "QuotaExhausted",
  "Overloaded",
  "ServerError",
  "Network",
  "Timeout",
  "AuthenticationFailed",
  "AccessDenied",
  "ModelUnavailable",
  "ContentPolicy",
  "ContextLengthExceeded",
  "InvalidRequest",
  "UnsupportedFeature",
  "MalformedResponse"
] as const satisfies ReadonlyArray<ReasonTag>

/** In milliseconds; around the limits that stand in the defaults. */
const firstWaits = [0, 1, 2, 3, 150, 2500, 9999, 10_000, 10_001, 59_999, 60_001, 119_999, 700_000] as const
const laterWaits = [0, 1, 2, 20, 3000, 29_999, 30_001] as const

export const Reply = Schema.Struct({
  /**
   * `pickyAnswer` turns a prefill away and answers everything else; `endless`: all of the text but no end; `late`:
   * breaks after the finish reason.
   */
  kind: Schema.Literals(["answer", "fail", "break", "stall", "pickyAnswer", "endless", "empty", "silentStart", "late"]),
  reason: Schema.Literals(reasonTags),
  /** Of the reason: what the vendor asks to wait, in milliseconds. */
  retryAfter: Schema.UndefinedOr(Schema.Literals([0, 700, 4000, 5001, 90_000])),
  /** Of the reason: had bytes been sent; was the connection stale? */
  sent: Schema.Boolean,
  stale: Schema.Boolean,
  before: Schema.Literals(firstWaits),
  between: Schema.Literals(laterWaits),
  /** Where it breaks or falls silent, in characters of what it is about to say. */
  at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: wholeText.length })),
  /** Characters a piece. */
  piece: Schema.Literals([200, 40, 13, 7, 3]),
  /** Asked to go on: how. */
  goesOn: Schema.Literals(["exactly", "restarts", "overlaps"]),
  /** After a prefill: does the white space come back that it was sent without? */
  keepsSpace: Schema.Boolean
})
export type Reply = typeof Reply.Type

export const Provider = Schema.Struct({
  domain: Schema.Literals([0, 1, 2]),
  window: Schema.UndefinedOr(Schema.Literals([8000, 100_000, 200_000])),
  prefill: Schema.Boolean,
  /** How many calls the account may have at once, and how many a minute. */
  concurrent: Schema.UndefinedOr(Schema.Literals([1, 2])),
  perMinute: Schema.UndefinedOr(Schema.Literals([2, 5])),
  replies: Schema.NonEmptyArray(Reply).check(Schema.isMaxLength(4))
})
export type Provider = typeof Provider.Type

const quick = { before: Schema.Literals([0, 1, 150]), between: Schema.Literals([0, 1, 20]) }

/** One that often breaks off within the text, and rarely for a reason that lets nobody go on. */
export const BreakingProvider = Schema.Struct({
  ...Provider.fields,
  replies: Schema.NonEmptyArray(
    Schema.Struct({
      ...Reply.fields,
      ...quick,
      kind: Schema.Literals(["answer", "break", "stall", "endless", "pickyAnswer"]),
      reason: Schema.Literals(["Network", "ServerError", "Overloaded", "MalformedResponse", "InvalidRequest"])
    })
  ).check(Schema.isMaxLength(2))
})
/** One that is down more often than not. */
export const FailingProvider = Schema.Struct({
  ...Provider.fields,
  replies: Schema.NonEmptyArray(
    Schema.Struct({
      ...Reply.fields,
      ...quick,
      kind: Schema.Literals(["answer", "fail", "break", "empty"]),
      reason: Schema.Literals(["Network", "ServerError", "Overloaded", "MalformedResponse", "RateLimited"])
    })
  ).check(Schema.isMaxLength(30))
})

export const Asked = Schema.Struct({
  live: Schema.Boolean,
  /** May the vendor have done something in the world? */
  sideEffects: Schema.Boolean,
  timeout: Schema.UndefinedOr(Schema.Literals([100, 5000, 40_000, 70_000])),
  /** After how many milliseconds the caller goes away; below 0: it stays. */
  leaves: Schema.Literals([-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, 0, 50, 3000, 15_000, 61_000]),
  /** How long before this request nothing happens, in milliseconds. */
  pause: Schema.Literals([0, 1, 500, 5000, 31_000, 100_000])
})
export type Asked = typeof Asked.Type

export const reasonOf = ({ reason, retryAfter, sent, stale }: Reply): Reason => {
  const message = "scripted"
  const wait = retryAfter === undefined ? undefined : { retryAfterMillis: retryAfter }
  switch (reason) {
    case "RateLimited":
    case "QuotaExhausted":
    case "Overloaded":
      return { _tag: reason, message, ...wait }
    case "Network":
      return { _tag: reason, message, sent, ...(stale && sent ? { stale } : undefined) }
    case "Timeout":
      return { _tag: reason, message, limit: "connect" }
    case "AccessDenied":
      return { _tag: reason, message, scope: sent ? "account" : "model" }
    case "UnsupportedFeature":
      return { _tag: reason, message, feature: "images" }
    default:
      return { _tag: reason, message }
  }
}

/** The providers as a config has them. */
export const specsOf = (providers: ReadonlyArray<Provider>): ReadonlyArray<ProviderSpec> =>
  providers.map(({ concurrent, perMinute }, index) => ({
    id: `p${index}`,
    kind: "openai-compatible",
    apiKeys: [],
    baseUrl: "http://127.0.0.1:9",
    apiVersion: undefined,
    deployments: {},
    headers: {},
    failureDomain: undefined,
    region: undefined,
    models: [],
    limits: { requestsPerMinute: perMinute, tokensPerMinute: undefined, concurrent }
  }))

/** One call as a provider saw it. Times in milliseconds on the test's clock. */
export interface SeenCall {
  readonly provider: string
  readonly request: number
  /** Counted over all providers and requests. */
  readonly number: number
  readonly startedAt: number
  readonly kind: "fresh" | "prefill" | "turn"
  readonly reply: Reply
  endedAt: number | undefined
  end: "ended" | "failed" | "interrupted" | undefined
  /** Had it shown anything, and when first? */
  shown: boolean
  shownAt: number | undefined
  /** Had its caller been shown more by its end than when it began? */
  shownMore: boolean
  /** Had it told why it ends? */
  finished: boolean
  /** The circuit of its model when it started. */
  readonly circuit: { readonly tag: string; readonly generation: number }
}

/** What each caller has been shown so far; requests are known by their number, which stands in their `user`. */
export type Shown = Map<number, string>

const piecesOf = (text: string, size: number): ReadonlyArray<string> => {
  const pieces: Array<string> = []
  for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size))
  return pieces
}

/** What a model that is asked says, and how it was asked. */
const saying = (
  request: ChatRequest,
  reply: Reply,
  shown: string
): { readonly kind: SeenCall["kind"]; readonly text: string } => {
  const last = request.messages.at(-1)
  const before = request.messages.at(-2)
  if (last?.role === "assistant") {
    const sent = textOf(last.content)
    const rest = wholeText.slice(sent.length)
    // only what was trimmed off the prefill can be missing; models leave out all of the white space or none
    if (reply.goesOn === "restarts" && shown.length >= surelyStartedOver) return { kind: "prefill", text: wholeText }
    const bare = rest.slice(Math.max(0, shown.length - sent.length))
    return { kind: "prefill", text: reply.keepsSpace || /^\s/.test(bare) ? rest : bare }
  }
  if (before?.role === "assistant") {
    const sent = textOf(before.content)
    const from =
      reply.goesOn === "exactly" ? sent.length : reply.goesOn === "restarts" ? 0 : Math.max(0, sent.length - 12)
    return { kind: "turn", text: wholeText.slice(from) }
  }
  return { kind: "fresh", text: wholeText }
}

const frame = (event: Frame["events"][number]): Frame => ({ events: [event], wire: undefined })

const scriptedReply = (reply: Reply, kind: SeenCall["kind"], text: string): Scripted.Reply => {
  const pace = { before: reply.before, between: reply.between }
  const pieces = piecesOf(text, reply.piece)
  switch (reply.kind) {
    case "answer":
      return Scripted.answer(pieces, pace)
    case "pickyAnswer":
      return kind === "prefill"
        ? Scripted.fails({ _tag: "InvalidRequest", message: "no prefill" }, pace)
        : Scripted.answer(pieces, pace)
    case "fail":
      return Scripted.fails(reasonOf(reply), pace)
    case "break":
      return Scripted.breaks(piecesOf(text.slice(0, reply.at), reply.piece), reasonOf(reply), pace)
    case "stall":
      return Scripted.stalls(piecesOf(text.slice(0, reply.at), reply.piece), pace)
    case "endless":
      return Scripted.frames(
        pieces.map((piece) => frame({ _tag: "TextDelta", choice: 0, text: piece })),
        pace
      )
    case "empty":
      return Scripted.frames([], pace)
    case "silentStart":
      return Scripted.frames([frame({ _tag: "Started", id: "s", model: "m" })], pace)
    case "late":
      return Scripted.frames(
        [
          ...pieces.map((piece) => frame({ _tag: "TextDelta", choice: 0, text: piece })),
          frame({ _tag: "Finished", choice: 0, reason: "stop" })
        ],
        { ...pace, reason: reasonOf(reply) }
      )
  }
}

export interface Playing {
  readonly candidates: ReadonlyArray<AskableCandidate>
  readonly calls: ReadonlyArray<SeenCall>
  /** The calls of the scripted providers that have not ended. */
  readonly running: Effect.Effect<number>
}

/** Providers that play their replies; `circuitOf` tells the state of a circuit at this very moment. */
export const playing = (
  providers: ReadonlyArray<Provider>,
  shownTo: Shown,
  clock: Clock.Clock,
  circuitOf: (key: string) => SeenCall["circuit"]
): Playing => {
  const calls: Array<SeenCall> = []
  const scripts: Array<Scripted.Scripted> = []

  const candidateOf = (provider: Provider, index: number): AskableCandidate => {
    const id = `p${index}`
    let asked = 0
    /** A call begins: what will be said, and who says it. */
    const begin = (request: ChatRequest) => {
      const reply = provider.replies[Math.min(asked++, provider.replies.length - 1)] ?? provider.replies[0]
      const number = Number(request.user)
      const shownBefore = shownTo.get(number) ?? ""
      const { kind, text } = saying(request, reply, shownBefore)
      const call: SeenCall = {
        provider: id,
        request: number,
        number: calls.length,
        startedAt: clock.currentTimeMillisUnsafe(),
        kind,
        reply,
        endedAt: undefined,
        end: undefined,
        shown: false,
        shownAt: undefined,
        shownMore: false,
        finished: false,
        circuit: circuitOf(`${id}/m`)
      }
      calls.push(call)
      const scripted = Scripted.make({ id, script: scriptedReply(reply, kind, text) })
      scripts.push(scripted)
      const over = <A, E>(exit: Exit.Exit<A, E>): Effect.Effect<void> =>
        Effect.sync(() => {
          call.endedAt = clock.currentTimeMillisUnsafe()
          call.shownMore = (shownTo.get(number) ?? "") !== shownBefore
          call.end = Exit.isSuccess(exit) ? "ended" : Cause.hasInterrupts(exit.cause) ? "interrupted" : "failed"
        })
      return { call, scripted, over }
    }
    return {
      ref: { provider: id, model: "m" },
      provider: {
        id,
        credentials: [],
        check: () => Effect.undefined,
        complete: (request) =>
          Effect.suspend(() => {
            const { over, scripted } = begin(request)
            return Effect.onExit(scripted.provider.complete(request), over)
          }),
        stream: (request) =>
          Stream.suspend(() => {
            const { call, over, scripted } = begin(request)
            return scripted.provider.stream(request).pipe(
              Stream.tap(({ events }) =>
                Effect.sync(() => {
                  if (events.some(({ _tag }) => _tag === "TextDelta")) {
                    call.shown = true
                    call.shownAt ??= clock.currentTimeMillisUnsafe()
                  }
                  if (events.some(({ _tag }) => _tag === "Finished")) call.finished = true
                })
              ),
              Stream.onExit(over)
            )
          })
      },
      facts: {
        contextWindowTokens: provider.window,
        maxOutputTokens: undefined,
        price: undefined,
        tier: undefined,
        capabilities: provider.prefill ? { prefill: true } : {}
      },
      failureDomain: `domain${provider.domain}`,
      region: undefined
    }
  }
  return {
    candidates: providers.map(candidateOf),
    calls,
    running: Effect.map(
      Effect.forEach(scripts, ({ calls: made }) => made),
      (made) => made.flat().filter(({ state }) => state === "running").length
    )
  }
}
