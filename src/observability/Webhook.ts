/**
 * One POST to a webhook: what came of it, and how long to leave it alone.
 *
 * A redirect is not followed: an alert goes to the address that was configured or nowhere. The address is a secret (it
 * bears the right to post), so nothing here says it, nor what an answer's body or a system's error says.
 *
 * @module
 */
import { Effect } from "effect"
import { Agent } from "undici"
import type { JsonObject } from "../domain/Json.ts"

/** What a POST came to. */
export type Posted =
  | { readonly _tag: "Taken" }
  /** Another try may help, after so long if the other side said so. */
  | { readonly _tag: "NotNow"; readonly why: string; readonly afterMillis: number | undefined }
  | { readonly _tag: "Never"; readonly why: string }

/** A POST may take so long, its answer's body included. */
export const postLimitMillis = 10_000
/** What is read of an answer before its connection is let go. */
const mostAnswerBytes = 64 * 1024
/** Statuses below 500 after which another try may help. */
const passing = new Set([408, 425, 429])
const longestName = 60

/** Seconds, or a date (RFC 9110, 10.2.3), as milliseconds from `now`. */
const retryAfterMillis = (header: unknown, now: number): number | undefined => {
  if (typeof header !== "string") return undefined
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

const judged = (status: number, retryAfter: unknown, now: number): Posted => {
  if (status >= 200 && status < 300) return { _tag: "Taken" }
  if (status >= 500 || passing.has(status))
    return { _tag: "NotNow", why: `it answered with ${status}`, afterMillis: retryAfterMillis(retryAfter, now) }
  return {
    _tag: "Never",
    why:
      status >= 300 && status < 400
        ? "it answered with a redirect, which is not followed"
        : `it answered with ${status}`
  }
}

/** The system's word for an error (`ECONNREFUSED`), never its message, which may quote the address. */
const nameOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return "unknown reason"
  return ("code" in cause && typeof cause.code === "string" ? cause.code : cause.name).slice(0, longestName)
}

/** What stands in an address before its host, as a header: nothing else would carry it. */
const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`

/** Connections of webhooks alone, which end with them. */
export const webhookAgent = (): Agent => new Agent({ connections: 2, pipelining: 1, keepAliveTimeout: 10_000 })

/** Sends it, once. Never fails. `now` in milliseconds since 1970. */
export const post = (agent: Agent, url: string, body: JsonObject, now: () => number): Effect.Effect<Posted> =>
  Effect.tryPromise({
    try: (signal) => {
      const { origin, password, pathname, search, username } = new URL(url)
      return agent
        .request({
          origin,
          path: `${pathname}${search}`,
          method: "POST",
          headers: {
            "content-type": "application/json",
            "user-agent": "switchyard",
            ...(username === "" ? {} : { authorization: basic(username, password) })
          },
          body: JSON.stringify(body),
          signal
        })
        .then((answer) =>
          answer.body
            .dump({ limit: mostAnswerBytes, signal })
            .then(() => judged(answer.statusCode, answer.headers["retry-after"], now()))
        )
    },
    catch: (cause): Posted => ({
      _tag: "NotNow",
      why: `it cannot be reached (${nameOf(cause)})`,
      afterMillis: undefined
    })
  }).pipe(
    Effect.timeoutOrElse({
      duration: postLimitMillis,
      orElse: () => Effect.succeed<Posted>({ _tag: "NotNow", why: "it did not answer in time", afterMillis: undefined })
    }),
    Effect.catch(Effect.succeed)
  )
