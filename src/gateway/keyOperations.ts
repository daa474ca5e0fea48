/**
 * The operations on client keys: what is asked of `ClientKeys`, told as news, never with a secret.
 *
 * @module
 */
import { type Context, Effect } from "effect"
import { ClientKeys } from "../keys/ClientKeys.ts"
import { KeyLimits } from "../keys/KeyLimits.ts"
import type { KeyRefused } from "../keys/KeyOrder.ts"
import type { KeyReport } from "../keys/KeyReport.ts"
import { type ClientKeyReport, OperationRefused, type Operations } from "./Operations.ts"

type KeyOperations = Pick<
  Context.Service.Shape<typeof Operations>,
  "keys" | "key" | "createKey" | "changeKey" | "rotateKey" | "revokeKey"
>

/** Tells an operator's news. */
export type Tell = (kind: string, subject: string, detail: string, level?: "info" | "warning") => Effect.Effect<void>

const asOperation = <A>(effect: Effect.Effect<A, KeyRefused>): Effect.Effect<A, OperationRefused> =>
  Effect.mapError(
    effect,
    ({ kind, message, param }) =>
      new OperationRefused({ kind, message, ...(param === undefined ? undefined : { param }) })
  )

export const keyOperations = (tell: Tell): Effect.Effect<KeyOperations, never, ClientKeys | KeyLimits> =>
  Effect.gen(function* () {
    const keys = yield* ClientKeys
    const limits = yield* KeyLimits
    const withUse = (key: KeyReport): Effect.Effect<ClientKeyReport> =>
      Effect.clockWith((clock) =>
        Effect.sync(() => ({ ...key, use: limits.use(key.name, key.limits, clock.currentTimeMillisUnsafe()) }))
      )
    return {
      keys: Effect.flatMap(keys.list, (all) => Effect.forEach(all, withUse)),
      key: (name) => Effect.flatMap(asOperation(keys.one(name)), withUse),
      createKey: (order) =>
        Effect.gen(function* () {
          const made = yield* asOperation(keys.create(order))
          yield* tell("key.created", order.name, "by an operator")
          return { ...made, key: yield* withUse(made.key) }
        }),
      changeKey: (name, change) =>
        Effect.gen(function* () {
          const key = yield* asOperation(keys.change(name, change))
          yield* tell("key.changed", name, `${Object.keys(change).join(", ")}, by an operator`)
          return yield* withUse(key)
        }),
      rotateKey: (name, grace) =>
        Effect.gen(function* () {
          const made = yield* asOperation(keys.rotate(name, grace))
          yield* tell("key.rotated", name, "by an operator")
          return { ...made, key: yield* withUse(made.key) }
        }),
      revokeKey: (name) =>
        Effect.andThen(asOperation(keys.revoke(name)), tell("key.revoked", name, "by an operator", "warning"))
    }
  })
