/**
 * The way of a request for a count of tokens: one question to the vendor whose model would read the prompt.
 *
 * Every model has its own tokenizer, so only the asked model is asked, at the first of its providers that counts and is
 * well. For an alias that is the model of its first target that is well: who it is, the answer says. Nothing is
 * repeated, and nobody falls back to another model: where there is no count, whoever asked estimates.
 *
 * A count changes nothing of what is known of a provider: it takes no room of the limits for chats, which vendors hold
 * apart from those for counts, it is no probe, and its failure says nothing of a chat's. Only what the vendor says of the
 * request itself (it is invalid) is told.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import type { Settings } from "../config/Settings.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { allFailed } from "../domain/GatewayError.ts"
import { showModelRef } from "../domain/Ids.ts"
import { CurrentRequest } from "../domain/RequestContext.ts"
import type { Counted, CountHandler } from "../domain/TokenCount.ts"
import type { Candidate } from "./Candidate.ts"
import { sameName } from "./Embed.ts"
import { cannotHold } from "./Held.ts"
import type { Resolution } from "./Resolve.ts"
import { type Decided, decide, type Ways } from "./Decide.ts"
import { lower } from "./Route.ts"

/** Longer than any vendor takes; an estimate at once is worth more than a count later. In milliseconds. */
export const countLimitMillis = 5_000

/** Those that the asked name stands for, an alias's in the order of its targets. */
const asked = (name: string, { candidates }: Resolution, settings: Settings): ReadonlyArray<Candidate> => {
  const alias = settings.aliases.find((one) => one.name === name)
  if (alias === undefined)
    return candidates.filter(({ ref }) => sameName(ref.model) === sameName(candidates[0].ref.model))
  return alias.targets.flatMap((target) => candidates.filter(({ ref }) => showModelRef(ref) === target))
}

/** A handler that has prompts counted by the providers of one generation, pinned for as long as the request runs. */
export const count =
  (ways: Ways): CountHandler =>
  (request) =>
    Effect.withFiber((fiber) => {
      const { admission, inForce, registry, watchdog } = ways
      const { timeoutMillis } = fiber.getRef(CurrentRequest)
      const clock = fiber.getRef(Clock.Clock)
      return Effect.flatMap(registry.current, (providers) => {
        const { settings } = inForce()
        // nobody counts what only its vendor knows
        const held = cannotHold(request, [])
        if (held !== undefined) return Effect.fail(held)
        const alone: ChatRequest = { ...request, fallbacks: [] }
        const counting = ({ resolution }: Decided): ReturnType<CountHandler> => {
          const startedAt = clock.currentTimeMillisUnsafe()
          const well = asked(request.model, resolution, settings).flatMap((candidate) => {
            const provider = providers.get(candidate.ref.provider)
            return provider !== undefined && admission.healthy(candidate.ref, provider.credentials, startedAt)
              ? [{ ...candidate, provider }]
              : []
          })
          const [first] = well
          const chosen = well.find(
            ({ provider, ref }) =>
              provider.count !== undefined && sameName(ref.model) === sameName(first?.ref.model ?? "")
          )
          const call = chosen?.provider.count
          if (chosen === undefined || call === undefined) return Effect.undefined
          const { ref } = chosen
          const counted = Effect.matchEffect(call({ ...alone, model: ref.model, delivery: "whole" }), {
            onSuccess: (count): Effect.Effect<Counted> => {
              const attempts = [{ ...ref, millis: clock.currentTimeMillisUnsafe() - startedAt }]
              return Effect.succeed({ count, served: { ...ref, attempts, fallback: undefined, dropped: [] } })
            },
            onFailure: (error) => {
              const { reason } = error
              if (reason._tag !== "InvalidRequest") return Effect.undefined
              const attempt = { ...ref, reason: reason._tag, millis: clock.currentTimeMillisUnsafe() - startedAt }
              return Effect.fail(allFailed(error, [attempt]))
            }
          })
          const millis = lower(countLimitMillis, timeoutMillis) ?? countLimitMillis
          return watchdog.within(counted, millis, () => Effect.undefined)
        }
        return Effect.matchEffect(decide(ways, alone, true), {
          onFailure: ({ error }) =>
            error.reason._tag === "UnknownModel" || error.reason._tag === "Forbidden"
              ? Effect.fail(error)
              : Effect.undefined,
          onSuccess: counting
        })
      })
    })
