/**
 * What is to be probed, through which model, and when: worked out from the circuits and the quarantine, changing nothing.
 *
 * - A model whose circuit is open, when its time is over.
 * - A provider whose own circuit is open: by the open model whose time is over first, else by the model its configuration
 *   names for it. Its models wait for it.
 * - What is quarantined and due: a model by itself, an account by the model its configuration names for it, a
 *   credential likewise, with that credential pinned.
 *
 * Never what an operator has forced or barred, what is disabled or closed and healthy, nor a model that only a caller
 * has named.
 *
 * @module
 */
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import { type CircuitState, initialCircuit, wayFreeAt } from "../machine/CircuitBreaker.ts"
import type { QuarantineEntry, QuarantineSource } from "../machine/QuarantineEntry.ts"

/** What a prober needs to know of the configuration. */
export interface Targeting {
  /** The model by which a provider is probed as such; `undefined`: none is known. */
  readonly modelFor: (provider: string) => string | undefined
  /** Is the provider in use? One that is disabled or gone is never probed. */
  readonly mayProbe: (provider: string) => boolean
  /** Does the config or the catalogue know the model, and not only a caller? */
  readonly isKnown: (ref: ModelRef) => boolean
}

/** One thing to probe. */
export interface Subject {
  /** A circuit's key or a quarantine's. */
  readonly key: string
  /** The model that is asked. */
  readonly ref: ModelRef
  readonly credential: string | undefined
  /** Not before this, in milliseconds since 1970. */
  readonly dueAt: number
  /** Absent for a circuit. */
  readonly recheck: QuarantineEntry | undefined
}

/** `openai/gpt-5.2` as what it names; `undefined` for the key of a provider. */
const refOf = (key: string): ModelRef | undefined => {
  const slash = key.indexOf("/")
  return slash < 0 ? undefined : { provider: key.slice(0, slash), model: key.slice(slash + 1) }
}

type States = ReadonlyMap<string, CircuitState>

const stateIn = (states: States, key: string): CircuitState => states.get(key) ?? initialCircuit

/** Who keeps everybody away from a model at this moment; `undefined`: nobody. */
export type BarredBy = (ref: ModelRef) => QuarantineSource | undefined

/** Circuits that are open, and when each may be probed. What is in quarantine as well waits until that is due. */
export const openSubjects = (
  states: States,
  { isKnown, mayProbe, modelFor }: Targeting,
  barredBy: BarredBy
): ReadonlyArray<Subject> => {
  const models = new Map<string, Array<ModelRef>>()
  for (const [key, state] of states) {
    if (state._tag !== "Open") continue
    const ref = refOf(key)
    const provider = ref?.provider ?? key
    if (!mayProbe(provider)) continue
    const open = models.get(provider) ?? []
    if (ref !== undefined && isKnown(ref) && barredBy(ref) === undefined) open.push(ref)
    models.set(provider, open)
  }
  const subject = (key: string, ref: ModelRef): Subject => {
    const dueAt = Math.max(wayFreeAt(stateIn(states, ref.provider)), wayFreeAt(stateIn(states, showModelRef(ref))))
    return { key, ref, credential: undefined, dueAt, recheck: undefined }
  }
  return [...models].flatMap(([provider, open]) => {
    const own = stateIn(states, provider)._tag
    if (own === "HalfOpen" || own === "ForcedOpen") return []
    if (own !== "Open") return open.map((ref) => subject(showModelRef(ref), ref))
    const named = modelFor(provider)
    const other: ReadonlyArray<ModelRef> = named === undefined ? [] : [{ provider, model: named }]
    const [soonest] = [...open, ...other.filter((ref) => barredBy(ref) === undefined)]
      .map((ref) => subject(provider, ref))
      .filter(({ dueAt }) => Number.isFinite(dueAt))
      .sort((a, b) => a.dueAt - b.dueAt)
    return soonest === undefined ? [] : [soonest]
  })
}

/** What is due in quarantine and can be probed. */
export const recheckSubjects = (
  due: ReadonlyArray<QuarantineEntry>,
  states: States,
  { isKnown, mayProbe, modelFor }: Targeting,
  barredBy: BarredBy
): ReadonlyArray<Subject> =>
  due.flatMap((entry) => {
    const { credential, key, provider } = entry
    const named = modelFor(provider)
    const model = entry.model ?? named ?? entry.seenAt
    if (model === undefined || !mayProbe(provider)) return []
    const ref = { provider, model }
    if (model !== named && !isKnown(ref)) return []
    // the model that is to show that the account serves again may itself be kept away from
    const by = barredBy(ref)
    if (by === "operator" || by === "drill") return []
    const around = [stateIn(states, provider), stateIn(states, showModelRef(ref))]
    if (around.some(({ _tag }) => _tag === "HalfOpen" || _tag === "ForcedOpen")) return []
    const dueAt = Math.max(entry.recheckAt ?? 0, ...around.map(({ notBefore }) => notBefore))
    return [{ key, ref, credential, dueAt, recheck: entry }]
  })

/** When something is probed: once for each time it becomes due. */
export interface Appointment {
  /** The moment it was made for: another one is made when it is due at another. */
  readonly dueAt: number
  readonly at: number
}

/**
 * When to probe what is due at `dueAt`, in milliseconds since 1970: up to a fifth of the interval later, so that what
 * failed together is not probed together, and between four and six fifths of it after the last time. `random`: 0 up to 1.
 */
export const appointment = (
  dueAt: number,
  lastAt: number | undefined,
  intervalMillis: number,
  random: number,
  now: number
): Appointment => ({
  dueAt,
  at: Math.ceil(
    Math.max(
      Math.max(dueAt, now) + 0.2 * random * intervalMillis,
      lastAt === undefined ? 0 : lastAt + (0.8 + 0.4 * random) * intervalMillis
    )
  )
})
