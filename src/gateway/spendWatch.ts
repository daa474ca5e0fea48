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
import { basisOf } from "../domain/Budget.ts"
import { type BudgetGlance, initialSpendWatch, spendWatchStep, SpendWatchState } from "../machine/SpendWatch.ts"
import { keepPage, type Notebook, readPage } from "../storage/Notebook.ts"
import { News } from "./News.ts"

const page = { name: "alerts", schema: SpendWatchState }
const lookEvery = "1 second"
/** Estimates change without budgets too. */
const lookAnyway = "1 minute"

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
export const spendWatch: Layer.Layer<never, never, Budgets | Estimates | News | Notebook> = Layer.effectDiscard(
  Effect.gen(function* () {
    const budgets = yield* Budgets
    const estimates = yield* Estimates
    const news = yield* News
    let state = (yield* readPage(page)) ?? initialSpendWatch
    yield* keepPage({ ...page, now: () => state })
    const look = Effect.gen(function* () {
      budgets.moved.closeUnsafe()
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
