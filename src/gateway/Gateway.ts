/**
 * The gateway as a service: what the HTTP edge, the CLI and Effect programs ask.
 *
 * @module
 */
import { Clock, Context, Effect, Layer, Option } from "effect"
import { Budgets } from "../budget/Budgets.ts"
import type { AnswerStoreStanding } from "../cache/StoreContract.ts"
import { Estimates } from "../budget/Estimates.ts"
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import type { Settings } from "../config/Settings.ts"
import type { Handler } from "../domain/Answer.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { EmbeddingHandler } from "../domain/Embedding.ts"
import type { NanoUsd } from "../domain/Money.ts"
import type { CountHandler } from "../domain/TokenCount.ts"
import { Admission } from "../health/Admission.ts"
import { Registry } from "../provider/Registry.ts"
import { count } from "../routing/Count.ts"
import { abstained } from "../classifier/Classification.ts"
import { Classifier } from "../classifier/Classifier.ts"
import { Conversations } from "../routing/Conversations.ts"
import type { Ways } from "../routing/Decide.ts"
import { capture, type Decision, readAgain } from "../routing/Decision.ts"
import { embed } from "../routing/Embed.ts"
import { explain } from "../routing/Explain.ts"
import type { ListedName } from "../routing/Names.ts"
import { type Keep, route } from "../routing/Route.ts"
import { Rotations } from "../routing/Rotations.ts"
import { makeUnknownModels } from "../routing/UnknownModels.ts"
import * as Watchdog from "../routing/Watchdog.ts"
import { makeAnswerCache } from "./answerCache.ts"
import { budgeted, budgetedEmbed, type Budgeting, lookedAt } from "./budgeting.ts"
import { type BilledAnswer, makeBilling } from "./billing.ts"
import { type Judging, makeClassifier } from "./classifying.ts"
import { Generations } from "./Generations.ts"
import { type Judgements, makeJudgements } from "./Judgements.ts"
import { type KeptDecisions, makeKeptDecisions } from "./KeptDecisions.ts"
import { News } from "./News.ts"
import { pipeline } from "./Pipeline.ts"

/** One name a caller may ask for. */
export interface ModelListing {
  /** An alias, or `provider/model`. */
  readonly id: string
  /** The provider's id; `switchyard` for an alias. */
  readonly ownedBy: string
  /** For an alias: its targets in order. */
  readonly targets: ReadonlyArray<string> | undefined
  /** Facts of the model, or of an alias's first target. */
  readonly facts: ModelFacts
}

/** May a provider, or one of its models, be asked now? */
export interface Availability {
  readonly provider: string
  readonly available: boolean
  /** Calls under way. */
  readonly inFlight: number
  /** Circuits of its own and of its models that are open. */
  readonly openCircuits: number
  /** What of it is in quarantine: itself, credentials, models. */
  readonly quarantined: number
}

/** A decision that was only explained. */
export interface Explanation extends Decision {
  /** The settings' classifier asks a model; in its stead the built-in one has judged. */
  readonly standIn: boolean
}

export class Gateway extends Context.Service<
  Gateway,
  {
    /** Answers one request: the stages in order. Reads `CurrentRequest` for who asks. */
    readonly handle: Handler
    /** Answers one request for vectors, never with those of another model. Reads `CurrentRequest` for who asks. */
    readonly embed: EmbeddingHandler
    /** Has a prompt counted by the asked model's own vendor, where that is possible. Reads `CurrentRequest` for who asks. */
    readonly count: CountHandler
    /**
     * What a request cost: all that was settled for it, where that was reckoned (under a budget or a cap), else its answer
     * by its vendor's usage and prices; `undefined` where nobody knows the price. To be asked once an
     * answer: one that was too dear is told to operators.
     */
    readonly bill: (answer: BilledAnswer) => NanoUsd | undefined
    /** The settings in force at this moment. */
    readonly settings: () => Settings
    /** Every name that can be asked for, aliases first. */
    readonly models: Effect.Effect<ReadonlyArray<ModelListing>>
    /** What a name stands for that a request may ask for, listed or not; `undefined` where nobody serves it. */
    readonly model: (name: string) => Effect.Effect<ModelListing | undefined>
    readonly availability: Effect.Effect<ReadonlyArray<Availability>>
    /** What would be done with a request now: nobody is called, nothing changes. Reads `CurrentRequest` for who asks. */
    readonly explain: (request: ChatRequest) => Effect.Effect<Explanation>
    /** The last decisions. */
    readonly decisions: KeptDecisions
    /** What callers say of the tasks that were told, and what could be learned from it. */
    readonly judgements: Judgements
    /** How much is cached; `undefined` where nothing is to be. */
    readonly cached: () => AnswerStoreStanding | undefined
  }
>()("switchyard/gateway/Gateway") {
  /**
   * The gateway over the generations, providers and health it finds. A `Classifier` in the context judges instead of the
   * one that the settings ask for, and an `AnswerStore` keeps what is cached instead of one in memory.
   */
  static readonly layer: Layer.Layer<Gateway, never, Generations | Registry | Admission | News | Budgets | Estimates> =
    Layer.effect(
      Gateway,
      Effect.suspend(() => make)
    ).pipe(Layer.provide([Rotations.layer, Conversations.layer]))
}

const unjudged = Classifier.of({ classify: () => Effect.succeed(abstained("failed", false)) })

/** A decision that cannot be kept must not fail the request it is about. */
const unfailing = (keeps: () => void): void => {
  try {
    keeps()
  } catch {
    // nothing is kept of it
  }
}

const make = Effect.gen(function* () {
  const registry = yield* Registry
  const admission = yield* Admission
  const generations = yield* Generations
  const rotations = yield* Rotations
  const conversations = yield* Conversations
  const estimates = yield* Estimates
  const budgeting: Budgeting = { budgets: yield* Budgets, estimates, inForce: generations.current }
  const unknown = makeUnknownModels()
  const watchdog = yield* Watchdog.make
  const listing = ({ id, ownedBy, targets, first }: ListedName): ModelListing => {
    return { id, ownedBy, targets, facts: first.facts }
  }
  const availability = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const providers = yield* registry.current
    const { settings, specs } = generations.current()
    return settings.providers.map(({ id }): Availability => {
      const role = settings.roles?.get(id)
      const isOn = specs.some((spec) => spec.id === id) && (role === undefined || role.state === "on")
      const { available, ...counts } = admission.standing(id, providers.get(id)?.credentials ?? [], now)
      return { provider: id, available: isOn && available, ...counts }
    })
  }).pipe(Effect.scoped)
  const shared = {
    inForce: generations.current,
    registry,
    admission,
    conversations,
    rotations,
    unknown,
    watchdog,
    estimates
  }
  // what asks a model to judge asks for it by its exact name, so nobody is judged for that
  const exact = { ...shared, classifier: unjudged }
  const provided = yield* Effect.serviceOption(Classifier)
  const judging = yield* Option.match(provided, {
    onNone: () =>
      makeClassifier(generations, {
        handle: pipeline([budgeted(budgeting)], route(exact)),
        embed: budgetedEmbed(budgeting, embed(exact))
      }),
    onSome: (own) => Effect.succeed<Judging>({ classifier: own, alone: own, standsIn: () => false })
  })
  const ways: Ways = { ...shared, classifier: judging.classifier }
  const explained = lookedAt(budgeting, explain({ ...shared, classifier: judging.alone }))
  const decisions = makeKeptDecisions()
  const news = yield* News
  const settings = () => generations.current().settings
  const judgements = yield* makeJudgements(decisions, settings, news.tell)
  generations.listen(({ classifier }) => {
    if (classifier?.keepTexts !== true) judgements.forgetTexts()
  })
  const cache = yield* makeAnswerCache(generations, budgeting.budgets, conversations, decisions)
  const keep: Keep = {
    made: (made) =>
      unfailing(() => {
        const captured = capture(made)
        decisions.keep(captured)
        if (captured.byTask?.classification !== undefined) judgements.note(captured.requestId, made.request)
      }),
    unsaid: (made) => unfailing(() => decisions.amend(made.context.requestId, (captured) => readAgain(captured, made)))
  }
  return Gateway.of({
    handle: pipeline([cache.stage, budgeted({ ...budgeting, keep })], route(ways, keep)),
    embed: budgetedEmbed(budgeting, embed(ways)),
    count: count(ways),
    bill: yield* makeBilling(generations.current, (alert) => news.alert(alert)),
    settings,
    models: Effect.sync(() => generations.current().resolver.names.map(listing)),
    model: (name) =>
      Effect.sync(() => {
        const named = generations.current().resolver.named(name)
        return named === undefined ? undefined : listing(named)
      }),
    availability,
    explain: (request) =>
      Effect.map(explained(request), (decision) => ({
        ...decision,
        standIn: decision.byTask?.classification !== undefined && judging.standsIn()
      })),
    decisions,
    judgements,
    cached: cache.standing
  })
})
