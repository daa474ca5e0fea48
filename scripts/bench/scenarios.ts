/** What is measured, and the goals it is held to. */
import type { Expected } from "./load-protocol.ts"
import { pacedTokens, streamTokens, wholeTokens } from "./wires.ts"

export const scenarioIds = ["whole", "stream", "translated", "reverse", "paced"] as const
export type ScenarioId = (typeof scenarioIds)[number]

export interface Scenario {
  readonly title: string
  /** What one answer is called in the tables. */
  readonly unit: string
  readonly expected: Expected
}

export const scenarios: Readonly<Record<ScenarioId, Scenario>> = {
  whole: {
    title: "whole answers, OpenAI client, OpenAI upstream",
    unit: "requests/s",
    expected: { end: `"finish_reason":"stop"`, tokens: wholeTokens, stream: false }
  },
  stream: {
    title: `streams of ${streamTokens} chunks, OpenAI client, OpenAI upstream`,
    unit: "streams/s",
    expected: { end: "data: [DONE]", tokens: streamTokens, stream: true }
  },
  translated: {
    title: `streams of ${streamTokens} chunks, OpenAI client, Anthropic upstream`,
    unit: "streams/s",
    expected: { end: "data: [DONE]", tokens: streamTokens, stream: true }
  },
  reverse: {
    title: `streams of ${streamTokens} chunks, Anthropic client, OpenAI upstream`,
    unit: "streams/s",
    expected: { end: `"type":"message_stop"`, tokens: streamTokens, stream: true }
  },
  paced: {
    title: "paced streams (50 tokens/s each) carried at once with no gap over 250 ms",
    unit: "streams",
    expected: { end: "data: [DONE]", tokens: pacedTokens, stream: true }
  }
}

/** Numbers of paced streams that are tried, in this order. */
export const pacedLevels: ReadonlyArray<number> = [
  25, 50, 100, 150, 200, 300, 400, 500, 600, 800, 1000, 1200, 1400, 1600, 2000, 2400
]
export const pacedRampMs = 1500
export const pacedGapLimitMs = 250
/** For the 99th percentile: streams that begin later are not carried at once but one after another. */
export const pacedFirstLimitMs = 1000

/** A ratio of two medians: `server` in `scenario` ÷ `against` in `reference`. */
export interface Goal {
  /** Absent: `switchyard`. */
  readonly server?: "metered" | "limited"
  readonly scenario: ScenarioId
  readonly against: "switchyard" | "baseline" | "bare" | "portkey"
  readonly reference: ScenarioId
  /** Absent: said for information. */
  readonly atLeast?: number
}

/** The bare proxy does not translate: its same-dialect stream is what translated streams are measured by. */
export const goals: ReadonlyArray<Goal> = [
  { scenario: "whole", against: "baseline", reference: "whole", atLeast: 0.95 },
  { scenario: "stream", against: "baseline", reference: "stream", atLeast: 0.95 },
  { scenario: "translated", against: "baseline", reference: "translated", atLeast: 0.95 },
  { scenario: "reverse", against: "baseline", reference: "reverse", atLeast: 0.95 },
  { server: "metered", scenario: "whole", against: "switchyard", reference: "whole", atLeast: 0.92 },
  { server: "metered", scenario: "stream", against: "switchyard", reference: "stream", atLeast: 0.92 },
  { server: "metered", scenario: "translated", against: "switchyard", reference: "translated", atLeast: 0.92 },
  { server: "metered", scenario: "reverse", against: "switchyard", reference: "reverse", atLeast: 0.92 },
  { server: "limited", scenario: "whole", against: "switchyard", reference: "whole" },
  { server: "limited", scenario: "stream", against: "switchyard", reference: "stream" },
  { scenario: "whole", against: "portkey", reference: "whole", atLeast: 2.5 },
  { scenario: "stream", against: "portkey", reference: "stream", atLeast: 2.5 },
  { scenario: "translated", against: "portkey", reference: "translated", atLeast: 2.5 },
  { scenario: "paced", against: "portkey", reference: "paced" },
  { scenario: "whole", against: "bare", reference: "whole", atLeast: 0.25 },
  { scenario: "stream", against: "bare", reference: "stream", atLeast: 0.45 },
  { scenario: "translated", against: "bare", reference: "stream", atLeast: 0.35 },
  { scenario: "reverse", against: "bare", reference: "stream", atLeast: 0.35 },
  { scenario: "paced", against: "bare", reference: "paced" }
]

/** What translating a request of ten kilobytes may cost, in microseconds. */
export const translationGoalMicros = 60
