/** What the benchmark asks of its load generator and what it hears back, over the channel between the two processes. */

/** What a complete answer must look like; anything else counts as an error. */
export interface Expected {
  /** Text that stands at the end of every complete answer. */
  readonly end: string
  /** Pieces of generated text. */
  readonly tokens: number
  /** Whether the answer is a stream of events, of which there must be at least `tokens`. */
  readonly stream: boolean
}

export interface Target {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Closed loop: `connections` connections, each with one request under way, for `seconds`. */
export interface MeasureJob {
  readonly kind: "measure"
  readonly id: number
  readonly target: Target
  readonly expected: Expected
  readonly connections: number
  readonly seconds: number
}

/** `streams` paced streams at once, begun evenly over `rampMs`; each must end within `limitMs`. */
export interface PacedJob {
  readonly kind: "paced"
  readonly id: number
  readonly target: Target
  readonly expected: Expected
  readonly streams: number
  readonly rampMs: number
  readonly limitMs: number
  readonly gapLimitMs: number
}

export type Job = MeasureJob | PacedJob

export interface Measured {
  readonly kind: "measure"
  readonly id: number
  readonly answers: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
  readonly firstError: string | undefined
}

export interface PacedResult {
  readonly kind: "paced"
  readonly id: number
  readonly complete: number
  /** Silences over the limit between two pieces of content. */
  readonly gaps: number
  readonly worstGapMs: number
  /** 99th percentile of the time from the request to the first content. */
  readonly firstP99Ms: number
  readonly errors: number
  readonly firstError: string | undefined
}

export type JobResult = Measured | PacedResult
