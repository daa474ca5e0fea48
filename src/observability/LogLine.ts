/**
 * A finished request as one line of text: for people, or as JSON.
 *
 * Everything in a line is a count, a time, a name or a tag. The one text a caller chooses is the model's name; it is
 * stripped of control characters and white space and cut, so that it can neither forge a second line nor carry a
 * prompt into the log.
 *
 * @module
 */
import type { Attempt } from "../domain/GatewayError.ts"
import type { RequestRecord } from "./RequestRecord.ts"

export type LogFormat = "readable" | "json"

/** The longest name from outside that a line shows, in characters. */
const longestName = 120

/** A name from outside, fit for a log: no control characters, no white space, cut. */
export const cleanName = (name: string): string => {
  const clean = name.replace(/[\p{C}\p{Z}]/gu, "_")
  return clean.length > longestName ? `${clean.slice(0, longestName)}…` : clean
}

/** The line of a finished request, without a line break. `now` in milliseconds since 1970. */
export const logLine = (format: LogFormat, record: RequestRecord, now: number): string =>
  format === "json" ? jsonLine(record, now) : readableLine(record, now)

const readableLine = (record: RequestRecord, now: number): string => {
  const asked = record.modelAsked === undefined ? "-" : cleanName(record.modelAsked)
  let line = `${new Date(now).toISOString()} ${record.id} ${record.dialect} ${asked}`
  if (record.provider !== undefined) line += ` -> ${record.provider}/${cleanName(record.model ?? "")}`
  line += ` ${record.status} ${record.outcome ?? "error"}`
  if (record.reason !== undefined) line += ` (${record.reason})`
  line += ` in ${Math.round(now - record.startedAt)} ms`
  if (record.firstEventAt !== undefined)
    line += `, first event ${Math.round(record.firstEventAt - record.startedAt)} ms`
  if (record.inputs !== undefined) line += `, ${record.inputs} inputs`
  if (record.usage !== undefined) line += `, ${record.usage.inputTokens}+${record.usage.outputTokens} tokens`
  if (record.attempts.some((attempt) => attempt.reason !== undefined) || record.attempts.length > 1)
    line += `, attempts: ${record.attempts.map(showAttempt).join("; ")}`
  if (record.fallback !== undefined) line += `, not the first choice (${record.fallback})`
  if (record.cache !== undefined) line += `, cache ${record.cache}`
  for (const { by, model, provider } of record.resumed) line += `, completed by ${provider}/${cleanName(model)} (${by})`
  return `${line}, key ${record.caller}`
}

const jsonLine = (record: RequestRecord, now: number): string =>
  // JSON.stringify leaves out what is undefined
  JSON.stringify({
    time: new Date(now).toISOString(),
    id: record.id,
    key: record.caller,
    dialect: record.dialect,
    modelAsked: record.modelAsked === undefined ? undefined : cleanName(record.modelAsked),
    delivery: record.delivery,
    inputs: record.inputs,
    provider: record.provider,
    model: record.model === undefined ? undefined : cleanName(record.model),
    attempts: record.attempts.map((attempt) => ({ ...attempt, model: cleanName(attempt.model) })),
    fallback: record.fallback,
    cache: record.cache,
    resumed:
      record.resumed.length === 0
        ? undefined
        : record.resumed.map(({ by, model, provider }) => ({ provider, model: cleanName(model), by })),
    inputTokens: record.usage?.inputTokens,
    outputTokens: record.usage?.outputTokens,
    firstEventMs: record.firstEventAt === undefined ? undefined : Math.round(record.firstEventAt - record.startedAt),
    durationMs: Math.round(now - record.startedAt),
    status: record.status,
    outcome: record.outcome ?? "error",
    reason: record.reason
  })

const showAttempt = (attempt: Attempt): string =>
  `${attempt.provider}/${cleanName(attempt.model)} ${attempt.reason ?? "answered"} ${Math.round(attempt.millis)} ms`

/**
 * What may be said of a defect: the name of the error and where it arose. Its message is left out, since the errors of
 * parsers and encoders quote what they were given.
 */
export const defectLine = (format: LogFormat, id: string, defect: unknown, now: number): string => {
  const name = defect instanceof Error ? defect.name : typeof defect
  const at = defect instanceof Error ? stackFrames(defect) : []
  return format === "json"
    ? JSON.stringify({ time: new Date(now).toISOString(), id, level: "error", defect: name, at })
    : `${new Date(now).toISOString()} ${id} defect ${name} at ${at.length === 0 ? "unknown" : at.join(" < ")}`
}

const stackFrames = (error: Error): ReadonlyArray<string> =>
  (error.stack ?? "")
    .split("\n")
    .map((line) => /^\s+at (.+)$/.exec(line)?.[1])
    .filter((frame): frame is string => frame !== undefined && !/node_modules|node:/.test(frame))
    .slice(0, 6)
