/**
 * `switchyard spend`: how the budgets of a running gateway stand, as a table; `--json` writes the admin API's own answer.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { type AdminBudget, type AdminSpend, spendOrders } from "../api/SpendWire.ts"
import { sayUsd } from "../domain/Money.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { adminAt, adminKeyFlag, adminKeyOf } from "./AdminAt.ts"
import { giveBackHangups } from "./Hangups.ts"
import { table } from "./table.ts"

/** To the minute, in the budget's zone: `2026-01-31 12:00`. */
const timeIn = (zone: string): ((moment: string) => string) => {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23"
  })
  return (moment) => {
    const parts = new Map(format.formatToParts(new Date(moment)).map(({ type, value }) => [type, value]))
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? ""
    return `${of("year")}-${of("month")}-${of("day")} ${of("hour")}:${of("minute")}`
  }
}

/** From so many times the limit on, percents are read by nobody. */
const manyTimes = 10
const used = (share: number): string =>
  share < manyTimes ? `${(100 * share).toFixed(1)} %` : `${Math.floor(share).toLocaleString("en-US")} times`

const rowOf = (budget: AdminBudget, time: (moment: string) => string): ReadonlyArray<string> => {
  const { end, ended, leftUsd, limitUsd, refusals, reservedUsd, runsOutAt, settledUsd, share, softUsd, tier } = budget
  const basis = limitUsd ?? softUsd
  return [
    budget.scope,
    budget.window,
    budget.timeZone,
    basis === undefined ? "watched" : limitUsd === undefined ? `soft ${sayUsd(basis)}` : sayUsd(basis),
    sayUsd(settledUsd),
    sayUsd(reservedUsd),
    leftUsd === undefined || ended === true ? "-" : sayUsd(leftUsd),
    basis === undefined ? "-" : used(1 - share),
    ended === true ? "ended" : tier,
    time(end),
    runsOutAt === undefined ? "-" : time(runsOutAt),
    String(Object.values(refusals).reduce((sum, count) => sum + count, 0))
  ]
}

const head = [
  "scope",
  "window",
  "zone",
  "limit",
  "settled",
  "reserved",
  "left",
  "used",
  "tier",
  "until",
  "runs out",
  "refused"
]
const zoneColumn = head.indexOf("zone")
const numbers = ["limit", "settled", "reserved", "left", "used", "refused"]

const troubles = {
  failing: "What is spent cannot be recorded at the moment",
  superseded: "Another process runs under this replica's name: what is spent here is not recorded any more"
} as const

/** For a terminal. Moments are in each budget's time zone, which stands there unless all are in UTC. */
export const renderSpend = ({ budgets, count, recording }: AdminSpend, scope?: string): string => {
  const trouble = recording === "working" ? [] : [troubles[recording]]
  if (budgets.length === 0)
    return [scope === undefined ? "There are no budgets" : `There are no budgets of '${scope}'`, ...trouble].join("\n")
  const zones = new Map<string, (moment: string) => string>()
  const rows = budgets.map((budget) => {
    const time = zones.get(budget.timeZone) ?? timeIn(budget.timeZone)
    zones.set(budget.timeZone, time)
    return rowOf(budget, time)
  })
  const isUtc = budgets.every(({ timeZone }) => timeZone === "UTC")
  const shown = [head, ...rows].map((row) => (isUtc ? row.filter((_, column) => column !== zoneColumn) : row))
  const right = numbers.map((name) => shown[0]?.indexOf(name) ?? -1)
  const more = count > budgets.length ? [`… and ${count - budgets.length} more`] : []
  return [table(shown, right), ...more, ...trouble].join("\n")
}

export const spendCommand = Command.make(
  "spend",
  {
    url: Flag.String("url").pipe(Flag.withDescription("The running gateway")),
    adminKey: adminKeyFlag,
    scope: Flag.String("scope").pipe(
      Flag.withDescription("Only a scope (tenant:acme), or a kind of scopes (tenant)"),
      Flag.optional
    ),
    sort: Flag.Literals("sort", spendOrders).pipe(
      Flag.withDescription("By the share that is used, by what is spent, or by the scope's name"),
      Flag.withDefault("used" as const)
    ),
    limit: Flag.Int("limit").pipe(Flag.withDescription("How many budgets at most"), Flag.optional),
    json: Flag.Boolean("json").pipe(Flag.withDescription("Write JSON"), Flag.withDefault(false))
  },
  ({ adminKey, json, limit, scope, sort, url }) =>
    Effect.gen(function* () {
      giveBackHangups()
      if (Option.isSome(limit) && limit.value < 1)
        return yield* new CommandFailed({ message: "--limit: expected 1 or more" })
      const { admin, told } = yield* adminAt({ url, adminKey: adminKeyOf(adminKey) })
      const query = {
        sort,
        ...(Option.isSome(scope) ? { scope: scope.value } : {}),
        ...(Option.isSome(limit) ? { limit: limit.value } : {})
      }
      const spend = yield* told(admin.spend({ query }))
      yield* Console.log(json ? JSON.stringify(spend, undefined, 2) : renderSpend(spend, Option.getOrUndefined(scope)))
    }).pipe(Effect.scoped)
).pipe(Command.withDescription("Say what a running gateway has spent of its budgets, and when they run out"))
