/**
 * Looks at what is in quarantine: does it bar this call, what is there, what is to be probed.
 *
 * Nothing here changes anything; an entry whose time is over bars nobody from that moment on. The first two looks stand
 * on every request's way and return at once while nothing is in quarantine.
 *
 * @module
 */
import { HashMap, Option } from "effect"
import type { ModelRef } from "../domain/Ids.ts"
import type { QuarantineState } from "./Quarantine.ts"
import {
  accountKey,
  credentialKey,
  entryKey,
  isActive,
  modelKey,
  type QuarantineEntry,
  type QuarantineSource
} from "./QuarantineEntry.ts"

type Entries = QuarantineState["entries"]

/** In whose words a caller is told: a person's before what was observed. */
const sources: ReadonlyArray<QuarantineSource> = ["drill", "operator", "observed"]

const entryAt = (entries: Entries, key: string, now: number): QuarantineEntry | undefined => {
  const entry = Option.getOrUndefined(HashMap.get(entries, key))
  return entry !== undefined && isActive(entry, now) ? entry : undefined
}

const credentialEntry = (
  entries: Entries,
  provider: string,
  credential: string,
  now: number
): QuarantineEntry | undefined => {
  const key = credentialKey(provider, credential)
  for (const source of sources) {
    const entry = entryAt(entries, entryKey(source, key), now)
    if (entry !== undefined) return entry
  }
  return undefined
}

/** Of the keys of a provider all of which are barred, the one that is probed first. */
const credentialsEntry = (
  entries: Entries,
  provider: string,
  credentials: ReadonlyArray<string>,
  now: number
): QuarantineEntry | undefined => {
  let first: QuarantineEntry | undefined
  for (const credential of credentials) {
    const entry = credentialEntry(entries, provider, credential, now)
    if (entry === undefined) return undefined
    if (first === undefined || (entry.recheckAt ?? Infinity) < (first.recheckAt ?? Infinity)) first = entry
  }
  return first
}

/**
 * What bars a call to `ref`, whose provider has these `credentials` (none where it needs none); `undefined`: nothing.
 * A person's word comes first, then the account, the model, and the credentials if not one of them is left.
 */
export const barring = (
  { entries }: QuarantineState,
  ref: ModelRef,
  credentials: ReadonlyArray<string>,
  now: number
): QuarantineEntry | undefined => {
  if (HashMap.isEmpty(entries)) return undefined
  const account = accountKey(ref.provider)
  const model = modelKey(ref.provider, ref.model)
  for (const source of sources) {
    const entry = entryAt(entries, entryKey(source, account), now) ?? entryAt(entries, entryKey(source, model), now)
    if (entry !== undefined) return entry
  }
  return credentialsEntry(entries, ref.provider, credentials, now)
}

/** Is this one key of a provider barred? */
export const isCredentialBarred = (
  { entries }: QuarantineState,
  provider: string,
  credential: string,
  now: number
): boolean => !HashMap.isEmpty(entries) && credentialEntry(entries, provider, credential, now) !== undefined

/** Earlier first; of the same moment by their keys, so that the order is always the same. */
const byMoment = (a: number, b: number, { key }: QuarantineEntry, other: QuarantineEntry): number =>
  a - b || (key < other.key ? -1 : 1)

/** What is in quarantine, the oldest first. */
export const activeEntries = ({ entries }: QuarantineState, now: number): ReadonlyArray<QuarantineEntry> =>
  [...HashMap.values(entries)].filter((entry) => isActive(entry, now)).sort((a, b) => byMoment(a.since, b.since, a, b))

/**
 * What is to be probed, the longest overdue first. Nobody probes what a person or a drill keeps everybody away from:
 * that is not to be called at all.
 */
export const dueEntries = ({ entries }: QuarantineState, now: number): ReadonlyArray<QuarantineEntry> => {
  const keptAway = (key: string): boolean =>
    (["drill", "operator"] as const).some((source) => entryAt(entries, entryKey(source, key), now) !== undefined)
  const due: Array<QuarantineEntry & { readonly recheckAt: number }> = []
  for (const entry of HashMap.values(entries)) {
    const { key, provider, recheckAt, source } = entry
    if (source !== "observed" || recheckAt === undefined || now < recheckAt) continue
    if (!keptAway(key) && !keptAway(accountKey(provider))) due.push({ ...entry, recheckAt })
  }
  return due.sort((a, b) => byMoment(a.recheckAt, b.recheckAt, a, b))
}
