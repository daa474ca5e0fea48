/**
 * The flags by which `switchyard keys` says what a key grants, and what they say.
 *
 * A budget is written as its limit in US dollars and its window (`10/day`), and after commas what else the config file
 * may say of it: `10/day,softLimitUsd=8,timeZone=Europe/Berlin`. One that is only watched has no limit:
 * `day,softLimitUsd=8`. What is wrong with it is told by whoever makes the key.
 *
 * @module
 */
import { Clock, Duration, Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { parseDuration } from "../config/notation.ts"
import { priorities } from "../domain/RequestContext.ts"
import { CommandFailed } from "./CommandFailed.ts"

export const text = (flag: string, description: string) =>
  Flag.String(flag).pipe(Flag.withDescription(description), Flag.optional)
const whole = (flag: string, description: string) =>
  Flag.Int(flag).pipe(Flag.withDescription(description), Flag.optional)

export const grantFlags = {
  tenant: text("tenant", "Whose it is"),
  priority: Flag.Literals("priority", priorities).pipe(
    Flag.withDescription("Who goes first when requests have to wait"),
    Flag.optional
  ),
  allow: text("allow", "The aliases and models it may ask for, separated by commas; * stands for any characters"),
  region: text("region", "Only providers of this region may answer"),
  requests: whole("requests-per-minute", "The most requests within a minute"),
  tokens: whole("tokens-per-minute", "The most tokens within a minute, of prompts and answers together"),
  concurrent: whole("concurrent", "The most requests at once"),
  budget: Flag.String("budget").pipe(
    Flag.withDescription(
      'What it may spend: a limit in US dollars and a window such as "10/day", and after commas softLimitUsd, timeZone, reserve, onExhausted as in the config file; may be given again for another window'
    ),
    Flag.atLeast(0)
  ),
  tags: text("tags", "Labels by which its use is counted, separated by commas"),
  metadata: Flag.Literals("metadata", ["body"]).pipe(
    Flag.withDescription("Where answers tell of themselves besides in headers"),
    Flag.optional
  ),
  expires: text("expires", 'When it ends: a moment such as 2026-12-31T00:00:00Z, or a length of time such as "90 days"')
}

/** A field where there is a value for it. */
export const some = <K extends string, A>(field: K, value: Option.Option<A>): { readonly [F in K]?: A } =>
  // the one field is of the type that is said
  (Option.isSome(value) ? { [field]: value.value } : {}) as { readonly [F in K]?: A }

export const words = (text: string): ReadonlyArray<string> =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "")

/** A moment, or one that is so far from now. */
const moment = (written: string): Effect.Effect<string> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const lasts = parseDuration(written)
    return lasts === undefined ? written : new Date(now + Duration.toMillis(lasts)).toISOString()
  })

const asNumber = (written: string): string | number => (written.trim() === "" ? written : Number(written))
const numbers = new Set(["limitUsd", "softLimitUsd", "reserve"])
const terms = new Set([...numbers, "timeZone", "onExhausted"])

/** A budget as the admin API takes it, unless it is not even written like one. */
export const parseBudget = (written: string): Effect.Effect<Readonly<Record<string, unknown>>, CommandFailed> => {
  const [head = "", ...more] = words(written)
  const [, limit, window] = /^(?:([^/]*)\/)?([^/=]+)$/.exec(head) ?? []
  const fields = more.map((term) => /^(\w+)=(.+)$/.exec(term))
  if (window === undefined || fields.some((field) => field === null || !terms.has(field[1] ?? "")))
    return Effect.fail(
      new CommandFailed({
        message: `--budget ${JSON.stringify(written)}: expected a limit and a window such as "10/day", and after commas any of ${[...terms].join(", ")}, such as "10/day,timeZone=Europe/Berlin"`
      })
    )
  return Effect.succeed({
    window,
    ...(limit === undefined ? undefined : { limitUsd: asNumber(limit) }),
    ...Object.fromEntries(
      fields.flatMap((field) =>
        field === null ? [] : [[field[1], numbers.has(field[1] ?? "") ? asNumber(field[2] ?? "") : field[2]]]
      )
    )
  })
}

type Values<F> = { readonly [K in keyof F]: F[K] extends Flag.Flag<infer A> ? A : never }

/** What the flags say, as the admin API takes it; it is checked there. */
export const grantsOf = (
  flags: Values<typeof grantFlags>
): Effect.Effect<Readonly<Record<string, unknown>>, CommandFailed> =>
  Effect.gen(function* () {
    const { allow, budget, concurrent, expires, metadata, priority, region, requests, tags, tenant, tokens } = flags
    const limits = {
      ...some("requestsPerMinute", requests),
      ...some("tokensPerMinute", tokens),
      ...some("concurrent", concurrent)
    }
    const ends = Option.isSome(expires) ? yield* moment(expires.value) : undefined
    const budgets = yield* Effect.forEach(budget, parseBudget)
    return {
      ...some("tenant", tenant),
      ...some("priority", priority),
      ...some("allow", Option.map(allow, words)),
      ...some("region", region),
      ...some("tags", Option.map(tags, words)),
      ...some("metadata", metadata),
      ...(Object.keys(limits).length === 0 ? undefined : { limits }),
      ...(budgets.length === 0 ? undefined : { budgets }),
      ...(ends === undefined ? undefined : { expires: ends })
    }
  })
