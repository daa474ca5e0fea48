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
const precedence = ({ source }: QuarantineEntry): number => sources.indexOf(source)

/** What there is of one provider; each list in the order of `sources`, and seldom longer than one. */
interface OfProvider {
  readonly account: Array<QuarantineEntry>
  readonly models: Map<string, Array<QuarantineEntry>>
  readonly credentials: Map<string, Array<QuarantineEntry>>
}

/** The entries by provider, worked out once for each state: they change seldom, and every call looks. */
const indexes = new WeakMap<Entries, ReadonlyMap<string, OfProvider>>()

const indexOf = (entries: Entries): ReadonlyMap<string, OfProvider> => {
  const known = indexes.get(entries)
  if (known !== undefined) return known
  const index = new Map<string, OfProvider>()
  for (const entry of HashMap.values(entries)) {
    const of: OfProvider = index.get(entry.provider) ?? { account: [], models: new Map(), credentials: new Map() }
    index.set(entry.provider, of)
    if (entry.scope === "account") of.account.push(entry)
    else if (entry.scope === "model") add(of.models, entry.model ?? "", entry)
    else add(of.credentials, entry.credential ?? "", entry)
  }
  for (const { account, credentials, models } of index.values())
    for (const list of [account, ...models.values(), ...credentials.values()])
      list.sort((a, b) => precedence(a) - precedence(b))
  indexes.set(entries, index)
  return index
}

const add = (lists: Map<string, Array<QuarantineEntry>>, name: string, entry: QuarantineEntry): void => {
  const list = lists.get(name)
  if (list === undefined) lists.set(name, [entry])
  else list.push(entry)
}

const firstActive = (list: ReadonlyArray<QuarantineEntry> | undefined, now: number): QuarantineEntry | undefined => {
  if (list === undefined) return undefined
  for (const entry of list) if (isActive(entry, now)) return entry
  return undefined
}

/** Of keys all of which are barred, the one that is probed first. */
const credentialsEntry = (
  of: OfProvider,
  credentials: ReadonlyArray<string>,
  now: number
): QuarantineEntry | undefined => {
  if (of.credentials.size === 0) return undefined
  let first: QuarantineEntry | undefined
  for (const credential of credentials) {
    const entry = firstActive(of.credentials.get(credential), now)
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
  const of = indexOf(entries).get(ref.provider)
  if (of === undefined) return undefined
  const account = firstActive(of.account, now)
  const model = firstActive(of.models.get(ref.model), now)
  if (account !== undefined && (model === undefined || precedence(account) <= precedence(model))) return account
  return model ?? credentialsEntry(of, credentials, now)
}

/** What bars this one key of a provider; `undefined`: nothing. */
export const credentialBarring = (
  { entries }: QuarantineState,
  provider: string,
  credential: string,
  now: number
): QuarantineEntry | undefined =>
  HashMap.isEmpty(entries) ? undefined : firstActive(indexOf(entries).get(provider)?.credentials.get(credential), now)

/** Is it time to find out whether this still holds? Never of what a person or a drill set. */
export const isDue = ({ recheckAt, source }: QuarantineEntry, now: number): boolean =>
  source === "observed" && recheckAt !== undefined && now >= recheckAt

/** Does a call that this model served, with this credential if it had one, change anything? */
export const isAwaited = (
  { entries, suspicions }: QuarantineState,
  { model, provider }: ModelRef,
  credential: string | undefined
): boolean => {
  if (HashMap.isEmpty(suspicions) && HashMap.isEmpty(entries)) return false
  const keys = [modelKey(provider, model), accountKey(provider)]
  if (credential !== undefined) keys.push(credentialKey(provider, credential))
  return keys.some(
    (key) =>
      HashMap.has(suspicions, key) || Option.exists(HashMap.get(entries, key), ({ triedAt }) => triedAt !== undefined)
  )
}

/** Earlier first; of the same moment by their keys, so that the order is always the same. */
const byMoment = (a: number, b: number, { key }: QuarantineEntry, other: QuarantineEntry): number =>
  a - b || (key < other.key ? -1 : 1)

/** What is in quarantine, the oldest first. */
export const activeEntries = ({ entries }: QuarantineState, now: number): ReadonlyArray<QuarantineEntry> =>
  [...HashMap.values(entries)].filter((entry) => isActive(entry, now)).sort((a, b) => byMoment(a.since, b.since, a, b))

/** Something that is to be probed: an entry, or what is only suspected. */
export interface Due extends QuarantineEntry {
  readonly recheckAt: number
  readonly suspected: boolean
}

/**
 * What is to be probed, the longest overdue first. Nobody probes what a person or a drill keeps everybody away from:
 * that is not to be called at all.
 */
export const dueEntries = ({ entries, suspicions }: QuarantineState, now: number): ReadonlyArray<Due> => {
  const isInForce = (key: string): boolean => Option.exists(HashMap.get(entries, key), (entry) => isActive(entry, now))
  const keptAway = (key: string): boolean =>
    (["drill", "operator"] as const).some((source) => isInForce(entryKey(source, key)))
  const due: Array<Due> = []
  const consider = (entry: QuarantineEntry, suspected: boolean): void => {
    const { key, provider, recheckAt } = entry
    if (recheckAt === undefined || !isDue(entry, now)) return
    if (!keptAway(key) && !keptAway(accountKey(provider))) due.push({ ...entry, recheckAt, suspected })
  }
  for (const entry of HashMap.values(entries)) consider(entry, false)
  for (const { entry, until } of HashMap.values(suspicions)) if (now < until) consider(entry, true)
  return due.sort((a, b) => byMoment(a.recheckAt, b.recheckAt, a, b))
}
