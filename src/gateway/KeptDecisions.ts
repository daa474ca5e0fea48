/**
 * The last decisions, and what became of them: as much as operators look back for, and feedback refers to.
 *
 * What is kept is a `Captured`: numbers, names, references to facts that are shared anyway. It holds no prompt, and it is
 * put into words when somebody reads it. Bounded in number and in size; the oldest goes first.
 *
 * @module
 */
import type { CacheStatus } from "../domain/Caching.ts"
import type { Attempt } from "../domain/GatewayError.ts"
import type { ByTask } from "../routing/Decide.ts"
import { type Captured, type Decision, decisionOf } from "../routing/Decision.ts"

/** What then happened. */
export interface Fate {
  /** Milliseconds since 1970. */
  readonly endedAt: number
  /** The HTTP status. */
  readonly status: number
  readonly outcome: "ok" | "error" | "cut" | "cancelled"
  /** Why it did not end well; absent where it did. */
  readonly reason: string | undefined
  /** Who answered; absent: nobody. */
  readonly provider: string | undefined
  readonly model: string | undefined
  readonly attempts: ReadonlyArray<Attempt>
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  /** What the response cache did; absent where there is none. */
  readonly cache?: CacheStatus | undefined
}

/** A decision that was kept; `fate` is absent while the request runs. */
export interface KeptDecision {
  readonly decision: Decision
  readonly fate: Fate | undefined
}

/** What feedback must know of a request. */
export interface Judged {
  readonly caller: string
  readonly byTask: ByTask | undefined
}

export interface KeptDecisions {
  readonly keep: (captured: Captured) => void
  /** Puts another in place of the decision of a request that runs; does nothing where there is none. */
  readonly amend: (requestId: string, change: (captured: Captured) => Captured) => void
  /** Does nothing where no decision was kept under that id. */
  readonly ended: (requestId: string, fate: Fate) => void
  readonly get: (requestId: string) => KeptDecision | undefined
  readonly judged: (requestId: string) => Judged | undefined
  /** The newest first; those before one of them. `undefined`: that one is not kept (any more). */
  readonly last: (limit: number, before?: string) => ReadonlyArray<KeptDecision> | undefined
}

const mostKept = 1000
const mostBytes = 8 * 1024 * 1024
/** Of one decision: what callers make longer than this is not worth keeping. */
const mostOfOne = 64 * 1024

interface Entry {
  captured: Captured
  readonly bytes: number
  fate: Fate | undefined
}

export const makeKeptDecisions = (
  bounds: { readonly count: number; readonly bytes: number } = usual
): KeptDecisions => {
  // in the order they came, the oldest at `oldest`; what stands before it is gone, and cut off now and then
  const entries: Array<Entry | undefined> = []
  let oldest = 0
  let bytes = 0
  /** Those of requests that are not known to have ended. */
  const running = new Map<string, Entry>()

  const drop = (): void => {
    const entry = entries[oldest]
    entries[oldest++] = undefined
    if (entry !== undefined) {
      bytes -= entry.bytes
      if (running.get(entry.captured.requestId) === entry) running.delete(entry.captured.requestId)
    }
    if (oldest < bounds.count) return
    entries.splice(0, oldest)
    oldest = 0
  }
  /** The place of the newest under an id, below 0 where there is none. */
  const placeOf = (id: string): number => entries.findLastIndex((entry) => entry?.captured.requestId === id)
  const told = ({ captured, fate }: Entry): KeptDecision => ({ decision: decisionOf(captured), fate })
  return {
    keep: (captured) => {
      const size = sizeOf(captured)
      if (size > mostOfOne || captured.requestId === "") return
      // who gives two requests one id asks for the later one
      const before = running.has(captured.requestId) ? placeOf(captured.requestId) : -1
      const replaced = entries[before]
      if (replaced !== undefined) {
        bytes -= replaced.bytes
        entries[before] = undefined
      }
      const entry: Entry = { captured, bytes: size, fate: undefined }
      entries.push(entry)
      running.set(captured.requestId, entry)
      bytes += size
      while (entries.length - oldest > bounds.count || bytes > bounds.bytes) drop()
    },
    amend: (id, change) => {
      const entry = running.get(id)
      if (entry !== undefined) entry.captured = change(entry.captured)
    },
    ended: (id, fate) => {
      const entry = running.get(id)
      if (entry === undefined) return
      running.delete(id)
      entry.fate = fate
    },
    get: (id) => {
      const entry = entries[placeOf(id)]
      return entry === undefined ? undefined : told(entry)
    },
    judged: (id) => entries[placeOf(id)]?.captured,
    last: (limit, before) => {
      const end = before === undefined ? entries.length : placeOf(before)
      if (end < 0) return undefined
      const found: Array<KeptDecision> = []
      for (let at = end - 1; at >= oldest && found.length < limit; at--) {
        const entry = entries[at]
        if (entry !== undefined) found.push(told(entry))
      }
      return found
    }
  }
}

const usual = { count: mostKept, bytes: mostBytes }

/** Of a decision without anybody in it, and of each that was thought of; about what V8 takes for their objects. */
const ownBytes = 600
const bytesOfOne = 400

/** About how much memory a decision takes. */
const sizeOf = ({ asked, considered }: Captured): number => {
  let size = ownBytes + 2 * asked.length
  for (const { ref } of considered) size += bytesOfOne + 2 * (ref.model.length + ref.provider.length)
  return size
}
