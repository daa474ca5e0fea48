/**
 * Walks over scripted providers, for tests in virtual time.
 */
import { Effect, Exit, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { makeEstimates } from "../../src/budget/Estimates.ts"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import { defaultResilience, type Resilience } from "../../src/config/Settings.ts"
import type { Answer } from "../../src/domain/Answer.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { GatewayError } from "../../src/domain/GatewayError.ts"
import { textOf } from "../../src/domain/Message.ts"
import { anonymous } from "../../src/domain/RequestContext.ts"
import type { Usage } from "../../src/domain/Usage.ts"
import type { ModelFacts } from "../../src/catalog/ModelFacts.ts"
import { Admission } from "../../src/health/Admission.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import type { AskableCandidate } from "../../src/routing/Candidate.ts"
import type { WalkInput } from "../../src/routing/Search.ts"
import { walk } from "../../src/routing/Walk.ts"
import * as Watchdog from "../../src/routing/Watchdog.ts"

export const request: ChatRequest = {
  model: "m",
  delivery: "whole",
  messages: [{ role: "user", content: [{ _tag: "Text", text: "hello" }] }],
  tools: [],
  sampling: {},
  usageWanted: false,
  fallbacks: []
}
export const live: ChatRequest = { ...request, delivery: "live" }

export const candidate = (
  scripted: Scripted.Scripted,
  options: {
    readonly window?: number
    readonly domain?: string
    readonly prefill?: boolean
    readonly price?: ModelFacts["price"]
  } = {}
): AskableCandidate => ({
  ref: { provider: scripted.provider.id, model: "m" },
  provider: scripted.provider,
  facts: {
    contextWindowTokens: options.window,
    maxOutputTokens: undefined,
    price: options.price,
    tier: undefined,
    capabilities: options.prefill === undefined ? {} : { prefill: options.prefill }
  },
  failureDomain: options.domain ?? scripted.provider.id,
  region: undefined
})
export const scripted = (id: string, script: Scripted.Script) => Scripted.make({ id, script })

export const ask = (
  candidates: readonly [AskableCandidate, ...ReadonlyArray<AskableCandidate>],
  options: Partial<Omit<WalkInput, "candidates" | "resilience">> & { readonly resilience?: Partial<Resilience> } = {}
) =>
  Effect.flatMap(Effect.all([Admission, Watchdog.make]), ([admission, watchdog]) =>
    walk({
      request,
      candidates,
      admission,
      watchdog,
      caller: anonymous,
      hedge: false,
      outOfService: () => undefined,
      passedOver: undefined,
      costCapUsd: undefined,
      fallbackOnContentPolicy: false,
      timeoutMillis: undefined,
      estimates: makeEstimates(),
      lease: undefined,
      quotes: undefined,
      ...options,
      resilience: { ...defaultResilience, ...options.resilience }
    })
  )

/** The text of an answer, and the error its stream ended in. */
export const read = (answer: Answer) =>
  Effect.gen(function* () {
    if (answer._tag === "Whole")
      return {
        text: textOf(answer.response.choices[0].content),
        cut: undefined,
        ended: true,
        served: answer.served,
        usage: answer.response.usage
      }
    let text = ""
    let usage: Usage | undefined
    let ended = false
    const exit = yield* Effect.exit(
      Stream.runForEach(answer.frames, ({ events }) =>
        Effect.sync(() => {
          for (const event of events) {
            if (event._tag === "TextDelta") text += event.text
            if (event._tag === "UsageReported") usage = event.usage
            if (event._tag === "Ended") ended = true
          }
        })
      )
    )
    const failed = Exit.isFailure(exit) ? exit.cause.reasons[0] : undefined
    const cut = failed?._tag === "Fail" ? failed.error : undefined
    return { text, cut, ended, served: answer.served, usage }
  })
export const answered = (...args: Parameters<typeof ask>) => Effect.scoped(Effect.flatMap(ask(...args), read))
export const refused = (...args: Parameters<typeof ask>): Effect.Effect<GatewayError, Answer, Admission> =>
  Effect.scoped(Effect.flip(ask(...args)))
export const count = (provider: Scripted.Scripted) => Effect.map(provider.calls, (calls) => calls.length)
/** Runs an effect while virtual time passes, long enough for any walk to end. */
export const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
    for (let i = 0; i < 40; i++) yield* TestClock.adjust("60 seconds")
    return yield* Fiber.join(fiber)
  })
/** With a health room of its own. */
export const fresh = <A, E, R>(effect: Effect.Effect<A, E, R>, providers: ReadonlyArray<ProviderSpec> = []) =>
  Effect.provide(effect, healthInMemory({ resilience: defaultResilience, providers, facts: new Map() }))
