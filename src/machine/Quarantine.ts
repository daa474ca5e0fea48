/**
 * Everything that may not be asked until somebody says otherwise, as a pure machine.
 *
 * A failed call sets an entry (`Observe`); only a probe that completed one token (`Recovered`) or was answered as only a
 * good account is (`Answered`), a call that was let through to find out (`Tried`, `Served`), an operator (`Lift`) or a
 * config in which it means nothing any more (`Configured`) takes what was observed away. A probe that fails
 * (`RecheckFailed`) puts off the next one. What a person set (`Set`) is no probe's to lift; it ends at its `until`, if
 * it has one.
 *
 * A refusal that is unspecific puts its target under suspicion, which bars nobody and is to be probed at once. A probe
 * that is refused too makes an entry of it, as do `refusalsThatBar` refusals with nothing served between them; what is
 * served clears it.
 *
 * Gotchas
 * - Observing what is there already changes nothing but a reason of another kind and a vendor's longer delay: answers
 *   of calls that started before the first ban was read must not put off its recheck.
 * - A probe that failed for a reason that bars nobody (a reset connection) puts off the next one; the reason stays.
 * - What comes back within the hour after a probe lifted it is taken up where it was left. What the very first probe
 *   lifted begins anew: it may be that one request is refused wherever it is sent, which must not keep others away ever
 *   longer.
 * - A refusal that comes when an entry's recheck is due, or while a call is out to find out, is that recheck's failure.
 * - `news` is what the step that led to this state changed; it is nothing that is remembered.
 *
 * It deliberately knows nothing of clocks, of stores or of who listens.
 *
 * @module
 */
import { HashMap, Option } from "effect"
import type { ModelRef } from "../domain/Ids.ts"
import { isUnspecific, type Reason } from "../domain/ProviderError.ts"
import {
  accountKey,
  credentialKey,
  delayMillis,
  entryKey,
  longestDelayMillis,
  modelKey,
  type QuarantineEntry,
  type QuarantineScope,
  type QuarantineSource,
  type QuarantineTarget,
  isActive,
  recheckMillis,
  refusalsThatBar,
  relapseMillis,
  suspicionMillis,
  suspicionRecheckMillis,
  targetKey,
  trialMillis
} from "./QuarantineEntry.ts"

/** The most entries there may be. Observed ones of models go first, what a person set goes last. */
export const quarantineCapacity = 4096
const relapsesRemembered = 1024
const suspicionsRemembered = 1024

/** A configured account. */
export interface Account {
  /** By how far an entry reaches: the fingerprint of all that it depends on. */
  readonly identities: Readonly<Record<QuarantineScope, string>>
  /** The fingerprints of its keys; empty where it needs none. */
  readonly credentials: ReadonlyArray<string>
}

/** `lapsed`: its time was over; `evicted`: there was no room for all. */
export type LiftReason = "operator" | "probe" | "configuration" | "lapsed" | "evicted"

/** `at`: milliseconds since 1970. */
export type QuarantineEvent =
  | { readonly _tag: "Set"; readonly at: number; readonly entry: QuarantineEntry }
  | { readonly _tag: "Lifted"; readonly at: number; readonly entry: QuarantineEntry; readonly why: LiftReason }
  /** A probe failed. */
  | { readonly _tag: "Rechecked"; readonly at: number; readonly entry: QuarantineEntry }

/** What may have to be barred. */
export interface Suspicion {
  /** The entry it would be; its `recheckAt` says when it is to be probed. */
  readonly entry: QuarantineEntry & { readonly recheckAt: number }
  /** Unspecific refusals since something was served. */
  readonly refusals: number
  /** When it is forgotten. */
  readonly until: number
}

export interface QuarantineState {
  readonly entries: HashMap.HashMap<string, QuarantineEntry>
  /** By the key of the entry that they would be. */
  readonly suspicions: HashMap.HashMap<string, Suspicion>
  /** What probes lifted lately, with the setbacks it begins with should it come back. */
  readonly relapses: HashMap.HashMap<string, { readonly setbacks: number; readonly until: number }>
  /** When the first of the entries ends by itself. */
  readonly lapsesAt: number
  readonly news: ReadonlyArray<QuarantineEvent>
}

export type QuarantineCommand =
  /** A call was refused. */
  | {
      readonly _tag: "Observe"
      readonly target: QuarantineTarget
      readonly reason: Reason
      readonly seenAt: string | undefined
      readonly identity: string | undefined
    }
  /** A probe of this entry, or of what is suspected under its key, failed. `reason` is absent where the failure bars nobody. */
  | { readonly _tag: "RecheckFailed"; readonly key: string; readonly reason: Reason | undefined }
  /** A probe completed one token of this model; with `credential`, with that one. */
  | { readonly _tag: "Recovered"; readonly ref: ModelRef; readonly credential: string | undefined }
  /** A probe of this account was answered as only one that works is, though not with a token. */
  | { readonly _tag: "Answered"; readonly provider: string; readonly credential: string | undefined }
  /** A real call is let through to find out about this entry. */
  | { readonly _tag: "Tried"; readonly key: string }
  /** A real call was served by this model; with `credential`, with that one. */
  | { readonly _tag: "Served"; readonly ref: ModelRef; readonly credential: string | undefined }
  | {
      readonly _tag: "Set"
      readonly target: QuarantineTarget
      readonly reason: Reason
      readonly source: Exclude<QuarantineSource, "observed">
      readonly until: number | undefined
    }
  | { readonly _tag: "Lift"; readonly key: string }
  /** By provider id; one that is not there is merely off. */
  | { readonly _tag: "Configured"; readonly accounts: ReadonlyMap<string, Account> }

/** Did anything change? */
export type QuarantineReply = boolean

export const emptyQuarantine: QuarantineState = {
  entries: HashMap.empty(),
  suspicions: HashMap.empty(),
  relapses: HashMap.empty(),
  lapsesAt: Number.POSITIVE_INFINITY,
  news: []
}

/** What was stored, as a state. A recheck further off than any can be put is a clock's mistake, and brought nearer. */
export const restoredQuarantine = (entries: Iterable<QuarantineEntry>, now: number): QuarantineState => {
  const kept = [...entries].map((entry): readonly [string, QuarantineEntry] => [
    entry.key,
    entry.recheckAt === undefined ? entry : { ...entry, recheckAt: Math.min(entry.recheckAt, now + longestDelayMillis) }
  ])
  const fitting = kept.sort(([, a], [, b]) => rank(b) - rank(a) || b.since - a.since).slice(0, quarantineCapacity)
  const restored = HashMap.fromIterable(fitting)
  return { ...emptyQuarantine, entries: restored, lapsesAt: firstLapse(restored) }
}

/** One step. The same state comes back (by identity) where nothing changed. */
export const quarantineStep = (
  state: QuarantineState,
  command: QuarantineCommand,
  now: number
): readonly [QuarantineReply, QuarantineState] => {
  const draft: Draft = { ...state, now, news: [] }
  if (now >= state.lapsesAt) for (const entry of HashMap.values(state.entries)) lapse(draft, entry)
  act(draft, command)
  const { entries, news, relapses, suspicions } = draft
  if (news.length === 0 && entries === state.entries && suspicions === state.suspicions) return [false, state]
  return [true, { entries, suspicions, relapses, news, lapsesAt: firstLapse(entries) }]
}

/** What happened between two states, for whoever listens. */
export const quarantineEvents = (_before: QuarantineState, after: QuarantineState): ReadonlyArray<QuarantineEvent> =>
  after.news

/** A step under way: only this file's functions change it, and only until the step is over. */
interface Draft {
  readonly now: number
  entries: QuarantineState["entries"]
  suspicions: QuarantineState["suspicions"]
  relapses: QuarantineState["relapses"]
  readonly news: Array<QuarantineEvent>
}

const act = (draft: Draft, command: QuarantineCommand): void => {
  switch (command._tag) {
    case "Observe":
      return observe(draft, command)
    case "RecheckFailed":
      return recheckFailed(draft, command.key, command.reason)
    case "Recovered":
      return recovered(draft, command.ref, command.credential)
    case "Answered":
      return liftObserved(draft, keysOf(undefined, command.provider, command.credential))
    case "Tried":
      return tried(draft, command.key)
    case "Served":
      return served(draft, command.ref, command.credential)
    case "Set": {
      const { reason, source, target, until } = command
      const key = entryKey(source, targetKey(target))
      const before = entryOf(draft, key)
      if (before !== undefined && before.until === until && isSameReason(before.reason, reason)) return
      if (until !== undefined && until <= draft.now) return lift(draft, key, "operator")
      return put(draft, { key, ...target, source, reason, since: draft.now, until, setbacks: 0 })
    }
    case "Lift":
      draft.suspicions = HashMap.remove(draft.suspicions, command.key)
      draft.relapses = HashMap.remove(draft.relapses, command.key)
      return lift(draft, command.key, "operator")
    case "Configured":
      for (const { entry } of HashMap.values(draft.suspicions)) {
        const account = command.accounts.get(entry.provider)
        if (account !== undefined && isMeaningless(entry, account)) clear(draft, entry.key)
      }
      for (const entry of HashMap.values(draft.entries)) {
        const account = command.accounts.get(entry.provider)
        if (account !== undefined && isMeaningless(entry, account)) lift(draft, entry.key, "configuration")
      }
  }
}

const observe = (draft: Draft, command: Extract<QuarantineCommand, { _tag: "Observe" }>): void => {
  const { identity, reason, seenAt, target } = command
  const { now } = draft
  const key = targetKey(target)
  const before = entryOf(draft, key)
  if (before === undefined) {
    const entry: QuarantineEntry = {
      key,
      ...target,
      source: "observed",
      reason,
      since: now,
      setbacks: 0,
      seenAt,
      identity
    }
    return isUnspecific(reason) && !isGuilty(draft, entry) ? undefined : bar(draft, entry)
  }
  if (before.triedAt !== undefined || (before.recheckAt !== undefined && now >= before.recheckAt))
    return setBack(draft, { ...before, identity, seenAt: seenAt ?? before.seenAt }, reason)
  const isNew = before.reason._tag !== reason._tag && !isUnspecific(reason)
  const delay = isNew ? recheckMillis(reason, before.setbacks) : delayMillis(reason)
  const recheckAt = Math.max(before.recheckAt ?? now, delay === 0 ? 0 : now + delay)
  if (isNew || recheckAt !== before.recheckAt)
    put(draft, { ...before, reason, recheckAt, identity, seenAt: seenAt ?? before.seenAt })
}

/** Counts an unspecific refusal. Are there enough of them? */
const isGuilty = (draft: Draft, entry: QuarantineEntry): boolean => {
  const { now } = draft
  const before = suspicionOf(draft, entry.key)
  const refusals = (before?.refusals ?? 0) + 1
  if (refusals >= refusalsThatBar) return true
  const recheckAt = before?.entry.recheckAt ?? now
  const suspicion: Suspicion = { entry: { ...entry, recheckAt }, refusals, until: now + suspicionMillis }
  if (!HashMap.has(draft.suspicions, entry.key)) makeRoomForSuspicion(draft)
  draft.suspicions = HashMap.set(draft.suspicions, entry.key, suspicion)
  return false
}

/** Makes an entry of what was observed just now. */
const bar = (draft: Draft, entry: QuarantineEntry): void => {
  const { now } = draft
  const relapse = Option.getOrUndefined(HashMap.get(draft.relapses, entry.key))
  const isRelapse = relapse !== undefined && now < relapse.until
  if (!isRelapse) draft.relapses = HashMap.remove(draft.relapses, entry.key)
  const setbacks = isRelapse ? relapse.setbacks : 0
  clear(draft, entry.key)
  put(draft, { ...entry, since: now, setbacks, recheckAt: now + recheckMillis(entry.reason, setbacks) })
}

const recheckFailed = (draft: Draft, key: string, newest: Reason | undefined): void => {
  const before = entryOf(draft, key)
  const suspicion = suspicionOf(draft, key)
  if (before === undefined && suspicion !== undefined) {
    const { entry } = suspicion
    if (newest !== undefined) return bar(draft, { ...entry, reason: newest })
    const later = { ...entry, recheckAt: draft.now + suspicionRecheckMillis }
    draft.suspicions = HashMap.set(draft.suspicions, key, { ...suspicion, entry: later })
    return
  }
  // one that is not due was put off by this very news, or is checked by somebody out of turn
  if (before?.recheckAt === undefined || draft.now < before.recheckAt) return
  setBack(draft, before, newest ?? before.reason)
}

/** A recheck failed: the next one comes later. */
const setBack = (draft: Draft, before: QuarantineEntry, newest: Reason): void => {
  const reason = isUnspecific(newest) && !isUnspecific(before.reason) ? before.reason : newest
  const setbacks = before.setbacks + 1
  const recheckAt = draft.now + recheckMillis(newest, setbacks)
  const entry: QuarantineEntry = { ...before, reason, setbacks, recheckAt, triedAt: undefined }
  draft.entries = HashMap.set(draft.entries, entry.key, entry)
  draft.news.push({ _tag: "Rechecked", at: draft.now, entry })
}

const tried = (draft: Draft, key: string): void => {
  const before = entryOf(draft, key)
  if (before?.recheckAt === undefined || draft.now < before.recheckAt) return
  const entry = { ...before, triedAt: draft.now, recheckAt: draft.now + trialMillis }
  draft.entries = HashMap.set(draft.entries, key, entry)
}

const served = (draft: Draft, { model, provider }: ModelRef, credential: string | undefined): void => {
  for (const key of keysOf(model, provider, credential)) {
    clear(draft, key)
    // a call that started before the ban was read may be served after it: that alone lifts nothing
    if (entryOf(draft, key)?.triedAt !== undefined) liftObserved(draft, [key])
  }
}

const recovered = (draft: Draft, { model, provider }: ModelRef, credential: string | undefined): void => {
  const keys = keysOf(model, provider, credential)
  for (const key of keys) clear(draft, key)
  liftObserved(draft, keys)
}

/** The keys of what was observed of these. */
const keysOf = (model: string | undefined, provider: string, credential: string | undefined): ReadonlyArray<string> => [
  ...(model === undefined ? [] : [modelKey(provider, model)]),
  accountKey(provider),
  ...(credential === undefined ? [] : [credentialKey(provider, credential)])
]

const liftObserved = (draft: Draft, keys: ReadonlyArray<string>): void => {
  for (const key of keys) {
    const before = entryOf(draft, key)
    if (before?.scope === "model") remember(draft, before)
    lift(draft, key, "probe")
  }
}

const suspicionOf = ({ now, suspicions }: Draft, key: string): Suspicion | undefined => {
  const suspicion = Option.getOrUndefined(HashMap.get(suspicions, key))
  return suspicion !== undefined && now < suspicion.until ? suspicion : undefined
}

const clear = (draft: Draft, key: string): void => {
  draft.suspicions = HashMap.remove(draft.suspicions, key)
}

/** The one that is forgotten first makes way. */
const makeRoomForSuspicion = (draft: Draft): void => {
  if (HashMap.size(draft.suspicions) < suspicionsRemembered) return
  let oldest: Suspicion | undefined
  for (const suspicion of HashMap.values(draft.suspicions))
    if (oldest === undefined || suspicion.until < oldest.until) oldest = suspicion
  if (oldest !== undefined) clear(draft, oldest.entry.key)
}

/**
 * Keeps in mind what is about to be lifted, for as long as its return counts as a relapse. What was lifted without a
 * recheck that failed is forgotten.
 */
const remember = (draft: Draft, { key, setbacks }: QuarantineEntry): void => {
  const { now } = draft
  const began = Option.match(HashMap.get(draft.relapses, key), { onNone: () => 0, onSome: (last) => last.setbacks })
  draft.relapses = HashMap.remove(draft.relapses, key)
  if (setbacks <= began) return
  if (HashMap.size(draft.relapses) >= relapsesRemembered)
    draft.relapses = HashMap.filter(draft.relapses, ({ until }) => now < until)
  if (HashMap.size(draft.relapses) >= relapsesRemembered) return
  draft.relapses = HashMap.set(draft.relapses, key, { setbacks, until: now + relapseMillis })
}

const entryOf = ({ entries }: Draft, key: string): QuarantineEntry | undefined =>
  Option.getOrUndefined(HashMap.get(entries, key))

const put = (draft: Draft, entry: QuarantineEntry): void => {
  if (!HashMap.has(draft.entries, entry.key) && !makeRoom(draft, entry)) return
  draft.entries = HashMap.set(draft.entries, entry.key, entry)
  draft.news.push({ _tag: "Set", at: draft.now, entry })
}

const lift = (draft: Draft, key: string, why: LiftReason): void => {
  const entry = entryOf(draft, key)
  if (entry === undefined) return
  draft.entries = HashMap.remove(draft.entries, key)
  draft.news.push({ _tag: "Lifted", at: draft.now, entry, why })
}

const lapse = (draft: Draft, entry: QuarantineEntry): void => {
  if (!isActive(entry, draft.now)) lift(draft, entry.key, "lapsed")
}

/** How much is lost with an entry: the least goes first. */
const rank = ({ scope, source }: QuarantineEntry): number =>
  source === "operator" ? 4 : source === "drill" ? 3 : scope === "account" ? 2 : scope === "credential" ? 1 : 0

/** Is there room for a new entry? The oldest of the least rank makes way, unless that is above the new one's. */
const makeRoom = (draft: Draft, entry: QuarantineEntry): boolean => {
  if (HashMap.size(draft.entries) < quarantineCapacity) return true
  let least = entry
  for (const other of HashMap.values(draft.entries)) {
    const difference = rank(other) - rank(least)
    if (difference < 0 || (difference === 0 && (least === entry || other.since < least.since))) least = other
  }
  if (least === entry) return false
  lift(draft, least.key, "evicted")
  return true
}

const firstLapse = (entries: QuarantineState["entries"]): number =>
  HashMap.reduce(entries, Number.POSITIVE_INFINITY, (first, { until }) =>
    until === undefined ? first : Math.min(first, until)
  )

const isSameReason = (a: Reason, b: Reason): boolean => a._tag === b._tag && a.message === b.message

/** Was it observed of another account, another address or a key that is gone? */
const isMeaningless = (entry: QuarantineEntry, account: Account): boolean =>
  entry.source === "observed" &&
  ((entry.identity !== undefined && entry.identity !== account.identities[entry.scope]) ||
    (entry.scope === "credential" && !account.credentials.includes(entry.credential ?? "")))
