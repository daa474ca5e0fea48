/**
 * What callers say of the tasks that were told for their requests, and what could be learned from it.
 *
 * Every feedback counts once, in `machine/Confusion.ts`. A class that drifts is told of in the log and among the events
 * for operators. Texts are kept only where the config says `classifier.keepTexts`: in memory, the beginning of what the
 * human wrote, of requests for a task, for as long as the decision is.
 *
 * @module
 */
import { Cause, Effect, Schema, type Scope, Semaphore } from "effect"
import * as Actor from "../actor/Actor.ts"
import { lastHumanText } from "../classifier/lastHumanText.ts"
import { type Accuracy, leaveOneOut } from "../classifier/leaveOneOut.ts"
import { defaultClassifier, type Settings } from "../config/Settings.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { ownText } from "../domain/ownText.ts"
import { type Caller } from "../domain/RequestContext.ts"
import { builtInTasks } from "../domain/Task.ts"
import {
  type ClassRecord,
  classRecords,
  type Confused,
  confusionEvents,
  confusions,
  confusionStep,
  type ConfusionCommand,
  type ConfusionEvent,
  type ConfusionState,
  initialConfusion,
  unknownClass
} from "../machine/Confusion.ts"
import { Recent } from "../machine/Recent.ts"
import type { KeptDecisions } from "./KeptDecisions.ts"
import type { HealthNews } from "./Operations.ts"

/** What somebody says of one request. At least one of `task` and `rating`. */
export interface Feedback {
  readonly requestId: string
  /** The right task. */
  readonly task: string | undefined
  readonly rating: "up" | "down" | undefined
}

export interface FeedbackTaken {
  /** The task that was told. */
  readonly told: string
  /** Absent where only that it was wrong is known. */
  readonly right: string | undefined
  /** `false`: it was said before, and nothing is counted. */
  readonly counted: boolean
}

/** `missing`: the caller has no such request; `invalid`: it makes no sense for this one. */
export class FeedbackRefused extends Schema.TaggedError<FeedbackRefused>()("FeedbackRefused", {
  kind: Schema.Literals(["missing", "invalid"]),
  message: Schema.String,
  param: Schema.String
}) {}

/** A text that was taken for another task than the right one. */
export interface Proposal {
  readonly text: string
  readonly told: string
  readonly right: string
}

export interface ClassifierReport {
  readonly by: string
  readonly keepsTexts: boolean
  readonly classes: ReadonlyArray<ClassRecord>
  readonly confusion: ReadonlyArray<Confused>
  /** The newest first. */
  readonly proposals: ReadonlyArray<Proposal>
  /** Absent where it was not asked for, or there is nothing to propose. */
  readonly accuracy: Accuracy | undefined
}

export interface Judgements {
  readonly feedback: (feedback: Feedback, caller: Caller) => Effect.Effect<FeedbackTaken, FeedbackRefused>
  /** Takes down the text of a request for a task, where texts are kept. */
  readonly note: (requestId: string, request: ChatRequest) => void
  /** Lets go of all texts, once settings that keep none are in force. */
  readonly forgetTexts: () => void
  /** How the classes that were judged stand. */
  readonly classes: () => ReadonlyArray<ClassRecord>
  /** `proven`: with accuracy before and after, which takes some seconds of the processor. */
  readonly report: (proven: boolean) => Effect.Effect<ClassifierReport>
}

const mostTexts = 1000
const mostProposals = 200
/** How much of a text is kept, in UTF-16 code units. */
const longestText = 2048
/** Requests whose feedback is remembered, so that none counts twice. */
const mostJudged = 5000

/** Adds to a map; the oldest goes where there are too many. */
const put = <V>(map: Recent<string, V>, key: string, value: V, most: number): void => {
  map.set(key, value)
  map.shrink(most)
}

export const makeJudgements = Effect.fnUntraced(function* (
  kept: KeptDecisions,
  settings: () => Settings,
  tell: (news: HealthNews, level?: "info" | "warning") => Effect.Effect<void>
): Effect.fn.Return<Judgements, never, Scope.Scope> {
  const actor = yield* Actor.make<ConfusionState, ConfusionCommand, void, ConfusionEvent>({
    initial: initialConfusion,
    step: confusionStep,
    events: confusionEvents
  })
  const texts = new Recent<string, string>()
  const judged = new Recent<string, true>()
  const proposals = new Recent<string, Proposal>()
  const proving = yield* Semaphore.make(1)

  const classifier = () => settings().classifier ?? defaultClassifier

  const feedback: Judgements["feedback"] = ({ rating, requestId, task }, caller) =>
    Effect.gen(function* () {
      const found = kept.judged(requestId)
      if (found === undefined || found.caller !== caller.name)
        return yield* refuse("missing", "request_id", "There is no such request of yours, or it is too long ago")
      const told = found.byTask?.classification?.task
      if (told === undefined) return yield* refuse("invalid", "request_id", "Nobody judged the task of this request")
      if (task === undefined && rating === undefined)
        return yield* refuse("invalid", "task", "Give the right 'task', or a 'rating' of 'up' or 'down'")
      const tasks: ReadonlyArray<string> = [...builtInTasks, ...classifier().classes.keys()]
      if (task !== undefined && !tasks.includes(task))
        return yield* refuse("invalid", "task", `There is no such task; there are ${tasks.join(", ")}`)
      // what counts once cannot be taken back: whoever contradicts themselves is asked which they mean
      if (task !== undefined && rating !== undefined && (task === told) !== (rating === "up"))
        return yield* refuse(
          "invalid",
          "rating",
          `The 'task' you give, ${task}, is ${task === told ? "the one" : `not the one (${told})`} that was told, and the 'rating' says '${rating}': give one of them, or both that agree`
        )
      const right = task ?? (rating === "up" ? told : undefined)
      if (judged.has(requestId)) return { told, right, counted: false }
      put(judged, requestId, true, mostJudged)
      const command: ConfusionCommand = { _tag: "Judged", told, right: right ?? unknownClass }
      const before = actor.stateUnsafe()
      yield* actor.ask(command)
      const text = texts.get(requestId)
      if (text !== undefined && right !== undefined && right !== told)
        put(proposals, text, { text, told, right }, mostProposals)
      yield* Effect.clockWith((clock) =>
        Effect.forEach(
          confusionEvents(before, actor.stateUnsafe(), command, clock.currentTimeMillisUnsafe()),
          (event) => tell(inWords(event), event._tag === "Drifted" ? "warning" : "info")
        )
      )
      return { told, right, counted: true }
    })

  /** What nobody can be taught: a task that goes by length alone. */
  const isLearnable = ({ right }: Proposal): boolean => right !== "long_context"

  return {
    feedback,
    note: (requestId, request) => {
      if (classifier().keepTexts !== true || requestId === "") return
      const { text } = lastHumanText(request)
      if (text !== "") put(texts, requestId, ownText(text.slice(0, longestText)), mostTexts)
    },
    forgetTexts: () => {
      texts.clear()
      proposals.clear()
    },
    classes: () => classRecords(actor.stateUnsafe()),
    report: (proven) =>
      Effect.gen(function* () {
        const { by, classes, keepTexts } = classifier()
        const found = [...proposals]
          .map(([, proposal]) => proposal)
          .toReversed()
          .filter(isLearnable)
        const users = [...classes].map(([name, exemplars]) => ({ name, exemplars }))
        const accuracy =
          proven && found.length > 0
            ? yield* leaveOneOut(found, users).pipe(
                proving.withPermits(1),
                // a report that cannot be proven is a report all the same
                Effect.catchCause((cause) =>
                  Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.succeed(undefined)
                )
              )
            : undefined
        return {
          by,
          keepsTexts: keepTexts === true,
          classes: classRecords(actor.stateUnsafe()),
          confusion: confusions(actor.stateUnsafe()),
          proposals: found,
          accuracy
        }
      })
  }
})

const refuse = (kind: FeedbackRefused["kind"], param: string, message: string) =>
  Effect.suspend(() => Effect.fail(new FeedbackRefused({ kind, param, message })))

const inWords = (event: ConfusionEvent): HealthNews => {
  const { at, of, task, wrong } = event
  return event._tag === "Drifted"
    ? { at, kind: "classifier.drifted", subject: task, detail: `${wrong} of the last ${of} feedbacks say it was wrong` }
    : { at, kind: "classifier.recovered", subject: task, detail: `${wrong} of the last ${of} feedbacks` }
}
