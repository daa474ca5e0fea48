/**
 * The innermost handler: finds the candidates of a request and walks them.
 *
 * @module
 */
import { Array as Arr, type Context, Effect, Random, Result } from "effect"
import type { Settings } from "../config/Settings.ts"
import type { Handler } from "../domain/Answer.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { allFailed, type GatewayError, type GatewayReason, gatewayError } from "../domain/GatewayError.ts"
import { CurrentRequest } from "../domain/RequestContext.ts"
import type { Admission } from "../health/Admission.ts"
import type { Providers, Registry } from "../provider/Registry.ts"
import type { AskableCandidate } from "./Candidate.ts"
import { orderByWindow, type TooLong } from "./Effort.ts"
import { cannotHold } from "./Held.ts"
import { failureAt } from "./LocalFailures.ts"
import type { Resolution, Resolver } from "./Resolve.ts"
import { walk } from "./Walk.ts"
import type { Watchdog } from "./Watchdog.ts"

/** What is in force at the moment a request begins. */
export interface InForce {
  readonly settings: Settings
  readonly resolver: Resolver
}

export interface RouteInput {
  readonly inForce: () => InForce
  readonly registry: Context.Service.Shape<typeof Registry>
  readonly admission: Context.Service.Shape<typeof Admission>
  readonly watchdog: Watchdog
}

/** A handler that answers from the providers of one generation, pinned for as long as the request runs. */
export const route =
  ({ admission, inForce, registry, watchdog }: RouteInput): Handler =>
  (request) =>
    Effect.withFiber((fiber) => {
      const { caller, costCapUsd, timeoutMillis } = fiber.getRef(CurrentRequest)
      const random = fiber.getRef(Random.Random)
      return Effect.flatMap(registry.current, (providers) => {
        const { resolver, settings } = inForce()
        const resolved = resolver.resolve(request, caller, () => random.nextDoubleUnsafe())
        if (Result.isFailure(resolved)) return Effect.fail(gatewayError(resolved.failure))
        const { fallbackOnContentPolicy, hedge } = resolved.success
        const found = askable(request, resolved.success, providers)
        if (Result.isFailure(found)) return Effect.fail(found.failure)
        const held = cannotHold(request, resolved.success.candidates)
        if (held !== undefined) return Effect.fail(held)
        return Effect.mapError(
          walk({
            request,
            candidates: found.success,
            admission,
            watchdog,
            caller,
            hedge,
            isOn: (provider) => (inForce().settings.roles?.get(provider)?.state ?? "on") === "on",
            passedOver: resolved.success.passedOver,
            resilience: settings.resilience,
            fallbackOnContentPolicy,
            timeoutMillis,
            costCapUsd: lower(settings.resilience.costCapUsd, costCapUsd)
          }),
          (error) => withNearest(resolver, request.model, error)
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
