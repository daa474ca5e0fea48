/**
 * Where answers are kept: by key, for a while, within bounds.
 *
 * A store keeps bytes and understands none of them. It may lose anything at any time (that is a miss), never give what
 * was put under another key, nor anything at or after `keepUntil`. It has to answer within a time limit of its own: whoever
 * asks it waits for it, and takes a failure for a miss.
 *
 * @module
 */
import { type Effect, Schema } from "effect"

export interface StoredBytes {
  readonly bytes: Uint8Array
  /** When it was put, in milliseconds since 1970. */
  readonly storedAt: number
  /** From then on it is as if it had never been. */
  readonly keepUntil: number
}

/** How much there is; of a store that others share, what is known here. */
export interface AnswerStoreStanding {
  readonly entries: number
  readonly bytes: number
  /** How many had to make room for others, since the start. */
  readonly evicted: number
}

/** A store that does not answer. */
export class AnswerStoreError extends Schema.TaggedError<AnswerStoreError>()("AnswerStoreError", {
  message: Schema.String
}) {}

export interface AnswerStoreShape {
  /** What was put last under the key; to get it is to use it. */
  readonly get: (key: string, now: number) => Effect.Effect<StoredBytes | undefined, AnswerStoreError>
  readonly put: (key: string, stored: StoredBytes) => Effect.Effect<void, AnswerStoreError>
  /** Forgets everything. */
  readonly clear: Effect.Effect<void, AnswerStoreError>
  readonly standing: () => AnswerStoreStanding
}

/** The most that may be kept. */
export interface AnswerStoreBounds {
  readonly entries: number
  readonly bytes: number
}
