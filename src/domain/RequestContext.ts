/**
 * Who asks, and under which limits: read by the stages, set once a request by the edge.
 *
 * @module
 */
import { Context } from "effect"

/** What a client key grants. */
export interface Caller {
  /** The key's name in the config; `anonymous` on a loopback listener without keys. */
  readonly name: string
  readonly tenant: string | undefined
  readonly priority: "critical" | "normal" | "low"
  /** Names a request may ask for, `*` standing for any characters; `undefined`: all. */
  readonly allow: ReadonlyArray<string> | undefined
}

export interface RequestContext {
  /** The `x-request-id` of the answer. */
  readonly requestId: string
  readonly caller: Caller
  /** A shorter limit than the configured deadline, asked for by the caller. */
  readonly timeoutMillis: number | undefined
}

export const anonymous: Caller = { name: "anonymous", tenant: undefined, priority: "normal", allow: undefined }

/** The context of the request that is running; outside of one, an anonymous caller's. */
export const CurrentRequest = Context.Reference<RequestContext>("switchyard/domain/CurrentRequest", {
  defaultValue: () => ({ requestId: "", caller: anonymous, timeoutMillis: undefined })
})

/** May this caller ask for `name`? */
export const isAllowed = (caller: Caller, name: string): boolean =>
  caller.allow === undefined ||
  caller.allow.some((pattern) => (pattern.includes("*") ? globToRegExp(pattern).test(name) : pattern === name))

const globToRegExp = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .split("*")
      .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`
  )
