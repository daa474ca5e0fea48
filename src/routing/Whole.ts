/**
 * A whole answer, from whoever gives one.
 *
 * @module
 */
import { Effect, Exit, Scope } from "effect"
import type { Answer } from "../domain/Answer.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ChatResponse } from "../domain/ChatResponse.ts"
import type { GatewayError } from "../domain/GatewayError.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import type { Usage } from "../domain/Usage.ts"
import { askInTurn } from "./Attempts.ts"
import type { AskableCandidate } from "./Candidate.ts"
import { timedOut } from "./LocalFailures.ts"
import type { Search } from "./Search.ts"

/** Who answered, and with what. */
export interface Answered<A> {
  readonly candidate: AskableCandidate
  readonly response: A
}

/** Asks candidate after candidate with `call` until one gives the whole of what was asked for. */
export const askForWhole = <A extends { readonly usage?: Usage }>(
  search: Search,
  call: (candidate: AskableCandidate, request: ChatRequest) => Effect.Effect<A, ProviderError>,
  /** Bytes of UTF-8 that an answer wrote, where its vendor tells no usage. */
  written: (response: A) => number = () => 0
): Effect.Effect<Answered<A>, GatewayError, Scope.Scope> =>
  askInTurn(search, ({ candidate, limits, metered, permit, request, scope }) =>
    Effect.clockWith((clock) => {
      const askedAt = clock.currentTimeMillisUnsafe()
      const answered = search.input.watchdog.within(call(candidate, request), limits.unaryMillis, () =>
        Effect.fail(timedOut(candidate, "unary", limits.unaryMillis))
      )
      return Effect.flatMap(answered, (response) => {
        const { usage } = response
        const now = clock.currentTimeMillisUnsafe()
        const bytes = usage === undefined ? written(response) : 0
        metered.ended({ usage, writtenBytes: bytes, whole: true }, now)
        if (usage !== undefined) permit.used(usage.inputTokens + usage.outputTokens, now)
        const tokens = usage?.outputTokens ?? bytes / bytesPerToken
        search.input.admission.answered(candidate.ref, now - askedAt, tokens, now)
        return Effect.as(Effect.andThen(permit.succeeded, Scope.close(scope, Exit.void)), { candidate, response })
      })
    })
  )

/** As a rule of thumb, for a pace. */
const bytesPerToken = 4

/** Bytes of text, thought and tool calls. */
const bytesOf = ({ choices }: ChatResponse): number => {
  let bytes = 0
  for (const { content } of choices)
    for (const part of content) {
      if ("text" in part) bytes += Buffer.byteLength(part.text)
      else if (part._tag === "ToolCall") bytes += part.name.length + Buffer.byteLength(part.arguments)
    }
  return bytes
}

export const answerWhole = (search: Search): Effect.Effect<Answer, GatewayError, Scope.Scope> =>
  Effect.map(
    askForWhole(search, ({ provider, ref }, request) => provider.complete({ ...request, model: ref.model }), bytesOf),
    ({ candidate, response }) => ({
      _tag: "Whole",
      served: search.served(candidate, response.dropped),
      response
    })
  )
