/**
 * What is decided of a request before anybody is asked: the task, where the model is asked for by task; the candidates
 * and their order; and whom a conversation stays with.
 *
 * The one way to a decision, for chats, vectors, counts and explanations alike: what an explanation says is what would
 * be done at that moment. Only an explanation takes nobody's turn (`onlyLooks`).
 *
 * @module
 */
import { Clock, type Context, Effect, Random, Result } from "effect"
import type { Classification } from "../classifier/Classification.ts"
import type { Classifier } from "../classifier/Classifier.ts"
import type { Settings } from "../config/Settings.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { GatewayReason } from "../domain/GatewayError.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import { autoOf, type Preference } from "../domain/Prefer.ts"
import { CurrentRequest, type RequestContext } from "../domain/RequestContext.ts"
import { isCheap, type Task } from "../domain/Task.ts"
import type { Admission } from "../health/Admission.ts"
import type { Registry } from "../provider/Registry.ts"
import type { Candidate } from "./Candidate.ts"
import { conversationKey, type Conversations, isToolTurn, type LastAnswer } from "./Conversations.ts"
import { momentOf } from "./moment.ts"
import type { Resolution, Resolver } from "./Resolve.ts"
import type { Rotations } from "./Rotations.ts"
import type { Moment } from "./strategies/Strategy.ts"
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
}

/** How a model was chosen by task. */
export interface ByTask {
  /** Whose models were chosen. */
  readonly task: Task
  readonly preference: Preference
  /** Absent where the caller named the task, or it is that of the tool's turns before. */
  readonly classification: Classification | undefined
  /** The task was one for small models, but not surely enough: `general` was served. */
  readonly unsure: boolean
}

export interface Decided {
  readonly resolution: Resolution
  /** Absent where the model was asked for by name. */
  readonly byTask: ByTask | undefined
  /** Under which its conversation is known; absent where it need not be. */
  readonly conversation: string | undefined
  /** Who is asked first because the conversation is theirs. */
  readonly stays: ModelRef | undefined
}

/** Decides on a request. Fails with what the caller is told. */
export const decide = (
  { admission, classifier, conversations, inForce, rotations }: Ways,
  request: ChatRequest,
  onlyLooks = false
): Effect.Effect<Decided, GatewayReason> =>
  Effect.withFiber((fiber) => {
    const context = fiber.getRef(CurrentRequest)
    const random = fiber.getRef(Random.Random)
    const now = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
    const { resolver, settings } = inForce()
    const next = () => random.nextDoubleUnsafe()
    const moment = momentOf({ request, settings, admission, rotations, next, now, onlyLooks })

    const key = () => conversationKey(request, context.caller)
    const decided = (byTask: ByTask | undefined, last?: LastAnswer): Result.Result<Decided, GatewayReason> => {
      const names = byTask === undefined ? undefined : namesFor(byTask, resolver, moment)
      // whoever's tool is being used goes on, whatever would be chosen now
      const chosen = names === undefined || last === undefined ? names : [showModelRef(last.by), ...names]
      const resolved = resolver.resolve(request, context.caller, moment, chosen)
      if (Result.isFailure(resolved)) return Result.fail(resolved.failure)
      const resolution = resolved.success
      const moves = byTask !== undefined || resolution.sticky || resolution.strategy !== "priority"
      if (!moves) return Result.succeed({ resolution, byTask, conversation: undefined, stays: undefined })
      const conversation = key()
      const stays =
        resolution.sticky || isToolTurn(request) ? (last ?? conversations.lastOf(conversation, now))?.by : undefined
      return Result.succeed(staying({ resolution, byTask, conversation, stays }))
    }

    const auto = autoOf(request.model)
    if (auto === undefined) return Effect.fromResult(decided(undefined))
    const preference = auto.preference ?? context.prefer ?? "balanced"
    const last = isToolTurn(request) ? conversations.lastOf(key(), now) : undefined
    if (last?.task !== undefined)
      return Effect.fromResult(decided({ task: last.task, preference, classification: undefined, unsure: false }, last))
    return Effect.flatMap(taskOf(classifier, request, context, preference), (byTask) =>
      Effect.fromResult(decided(byTask))
    )
  })

const taskOf = (
  classifier: Ways["classifier"],
  request: ChatRequest,
  { task }: RequestContext,
  preference: Preference
): Effect.Effect<ByTask> =>
  task !== undefined
    ? Effect.succeed({ task, preference, classification: undefined, unsure: false })
    : Effect.map(classifier.classify(request), (classification) => {
        // a small model is only trusted with what is surely simple
        const unsure = isCheap(classification.task) && !classification.mayDowngrade
        return { task: unsure ? "general" : classification.task, preference, classification, unsure }
      })

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

/** Whoever the conversation stays with comes first, where it is a candidate at all. */
const staying = (decided: Decided): Decided => {
  const { resolution, stays } = decided
  if (stays === undefined) return decided
  const { candidates, considered } = resolution
  const is = ({ ref }: Pick<Candidate, "ref">): boolean => ref.provider === stays.provider && ref.model === stays.model
  const own = candidates.find(is)
  if (own === undefined) return { ...decided, stays: undefined }
  if (own === candidates[0]) return decided
  return {
    ...decided,
    resolution: {
      ...resolution,
      candidates: [own, ...candidates.filter((one) => one !== own)],
      considered: [...considered.filter(is), ...considered.filter((one) => !is(one))],
      passedOver: undefined
    }
  }
}
