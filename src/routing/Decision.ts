/**
 * A decision as it is told: who was thought of for a request and how each stood, what kept whom out, and the order in
 * which the walk would ask at that moment.
 *
 * `capture` looks at what changes from moment to moment, once, without taking anything: it plays the walk's own `Search`
 * to its end with nobody answering, so what is told and what is done cannot differ. `decisionOf` puts the words to it,
 * when somebody reads.
 *
 * Gotchas
 * - The order is that of a walk on which nobody's infrastructure fails: a failure makes those who share it later.
 * - Who has no room now may be waited for; `outcome` says so where nobody else is left.
 * - A captured decision holds no word of the request, so the worst cost is told only where the request is at hand. Whether
 *   a wire can say all of it is read where an explanation is asked for, and where one turned out not to (`readAgain`).
 *
 * @module
 */
import { Duration } from "effect"
import { type Estimates, weigh, type Weight } from "../budget/Estimates.ts"
import type { Quotes } from "../budget/Quotes.ts"
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import type { Strategy } from "../config/Settings.ts"
import type { BudgetRefusal, BudgetTier } from "../domain/Budget.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { GatewayError } from "../domain/GatewayError.ts"
import type { ModelRef } from "../domain/Ids.ts"
import { usdOfNano, zero } from "../domain/Money.ts"
import type { RequestContext } from "../domain/RequestContext.ts"
import type { Look, Refusal } from "../health/Admission.ts"
import type { AskableCandidate, Candidate } from "./Candidate.ts"
import type { Considered, Exclusion, HeldBack, Hindrance, ThoughtOfAs } from "./Considered.ts"
import { isToolTurn } from "./Conversations.ts"
import type { ByTask, DecidedChat, Undecided } from "./Decide.ts"
import { failureAt } from "./LocalFailures.ts"
import type { NameKind } from "./Names.ts"
import type { Tiering } from "./InTurn.ts"
import type { Resolution } from "./Resolve.ts"
import { Search, type WalkInput } from "./Search.ts"
import { lowTier } from "./Tiers.ts"

/** A decision at the moment it was made. */
export type Made = {
  readonly request: ChatRequest
  readonly context: RequestContext
  /** Milliseconds since 1970. */
  readonly now: number
  /** Is it read what each can be told? That takes as long as writing the request for each wire. */
  readonly reads?: boolean
  readonly estimates: Estimates["Service"]
} & (
  | { readonly decided: DecidedChat; readonly input: WalkInput; readonly undecided?: never }
  | { readonly undecided: Undecided; readonly decided?: never }
)

/** One that was thought of, and how it stands. */
export interface Thought {
  readonly ref: ModelRef
  readonly as: ThoughtOfAs
  /** Absent where its provider is not there, or not the caller's business. */
  readonly facts: ModelFacts | undefined
  readonly failureDomain: string | undefined
  readonly region: string | undefined
  /** Why it is not asked; absent: it stands in the order. */
  readonly exclusion: Exclusion | Hindrance | undefined
  /** It stands in the order, but behind all for whom there is no such reason. */
  readonly heldBack: HeldBack | undefined
  readonly score: Considered["score"]
  /** In US dollars; what is not known is absent. */
  readonly cost: { readonly expectedUsd: number; readonly worstUsd: number | undefined } | undefined
  /** Absent for those that are no candidates. */
  readonly look: Look | undefined
}

/** How good a model the caller's budgets paid for, and what that did. `exempt`: the model was asked for by its name. */
export interface BudgetSay {
  readonly tier: BudgetTier
  readonly effect: Tiering["effect"] | "exempt"
}

/** What happens at this moment. */
export type Outcome =
  | { readonly _tag: "Asks"; readonly first: ModelRef }
  /** Nobody: the cache has the answer of this one, so many milliseconds old. */
  | { readonly _tag: "Cached"; readonly by: ModelRef; readonly ageMillis: number }
  /** For room, or for the end of a short pause; at most so long, in milliseconds. */
  | { readonly _tag: "Waits"; readonly forRefs: ReadonlyArray<ModelRef>; readonly atMostMillis: number }
  | {
      readonly _tag: "Refused"
      /** As the caller would be told. */
      readonly status: number
      readonly reason: string
      readonly message: string
      readonly retryAfterMillis: number | undefined
    }

/** What is said of a decision in the same words while it is captured and when it is read. */
interface Settled {
  readonly requestId: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** The name of the caller's key. */
  readonly caller: string
  /** The name that was asked for. */
  readonly asked: string
  readonly kind: NameKind
  /** Absent where it did not come to an order. */
  readonly strategy: Strategy | undefined
  readonly byTask: ByTask | undefined
  /** Who is first whatever the order, and why. */
  readonly stays: { readonly ref: ModelRef; readonly because: "conversation" | "toolTurn" } | undefined
  /** Absent where no budget has a say. */
  readonly budget: BudgetSay | undefined
  readonly mostAttempts: number
  /** May a second one be asked beside the first, where that is slow to begin? */
  readonly hedge: boolean
}

export interface Decision extends Settled {
  /** The rough estimate of the prompt, in tokens. */
  readonly inputTokens: number | undefined
  readonly considered: ReadonlyArray<Thought>
  readonly order: ReadonlyArray<ModelRef>
  readonly outcome: Outcome
}

/** How one candidate stood when it was its turn. */
interface Seen {
  readonly ref: ModelRef
  readonly look: Look
  readonly hindrance: Hindrance | undefined
}

/** The prompt's tokens are absent where to weigh it would mean to write it out: where it has tools or a schema. */
type LightWeight = Omit<Weight, "inputTokens"> & { readonly inputTokens: number | undefined }

const lightWeight = (request: ChatRequest): LightWeight => {
  const { responseFormat, sampling, tools } = request
  return tools.length === 0 && responseFormat?._tag !== "JsonSchema"
    ? weigh(request)
    : { inputTokens: undefined, outputLimit: sampling.maxTokens, answers: Math.max(1, sampling.n ?? 1) }
}

/** A decision with all that changes from moment to moment; it refers to nothing of the request. */
export interface Captured extends Settled {
  readonly weight: LightWeight
  /** By which what it weighs is priced when somebody reads. */
  readonly estimates?: Pick<Estimates["Service"], "expected">
  readonly considered: ReadonlyArray<Considered>
  /** In the order in which it would be their turn. */
  readonly seen: ReadonlyArray<Seen>
  readonly outcome: Outcome
}

/** The longest name of a caller's that is kept, in characters. */
const longestName = 300

/** Takes down a decision. Synchronous, and changes nothing. */
export const capture = (made: Made): Captured => {
  const { context, now, request } = made
  const { resolver, settings } = made.decided ?? made.undecided
  const base = {
    requestId: context.requestId,
    at: now,
    caller: context.caller.name,
    asked: request.model.slice(0, longestName),
    kind: resolver.kindOf(request.model),
    byTask: (made.decided ?? made.undecided).byTask,
    weight: made.decided?.quotes?.weight ?? (made.reads === true ? weigh(request) : lightWeight(request)),
    estimates: made.estimates,
    mostAttempts: settings.resilience.maxAttempts
  }
  if (made.undecided !== undefined) {
    const { considered, error, tier } = made.undecided
    return {
      ...base,
      strategy: undefined,
      stays: undefined,
      budget: tier === undefined ? undefined : { tier, effect: "unchanged" },
      hedge: false,
      considered,
      seen: [],
      outcome: refused(error)
    }
  }
  const { resolution, stays, tier } = made.decided
  const { outcome, seen } = played(made.input, now, made.reads === true ? context.strict === true : undefined)
  return {
    ...base,
    strategy: resolution.strategy,
    stays: stays === undefined ? undefined : { ref: stays, because: isToolTurn(request) ? "toolTurn" : "conversation" },
    budget: budgetSay(tier, resolution),
    hedge: resolution.hedge,
    considered: resolution.considered,
    seen,
    outcome
  }
}

/** What the cache answered: nobody was thought of. */
export const captureCached = (given: {
  readonly request: ChatRequest
  readonly context: RequestContext
  readonly served: ModelRef
  readonly ageMillis: number
  readonly now: number
  readonly kind: NameKind
  readonly mostAttempts: number
}): Captured => {
  const { ageMillis, context, kind, mostAttempts, now, request, served } = given
  const { maxTokens, n = 1 } = request.sampling
  return {
    requestId: context.requestId,
    at: now,
    caller: context.caller.name,
    asked: request.model.slice(0, longestName),
    kind,
    strategy: undefined,
    byTask: undefined,
    stays: undefined,
    budget: undefined,
    weight: { inputTokens: undefined, outputLimit: maxTokens, answers: n },
    mostAttempts,
    hedge: false,
    considered: [],
    seen: [],
    outcome: { _tag: "Cached", by: { provider: served.provider, model: served.model }, ageMillis }
  }
}

/**
 * The same decision with what the wires cannot say, once one of them could not. All else stays as it was at its moment.
 * Takes as long as writing the request for each wire.
 */
export const readAgain = (captured: Captured, made: Made): Captured => {
  const { at, seen } = captured
  // once is enough: it reads for all of them
  if (made.decided === undefined || seen.some(({ hindrance }) => hindrance?._tag === "CannotTell")) return captured
  const { context, input } = made
  const outOfService: WalkInput["outOfService"] = (provider) =>
    seen.flatMap(({ hindrance, ref }) =>
      ref.provider === provider && hindrance?._tag === "OutOfService" ? [hindrance] : []
    )[0]
  const then: WalkInput = { ...input, outOfService }
  return { ...captured, ...played(then, at, context.strict === true, seen) }
}

const budgetSay = (tier: BudgetTier | undefined, { tiering }: Resolution): BudgetSay | undefined =>
  tier === undefined
    ? undefined
    : { tier, effect: tiering?.effect ?? (lowTier(tier) === undefined ? "unchanged" : "exempt") }

/** The longest message that is kept, in characters; names of a caller's may stand in it. */
const longestMessage = 1000

export const refused = (error: GatewayError): Outcome => ({
  _tag: "Refused",
  status: error.status,
  reason: reasonOf(error),
  message: error.message.slice(0, longestMessage),
  retryAfterMillis: error.retryAfterMillis
})

/** A vendor's reason says more than that all have failed. */
const reasonOf = ({ reason }: GatewayError): string => (reason._tag === "AllFailed" ? reason.first._tag : reason._tag)

/**
 * The walk as it would go if nobody answered, up to where it would wait or end. `isStrict` only where it is read;
 * `before`: in the order and as they stood when it was played before.
 */
const played = (
  input: WalkInput,
  now: number,
  isStrict: boolean | undefined,
  before?: ReadonlyArray<Seen>
): Pick<Captured, "seen" | "outcome"> => {
  const { admission, resilience } = input
  const search = new Search(input, now + Duration.toMillis(resilience.deadline))
  const seen: Array<Seen> = []
  let first: ModelRef | undefined
  const next = (): AskableCandidate | undefined => {
    if (before === undefined) return search.take(now)
    const one = before[seen.length]
    return one === undefined ? undefined : input.candidates.find(({ ref }) => isOf(one, ref))
  }
  for (let candidate = next(); candidate !== undefined; candidate = next()) {
    const { provider, ref } = candidate
    const look = before?.[seen.length]?.look ?? admission.look(ref, provider.credentials, search.tokens(), now)
    const hindrance = hindranceOf(search, candidate, look, now) ?? unsaid(search, candidate, isStrict)
    if (hindrance === undefined) first ??= ref
    seen.push({ ref, look, hindrance })
  }
  return { seen, outcome: first === undefined ? withoutAnybody(search, now) : { _tag: "Asks", first } }
}

/** As the walk looks at whose turn it is, in its order; the search is told of refusals as the walk tells it. */
const hindranceOf = (search: Search, candidate: AskableCandidate, look: Look, now: number): Hindrance | undefined => {
  const { refusal } = look
  const out = search.input.outOfService(candidate.ref.provider)
  if (out !== undefined) {
    search.refuse(candidate, { subject: candidate.ref.provider, retryAt: undefined, why: "off", reason: undefined })
    return out
  }
  const expense = search.expense(candidate, now)
  if (expense !== undefined) return inDollars(search, candidate, expense)
  if (refusal === undefined) return undefined
  search.refuse(candidate, refusal)
  return inTerms(refusal, look)
}

const inDollars = (search: Search, candidate: AskableCandidate, expense: "cap" | BudgetRefusal): Hindrance => {
  const worstUsd = usdOfNano(search.costOf(candidate)?.worst ?? zero)
  if (expense === "cap") return { _tag: "TooDear", capUsd: usdOfNano(search.meter.cap ?? zero), worstUsd }
  const { left, resetAt, scope } = expense
  return { _tag: "OverBudget", scope, leftUsd: usdOfNano(left), worstUsd, until: resetAt }
}

/** What the wire of a candidate cannot say; the search is told of it as of the call that fails for it, unsent. */
const unsaid = (search: Search, candidate: AskableCandidate, isStrict: boolean | undefined): Hindrance | undefined => {
  if (isStrict === undefined) return undefined
  const { provider, ref } = candidate
  const reason = provider.unsayable?.({ ...search.requestFor(candidate), model: ref.model }, isStrict)
  if (reason === undefined) return undefined
  search.begun++
  search.note(candidate, 0, failureAt(candidate, reason))
  return { _tag: "CannotTell", feature: reason.feature }
}

const inTerms = ({ reason, retryAt: until, subject, why }: Refusal, look: Look): Hindrance => {
  switch (why) {
    case "quarantine":
      return { _tag: "Quarantined", reason: reason?._tag, by: look.quarantine?.source ?? "observed", until }
    case "circuit": {
      const { model, provider } = look.circuits
      const { _tag } = subject.includes("/") ? model : provider
      return { _tag: "CircuitOpen", subject, by: _tag === "ForcedOpen" ? "operator" : "observed", until }
    }
    case "rateLimit":
      return { _tag: "RateLimited", subject, until }
    case "full":
    case "turn":
      return { _tag: "NoRoom", subject, until }
    case "off":
      return { _tag: "OutOfService", state: "disabled", by: "operator" }
  }
}

const withoutAnybody = (search: Search, now: number): Outcome => {
  const { queue } = search.input.resilience
  const pause = search.pause(now)
  const full = queue.capacity > 0 ? search.full : []
  if (full.length > 0) {
    const patience = Math.min(Duration.toMillis(queue.patience), search.deadlineAt - now)
    return { _tag: "Waits", forRefs: full.map(({ ref }) => ref), atMostMillis: Math.min(patience, pause ?? patience) }
  }
  if (pause === undefined) return refused(search.conclude(now))
  const paused = search.refused.filter(({ refusal }) => refusal.why === "rateLimit")
  return { _tag: "Waits", forRefs: paused.map(({ candidate }) => candidate.ref), atMostMillis: pause }
}

/** A captured decision in full; with quotes of the request, also what must be read for. */
export const decisionOf = (captured: Captured, quotes?: Quotes): Decision => {
  const { considered, estimates, seen, weight, ...rest } = captured
  const task = captured.byTask?.task
  const costOf = ({ facts, ref }: Candidate): Thought["cost"] => {
    if (quotes !== undefined) {
      const { expected, rates, worst } = quotes.of({ facts, ref })
      return rates === undefined ? undefined : { expectedUsd: usdOfNano(expected), worstUsd: usdOfNano(worst) }
    }
    const { inputTokens } = weight
    const expected =
      inputTokens === undefined ? undefined : estimates?.expected({ ...weight, inputTokens }, ref, facts, task)
    return expected === undefined ? undefined : { expectedUsd: usdOfNano(expected), worstUsd: undefined }
  }
  const thoughts = considered.map((one): Thought => {
    const { as, candidate, exclusion, heldBack, ref, score } = one
    const found = exclusion === undefined ? seen.find((each) => isOf(each, ref)) : undefined
    const cost = candidate === undefined ? undefined : costOf(candidate)
    return {
      ref,
      as,
      facts: candidate?.facts,
      failureDomain: candidate?.failureDomain,
      region: candidate?.region,
      exclusion: exclusion ?? found?.hindrance,
      heldBack,
      score,
      cost: cost === undefined ? undefined : { expectedUsd: cost.expectedUsd, worstUsd: cost.worstUsd },
      look: found?.look
    }
  })
  const inTurn = seen.filter(({ hindrance }) => hindrance === undefined).map(({ ref }) => ref)
  return { ...rest, inputTokens: weight.inputTokens, considered: thoughts, order: inTurn }
}

const isOf = (one: Seen, ref: ModelRef): boolean => one.ref.provider === ref.provider && one.ref.model === ref.model
