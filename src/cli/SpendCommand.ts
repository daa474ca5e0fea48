/**
 * `switchyard spend`: how the budgets of a running gateway stand, as a table; `--json` writes the admin API's own answer.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { AdminBudget, AdminSpend } from "../api/SpendWire.ts"
import { adminAt, adminKeyFlag, adminKeyOf } from "./AdminAt.ts"
import { giveBackHangups } from "./Hangups.ts"
import { table } from "./table.ts"

/** Cents where there are dollars, and what is there where there are not. */
const usd = (amount: number): string =>
  `$${Math.abs(amount) >= 1 || amount === 0 ? amount.toFixed(2) : amount.toPrecision(3)}`
/** To the minute: `2026-01-31 12:00`, in UTC. */
const time = (moment: string): string => moment.slice(0, 16).replace("T", " ")

const rowOf = (budget: AdminBudget): ReadonlyArray<string> => {
  const { end, leftUsd, limitUsd, refusals, reservedUsd, runsOutAt, scope, settledUsd, share, softUsd, tier, window } =
    budget
  const basis = limitUsd ?? softUsd
  return [
    scope,
    window,
    basis === undefined ? "watched" : limitUsd === undefined ? `${usd(basis)} (soft)` : usd(basis),
    usd(settledUsd),
    usd(reservedUsd),
    leftUsd === undefined ? "-" : usd(leftUsd),
    basis === undefined ? "-" : `${(100 * (1 - share)).toFixed(1)} %`,
    tier,
    time(end),
    runsOutAt === undefined ? "-" : time(runsOutAt),
    String(Object.values(refusals).reduce((sum, count) => sum + count, 0))
  ]
}

const head = ["scope", "window", "limit", "settled", "reserved", "left", "used", "tier", "until", "runs out", "refused"]

/** For a terminal. Moments are in UTC. */
export const renderSpend = ({ budgets }: AdminSpend): string =>
  budgets.length === 0 ? "There are no budgets" : table([head, ...budgets.map(rowOf)])

export const spendCommand = Command.make(
  "spend",
  {
    url: Flag.String("url").pipe(Flag.withDescription("The running gateway")),
    adminKey: adminKeyFlag,
    scope: Flag.String("scope").pipe(
      Flag.withDescription("Only a scope (tenant:acme), or a kind of scopes (tenant)"),
      Flag.optional
    ),
    json: Flag.Boolean("json").pipe(Flag.withDescription("Write JSON"), Flag.withDefault(false))
  },
  ({ adminKey, json, scope, url }) =>
    Effect.gen(function* () {
      giveBackHangups()
      const { admin, told } = yield* adminAt({ url, adminKey: adminKeyOf(adminKey) })
      const query = Option.match(scope, { onNone: () => ({}), onSome: (scope) => ({ scope }) })
      const spend = yield* told(admin.spend({ query }))
      yield* Console.log(json ? JSON.stringify(spend, undefined, 2) : renderSpend(spend))
    }).pipe(Effect.scoped)
).pipe(Command.withDescription("Say what a running gateway has spent of its budgets, and when they run out"))
