/**
 * What is decided of a request before anybody is asked: the task, where the model is asked for by task; the candidates
 * and their order; and whom a conversation stays with.
 *
 * The one way to a decision, for chats, vectors, counts and explanations alike: what an explanation says is what would
 * be done at that moment. Only an explanation takes nobody's turn (`onlyLooks`).
 *
 * @module
 */
import { type Array as Arr, Clock, type Context, Effect, Random, Result } from "effect"
import type { Estimates } from "../budget/Estimates.ts"
import type { Lease } from "../budget/Lease.ts"
import type { Quotes } from "../budget/Quotes.ts"
import { CurrentSpending } from "../budget/Spending.ts"
import { abstained, type Classification } from "../classifier/Classification.ts"
import type { Classifier } from "../classifier/Classifier.ts"
import type { Settings } from "../config/Settings.ts"
import type { BudgetTier } from "../domain/Budget.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import { autoOf, type Preference } from "../domain/Prefer.ts"
import { CurrentRequest, type RequestContext } from "../domain/RequestContext.ts"
import { isCheap, type Task } from "../domain/Task.ts"
import type { Admission } from "../health/Admission.ts"
import type { Providers, Registry } from "../provider/Registry.ts"
import { askableOf } from "./askable.ts"
import type { AskableCandidate, Candidate } from "./Candidate.ts"
import type { Considered } from "./Considered.ts"
import { conversationKey, type Conversations, isToolTurn, type LastAnswer } from "./Conversations.ts"
import { cannotHold } from "./Held.ts"
import { momentOf } from "./moment.ts"
import type { Resolution, Resolver } from "./Resolve.ts"
import type { Rotations } from "./Rotations.ts"
import type { Moment } from "./strategies/Strategy.ts"
import { lowTier, type Rows, sameRows } from "./Tiers.ts"
import type { UnknownModels } from "./UnknownModels.ts"
import type { Watchdog } from "./Watchdog.ts"

/** What is in force at the moment a request begins. */
export interface InForce {
  readonly settings: Settings
  readonly resolver: Resolver
}

/** What every way of a request needs. */
export interface Ways {
  readonly inForce: () => InForce
  readonly registry: Context.Service.Shape<typeof Registry>
  readonly admission: Context.Service.Shape<typeof Admission>
  readonly classifier: Context.Service.Shape<typeof Classifier>
  readonly rotations: Context.Service.Shape<typeof Rotations>
  readonly conversations: Context.Service.Shape<typeof Conversations>
  readonly unknown: UnknownModels
  readonly watchdog: Watchdog
  readonly estimates: Estimates["Service"]
}

/** How a model was chosen by task. */
export interface ByTask {
  /** Whose models were chosen. */
  readonly task: Task
  readonly preference: Preference
  /** Who said so: the classifier, the caller, or the conversation, whose tool is being used. */
  readonly from: "classifier" | "caller" | "toolTurn"
  /** Absent where nobody classified. */
  readonly classification: Classification | undefined
  /** The task was one for small models, but not surely enough: `general` was served. */
  readonly unsure: boolean
}

export interface Decided extends InForce {
  readonly resolution: Resolution
  /** Absent where the model was asked for by name. */
  readonly byTask: ByTask | undefined
  /** Under which its conversation is known; absent where it need not be. */
  readonly conversation: string | undefined
  /** Who is asked first because the conversation is theirs. */
  readonly stays: ModelRef | undefined
  /** How good a model the caller's budgets pay for; absent: no budget says. */
  readonly tier: BudgetTier | undefined
  /** Under which what is asked is reserved; absent: no budget. */
  readonly lease: Lease | undefined
  /** What was quoted on the way; absent: nothing. */
  readonly quotes: Quotes | undefined
}

/** A decision on a chat: those to ask are there, and can hold the prompt. */
export interface DecidedChat extends Decided {
  /** In the order in which they are to be asked. */
  readonly askable: Arr.NonEmptyReadonlyArray<AskableCandidate>
}

/** Nobody can be asked: what the caller is told, and how far it was thought. */
export interface Undecided extends InForce {
  readonly error: GatewayError
  readonly byTask: ByTask | undefined
  readonly considered: ReadonlyArray<Considered>
  /** How good a model the caller's budgets pay for; absent: no budget says. */
  readonly tier: BudgetTier | undefined
}

/**
 * Decides on a request. A budget's tier chooses among those that chat (`isChat`): vectors and counts are the asked
 * model's. Fails with what the caller is told.
 */
export const decide = (
  { admission, classifier, conversations, estimates, inForce, rotations }: Ways,
  request: ChatRequest,
  onlyLooks = false,
  isChat = false
): Effect.Effect<Decided, Undecided> =>
  Effect.withFiber((fiber) => {
    const context = fiber.getRef(CurrentRequest)
    const random = fiber.getRef(Random.Random)
    const now = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
    const { resolver, settings } = inForce()
    const next = () => random.nextDoubleUnsafe()
    const spending = fiber.getRef(CurrentSpending)
    const tier = isChat ? (context.tier ?? spending?.lease.tier) : undefined
    // those of the request that the lease was opened for are of no use to a call that is made in its course
    const quotes = spending?.quotes.request === request ? spending.quotes : undefined
    const moment = momentOf({ request, settings, admission, rotations, next, now, tier, estimates, quotes })

    const key = () => conversationKey(request, context.caller)
    const decided = (byTask: ByTask | undefined, last?: LastAnswer): Result.Result<Decided, Undecided> => {
      if (byTask !== undefined) moment.isFor(byTask.task)
      const rows = byTask === undefined ? undefined : rowsFor(byTask, resolver, moment)
      // whoever's tool is being used goes on, whatever would be chosen now
      const chosen = rows === undefined || last === undefined ? rows : withLast(rows, showModelRef(last.by), moment)
      const { considered, outcome } = resolver.consider(request, context.caller, moment, chosen)
      if (Result.isFailure(outcome))
        return Result.fail({ error: gatewayError(outcome.failure), byTask, considered, resolver, settings, tier })
      const resolution = outcome.success
      const base = { resolution, byTask, resolver, settings, tier, lease: spending?.lease, quotes: moment.quotes }
      // whoever stood in for the first of an alias may have called a tool
      const mayCall = resolution.isAlias && (request.tools.length > 0 || isToolTurn(request))
      const moves = byTask !== undefined || resolution.sticky || resolution.strategy !== "priority" || mayCall
      /** Who stays with somebody has taken nobody's turn. */
      const taken = (decided: Decided): Result.Result<Decided> => {
        if (!onlyLooks && decided.stays === undefined) moment.takeTurn()
        return Result.succeed(decided)
      }
      if (!moves) return taken({ ...base, conversation: undefined, stays: undefined })
      const conversation = key()
      const stays =
        resolution.sticky || isToolTurn(request) ? (last ?? conversations.lastOf(conversation, now))?.by : undefined
      return taken(staying({ ...base, conversation, stays }, isToolTurn(request)))
    }

    const auto = autoOf(request.model)
    if (auto === undefined) return Effect.fromResult(decided(undefined))
    const preference = auto.preference ?? context.prefer ?? "balanced"
    const last = isToolTurn(request) ? conversations.lastOf(key(), now) : undefined
    if (last?.task !== undefined) {
      const byTask: ByTask = {
        task: last.task,
        preference,
        from: "toolTurn",
        classification: undefined,
        unsure: false
      }
      return Effect.fromResult(decided(byTask, last))
    }
    return Effect.flatMap(taskOf(classifier, request, context, preference), (byTask) =>
      Effect.fromResult(decided(byTask))
    )
  })

/** Decides on a chat, of which `providers` are set up. Fails with what the caller is told. */
export const decideChat = (
  ways: Ways,
  request: ChatRequest,
  providers: Providers,
  onlyLooks = false
): Effect.Effect<DecidedChat, Undecided> =>
  Effect.flatMap(decide(ways, request, onlyLooks, true), (decided) => {
    const { byTask, resolution, resolver, settings, tier } = decided
    const undecided = (error: GatewayError, considered: ReadonlyArray<Considered>) =>
      Effect.fail({ error, considered, byTask, resolver, settings, tier })
    const found = askableOf(request, resolution, providers)
    if (Result.isFailure(found)) return undecided(found.failure.error, found.failure.considered)
    const { askable, considered } = found.success
    const held = cannotHold(request, resolution.candidates)
    if (held !== undefined) return undecided(held, considered)
    return Effect.succeed({
      ...decided,
      resolution: considered === resolution.considered ? resolution : { ...resolution, considered },
      askable
    })
  })

const taskOf = (
  classifier: Ways["classifier"],
  request: ChatRequest,
  { task }: RequestContext,
  preference: Preference
): Effect.Effect<ByTask> =>
  task !== undefined
    ? Effect.succeed({ task, preference, from: "caller", classification: undefined, unsure: false })
    : Effect.map(judged(classifier, request), (classification) => {
        // a small model is only trusted with what is surely simple
        const unsure = isCheap(classification.task) && !classification.mayDowngrade
        return {
          task: unsure ? "general" : classification.task,
          preference,
          from: "classifier",
          classification,
          unsure
        }
      })

/** A classifier of somebody's own making may break; the request it is about does not. */
const judged = (classifier: Ways["classifier"], request: ChatRequest): Effect.Effect<Classification> =>
  Effect.suspend(() => classifier.classify(request)).pipe(
    Effect.catchDefect(() => Effect.succeed(abstained("failed", false)))
  )

/** The names that suit at each of the budget's tiers: as the caller prefers, and what the task has that is cheaper. */
const rowsFor = (byTask: ByTask, resolver: Resolver, moment: Moment): Rows<string> => {
  const premium = namesFor(byTask, resolver, moment)
  if (lowTier(moment.tier) === undefined) return sameRows(premium)
  const { preference } = byTask
  const standard =
    preference === "quality" ? namesFor({ ...byTask, preference: "balanced" }, resolver, moment) : premium
  const cheap = namesFor({ ...byTask, preference: "cost" }, resolver, moment)
  // who wants speed is served by what is quick among the cheap
  return { premium, standard, economy: preference === "speed" ? [...premium, ...cheap] : cheap }
}

/** The rows with whoever's turn it stays among them. Where a budget chooses, it must not pass for the first choice. */
const withLast = (rows: Rows<string>, last: string, moment: Moment): Rows<string> =>
  lowTier(moment.tier) === undefined
    ? sameRows([last, ...rows.premium])
    : { ...rows, premium: [...rows.premium, last].filter((name, at, all) => all.indexOf(name) === at) }

/** The names that suit, the quickest as measured first where speed matters most and all have been seen. */
const namesFor = ({ preference, task }: ByTask, { named, select }: Resolver, moment: Moment): ReadonlyArray<string> => {
  const names = select(task, preference)
  if (preference !== "speed") return names
  const timed = names.map((name) => {
    const listed = named(name)
    return { name, millis: listed === undefined ? undefined : moment.expectedMillis(listed.first) }
  })
  return timed.every(({ millis }) => millis !== undefined)
    ? timed.toSorted((a, b) => (a.millis ?? 0) - (b.millis ?? 0)).map(({ name }) => name)
    : names
}

/**
 * Whoever the conversation stays with comes first, where it is a candidate at all. A tool's turns stay whatever the
 * budget; any other conversation stays unless the budget pays for economy models alone, and for one of those.
 */
const staying = (decided: Decided, isToolTurn: boolean): Decided => {
  const { resolution, stays, tier } = decided
  if (stays === undefined) return decided
  const { candidates, considered, tiering } = resolution
  const is = ({ ref }: Pick<Candidate, "ref">): boolean => ref.provider === stays.provider && ref.model === stays.model
  const own = candidates.find(is)
  if (own === undefined) return { ...decided, stays: undefined }
  const isHeldBack = considered.some((one) => is(one) && one.heldBack !== undefined)
  if (isHeldBack && !isToolTurn && lowTier(tier) === "economy") return { ...decided, stays: undefined }
  if (own === candidates[0]) return decided
  return {
    ...decided,
    resolution: {
      ...resolution,
      candidates: [own, ...candidates.filter((one) => one !== own)],
      considered: [
        ...considered.filter(is).map(({ heldBack: _heldBack, ...one }) => one),
        ...considered.filter((one) => !is(one))
      ],
      passedOver: undefined,
      tiering: isHeldBack && tiering !== undefined ? { ...tiering, effect: "stays" } : tiering
    }
  }
}
