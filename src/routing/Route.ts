/**
 * The innermost handler: finds the candidates of a request and walks them.
 *
 * @module
 */
import { Array as Arr, Clock, Effect, Result } from "effect"
import type { Answer, Handler } from "../domain/Answer.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { allFailed, type GatewayError, type GatewayReason, gatewayError } from "../domain/GatewayError.ts"
import { CurrentRequest } from "../domain/RequestContext.ts"
import type { Providers } from "../provider/Registry.ts"
import type { AskableCandidate } from "./Candidate.ts"
import { decide, type Ways } from "./Decide.ts"
import { orderByWindow, type TooLong } from "./Effort.ts"
import { cannotHold } from "./Held.ts"
import { failureAt } from "./LocalFailures.ts"
import type { Resolution, Resolver } from "./Resolve.ts"
import { walk } from "./Walk.ts"

/** A handler that answers from the providers of one generation, pinned for as long as the request runs. */
export const route =
  (ways: Ways): Handler =>
  (request) =>
    Effect.withFiber((fiber) => {
      const { admission, conversations, inForce, registry, unknown, watchdog } = ways
      const { caller, costCapUsd, timeoutMillis } = fiber.getRef(CurrentRequest)
      const clock = fiber.getRef(Clock.Clock)
      return Effect.flatMap(registry.current, (providers) => {
        const { resolver, settings } = inForce()
        return Effect.flatMap(
          Effect.mapError(decide(ways, request), (reason) => gatewayError(reason)),
          (decided) => {
            const { byTask, conversation, resolution } = decided
            const found = askable(request, resolution, providers)
            if (Result.isFailure(found)) return Effect.fail(found.failure)
            const held = cannotHold(request, resolution.candidates)
            if (held !== undefined) return Effect.fail(held)
            const walked = walk({
              request,
              candidates: found.success,
              admission,
              watchdog,
              caller,
              hedge: resolution.hedge,
              isOn: (provider) => (inForce().settings.roles?.get(provider)?.state ?? "on") === "on",
              passedOver: resolution.passedOver,
              resilience: settings.resilience,
              fallbackOnContentPolicy: resolution.fallbackOnContentPolicy,
              timeoutMillis,
              costCapUsd: lower(settings.resilience.costCapUsd, costCapUsd)
            })
            const answered =
              conversation === undefined
                ? walked
                : Effect.map(walked, (answer): Answer => {
                    const { model, provider } = answer.served
                    const last = { by: { provider, model }, task: byTask?.task }
                    conversations.answered(conversation, last, clock.currentTimeMillisUnsafe())
                    return byTask === undefined
                      ? answer
                      : { ...answer, served: { ...answer.served, task: byTask.task } }
                  })
            return Effect.mapError(unknown.telling(answered, found.success), (error) =>
              withNearest(resolver, request.model, error)
            )
          }
        )
      })
    })

/** A caller can only ask for less. */
export const lower = (configured: number | undefined, asked: number | undefined): number | undefined =>
  configured === undefined ? asked : asked === undefined ? configured : Math.min(configured, asked)

/** Those whose provider is set up and whose window can hold the prompt. */
const askable = (
  request: ChatRequest,
  { candidates: found, isAlias }: Resolution,
  providers: Providers
): Result.Result<Arr.NonEmptyReadonlyArray<AskableCandidate>, GatewayError> => {
  const built = found.flatMap((candidate): ReadonlyArray<AskableCandidate> => {
    const provider = providers.get(candidate.ref.provider)
    return provider === undefined ? [] : [{ ...candidate, provider }]
  })
  if (!Arr.isReadonlyArrayNonEmpty(built)) {
    const why = "its provider is not set up"
    return Result.fail(gatewayError({ _tag: "NobodyAvailable", model: request.model, why }))
  }
  const ordered = orderByWindow(request, built)
  if (Result.isFailure(ordered)) return Result.fail(tooLong(built[0], ordered.failure))
  if (isAlias) return Result.succeed(ordered.success)
  // who names a model wants that one if it can be: a vendor's word that it is too long costs little
  const inOrder = built.filter((candidate) => ordered.success.includes(candidate))
  return Result.succeed(Arr.isReadonlyArrayNonEmpty(inOrder) ? inOrder : ordered.success)
}

const tooLong = (first: AskableCandidate, { largestWindowTokens }: TooLong): GatewayError =>
  allFailed(
    failureAt(first, {
      _tag: "ContextLengthExceeded",
      message: `the prompt is longer than the largest context window that could be asked, which is ${largestWindowTokens} tokens`
    }),
    []
  )

/** A vendor that does not know the model gets the benefit of the doubt: perhaps it is a typing error. */
export const withNearest = (resolver: Resolver, asked: string, error: GatewayError): GatewayError => {
  const reason: GatewayReason = error.reason
  if (reason._tag !== "AllFailed" || reason.first._tag !== "ModelUnavailable") return error
  const near = resolver.nearest(asked)
  if (near.length === 0) return error
  const message = `${reason.first.message} (did you mean ${near.map((name) => `'${name}'`).join(", ")}?)`
  return gatewayError({ ...reason, first: { ...reason.first, message } }, error.attempts)
}
