/**
 * One line a request. Nothing that goes wrong here reaches the request.
 *
 * @module
 */
import { Cause, Context, Effect, Layer } from "effect"
import { LineSink } from "./LineSink.ts"
import { type LogFormat, defectLine, logLine } from "./LogLine.ts"
import type { RequestRecord } from "./RequestRecord.ts"

export class RequestLog extends Context.Service<
  RequestLog,
  {
    /** Writes the line of a request that has ended. `now` in milliseconds since 1970. */
    readonly finished: (record: RequestRecord, now: number) => void
    /** Writes where a defect arose, under the request's id. Errors that were expected are not defects. */
    readonly defect: (id: string, cause: Cause.Cause<unknown>, now: number) => void
  }
>()("switchyard/observability/RequestLog") {
  static readonly layerWith = (options: { readonly format: LogFormat }): Layer.Layer<RequestLog, never, LineSink> =>
    Layer.effect(
      RequestLog,
      Effect.map(LineSink, (sink) => ({
        finished: (record, now) => never(() => sink.write(logLine(options.format, record, now))),
        defect: (id, cause, now) =>
          never(() => {
            for (const reason of cause.reasons)
              if (Cause.isDieReason(reason)) sink.write(defectLine(options.format, id, reason.defect, now))
          })
      }))
    )

  /** To standard output, in the format for people unless told otherwise. */
  static readonly layer = (options: { readonly format: LogFormat } = { format: "readable" }): Layer.Layer<RequestLog> =>
    RequestLog.layerWith(options).pipe(
      Layer.provide(options.format === "json" ? LineSink.layerFd(1, lostAsJson) : LineSink.layerFd())
    )
}

const lostAsJson = (count: number): string => JSON.stringify({ level: "error", dropped: count })

const never = (f: () => void): void => {
  try {
    f()
  } catch {
    // a log that cannot be written must not fail the request it is about
  }
}
