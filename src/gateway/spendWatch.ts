/**
 * Watches what is spent and how good the estimates are, and tells operators what they ought to know at once
 * (`machine/SpendWatch` says what that is).
 *
 * It looks when a budget has moved, and no more often than every second: nothing that happens between two requests makes
 * a forecast worse. What was told is remembered over a restart where there is storage; where there is none, what is used
 * at the start is not told of.
 *
 * @module
 */
import { Clock, Effect, Layer } from "effect"
import { type BudgetReport, Budgets } from "../budget/Budgets.ts"
import { Estimates } from "../budget/Estimates.ts"
import type { Recording } from "../budget/Recorder.ts"
import type { Alert } from "../domain/Alert.ts"
import { basisOf } from "../domain/Budget.ts"
import { type BudgetGlance, initialSpendWatch, spendWatchStep, SpendWatchState } from "../machine/SpendWatch.ts"
import { keepPage, type Notebook, readPage } from "../storage/Notebook.ts"
import { News } from "./News.ts"

const page = { name: "alerts", schema: SpendWatchState }
const lookEvery = "1 second"
/** Estimates change without budgets too. */
const lookAnyway = "1 minute"

/** Trouble that comes and goes is told no more often than this. */
const troubleEveryMillis = 10 * 60_000

/** That nothing can be recorded, in words for whoever can do something about it. */
const trouble = (state: "failing" | "superseded", owner: string, at: number): Alert => ({
  kind: "budget.unrecorded",
  at,
  subject: owner,
  message:
    state === "superseded"
      ? `Another process runs under the replica's name '${owner}': this one cannot record what is spent any more, and refuses what would be spent under a hard limit until it is ended or started with a name of its own`
      : `What is spent cannot be recorded: what was recorded ahead may still be spent, and beyond it requests under a hard limit are refused until it can be again`,
  fields: { replica: owner, state }
})

const glanceOf = ({ end, id, over, policy, runsOutAt, spent, start }: BudgetReport): BudgetGlance => ({
  id,
  scope: policy.scope,
  window: policy.window,
  start,
  end,
  limit: basisOf(policy),
  soft: policy.soft,
  spent,
  over,
  runsOutAt
})

/** Watches until the scope closes, and looks once more then. */
export const spendWatch = (owner: string): Layer.Layer<never, never, Budgets | Estimates | News | Notebook> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const estimates = yield* Estimates
      const news = yield* News
      const clock = yield* Clock.Clock
      let state = (yield* readPage(page)) ?? initialSpendWatch
      yield* keepPage({ ...page, now: () => state })
      let recording: Recording = "working"
      let toldAt = Number.NEGATIVE_INFINITY
      const lookAtRecording = Effect.suspend(() => {
        const before = recording
        recording = budgets.recording()
        const now = clock.currentTimeMillisUnsafe()
        if (recording === "working" || recording === before) return Effect.void
        if (recording === "failing" && now - toldAt < troubleEveryMillis) return Effect.void
        toldAt = now
        return news.alert(trouble(recording, owner, now))
      })
      const look = Effect.gen(function* () {
        budgets.moved.closeUnsafe()
        yield* lookAtRecording
        const now = yield* Clock.currentTimeMillis
        const standing = budgets.report(now).filter(({ ended }) => !ended)
        const [alerts, next] = spendWatchStep(state, standing.map(glanceOf), estimates.report(), now)
        state = next
        yield* Effect.forEach(alerts, news.alert, { discard: true })
      })
      yield* look
      yield* Effect.addFinalizer(() => look)
      yield* Effect.forkScoped(
        Effect.forever(
          Effect.timeoutOption(budgets.moved.await, lookAnyway).pipe(
            Effect.andThen(look),
            Effect.andThen(Effect.sleep(lookEvery))
          )
        )
      )
    })
  )
