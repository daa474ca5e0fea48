/**
 * A decision as it is told: by `POST /v1/route/explain`, and for operators by `/admin/decisions`.
 *
 * Models are told as `provider/model`, moments as RFC 3339 in UTC, money in US dollars; what is not known is absent. No
 * field holds a word of a prompt.
 *
 * @module
 */
import { Schema } from "effect"
import { strategies } from "../config/Settings.ts"
import { cacheStatuses } from "../domain/Caching.ts"
import { Capability } from "../domain/Capability.ts"
import { preferences } from "../domain/Prefer.ts"

const optional = Schema.optionalKey
const moment = Schema.String.annotate({ format: "date-time" })
const number = Schema.Finite
const aModel = Schema.String.annotate({ description: "provider/model" })

const Score = Schema.Struct({ task: Schema.String, probability: number })

export const TaskDecision = Schema.Struct({
  task: Schema.String.annotate({ description: "Whose models were chosen" }),
  preference: Schema.Literals(preferences),
  from: Schema.Literals(["classifier", "caller", "toolTurn"]).annotate({ description: "Who said so" }),
  unsure: Schema.Boolean.annotate({
    description: "It seemed a task for small models, but not surely enough: `general` was served"
  }),
  judged: optional(
    Schema.Struct({
      task: Schema.String,
      probability: number,
      by: Schema.Literals(["keyword", "centroid", "embedding", "llm", "none"]),
      asked: Schema.Array(Schema.String),
      best: Schema.Array(Score).annotate({ description: "The two most probable classes" }),
      scores: Schema.Array(Score),
      why: Schema.Literals(["close", "abstained", "long"]),
      reason: optional(Schema.Literals(["empty", "symbols", "non_latin", "unsure", "failed"])),
      inputTokens: optional(Schema.Int),
      inherited: Schema.Boolean.annotate({ description: "A bare assent: the task is that of the message before it" }),
      mayDowngrade: Schema.Boolean,
      standIn: Schema.Boolean.annotate({
        description: "The configured classifier asks a model, which an explanation does not: the built-in one judged"
      })
    })
  )
}).annotate({ identifier: "TaskDecision" })

export const ExclusionWire = Schema.Struct({
  why: Schema.Literals([
    "NotAllowed",
    "CannotDo",
    "OtherRegion",
    "OutOfService",
    "TooLong",
    "NotSetUp",
    "Quarantined",
    "CircuitOpen",
    "RateLimited",
    "NoRoom",
    "TooDear",
    "OverBudget",
    "CannotTell"
  ]),
  feature: optional(Schema.String),
  wanted: optional(Schema.String),
  state: optional(Schema.Literals(["draining", "disabled"])),
  by: optional(
    Schema.Literals(["config", "operator", "drill", "observed"]).annotate({
      description: "Whose word it is: the config's, an operator's, a drill's, or that of calls which failed"
    })
  ),
  because: optional(
    Schema.Literals(["noKey", "notBuilt", "unknown"]).annotate({
      description: "Its key is not in the environment, it could not be set up, or nobody names it"
    })
  ),
  windowTokens: optional(number),
  reason: optional(Schema.String),
  subject: optional(Schema.String),
  until: optional(moment),
  capUsd: optional(number),
  scope: optional(Schema.String.annotate({ description: "Whose budget has not enough left, until its window ends" })),
  leftUsd: optional(number),
  worstUsd: optional(number)
}).annotate({ identifier: "Exclusion", description: "Why one is not asked, and what goes with that reason" })

const circuitState = Schema.Literals(["closed", "open", "halfOpen"])

export const ConsideredModel = Schema.Struct({
  model: aModel,
  as: Schema.Literals(["asked", "fallback", "default"]).annotate({
    description: "By the asked name, by a fallback of the request, or by the configured ones"
  }),
  exclusion: optional(ExclusionWire),
  heldBack: optional(
    Schema.Struct({
      why: Schema.Literals(["AboveTier"]),
      tier: Schema.Literals(["standard", "economy"]).annotate({ description: "What the budget still pays for" })
    }).annotate({ description: "It is asked only when those without such a reason could not answer" })
  ),
  score: optional(Schema.Struct({ value: number, unit: Schema.String })),
  cost: optional(Schema.Struct({ expectedUsd: number, worstUsd: optional(number) })),
  facts: optional(
    Schema.Struct({
      contextWindowTokens: optional(number),
      maxOutputTokens: optional(number),
      inputUsdPerMTok: optional(number),
      outputUsdPerMTok: optional(number),
      tier: optional(Schema.Literals(["premium", "standard", "economy"])),
      capabilities: Schema.Record(Capability, optional(Schema.Boolean))
    })
  ),
  failureDomain: optional(Schema.String),
  region: optional(Schema.String),
  circuit: optional(Schema.Struct({ provider: circuitState, model: circuitState })),
  quarantine: optional(Schema.Struct({ key: Schema.String, reason: Schema.String, until: optional(moment) })),
  room: optional(number.annotate({ description: "What is left of its tightest rate limit, 0 to 1" })),
  inFlight: optional(Schema.Int),
  expectedMillis: optional(number.annotate({ description: "Until it would have answered, as measured lately" })),
  mayHave: optional(number.annotate({ description: "With how many calls at once it is trusted, while it is new" })),
  crowded: optional(Schema.Boolean.annotate({ description: "Near a limit: others are asked first" }))
}).annotate({ identifier: "ConsideredModel" })
export type ConsideredModel = typeof ConsideredModel.Type

const OutcomeWire = Schema.Union([
  Schema.Struct({ is: Schema.Literal("asks"), first: aModel }),
  Schema.Struct({
    is: Schema.Literal("cached"),
    by: aModel,
    ageMillis: number.annotate({ description: "How long ago that was" })
  }),
  Schema.Struct({ is: Schema.Literal("waits"), for: Schema.Array(aModel), atMostMillis: number }),
  Schema.Struct({
    is: Schema.Literal("refused"),
    status: Schema.Int.annotate({ description: "The gateway's own; a wire may tell it by another (Messages: 529)" }),
    reason: Schema.String,
    message: Schema.String.annotate({ description: "As the caller is told" }),
    retryAfterMillis: optional(number)
  })
])

const decision = {
  id: Schema.String.annotate({ description: "As in the header x-request-id" }),
  at: moment,
  key: Schema.String.annotate({ description: "The name of the client key" }),
  model: Schema.String.annotate({ description: "The name that was asked for" }),
  kind: Schema.Literals(["alias", "exact", "bare", "auto"]),
  strategy: optional(Schema.Literals(strategies)),
  task: optional(TaskDecision),
  stays: optional(Schema.Struct({ model: aModel, because: Schema.Literals(["conversation", "toolTurn"]) })),
  budget: optional(
    Schema.Struct({
      tier: Schema.Literals(["premium", "standard", "economy", "none"]).annotate({
        description: "How good a model the caller's budgets still paid for"
      }),
      effect: Schema.Literals(["unchanged", "downgraded", "unserved", "stays", "exempt"]).annotate({
        description:
          "unchanged: the first choice is paid for; downgraded: a cheaper one is asked in its stead; unserved: the " +
          "tier pays for nobody who could serve this, so it is served as without a budget; stays: the conversation " +
          "stays with whoever has it; exempt: the model was asked for by its name"
      })
    })
  ),
  inputTokens: optional(number.annotate({ description: "The rough estimate of the prompt" })),
  mostAttempts: Schema.Int,
  hedge: Schema.Boolean,
  candidates: Schema.Array(ConsideredModel).annotate({ description: "Everybody who was thought of" }),
  order: Schema.Array(aModel).annotate({
    description: "In which they would be asked; a failure makes those that share its infrastructure later"
  }),
  outcome: OutcomeWire.annotate({ description: "What happens at this moment" })
}

export const RouteDecision = Schema.Struct(decision).annotate({ identifier: "RouteDecision" })
export type RouteDecision = typeof RouteDecision.Type

export const DecisionFate = Schema.Struct({
  endedAt: moment,
  status: Schema.Int,
  outcome: Schema.Literals(["ok", "error", "cut", "cancelled"]),
  reason: optional(Schema.String),
  answeredBy: optional(aModel),
  attempts: Schema.Array(Schema.Struct({ model: aModel, reason: optional(Schema.String), millis: number })),
  inputTokens: optional(number),
  outputTokens: optional(number),
  cache: optional(
    Schema.Literals(cacheStatuses).annotate({ description: "What the response cache did; absent where there is none" })
  )
}).annotate({ identifier: "DecisionFate" })
export type DecisionFate = typeof DecisionFate.Type

export const AdminDecision = Schema.Struct({
  ...decision,
  became: optional(DecisionFate.annotate({ description: "What then happened; absent while the request runs" }))
}).annotate({ identifier: "AdminDecision" })
export type AdminDecision = typeof AdminDecision.Type

export const AdminDecisionLine = Schema.Struct({
  id: decision.id,
  at: moment,
  key: decision.key,
  model: decision.model,
  kind: decision.kind,
  task: optional(Schema.String),
  outcome: Schema.Literals(["asks", "cached", "waits", "refused"]),
  first: optional(aModel),
  status: optional(Schema.Int),
  answeredBy: optional(aModel),
  attempts: optional(Schema.Int)
}).annotate({ identifier: "AdminDecisionLine" })
export type AdminDecisionLine = typeof AdminDecisionLine.Type

export const AdminClassifier = Schema.Struct({
  by: Schema.String,
  keepsTexts: Schema.Boolean.annotate({
    description: "Without `classifier.keepTexts` in the config no text is kept, and nothing can be proposed"
  }),
  classes: Schema.Array(
    Schema.Struct({
      task: Schema.String,
      feedbacks: Schema.Int.annotate({ description: "Of the last 50" }),
      wrong: Schema.Int,
      drifting: Schema.Boolean
    })
  ),
  confusion: Schema.Array(Schema.Struct({ told: Schema.String, right: Schema.String, count: Schema.Int })),
  proposals: Schema.Array(Schema.Struct({ text: Schema.String, told: Schema.String, right: Schema.String })).annotate({
    description: "Texts that were taken for another task; they would serve as exemplars of the right one"
  }),
  accuracy: optional(
    Schema.Struct({ texts: Schema.Int, before: number, after: number }).annotate({
      description: "Of the proposals: by what is known now, and by a training on the others (leave-one-out)"
    })
  )
}).annotate({ identifier: "AdminClassifier" })
export type AdminClassifier = typeof AdminClassifier.Type

export const FeedbackBody = Schema.Struct({
  request_id: Schema.String.annotate({
    message: "a text",
    messageMissingKey: "the x-request-id of an answer of yours",
    description: "The x-request-id of an answer of the caller's own"
  }),
  task: optional(Schema.String.annotate({ message: "the name of a task", description: "The right task" })),
  rating: optional(
    Schema.Literals(["up", "down"]).annotate({
      message: `"up" or "down"`,
      description: "Whether the task was told rightly; a `task` beside it must agree"
    })
  )
}).annotate({ identifier: "Feedback" })

export const FeedbackAnswer = Schema.Struct({
  request_id: Schema.String,
  told: Schema.String.annotate({ description: "The task that was told" }),
  right: optional(Schema.String),
  counted: Schema.Boolean.annotate({ description: "Not where feedback on the request was given before" })
}).annotate({ identifier: "FeedbackAnswer" })
