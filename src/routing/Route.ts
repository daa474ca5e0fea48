/**
 * The innermost handler: finds the candidates of a request and walks them.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import { defaultRole } from "../config/Settings.ts"
import type { Answer, Handler } from "../domain/Answer.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { type GatewayError, type GatewayReason, gatewayError } from "../domain/GatewayError.ts"
import { CurrentRequest, type RequestContext } from "../domain/RequestContext.ts"
import type { AskableCandidate } from "./Candidate.ts"
import { type Decided, type DecidedChat, decideChat, type Ways } from "./Decide.ts"
import type { Made } from "./Decision.ts"
import { economyPrompt } from "./EconomyPrompt.ts"
import { outOfService } from "./Exclusions.ts"
import type { Resolution, Resolver } from "./Resolve.ts"
import type { WalkInput } from "./Search.ts"
import { walk } from "./Walk.ts"

export interface Keep {
  /** Is told of a decision at the moment at which the walk begins, or does not. */
  readonly made: (made: Made) => void
  /** Is told, of a decision it was told of before, that a wire cannot say what is asked. */
  readonly unsaid: (made: Made) => void
}

/** A handler that answers from the providers of one generation, pinned for as long as the request runs. */
export const route =
  (ways: Ways, keep?: Keep): Handler =>
  (request) =>
    Effect.withFiber((fiber) => {
      const { conversations, estimates, registry, unknown } = ways
      const context = fiber.getRef(CurrentRequest)
      const clock = fiber.getRef(Clock.Clock)
      // where there is a cache, such a request does not come here
      if (context.cache === "only") return Effect.fail(gatewayError({ _tag: "NotCached", why: "off" }))
      return Effect.flatMap(registry.current, (providers) => {
        const answered = (decided: DecidedChat) => {
          const { byTask, conversation, resolver } = decided
          const input = walkInput(ways, request, context, decided, decided.askable)
          const made: Made = { request, context, decided, input, estimates, now: clock.currentTimeMillisUnsafe() }
          keep?.made(made)
          const walked = walk(keep === undefined ? input : { ...input, unsaid: () => keep.unsaid(made) })
          const answered =
            conversation === undefined
              ? walked
              : Effect.map(walked, (answer): Answer => {
                  const { model, provider } = answer.served
                  const last = { by: { provider, model }, task: byTask?.task }
                  conversations.answered(conversation, last, clock.currentTimeMillisUnsafe())
                  return byTask === undefined ? answer : { ...answer, served: { ...answer.served, task: byTask.task } }
                })
          return Effect.mapError(unknown.telling(answered, decided.askable), (error) =>
            withNearest(resolver, request.model, error)
          )
        }
        return Effect.matchEffect(decideChat(ways, request, providers), {
          onSuccess: answered,
          onFailure: (undecided) => {
            keep?.made({ request, context, undecided, estimates, now: clock.currentTimeMillisUnsafe() })
            return Effect.fail(undecided.error)
          }
        })
      })
    })

/** What the walk through a decision's candidates is given; a second one is asked beside the first only where it `mayHedge`. */
export const walkInput = (
  { admission, estimates, inForce, watchdog }: Pick<Ways, "admission" | "estimates" | "inForce" | "watchdog">,
  request: ChatRequest,
  { caller, costCapUsd, timeoutMillis }: RequestContext,
  { lease, quotes, resolution, settings, tier }: Decided,
  candidates: WalkInput["candidates"],
  mayHedge = true
): WalkInput => ({
  request,
  candidates,
  beforeOthers: withinTier(resolution, candidates),
  downgraded: resolution.tiering?.effect === "downgraded" ? tier : undefined,
  economyPrompt: economyPrompt(settings, request, resolution),
  admission,
  watchdog,
  caller,
  hedge: mayHedge && resolution.hedge,
  outOfService: outNow(inForce),
  passedOver: resolution.passedOver,
  resilience: settings.resilience,
  fallbackOnContentPolicy: resolution.fallbackOnContentPolicy,
  timeoutMillis,
  costCapUsd: lower(settings.resilience.costCapUsd, costCapUsd),
  estimates,
  lease,
  quotes
})

/** How many of those to ask stand before the first that a budget holds back; `undefined` where none is held back. */
const withinTier = (
  { considered, tiering }: Resolution,
  askable: ReadonlyArray<AskableCandidate>
): number | undefined => {
  if (tiering === undefined) return undefined
  const heldBack = considered.filter((one) => one.heldBack !== undefined)
  const at = askable.findIndex(({ ref }) =>
    heldBack.some((one) => one.ref.provider === ref.provider && one.ref.model === ref.model)
  )
  return at > 0 ? at : undefined
}

/** Whom an operator has taken out of service is told at the moment at which it is asked, not as the request began. */
const outNow =
  (inForce: Ways["inForce"]): WalkInput["outOfService"] =>
  (provider) =>
    outOfService(inForce().settings.roles?.get(provider) ?? defaultRole)

/** A caller can only ask for less. */
export const lower = (configured: number | undefined, asked: number | undefined): number | undefined =>
  configured === undefined ? asked : asked === undefined ? configured : Math.min(configured, asked)

/** A vendor that does not know the model gets the benefit of the doubt: perhaps it is a typing error. */
export const withNearest = (resolver: Resolver, asked: string, error: GatewayError): GatewayError => {
  const reason: GatewayReason = error.reason
  if (reason._tag !== "AllFailed" || reason.first._tag !== "ModelUnavailable") return error
  const near = resolver.nearest(asked)
  if (near.length === 0) return error
  const message = `${reason.first.message} (did you mean ${near.map((name) => `'${name}'`).join(", ")}?)`
  return gatewayError({ ...reason, first: { ...reason.first, message } }, error.attempts)
}
