import { assert, describe, it } from "@effect/vitest"
import { HashMap, Option, Schema } from "effect"
import { ProviderError, type Reason, decisions } from "../../src/domain/ProviderError.ts"
import { activeEntries, barring, credentialBarring, dueEntries } from "../../src/machine/Barring.ts"
import {
  type Account,
  type QuarantineCommand,
  type QuarantineState,
  emptyQuarantine,
  quarantineCapacity,
  quarantineStep,
  restoredQuarantine
} from "../../src/machine/Quarantine.ts"
import {
  type QuarantineEntry,
  type QuarantineTarget,
  accountKey,
  isActive,
  isDurable,
  reasonOf,
  targetKey,
  targetOf
} from "../../src/machine/QuarantineEntry.ts"

const minute = 60_000
const hour = 60 * minute

const badKey: Reason = { _tag: "AuthenticationFailed", message: "invalid key", status: 401 }
const banned: Reason = { _tag: "AccessDenied", message: "account disabled", scope: "account", status: 403 }
const denied: Reason = { _tag: "AccessDenied", message: "no access to this model", scope: "model", status: 403 }
const spent = (retryAfterMillis?: number): Reason => ({
  _tag: "QuotaExhausted",
  message: "insufficient quota",
  ...(retryAfterMillis === undefined ? {} : { retryAfterMillis })
})
const gone: Reason = { _tag: "ModelUnavailable", message: "no such model", status: 404 }

const account: QuarantineTarget = { scope: "account", provider: "openai" }
const model: QuarantineTarget = { scope: "model", provider: "openai", model: "gpt-5.2" }
const credential: QuarantineTarget = { scope: "credential", provider: "openai", credential: "aaaa" }
const ref = { provider: "openai", model: "gpt-5.2" }

const observe = (target: QuarantineTarget, reason: Reason, identity?: string): QuarantineCommand => ({
  _tag: "Observe",
  target,
  reason,
  seenAt: "gpt-5.2",
  identity
})
const bar = (source: "operator" | "drill", target: QuarantineTarget, until?: number): QuarantineCommand => ({
  _tag: "Set",
  target,
  source,
  until,
  reason: reasonOf("AccessDenied", "because")
})
const failedProbe: QuarantineCommand = { _tag: "RecheckFailed", key: targetKey(model), reason: denied }
const recovered = (key?: string): QuarantineCommand => ({ _tag: "Recovered", ref, credential: key })

const run = (...script: ReadonlyArray<readonly [at: number, command: QuarantineCommand]>): QuarantineState =>
  script.reduce((state, [at, command]) => quarantineStep(state, command, at)[1], emptyQuarantine)
const entryAt = ({ entries }: QuarantineState, key: string): QuarantineEntry | undefined =>
  Option.getOrUndefined(HashMap.get(entries, key))
const keysOf = (state: QuarantineState, now = 0): ReadonlyArray<string> =>
  activeEntries(state, now)
    .map(({ key }) => key)
    .sort()
const isCredentialBarred = (...args: Parameters<typeof credentialBarring>): boolean =>
  credentialBarring(...args) !== undefined
const barredBy = (state: QuarantineState, now = 0, credentials: ReadonlyArray<string> = []): string | undefined =>
  barring(state, ref, credentials, now)?.key

describe("the reading of failures", () => {
  const read = (reason: Reason, key?: string, several = false): string | undefined => {
    const error = new ProviderError({ ...ref, reason, ...(key === undefined ? {} : { credential: key }) })
    const target = targetOf(error, several)
    return target === undefined ? undefined : targetKey(target)
  }
  it("bars what the failure table says, as far as it says", () => {
    assert.strictEqual(read(badKey, "aaaa"), "credential:openai:aaaa")
    assert.strictEqual(read(banned, "aaaa"), "account:openai")
    assert.strictEqual(read(denied, "aaaa"), "model:openai/gpt-5.2")
    assert.strictEqual(read(spent(), "aaaa"), "account:openai")
    assert.strictEqual(read(gone, "aaaa"), "model:openai/gpt-5.2")
  })
  it("bars the account of a server without keys that wants one", () => {
    assert.strictEqual(read(badKey), "account:openai")
  })
  it("bars one key of several for a quota that it ran out of", () => {
    assert.strictEqual(read(spent(), "aaaa", true), "credential:openai:aaaa")
    assert.strictEqual(read(banned, "aaaa", true), "account:openai")
  })
  it("bars nothing for any failure whose row says none", () => {
    const tags = ["RateLimited", "Overloaded", "ServerError", "Network", "Timeout", "ContentPolicy"] as const
    for (const tag of tags) {
      assert.strictEqual(decisions[tag].quarantine, "none")
      assert.isUndefined(read(reasonOf(tag, "x"), "aaaa"))
    }
  })
})

describe("quarantine", () => {
  it("rechecks a key after 5 minutes, an account and a missing model after 10, a denied model after 1", () => {
    const recheckOf = (target: QuarantineTarget, reason: Reason) =>
      entryAt(run([7, observe(target, reason)]), targetKey(target))?.recheckAt
    assert.strictEqual(recheckOf(credential, badKey), 7 + 5 * minute)
    assert.strictEqual(recheckOf(account, banned), 7 + 10 * minute)
    assert.strictEqual(recheckOf(account, spent()), 7 + 10 * minute)
    assert.strictEqual(recheckOf(model, gone), 7 + 10 * minute)
    assert.strictEqual(recheckOf(model, denied), 7 + minute)
  })
  it("rechecks a spent quota when the vendor says, if that is later, but within a day", () => {
    const recheckOf = (retryAfter: number) =>
      entryAt(run([0, observe(account, spent(retryAfter))]), "account:openai")?.recheckAt
    assert.strictEqual(recheckOf(3 * hour), 3 * hour)
    assert.strictEqual(recheckOf(5), 10 * minute)
    assert.strictEqual(recheckOf(-5), 10 * minute)
    assert.strictEqual(recheckOf(1_763_600_000_000), 24 * hour)
  })
  it("covers every model of an account, one model alone, or the calls of one key", () => {
    const other = { provider: "openai", model: "other" }
    const ofAccount = run([0, observe(account, banned)])
    assert.strictEqual(barring(ofAccount, other, [], 0)?.key, "account:openai")
    assert.isUndefined(barring(ofAccount, { provider: "azure", model: "other" }, [], 0))
    const ofModel = run([0, observe(model, gone)])
    assert.strictEqual(barredBy(ofModel), "model:openai/gpt-5.2")
    assert.isUndefined(barring(ofModel, other, [], 0))
    const ofKey = run([0, observe(credential, badKey)])
    assert.isTrue(isCredentialBarred(ofKey, "openai", "aaaa", 0))
    assert.isFalse(isCredentialBarred(ofKey, "openai", "bbbb", 0))
    assert.isUndefined(barredBy(ofKey, 0, ["aaaa", "bbbb"]))
    assert.isUndefined(barredBy(ofKey, 0, []))
    assert.strictEqual(barredBy(ofKey, 0, ["aaaa"]), "credential:openai:aaaa")
  })
  it("names, of keys that are all barred, the one that is probed first", () => {
    const other: QuarantineTarget = { ...credential, credential: "bbbb" }
    const state = run([0, observe(credential, badKey)], [5, observe(other, badKey)])
    assert.strictEqual(barredBy(state, 9, ["bbbb", "aaaa"]), "credential:openai:aaaa")
  })
  it("stays for as long as nobody lifts it, however long that is", () => {
    assert.strictEqual(barredBy(run([0, observe(model, denied)]), 1e12), "model:openai/gpt-5.2")
  })
  it("is lifted by a probe that completed a token: the model's, the account's, and the pinned key's", () => {
    const all = [
      [0, observe(account, banned)],
      [0, observe(model, gone)],
      [0, observe(credential, badKey)]
    ] as const
    assert.deepStrictEqual(keysOf(run(...all, [1, recovered()])), ["credential:openai:aaaa"])
    assert.deepStrictEqual(keysOf(run(...all, [1, recovered("bbbb")])), ["credential:openai:aaaa"])
    assert.deepStrictEqual(keysOf(run(...all, [1, recovered("aaaa")])), [])
  })
  it("is not put off by late answers of calls that had started before the first ban was read", () => {
    const first = run([0, observe(account, banned)])
    const [changed, later] = quarantineStep(first, observe(account, { ...banned, message: "other words" }), 9 * minute)
    assert.isFalse(changed)
    assert.strictEqual(later, first)
  })
  it("takes on a new kind of reason and a vendor's longer delay", () => {
    const worse = entryAt(run([0, observe(account, spent())], [minute, observe(account, banned)]), "account:openai")
    assert.deepStrictEqual([worse?.reason._tag, worse?.since, worse?.recheckAt], ["AccessDenied", 0, 11 * minute])
    const later = entryAt(run([0, observe(account, spent())], [5, observe(account, spent(hour))]), "account:openai")
    assert.strictEqual(later?.recheckAt, 5 + hour)
  })

  it("asks a model that denies access ever more seldom, up to once an hour, while its probes fail", () => {
    let state = run([0, observe(model, denied)])
    const pauses: Array<number> = []
    for (let i = 0; i < 8; i++) {
      const due = entryAt(state, targetKey(model))?.recheckAt ?? 0
      state = quarantineStep(state, { _tag: "RecheckFailed", key: targetKey(model), reason: denied }, due)[1]
      pauses.push(((entryAt(state, targetKey(model))?.recheckAt ?? 0) - due) / minute)
    }
    assert.deepStrictEqual(pauses, [2, 4, 8, 16, 32, 60, 60, 60])
  })
  it("counts a failed probe once, also where its provider told of the refusal before the prober did", () => {
    const state = run(
      [0, observe(model, denied)],
      [minute, observe(model, denied)],
      [minute, { _tag: "RecheckFailed", key: targetKey(model), reason: denied }],
      [minute, { _tag: "RecheckFailed", key: targetKey(model), reason: denied }]
    )
    assert.strictEqual(entryAt(state, targetKey(model))?.recheckAt, 3 * minute)
  })
  it("takes up where it was left what comes back within the hour after its probe succeeded", () => {
    const back = run(
      [0, observe(model, denied)],
      [minute, failedProbe],
      [3 * minute, recovered()],
      [4 * minute, observe(model, denied)]
    )
    assert.strictEqual(entryAt(back, targetKey(model))?.recheckAt, 6 * minute)
    const healed = run(
      [0, observe(model, denied)],
      [minute, failedProbe],
      [3 * minute, recovered()],
      [hour + 3 * minute, observe(model, denied)]
    )
    assert.strictEqual(entryAt(healed, targetKey(model))?.recheckAt, hour + 4 * minute)
  })
  it("begins anew with what its very first probe lifted, however often it comes back", () => {
    const script = Array.from({ length: 10 }, (_, i) => [
      [2 * i * minute, observe(model, denied)] as const,
      [(2 * i + 1) * minute, recovered()] as const
    ]).flat()
    const entry = entryAt(run(...script, [20 * minute, observe(model, denied)]), targetKey(model))
    assert.deepStrictEqual([entry?.setbacks, entry?.recheckAt], [0, 21 * minute])
    const once = run(
      [0, observe(model, denied)],
      [minute, failedProbe],
      [3 * minute, recovered()],
      [4 * minute, observe(model, denied)],
      [6 * minute, recovered()],
      [7 * minute, observe(model, denied)]
    )
    assert.strictEqual(entryAt(once, targetKey(model))?.recheckAt, 8 * minute)
  })
  it("keeps what a failed probe did not mend, with the newest reason that bars", () => {
    const state = run(
      [0, observe(account, spent())],
      [10 * minute, { _tag: "RecheckFailed", key: "account:openai", reason: banned }]
    )
    const entry = entryAt(state, "account:openai")
    assert.deepStrictEqual([entry?.reason._tag, entry?.since, entry?.recheckAt], ["AccessDenied", 0, 20 * minute])
    assert.strictEqual(state.news[0]?._tag, "Rechecked")
    const hiccup = run(
      [0, observe(account, spent())],
      [10 * minute, { _tag: "RecheckFailed", key: "account:openai", reason: undefined }]
    )
    assert.strictEqual(entryAt(hiccup, "account:openai")?.reason._tag, "QuotaExhausted")
    assert.strictEqual(entryAt(hiccup, "account:openai")?.recheckAt, 20 * minute)
  })
  it("is due for a probe when its time has come, the longest overdue first, and never for a person's own", () => {
    const state = run([0, observe(account, banned)], [0, observe(model, denied)], [0, bar("operator", credential)])
    const due = (now: number) => dueEntries(state, now).map(({ key }) => key)
    assert.deepStrictEqual(due(minute - 1), [])
    assert.deepStrictEqual(due(minute), ["model:openai/gpt-5.2"])
    assert.deepStrictEqual(due(10 * minute), ["model:openai/gpt-5.2", "account:openai"])
  })
  it("is not probed while a person or a drill keeps everybody away", () => {
    const state = run([0, observe(model, denied)], [0, bar("drill", account, hour)])
    assert.deepStrictEqual(dueEntries(state, hour - 1), [])
    assert.lengthOf(dueEntries(state, hour), 1)
  })

  it("says the drill's word before a person's, and a person's before what was observed", () => {
    const observed = [0, observe(account, banned)] as const
    const person = [0, bar("operator", model)] as const
    assert.strictEqual(barredBy(run(observed, person)), "operator:model:openai/gpt-5.2")
    assert.strictEqual(barredBy(run(observed, person, [0, bar("drill", model, 9)])), "drill:model:openai/gpt-5.2")
  })
  it("brings back what was observed when the drill on the same thing ends, by hand or by itself", () => {
    const state = run([0, observe(account, banned)], [1, bar("drill", account, 100)])
    const [, ended] = quarantineStep(state, { _tag: "Lift", key: "drill:account:openai" }, 50)
    assert.strictEqual(barredBy(ended, 50), "account:openai")
    assert.strictEqual(barredBy(state, 99), "drill:account:openai")
    assert.strictEqual(barredBy(state, 100), "account:openai")
  })
  it("cleans up at the next command what has ended by itself, and says so", () => {
    const state = run([0, bar("operator", model, 100)])
    const [, before] = quarantineStep(state, { _tag: "Lift", key: "nothing" }, 99)
    assert.strictEqual(before, state)
    const [, after] = quarantineStep(state, { _tag: "Lift", key: "nothing" }, 100)
    assert.isTrue(HashMap.isEmpty(after.entries))
    assert.deepInclude(after.news[0], { _tag: "Lifted", why: "lapsed" })
  })
  it("is no probe's to lift where a person or a drill set it", () => {
    const state = run([0, bar("operator", account)], [0, bar("drill", model, 100)], [1, recovered("aaaa")])
    assert.deepStrictEqual(keysOf(state), ["drill:model:openai/gpt-5.2", "operator:account:openai"])
  })
  it("outlasts a restart as a person's word, an account's ban and a bad key; not as a model's or a drill's", () => {
    const durable = (state: QuarantineState) => activeEntries(state, 0).map(isDurable)
    assert.deepStrictEqual(durable(run([0, bar("operator", model)])), [true])
    assert.deepStrictEqual(durable(run([0, observe(account, spent())])), [true])
    assert.deepStrictEqual(durable(run([0, observe(credential, badKey)])), [true])
    assert.deepStrictEqual(durable(run([0, observe(model, gone)])), [false])
    assert.deepStrictEqual(durable(run([0, bar("drill", account, 9)])), [false])
  })

  const configured = (identity: string, credentials: ReadonlyArray<string>, id = "openai"): QuarantineCommand => {
    const there: Account = { identities: { account: identity, credential: identity, model: identity }, credentials }
    return { _tag: "Configured", accounts: new Map([[id, there]]) }
  }
  it("ends where the config has put another account, another address or another key in its place", () => {
    const state = run(
      [0, observe(account, banned, "one")],
      [0, observe(model, gone, "one")],
      [0, observe(credential, badKey, "one")],
      [0, bar("operator", model)],
      [0, bar("operator", credential)]
    )
    const after = (command: QuarantineCommand) => keysOf(quarantineStep(state, command, 1)[1])
    const byPerson = ["operator:credential:openai:aaaa", "operator:model:openai/gpt-5.2"]
    assert.deepStrictEqual(after(configured("two", ["bbbb"])), byPerson)
    assert.notInclude(after(configured("one", ["bbbb"])), "credential:openai:aaaa")
    assert.lengthOf(after(configured("one", ["aaaa", "bbbb"])), 5)
  })
  it("stays where the provider is merely off for now", () => {
    const state = run([0, observe(account, banned, "one")], [0, observe(credential, badKey, "one")])
    assert.strictEqual(quarantineStep(state, configured("two", [], "gemini"), 1)[1], state)
  })

  const vague: Reason = { ...denied, unspecific: true }
  const suspect = observe(model, vague, "one")
  it("suspects what is refused without a word, and bars it at the third refusal within the hour", () => {
    const suspected = run([0, suspect], [minute, suspect])
    assert.deepStrictEqual(keysOf(suspected), [])
    assert.deepStrictEqual(
      dueEntries(suspected, minute).map(({ key }) => key),
      ["model:openai/gpt-5.2"]
    )
    assert.isUndefined(barredBy(suspected, minute))
    const barred = quarantineStep(suspected, suspect, 2 * minute)[1]
    assert.deepInclude(entryAt(barred, targetKey(model)), { since: 2 * minute, recheckAt: 3 * minute, setbacks: 0 })
    assert.deepStrictEqual(dueEntries(barred, 2 * minute), [])
    assert.deepStrictEqual(keysOf(quarantineStep(suspected, suspect, minute + hour)[1]), [])
  })
  it("clears a suspicion by what was served, and by a config in which it means nothing", () => {
    const served = { _tag: "Served", ref, credential: undefined } as const
    assert.deepStrictEqual(keysOf(run([0, suspect], [0, suspect], [1, served], [2, suspect], [2, suspect])), [])
    assert.deepStrictEqual(dueEntries(run([0, suspect], [1, configured("two", [])]), 1), [])
    assert.lengthOf(dueEntries(run([0, suspect], [1, configured("one", [])]), 1), 1)
  })
  it("bars what is suspected by its probe's refusal, and asks again in a minute where the probe told nothing", () => {
    const key = targetKey(model)
    const guilty = run([0, suspect], [1, { _tag: "RecheckFailed", key, reason: vague }])
    assert.strictEqual(barredBy(guilty, 1), key)
    const open = run([0, suspect], [1, { _tag: "RecheckFailed", key, reason: undefined }])
    assert.isUndefined(barredBy(open, 1))
    assert.lengthOf(dueEntries(open, minute), 0)
    assert.lengthOf(dueEntries(open, minute + 1), 1)
  })
  it("bars at once what the vendor names, whatever it was suspected of before", () => {
    const state = run([0, suspect], [1, observe(model, gone)])
    assert.deepInclude(entryAt(state, targetKey(model)), { reason: gone, since: 1 })
    assert.deepStrictEqual(dueEntries(state, 1), [])
  })
  it("remembers a bounded number of suspicions", () => {
    let state = emptyQuarantine
    for (let i = 0; i < 3000; i++)
      state = quarantineStep(state, observe({ ...model, model: `invented-${i}` }, vague), i)[1]
    assert.isAtMost(HashMap.size(state.suspicions), 1024)
    assert.isTrue(HashMap.has(state.suspicions, "model:openai/invented-2999"))
  })

  it("holds a bounded number of entries: a model's makes way for an account's, the oldest first, never the reverse", () => {
    const full = restoredQuarantine(
      Array.from({ length: quarantineCapacity }, (_, i) => ({
        key: `model:p/${i}`,
        scope: "model" as const,
        provider: "p",
        model: `${i}`,
        source: "observed" as const,
        reason: gone,
        since: i,
        recheckAt: i,
        setbacks: 0
      })),
      quarantineCapacity
    )
    const [, withAccount] = quarantineStep(full, observe(account, banned), quarantineCapacity)
    assert.strictEqual(HashMap.size(withAccount.entries), quarantineCapacity)
    assert.isTrue(HashMap.has(withAccount.entries, "account:openai"))
    assert.isFalse(HashMap.has(withAccount.entries, "model:p/0"))
    assert.deepInclude(withAccount.news[0], { _tag: "Lifted", why: "evicted" })
    const accounts = restoredQuarantine(
      [...HashMap.values(full.entries)].map((entry) => ({
        ...entry,
        scope: "account" as const,
        key: accountKey(`p${entry.since}`),
        provider: `p${entry.since}`
      })),
      quarantineCapacity
    )
    assert.strictEqual(quarantineStep(accounts, observe(model, gone), quarantineCapacity)[1], accounts)
  })
  it("brings a recheck nearer that a wrong clock had put off for years", () => {
    const [entry] = activeEntries(run([1e12, observe(account, banned)]), 1e12)
    assert.isDefined(entry)
    if (entry === undefined) return
    assert.strictEqual(entryAt(restoredQuarantine([entry], 0), "account:openai")?.recheckAt, 24 * hour)
  })

  const name = (letters: string) => Schema.Literals([...letters])
  const Target = Schema.Union([
    Schema.Struct({ scope: Schema.Literal("account"), provider: name("pq") }),
    Schema.Struct({ scope: Schema.Literal("credential"), provider: name("pq"), credential: name("xy") }),
    Schema.Struct({ scope: Schema.Literal("model"), provider: name("pq"), model: name("mn") })
  ])
  const Barring = Schema.Literals(["badKey", "banned", "denied", "spent", "spentForLong", "gone"])
  const reasons = { badKey, banned, denied, spent: spent(), spentForLong: spent(hour), gone }
  const Until = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 * minute }))
  const Command = Schema.Union([
    Schema.TaggedStruct("Observe", { target: Target, reason: Barring }),
    Schema.TaggedStruct("RecheckFailed", { target: Target, reason: Schema.UndefinedOr(Barring) }),
    Schema.TaggedStruct("Recovered", { provider: name("pq"), model: name("mn"), credential: name("xy") }),
    Schema.TaggedStruct("SetByOperator", { target: Target, lasts: Schema.UndefinedOr(Until) }),
    Schema.TaggedStruct("Drill", { target: Target, lasts: Until }),
    Schema.TaggedStruct("Lift", { prefix: Schema.Literals(["", "operator:", "drill:"]), target: Target }),
    Schema.TaggedStruct("Configured", { provider: name("pq"), identity: name("12") })
  ])
  const Move = Schema.Struct({
    after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10 * minute })),
    command: Command
  })
  const commandOf = (move: typeof Command.Type, now: number): QuarantineCommand => {
    switch (move._tag) {
      case "Observe":
        return observe(move.target, reasons[move.reason], "1")
      case "RecheckFailed":
        return {
          _tag: "RecheckFailed",
          key: targetKey(move.target),
          reason: move.reason === undefined ? undefined : reasons[move.reason]
        }
      case "Recovered":
        return { _tag: "Recovered", ref: { provider: move.provider, model: move.model }, credential: move.credential }
      case "SetByOperator":
        return bar("operator", move.target, move.lasts === undefined ? undefined : now + move.lasts)
      case "Drill":
        return bar("drill", move.target, now + move.lasts)
      case "Lift":
        return { _tag: "Lift", key: move.prefix + targetKey(move.target) }
      case "Configured":
        return configured(move.identity, ["x", "y"], move.provider)
    }
  }

  it.prop(
    "keeps its invariants under any commands",
    // of arrays without a least length, most are empty
    { moves: Schema.Array(Move).check(Schema.isMinLength(30), Schema.isMaxLength(60)) },
    ({ moves }) => {
      let now = 0
      let state = emptyQuarantine
      for (const { after, command: move } of moves) {
        now += after
        const before = state
        const command = commandOf(move, now)
        const [changed, next] = quarantineStep(before, command, now)
        state = next

        // what says that nothing changed changed nothing, and what is said twice is heard once
        assert.strictEqual(changed, next !== before)
        assert.strictEqual(quarantineStep(next, command, now)[1], next)
        for (const entry of HashMap.values(before.entries)) {
          const kept = entryAt(next, entry.key)
          if (entry.source === "observed") {
            // nothing but these takes away what was observed
            if (kept === undefined) assert.include(["Recovered", "Lift", "Configured"], command._tag)
            // a recheck is never brought forward, and what is there never becomes younger
            else assert.isAtLeast(kept.recheckAt ?? 0, entry.recheckAt ?? 0)
            if (kept !== undefined) assert.strictEqual(kept.since, entry.since)
          } else if (kept === undefined) {
            assert.isTrue(command._tag === "Lift" || !isActive(entry, now))
          }
        }
        for (const entry of HashMap.values(next.entries)) {
          assert.isTrue(isActive(entry, now))
          if (entry.source === "drill") assert.isDefined(entry.until)
          if (entry.source !== "observed") assert.isUndefined(entry.recheckAt)
          // an account's entry covers every model of it
          if (entry.scope === "account")
            assert.strictEqual(barring(next, { provider: entry.provider, model: "any" }, [], now)?.scope, "account")
          if (entry.scope === "credential")
            assert.isTrue(isCredentialBarred(next, entry.provider, entry.credential ?? "", now))
        }
        assert.isAtMost(HashMap.size(next.entries), 24)

        // a drill on anything that ends leaves all as it was
        const drilled = quarantineStep(next, bar("drill", account, now + 1), now)[1]
        const ended = quarantineStep(drilled, { _tag: "Lift", key: "drill:account:openai" }, now)[1]
        assert.deepStrictEqual(keysOf(ended, now), keysOf(next, now))
      }
    },
    { arbitrary: { runs: 300, seed: 11 } }
  )
})
