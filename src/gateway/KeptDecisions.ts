/**
 * The last decisions, and what became of them: as much as operators look back for, and feedback refers to.
 *
 * What is kept is a `Captured`: numbers, names, references to facts that are shared anyway. It holds no prompt, and it is
 * put into words when somebody reads it. Bounded in number and in size; the oldest goes first.
 *
 * @module
 */
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
  readonly captured: Captured
  readonly bytes: number
  fate: Fate | undefined
}

export const makeKeptDecisions = (
  bounds: { readonly count: number; readonly bytes: number } = usual
): KeptDecisions => {
  // a map keeps the order of insertion: the oldest stands first
  const entries = new Map<string, Entry>()
  let bytes = 0
  const drop = (id: string): void => {
    bytes -= entries.get(id)?.bytes ?? 0
    entries.delete(id)
  }
  const told = ({ captured, fate }: Entry): KeptDecision => ({ decision: decisionOf(captured), fate })
  return {
    keep: (captured) => {
      const size = sizeOf(captured)
      if (size > mostOfOne || captured.requestId === "") return
      drop(captured.requestId)
      entries.set(captured.requestId, { captured, bytes: size, fate: undefined })
      bytes += size
      if (entries.size <= bounds.count && bytes <= bounds.bytes) return
      for (const id of entries.keys()) {
        if (entries.size <= bounds.count && bytes <= bounds.bytes) break
        drop(id)
      }
    },
    ended: (id, fate) => {
      const entry = entries.get(id)
      if (entry !== undefined) entry.fate = fate
    },
    get: (id) => {
      const entry = entries.get(id)
      return entry === undefined ? undefined : told(entry)
    },
    judged: (id) => entries.get(id)?.captured,
    last: (limit, before) => {
      const ids = [...entries.keys()].toReversed()
      const from = before === undefined ? 0 : ids.indexOf(before) + 1
      if (before !== undefined && from === 0) return undefined
      return ids.slice(from, from + limit).flatMap((id) => {
        const entry = entries.get(id)
        return entry === undefined ? [] : [told(entry)]
      })
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
