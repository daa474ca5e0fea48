/**
 * What is to be probed, through which model, and when: worked out from the circuits and the quarantine, changing nothing.
 *
 * - A model whose circuit is open, when its time is over.
 * - A provider whose own circuit is open: by the open model whose time is over first, else by the model its configuration
 *   names for it. Its models wait for it.
 * - What is quarantined or suspected, and due: a model by itself, an account by the model its configuration names for it,
 *   a credential likewise, with that credential pinned. Where that one does not show it, the next time by another: the
 *   one it was seen at, others that the configuration lists.
 *
 * Never what an operator has forced or barred, what is disabled or closed and healthy, nor a model that only a caller
 * has named (but an account that no other model is known of is probed by that one: whatever it answers tells).
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
  /** Other models of the provider, should that one not show it; absent: none. */
  readonly othersFor?: (provider: string) => ReadonlyArray<string>
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
  /** Is it asked at once, because until it is nobody is kept away? */
  readonly urgent: boolean
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
    return { key, ref, credential: undefined, dueAt, recheck: undefined, urgent: false }
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

/** By which models it can be found out whether an entry still holds, in the order of preference. */
const modelsFor = (
  { model, provider, scope, seenAt }: QuarantineEntry,
  { isKnown, modelFor, othersFor }: Targeting
): ReadonlyArray<ModelRef> => {
  if (scope === "model") {
    const ref = { provider, model: model ?? "" }
    return model === modelFor(provider) || isKnown(ref) ? [ref] : []
  }
  const named = modelFor(provider)
  const seen = seenAt === undefined ? [] : [seenAt]
  const listed = seen.filter((name) => isKnown({ provider, model: name }))
  const models = [...(named === undefined ? [] : [named]), ...listed, ...(othersFor?.(provider) ?? [])]
  // a name that only a caller knows is the last resort
  return [...new Set([...models, ...seen])].map((name) => ({ provider, model: name }))
}

/** Those of them that nobody is kept away from by a person or a drill. */
const askableFor = (entry: QuarantineEntry, targeting: Targeting, barredBy: BarredBy): ReadonlyArray<ModelRef> =>
  !targeting.mayProbe(entry.provider)
    ? []
    : modelsFor(entry, targeting).filter((ref) => {
        const by = barredBy(ref)
        return by !== "operator" && by !== "drill"
      })

/** Is there a model by which an entry can be probed, now or when its circuit lets it? */
export const canProbe = (entry: QuarantineEntry, targeting: Targeting, barredBy: BarredBy): boolean =>
  askableFor(entry, targeting, barredBy).length > 0

/** What is due in quarantine and can be probed. */
export const recheckSubjects = (
  due: ReadonlyArray<QuarantineEntry & { readonly suspected?: boolean }>,
  states: States,
  targeting: Targeting,
  barredBy: BarredBy
): ReadonlyArray<Subject> =>
  due.flatMap((entry) => {
    const { credential, key, provider } = entry
    const isTaken = ({ _tag }: CircuitState) => _tag === "HalfOpen" || _tag === "ForcedOpen"
    const own = stateIn(states, provider)
    if (isTaken(own)) return []
    const refs = askableFor(entry, targeting, barredBy).filter((ref) => !isTaken(stateIn(states, showModelRef(ref))))
    // each that failed to show it makes way for the next
    const ref = refs[entry.setbacks % Math.max(1, refs.length)]
    if (ref === undefined) return []
    const dueAt = Math.max(entry.recheckAt ?? 0, own.notBefore, stateIn(states, showModelRef(ref)).notBefore)
    return [{ key, ref, credential, dueAt, recheck: entry, urgent: entry.suspected === true }]
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
