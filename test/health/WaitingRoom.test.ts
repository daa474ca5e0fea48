import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber, Layer, Schema, Scope } from "effect"
import { TestClock } from "effect/testing"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import { type Full, RateLimits, type Slot } from "../../src/health/RateLimits.ts"
import { type Turn, type WaitRequest, WaitingRoom } from "../../src/health/WaitingRoom.ts"
import type { Priority } from "../../src/domain/RequestContext.ts"

const spec = (limits: NonNullable<ProviderSpec["limits"]>, id = "openai"): ProviderSpec => ({
  id,
  kind: "openai",
  apiKeys: [],
  baseUrl: undefined,
  apiVersion: undefined,
  deployments: {},
  headers: {},
  failureDomain: undefined,
  region: undefined,
  models: [],
  limits
})
const none = { requestsPerMinute: undefined, tokensPerMinute: undefined }
const concurrent = (n: number, id?: string) => spec({ ...none, concurrent: n }, id)
const ref = (model: string, provider = "openai") => ({ provider, model })
const queue = (capacity = 1000, patience = "10 seconds") => ({
  queue: { capacity, patience: Duration.fromInputUnsafe(patience === "10 seconds" ? patience : "1 hour") }
})
const roomLayer = (specs: ReadonlyArray<ProviderSpec>, settings = queue()) =>
  WaitingRoom.layer(settings).pipe(Layer.provideMerge(RateLimits.layer({ providers: specs, facts: new Map() })))
const slotOf = (taken: Slot | Full): Slot => {
  if (taken._tag === "Full") throw new Error(`no room: ${taken.key} ${taken.what}`)
  return taken
}
const takeNow = (model = "m", tokens = 10) =>
  Effect.gen(function* () {
    return slotOf((yield* RateLimits).take(ref(model), tokens, yield* Clock.currentTimeMillis))
  })

interface Visitor {
  readonly request: WaitRequest
  readonly turn: () => Turn | undefined
  readonly leave: Effect.Effect<void>
  /** Ends the call that its turn let it start. */
  readonly done: Effect.Effect<void>
}
/** Sends somebody into the room and lets it get as far as it can. */
const visit = (wanted: Partial<WaitRequest> = {}, order?: Array<string>) =>
  Effect.gen(function* () {
    const room = yield* WaitingRoom
    const scope = yield* Scope.make()
    let turn: Turn | undefined
    const request: WaitRequest = {
      refs: [ref("m")],
      tokens: 10,
      caller: "anybody",
      priority: "normal",
      until: 3_600_000,
      ...wanted
    }
    const fiber = yield* Effect.forkDetach(
      Effect.tap(Scope.provide(room.wait(request), scope), (got) =>
        Effect.sync(() => {
          turn = got
          order?.push(request.caller)
        })
      ),
      { startImmediately: true }
    )
    const visitor: Visitor = {
      request,
      turn: () => turn,
      leave: Effect.andThen(Fiber.interrupt(fiber), Scope.close(scope, Exit.void)),
      done: Scope.close(scope, Exit.void)
    }
    return visitor
  })
const settled = TestClock.adjust(0)

describe("the waiting room", () => {
  it.effect("hands a slot over as soon as a call ends, in turn, and lets nobody slip in between", () =>
    Effect.gen(function* () {
      const limits = yield* RateLimits
      const room = yield* WaitingRoom
      const running = yield* takeNow()
      assert.isFalse(room.mustWait(ref("m")))
      const first = yield* visit()
      const second = yield* visit()
      assert.isTrue(room.mustWait(ref("m")))
      running.release(0)
      // the slot changed hands in the same instant: nobody else could have taken it
      assert.isFalse(limits.wouldTake(ref("m"), 1, 0))
      yield* settled
      assert.deepInclude(first.turn(), { _tag: "Room", ref: ref("m") })
      assert.isUndefined(second.turn())
      yield* first.done
      yield* settled
      assert.deepInclude(second.turn(), { _tag: "Room" })
      assert.isFalse(room.mustWait(ref("m")))
      yield* second.done
      assert.strictEqual(limits.inFlight("openai"), 0)
    }).pipe(Effect.provide(roomLayer([concurrent(1)])))
  )
  it.effect("lets somebody in at once where there is room and nobody waits", () =>
    Effect.gen(function* () {
      const visitor = yield* visit()
      yield* settled
      assert.strictEqual(visitor.turn()?._tag, "Room")
      assert.strictEqual((yield* WaitingRoom).waiting(), 0)
    }).pipe(Effect.provide(roomLayer([concurrent(1)])))
  )
  it.effect("takes the first of several that has room", () =>
    Effect.gen(function* () {
      const limits = yield* RateLimits
      for (const [model, resetAt] of [
        ["slow", 9_000],
        ["fast", 4_000]
      ] as const)
        limits.heard(ref(model), { requests: { limit: undefined, remaining: 0, resetAt }, tokens: undefined }, 0)
      const visitor = yield* visit({ refs: [ref("slow"), ref("fast")] })
      yield* TestClock.adjust("3999 millis")
      assert.isUndefined(visitor.turn())
      yield* TestClock.adjust("1 millis")
      assert.deepInclude(visitor.turn(), { _tag: "Room", ref: ref("fast") })
    }).pipe(Effect.provide(roomLayer([])))
  )
  it.effect("wakes by the Clock when a cap has room again, one for each place", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 2; i++) (yield* takeNow()).release(0)
      const order: Array<string> = []
      for (const caller of ["a", "b", "c"]) yield* visit({ caller }, order)
      yield* TestClock.adjust("60999 millis")
      assert.deepStrictEqual(order, [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(order, ["a", "b"])
      yield* TestClock.adjust("61 seconds")
      assert.deepStrictEqual(order, ["a", "b", "c"])
    }).pipe(Effect.provide(roomLayer([spec({ ...none, requestsPerMinute: 2 })], queue(1000, "1 hour"))))
  )
  it.effect("says that it is late when the queue's patience or the request's own time is over", () =>
    Effect.gen(function* () {
      const room = yield* WaitingRoom
      yield* takeNow()
      const hasty = yield* visit({ until: 3_000 })
      const patient = yield* visit()
      const over = yield* visit({ until: 0 })
      yield* settled
      assert.strictEqual(over.turn()?._tag, "Late")
      yield* TestClock.adjust("2999 millis")
      assert.isUndefined(hasty.turn())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(hasty.turn()?._tag, "Late")
      yield* TestClock.adjust("7 seconds")
      assert.strictEqual(patient.turn()?._tag, "Late")
      assert.strictEqual(room.waiting(), 0)
      assert.isFalse(room.mustWait(ref("m")))
    }).pipe(Effect.provide(roomLayer([concurrent(1)])))
  )
  it.effect("is full where too many wait, and where too many of one caller do", () =>
    Effect.gen(function* () {
      const room = yield* WaitingRoom
      yield* takeNow()
      const visitors = []
      for (const caller of ["a", "a", "a", "b", "c"]) visitors.push(yield* visit({ caller }))
      yield* settled
      assert.deepStrictEqual(
        visitors.map((one) => one.turn()?._tag),
        [undefined, undefined, "Full", undefined, "Full"]
      )
      assert.deepStrictEqual(
        room.waitingByCaller(),
        new Map([
          ["a", 2],
          ["b", 1]
        ])
      )
      room.configure(queue(5))
      yield* visit({ caller: "c" })
      assert.strictEqual(room.waiting(), 4)
    }).pipe(Effect.provide(roomLayer([concurrent(1)], queue(3))))
  )
  it.effect("serves callers in turn and each caller's requests in the order they came", () =>
    Effect.gen(function* () {
      let running = yield* takeNow()
      const order: Array<string> = []
      const visitors: Array<Visitor> = []
      for (const caller of ["a", "a", "a", "b", "c", "b"]) visitors.push(yield* visit({ caller }, order))
      running.release(0)
      for (let i = 0; i < 6; i++) {
        yield* settled
        const served = visitors.find((one) => one.turn()?._tag === "Room")
        visitors.splice(served === undefined ? 0 : visitors.indexOf(served), 1)
        yield* served?.done ?? Effect.void
      }
      assert.strictEqual(order.join(""), "abcaba")
    }).pipe(Effect.provide(roomLayer([concurrent(1)])))
  )
  it.effect("does not let a caller with a thousand waiting delay another's first by more than one turn", () =>
    Effect.gen(function* () {
      const running = yield* takeNow()
      const order: Array<string> = []
      const greedy: Array<Visitor> = []
      for (let i = 0; i < 1000; i++) greedy.push(yield* visit({ caller: "greedy" }, order))
      yield* visit({ caller: "modest" }, order)
      running.release(0)
      yield* settled
      yield* greedy[0]?.done ?? Effect.void
      yield* settled
      assert.deepStrictEqual(order, ["greedy", "modest"])
    }).pipe(Effect.provide(roomLayer([concurrent(1)], queue(2100))))
  )
  it.effect("serves the more important first", () =>
    Effect.gen(function* () {
      const running = yield* takeNow()
      const order: Array<string> = []
      for (const priority of ["low", "normal", "critical"] as const satisfies ReadonlyArray<Priority>)
        yield* visit({ caller: priority, priority }, order)
      running.release(0)
      yield* settled
      assert.deepStrictEqual(order, ["critical"])
    }).pipe(Effect.provide(roomLayer([concurrent(1)])))
  )
  it.effect("keeps what a large request waits for from those behind it, two seconds long and then twice as long", () =>
    Effect.gen(function* () {
      const room = yield* WaitingRoom
      const limits = yield* RateLimits
      yield* takeNow("m", 500)
      const order: Array<string> = []
      yield* visit({ caller: "large", tokens: 600 }, order)
      yield* visit({ caller: "small", tokens: 100 }, order)
      // the account's cap refused it, so even another model's newcomers stand behind it
      assert.isTrue(limits.wouldTake(ref("other"), 100, 0))
      assert.isTrue(room.mustWait(ref("other")))
      assert.isFalse(room.mustWait(ref("m", "groq")))
      yield* TestClock.adjust("1999 millis")
      assert.deepStrictEqual(order, [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(order, ["small"])
      yield* visit({ caller: "second", tokens: 100 }, order)
      yield* visit({ caller: "third", tokens: 100 }, order)
      // they have got nothing yet, so it is their turn before the large one's next
      yield* settled
      assert.deepStrictEqual(order, ["small", "second", "third"])
      yield* visit({ caller: "small", tokens: 100 }, order)
      yield* TestClock.adjust("3999 millis")
      assert.deepStrictEqual(order, ["small", "second", "third"])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(order, ["small", "second", "third", "small"])
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(order.at(-1), "large")
    }).pipe(Effect.provide(roomLayer([spec({ ...none, tokensPerMinute: 1000 })], queue(1000, "1 hour"))))
  )
  it.effect("keeps the place of one whose claim is over while nobody behind it could use what it waits for", () =>
    Effect.gen(function* () {
      const running = yield* takeNow()
      const order: Array<string> = []
      for (const caller of ["a", "b", "c"]) yield* visit({ caller }, order)
      yield* TestClock.adjust("30 seconds")
      yield* visit({ caller: "d" }, order)
      running.release(30_000)
      yield* settled
      assert.deepStrictEqual(order, ["a"])
    }).pipe(Effect.provide(roomLayer([concurrent(1)], queue(1000, "1 hour"))))
  )
  it.effect("sends newcomers for what a request waits for into the queue also when its claim is over", () =>
    Effect.gen(function* () {
      const room = yield* WaitingRoom
      yield* takeNow("m", 500)
      const order: Array<string> = []
      yield* visit({ caller: "large", tokens: 900 }, order)
      yield* TestClock.adjust("5 seconds")
      assert.isTrue(room.mustWait(ref("other")))
      assert.isFalse(room.mustWait(ref("m", "groq")))
      // which lets it in, and gives the large one its next claim
      yield* visit({ caller: "small", refs: [ref("other")], tokens: 100 }, order)
      yield* visit({ caller: "small", refs: [ref("other")], tokens: 100 }, order)
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(order, ["small"])
    }).pipe(Effect.provide(roomLayer([spec({ ...none, tokensPerMinute: 1000 })], queue(1000, "1 hour"))))
  )
  it.effect("puts a caller that went away after its claim behind the others when it comes back", () =>
    Effect.gen(function* () {
      yield* takeNow("m", 500)
      const order: Array<string> = []
      const large = yield* visit({ caller: "large", tokens: 900 })
      const other = yield* visit({ caller: "other", tokens: 900 }, order)
      yield* TestClock.adjust("1 second")
      yield* large.leave
      yield* visit({ caller: "large", tokens: 900 }, order)
      yield* TestClock.adjust("62 seconds")
      assert.deepStrictEqual(order, ["other"])
      yield* other.leave
    }).pipe(Effect.provide(roomLayer([spec({ ...none, tokensPerMinute: 1000 })], queue(1000, "1 hour"))))
  )
  it.effect("lets those through who wait for something else", () =>
    Effect.gen(function* () {
      const limits = yield* RateLimits
      slotOf(limits.take(ref("m", "one"), 10, 0))
      const other = slotOf(limits.take(ref("m", "two"), 10, 0))
      const order: Array<string> = []
      yield* visit({ caller: "first", refs: [ref("m", "one")] }, order)
      yield* visit({ caller: "second", refs: [ref("m", "one"), ref("m", "two")] }, order)
      other.release(0)
      yield* settled
      assert.deepStrictEqual(order, ["second"])
    }).pipe(Effect.provide(roomLayer([concurrent(1, "one"), concurrent(1, "two")])))
  )
  it.effect("lets those behind it in at once when a caller that claimed the room goes away", () =>
    Effect.gen(function* () {
      yield* takeNow("m", 500)
      const order: Array<string> = []
      const large = yield* visit({ caller: "large", tokens: 600 }, order)
      yield* visit({ caller: "small", tokens: 100 }, order)
      yield* large.leave
      yield* settled
      assert.deepStrictEqual(order, ["small"])
    }).pipe(Effect.provide(roomLayer([spec({ ...none, tokensPerMinute: 1000 })])))
  )
  it.effect("gives back what it took for a caller that left before it could receive it", () =>
    Effect.gen(function* () {
      const limits = yield* RateLimits
      const running = yield* takeNow()
      const gone = yield* visit()
      const next = yield* visit()
      // handed over and interrupted in the same instant, before its fiber runs again
      running.release(0)
      yield* gone.leave
      yield* settled
      assert.strictEqual(next.turn()?._tag, "Room")
      yield* next.done
      assert.strictEqual(limits.inFlight("openai"), 0)
      assert.strictEqual((yield* WaitingRoom).waiting(), 0)
    }).pipe(Effect.provide(roomLayer([concurrent(1)])))
  )
  it.effect("wakes when a vendor tells of more, when less was used than reserved, and when caps change", () =>
    Effect.gen(function* () {
      const limits = yield* RateLimits
      const order: Array<string> = []
      limits.heard(ref("m"), { requests: { limit: 60, remaining: 0, resetAt: 60_000 }, tokens: undefined }, 0)
      yield* visit({ caller: "told" }, order)
      limits.heard(ref("m"), { requests: { limit: 60, remaining: 60, resetAt: 0 }, tokens: undefined }, 1)
      yield* settled
      const large = slotOf(limits.take(ref("n"), 900, 0))
      yield* visit({ caller: "corrected", refs: [ref("n")], tokens: 500 }, order)
      large.used(100, 2)
      yield* settled
      yield* visit({ caller: "raised", refs: [ref("n")], tokens: 900 }, order)
      yield* settled
      assert.deepStrictEqual(order, ["told", "corrected"])
      limits.configure({ providers: [spec({ ...none, tokensPerMinute: 5000 })], facts: new Map() })
      yield* settled
      assert.deepStrictEqual(order, ["told", "corrected", "raised"])
    }).pipe(Effect.provide(roomLayer([spec({ ...none, tokensPerMinute: 1000 })])))
  )

  const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
  it.effect.prop(
    "loses no wake-up and leaks no place, whoever comes, ends, leaves or is late, at any point",
    {
      moves: Schema.Array(
        Schema.Struct({
          kind: Schema.Literals(["come", "come", "come", "end", "leave", "endAndLeave", "wait"]),
          caller: Schema.Literals(["a", "b", "c"]),
          priority: Schema.Literals(["critical", "normal", "low"]),
          models: Schema.Literals(["m", "n", "mn"]),
          tokens: between(1, 1200),
          pick: between(0, 30),
          until: between(0, 90),
          settle: Schema.Boolean
        })
      ).check(Schema.isMaxLength(40))
    },
    ({ moves }) =>
      Effect.gen(function* () {
        const limits = yield* RateLimits
        const room = yield* WaitingRoom
        const visitors: Array<Visitor> = []
        let now = 0
        for (const { caller, kind, models, pick, priority, settle, tokens, until } of moves) {
          const served = visitors.filter((one) => one.turn()?._tag === "Room")
          const waiting = visitors.filter((one) => one.turn() === undefined)
          const ended = served[pick % Math.max(1, served.length)]
          const left = waiting[pick % Math.max(1, waiting.length)]
          if (kind === "come")
            visitors.push(
              yield* visit({
                caller,
                priority,
                tokens,
                refs: [...models].map((model) => ref(model)),
                until: now + until * 1000
              })
            )
          if (kind === "wait") {
            now += pick * 1000
            yield* TestClock.adjust(pick * 1000)
          }
          // both at once: what is handed over may find its receiver gone
          if (kind !== "leave" && kind !== "come" && kind !== "wait") {
            yield* ended?.done ?? Effect.void
            if (ended !== undefined) visitors.splice(visitors.indexOf(ended), 1)
          }
          if (kind === "leave" || kind === "endAndLeave") {
            yield* left?.leave ?? Effect.void
            if (left !== undefined) visitors.splice(visitors.indexOf(left), 1)
          }
          if (!settle) continue
          yield* settled
          // who is still there and has no answer waits, and nobody else does
          assert.strictEqual(room.waiting(), visitors.filter((one) => one.turn() === undefined).length)
          assert.strictEqual(limits.inFlight("openai"), visitors.filter((one) => one.turn()?._tag === "Room").length)
          assert.isAtMost(limits.inFlight("openai"), 2)
          // somebody of those who wait cannot be let in: the others stand behind it
          const still = visitors.filter((one) => one.turn() === undefined)
          if (still.length > 0)
            assert.isTrue(
              still.some(({ request: { refs, tokens: wanted } }) =>
                refs.every((one) => !limits.wouldTake(one, wanted, now))
              )
            )
        }
        // every call that runs ends: whoever is left gets its turn or is late, and nothing stays behind
        for (let i = 0; visitors.length > 0 && i < 400; i++) {
          for (const one of visitors.filter((each) => each.turn() !== undefined)) {
            yield* one.done
            visitors.splice(visitors.indexOf(one), 1)
          }
          yield* TestClock.adjust("5 seconds")
        }
        assert.deepStrictEqual(visitors, [])
        assert.strictEqual(room.waiting(), 0)
        assert.strictEqual(limits.inFlight("openai"), 0)
        assert.isFalse(room.mustWait(ref("m")))
      }).pipe(
        Effect.provide(roomLayer([spec({ ...none, tokensPerMinute: 2000, concurrent: 2 })], queue(1000, "1 hour")))
      ),
    { arbitrary: { runs: 60, seed: 21 } }
  )

  const Large = Schema.Struct({ every: between(1, 8), until: between(1, 10), share: between(91, 100) })
  it.effect.prop(
    "lets every small request in within the patience, whatever others ask for that does not fit beside them",
    {
      larges: Schema.Array(Large).check(Schema.isMinLength(1), Schema.isMaxLength(3)),
      callers: between(1, 7),
      burst: between(1, 3)
    },
    ({ burst, callers, larges }) =>
      Effect.gen(function* () {
        const limits = yield* RateLimits
        // a minute in which a tenth of the account was used, so that none of the large ones fits
        for (let at = 0; at < 60; at++) slotOf(limits.take(ref("m"), 1000, at * 1000)).release(at * 1000)
        yield* TestClock.adjust("59 seconds")
        const small: Array<Visitor> = []
        for (let at = 59; at < 120; at++) {
          for (const [index, { every, share, until }] of larges.entries())
            if (at % every === 0)
              yield* visit({ caller: `large${index}`, tokens: share * 6000, until: (at + until) * 1000 })
          for (let i = 0; i < burst; i++)
            small.push(yield* visit({ caller: `small${(at + i) % callers}`, tokens: 1000, until: (at + 10) * 1000 }))
          yield* TestClock.adjust("1 second")
        }
        yield* TestClock.adjust("10 seconds")
        for (const one of small) assert.strictEqual(one.turn()?._tag, "Room")
      }).pipe(Effect.provide(roomLayer([spec({ ...none, tokensPerMinute: 600_000 })]))),
    { arbitrary: { runs: 30, seed: 31 } }
  )
  it.effect.prop(
    "lets a request for the whole account in some time, whatever small ones are always there, if it waits long enough",
    { callers: between(1, 4), each: between(1, 3), tokens: between(500, 20_000), whole: between(50, 100) },
    ({ callers, each, tokens, whole }) =>
      Effect.gen(function* () {
        yield* takeNow("m", 30_000)
        const large = yield* visit({ caller: "large", tokens: whole * 1000 })
        let small: Array<Visitor> = []
        let waited = 0
        for (; large.turn() === undefined && waited < 3600; waited++) {
          const waiting: Array<Visitor> = []
          for (const one of small) {
            if (one.turn() === undefined) waiting.push(one)
            else yield* one.done
          }
          small = waiting
          for (let i = 0; i < callers; i++)
            while (small.filter(({ request }) => request.caller === `small${i}`).length < each)
              small.push(yield* visit({ caller: `small${i}`, tokens }))
          yield* TestClock.adjust("1 second")
        }
        assert.strictEqual(large.turn()?._tag, "Room")
        for (const one of [large, ...small]) yield* one.leave
      }).pipe(Effect.provide(roomLayer([spec({ ...none, tokensPerMinute: 100_000 })], queue(1000, "1 hour")))),
    { arbitrary: { runs: 15, seed: 32 } }
  )
})
