/**
 * The budget stage: opens a request's lease, in its Scope, and tells the stages within how good a model it still pays
 * for. What each attempt may cost is reserved and settled under the lease by whoever makes it.
 *
 * A call of the gateway's own in the course of a request (a classifier's, an embedder's) is under that request's lease;
 * one that nobody's request has caused is under a lease of its own, which only the global budget bears.
 *
 * Gotchas
 * - Where nothing is limited the stage is not there: it costs one comparison a request.
 *
 * @module
 */
import { Clock, Duration, Effect, Exit, Result, Scope } from "effect"
import { type Budgets, type LeaseRequest } from "../budget/Budgets.ts"
import type { Estimates, Quote } from "../budget/Estimates.ts"
import { Quotes } from "../budget/Quotes.ts"
import { CurrentSpending } from "../budget/Spending.ts"
import type { Resilience } from "../config/Settings.ts"
import type { Answer, Stage } from "../domain/Answer.ts"
import type { BudgetScope, Priority } from "../domain/Budget.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { EmbeddingHandler } from "../domain/Embedding.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { type NanoUsd, zero } from "../domain/Money.ts"
import { type Caller, CurrentRequest, type RequestContext } from "../domain/RequestContext.ts"
import { type Decision, refused } from "../routing/Decision.ts"
import { asChat } from "../routing/Embed.ts"
import { exhausted } from "../routing/Exhausted.ts"
import type { Keep } from "../routing/Route.ts"
import type { Generation } from "./Generations.ts"

/** What the stage needs. */
export interface Budgeting {
  readonly budgets: Budgets["Service"]
  readonly estimates: Estimates["Service"]
  readonly inForce: () => Pick<Generation, "resolver" | "settings">
  /** Is told of a request that was refused before anybody was thought of. */
  readonly keep?: Keep
}

/** Whose budgets bear what a caller spends, besides the global one; once a key, whose callers are the same object. */
export const scopesOf = (caller: Caller): ReadonlyArray<BudgetScope> => {
  const known = scopesMemo.get(caller)
  if (known !== undefined) return known
  const { name, tags = [], tenant } = caller
  const scopes: ReadonlyArray<BudgetScope> = [
    `key:${name}`,
    ...(tenant === undefined ? [] : ([`tenant:${tenant}`] as const)),
    ...tags.map((tag) => `tag:${tag}` as const)
  ]
  scopesMemo.set(caller, scopes)
  return scopes
}
const scopesMemo = new WeakMap<Caller, ReadonlyArray<BudgetScope>>()

/** No request lives longer: its search, and a stream that is resumed once at its end. */
const lifeMillis = (resilience: Resilience): number => {
  const known = lifeMemo.get(resilience)
  if (known !== undefined) return known
  const { deadline, limits } = resilience
  const millis = 2 * (Duration.toMillis(deadline) + Duration.toMillis(limits.stream))
  lifeMemo.set(resilience, millis)
  return millis
}
const lifeMemo = new WeakMap<Resilience, number>()

/** What a lease is asked for with, by the first of those that the request's model stands for. */
export const leaseRequest = (
  { inForce }: Pick<Budgeting, "inForce">,
  quotes: Quotes,
  { caller, requestId }: RequestContext
): LeaseRequest => {
  const { resolver, settings } = inForce()
  const first = resolver.named(quotes.request.model)?.first
  const quote = first === undefined ? free : quotes.of(first)
  return new Quoted(requestId, caller, quote, lifeMillis(settings.resilience))
}

/** A class, as a getter that is written out in an object is made anew with it, and in the old generation. */
class Quoted implements LeaseRequest {
  readonly id: string
  readonly scopes: ReadonlyArray<BudgetScope>
  readonly priority: Priority
  readonly millis: number
  readonly #quote: Pick<Quote, "expected" | "worst">

  constructor(id: string, caller: Caller, quote: Pick<Quote, "expected" | "worst">, millis: number) {
    this.id = id
    this.scopes = scopesOf(caller)
    this.priority = caller.priority
    this.millis = millis
    this.#quote = quote
  }

  get expected(): NanoUsd {
    return this.#quote.expected
  }
  get atMost(): NanoUsd {
    return this.#quote.worst
  }
}
const free: Pick<Quote, "expected" | "worst"> = { expected: zero, worst: zero }

/**
 * Answers within a lease; `request` is what is asked for, as a chat. The lease ends with the answer, or with the Scope
 * where the answer `goesOn`: most do not, and one more finalizer makes closing a Scope much dearer.
 */
const within = <A>(
  budgeting: Budgeting,
  request: () => ChatRequest,
  answer: Effect.Effect<A, GatewayError, Scope.Scope>,
  goesOn: (answer: A) => boolean
): Effect.Effect<A, GatewayError, Scope.Scope> =>
  Effect.withFiber((fiber): Effect.Effect<A, GatewayError, Scope.Scope> => {
    if (fiber.getRef(CurrentSpending) !== undefined) return answer
    const context = fiber.getRef(CurrentRequest)
    const clock = fiber.getRef(Clock.Clock)
    let close: (() => void) | undefined
    // opened where its end is already seen to: a fiber may give way, and be interrupted, between any two steps
    const told = Effect.suspend(() => {
      const quotes = new Quotes(budgeting.estimates, request())
      const opened = budgeting.budgets.open(leaseRequest(budgeting, quotes, context))
      if (Result.isFailure(opened)) {
        const error = gatewayError(exhausted(opened.failure))
        const { resolver, settings } = budgeting.inForce()
        budgeting.keep?.made({
          request: quotes.request,
          context,
          undecided: { error, byTask: undefined, considered: [], resolver, settings, tier: "none" },
          now: clock.currentTimeMillisUnsafe(),
          estimates: budgeting.estimates
        })
        return Effect.fail(error)
      }
      close = opened.success.close
      const { lease } = opened.success
      return Effect.provideService(answer, CurrentSpending, { lease, quotes })
    })
    return Effect.onExit(told, (exit) => {
      if (close === undefined) return Effect.void
      if (Exit.isSuccess(exit) && goesOn(exit.value)) {
        const closing = Effect.sync(close)
        return Effect.flatMap(Effect.scope, (scope) => Scope.addFinalizer(scope, closing))
      }
      close()
      return Effect.void
    })
  })

const isLive = (answer: Answer): boolean => answer._tag === "Live"

/** The stage for chats. */
export const budgeted =
  (budgeting: Budgeting): Stage =>
  (next) =>
  (request) =>
    budgeting.budgets.some() ? within(budgeting, () => request, next(request), isLive) : next(request)

/** The same for requests for vectors. */
export const budgetedEmbed =
  (budgeting: Budgeting, next: EmbeddingHandler): EmbeddingHandler =>
  (request) =>
    budgeting.budgets.some()
      ? within(
          budgeting,
          () => asChat(request),
          next(request),
          () => false
        )
      : next(request)

/** The same for explanations: what would happen under a lease, without one. */
export const lookedAt =
  (budgeting: Budgeting, explained: (request: ChatRequest) => Effect.Effect<Decision>) =>
  (request: ChatRequest): Effect.Effect<Decision> =>
    !budgeting.budgets.some()
      ? explained(request)
      : Effect.withFiber((fiber) => {
          const context = fiber.getRef(CurrentRequest)
          const now = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
          const quotes = new Quotes(budgeting.estimates, request)
          const { lease, refusal } = budgeting.budgets.look(leaseRequest(budgeting, quotes, context), now)
          return explained(request).pipe(
            Effect.provideService(CurrentSpending, { lease, quotes }),
            Effect.map((decision) =>
              refusal === undefined
                ? decision
                : { ...decision, order: [], outcome: refused(gatewayError(exhausted(refusal))) }
            )
          )
        })
