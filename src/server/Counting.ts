/**
 * How many tokens a prompt has: as the asked model's vendor counts them, else an estimate that is told as one.
 *
 * Where no vendor counts (it has no such endpoint, it is not well, it does not answer in time), the prompt's characters are
 * counted, and the answer bears `x-switchyard-estimated`, which names the field that is an estimate. Who has counted
 * stands in the headers of any answer.
 *
 * @module
 */
import { Effect } from "effect"
import { nearest } from "../config/nearest.ts"
import type { Settings } from "../config/Settings.ts"
import type { InboundDialect } from "../dialect/Dialect.ts"
import { gatewayError } from "../domain/GatewayError.ts"
import type { JsonObject } from "../domain/Json.ts"
import { CurrentRequest, isAllowed } from "../domain/RequestContext.ts"
import { Gateway } from "../gateway/Gateway.ts"
import type { ClientKeys } from "./ClientKeys.ts"
import { estimatePromptTokens } from "./Estimates.ts"
import { decodedBy, makeServe, type Respond } from "./Inference.ts"
import { isReachable } from "./Models.ts"
import { servedHeaders } from "./Reply.ts"

/** What of a wire a count needs. */
export interface CountingDialect extends Pick<InboundDialect, "id" | "encodeError" | "decodeRequest"> {
  readonly encodeCount: (tokens: number) => JsonObject
  /** The field of the answer that holds the count. */
  readonly countField: string
}

/** The answers to requests for counts. */
export const makeCounting = (settings: () => Settings, keys: ClientKeys) =>
  Effect.map(
    Effect.all([Gateway, makeServe(settings, keys)]),
    ([gateway, serve]) =>
      (dialect: CountingDialect): Respond =>
        serve(dialect, (call, body) =>
          Effect.gen(function* () {
            const request = yield* Effect.fromResult(decodedBy(dialect.decodeRequest, call, body))
            call.record.asked(request)
            // counts are never kept
            if (call.asksCacheOnly) return yield* gatewayError({ _tag: "NotCached", why: "uncacheable" })
            const { caller } = yield* CurrentRequest
            const listing = isAllowed(caller, request.model) ? yield* gateway.model(request.model) : undefined
            if (listing === undefined || !isReachable(listing, caller.region, settings())) {
              const names = (yield* gateway.models).map(({ id }) => id).filter((id) => isAllowed(caller, id))
              const found = nearest(request.model, names, 3)
              return yield* gatewayError({ _tag: "UnknownModel", model: request.model, nearest: found })
            }
            const counted = yield* gateway.count(request)
            if (counted === undefined)
              return call.told(dialect.encodeCount(estimatePromptTokens(request)), {
                "x-switchyard-estimated": dialect.countField
              })
            call.record.counted(counted)
            return call.told(dialect.encodeCount(counted.count.inputTokens), servedHeaders(counted.served))
          })
        )
  )
