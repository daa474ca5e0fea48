import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Exit, Fiber, Result, Schema, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { defaultResilience } from "../../src/config/Settings.ts"
import { ProviderError, type Reason } from "../../src/domain/ProviderError.ts"
import { Circuits, type CircuitSettings, type Permit } from "../../src/health/Circuits.ts"

const ref = (model: string) => ({ provider: "openai", model })
const error = (reason: Reason, model = "m") => new ProviderError({ provider: "openai", model, reason })
const serverError: Reason = { _tag: "ServerError", message: "boom", status: 500 }
const refused: Reason = { _tag: "Network", message: "connection refused", sent: false }

/** One call that ends in `reason`, or well; `false` where it was not admitted. */
const call = (model: string, reason?: Reason) =>
  Effect.scoped(
    Effect.gen(function* () {
      const circuits = yield* Circuits
      const admitted = yield* circuits.admit(ref(model))
      if (Result.isFailure(admitted)) return false
      yield* reason === undefined ? admitted.success.succeeded : admitted.success.failed(error(reason, model))
      return true
    })
  )
const stateOf = (key: string) =>
  Effect.flatMap(Circuits, (circuits) => Effect.map(circuits.state(key), ({ _tag }) => _tag))
const layer = Circuits.layer(defaultResilience)

describe("the circuits", () => {
  it.effect("open one model's way after three server errors and leave the provider's other models alone", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 3; i++) assert.isTrue(yield* call("m", serverError))
      assert.isFalse(yield* call("m"))
      assert.isTrue(yield* call("other"))
      yield* TestClock.adjust("30 seconds")
      assert.isTrue(yield* call("m"))
      assert.strictEqual(yield* stateOf("openai/m"), "Closed")
    }).pipe(Effect.provide(layer))
  )
  it.effect("open the whole provider when it cannot be reached", () =>
    Effect.gen(function* () {
      for (const model of ["a", "b", "c"]) yield* call(model, refused)
      assert.strictEqual(yield* stateOf("openai"), "Open")
      assert.isFalse(yield* call("d"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("open the whole provider when two of its models are open", () =>
    Effect.gen(function* () {
      for (const model of ["a", "b"]) for (let i = 0; i < 3; i++) yield* call(model, serverError)
      assert.strictEqual(yield* stateOf("openai"), "Open")
      assert.isFalse(yield* call("c"))
      yield* TestClock.adjust("30 seconds")
      assert.isTrue(yield* call("c"))
      assert.isTrue(yield* call("a"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("leave a provider's way free when models fail that only a caller knows of", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      circuits.configure(defaultResilience, ({ model }) => !model.startsWith("invented"))
      for (const model of ["invented-1", "invented-2", "a"])
        for (let i = 0; i < 3; i++) yield* call(model, { _tag: "Overloaded", message: "no channel", status: 503 })
      assert.isFalse(yield* call("invented-1"))
      assert.isFalse(yield* call("a"))
      assert.isTrue(yield* call("b"))
      for (let i = 0; i < 3; i++) yield* call("b", serverError)
      assert.strictEqual(yield* stateOf("openai"), "Open")
    }).pipe(Effect.provide(layer))
  )
  it.effect("let others in beside a probe that takes long, and close when the long one is done after all", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      for (let i = 0; i < 3; i++) yield* call("m", serverError)
      yield* TestClock.adjust("30 seconds")
      const scope = yield* Scope.make()
      const long = yield* Scope.provide(circuits.admit(ref("m")), scope)
      if (Result.isFailure(long)) return assert.fail("the probe was refused")
      yield* TestClock.adjust("29999 millis")
      const early = yield* Effect.scoped(circuits.admit(ref("m")))
      assert.deepStrictEqual(early, Result.fail({ circuit: "openai/m", retryAt: undefined, why: "circuit" }))
      yield* TestClock.adjust("1 millis")
      assert.isTrue(circuits.wouldAdmit(ref("m"), 60_000))
      // one that went away has decided nothing
      yield* Effect.scoped(circuits.admit(ref("m")))
      assert.strictEqual(yield* stateOf("openai/m"), "HalfOpen")
      yield* long.success.succeeded
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* stateOf("openai/m"), "Closed")
    }).pipe(Effect.provide(layer))
  )
  it.effect("never count what the failure table does not count", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 10; i++) yield* call("m", { _tag: "InvalidRequest", message: "bad" })
      for (let i = 0; i < 10; i++) yield* call("m", { _tag: "ContentPolicy", message: "no" })
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("keep everybody away for as long as a rate limit asks", () =>
    Effect.gen(function* () {
      yield* call("m", { _tag: "RateLimited", message: "slow down", retryAfterMillis: 7000 })
      assert.isFalse(yield* call("m"))
      yield* TestClock.adjust("6999 millis")
      assert.isFalse(yield* call("m"))
      yield* TestClock.adjust("1 millis")
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("never keep everybody away for longer than the longest opening, whatever a vendor asks", () =>
    Effect.gen(function* () {
      yield* call("m", { _tag: "RateLimited", message: "slow down", retryAfterMillis: 1_763_600_000_000 })
      yield* TestClock.adjust("5 minutes")
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("tell whether a call would be admitted without taking the probe's slot", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      assert.isTrue(circuits.wouldAdmit(ref("m"), 0))
      for (let i = 0; i < 3; i++) yield* call("m", serverError)
      assert.isFalse(circuits.wouldAdmit(ref("m"), 29_999))
      assert.isTrue(circuits.wouldAdmit(ref("m"), 30_000))
      yield* TestClock.adjust("30 seconds")
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("do not count what a model wrote wrongly, nor a connection that had grown stale", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 5; i++) yield* call("m", { _tag: "MalformedResponse", message: "x", byModel: true })
      for (let i = 0; i < 5; i++) yield* call("m", { _tag: "Network", message: "x", sent: true, stale: true })
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("free the probe's slot when the one that probed went away", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 3; i++) yield* call("m", serverError)
      yield* TestClock.adjust("30 seconds")
      const circuits = yield* Circuits
      yield* Effect.scoped(circuits.admit(ref("m")))
      assert.strictEqual(yield* stateOf("openai/m"), "Open")
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("hold nothing for names that only ever failed as unknown", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      for (let i = 0; i < 1000; i++)
        yield* call(`invented-${i}`, { _tag: "ModelUnavailable", message: "no such model" })
      assert.strictEqual((yield* circuits.states).size, 0)
    }).pipe(Effect.provide(layer))
  )
})

const settings = (circuit: Partial<CircuitSettings["circuit"]>): CircuitSettings => ({
  circuit: { ...defaultResilience.circuit, ...circuit }
})
const openModel = (model: string) => Effect.forEach([1, 2, 3], () => call(model, serverError), { discard: true })

describe("what a call took of the circuits", () => {
  it.effect("is given back when its fiber is interrupted, so that the next call may probe", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      yield* openModel("m")
      yield* TestClock.adjust("30 seconds")
      const taken = yield* Deferred.make<boolean>()
      const probing = yield* Effect.forkChild(
        Effect.scoped(
          Effect.gen(function* () {
            const admitted = yield* circuits.admit(ref("m"))
            yield* Deferred.succeed(taken, Result.isSuccess(admitted) && admitted.success.probe)
            return yield* Effect.never
          })
        )
      )
      assert.isTrue(yield* Deferred.await(taken))
      assert.strictEqual(yield* stateOf("openai/m"), "HalfOpen")
      assert.isFalse(yield* call("m"))
      yield* Fiber.interrupt(probing)
      assert.strictEqual(yield* stateOf("openai/m"), "Open")
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("stays decided when the scope closes later: a stream that began and went away leaves it on probation", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      yield* openModel("m")
      yield* TestClock.adjust("30 seconds")
      const scope = yield* Scope.make()
      const admitted = yield* Scope.provide(circuits.admit(ref("m")), scope)
      if (Result.isFailure(admitted)) return assert.fail("the probe was refused")
      yield* admitted.success.began
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* stateOf("openai/m"), "Closed")
      yield* call("m", serverError)
      assert.strictEqual(yield* stateOf("openai/m"), "Open")
    }).pipe(Effect.provide(layer))
  )
  it.effect("is nothing where the provider's circuit would admit and the model's refuses", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      yield* circuits.force("openai/m", "open")
      for (const model of ["x", "y", "z"]) yield* call(model, refused)
      assert.strictEqual(yield* stateOf("openai"), "Open")
      yield* TestClock.adjust("30 seconds")
      const heard = yield* Effect.forkChild(Stream.runCollect(Stream.take(circuits.events, 1)), {
        startImmediately: true
      })
      assert.isFalse(yield* call("m"))
      assert.strictEqual(yield* stateOf("openai"), "Open")
      // nothing was told of it: the first thing heard is what comes next
      assert.isTrue(yield* call("d"))
      assert.strictEqual((yield* Fiber.join(heard))[0]?.event._tag, "Probing")
    }).pipe(Effect.provide(layer))
  )
  it.effect("is nothing where the model's circuit would admit and the provider's refuses", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      yield* openModel("m")
      yield* TestClock.adjust("30 seconds")
      yield* circuits.force("openai", "open")
      const refusal = yield* Effect.scoped(circuits.admit(ref("m")))
      assert.isTrue(Result.isFailure(refusal) && refusal.failure.circuit === "openai")
      assert.strictEqual(yield* stateOf("openai/m"), "Open")
      yield* circuits.release("openai")
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
})

describe("what an operator sets", () => {
  it.effect("holds until it is released, whatever calls find out", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      yield* circuits.force("openai/m", "open")
      yield* TestClock.adjust("1 hour")
      assert.isFalse(yield* call("m"))
      assert.isTrue(yield* call("other"))
      yield* circuits.force("openai/m", "closed")
      for (let i = 0; i < 10; i++) assert.isTrue(yield* call("m", serverError))
      assert.strictEqual(circuits.recentFailures("openai/m", 3_600_000), 3)
      assert.strictEqual((yield* circuits.release("openai/m"))._tag, "Closed")
      assert.strictEqual(circuits.recentFailures("openai/m", 3_600_000), 0)
    }).pipe(Effect.provide(layer))
  )
  it.effect("does not let calls before the moment that the vendor named", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      yield* circuits.force("openai/m", "closed")
      yield* call("m", { _tag: "RateLimited", message: "slow down", retryAfterMillis: 7000 })
      const refusal = yield* Effect.scoped(circuits.admit(ref("m")))
      assert.isTrue(Result.isFailure(refusal) && refusal.failure.why === "rateLimit")
      yield* TestClock.adjust("7 seconds")
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("is remembered, however many other circuits there are", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      yield* circuits.force("openai/m", "open")
      yield* circuits.force("openai/n", "closed")
      yield* TestClock.adjust("1 second")
      for (let i = 0; i < 4200; i++) yield* call(`m${i}`, serverError)
      const states = yield* circuits.states
      assert.strictEqual(states.get("openai/m")?._tag, "ForcedOpen")
      assert.strictEqual(states.get("openai/n")?._tag, "ForcedClosed")
      assert.isAtMost(states.size, 4096)
    }).pipe(Effect.provide(layer))
  )
  it.effect("is told with its moment", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      const heard = yield* Effect.forkChild(Stream.runCollect(Stream.take(circuits.events, 2)), {
        startImmediately: true
      })
      yield* TestClock.adjust("5 seconds")
      yield* circuits.force("openai", "open")
      yield* circuits.release("openai")
      assert.deepStrictEqual(yield* Fiber.join(heard), [
        { key: "openai", event: { _tag: "Forced", at: 5000, to: "open" } },
        { key: "openai", event: { _tag: "Released", at: 5000, from: "open" } }
      ])
    }).pipe(Effect.provide(layer))
  )
})

describe("the policy", () => {
  it.effect(
    "is replaced while calls are made: what is open stays open, and the next failures are judged by the new one",
    () =>
      Effect.gen(function* () {
        const circuits = yield* Circuits
        yield* openModel("m")
        yield* call("n", serverError)
        circuits.configure(settings({ failures: 2, openFor: Duration.seconds(5) }))
        assert.isFalse(yield* call("m"))
        yield* call("n", serverError)
        assert.isFalse(yield* call("n"))
        yield* TestClock.adjust("5 seconds")
        assert.isTrue(yield* call("n"))
        assert.isFalse(yield* call("m"))
        yield* TestClock.adjust("25 seconds")
        assert.isTrue(yield* call("m"))
      }).pipe(Effect.provide(layer))
  )
  it.effect("may have a failure rate, which opens the way to a model that fails every other time", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 10; i++) {
        assert.isTrue(yield* call("m"))
        assert.isTrue(yield* call("m", serverError))
      }
      assert.isFalse(yield* call("m"))
    }).pipe(Effect.provide(Circuits.layer(settings({ failureRate: { calls: 20, share: 0.5 } }))))
  )
  it.effect("of a provider that is another now starts from nothing, for its models too", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      for (const model of ["a", "b"]) yield* openModel(model)
      yield* circuits.force("openai/forced", "open")
      circuits.reset("openai", 0)
      assert.isTrue(yield* call("a"))
      assert.isTrue(yield* call("b"))
      assert.isFalse(yield* call("forced"))
    }).pipe(Effect.provide(layer))
  )
})

describe("calls from before a provider became another", () => {
  it.effect("count for nothing, whether their circuits held anything or not", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      yield* call("seen", serverError)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const permits: Array<Permit> = []
          for (const model of ["m", "m", "m", "seen", "seen", "seen", "limited"]) {
            const admitted = yield* circuits.admit(ref(model))
            if (Result.isSuccess(admitted)) permits.push(admitted.success)
          }
          circuits.reset("openai", 0)
          const limited: Reason = { _tag: "RateLimited", message: "slow down", retryAfterMillis: 9000 }
          for (const [index, permit] of permits.entries())
            yield* permit.failed(error(index < 6 ? serverError : limited))
        })
      )
      for (const model of ["m", "seen", "limited"]) assert.isTrue(yield* call(model))
      yield* openModel("m")
      assert.isFalse(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("hold no slot either: what was on probe is closed, and stays so whatever the probe finds out", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      yield* openModel("m")
      yield* TestClock.adjust("30 seconds")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const probe = yield* circuits.admit(ref("m"))
          circuits.reset("openai", 30_000)
          if (Result.isSuccess(probe)) yield* probe.success.failed(error(serverError))
        })
      )
      assert.strictEqual(yield* stateOf("openai/m"), "Closed")
    }).pipe(Effect.provide(layer))
  )
})

describe("a synthetic probe", () => {
  it.effect("has nothing to find out where the way is free", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      yield* call("m", serverError)
      const probed = yield* Effect.scoped(circuits.probe(ref("m"), "due"))
      assert.isTrue(Result.isFailure(probed) && probed.failure._tag === "NothingToProbe")
    }).pipe(Effect.provide(layer))
  )
  it.effect("takes the one slot when the opening is over, as a real call does", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      yield* openModel("m")
      const early = yield* Effect.scoped(circuits.probe(ref("m"), "due"))
      assert.deepStrictEqual(
        early,
        Result.fail({ _tag: "Refused", refusal: { circuit: "openai/m", retryAt: 30_000, why: "circuit" } })
      )
      yield* TestClock.adjust("30 seconds")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const probe = yield* circuits.probe(ref("m"), "due")
          if (Result.isFailure(probe)) return assert.fail("the probe was refused")
          assert.isTrue(probe.success.probe)
          assert.isFalse(yield* call("m"))
          assert.isTrue(Result.isFailure(yield* Effect.scoped(circuits.probe(ref("m"), "due"))))
          yield* probe.success.succeeded
        })
      )
      assert.isTrue(yield* call("m"))
    }).pipe(Effect.provide(layer))
  )
  it.effect("of something quarantined is let in whatever its circuit says, but not beside another", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      const recheck = circuits.probe(ref("m"), "recheck")
      assert.isTrue(Result.isSuccess(yield* Effect.scoped(recheck)))
      yield* openModel("m")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const first = yield* recheck
          assert.isTrue(Result.isSuccess(first) && first.success.probe)
          assert.isTrue(Result.isFailure(yield* Effect.scoped(recheck)))
        })
      )
      // the one that went away has not shortened the opening
      assert.isFalse(yield* call("m"))
      assert.strictEqual((yield* circuits.state("openai"))._tag, "Closed")
      yield* circuits.force("openai/m", "open")
      assert.isTrue(Result.isFailure(yield* Effect.scoped(recheck)))
    }).pipe(Effect.provide(layer))
  )
  it.effect("by an operator closes what it finds to serve, before its time too, but for what is forced", () =>
    Effect.gen(function* () {
      const circuits = yield* Circuits
      const check = Effect.scoped(
        Effect.flatMap(circuits.probe(ref("m"), "operator"), (probed) =>
          Result.isFailure(probed) ? Effect.die(probed.failure) : probed.success.succeeded
        )
      )
      for (const model of ["m", "n"]) yield* openModel(model)
      yield* check
      assert.strictEqual(yield* stateOf("openai/m"), "Closed")
      assert.strictEqual(yield* stateOf("openai"), "Closed")
      yield* circuits.force("openai", "open")
      yield* check
      assert.strictEqual(yield* stateOf("openai"), "ForcedOpen")
    }).pipe(Effect.provide(layer))
  )

  const Deed = Schema.Struct({
    who: Schema.Literals(["real", "synthetic", "recheck", "end", "end", "leave", "wait"]),
    model: Schema.Literals(["a", "b"]),
    ending: Schema.Literals(["succeeded", "began", "server", "unreachable", "limited", "bad"])
  })
  const reasons: Record<"server" | "unreachable" | "limited" | "bad", Reason> = {
    server: serverError,
    unreachable: refused,
    limited: { _tag: "RateLimited", message: "slow down", retryAfterMillis: 3000 },
    bad: { _tag: "InvalidRequest", message: "bad" }
  }
  it.effect.prop(
    "and a real one never find out about one circuit at once, and whatever happens all ways are free again in the end",
    { deeds: Schema.Array(Deed).check(Schema.isMinLength(30), Schema.isMaxLength(120)) },
    ({ deeds }) =>
      Effect.gen(function* () {
        const circuits = yield* Circuits
        const running: Array<{ permit: Permit; scope: Scope.Closeable; model: string }> = []
        const enter = (model: string, occasion: "real" | "due" | "recheck") =>
          Effect.gen(function* () {
            const scope = yield* Scope.make()
            const now = yield* Clock.currentTimeMillis
            const before = yield* circuits.states
            const entered: Effect.Effect<Result.Result<Permit, unknown>, never, Scope.Scope> = occasion === "real"
              ? circuits.admit(ref(model))
              : circuits.probe(ref(model), occasion)
            const taken = yield* Scope.provide(entered, scope)
            const after = yield* circuits.states
            for (const key of ["openai", `openai/${model}`]) {
              // whoever is let in was not let into a circuit that was on probe, unless that takes too long
              const was = before.get(key)
              if (Result.isSuccess(taken) && was?._tag === "HalfOpen") assert.isAtMost(was.joinableAt, now)
              // and whoever was not has taken nothing
              if (Result.isFailure(taken)) assert.strictEqual(before.get(key)?._tag, after.get(key)?._tag)
            }
            if (Result.isSuccess(taken)) running.push({ permit: taken.success, scope, model })
            else yield* Scope.close(scope, Exit.void)
          })
        for (const { who, model, ending } of deeds) {
          if (who === "wait") yield* TestClock.adjust("7 seconds")
          else if (who === "real" || who === "recheck") yield* enter(model, who)
          else if (who === "synthetic") yield* enter(model, "due")
          else {
            const last = running.shift()
            if (last === undefined) continue
            if (who === "end") {
              if (ending === "succeeded") yield* last.permit.succeeded
              else if (ending === "began") yield* last.permit.began
              else yield* last.permit.failed(error(reasons[ending], last.model))
            }
            yield* Scope.close(last.scope, Exit.void)
          }
        }
        for (const { scope } of running) yield* Scope.close(scope, Exit.void)
        for (const state of (yield* circuits.states).values()) assert.notStrictEqual(state._tag, "HalfOpen")
        yield* TestClock.adjust("5 minutes")
        for (const model of ["a", "b"]) assert.isTrue(yield* call(model))
        for (const model of ["a", "b"]) assert.strictEqual(yield* stateOf(`openai/${model}`), "Closed")
      }).pipe(Effect.provide(layer)),
    { arbitrary: { runs: 100, seed: 3 } }
  )
})
