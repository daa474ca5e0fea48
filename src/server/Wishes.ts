/**
 * What a caller says of its request in headers of ours: how long, how dear, how strictly, what for.
 *
 * Callers can only ask for less than they are granted: of what asks for more, what is granted holds. A header that cannot be read is a 400 that names it, never passed
 * over: whoever writes it relies on it.
 *
 * @module
 */
import { Result } from "effect"
import type { Settings } from "../config/Settings.ts"
import type { HeaderMap } from "../dialect/Dialect.ts"
import { cacheWishes } from "../domain/Caching.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { isPreference, preferences } from "../domain/Prefer.ts"
import { priorities, type Priority, type RequestContext } from "../domain/RequestContext.ts"
import { builtInTasks } from "../domain/Task.ts"

/** What headers say of a request. */
export interface Wishes extends Pick<
  RequestContext,
  "timeoutMillis" | "costCapUsd" | "metadata" | "strict" | "prefer" | "task" | "cache"
> {
  /** What the caller would have, which may be more than its key grants. */
  readonly priority?: Priority
}

type Read<A> = Result.Result<A, GatewayError>

/** The wishes of a request, or what is wrong with the first header that cannot be read. */
export const wishesOf = (headers: HeaderMap, { classifier }: Pick<Settings, "classifier">): Read<Wishes> => {
  const timeout = positive(headers, "x-switchyard-timeout", "milliseconds")
  if (Result.isFailure(timeout)) return Result.fail(timeout.failure)
  const cap = positive(headers, "x-switchyard-max-cost-usd", "US dollars")
  if (Result.isFailure(cap)) return Result.fail(cap.failure)
  const strict = oneOf(headers, "x-switchyard-strict", flags)
  if (Result.isFailure(strict)) return Result.fail(strict.failure)
  const metadata = oneOf(headers, "x-switchyard-metadata", places)
  if (Result.isFailure(metadata)) return Result.fail(metadata.failure)
  const prefer = oneOf(headers, "x-switchyard-prefer", preferences)
  if (Result.isFailure(prefer)) return Result.fail(prefer.failure)
  const priority = oneOf(headers, "x-switchyard-priority", priorities)
  if (Result.isFailure(priority)) return Result.fail(priority.failure)
  const wanted = priorities.find((one) => one === priority.success)
  const cache = oneOf(headers, "x-switchyard-cache", cacheWishes)
  if (Result.isFailure(cache)) return Result.fail(cache.failure)
  const cacheWish = cacheWishes.find((one) => one === cache.success)
  const tasks = classifier === undefined ? builtInTasks : [...builtInTasks, ...classifier.classes.keys()]
  const task = oneOf(headers, "x-switchyard-task", tasks)
  if (Result.isFailure(task)) return Result.fail(task.failure)
  return Result.succeed({
    timeoutMillis: timeout.success,
    ...(cap.success === undefined ? undefined : { costCapUsd: cap.success }),
    ...(wanted === undefined ? undefined : { priority: wanted }),
    ...(metadata.success === undefined ? undefined : { metadata: metadata.success === "body" ? "body" : "headers" }),
    ...(strict.success === "true" ? { strict: true } : undefined),
    ...(prefer.success !== undefined && isPreference(prefer.success) ? { prefer: prefer.success } : undefined),
    ...(cacheWish === undefined ? undefined : { cache: cacheWish }),
    ...(task.success === undefined ? undefined : { task: task.success })
  })
}

const flags = ["true", "false"]
/** Where an answer tells of itself: in its headers in any case. */
const places = ["body", "headers"]

const refused = (name: string, expected: string): Result.Result<never, GatewayError> =>
  Result.fail(gatewayError({ _tag: "BadRequest", message: `The header ${name} must be ${expected}`, param: name }))

/** A header that holds one of some words, in upper or lower case; `undefined` where it is absent. */
const oneOf = (headers: HeaderMap, name: string, words: ReadonlyArray<string>): Read<string | undefined> => {
  const text = headers[name]
  if (text === undefined) return Result.succeed(undefined)
  const wanted = text.trim().toLowerCase()
  const word = words.find((one) => one.toLowerCase() === wanted)
  if (word !== undefined) return Result.succeed(word)
  const listed = words.map((one) => `'${one}'`)
  return refused(name, `${listed.slice(0, -1).join(", ")} or ${listed.at(-1) ?? ""}`)
}

/** A header that holds a positive number; `undefined` where it is absent. */
const positive = (headers: HeaderMap, name: string, unit: string): Read<number | undefined> => {
  const text = headers[name]
  if (text === undefined) return Result.succeed(undefined)
  const value = /^\d{1,12}(?:\.\d+)?$/.test(text.trim()) ? Number(text) : 0
  return value > 0 ? Result.succeed(value) : refused(name, `a positive number of ${unit}`)
}
