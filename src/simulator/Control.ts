/**
 * The operator's calls over HTTP: faults and rate limits are set, listed and taken back, streams are cut, what was
 * received is listed.
 *
 * @module
 */
import { Effect, Result } from "effect"
import { isJsonObject, type Json, parseJson } from "../domain/Json.ts"
import type { Calls, RecordedCall } from "./Calls.ts"
import type { ActiveFault, FaultBoard } from "./FaultBoard.ts"
import { decodeFaultSetting, faults } from "./Faults.ts"
import { decodeLimits, type Limits } from "./Limits.ts"
import { credentialHeaders, type Plain } from "./Wire.ts"

/** The answer to `method path` with `text` as its body. */
export const control = (
  calls: Calls,
  board: FaultBoard,
  limits: Limits,
  cut: (vendor: string) => Effect.Effect<number>,
  method: string,
  path: string,
  text: string
): Effect.Effect<Plain> => {
  switch (`${method} ${path}`) {
    case "GET /control/faults":
      return Effect.map(board.active, (active) => plain(200, { active: active.map(activeRow), known: knownFaults }))
    case "POST /control/faults": {
      const setting = decodeFaultSetting(parseJson(text))
      return Result.isFailure(setting)
        ? Effect.succeed(plain(400, { error: { message: setting.failure } }))
        : Effect.as(board.set(setting.success), plain(200, { ok: true }))
    }
    case "DELETE /control/faults":
      return Effect.as(board.clear, plain(200, { ok: true }))
    case "GET /control/limits":
      return Effect.map(limits.active, (active) =>
        plain(200, { active: active.map(({ limits: set, ...rest }) => ({ ...set, ...rest })) })
      )
    case "POST /control/limits": {
      const setting = decodeLimits(parseJson(text))
      if (Result.isFailure(setting)) return Effect.succeed(plain(400, { error: { message: setting.failure } }))
      const { vendor, ...wanted } = setting.success
      return Effect.as(limits.set(vendor, wanted), plain(200, { ok: true }))
    }
    case "DELETE /control/limits":
      return Effect.as(limits.clear, plain(200, { ok: true }))
    case "POST /control/cut": {
      const body = parseJson(text)
      const vendor = isJsonObject(body) ? body["vendor"] : undefined
      return typeof vendor === "string"
        ? Effect.map(cut(vendor), (count) => plain(200, { ok: true, cut: count }))
        : Effect.succeed(plain(400, { error: { message: "Whose streams? A body with a vendor is needed" } }))
    }
    case "GET /control/calls":
      return Effect.map(calls.all, (all) => plain(200, { calls: all.map(callRow) }))
    case "DELETE /control/calls":
      return Effect.as(calls.clear, plain(200, { ok: true }))
    default:
      return Effect.succeed(plain(404, { error: { message: `No such control: ${method} ${path}` } }))
  }
}

const plain = (status: number, body: Json): Plain => ({ _tag: "Plain", status, headers: {}, body })

const callRow = (call: RecordedCall): Json => ({
  number: call.number,
  vendor: call.vendor,
  model: call.model ?? null,
  method: call.method,
  path: call.path,
  query: call.query.replace(/(^|&)key=[^&]*/, "$1key=***"),
  headers: Object.fromEntries(
    Object.entries(call.headers).map(([name, value]) => [name, credentialHeaders.has(name) ? "***" : value])
  ),
  body: call.body,
  atMillis: call.atMillis,
  fault: call.fault ?? null,
  status: call.status ?? null,
  endedAtMillis: call.endedAtMillis ?? null,
  aborted: call.aborted
})

const activeRow = ({ left, setting }: ActiveFault): Json => ({
  ...setting,
  left: Number.isFinite(left) ? left : null
})

const knownFaults: Json = Object.fromEntries(
  Object.entries(faults).map(([name, { doc, parameters }]) => [name, { doc, parameters: { ...parameters } }])
)
