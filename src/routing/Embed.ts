/**
 * The way of a request for vectors: the candidates whose vectors are the asked model's, and the walk through them.
 *
 * Everything but the choice of candidates is as for a chat: the failure table, quarantine, circuits, limits, retry
 * budget, deadline, cost cap. The walk knows chats; a request for vectors is shown to it as the chat that would use as
 * much (`asChat`), which is never sent.
 *
 * Vectors of different models mean different things, and a search over a mixture of them finds nonsense, silently. So a
 * candidate stays only if its model is the asked one: the same name at another provider. An alias asks for its first
 * target's model, whatever its strategy; one that says `vectors: compatible` for any of its targets. What else a
 * configuration knows to fall back to is left out.
 *
 * @module
 */
import { Array as Arr, Effect, Result } from "effect"
import { splitTarget } from "../config/notation.ts"
import type { Settings } from "../config/Settings.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { EmbeddingHandler, EmbeddingRequest, EmbeddingResponse } from "../domain/Embedding.ts"
import { type GatewayReason, gatewayError } from "../domain/GatewayError.ts"
import { showModelRef } from "../domain/Ids.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import { CurrentRequest } from "../domain/RequestContext.ts"
import type { Providers } from "../provider/Registry.ts"
import type { AskableCandidate, Candidate } from "./Candidate.ts"
import { decide, type Ways } from "./Decide.ts"
import { failureAt } from "./LocalFailures.ts"
import type { Resolution, Resolver } from "./Resolve.ts"
import { walkInput, withNearest } from "./Route.ts"
import { searching } from "./Walk.ts"
import { askForWhole } from "./Whole.ts"

/** Under these some vendors list the models of their makers. */
const makers = /^(?:models|openai|google|mistralai)\//

/** The name of a model wherever it is served, as far as it can be known to be one model. */
export const sameName = (model: string): string => model.toLowerCase().replace(makers, "")

/** How many characters stand for a token, in the walk's own reckoning. */
const charactersPerToken = 4

/** The chat that would use as much: the very same for the same request, so that what was measured of it is. */
export const asChat = (request: EmbeddingRequest): ChatRequest => {
  const known = chats.get(request)
  if (known !== undefined) return known
  const chat = chatOf(request)
  chats.set(request, chat)
  return chat
}
const chats = new WeakMap<EmbeddingRequest, ChatRequest>()

const chatOf = ({ fallbacks, inputs, model }: EmbeddingRequest): ChatRequest => ({
  model,
  delivery: "whole",
  messages: inputs.map((input) => ({
    role: "user",
    content: [
      input._tag === "Opaque"
        ? { _tag: "Opaque", dialect: input.wire.dialect, block: input.wire.body }
        : {
            _tag: "Text",
            text: input._tag === "Text" ? input.text : "x".repeat(input.tokens.length * charactersPerToken)
          }
    ]
  })),
  tools: [],
  // nothing is written
  sampling: { maxTokens: 0 },
  reasoning: { disabled: true },
  usageWanted: true,
  fallbacks
})

/** Those whose vectors may stand for those of the asked name. */
const ofOneModel = (name: string, { candidates }: Resolution, settings: Settings): ReadonlyArray<Candidate> => {
  const alias = settings.aliases.find((one) => one.name === name)
  const [first] = alias?.targets ?? []
  const model = (first === undefined ? undefined : splitTarget(first)?.model) ?? candidates[0].ref.model
  const isTarget = (one: Candidate): boolean =>
    alias?.vectors === "compatible" && alias.targets.includes(showModelRef(one.ref))
  return candidates.filter((one) => isTarget(one) || sameName(one.ref.model) === sameName(model))
}

/** A fallback that the caller names itself, and whose vectors are another model's. */
const misfit = (request: EmbeddingRequest, resolver: Resolver, settings: Settings): GatewayReason | undefined => {
  if (request.fallbacks.length === 0) return undefined
  const modelOf = (name: string): string | undefined => {
    const [first] = settings.aliases.find((one) => one.name === name)?.targets ?? []
    const model = first === undefined ? resolver.named(name)?.first.ref.model : splitTarget(first)?.model
    return model === undefined ? undefined : sameName(model)
  }
  const asked = modelOf(request.model)
  const at = request.fallbacks.findIndex((name) => {
    const model = modelOf(name)
    return asked !== undefined && model !== undefined && model !== asked
  })
  return at < 0
    ? undefined
    : {
        _tag: "BadRequest",
        param: `fallbacks.${at}`,
        message: `The vectors of '${request.fallbacks[at] ?? ""}' cannot stand for those of '${request.model}': they are another model's`
      }
}

/** Those whose provider is set up and embeds. */
const askable = (
  model: string,
  found: ReadonlyArray<Candidate>,
  providers: Providers
): Result.Result<Arr.NonEmptyReadonlyArray<AskableCandidate>, GatewayReason> => {
  const built = found.flatMap((candidate): ReadonlyArray<AskableCandidate> => {
    const provider = providers.get(candidate.ref.provider)
    return provider === undefined ? [] : [{ ...candidate, provider }]
  })
  const able = built.filter(({ provider }) => provider.embed !== undefined)
  if (Arr.isReadonlyArrayNonEmpty(able)) return Result.succeed(able)
  return Result.fail(
    built.length > 0
      ? { _tag: "ModelCannot", model, feature: "embeddings", param: "model" }
      : {
          _tag: "NobodyAvailable",
          model,
          why: found.length === 0 ? "no provider of this very model is in service" : "its provider is not set up"
        }
  )
}

const ask = (request: EmbeddingRequest, candidate: AskableCandidate): Effect.Effect<EmbeddingResponse, ProviderError> =>
  candidate.provider.embed?.({ ...request, model: candidate.ref.model }) ??
  Effect.fail(
    failureAt(candidate, {
      _tag: "UnsupportedFeature",
      feature: "embeddings",
      message: "this provider does not embed"
    })
  )

/** A handler that embeds with the providers of one generation, pinned for as long as the request runs. */
export const embed =
  (ways: Ways): EmbeddingHandler =>
  (request) =>
    Effect.withFiber((fiber) => {
      const context = fiber.getRef(CurrentRequest)
      return Effect.flatMap(ways.registry.current, (providers) => {
        const chat = asChat(request)
        return Effect.flatMap(
          Effect.mapError(decide(ways, chat), ({ error }) => error),
          (decided) => {
            const { resolution, resolver, settings } = decided
            const wrong = misfit(request, resolver, settings)
            if (wrong !== undefined) return Effect.fail(gatewayError(wrong))
            const found = askable(request.model, ofOneModel(request.model, resolution, settings), providers)
            if (Result.isFailure(found)) return Effect.fail(gatewayError(found.failure))
            // a whole answer has no beginning that could be late
            const input = walkInput(ways, chat, context, decided, found.success, false)
            const answered = searching(input, (search) =>
              Effect.map(
                askForWhole(search, (candidate) => ask(request, candidate)),
                ({ candidate, response }) => ({ served: search.served(candidate, response.dropped), response })
              )
            )
            return Effect.mapError(answered, (error) => withNearest(resolver, request.model, error))
          }
        )
      })
    })
