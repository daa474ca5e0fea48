/**
 * Who asks, and under which limits: read by the stages, set once a request by the edge.
 *
 * @module
 */
import { Context } from "effect"
import type { BudgetTier } from "./Budget.ts"
import type { CacheWish } from "./Caching.ts"
import type { Preference } from "./Prefer.ts"
import type { Task } from "./Task.ts"

/** How urgent requests are, the most urgent first. */
export const priorities = ["critical", "normal", "low"] as const
export type Priority = (typeof priorities)[number]

/** The lower of two priorities: callers can only ask for less than they are granted. */
export const lowerPriority = (one: Priority, other: Priority): Priority =>
  priorities.indexOf(one) > priorities.indexOf(other) ? one : other

/** How much a caller may ask; what is absent is not limited. */
export interface CallerLimits {
  readonly requestsPerMinute?: number
  /** Input and output together. */
  readonly tokensPerMinute?: number
  /** Requests under way at once. */
  readonly concurrent?: number
}

/** What a client key grants. */
export interface Caller {
  /** The key's name; `anonymous` on a loopback listener without keys. */
  readonly name: string
  readonly tenant: string | undefined
  readonly priority: Priority
  /** Names a request may ask for, `*` standing for any characters; `undefined`: all. */
  readonly allow: ReadonlyArray<string> | undefined
  /** Only providers of this region may answer; absent: any. */
  readonly region?: string
  /** Absent: any amount may be asked. */
  readonly limits?: CallerLimits
  /** Labels by which the use of keys is counted; absent: none. */
  readonly tags?: ReadonlyArray<string>
  /** Answers tell of themselves in their bodies too, unless a request says otherwise; absent: in headers alone. */
  readonly metadata?: "body"
}

export interface RequestContext {
  /** The `x-request-id` of the answer. */
  readonly requestId: string
  readonly caller: Caller
  /** A shorter limit than the configured deadline, asked for by the caller. */
  readonly timeoutMillis: number | undefined
  /** A lower cap than the configured one on what the request's attempts may cost together, in US dollars. */
  readonly costCapUsd?: number
  /** What matters most, where the model is asked for by task and its name does not say. */
  readonly prefer?: Preference
  /** The task, where the caller knows it better than the classifier. */
  readonly task?: Task
  /** Only who can be told everything that the request says may answer; absent: what only tunes may be dropped. */
  readonly strict?: boolean
  /** Where the answer tells of itself; absent: as the key says. */
  readonly metadata?: "body" | "headers"
  /** What the response cache is to do; absent: `default`. */
  readonly cache?: CacheWish
  /** How good a model may be chosen, where a program says so; absent: as the caller's budgets pay for. */
  readonly tier?: BudgetTier
}

export const anonymous: Caller = { name: "anonymous", tenant: undefined, priority: "normal", allow: undefined }

/** The context of the request that is running; outside of one, an anonymous caller's. */
export const CurrentRequest = Context.Reference<RequestContext>("switchyard/domain/CurrentRequest", {
  defaultValue: () => ({ requestId: "", caller: anonymous, timeoutMillis: undefined })
})

/** May this caller ask for `name`? */
export const isAllowed = (caller: Caller, name: string): boolean =>
  caller.allow === undefined || caller.allow.some((pattern) => fitsPattern(pattern, name))

/**
 * Does all of `name` fit `pattern`, `*` standing for any characters? The first piece must stand at the start and the
 * last at the end; each between them is taken where it is first found, which leaves the most for those after it, so
 * nothing is ever tried twice.
 */
export const fitsPattern = (pattern: string, name: string): boolean => {
  const first = pattern.indexOf("*")
  if (first === -1) return pattern === name
  const last = pattern.lastIndexOf("*")
  const end = name.length - (pattern.length - last - 1)
  if (end < first || !name.startsWith(pattern.slice(0, first)) || !name.endsWith(pattern.slice(last + 1))) return false
  let at = first
  for (const piece of pattern.slice(first, last).split("*")) {
    const found = name.indexOf(piece, at)
    if (found === -1 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}
