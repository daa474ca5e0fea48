/** The search for the highest number of paced streams that a server carries without a noticeable silence. */
import type { Load } from "./load-client.ts"
import type { PacedResult, Target } from "./load-protocol.ts"
import { pacedFirstLimitMs, pacedGapLimitMs, pacedLevels, pacedRampMs, scenarios } from "./scenarios.ts"
import { pacedPerSecond, pacedTokens } from "./wires.ts"

export interface Carried {
  /** The highest number tried that was carried; 0 if even the lowest was not. */
  readonly streams: number
  readonly worstGapMs: number
  readonly firstP99Ms: number
  /** Why the next higher number was not carried; undefined if there was none. */
  readonly refused: string | undefined
}

/**
 * The highest index whose probe succeeds, if success at one level means success at all below; -1 if none does. With a
 * guess `near` it walks up or down from there, which costs two or three probes where the guess is good; without one it
 * halves the range.
 */
export const highest = async (
  count: number,
  near: number | undefined,
  succeeds: (index: number) => Promise<boolean>
): Promise<number> => {
  if (near === undefined) {
    let below = -1
    let above = count
    while (above - below > 1) {
      const middle = Math.floor((below + above) / 2)
      if (await succeeds(middle)) below = middle
      else above = middle
    }
    return below
  }
  let at = Math.max(0, Math.min(count - 1, near))
  if (await succeeds(at)) {
    while (at + 1 < count && (await succeeds(at + 1))) at++
    return at
  }
  while (at > 0) if (await succeeds(--at)) return at
  return -1
}

const lengthMs = (pacedTokens / pacedPerSecond) * 1000

/** Carries a number of paced streams once. */
export const carry = (load: Load, target: Target, streams: number): Promise<PacedResult> =>
  load.paced({
    target,
    expected: scenarios.paced.expected,
    streams,
    rampMs: pacedRampMs,
    limitMs: pacedRampMs + lengthMs * 2,
    gapLimitMs: pacedGapLimitMs
  })

const shortfall = (result: PacedResult): string => {
  if (result.errors > 0) return `${result.errors} not complete (${result.firstError ?? ""})`
  return result.gaps > 0
    ? `${result.gaps} gaps, the worst ${Math.round(result.worstGapMs)} ms`
    : `first content only after ${Math.round(result.firstP99Ms)} ms (p99)`
}

/**
 * Tries levels, near the index `near` if one is given. Each try takes about seven seconds, and there are at most as
 * many as levels. `settled` waits until all is quiet again.
 */
export const searchPaced = async (
  load: Load,
  target: Target,
  near: number | undefined,
  settled: () => Promise<void>
): Promise<Carried & { readonly index: number }> => {
  let carried = { worstGapMs: 0, firstP99Ms: 0 }
  let refused: string | undefined
  const index = await highest(pacedLevels.length, near, async (at) => {
    const streams = pacedLevels[at] ?? 0
    const result = await carry(load, target, streams)
    if (result.errors === 0 && result.gaps === 0 && result.firstP99Ms <= pacedFirstLimitMs) {
      carried = { worstGapMs: result.worstGapMs, firstP99Ms: result.firstP99Ms }
      return true
    }
    // What was given up is still being worked off, and must not weigh on the next try.
    await settled()
    refused = `at ${streams}: ${shortfall(result)}`
    return false
  })
  return { ...carried, streams: pacedLevels[index] ?? 0, refused, index }
}
