import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Exit, Fiber, Layer, Random, Result, Schema, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { defaultResilience } from "../../src/config/Settings.ts"
import type { ModelRef } from "../../src/domain/Ids.ts"
import { ProviderError, type Reason } from "../../src/domain/ProviderError.ts"
import { Circuits } from "../../src/health/Circuits.ts"
import { type Prober, Probes, type ProbeSettings } from "../../src/health/Probes.ts"
import { Quarantines } from "../../src/health/Quarantines.ts"
import { QuarantineStore } from "../../src/health/QuarantineStore.ts"

const serverError: Reason = { _tag: "ServerError", message: "boom", status: 500 }
const unreachable: Reason = { _tag: "Network", message: "connection refused", sent: false }
const banned: Reason = { _tag: "AccessDenied", scope: "account", message: "suspended", status: 403 }
const ref = (model: string, provider = "openai"): ModelRef => ({ provider, model })
const failure = (of: ModelRef, reason: Reason, credential?: string) =>
  new ProviderError({ ...of, reason, ...(credential === undefined ? undefined : { credential }) })
const fails = (of: ModelRef, reason: Reason) => Effect.fail(failure(of, reason))

interface Ask {
  readonly at: number
  readonly model: string
  readonly credential: string | undefined
}
/** A prober whose checks end as `answer` says, and what it was asked. */
const proberOf = (answer: (of: ModelRef, at: number) => Effect.Effect<void, ProviderError>, over?: Partial<Prober>) => {
  const asked: Array<Ask> = []
  const check: Prober["check"] = (of, credential) =>
    Effect.flatMap(Clock.currentTimeMillis, (at) => {
      asked.push({ at, model: `${of.provider}/${of.model}`, credential })
      return answer(of, at)
    })
  const prober: Prober = {
    check,
    modelFor: () => "main",
    mayProbe: () => true,
    isKnown: () => true,
    credentials: () => [],
    thinks: () => false,
    ...over
  }
  return { asked, prober }
}

const probing = (probes: Partial<ProbeSettings["probes"]> = {}): ProbeSettings => ({
  probes: { ...defaultResilience.probes, ...probes }
})
const around = () =>
  Layer.mergeAll(
    Circuits.layer(defaultResilience),
    Quarantines.layer({ providers: [] }, () => true).pipe(Layer.provide(QuarantineStore.layerMemory()))
  )
const health = (prober: Prober, settings = probing()) =>
  Probes.layer(settings, prober).pipe(Layer.provideMerge(around()))

/** A real call that ends in `reason`, or well; `false` where it was not admitted. */
const call = (of: ModelRef, reason?: Reason) =>
  Effect.scoped(
    Effect.gen(function* () {
      const admitted = yield* (yield* Circuits).admit(of)
      if (Result.isFailure(admitted)) return false
      yield* reason === undefined ? admitted.success.succeeded : admitted.success.failed(failure(of, reason))
      return true
    })
  )
const open = (of: ModelRef, reason = serverError) =>
  Effect.forEach([1, 2, 3], () => call(of, reason), { discard: true })
const stateOf = (key: string) =>
  Effect.flatMap(Circuits, (circuits) => Effect.map(circuits.state(key), ({ _tag }) => _tag))
/** Lets time pass a second at a time, so that whatever is due happens at its own moment. */
const pass = (seconds: number) =>
  Effect.forEach(
    Array.from({ length: seconds }, () => undefined),
    () => TestClock.adjust("1 second"),
    { discard: true }
  )

describe("what is open", () => {
  it.effect("is probed once an opening during an outage, and closed after it without a single real call", () => {
    const { asked, prober } = proberOf((of, at) => (at < 60_000 ? fails(of, serverError) : Effect.void))
    return Effect.gen(function* () {
      const circuits = yield* Circuits
      const told: Array<{ readonly what: string; readonly at: number }> = []
      yield* Effect.forkScoped(
        Stream.runForEach(circuits.events, ({ event }) =>
          Effect.sync(() => told.push({ what: event._tag, at: event.at }))
        ),
        { startImmediately: true }
      )
      yield* open(ref("m"))
      yield* pass(29)
      assert.strictEqual(asked.length, 0)
      yield* pass(100)
      assert.strictEqual(yield* stateOf("openai/m"), "Closed")
      const openings = told.filter(({ what }) => what === "Opened").map(({ at }) => at)
      assert.strictEqual(openings.length, 2)
      for (const [index, from] of openings.entries()) {
        const to = openings[index + 1] ?? Infinity
        // the one that fails ends the opening it was made in
        assert.strictEqual(asked.filter(({ at }) => at > from && at <= to).length, 1)
        assert.isAtMost((asked[index]?.at ?? Infinity) - from, 37_000)
      }
      yield* pass(300)
      assert.strictEqual(asked.length, 2)
    }).pipe(Effect.scoped, Effect.provide(health(prober)))
  })
  it.effect("is not probed while a real call finds out, nor let real calls in while it is probed", () => {
    const { asked, prober } = proberOf(() => Effect.sleep("5 seconds"))
    return Effect.gen(function* () {
      const circuits = yield* Circuits
      yield* open(ref("m"))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(asked.length, 0)
      const scope = yield* Scope.make()
      const real = yield* Scope.provide(circuits.admit(ref("m")), scope)
      assert.isTrue(Result.isSuccess(real) && real.success.probe)
      yield* pass(60)
      assert.strictEqual(asked.length, 0)
      // it went away without an outcome: now the probe has the slot
      yield* Scope.close(scope, Exit.void)
      yield* pass(7)
      assert.strictEqual(asked.length, 1)
      while ((yield* stateOf("openai/m")) === "HalfOpen") {
        assert.isFalse(yield* call(ref("m")))
        yield* TestClock.adjust("1 second")
      }
      assert.isTrue(yield* call(ref("m")))
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("is not probed all at once when it failed all at once", () => {
    const { asked, prober } = proberOf(() => Effect.void)
    return Effect.gen(function* () {
      for (let i = 0; i < 20; i++) yield* open(ref("m", `p${i}`))
      yield* pass(30)
      for (let i = 0; i < 70; i++) yield* TestClock.adjust("100 millis")
      assert.strictEqual(asked.length, 20)
      for (const { at } of asked) assert.isTrue(at >= 30_000 && at <= 36_100)
      assert.isAbove(new Set(asked.map(({ at }) => at)).size, 10)
    }).pipe(Effect.provide(health(prober)), Random.withSeed("spread"))
  })
  it.effect("is probed a few at a time, and the next as soon as one is done", () => {
    let running = 0
    let most = 0
    const { asked, prober } = proberOf(() =>
      Effect.acquireUseRelease(
        Effect.sync(() => (most = Math.max(most, ++running))),
        () => Effect.sleep("9 seconds"),
        () => Effect.sync(() => running--)
      )
    )
    return Effect.gen(function* () {
      for (let i = 0; i < 10; i++) yield* open(ref("m", `p${i}`))
      yield* pass(70)
      assert.strictEqual(asked.length, 10)
      assert.strictEqual(most, 4)
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect(
    "is open again when the probe hangs: it is cut after its time, which is longer for models that think",
    () => {
      let interrupted = 0
      const { asked, prober } = proberOf(
        () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++)),
        { thinks: ({ model }) => model === "thinker" }
      )
      return Effect.gen(function* () {
        const circuits = yield* Circuits
        const { events } = yield* Probes
        const heard = yield* Effect.forkChild(Stream.runCollect(Stream.take(events, 2)), { startImmediately: true })
        yield* open(ref("quick", "a"))
        yield* open(ref("thinker", "b"))
        yield* pass(50)
        assert.deepStrictEqual(asked.map(({ model }) => model).sort(), ["a/quick", "b/thinker"])
        assert.strictEqual(interrupted, 1)
        const quick = yield* circuits.state("a/quick")
        assert.isTrue(quick._tag === "Open" && quick.openings === 2 && quick.openedBy === "probe")
        assert.strictEqual(yield* stateOf("b/thinker"), "HalfOpen")
        yield* pass(50)
        assert.strictEqual(yield* stateOf("b/thinker"), "Open")
        const [first] = yield* Fiber.join(heard)
        assert.deepStrictEqual(
          [first?._tag, first?.subject, first?.millis, first?.reason],
          ["ProbeFailed", "a/quick", 10_000, "Timeout"]
        )
      }).pipe(Effect.provide(health(prober)))
    }
  )
  it.effect("is left alone until the moment that a rate limit in answer to the probe names", () => {
    const { asked, prober } = proberOf((of, at) =>
      at < 60_000 ? fails(of, { _tag: "RateLimited", message: "slow down", retryAfterMillis: 100_000 }) : Effect.void
    )
    return Effect.gen(function* () {
      yield* open(ref("m"))
      yield* pass(200)
      assert.strictEqual(asked.length, 2)
      assert.isAtLeast((asked[1]?.at ?? 0) - (asked[0]?.at ?? 0), 100_000)
      assert.strictEqual(yield* stateOf("openai/m"), "Closed")
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("is probed again after a probe that broke, with the slot free and the interval between them", () => {
    const { asked, prober } = proberOf((_of, at) => (at < 60_000 ? Effect.die(new TypeError("a bug")) : Effect.void))
    return Effect.gen(function* () {
      yield* open(ref("m"))
      yield* pass(45)
      assert.strictEqual(asked.length, 1)
      assert.strictEqual(yield* stateOf("openai/m"), "Open")
      yield* pass(100)
      assert.strictEqual(yield* stateOf("openai/m"), "Closed")
      for (const [index, { at }] of asked.entries())
        if (index > 0) assert.isAtLeast(at - (asked[index - 1]?.at ?? 0), 24_000)
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("is probed even after the plan itself broke", () => {
    let broken = true
    const { asked, prober } = proberOf(() => Effect.void, {
      isKnown: () => {
        if (broken) throw new TypeError("a bug")
        return true
      }
    })
    return Effect.gen(function* () {
      yield* open(ref("m"))
      yield* pass(40)
      broken = false
      yield* pass(10)
      assert.strictEqual(asked.length, 1)
    }).pipe(Effect.provide(health(prober)))
  })
})

describe("whatever fails and recovers", () => {
  const Deed = Schema.Struct({
    model: Schema.Literals(["a/m", "a/n", "b/m"]),
    /** What happens to the model from now on, or a call to it. */
    what: Schema.Literals(["down", "gone", "up", "calls", "calls", "call"]),
    // in seconds; one that takes longer than the circuit's patience is joined by others
    takes: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 })),
    after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 }))
  })
  const refs = { "a/m": ref("m", "a"), "a/n": ref("n", "a"), "b/m": ref("m", "b") } as const

  it.effect.prop(
    "one at a time finds out, real or synthetic; what is healthy is never probed; all ways are free in the end",
    { deeds: Schema.Array(Deed).check(Schema.isMinLength(40), Schema.isMaxLength(80)) },
    ({ deeds }) => {
      const faults = new Map<string, Reason>()
      const finding = new Map<string, number>()
      const clashes: Array<string> = []
      const find = <A, E, R>(key: string, effect: Effect.Effect<A, E, R>) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            const others = finding.get(key) ?? 0
            if (others > 0) clashes.push(key)
            finding.set(key, others + 1)
          }),
          () => effect,
          () => Effect.sync(() => finding.set(key, (finding.get(key) ?? 0) - 1))
        )
      const fate = (of: ModelRef) => {
        const fault = faults.get(`${of.provider}/${of.model}`)
        return fault === undefined ? Effect.void : fails(of, fault)
      }
      const checked = (of: ModelRef) =>
        find(`${of.provider}/${of.model}`, Effect.andThen(Effect.sleep("3 seconds"), fate(of)))
      const { prober } = proberOf(checked, { modelFor: (provider) => (provider === "a" ? "n" : "m") })
      const probesAreDue = (circuits: Circuits["Service"], key: string) =>
        Effect.map(circuits.states, (states) =>
          [key, key.slice(0, 1)].some((each) => states.get(each)?._tag === "HalfOpen")
        )
      return Effect.gen(function* () {
        const circuits = yield* Circuits
        const real = (of: ModelRef, seconds: number) =>
          Effect.scoped(
            Effect.flatMap(circuits.admit(of), (admitted) => {
              if (Result.isFailure(admitted)) return Effect.void
              const permit = admitted.success
              const made = Effect.andThen(Effect.sleep(seconds * 1000), fate(of)).pipe(
                Effect.matchEffect({ onFailure: permit.failed, onSuccess: () => permit.succeeded })
              )
              return permit.probe ? find(`${of.provider}/${of.model}`, made) : made
            })
          )
        for (const { after, model, takes, what } of deeds) {
          if (what === "down") faults.set(model, serverError)
          else if (what === "gone") faults.set(model, unreachable)
          else if (what === "up") faults.delete(model)
          else
            for (let i = 0; i < (what === "calls" ? 3 : 1); i++)
              yield* Effect.forkScoped(real(refs[model], takes), { startImmediately: true })
          yield* pass(after)
          for (const [key, count] of finding) if (count > 0) assert.isTrue(yield* probesAreDue(circuits, key))
        }
        faults.clear()
        yield* pass(420)
        assert.deepStrictEqual(clashes, [])
        for (const key of ["a", "b", ...Object.keys(refs)]) assert.strictEqual(yield* stateOf(key), "Closed", key)
      }).pipe(Effect.scoped, Effect.provide(health(prober)))
    },
    { arbitrary: { runs: 40, seed: 5 } }
  )
})

describe("a provider whose own circuit is open", () => {
  it.effect("is probed by one of its open models, which wait for it", () => {
    const { asked, prober } = proberOf(() => Effect.void)
    return Effect.gen(function* () {
      for (const model of ["a", "b"]) yield* open(ref(model))
      assert.strictEqual(yield* stateOf("openai"), "Open")
      yield* pass(37)
      // the provider first; only then each model that is still open
      assert.include(["openai/a", "openai/b"], asked[0]?.model)
      assert.strictEqual(yield* stateOf("openai"), "Closed")
      yield* pass(40)
      assert.deepStrictEqual(asked.map(({ model }) => model).sort(), ["openai/a", "openai/b"])
      assert.strictEqual(yield* stateOf("openai/a"), "Closed")
      assert.strictEqual(yield* stateOf("openai/b"), "Closed")
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("is probed by the model named for it where none of its models is open", () => {
    const { asked, prober } = proberOf(() => Effect.void)
    return Effect.gen(function* () {
      for (const model of ["a", "b", "c"]) yield* call(ref(model), unreachable)
      assert.strictEqual(yield* stateOf("openai"), "Open")
      yield* pass(40)
      assert.deepStrictEqual(
        asked.map(({ model }) => model),
        ["openai/main"]
      )
      assert.strictEqual(yield* stateOf("openai"), "Closed")
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("is left to real calls where no model is known for it", () => {
    const { asked, prober } = proberOf(() => Effect.void, { modelFor: () => undefined })
    return Effect.gen(function* () {
      for (const model of ["a", "b", "c"]) yield* call(ref(model), unreachable)
      yield* pass(100)
      assert.strictEqual(asked.length, 0)
      assert.isTrue(yield* call(ref("a")))
    }).pipe(Effect.provide(health(prober)))
  })
})

describe("what is quarantined", () => {
  it.effect("is probed when its recheck is due, and lifted when it serves: a model, an account, a credential", () => {
    const { asked, prober } = proberOf(() => Effect.void, { credentials: () => ["aaaa", "bbbb"] })
    return Effect.gen(function* () {
      const quarantines = yield* Quarantines
      quarantines.failed(failure(ref("m", "a"), { _tag: "AccessDenied", scope: "model", message: "no" }), 0)
      quarantines.failed(failure(ref("m", "b"), banned), 0)
      quarantines.turnedAway(failure(ref("m", "c"), { _tag: "AuthenticationFailed", message: "no" }, "bbbb"), 0)
      yield* pass(59)
      assert.strictEqual(asked.length, 0)
      yield* pass(641)
      assert.deepStrictEqual(
        asked.map(({ credential, model }) => [model, credential]),
        [
          ["a/m", undefined],
          ["c/main", "bbbb"],
          ["b/main", undefined]
        ]
      )
      const late = asked.map(({ at }, index) => at - ([60_000, 300_000, 600_000][index] ?? 0))
      for (const millis of late) assert.isTrue(millis >= 0 && millis <= 7000)
      assert.deepStrictEqual(quarantines.entries(700_000), [])
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect(
    "is probed by the model it was seen at where none is named for its provider, even if only a caller knows that",
    () => {
      const { asked, prober } = proberOf(() => Effect.void, {
        modelFor: () => undefined,
        isKnown: ({ provider }) => provider === "known"
      })
      return Effect.gen(function* () {
        const quarantines = yield* Quarantines
        for (const provider of ["known", "other"]) quarantines.failed(failure(ref("m", provider), banned), 0)
        yield* pass(700)
        assert.sameMembers(
          asked.map(({ model }) => model),
          ["known/m", "other/m"]
        )
      }).pipe(Effect.provide(health(prober)))
    }
  )
  it.effect("is probed by other models in turn while one does not show it, and lifted as soon as one does", () => {
    const { asked, prober } = proberOf(
      (of) => (of.model === "other" ? Effect.void : fails(of, { ...serverError, message: "no such route" })),
      { othersFor: () => ["third", "other"] }
    )
    return Effect.gen(function* () {
      const quarantines = yield* Quarantines
      quarantines.failed(failure(ref("m"), banned), 0)
      for (let i = 0; i < 60; i++) yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(
        asked.map(({ model }) => model),
        ["openai/main", "openai/m", "openai/third", "openai/other"]
      )
      assert.deepStrictEqual(quarantines.entries(3_600_000), [])
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("is lifted by the first probe that is answered as only a good account is", () => {
    const gone: Reason = { _tag: "ModelUnavailable", message: "model: retired", status: 404 }
    const { asked, prober } = proberOf((of) => fails(of, gone), { modelFor: () => "retired" })
    return Effect.gen(function* () {
      const quarantines = yield* Quarantines
      quarantines.failed(failure(ref("good"), banned), 0)
      yield* pass(620)
      assert.deepStrictEqual(
        quarantines.entries(620_000).map(({ key }) => key),
        ["model:openai/retired"]
      )
      assert.strictEqual(asked.length, 1)
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("is left to real calls where probes are off or there is nothing to probe by, and to none where not", () => {
    const { prober } = proberOf(() => Effect.never, { mayProbe: (provider) => provider !== "off" })
    return Effect.gen(function* () {
      const quarantines = yield* Quarantines
      const probes = yield* Probes
      for (const provider of ["openai", "off"]) quarantines.failed(failure(ref("m", provider), banned), 0)
      yield* TestClock.adjust("10 minutes")
      const refuses = (provider: string) => quarantines.refuses(ref("m", provider), [], 600_000)?.key
      assert.deepStrictEqual([refuses("openai"), refuses("off")], ["account:openai", undefined])
      probes.configure(probing({ enabled: false }))
      assert.isUndefined(refuses("openai"))
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("is put off when the probe fails, and an open circuit behind it waits with it", () => {
    const { asked, prober } = proberOf((of) => fails(of, banned))
    return Effect.gen(function* () {
      const quarantines = yield* Quarantines
      yield* open(ref("main"))
      quarantines.failed(failure(ref("main"), banned), 0)
      yield* pass(599)
      assert.strictEqual(asked.length, 0)
      yield* pass(11)
      assert.strictEqual(asked.length, 1)
      assert.isAbove(quarantines.entries(610_000)[0]?.recheckAt ?? 0, 1_190_000)
      yield* pass(580)
      assert.strictEqual(asked.length, 1)
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("comes from a probe's failure too, as from a call's", () => {
    const { asked, prober } = proberOf((of) => fails(of, banned))
    return Effect.gen(function* () {
      yield* open(ref("m"))
      yield* pass(300)
      assert.strictEqual(asked.length, 1)
      assert.deepStrictEqual(
        (yield* Quarantines).entries(300_000).map(({ key }) => key),
        ["account:openai"]
      )
    }).pipe(Effect.provide(health(prober)))
  })
})

describe("what is suspected", () => {
  const vague: Reason = { _tag: "AccessDenied", scope: "model", message: "HTTP 403", status: 403, unspecific: true }
  it.effect("is probed at once, keeps nobody away until then, and is forgotten when it serves", () => {
    const { asked, prober } = proberOf(() => Effect.void)
    return Effect.gen(function* () {
      const quarantines = yield* Quarantines
      yield* TestClock.adjust("1 minute")
      quarantines.failed(failure(ref("m"), vague), 60_000)
      assert.isUndefined(quarantines.barred(ref("m"), [], 60_000))
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(asked, [{ at: 60_000, model: "openai/m", credential: undefined }])
      assert.deepStrictEqual(quarantines.due(60_001), [])
      yield* pass(600)
      assert.strictEqual(asked.length, 1)
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("is barred when its probe is refused as well", () => {
    const { asked, prober } = proberOf((of) => fails(of, vague))
    return Effect.gen(function* () {
      const quarantines = yield* Quarantines
      quarantines.failed(failure(ref("m"), vague), 0)
      yield* TestClock.adjust(1)
      assert.strictEqual(quarantines.barred(ref("m"), [], 1)?.key, "model:openai/m")
      yield* pass(55)
      assert.strictEqual(asked.length, 1)
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("keeps others away for a small part of the time at most where one caller is refused every minute", () => {
    const { prober } = proberOf(() => Effect.void)
    return Effect.gen(function* () {
      const quarantines = yield* Quarantines
      let barred = 0
      const minutes = 12 * 60
      for (let i = 0; i < minutes; i++) {
        quarantines.failed(failure(ref("m"), vague), i * 60_000)
        if (quarantines.barred(ref("m"), [], i * 60_000) !== undefined) barred++
        yield* TestClock.adjust("1 minute")
      }
      assert.strictEqual(barred, 0)
    }).pipe(Effect.provide(health(prober)))
  })
})

describe("nobody probes", () => {
  it.effect("what is healthy, forced, drilled, set by an operator, disabled, or named by a caller only", () => {
    const { asked, prober } = proberOf(() => Effect.void, {
      mayProbe: (provider) => provider !== "disabled",
      isKnown: ({ model }) => model !== "invented"
    })
    return Effect.gen(function* () {
      const circuits = yield* Circuits
      const quarantines = yield* Quarantines
      const message = "by hand"
      yield* call(ref("m", "healthy"))
      yield* open(ref("m", "forced"))
      yield* circuits.force("forced/m", "open")
      yield* open(ref("m", "behind"))
      yield* circuits.force("behind", "open")
      yield* open(ref("m", "drilled"))
      const target = { scope: "account", provider: "drilled" } as const
      quarantines.set({ source: "drill", target, reason: "Overloaded", message, until: 1e9 }, 0)
      yield* open(ref("m", "barred"))
      quarantines.set(
        {
          source: "operator",
          target: { scope: "model", provider: "barred", model: "m" },
          reason: "AccessDenied",
          message,
          until: undefined
        },
        0
      )
      // the account is due, but the model it would be probed by is kept away from
      quarantines.failed(failure(ref("main", "account"), banned), 0)
      quarantines.set(
        {
          source: "operator",
          target: { scope: "model", provider: "account", model: "main" },
          reason: "AccessDenied",
          message,
          until: undefined
        },
        0
      )
      yield* open(ref("m", "disabled"))
      quarantines.failed(failure(ref("m", "disabled"), banned), 0)
      yield* open(ref("invented"))
      yield* pass(1000)
      assert.deepStrictEqual(asked, [])
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("anything while probes are off, and everything due once they are on", () => {
    const { asked, prober } = proberOf(() => Effect.void)
    return Effect.gen(function* () {
      const probes = yield* Probes
      yield* open(ref("m"))
      yield* pass(100)
      assert.strictEqual(asked.length, 0)
      probes.configure(probing({ interval: Duration.seconds(10) }))
      yield* pass(3)
      assert.strictEqual(asked.length, 1)
    }).pipe(Effect.provide(health(prober, probing({ enabled: false }))))
  })
})

describe("a probe that cannot be paid for", () => {
  it.effect("is made as soon as it can, and its circuit and its quarantine stand as they are until then", () => {
    const richAt = 600_000
    const { asked, prober } = proberOf(() => Effect.void, { affords: (_, now) => now >= richAt })
    return Effect.gen(function* () {
      const quarantines = yield* Quarantines
      yield* open(ref("m"))
      quarantines.failed(failure(ref("main", "account"), banned), 0)
      yield* pass(599)
      assert.lengthOf(asked, 0)
      assert.strictEqual(yield* stateOf("openai/m"), "Open")
      assert.lengthOf(quarantines.entries(599_000), 1)
      yield* pass(700)
      assert.isTrue(asked.every(({ at }) => at >= richAt))
      assert.deepStrictEqual(asked.map(({ model }) => model).sort(), ["account/main", "openai/m"])
      assert.strictEqual(yield* stateOf("openai/m"), "Closed")
      assert.lengthOf(quarantines.entries(1_299_000), 0)
    }).pipe(Effect.provide(health(prober)))
  })

  it.effect("because the money went meanwhile says nothing of the model", () => {
    const { prober } = proberOf(() => Effect.void, {
      check: () => Effect.fail({ _tag: "NotMade", why: "no room" })
    })
    return Effect.gen(function* () {
      const quarantines = yield* Quarantines
      const probes = yield* Probes
      yield* open(ref("m"))
      assert.deepInclude(yield* probes.probeNow(ref("m")), { ok: false, reason: undefined, message: "no room" })
      assert.lengthOf(quarantines.entries(0), 0)
      assert.strictEqual((yield* (yield* Circuits).state("openai/m"))._tag, "Open")
    }).pipe(Effect.provide(health(prober)))
  })
})

describe("a probe under way", () => {
  it.effect("is interrupted and frees its slot when probes are turned off or its provider is disabled", () => {
    let disabled = false
    const { asked, prober } = proberOf(() => Effect.never, { mayProbe: () => !disabled, thinks: () => true })
    return Effect.gen(function* () {
      const probes = yield* Probes
      yield* open(ref("m"))
      yield* pass(36)
      assert.strictEqual(yield* stateOf("openai/m"), "HalfOpen")
      probes.configure(probing({ enabled: false }))
      yield* pass(1)
      assert.strictEqual(yield* stateOf("openai/m"), "Open")
      probes.configure(probing())
      yield* pass(40)
      assert.strictEqual(asked.length, 2)
      assert.strictEqual(yield* stateOf("openai/m"), "HalfOpen")
      disabled = true
      probes.configure(probing())
      yield* pass(1)
      assert.strictEqual(yield* stateOf("openai/m"), "Open")
      assert.isTrue(yield* call(ref("m")))
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("is interrupted and frees its slot when the service ends", () => {
    const { prober } = proberOf(() => Effect.never)
    return Effect.gen(function* () {
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(Probes.layer(probing(), prober), scope)
      yield* open(ref("m"))
      yield* pass(36)
      assert.strictEqual(yield* stateOf("openai/m"), "HalfOpen")
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* stateOf("openai/m"), "Open")
      assert.isTrue(yield* call(ref("m")))
    }).pipe(Effect.provide(around()))
  })
})

describe("an operator's check", () => {
  it.effect("asks whatever the state, closes the circuit, lifts the quarantine and tells how long it took", () => {
    const { asked, prober } = proberOf(() => Effect.sleep("2 seconds"))
    return Effect.gen(function* () {
      const probes = yield* Probes
      const quarantines = yield* Quarantines
      for (const model of ["m", "n"]) yield* open(ref(model))
      quarantines.failed(failure(ref("m"), banned), 0)
      const heard = yield* Effect.forkChild(Stream.runCollect(Stream.take(probes.events, 1)), {
        startImmediately: true
      })
      const check = yield* Effect.forkChild(probes.probeNow(ref("m"), "aaaa"), { startImmediately: true })
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* Fiber.join(check), {
        provider: "openai",
        model: "m",
        ok: true,
        millis: 2000,
        reason: undefined,
        message: undefined
      })
      assert.deepStrictEqual(asked, [{ at: 0, model: "openai/m", credential: "aaaa" }])
      assert.deepStrictEqual(quarantines.entries(2000), [])
      assert.isTrue(yield* call(ref("m")))
      assert.deepStrictEqual(
        (yield* Fiber.join(heard)).map(({ _tag, subject, at }) => [_tag, subject, at]),
        [["ProbeSucceeded", "openai/m", 2000]]
      )
    }).pipe(Effect.provide(health(prober, probing({ enabled: false }))))
  })
  it.effect(
    "tells what went wrong, which counts as any call's failure does, and changes nothing that is forced",
    () => {
      const { prober } = proberOf((of) => fails(of, serverError))
      return Effect.gen(function* () {
        const circuits = yield* Circuits
        const probes = yield* Probes
        const outcome = yield* probes.probeNow(ref("m"))
        assert.deepStrictEqual([outcome.ok, outcome.reason, outcome.message], [false, "ServerError", "boom"])
        assert.strictEqual(circuits.recentFailures("openai/m", 0), 1)
        yield* circuits.force("openai/m", "open")
        yield* probes.probeNow(ref("m"))
        assert.strictEqual(yield* stateOf("openai/m"), "ForcedOpen")
      }).pipe(Effect.provide(health(prober)))
    }
  )
  it.effect("takes the place of a probe under way, which then decides nothing", () => {
    const first = Deferred.makeUnsafe<void>()
    let checks = 0
    const { prober } = proberOf((of) =>
      checks++ === 0 ? Effect.andThen(Deferred.await(first), fails(of, serverError)) : Effect.void
    )
    return Effect.gen(function* () {
      const probes = yield* Probes
      yield* open(ref("m"))
      yield* pass(36)
      assert.strictEqual(yield* stateOf("openai/m"), "HalfOpen")
      assert.isTrue((yield* probes.probeNow(ref("m"))).ok)
      yield* Deferred.succeed(first, undefined)
      yield* pass(1)
      assert.strictEqual(yield* stateOf("openai/m"), "Closed")
    }).pipe(Effect.provide(health(prober)))
  })
  it.effect("that is given up frees what it took", () => {
    const { prober } = proberOf(() => Effect.never)
    return Effect.gen(function* () {
      const probes = yield* Probes
      yield* open(ref("m"))
      const check = yield* Effect.forkChild(probes.probeNow(ref("m")), { startImmediately: true })
      assert.strictEqual(yield* stateOf("openai/m"), "HalfOpen")
      yield* Fiber.interrupt(check)
      assert.strictEqual(yield* stateOf("openai/m"), "Open")
      // the opening lasts as long as it would have
      assert.isFalse(yield* call(ref("m")))
    }).pipe(Effect.provide(health(prober, probing({ enabled: false }))))
  })
})
