/**
 * The retry budget of every provider: whoever repeats an attempt asks here first.
 *
 * @module
 */
import { Context, Effect, HashMap, Layer, Option, type Stream } from "effect"
import * as Actor from "../actor/Actor.ts"
import type { Resilience } from "../config/Settings.ts"
import {
  initialRetryBudget,
  isIdleRetryBudget,
  type RetryBudgetCommand,
  type RetryBudgetEvent,
  retryBudgetEvents,
  type RetryBudgetReply,
  type RetryBudgetState,
  retriesLeft,
  retryBudgetStep
} from "../machine/RetryBudget.ts"

export class RetryBudgets extends Context.Service<
  RetryBudgets,
  {
    /** A first attempt is made at this provider. Synchronous; `now` is in milliseconds since 1970. */
    readonly called: (provider: string, now: number) => void
    /** May an attempt at this provider be repeated? Spends one retry when it says yes. Synchronous. */
    readonly mayRetry: (provider: string, now: number) => boolean
    /** How many retries the provider has left; only a look. */
    readonly left: (provider: string, now: number) => number
    /** Replaces the policy; what was counted stays. */
    readonly configure: (settings: RetryBudgetSettings) => void
    /** By provider: the first refusal since a retry was last granted, and the next grant after it. */
    readonly events: Stream.Stream<Actor.KeyedEvent<RetryBudgetEvent>>
  }
>()("switchyard/health/RetryBudgets") {
  static readonly layer = (settings: RetryBudgetSettings): Layer.Layer<RetryBudgets> =>
    Layer.effect(RetryBudgets, make(settings))
}

/** The part of the settings a retry budget needs. */
export type RetryBudgetSettings = Pick<Resilience, "retryBudget">

/** At most this many providers are counted at a time. */
const capacity = 4096

const calledCommand: RetryBudgetCommand = { _tag: "Called" }
const retryCommand: RetryBudgetCommand = { _tag: "Retry" }

const make = Effect.fnUntraced(function* (settings: RetryBudgetSettings) {
  let policy = settings.retryBudget
  let step = retryBudgetStep(policy)
  const machine: Actor.Machine<RetryBudgetState, RetryBudgetCommand, RetryBudgetReply, RetryBudgetEvent> = {
    initial: initialRetryBudget,
    step: (state, command, now) => step(state, command, now),
    events: retryBudgetEvents
  }
  const actor = yield* Actor.make(Actor.keyed(machine, { capacity, isIdle: isIdleRetryBudget }))
  return RetryBudgets.of({
    called: (provider, now) => {
      actor.askUnsafe({ key: provider, command: calledCommand }, now)
    },
    mayRetry: (provider, now) => actor.askUnsafe({ key: provider, command: retryCommand }, now) === "granted",
    left: (provider, now) =>
      retriesLeft(
        policy,
        Option.getOrElse(HashMap.get(actor.stateUnsafe(), provider), () => initialRetryBudget),
        now
      ),
    configure: (changed) => {
      policy = changed.retryBudget
      step = retryBudgetStep(policy)
    },
    events: actor.events
  })
})
