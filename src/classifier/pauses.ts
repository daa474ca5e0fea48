/**
 * When a model elsewhere that fails to judge or to embed is left alone: after some failures in a row, for a while.
 *
 * @module
 */
import type { Machine } from "../actor/Actor.ts"

/** So many failures in a row, and the model is left alone for so long. */
const mostFailures = 3
const pauseMillis = 10_000

export interface Pause {
  /** In a row. */
  readonly failures: number
  /** Milliseconds since 1970; not asked before then. */
  readonly until: number
}

/** What came of asking: an answer, or none. */
export type Outcome = "answered" | "failed"

const initial: Pause = { failures: 0, until: 0 }

/** Whether the model may be asked. */
export const mayAsk = (pause: Pause, now: number): boolean => now >= pause.until

export const pauses: Machine<Pause, Outcome, void, never> = {
  initial,
  step: (pause, outcome, now) => {
    if (outcome === "answered") return [undefined, pause.failures === 0 ? pause : { ...pause, failures: 0 }]
    const failures = pause.failures + 1
    return [undefined, failures < mostFailures ? { ...pause, failures } : { failures: 0, until: now + pauseMillis }]
  },
  events: () => []
}
