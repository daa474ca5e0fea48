/**
 * What the log says of calls of the admin API that were turned away (401, 403): somebody may be trying keys.
 *
 * At most one line a minute, however many there are: the first at once, those after it as a count.
 *
 * @module
 */
import { Duration, Effect, Option, type Scope } from "effect"
import type { HttpServerRequest } from "effect/http"
import type { AdminErrorType } from "../api/Errors.ts"
import { cleanName } from "../observability/LogLine.ts"

/** Notes a call that was refused. Other refusals than those of who calls are not noted. */
export type NoteRefusal = (
  type: AdminErrorType,
  request: HttpServerRequest.HttpServerRequest,
  requestId: string
) => Effect.Effect<void>

/** Between two lines. */
const pause = Duration.minutes(1)

/** Notes for as long as the scope; a count that is not told by then is lost. */
export const refusedCalls: Effect.Effect<NoteRefusal, never, Scope.Scope> = Effect.map(Effect.scope, (scope) => {
  let isQuiet = true
  let untold = 0

  const tellLater: Effect.Effect<void> = Effect.flatMap(Effect.sleep(pause), () => {
    if (untold === 0) {
      isQuiet = true
      return Effect.void
    }
    const count = untold
    untold = 0
    return Effect.andThen(
      Effect.logWarning(`${count} more ${count === 1 ? "call" : "calls"} of the admin API refused within a minute`),
      Effect.suspend(() => tellLater)
    )
  })

  return (type, request, requestId) =>
    Effect.suspend(() => {
      if (type !== "unauthorized" && type !== "forbidden") return Effect.void
      if (!isQuiet) {
        untold++
        return Effect.void
      }
      isQuiet = false
      const from = Option.match(request.remoteAddress, { onNone: () => "", onSome: (one) => ` from ${cleanName(one)}` })
      return Effect.andThen(
        Effect.logWarning(`a call of the admin API${from} was refused: ${type} (${requestId})`),
        Effect.forkIn(tellLater, scope)
      )
    })
})
