/** A gateway's explanations, kept decisions and judgements for tests of the edge: nothing kept, nothing explained. */
import { Effect } from "effect"
import type { Gateway } from "../../src/gateway/Gateway.ts"
import { makeKeptDecisions } from "../../src/gateway/KeptDecisions.ts"

export const unjudged: Pick<Gateway["Service"], "explain" | "decisions" | "judgements" | "cached"> = {
  explain: () => Effect.never,
  cached: () => undefined,
  decisions: makeKeptDecisions(),
  judgements: {
    feedback: () => Effect.never,
    note: () => undefined,
    forgetTexts: () => undefined,
    classes: () => [],
    report: () =>
      Effect.succeed({
        by: "centroid",
        keepsTexts: false,
        classes: [],
        confusion: [],
        proposals: [],
        accuracy: undefined
      })
  }
}
