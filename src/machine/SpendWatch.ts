/**
 * What of the budgets and the estimates is to be told, as a pure machine: what was told is not told again.
 *
 * - Of a budget's window it remembers the highest share that was seen. Whatever rises above it is told as one rise, from
 *   there to here. A new window begins anew, and a raised limit lowers the share that later ones are told from.
 * - A forecast is told once a window, and again only where it has moved by a tenth of the window's length.
 * - A bill above its worst case is told once a window, and again when the sum of them has doubled.
 * - A budget that is seen for the first time is not told of as it stands: after a restart without memory nothing is
 *   told twice.
 *
 * @module
 */
import { Schema } from "effect"
import type { Alert } from "../domain/Alert.ts"
import { type NanoUsd, nano, sayUsd, usdOfNano } from "../domain/Money.ts"

/** A budget as it stands. Moments in milliseconds since 1970. */
export interface BudgetGlance {
  readonly id: string
  readonly scope: string
  readonly window: string
  readonly start: number
  readonly end: number
  /** What shares are shares of; absent: nothing is limited, and nothing is told but bills above their worst case. */
  readonly limit: NanoUsd | undefined
  readonly soft: NanoUsd | undefined
  readonly spent: NanoUsd
  readonly over: NanoUsd
  readonly runsOutAt: number | undefined
}

/** How good the estimates of a model are. */
export interface EstimateGlance {
  readonly model: string
  /** Counted tokens for each that was expected before calibration. */
  readonly ratio: number
  /** Mean distance after calibration, as a share of what was counted. */
  readonly error: number
  readonly seen: number
}

const Known = Schema.Struct({
  start: Schema.Finite,
  limit: Schema.Finite,
  share: Schema.Finite,
  soft: Schema.Boolean,
  over: Schema.Finite,
  runsOutAt: Schema.optionalKey(Schema.Finite)
})
type Known = typeof Known.Type

/** What was told, by budget and by model. */
export const SpendWatchState = Schema.Struct({
  budgets: Schema.Record(Schema.String, Known),
  models: Schema.Record(Schema.String, Schema.Finite)
})
export type SpendWatchState = typeof SpendWatchState.Type

export const initialSpendWatch: SpendWatchState = { budgets: {}, models: {} }

/** A forecast that moves by less than this share of the window is the same one; one so close to the end says nothing. */
const movedShare = 0.1
const nearEnd = 0.02
/** From so many answers on, estimates of a model are judged. */
const enoughSeen = 50
/** An estimate that has become so much better is told of again when it is worse again. */
const better = 0.7
/** The most models that are remembered. */
const mostModels = 1000

const time = (at: number): string => new Date(at).toISOString().replace(/:\d\d\.\d{3}Z$/, "Z")
const usd = (amount: NanoUsd): string => sayUsd(usdOfNano(amount))
const percent = (share: number): string => `${Math.floor(share * 1000) / 10} %`
const whose = ({ scope, window }: BudgetGlance): string => `the ${window}'s budget of ${scope}`
const capital = (sentence: string): string => sentence.slice(0, 1).toUpperCase() + sentence.slice(1)

/** From so many times the limit on, a share of it in percent is read by nobody. */
const manyTimes = 10
/** `80 % of the day's budget of global is used: $8.00 of $10.00, until 2026-01-31T00:00Z`. */
const shareSentence = (glance: BudgetGlance, limit: NanoUsd, share: number): string => {
  const until = `until ${time(glance.end)}`
  if (limit <= 0) return `${capital(whose(glance))} is nothing, and ${usd(glance.spent)} is spent, ${until}`
  return share < manyTimes
    ? `${percent(share)} of ${whose(glance)} is used: ${usd(glance.spent)} of ${usd(limit)}, ${until}`
    : `${capital(whose(glance))} stands at ${Math.floor(share).toLocaleString("en-US")} times its limit: ${usd(glance.spent)} of ${usd(limit)}, ${until}`
}

const fieldsOf = ({ end, limit, scope, spent, start, window }: BudgetGlance) => ({
  scope,
  window,
  start: new Date(start).toISOString(),
  end: new Date(end).toISOString(),
  spentUsd: usdOfNano(spent),
  ...(limit === undefined ? {} : { limitUsd: usdOfNano(limit) })
})

const shareOf = ({ limit, spent }: BudgetGlance): number =>
  limit === undefined ? 0 : limit > 0 ? Math.max(0, spent / limit) : spent > 0 ? 1 : 0

const isSoftReached = ({ soft, spent }: BudgetGlance): boolean => soft !== undefined && spent >= soft

const knownOf = (glance: BudgetGlance): Known => ({
  start: glance.start,
  limit: glance.limit ?? 0,
  share: shareOf(glance),
  soft: isSoftReached(glance),
  over: glance.over
})

const budgetStep = (
  before: Known | undefined,
  glance: BudgetGlance,
  now: number
): readonly [ReadonlyArray<Alert>, Known] => {
  if (before === undefined) return [[], knownOf(glance)]
  const { end, id, limit, runsOutAt, spent, start } = glance
  const length = end - start
  const share = shareOf(glance)
  const isNew = before.start !== start
  let known: Known = isNew
    ? { start, limit: limit ?? 0, share: 0, soft: false, over: 0 }
    : before.limit === (limit ?? 0)
      ? before
      : { ...knownOf(glance), share: Math.min(before.share, share), over: before.over }
  const alerts: Array<Alert> = []
  const tell = (alert: Omit<Alert, "at" | "subject">) => void alerts.push({ at: now, subject: id, ...alert })
  if (limit !== undefined && share > known.share) {
    tell({
      kind: "budget.share",
      message: shareSentence(glance, limit, share),
      fields: { ...fieldsOf(glance), share },
      passed: { from: known.share, to: share }
    })
    known = { ...known, share }
  }
  if (isSoftReached(glance) && !known.soft) {
    tell({
      kind: "budget.soft",
      message: `${capital(whose(glance))} has reached its soft limit${glance.soft === undefined ? "" : ` of ${usd(glance.soft)}`}: ${usd(spent)} is spent; economy models are chosen where they may be`,
      fields: fieldsOf(glance)
    })
    known = { ...known, soft: true }
  }
  if (glance.over > 0 && glance.over >= 2 * known.over) {
    tell({
      kind: "budget.overrun",
      message: `Vendors billed ${usd(nano(glance.over))} more than was held for it in ${whose(glance)}; worst cases are reckoned wider from now on`,
      fields: { ...fieldsOf(glance), overUsd: usdOfNano(glance.over) }
    })
    known = { ...known, over: glance.over }
  }
  if (
    runsOutAt !== undefined &&
    runsOutAt > now &&
    share < 1 &&
    end - runsOutAt > length * nearEnd &&
    (known.runsOutAt === undefined || Math.abs(known.runsOutAt - runsOutAt) >= length * movedShare)
  ) {
    tell({
      kind: "budget.forecast",
      message: `At the pace of late, ${whose(glance)} runs out at ${time(runsOutAt)}; it is to last until ${time(end)}`,
      fields: { ...fieldsOf(glance), runsOutAt: new Date(runsOutAt).toISOString() }
    })
    known = { ...known, runsOutAt }
  }
  return [alerts, known]
}

/** By which factor estimates are off, the worse of before and after calibration; 1: not at all. */
const factorOf = ({ error, ratio }: EstimateGlance): number => Math.max(ratio, 1 / ratio, 1 + error)

const estimateAlert = (glance: EstimateGlance, from: number, to: number, now: number): Alert => ({
  kind: "estimate.off",
  at: now,
  subject: glance.model,
  message: `What is expected of prompts to ${glance.model} is off by a factor of ${to.toFixed(1)} (over ${glance.seen} answers)`,
  fields: { model: glance.model, factor: to, ratio: glance.ratio, error: glance.error, seen: glance.seen },
  passed: { from, to }
})

/** What is to be told, and what is told then. Budgets that are gone are forgotten. The same state where nothing changed. */
export const spendWatchStep = (
  state: SpendWatchState,
  budgets: ReadonlyArray<BudgetGlance>,
  estimates: ReadonlyArray<EstimateGlance>,
  now: number
): readonly [ReadonlyArray<Alert>, SpendWatchState] => {
  const alerts: Array<Alert> = []
  let changed = Object.keys(state.budgets).length !== budgets.length
  const known: Record<string, Known> = {}
  for (const glance of budgets) {
    const before = Object.hasOwn(state.budgets, glance.id) ? state.budgets[glance.id] : undefined
    const [told, after] = budgetStep(before, glance, now)
    alerts.push(...told)
    known[glance.id] = after
    if (after !== before) changed = true
  }
  let models = state.models
  for (const glance of estimates) {
    if (glance.seen < enoughSeen) continue
    const before = Object.hasOwn(models, glance.model) ? (models[glance.model] ?? 1) : 1
    const factor = factorOf(glance)
    if (factor <= before && factor >= before * better) continue
    if (factor > before) {
      if (before === 1 && Object.keys(models).length >= mostModels) continue
      alerts.push(estimateAlert(glance, before, factor, now))
    }
    models = { ...models, [glance.model]: Math.max(1, factor) }
  }
  return changed || models !== state.models ? [alerts, { budgets: known, models }] : [alerts, state]
}
