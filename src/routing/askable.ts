/**
 * The last part of a decision on a chat: of the candidates, those whose provider is set up and whose context window can
 * hold the prompt.
 *
 * @module
 */
import { Array as Arr, Result } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { allFailed, type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import type { Providers } from "../provider/Registry.ts"
import type { AskableCandidate, Candidate } from "./Candidate.ts"
import type { Considered, Exclusion } from "./Considered.ts"
import { orderByWindow, type TooLong } from "./Effort.ts"
import { failureAt } from "./LocalFailures.ts"
import type { Resolution } from "./Resolve.ts"

/** Those to ask, in order, and everybody thought of in the same order; the very same list where nothing has changed. */
export interface Askable {
  readonly askable: Arr.NonEmptyReadonlyArray<AskableCandidate>
  readonly considered: ReadonlyArray<Considered>
}

/** Nobody is left; what the caller is told. */
export interface NobodyAskable {
  readonly error: GatewayError
  readonly considered: ReadonlyArray<Considered>
}

export const askableOf = (
  request: ChatRequest,
  { candidates: found, considered, isAlias }: Resolution,
  providers: Providers
): Result.Result<Askable, NobodyAskable> => {
  const built = builtOf(found, providers)
  if (!Arr.isReadonlyArrayNonEmpty(built)) {
    const why = "its provider is not set up"
    const error = gatewayError({ _tag: "NobodyAvailable", model: request.model, why })
    return Result.fail({ error, considered: among(considered, [], []) })
  }
  const ordered = orderByWindow(request, built)
  if (Result.isFailure(ordered))
    return Result.fail({ error: tooLong(built[0], ordered.failure), considered: among(considered, built, []) })
  if (ordered.success === built && built.length === found.length) return Result.succeed({ askable: built, considered })
  // who names a model wants that one if it can be: a vendor's word that it is too long costs little
  const inOrder = isAlias ? ordered.success : built.filter((candidate) => ordered.success.includes(candidate))
  const askable = Arr.isReadonlyArrayNonEmpty(inOrder) ? inOrder : ordered.success
  const isUnchanged = built.length === found.length && askable.every((one, at) => one === built[at])
  return Result.succeed({
    askable,
    considered: isUnchanged && askable.length === built.length ? considered : among(considered, built, askable)
  })
}

/** Most requests have the same candidates as one before, of the same providers. */
const lastBuilt = new WeakMap<
  ReadonlyArray<Candidate>,
  { readonly providers: Providers; readonly built: ReadonlyArray<AskableCandidate> }
>()

const builtOf = (found: ReadonlyArray<Candidate>, providers: Providers): ReadonlyArray<AskableCandidate> => {
  const known = lastBuilt.get(found)
  if (known !== undefined && known.providers === providers) return known.built
  const built = found.flatMap((candidate): ReadonlyArray<AskableCandidate> => {
    const provider = providers.get(candidate.ref.provider)
    return provider === undefined ? [] : [{ ...candidate, provider }]
  })
  lastBuilt.set(found, { providers, built })
  return built
}

/** Everybody thought of: those to ask in their order, then the others with what keeps them out. */
const among = (
  considered: ReadonlyArray<Considered>,
  built: ReadonlyArray<AskableCandidate>,
  askable: ReadonlyArray<AskableCandidate>
): ReadonlyArray<Considered> => {
  const is = ({ ref }: Considered, { ref: other }: Candidate): boolean =>
    ref.provider === other.provider && ref.model === other.model
  const first = askable.flatMap((one) => considered.find((each) => is(each, one)) ?? [])
  const others = considered.filter((each) => !first.includes(each))
  return [
    ...first,
    ...others.map((each): Considered => {
      if (each.exclusion !== undefined || each.candidate === undefined) return each
      const isBuilt = built.some((one) => is(each, one))
      const exclusion: Exclusion = isBuilt
        ? { _tag: "TooLong", windowTokens: each.candidate.facts.contextWindowTokens ?? 0 }
        : { _tag: "NotSetUp", because: "notBuilt" }
      return { ...each, exclusion }
    })
  ]
}

const tooLong = (first: AskableCandidate, { largestWindowTokens }: TooLong): GatewayError =>
  allFailed(
    failureAt(first, {
      _tag: "ContextLengthExceeded",
      message: `the prompt is longer than the largest context window that could be asked, which is ${largestWindowTokens} tokens`
    }),
    []
  )
