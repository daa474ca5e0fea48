/**
 * Tells what would be done with a request at this moment. Nobody is called, nobody's turn is taken, nothing is counted.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import { Quotes } from "../budget/Quotes.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { CurrentRequest } from "../domain/RequestContext.ts"
import { decideChat, type Ways } from "./Decide.ts"
import { capture, type Decision, decisionOf } from "./Decision.ts"
import { walkInput } from "./Route.ts"

/** The decision on a request. The classifier of `ways` must be one that asks nobody. Reads `CurrentRequest`. */
export const explain =
  (ways: Ways) =>
  (request: ChatRequest): Effect.Effect<Decision> =>
    Effect.scoped(
      Effect.withFiber((fiber) => {
        const context = fiber.getRef(CurrentRequest)
        const clock = fiber.getRef(Clock.Clock)
        const { estimates } = ways
        return Effect.flatMap(ways.registry.current, (providers) =>
          Effect.match(decideChat(ways, request, providers, true), {
            onSuccess: (decided) => {
              const now = clock.currentTimeMillisUnsafe()
              const input = walkInput(ways, request, context, decided, decided.askable)
              const quotes = decided.quotes ?? new Quotes(estimates, request, decided.byTask?.task)
              const made = { request, context, decided, input: { ...input, quotes }, now, reads: true, estimates }
              return decisionOf(capture(made), quotes)
            },
            onFailure: (undecided) => {
              const now = clock.currentTimeMillisUnsafe()
              const quotes = new Quotes(estimates, request, undecided.byTask?.task)
              return decisionOf(capture({ request, context, undecided, now, reads: true, estimates }), quotes)
            }
          })
        )
      })
    )
