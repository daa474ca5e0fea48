/**
 * The bodies of the admin API: small JSON objects in which every field counts.
 *
 * A field that is not known is refused, since an operator's typing error must not be passed over (`"wieght": 0` would
 * drain nothing).
 *
 * @module
 */
import { Effect, type Schema, type SchemaIssue, SchemaParser } from "effect"
import type { HttpServerRequest } from "effect/http"
import { AdminCall } from "../api/AdminApi.ts"
import type { AdminError } from "../api/Errors.ts"
import { findingsOf, problemAt } from "../config/diagnose.ts"
import { readPlain } from "../config/Source.ts"
import type { Json } from "../domain/Json.ts"
import { adminError, adminErrorOf } from "./AdminErrors.ts"
import { readJson } from "./Body.ts"
import { nodePair } from "./Call.ts"

/** No order of an operator's is longer. */
const limitBytes = 64 * 1024

type Request = HttpServerRequest.HttpServerRequest

/** Reads the body as JSON; fails with what is wrong with it. */
export const jsonOf = (request: Request): Effect.Effect<Json, AdminError, AdminCall> =>
  Effect.flatMap(AdminCall, ({ requestId }) => {
    const { incoming, outgoing } = nodePair(request)
    return Effect.mapError(readJson(incoming, outgoing, limitBytes), (error) => adminErrorOf(error, requestId))
  })

/** Reads a value as `schema` says; fails with the first field that is wrong. `unknownFields`: refused if not told. */
export const decoded = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  value: unknown,
  unknownFields: "error" | "ignore" = "error"
): Effect.Effect<S["Type"], AdminError, AdminCall> =>
  Effect.flatMap(AdminCall, ({ requestId }) =>
    Effect.mapError(
      Effect.fromResult(SchemaParser.decodeUnknownResult(schema)(value, { onExcessProperty: unknownFields })),
      (issue) => faultIn(issue, requestId, value)
    )
  )

/** Reads the body as `schema` says. */
export const bodyOf = <S extends Schema.ConstraintDecoder<unknown>>(
  request: Request,
  schema: S
): Effect.Effect<S["Type"], AdminError, AdminCall> => Effect.flatMap(jsonOf(request), (body) => decoded(schema, body))

/** The same, where no body at all says as much as an empty object. */
export const optionalBodyOf = <S extends Schema.ConstraintDecoder<unknown>>(
  request: Request,
  schema: S
): Effect.Effect<S["Type"], AdminError, AdminCall> => {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers
  return encoding === undefined && (length === undefined || length === "0")
    ? decoded(schema, {})
    : bodyOf(request, schema)
}

/**
 * The first fault of what was decoded, in the words in which the config's are told, as the notation is the config's too.
 * `value` is what was decoded, so that it can be said what was found; secrets are not.
 */
export const faultIn = (issue: SchemaIssue.Issue, requestId: string, value?: unknown): AdminError => {
  const source = readPlain("body", value, {})
  const [finding] = findingsOf(source, issue)
  if (finding === undefined) return adminError("invalid_request", "A value is wrong", requestId)
  const { expected, found, hint, path } = problemAt(source, finding)
  const words = [
    path === "" ? "" : `'${path}': `,
    value === undefined ? "" : `found ${found}, `,
    `expected ${(value === undefined ? meantBy(issue) : undefined) ?? expected}`,
    hint === undefined ? "" : `; ${hint}`
  ]
  return adminError("invalid_request", words.join(""), requestId, path === "" ? undefined : path)
}

/** What a text of a path or a query was to stand for: said by the schema behind that of the text. */
const meantBy = (issue: SchemaIssue.Issue): string | undefined => {
  switch (issue._tag) {
    case "Pointer":
      return meantBy(issue.issue)
    case "Composite":
      return meantBy(issue.issues[0])
    case "Encoding": {
      const message = issue.ast.annotations?.["message"]
      return typeof message === "string" ? message : undefined
    }
    default:
      return undefined
  }
}
