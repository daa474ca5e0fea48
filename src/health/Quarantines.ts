/**
 * What may not be asked at all, until an operator or a probe that completed one token says otherwise.
 *
 * Providers and the walk tell it of failures, and every call asks it first. All of that is synchronous: a call that
 * starts after the first ban was read finds it. What is to outlast a restart is written to the `QuarantineStore` behind
 * their backs and read again at the start, before anybody is asked.
 *
 * A refusal that is unspecific bars nobody at first: it is a suspicion, which is probed at once (`due`). Where nobody
 * probes (`leaveTo`), a recheck that is due is left to a real call, one at a time: `refuses` lets it through, `tried` says
 * that it has gone out.
 *
 * Gotchas
 * - A model that nobody is known to serve gets no entry: its name may be a caller's invention.
 * - What a key of an earlier config is told says nothing about the account that is configured now.
 * - A store that cannot be read is told of in the log, and the start goes on with nothing in quarantine.
 *
 * @module
 */
import { Cause, Clock, Context, Effect, Layer, Option, PubSub, Stream } from "effect"
import * as Actor from "../actor/Actor.ts"
import type { Settings } from "../config/Settings.ts"
import type { ModelRef } from "../domain/Ids.ts"
import { isUnspecific, type ProviderError, type Reason, type ReasonTag } from "../domain/ProviderError.ts"
import {
  activeEntries,
  barring,
  credentialBarring,
  type Due,
  dueEntries,
  isAwaited,
  isDue
} from "../machine/Barring.ts"
import {
  type Account,
  type QuarantineCommand,
  type QuarantineEvent,
  type QuarantineReply,
  quarantineEvents,
  type QuarantineState,
  quarantineStep,
  restoredQuarantine
} from "../machine/Quarantine.ts"
import {
  entryKey,
  modelKey,
  type QuarantineEntry,
  type QuarantineTarget,
  reasonOf,
  targetKey,
  targetOf
} from "../machine/QuarantineEntry.ts"
import { accountsOf } from "./accounts.ts"
import { QuarantineStore } from "./QuarantineStore.ts"
import { quarantineWriter } from "./quarantineWriter.ts"

/** What a person bars, or a drill. A drill always ends. */
export type Barring = {
  readonly target: QuarantineTarget
  readonly reason: ReasonTag
  /** For those who wonder why. */
  readonly message: string
} & (
  | { readonly source: "operator"; readonly until: number | undefined }
  | { readonly source: "drill"; readonly until: number }
)

/** What a probe asked that completed one token. */
export interface Recovery {
  readonly ref: ModelRef
  /** The credential it was pinned to, if it was. */
  readonly credential?: string | undefined
}

/** Which models are known: what the config and the catalogue name. */
export type IsKnown = (ref: ModelRef) => boolean

/** Times are milliseconds since 1970. */
export class Quarantines extends Context.Service<
  Quarantines,
  {
    /**
     * What bars a call to `ref`, whose provider has these `credentials` (none where it needs none): a drill or a
     * person's word first, then the account, the model, and the credentials if not one is left. `undefined`: nothing.
     */
    readonly barred: (ref: ModelRef, credentials: ReadonlyArray<string>, now: number) => QuarantineEntry | undefined
    /** As `barred`, but `undefined` also where the call may go out to find out whether it still holds. */
    readonly refuses: (ref: ModelRef, credentials: ReadonlyArray<string>, now: number) => QuarantineEntry | undefined
    /** A call that `refuses` let through goes out: the next may only after a while. */
    readonly tried: (ref: ModelRef, credentials: ReadonlyArray<string>, now: number) => void
    /** A real call was served; with `credential`, by that one. Clears suspicions, and lifts what the call was to try. */
    readonly served: (ref: ModelRef, credential: string | undefined, now: number) => void
    /** May this key be used? Whoever is told so uses it: it may be the one call that finds out. */
    readonly mayUse: (provider: string, credential: string, now: number) => boolean
    /** A call failed. Whatever its reason bars is barred when this returns. */
    readonly failed: (error: ProviderError, now: number) => void
    /** One of several credentials (`error.credential`) was turned away; only that one is barred. */
    readonly turnedAway: (error: ProviderError, now: number) => void
    /** A probe completed one token: lifts what was observed of the model, the account and the pinned credential. */
    readonly recovered: (recovery: Recovery, now: number) => void
    /**
     * A probe of what stands or is suspected under `key` failed: it is barred, and probed again later. An account or a
     * credential of which only the model or the request was refused is lifted: it works.
     */
    readonly recheckFailed: (key: string, error: ProviderError, now: number) => void
    /** What is to be probed, the longest overdue first. Nothing that a person or a drill keeps everybody away from. */
    readonly due: (now: number) => ReadonlyArray<Due>
    /** The keys of new suspicions, which are due at once. */
    readonly suspicions: Stream.Stream<string>
    /** Which entries somebody probes from now on; the rest is left to real calls, as all is at the start. */
    readonly leaveTo: (isProbed: (entry: QuarantineEntry) => boolean) => void
    /** Bars, by a person's word or for a drill; what stood under the same key is replaced. */
    readonly set: (barring: Barring, now: number) => QuarantineEntry
    /** Lifts what stands under `key`, ends a drill; `false` where nothing does. */
    readonly lift: (key: string, now: number) => boolean
    /** All there is, the oldest first. */
    readonly entries: (now: number) => ReadonlyArray<QuarantineEntry>
    /** Does what is to outlast a restart do so here? Not without a database. */
    readonly durable: boolean
    readonly events: Stream.Stream<QuarantineEvent>
    /** Another config is in force: what was observed of accounts and keys that it has replaced is lifted. */
    readonly configure: (settings: QuarantineSettings, isKnown: IsKnown) => void
  }
>()("switchyard/health/Quarantines") {
  static readonly layer = (
    settings: QuarantineSettings,
    isKnown: IsKnown
  ): Layer.Layer<Quarantines, never, QuarantineStore> => Layer.effect(Quarantines, make(settings, isKnown))
}

/** The part of the settings that says whom the providers stand for. */
export type QuarantineSettings = Pick<Settings, "providers">

/** How many suspicions a slow listener may be behind. */
const suspicionBuffer = 16
/** How long the start waits for the store. */
const loadLimit = "5 seconds"

const make = Effect.fnUntraced(function* (settings: QuarantineSettings, known: IsKnown) {
  const store = yield* QuarantineStore
  const clock = yield* Clock.Clock
  const stored = yield* loaded(store)
  const actor = yield* Actor.make<QuarantineState, QuarantineCommand, QuarantineReply, QuarantineEvent>({
    initial: restoredQuarantine(stored, clock.currentTimeMillisUnsafe()),
    step: quarantineStep,
    events: quarantineEvents
  })
  const writer = yield* quarantineWriter(store)
  const suspicions = yield* Effect.acquireRelease(PubSub.sliding<string>(suspicionBuffer), PubSub.shutdown)
  /** Those that were counted: the provider and the walk both tell of one refusal. */
  const counted = new WeakSet<ProviderError>()

  let isProbed: (entry: QuarantineEntry) => boolean = () => false
  let accounts: ReadonlyMap<string, Account> = new Map()
  let isKnown = known

  const tell = (command: QuarantineCommand, now: number): boolean => {
    const changed = actor.askUnsafe(command, now)
    if (changed) writer.note(actor.stateUnsafe().news)
    return changed
  }

  const observe = (error: ProviderError, target: QuarantineTarget | undefined, now: number): void => {
    if (target === undefined) return
    const { credential, model, provider, reason } = error
    const account = accounts.get(provider)
    const ref = { provider, model }
    const named = isKnown(ref)
    if (target.scope === "model" && !named) return
    // a call that started under an earlier config
    if (account !== undefined && credential !== undefined && isForeign(account, credential)) return
    if (isUnspecific(reason)) {
      if (counted.has(error)) return
      counted.add(error)
    }
    const identity = account?.identities[target.scope]
    const before = actor.stateUnsafe().suspicions
    tell({ _tag: "Observe", target, reason, seenAt: model, identity }, now)
    if (actor.stateUnsafe().suspicions !== before) PubSub.publishUnsafe(suspicions, targetKey(target))
  }
  /** The only key there is, whatever a call was pinned to. */
  const credentialOf = (provider: string, credential: string | undefined): string | undefined => {
    if (credential !== undefined) return credential
    const [only, ...others] = accounts.get(provider)?.credentials ?? []
    return others.length === 0 ? only : undefined
  }
  const isLeftToCalls = (entry: QuarantineEntry, now: number): boolean => isDue(entry, now) && !isProbed(entry)
  const barred: Quarantines["Service"]["barred"] = (ref, credentials, now) =>
    barring(actor.stateUnsafe(), ref, credentials, now)
  const hasSeveral = (provider: string): boolean => (accounts.get(provider)?.credentials.length ?? 0) > 1
  const failed = (error: ProviderError, now: number): void =>
    observe(error, targetOf(error, hasSeveral(error.provider)), now)

  const configure = (changed: QuarantineSettings, isKnownNow: IsKnown): void => {
    accounts = accountsOf(changed.providers)
    isKnown = isKnownNow
    tell({ _tag: "Configured", accounts }, clock.currentTimeMillisUnsafe())
  }
  configure(settings, known)

  return Quarantines.of({
    durable: store.durable,
    barred,
    refuses: (ref, credentials, now) => {
      const entry = barred(ref, credentials, now)
      return entry === undefined || isLeftToCalls(entry, now) ? undefined : entry
    },
    tried: (ref, credentials, now) => {
      const entry = barred(ref, credentials, now)
      // a key is tried when it is used
      if (entry !== undefined && entry.scope !== "credential") tell({ _tag: "Tried", key: entry.key }, now)
    },
    served: (ref, credential, now) => {
      const used = credentialOf(ref.provider, credential)
      if (isAwaited(actor.stateUnsafe(), ref, used)) tell({ _tag: "Served", ref, credential: used }, now)
    },
    mayUse: (provider, credential, now) => {
      const entry = credentialBarring(actor.stateUnsafe(), provider, credential, now)
      if (entry === undefined) return true
      if (!isLeftToCalls(entry, now)) return false
      tell({ _tag: "Tried", key: entry.key }, now)
      return true
    },
    failed,
    turnedAway: (error, now) => observe(error, targetOf(error, true), now),
    recovered: ({ credential, ref }, now) => {
      tell({ _tag: "Recovered", ref, credential: credentialOf(ref.provider, credential) }, now)
    },
    recheckFailed: (key, error, now) => {
      const { provider, reason } = error
      const target = targetOf(error, hasSeveral(provider))
      const isSame = target !== undefined && targetKey(target) === key
      const isOfModel = key === modelKey(provider, error.model)
      if (!isSame && !isOfModel && showsThatItWorks(reason)) {
        const credential = credentialOf(provider, error.credential)
        tell({ _tag: "Answered", provider, credential }, now)
      } else tell({ _tag: "RecheckFailed", key, reason: isSame ? reason : undefined }, now)
      // the model that was to show that the account serves again may itself be barred
      if (!isSame) failed(error, now)
    },
    due: (now) => dueEntries(actor.stateUnsafe(), now),
    suspicions: Stream.fromPubSub(suspicions),
    leaveTo: (next) => {
      isProbed = next
    },
    set: ({ message, reason, source, target, until }, now) => {
      const entry: QuarantineEntry = {
        ...target,
        key: entryKey(source, targetKey(target)),
        source,
        reason: reasonOf(reason, message),
        since: now,
        until,
        setbacks: 0
      }
      tell({ _tag: "Set", target, source, reason: entry.reason, until }, now)
      return activeEntries(actor.stateUnsafe(), now).find(({ key }) => key === entry.key) ?? entry
    },
    lift: (key, now) => {
      const there = activeEntries(actor.stateUnsafe(), now).some((entry) => entry.key === key)
      tell({ _tag: "Lift", key }, now)
      return there
    },
    entries: (now) => activeEntries(actor.stateUnsafe(), now),
    events: actor.events,
    configure
  })
})

/** Is it what only an account that works is told: that the request is wrong, or the model not there or not for it? */
const showsThatItWorks = (reason: Reason): boolean => {
  switch (reason._tag) {
    case "InvalidRequest":
    case "UnsupportedFeature":
    case "ContextLengthExceeded":
    case "ContentPolicy":
      return true
    case "ModelUnavailable":
      return !isUnspecific(reason)
    case "AccessDenied":
      return reason.scope === "model"
    default:
      return false
  }
}

/** A key of the account that it no longer has; a provider without keys tells of none. */
const isForeign = ({ credentials }: Account, credential: string): boolean =>
  credentials.length > 0 && !credentials.includes(credential)

/** What is stored, or nothing where the store cannot be read in time. */
const loaded = (store: QuarantineStore["Service"]): Effect.Effect<ReadonlyArray<QuarantineEntry>> =>
  store.load.pipe(
    Effect.timeoutOption(loadLimit),
    Effect.matchCauseEffect({
      onSuccess: Option.match({
        onSome: (entries) => Effect.succeed(entries),
        onNone: () => unread(`the store gave no answer within ${loadLimit}`)
      }),
      // yields first: a start that is interrupted ends there
      onFailure: (cause) =>
        Effect.andThen(Effect.yieldNow, unread(Cause.prettyErrors(cause)[0]?.message ?? "it was interrupted"))
    })
  )

const unread = (why: string): Effect.Effect<ReadonlyArray<QuarantineEntry>> =>
  Effect.as(
    Effect.logError(
      `what was in quarantine cannot be read: ${why}. The gateway starts with nothing in quarantine: banned accounts ` +
        `are asked once more and barred again. Look at the file under storage.sqlite; if it is damaged, move it away`
    ),
    []
  )
