/**
 * Decisions and what was learned of them, as `api/DecisionWire.ts` tells them. Every field is named.
 *
 * @module
 */
import type {
  AdminClassifier,
  AdminDecision,
  AdminDecisionLine,
  ConsideredModel,
  DecisionFate,
  RouteDecision
} from "../api/DecisionWire.ts"
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import type { ClassifierReport } from "../gateway/Judgements.ts"
import type { Fate, KeptDecision } from "../gateway/KeptDecisions.ts"
import { circuitNames } from "../gateway/reports.ts"
import type { ByTask } from "../routing/Decide.ts"
import type { Decision, Outcome, Thought } from "../routing/Decision.ts"
import { at, moment, present } from "./AdminViews.ts"

/** `standIn`: the configured classifier was not asked, but another judged in its stead. */
export const decisionView = (decision: Decision & { readonly standIn?: boolean }): RouteDecision =>
  present({
    id: decision.requestId,
    at: at(decision.at),
    key: decision.caller,
    model: decision.asked,
    kind: decision.kind,
    strategy: decision.strategy,
    task: decision.byTask === undefined ? undefined : taskView(decision.byTask, decision.standIn === true),
    stays:
      decision.stays === undefined
        ? undefined
        : { model: showModelRef(decision.stays.ref), because: decision.stays.because },
    budget: decision.budget,
    inputTokens: decision.inputTokens,
    mostAttempts: decision.mostAttempts,
    hedge: decision.hedge,
    candidates: decision.considered.map(thoughtView),
    order: decision.order.map(showModelRef),
    outcome: outcomeView(decision.outcome)
  })

const taskView = (
  { classification, from, preference, task, unsure }: ByTask,
  standIn: boolean
): NonNullable<RouteDecision["task"]> => {
  const base = { task, preference, from, unsure }
  if (classification === undefined) return base
  const { asked, best, by, inherited, mayDowngrade, probability, scores, why } = classification
  return {
    ...base,
    judged: present({
      task: classification.task,
      probability,
      by,
      asked,
      best,
      scores,
      why: whys[why._tag],
      reason: why._tag === "Abstained" ? why.reason : undefined,
      inputTokens: why._tag === "Long" ? why.inputTokens : undefined,
      inherited,
      mayDowngrade,
      standIn
    })
  }
}

const whys = { Close: "close", Abstained: "abstained", Long: "long" } as const

/** One whose name alone is told. */
const nameOf = ({ exclusion, ref }: Thought): string =>
  exclusion?._tag === "NotAllowed" ? exclusion.name : showModelRef(ref)

const thoughtView = (thought: Thought): ConsideredModel => {
  const { as, cost, facts, failureDomain, heldBack, look, region, score } = thought
  return present({
    model: nameOf(thought),
    as,
    exclusion: exclusionView(thought),
    heldBack: heldBack === undefined ? undefined : { why: heldBack._tag, tier: heldBack.tier },
    score,
    cost: cost === undefined ? undefined : present(cost),
    facts: facts === undefined ? undefined : factsView(facts),
    failureDomain,
    region,
    circuit:
      look === undefined
        ? undefined
        : { provider: circuitNames[look.circuits.provider._tag], model: circuitNames[look.circuits.model._tag] },
    quarantine:
      look?.quarantine === undefined
        ? undefined
        : present({
            key: look.quarantine.key,
            reason: look.quarantine.reason._tag,
            until: moment(look.quarantine.until ?? look.quarantine.recheckAt)
          }),
    room: look?.load.room,
    inFlight: look?.load.inFlight,
    expectedMillis: look?.load.expectedMillis,
    mayHave: look !== undefined && Number.isFinite(look.load.mayHave) ? look.load.mayHave : undefined,
    crowded: look?.crowded
  })
}

const exclusionView = ({ exclusion }: Thought): ConsideredModel["exclusion"] => {
  if (exclusion === undefined) return undefined
  const { _tag: why } = exclusion
  switch (exclusion._tag) {
    case "NotAllowed":
      return { why }
    case "NotSetUp":
      return { why, because: exclusion.because }
    case "CannotDo":
    case "CannotTell":
      return { why, feature: exclusion.feature }
    case "OtherRegion":
      return { why, wanted: exclusion.wanted }
    case "OutOfService":
      return { why, state: exclusion.state, by: exclusion.by }
    case "TooLong":
      return { why, windowTokens: exclusion.windowTokens }
    case "Quarantined":
      return present({ why, reason: exclusion.reason, by: exclusion.by, until: moment(exclusion.until) })
    case "CircuitOpen":
      return present({ why, subject: exclusion.subject, by: exclusion.by, until: moment(exclusion.until) })
    case "RateLimited":
    case "NoRoom":
      return present({ why, subject: exclusion.subject, until: moment(exclusion.until) })
    case "TooDear":
      return { why, capUsd: exclusion.capUsd, worstUsd: exclusion.worstUsd }
    case "OverBudget": {
      const { leftUsd, scope, until, worstUsd } = exclusion
      return present({ why, scope, leftUsd, worstUsd, until: moment(until) })
    }
  }
}

const factsView = (facts: ModelFacts): NonNullable<ConsideredModel["facts"]> =>
  present({
    contextWindowTokens: facts.contextWindowTokens,
    maxOutputTokens: facts.maxOutputTokens,
    inputUsdPerMTok: facts.price?.inputUsdPerMTok,
    outputUsdPerMTok: facts.price?.outputUsdPerMTok,
    tier: facts.tier,
    capabilities: facts.capabilities
  })

const outcomeView = (outcome: Outcome): RouteDecision["outcome"] => {
  switch (outcome._tag) {
    case "Asks":
      return { is: "asks", first: showModelRef(outcome.first) }
    case "Cached":
      return { is: "cached", by: showModelRef(outcome.by), ageMillis: outcome.ageMillis }
    case "Waits":
      return { is: "waits", for: outcome.forRefs.map(showModelRef), atMostMillis: outcome.atMostMillis }
    case "Refused":
      return present({
        is: "refused" as const,
        status: outcome.status,
        reason: outcome.reason,
        message: outcome.message,
        retryAfterMillis: outcome.retryAfterMillis
      })
  }
}

const answeredBy = ({ model, provider }: Fate): string | undefined =>
  provider === undefined || model === undefined ? undefined : named({ provider, model })

/** The longest name from outside that is told, in characters. */
const longestName = 300
const named = (ref: ModelRef): string => showModelRef(ref).slice(0, longestName)

const fateView = (fate: Fate): DecisionFate =>
  present({
    endedAt: at(fate.endedAt),
    status: fate.status,
    outcome: fate.outcome,
    reason: fate.reason,
    answeredBy: answeredBy(fate),
    attempts: fate.attempts.map(({ millis, reason, ...ref }) => present({ model: named(ref), reason, millis })),
    inputTokens: fate.inputTokens,
    outputTokens: fate.outputTokens,
    cache: fate.cache
  })

export const keptView = ({ decision, fate }: KeptDecision): AdminDecision =>
  present({ ...decisionView(decision), became: fate === undefined ? undefined : fateView(fate) })

export const lineView = ({ decision, fate }: KeptDecision): AdminDecisionLine => {
  const { outcome } = decision
  return present({
    id: decision.requestId,
    at: at(decision.at),
    key: decision.caller,
    model: decision.asked,
    kind: decision.kind,
    task: decision.byTask?.task,
    outcome: outcomeView(outcome).is,
    first: outcome._tag === "Asks" ? showModelRef(outcome.first) : undefined,
    status: fate?.status,
    answeredBy: fate === undefined ? undefined : answeredBy(fate),
    attempts: fate?.attempts.length
  })
}

export const classifierView = (report: ClassifierReport): AdminClassifier =>
  present({
    by: report.by,
    keepsTexts: report.keepsTexts,
    classes: report.classes.map(({ feedbacks, isDrifting, task, wrong }) => ({
      task,
      feedbacks,
      wrong,
      drifting: isDrifting
    })),
    confusion: report.confusion,
    proposals: report.proposals.map(({ right, text, told }) => ({ text, told, right })),
    accuracy: report.accuracy
  })
