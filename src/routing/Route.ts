/**
 * The innermost handler: finds the candidates of a request and walks them.
 *
 * @module
 */
import { Array as Arr, type Context, Effect, Result } from "effect"
import type { Settings } from "../config/Settings.ts"
import type { Handler } from "../domain/Answer.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { CurrentRequest } from "../domain/RequestContext.ts"
import type { Admission } from "../health/Admission.ts"
import type { Registry } from "../provider/Registry.ts"
import type { AskableCandidate } from "./Candidate.ts"
import type { Resolver } from "./Resolve.ts"
import { walk } from "./Walk.ts"
import type { Watchdog } from "./Watchdog.ts"

export interface RouteInput {
  readonly settings: Settings
  readonly resolver: Resolver
  readonly registry: Context.Service.Shape<typeof Registry>
  readonly admission: Context.Service.Shape<typeof Admission>
  readonly watchdog: Watchdog
}

/** A handler that answers from the providers of one generation, pinned for as long as the request runs. */
export const route =
  ({ settings, resolver, registry, admission, watchdog }: RouteInput): Handler =>
  (request) =>
    Effect.withFiber((fiber) => {
      const { caller, timeoutMillis } = fiber.getRef(CurrentRequest)
      const resolved = resolver.resolve(request, caller)
      if (Result.isFailure(resolved)) return Effect.fail(gatewayError(resolved.failure))
      const { candidates: found, fallbackOnContentPolicy } = resolved.success
      return Effect.flatMap(registry.current, (providers) => {
        const candidates = found.flatMap((candidate): ReadonlyArray<AskableCandidate> => {
          const provider = providers.get(candidate.ref.provider)
          return provider === undefined ? [] : [{ ...candidate, provider }]
        })
        if (!Arr.isReadonlyArrayNonEmpty(candidates)) {
          const why = "its provider is not set up"
          return Effect.fail(gatewayError({ _tag: "NobodyAvailable", model: request.model, why }))
        }
        return Effect.mapError(
          walk({
            request,
            candidates,
            admission,
            watchdog,
            caller,
            hedge: false,
            resilience: settings.resilience,
            fallbackOnContentPolicy,
            timeoutMillis
          }),
          withNearest(resolver, request.model)
        )
      })
    })

/** A vendor that does not know the model gets the benefit of the doubt: perhaps it is a typing error. */
const withNearest =
  (resolver: Resolver, asked: string) =>
  (error: GatewayError): GatewayError => {
    const { reason } = error
    if (reason._tag !== "AllFailed" || reason.first._tag !== "ModelUnavailable") return error
    const near = resolver.nearest(asked)
    if (near.length === 0) return error
    const message = `${reason.first.message} (did you mean ${near.map((name) => `'${name}'`).join(", ")}?)`
    return gatewayError({ ...reason, first: { ...reason.first, message } }, error.attempts)
  }
