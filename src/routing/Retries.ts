/**
 * Asking the same provider again: one `Schedule`, steered by the failure table.
 *
 * The delay is the vendor's own where it gave one; otherwise it grows exponentially from 200 ms with jitter of a fifth
 * either way; a broken connection is tried again almost at once.
 *
 * @module
 */
import { Duration, Effect, Schedule } from "effect"
import type { Resilience } from "../config/Settings.ts"
import type { ProviderError, ReasonTag } from "../domain/ProviderError.ts"

export interface RetryContext {
  readonly resilience: Pick<Resilience, "retries" | "retryAfterLimit">
  /** No retry that would begin after this moment, in milliseconds since 1970. */
  readonly deadlineAt: number
  /** May nobody else be asked any more? */
  readonly alone: (now: number) => boolean
  /** May one more attempt be made, and may this request be sent again after this failure? */
  readonly allowed: (error: ProviderError, now: number) => boolean
}

const firstBackoff = Duration.millis(200)
const defaultRetryAfter = Duration.seconds(2)
/**
 * Added to what a vendor asks to wait: a timer may run out a millisecond before the clock says so, and the circuit keeps
 * everybody away until then.
 */
const timerSlack = Duration.millis(2)

/** Connections of a pool grow stale together: the next one may be too. */
const retriesOfStale = 3

/** How often the config lets the same provider be asked again after such a failure. */
const retriesFor = (retries: Resilience["retries"], { reason }: ProviderError): number => {
  const counts: Partial<Record<ReasonTag, number>> = retries
  const count = counts[reason._tag] ?? 0
  return reason._tag === "Network" && reason.stale === true && count > 0 ? Math.max(count, retriesOfStale) : count
}

/** What the vendor asked to wait, or what is waited for want of it. `undefined`: the schedule's own backoff. */
const prescribedDelay = (error: ProviderError): Duration.Duration | undefined => {
  const { reason } = error
  if ("retryAfterMillis" in reason && reason.retryAfterMillis !== undefined)
    return Duration.millis(reason.retryAfterMillis)
  return error.decision.retry === "afterDelay" ? defaultRetryAfter : undefined
}

/** The schedule for the attempts at one candidate. Anything but a `ProviderError` is never retried. */
export const retrySchedule = (context: RetryContext) =>
  Schedule.exponential(firstBackoff).pipe(
    Schedule.jittered,
    Schedule.setInputType<ProviderError | { readonly _tag: "Refused" }>(),
    Schedule.modifyDelay(({ input, duration }) => {
      if (input._tag !== "ProviderError") return Effect.succeed(duration)
      const delay = prescribedDelay(input)
      if (delay !== undefined) return Effect.succeed(Duration.sum(delay, timerSlack))
      const { retry } = input.decision
      return Effect.succeed(retry === "atOnce" || retry === "ifAlone" ? Duration.times(duration, 1 / 4) : duration)
    }),
    Schedule.while(({ input, attempt, duration, now }) => {
      if (input._tag !== "ProviderError") return false
      const { retry } = input.decision
      if (retry === "no" || (retry === "ifAlone" && !context.alone(now))) return false
      return (
        attempt <= retriesFor(context.resilience.retries, input) &&
        Duration.isLessThanOrEqualTo(prescribedDelay(input) ?? Duration.zero, context.resilience.retryAfterLimit) &&
        now + Duration.toMillis(duration) < context.deadlineAt &&
        // last, as it takes one of the provider's retries
        context.allowed(input, now)
      )
    })
  )
