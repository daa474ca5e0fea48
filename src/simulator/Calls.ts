/**
 * The record of what a simulator received: a bounded list, the oldest dropped first.
 *
 * A call is recorded when its request has been read, and again when it is over. `until` waits for a call of some kind
 * without polling, so that tests need no sleep.
 *
 * @module
 */
import { Effect, Stream, SubscriptionRef } from "effect"
import type { Json } from "../domain/Json.ts"
import type { FaultName } from "./Faults.ts"

export interface RecordedCall {
  /** Counted from 1, in the order of arrival. */
  readonly number: number
  readonly vendor: string
  /** As the caller named it, a fault's suffix included; absent where the request names none. */
  readonly model: string | undefined
  readonly method: string
  /** Without the vendor's prefix. */
  readonly path: string
  readonly query: string
  /** As they came, credentials included. */
  readonly headers: Readonly<Record<string, string>>
  /** A text where it was not JSON. */
  readonly body: Json
  readonly atMillis: number
  readonly fault: FaultName | undefined
  /** Absent until the call is over, and where no status was sent. */
  readonly status: number | undefined
  /** Absent while the call runs. */
  readonly endedAtMillis: number | undefined
  /** The caller went away before the end. */
  readonly aborted: boolean
}

export interface Calls {
  readonly record: (call: RecordedCall) => Effect.Effect<void>
  readonly all: Effect.Effect<ReadonlyArray<RecordedCall>>
  readonly clear: Effect.Effect<void>
  /** The first call, recorded already or later, that `is` is true of. */
  readonly until: (is: (call: RecordedCall) => boolean) => Effect.Effect<RecordedCall>
}

/** An empty record that keeps the last `limit` calls. */
export const make = (limit: number): Effect.Effect<Calls> =>
  Effect.map(SubscriptionRef.make(0), (version) => {
    const calls = new Map<number, RecordedCall>()
    const changed = SubscriptionRef.update(version, (n) => n + 1)
    return {
      record: (call) =>
        Effect.suspend(() => {
          calls.set(call.number, call)
          for (const oldest of calls.keys()) {
            if (calls.size <= limit) break
            calls.delete(oldest)
          }
          return changed
        }),
      all: Effect.sync(() => [...calls.values()]),
      clear: Effect.suspend(() => {
        calls.clear()
        return changed
      }),
      until: (is) =>
        SubscriptionRef.changes(version).pipe(
          Stream.map(() => [...calls.values()].find(is)),
          Stream.filter((call) => call !== undefined),
          Stream.runHead,
          // the changes of a reference never end by themselves
          Effect.flatMap(Effect.fromOption),
          Effect.orDie
        )
    }
  })
