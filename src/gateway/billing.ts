/**
 * What answers cost, and that one was too dear.
 *
 * @module
 */
import { Clock, Effect, FiberSet, type Scope } from "effect"
import { billOf, billOfAnswer, chargeTold } from "../budget/bill.ts"
import { type Rates, ratesOf } from "../catalog/Rates.ts"
import type { Alert } from "../domain/Alert.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { type NanoUsd, sayUsd, usdOfNano } from "../domain/Money.ts"
import type { Usage } from "../domain/Usage.ts"
import type { Generation } from "./Generations.ts"

/** An answer that has ended. */
export interface BilledAnswer {
  readonly provider: string
  readonly model: string
  readonly usage: Usage | undefined
  /** What it was asked with; absent for vectors. */
  readonly request?: ChatRequest | undefined
  /** What all that was asked for the request's sake has cost, where somebody has reckoned it. */
  readonly spent?: NanoUsd | undefined
  readonly requestId: string
  /** The name of the key it was asked for with. */
  readonly caller: string
}

/** Models whose rates are at hand; beyond so many they are looked up anew. */
const mostRates = 1000

/** Bills answers; see `Gateway.bill`. */
export const makeBilling = (
  inForce: () => Pick<Generation, "resolver" | "settings">,
  tell: (alert: Alert) => Effect.Effect<void>
): Effect.Effect<(answer: BilledAnswer) => NanoUsd | undefined, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const run = yield* FiberSet.makeRuntime<never, void>()
    let of: Generation["resolver"] | undefined
    let known = new Map<string, Rates | undefined>()

    const ratesAt = (name: string): Rates | undefined => {
      const { resolver } = inForce()
      if (resolver !== of || known.size > mostRates) known = new Map()
      of = resolver
      if (known.has(name)) return known.get(name)
      const first = resolver.named(name)?.first
      const rates = first === undefined ? undefined : ratesOf(first.facts)
      known.set(name, rates)
      return rates
    }

    return ({ caller, model, provider, request, requestId, spent, usage }) => {
      if (usage === undefined) return undefined
      const name = `${provider}/${model}`
      const rates = ratesAt(name)
      if (rates === undefined) return undefined
      const cost =
        spent ??
        (request === undefined
          ? (chargeTold(rates, usage) ?? billOf(rates, usage, {}))
          : billOfAnswer(request, model, rates, usage))
      const usd = usdOfNano(cost)
      const { alerts = [] } = inForce().settings
      if (alerts.some(({ requestUsd }) => requestUsd !== undefined && usd >= requestUsd))
        run(
          tell({
            kind: "request.cost",
            at: clock.currentTimeMillisUnsafe(),
            subject: name,
            message: `A request to ${name} cost ${sayUsd(usdOfNano(cost))} (key ${caller}, request ${requestId})`,
            fields: {
              model: name,
              costUsd: usd,
              key: caller,
              requestId,
              inputTokens: usage.inputTokens,
              outputTokens: usage.outputTokens
            },
            passed: { from: 0, to: usd }
          })
        )
      return cost
    }
  })
