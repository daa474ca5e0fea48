/**
 * The progress of one walk: who is left to ask, what was tried, what is told if nobody answers.
 *
 * It lives as long as its request. Its own fiber changes it, and while a hedge runs the fibers of the two attempts,
 * which take turns on one thread.
 *
 * @module
 */
import { type Array as Arr, type Context, Duration } from "effect"
import { missingOutputLimit } from "../budget/bill.ts"
import type { Estimates, Quote } from "../budget/Estimates.ts"
import type { Hold, Lease } from "../budget/Lease.ts"
import { Quotes } from "../budget/Quotes.ts"
import { ratesOf } from "../catalog/Rates.ts"
import type { Resilience } from "../config/Settings.ts"
import type { BudgetRefusal, BudgetScope, BudgetTier } from "../domain/Budget.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { allFailed, type Attempt, type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { ProviderError } from "../domain/ProviderError.ts"
import type { Caller } from "../domain/RequestContext.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import { least, type NanoUsd, usdOfNano } from "../domain/Money.ts"
import type { Admission, Refusal } from "../health/Admission.ts"
import type { Slot } from "../health/RateLimits.ts"
import type { AskableCandidate } from "./Candidate.ts"
import type { OutOfService } from "./Considered.ts"
import { CostMeter } from "./Cost.ts"
import { exhausted } from "./Exhausted.ts"
import { type EconomyPrompt, withInstructions } from "./EconomyPrompt.ts"
import { failureAt } from "./LocalFailures.ts"
import { withOutputLimit } from "./OutputLimit.ts"
import { expectedTokens } from "./TimeLimits.ts"
import type { Watchdog } from "./Watchdog.ts"

export interface WalkInput {
  readonly request: ChatRequest
  /** In the order they are to be asked. */
  readonly candidates: Arr.NonEmptyReadonlyArray<AskableCandidate>
  /** So many of them, from the first on, are asked before any other, whatever speaks for those; absent: none is. */
  readonly beforeOthers?: number | undefined
  /** The tier because of which a cheaper one than asked for is first; absent: none is. */
  readonly downgraded?: BudgetTier | undefined
  /** What is added to the request for some of them. */
  readonly economyPrompt?: EconomyPrompt | undefined
  readonly resilience: Resilience
  readonly admission: Context.Service.Shape<typeof Admission>
  /** Does this route send a request that one vendor's content filter stopped to another? */
  readonly fallbackOnContentPolicy: boolean
  /** Is the provider out of service by now? */
  readonly outOfService: (provider: string) => OutOfService | undefined
  /** Why the first of those asked for is not among the candidates; absent where it is. */
  readonly passedOver: string | undefined
  /** Is a second candidate asked where the first is slow to begin? */
  readonly hedge: boolean
  /** The caller's own limit until the answer begins. */
  readonly timeoutMillis: number | undefined
  /** What all attempts may cost together, in US dollars. */
  readonly costCapUsd: number | undefined
  readonly caller: Caller
  readonly watchdog: Watchdog
  /** Is told when a wire turns out not to be able to say what is asked; absent: nobody is told. */
  readonly unsaid?: () => void
  readonly estimates: Estimates["Service"]
  /** Under which what is asked is reserved; absent: no budget. */
  readonly lease: Lease | undefined
  /** What of the request was quoted already; absent: nothing. */
  readonly quotes: Quotes | undefined
}

/** Whose budgets bear a call at a model, besides those of who asks: the very same list for the same candidate. */
const scopesMemo = new WeakMap<ModelRef, ReadonlyArray<BudgetScope>>()
const scopesOf = ({ budgetScopes, ref }: AskableCandidate): ReadonlyArray<BudgetScope> => {
  if (budgetScopes !== undefined) return budgetScopes
  const known = scopesMemo.get(ref)
  if (known !== undefined) return known
  const scopes: ReadonlyArray<BudgetScope> = [`provider:${ref.provider}`, `model:${showModelRef(ref)}`]
  scopesMemo.set(ref, scopes)
  return scopes
}

interface Refused {
  readonly candidate: AskableCandidate
  readonly refusal: Refusal
}

/** Could nothing be sent, because the wire cannot say what was asked? */
const isUnsent = ({ reason }: ProviderError): boolean => reason._tag === "UnsupportedFeature" && reason.unsent === true

/** Nobody can be told everything: the caller learns what each of them cannot. */
const both = (told: ProviderError, error: ProviderError): ProviderError => {
  if (told.reason._tag !== "UnsupportedFeature" || error.reason._tag !== "UnsupportedFeature") return error
  const message = `${told.reason.message}; ${error.provider}/${error.model}: ${error.reason.message}`
  const features = new Set(`${told.reason.feature}, ${error.reason.feature}`.split(", "))
  return new ProviderError({
    provider: told.provider,
    model: told.model,
    reason: { ...told.reason, message, feature: [...features].join(", ") }
  })
}

/** Those who will have room again by themselves. */
const willHaveRoom = ({ refusal: { why } }: Refused): boolean => why === "full" || why === "turn"

export class Search {
  readonly input: WalkInput
  /** A stream that broke gives the search for somebody who goes on a time of its own. */
  deadlineAt: number
  readonly attempts: Array<Attempt> = []
  /** Attempts that have begun, those under way included. */
  begun = 0
  /** Not yet asked, in order. */
  readonly remaining: Array<AskableCandidate>
  readonly failedDomains = new Set<string>()
  readonly refused: Array<Refused> = []
  readonly meter: CostMeter
  /** Must it be known what attempts may cost? */
  readonly watchesCost: boolean
  /** The least that an attempt might have cost which the cap left no room for. */
  #tooDear: NanoUsd | undefined
  /** Of those that the budgets left no room for, why not the cheapest. */
  #unpaid: BudgetRefusal | undefined
  #quotes: Quotes | undefined
  /** What is asked of a candidate in the stead of the request, to go on after what was shown. */
  #addedQuotes: Quotes | undefined
  #continuation: ((candidate: AskableCandidate, request: ChatRequest) => ChatRequest) | undefined
  /** Attempts that were sent, and are over. */
  #sent = 0
  /** Whose turn it is whatever the order. */
  #next: AskableCandidate | undefined
  /** The room that it was handed over after a wait in the queue, and whose. */
  #handed: { readonly ref: ModelRef; readonly slot: Slot } | undefined
  /** The failure the caller is told: the first, but for those that only say "not here". */
  told: ProviderError | undefined
  /** What the first choice was refused for, where it was. */
  #firstRefusal: keyof typeof refusalWords | undefined
  #tokens: number | undefined
  /** The request with what is added for some of the candidates. */
  #added: ChatRequest | undefined
  /** Those who are asked before any other. */
  readonly #first: ReadonlyArray<AskableCandidate>

  constructor(input: WalkInput, deadlineAt: number) {
    this.input = input
    this.deadlineAt = deadlineAt
    this.remaining = [...input.candidates]
    this.#first = input.beforeOthers === undefined ? [] : input.candidates.slice(0, input.beforeOthers)
    this.meter = new CostMeter(input.costCapUsd, input.resilience.abandonedStreams)
    this.watchesCost = input.lease !== undefined || this.meter.cap !== undefined
    this.#quotes = input.quotes
  }

  get exhausted(): boolean {
    return this.begun >= this.input.resilience.maxAttempts
  }

  /** What one attempt will use, estimated, in tokens. */
  readonly tokens = (): number => (this.#tokens ??= expectedTokens(this.input.request))

  /**
   * What this one is asked, but for its own name of the model: with an output limit, where what it may cost is limited
   * and nobody states one.
   */
  requestFor(candidate: AskableCandidate): ChatRequest {
    const request = this.#askedOf(candidate)
    const limit = this.#givenLimit(candidate, request)
    return limit === undefined ? request : withOutputLimit(request, limit)
  }

  #askedOf(candidate: AskableCandidate): ChatRequest {
    const { economyPrompt, request } = this.input
    const told =
      economyPrompt === undefined || !economyPrompt.isFor(candidate)
        ? request
        : (this.#added ??= withInstructions(request, economyPrompt.text))
    return this.#continuation === undefined ? told : this.#continuation(candidate, told)
  }

  /** How many of those that are left are asked before any other. */
  get #ahead(): number {
    const others = this.remaining.findIndex((one) => !this.#first.includes(one))
    return others < 0 ? this.remaining.length : others
  }

  /**
   * The next to ask: the first whose infrastructure has not failed yet and who is not near a limit, else the first
   * whose infrastructure has not failed, else the first; of those who are asked before any other, as long as one of them
   * is left.
   */
  take(now: number): AskableCandidate | undefined {
    const next = this.#next
    if (next !== undefined) {
      this.#next = undefined
      return next
    }
    const { remaining } = this
    const eligible = this.#ahead || remaining.length
    if (eligible < 2 || this.#handed !== undefined) return remaining.shift()
    const { admission } = this.input
    let elsewhere = -1
    for (let at = 0; at < eligible; at++) {
      const candidate = remaining[at]
      if (candidate === undefined || this.failedDomains.has(candidate.failureDomain)) continue
      if (elsewhere < 0) elsewhere = at
      if (!admission.crowded(candidate.ref, now)) return remaining.splice(at, 1)[0]
    }
    return remaining.splice(Math.max(elsewhere, 0), 1)[0]
  }

  /** One that was asked in a way it does not take is asked again in another, before anybody else is. */
  askNext(candidate: AskableCandidate): void {
    this.#next = candidate
  }

  /** The one to ask beside `first`, of other infrastructure if there is any. */
  takeBeside(first: AskableCandidate, now: number): AskableCandidate | undefined {
    const { remaining, input } = this
    // speed is no reason to ask those whom others are asked before
    const pool = this.#first.includes(first) ? remaining.slice(0, this.#ahead) : remaining
    const free = pool.filter(
      (one) =>
        this.isOn(one) &&
        input.admission.wouldAdmit(one.ref, one.provider.credentials, now) &&
        // what both together might cost; alone it may be asked later
        this.#fits(one, now)
    )
    const chosen = free.find(({ failureDomain }) => failureDomain !== first.failureDomain) ?? free[0]
    if (chosen !== undefined) remaining.splice(remaining.indexOf(chosen), 1)
    return chosen
  }

  /** Is its provider in service at this moment? */
  isOn({ ref }: AskableCandidate): boolean {
    return this.input.outOfService(ref.provider) === undefined
  }

  /** From now on this is what is asked: the rest of what was shown in part. */
  continueWith(continuation: (candidate: AskableCandidate, request: ChatRequest) => ChatRequest): void {
    this.#continuation = continuation
  }

  /** What an attempt at it may cost, where somebody must know. */
  costOf(candidate: AskableCandidate): Quote | undefined {
    if (!this.watchesCost) return this.#quotes?.made(candidate.ref)
    const request = this.#askedOf(candidate)
    // one that goes on is asked something else, and as seldom as streams break
    if (this.#continuation !== undefined) return new Quotes(this.input.estimates, request).of(candidate)
    if (request !== this.input.request)
      return (this.#addedQuotes ??= new Quotes(this.input.estimates, request, this.#quotes?.task)).of(candidate)
    this.#quotes ??= new Quotes(this.input.estimates, request)
    return this.#quotes.of(candidate)
  }

  /** What is held for an attempt at it. */
  holdFor(candidate: AskableCandidate, { worst }: Quote): Hold {
    return {
      scopes: scopesOf(candidate),
      worst,
      isUnpriced: candidate.facts.isUnpriced === true,
      retry: this.#sent > 0
    }
  }

  /** The output limit that it is given for want of a stated one. */
  #givenLimit(candidate: AskableCandidate, request: ChatRequest): number | undefined {
    const { facts } = candidate
    if (!this.watchesCost || request.sampling.maxTokens !== undefined || ratesOf(facts) === undefined) return undefined
    if (this.meter.cap === undefined && this.input.lease?.isHard(scopesOf(candidate)) !== true) return undefined
    return missingOutputLimit(request, facts)
  }

  #fits(candidate: AskableCandidate, now: number): boolean {
    const cost = this.costOf(candidate)
    if (!this.watchesCost || cost === undefined) return true
    return this.meter.allows(cost) && this.input.lease?.refuses(this.holdFor(candidate, cost), now) === undefined
  }

  /** Do the cap and the budgets leave room for an attempt that would be made now? Counted where budgets do not. */
  affords(candidate: AskableCandidate, now: number): boolean {
    const against = this.expense(candidate, now)
    if (against !== undefined && against !== "cap") this.input.lease?.turnedAway(against)
    return against === undefined
  }

  /** What keeps an attempt at it from being paid for; noted for the end. */
  expense(candidate: AskableCandidate, now: number): "cap" | BudgetRefusal | undefined {
    if (!this.watchesCost) return undefined
    const cost = this.costOf(candidate)
    if (cost === undefined) return undefined
    if (!this.meter.allows(cost)) {
      this.#tooDear = least(this.#tooDear ?? cost.worst, cost.worst)
      if (candidate === this.input.candidates[0]) this.#firstRefusal ??= "cap"
      return "cap"
    }
    const refusal = this.input.lease?.refuses(this.holdFor(candidate, cost), now)
    if (refusal !== undefined) this.unpaid(candidate, refusal)
    return refusal
  }

  /** Notes that the budgets had no room for an attempt at it. */
  unpaid(candidate: AskableCandidate, refusal: BudgetRefusal): void {
    if (this.#unpaid === undefined || refusal.wanted < this.#unpaid.wanted) this.#unpaid = refusal
    if (candidate === this.input.candidates[0]) this.#firstRefusal ??= "budget"
  }

  note(candidate: AskableCandidate, millis: number, error?: ProviderError): void {
    this.attempts.push({
      ...candidate.ref,
      millis,
      ...(error === undefined ? undefined : { reason: error.reason._tag })
    })
    if (error === undefined) return
    if (isUnsent(error)) {
      this.begun--
      this.input.unsaid?.()
    } else {
      this.failedDomains.add(candidate.failureDomain)
      this.#sent++
    }
    if (this.told === undefined) this.told = error
    else if (this.told.reason._tag === "UnsupportedFeature")
      this.told = isUnsent(this.told) && isUnsent(error) ? both(this.told, error) : error
  }

  /** Notes an attempt that was under way when another one answered: it stands before that one. */
  outrun(candidate: AskableCandidate, millis: number): void {
    this.attempts.splice(-1, 0, { ...candidate.ref, millis, reason: "Outrun" })
  }

  /** Notes that the attempt which seemed to answer broke after something was shown. */
  cut(error: ProviderError, now: number): void {
    const last = this.attempts.pop()
    if (last !== undefined) this.attempts.push({ ...last, reason: error.reason._tag })
    this.told ??= error
    this.deadlineAt = now + Duration.toMillis(this.input.resilience.deadline)
  }

  /** Could nobody else be asked at this moment? Then patience costs nothing. */
  isAlone(now: number): boolean {
    return !this.remaining.some(({ ref, provider }) => this.input.admission.wouldAdmit(ref, provider.credentials, now))
  }

  /** Notes that a candidate was not admitted. */
  refuse(candidate: AskableCandidate, refusal: Refusal): void {
    this.refused.push({ candidate, refusal })
    if (candidate === this.input.candidates[0]) this.#firstRefusal = refusal.why
  }

  /** Those for whom a request may wait in the queue. */
  get full(): ReadonlyArray<AskableCandidate> {
    return this.refused.filter(willHaveRoom).map(({ candidate }) => candidate)
  }

  /** How long to wait until somebody whose rate limit is short can be asked; `undefined` where that helps nobody. */
  pause(now: number): number | undefined {
    let until = Number.POSITIVE_INFINITY
    for (const { refusal } of this.refused)
      if (refusal.why === "rateLimit") until = Math.min(until, refusal.retryAt ?? now)
    const patience = Math.min(Duration.toMillis(this.input.resilience.retryAfterLimit), this.deadlineAt - now)
    return until - now <= patience ? Math.max(0, until - now) : undefined
  }

  /** It is its turn: this one has room, and is asked first. */
  hand(ref: ModelRef, slot: Slot): void {
    this.#handed = { ref, slot }
    const at = this.remaining.findIndex((one) => one.ref.provider === ref.provider && one.ref.model === ref.model)
    const [candidate] = at < 0 ? [] : this.remaining.splice(at, 1)
    if (candidate !== undefined) this.remaining.unshift(candidate)
  }

  /** The room that was handed over for this one, once. */
  takeHanded({ ref }: AskableCandidate): Slot | undefined {
    const handed = this.#handed
    if (handed === undefined || handed.ref.provider !== ref.provider || handed.ref.model !== ref.model) return undefined
    this.#handed = undefined
    return handed.slot
  }

  /** After a wait: those that had only no room or asked for a pause are to be asked again, in their order. */
  resume(): void {
    const again = this.refused.filter((one) => one.refusal.why === "rateLimit" || willHaveRoom(one))
    this.remaining.push(...this.input.candidates.filter((one) => again.some(({ candidate }) => candidate === one)))
    this.refused.length = 0
  }

  /** Why the first choice did not answer, where another one did. One that answered when asked again did answer. */
  fallback(answered: AskableCandidate): string | undefined {
    const [first] = this.input.candidates
    if (answered === first) return this.input.passedOver
    const { provider, model } = first.ref
    const tried = this.attempts.find((attempt) => attempt.provider === provider && attempt.model === model)
    if (tried?.reason !== undefined) return tried.reason
    if (this.input.passedOver !== undefined) return this.input.passedOver
    return this.#firstRefusal === undefined ? "NearItsLimit" : refusalWords[this.#firstRefusal]
  }

  served(candidate: AskableCandidate, dropped: ReadonlyArray<string> | undefined) {
    const { facts, ref } = candidate
    const outputLimit = this.#givenLimit(candidate, this.input.request)
    const { downgraded } = this.input
    return {
      ...ref,
      attempts: this.attempts,
      fallback: this.fallback(candidate),
      dropped: dropped ?? [],
      ...(outputLimit === undefined ? undefined : { outputLimit }),
      ...(facts.tier === undefined ? undefined : { modelTier: facts.tier }),
      ...(downgraded === undefined ? undefined : { downgraded }),
      // a lease knows of the calls on the way too
      ...(this.watchesCost ? { spent: () => this.input.lease?.spent() ?? this.meter.spent } : undefined)
    }
  }

  /** The end of a walk on which nobody answered. */
  conclude(now: number): GatewayError {
    const { refused, told } = this
    const limited = refused.find((one) => one.refusal.why === "rateLimit" || willHaveRoom(one))
    // where somebody is merely limited another try may well be answered, whatever became of the others
    if (told !== undefined && (limited === undefined || told.decision.callerMayRetry))
      return allFailed(told, this.attempts)
    const { cap } = this.meter
    if (this.#unpaid !== undefined && refused.length === 0) return gatewayError(exhausted(this.#unpaid), this.attempts)
    if (this.#tooDear !== undefined && cap !== undefined && refused.length === 0)
      return gatewayError({
        _tag: "CostCapReached",
        model: this.input.request.model,
        capUsd: usdOfNano(cap),
        wantedUsd: usdOfNano(this.#tooDear)
      })
    const retryAts = refused.flatMap((one) => {
      // what was known when it was refused may be past, after a wait in the queue
      const retryAt = willHaveRoom(one)
        ? this.input.admission.roomAt(one.candidate.ref, this.tokens(), now)
        : one.refusal.why === "quarantine"
          ? // when it is probed next says nothing about when it serves again
            undefined
          : one.refusal.retryAt
      return retryAt === undefined || retryAt <= now ? [] : [retryAt]
    })
    const retryAfter =
      retryAts.length === 0 ? undefined : { retryAfterMillis: Math.max(0, Math.min(...retryAts) - now) }
    const barred = refused.filter(({ refusal }) => refusal.why !== "quarantine")
    // who is limited is told so, whatever keeps the others away: it is the way that opens again
    if (limited !== undefined && (told !== undefined || !barred.some(({ refusal }) => refusal.why === "circuit"))) {
      const message = willHaveRoom(limited)
        ? "nobody who could answer has room within its limits now"
        : "its rate limit was reached before, and is not over"
      return allFailed(failureAt(limited.candidate, { _tag: "RateLimited", message, ...retryAfter }), this.attempts)
    }
    const [first] = refused
    if (first?.refusal.reason !== undefined && barred.length === 0)
      return allFailed(failureAt(first.candidate, first.refusal.reason), this.attempts)
    return gatewayError({
      _tag: "NobodyAvailable",
      model: this.input.request.model,
      why: [...new Set(refused.map(({ refusal }) => inWords(refusal)))].join("; "),
      ...retryAfter
    })
  }
}

/** Why a first choice was passed over, as headers and logs say it. */
const refusalWords: { readonly [W in Refusal["why"] | "cap" | "budget"]: string } = {
  cap: "TooDear",
  budget: "BudgetExhausted",
  circuit: "CircuitOpen",
  rateLimit: "RateLimited",
  full: "NoRoom",
  turn: "NoRoom",
  quarantine: "Quarantined",
  off: "OutOfService"
}

const inWords = ({ reason, subject, why }: Refusal): string => {
  switch (why) {
    case "circuit":
      return `the circuit of ${subject} is open`
    case "rateLimit":
      return `${subject} asked for a pause`
    case "full":
    case "turn":
      return `${subject} has no room within its limits`
    case "off":
      return `an operator has taken ${subject} out of service`
    case "quarantine":
      return `${subject} is in quarantine${reason === undefined ? "" : ` (${reason._tag})`}`
  }
}
