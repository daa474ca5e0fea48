import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Logger, Scheduler, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { type BudgetsOptions, Budgets } from "../../src/budget/Budgets.ts"
import { makeEstimates } from "../../src/budget/Estimates.ts"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { BudgetStore } from "../../src/budget/BudgetStore.ts"
import type { Lease } from "../../src/budget/Lease.ts"
import { inMemory, type MemoryRows, memoryRows } from "../../src/budget/MemoryBudgetStore.ts"
import { type Batch, BudgetStoreError } from "../../src/budget/StoreContract.ts"
import { budgetId, type BudgetPolicy, type BudgetScope } from "../../src/domain/Budget.ts"
import { nano } from "../../src/domain/Money.ts"

const policy = (changes: Partial<BudgetPolicy> = {}): BudgetPolicy => ({
  scope: "global",
  window: "day",
  timeZone: "UTC",
  hard: nano(10_000),
  soft: undefined,
  reservePercent: 0,
  onExhausted: "reject",
  ...changes
})
const chat = (text: string): ChatRequest => ({
  model: "gpt-5.2",
  delivery: "live",
  messages: [{ role: "user", content: [{ _tag: "Text", text }] }],
  tools: [],
  sampling: { maxTokens: 60 },
  usageWanted: false,
  fallbacks: []
})
const layer = (
  policies: ReadonlyArray<BudgetPolicy>,
  rows: MemoryRows = memoryRows(),
  more: Partial<BudgetsOptions> = {}
) => Budgets.layer({ policies, owner: "a", ...more }).pipe(Layer.provideMerge(BudgetStore.layerMemory(rows)))

const asked = (
  scopes: ReadonlyArray<BudgetScope> = [],
  expected = 0,
  priority: "critical" | "normal" | "low" = "normal"
) => ({
  id: "r",
  scopes,
  priority,
  expected: nano(expected),
  millis: 60_000
})
const hold = (worst: number, scopes: ReadonlyArray<BudgetScope> = [], retry = false) => ({
  worst: nano(worst),
  scopes,
  retry
})
const told = (owed: number) => ({ by: "told", owed: nano(owed) }) as const
const day = 86_400_000

const standing = Effect.map(
  Budgets,
  (budgets) => (now: number) => budgets.report(now).map(({ reserved, spent }) => [Number(spent), Number(reserved)])
)
const journalled = (which: BudgetPolicy) =>
  Effect.flatMap(BudgetStore, (store) =>
    Effect.map(store.journal(budgetId(which), -day * 400), (rows) =>
      rows.map(({ amount, certainty, count }) => [certainty, Number(amount), count])
    )
  )

describe("a lease", () => {
  it.effect("holds each attempt's worst case and settles it once, with what is owed", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const stand = yield* standing
      yield* Effect.scoped(
        Effect.gen(function* () {
          const lease = yield* budgets.lease(asked())
          const first = yield* lease.reserve(hold(3000))
          const second = yield* lease.reserve(hold(2000))
          assert.deepStrictEqual(stand(0), [[0, 5000]])
          first.settle(told(1200), 0)
          first.settle(told(9), 0)
          first.settle({ by: "uncertain", owed: undefined }, 0)
          assert.deepStrictEqual(stand(0), [[1200, 2000]])
          second.settle({ by: "counted", owed: nano(700) }, 0)
          assert.strictEqual(Number(lease.spent()), 1900)
        })
      )
      assert.deepStrictEqual(stand(0), [[1900, 0]])
      assert.isTrue(yield* budgets.flush)
      assert.deepStrictEqual(yield* journalled(policy()), [
        ["counted", 700, 1],
        ["told", 1200, 1]
      ])
    }).pipe(Effect.provide(layer([policy()])))
  )
  it.effect("settles what nobody has settled at its worst case when its request ends, however that is", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const stand = yield* standing
      const endings: ReadonlyArray<Effect.Effect<unknown>> = [
        Effect.void,
        Effect.exit(Effect.fail("no")),
        Effect.exit(Effect.die("defect")),
        Effect.exit(Effect.interrupt)
      ]
      for (const ending of endings)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const lease = yield* budgets.lease(asked())
            yield* lease.reserve(hold(100))
            yield* ending
          })
        )
      const fiber = yield* Effect.forkChild(
        Effect.scoped(
          Effect.gen(function* () {
            const lease = yield* budgets.lease(asked())
            yield* lease.reserve(hold(100))
            return yield* Effect.never
          })
        ),
        { startImmediately: true }
      )
      assert.deepStrictEqual(stand(0), [[400, 100]])
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(stand(0), [[500, 0]])
      assert.strictEqual(budgets.opened(), 0)
      yield* budgets.flush
      assert.deepStrictEqual(yield* journalled(policy()), [["uncertain", 500, 5]])
    }).pipe(Effect.provide(layer([policy()])))
  )
  it.effect("is not left open by an interruption, between whichever two steps of its opening that comes", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      let everOpen = false
      for (let steps = 0; steps < 60; steps++) {
        const fiber = yield* Effect.scoped(Effect.andThen(budgets.lease(asked()), Effect.never)).pipe(
          // gives way every few steps
          Effect.provideService(Scheduler.MaxOpsBeforeYield, 4),
          Effect.forkChild
        )
        for (let step = 0; step < steps; step++) yield* Effect.yieldNow
        everOpen ||= budgets.opened() === 1
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(budgets.opened(), 0, `interrupted after ${steps} steps`)
      }
      assert.isTrue(everOpen)
    }).pipe(Effect.provide(layer([policy()])))
  )
  it.effect("expires at its deadline, reserves nothing more, and is corrected when news comes", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const stand = yield* standing
      const lease = yield* budgets.lease(asked())
      const attempt = yield* lease.reserve(hold(4000))
      yield* TestClock.adjust("61 seconds")
      assert.deepStrictEqual(stand(61_000), [[4000, 0]])
      assert.strictEqual((yield* Effect.flip(lease.reserve(hold(1)))).why, "closed")
      attempt.settle({ by: "uncertain", owed: undefined }, 62_000)
      attempt.settle({ by: "counted", owed: nano(900) }, 62_000)
      assert.deepStrictEqual(stand(62_000), [[900, 0]])
      attempt.settle(told(1000), 62_000)
      attempt.settle(told(1), 62_000)
      assert.deepStrictEqual(stand(62_000), [[1000, 0]])
      yield* budgets.flush
      assert.deepStrictEqual(
        (yield* journalled(policy())).filter(([, amount, count]) => amount !== 0 || count !== 0),
        [["told", 1000, 1]]
      )
    }).pipe(Effect.provide(layer([policy()])))
  )
  it.effect("of a request without any budget holds nothing and refuses nothing", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const lease = yield* budgets.lease(asked(["tenant:a"]))
      assert.strictEqual(lease.tier, "premium")
      const attempt = yield* lease.reserve(hold(1e12))
      attempt.settle(told(5), 0)
      assert.strictEqual(Number(lease.spent()), 5)
    }).pipe(Effect.provide(layer([])))
  )
})

describe("scopes", () => {
  const policies = [
    policy(),
    policy({ scope: "tenant:a", hard: nano(500) }),
    policy({ scope: "provider:p", hard: nano(300) })
  ]
  it.effect("are charged all or none", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const stand = yield* standing
      const lease = yield* budgets.lease(asked(["tenant:a"]))
      yield* lease.reserve(hold(200, ["provider:p", "model:p/m"]))
      assert.deepStrictEqual(stand(0), [
        [0, 200],
        [0, 200],
        [0, 200]
      ])
      const refused = yield* Effect.flip(lease.reserve(hold(200, ["provider:p"])))
      assert.deepInclude(refused, {
        why: "exhausted",
        scope: "provider:p",
        limit: nano(300),
        left: nano(100),
        resetAt: day
      })
      assert.deepStrictEqual(stand(0), [
        [0, 200],
        [0, 200],
        [0, 200]
      ])
      yield* lease.reserve(hold(200, ["provider:q"]))
      assert.strictEqual((yield* Effect.flip(lease.reserve(hold(200)))).scope, "tenant:a")
      const other = yield* budgets.lease(asked(["tenant:b"]))
      yield* other.reserve(hold(100, ["provider:p"]))
      assert.deepStrictEqual(stand(0), [
        [0, 500],
        [0, 400],
        [0, 300]
      ])
    }).pipe(Effect.provide(layer(policies)))
  )
  it.effect("may have several windows, and a changed limit holds from then on for what was counted before", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const stand = yield* standing
      const hourly = policy({ window: "hour", hard: nano(600) })
      yield* budgets.configure([policy(), hourly])
      const lease = yield* budgets.lease(asked())
      ;(yield* lease.reserve(hold(500))).settle(told(500), 0)
      assert.strictEqual((yield* Effect.flip(lease.reserve(hold(200)))).window, "hour")
      yield* budgets.configure([policy(), { ...hourly, hard: nano(800) }])
      yield* lease.reserve(hold(200))
      assert.deepStrictEqual(stand(0), [
        [500, 200],
        [500, 200]
      ])
      yield* budgets.configure([policy({ hard: nano(700) })])
      assert.strictEqual((yield* Effect.flip(lease.reserve(hold(1)))).scope, "global")
    }).pipe(Effect.provide(layer([policy()])))
  )
})

describe("a reserve", () => {
  it.effect("is for critical requests and for retries", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const normal = yield* budgets.lease(asked())
      const critical = yield* budgets.lease(asked([], 0, "critical"))
      yield* normal.reserve(hold(9500))
      const refused = yield* Effect.flip(normal.reserve(hold(1)))
      assert.deepInclude(refused, { why: "kept", left: nano(0) })
      yield* normal.reserve(hold(200, [], true))
      yield* critical.reserve(hold(300))
      assert.strictEqual((yield* Effect.flip(critical.reserve(hold(1)))).why, "exhausted")
    }).pipe(Effect.provide(layer([policy({ reservePercent: 5 })])))
  )
})

describe("the tier", () => {
  const spend = (lease: Lease, amount: number) =>
    Effect.map(lease.reserve(hold(amount)), (attempt) => attempt.settle(told(amount), 0))
  it.effect("falls with what remains of the lowest scope, later for those who matter more", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const lease = yield* budgets.lease(asked([], 0, "critical"))
      const tiers = () =>
        (["critical", "normal", "low"] as const).map(
          (priority) => budgets.tier(asked(["key:k"], 100, priority), 0).tier
        )
      assert.deepStrictEqual(tiers(), ["premium", "premium", "premium"])
      yield* spend(lease, 1000)
      assert.deepStrictEqual(tiers(), ["premium", "premium", "standard"])
      yield* spend(lease, 1000)
      assert.deepStrictEqual(tiers(), ["premium", "standard", "standard"])
      yield* spend(lease, 3000)
      assert.deepStrictEqual(tiers(), ["premium", "standard", "economy"])
      yield* spend(lease, 3000)
      assert.deepStrictEqual(tiers(), ["premium", "economy", "economy"])
      yield* spend(lease, 1000)
      assert.deepStrictEqual(tiers(), ["premium", "economy", "none"])
      assert.strictEqual((yield* Effect.flip(budgets.lease(asked([], 100, "low")))).why, "priority")
      yield* spend(lease, 1000)
      assert.deepStrictEqual(tiers(), ["none", "none", "none"])
      assert.strictEqual((yield* Effect.flip(budgets.lease(asked([], 100, "critical")))).why, "exhausted")
    }).pipe(Effect.provide(layer([policy(), policy({ scope: "key:k", hard: nano(1e12) })])), Effect.scoped)
  )
  it.effect("is economy from a soft limit on, which refuses nobody and is told once", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const heard = yield* Effect.forkChild(Stream.runCollect(Stream.take(budgets.events, 1)), {
        startImmediately: true
      })
      yield* Effect.yieldNow
      const lease = yield* budgets.lease(asked())
      yield* spend(lease, 900)
      yield* spend(lease, 900)
      assert.strictEqual(budgets.tier(asked(), 0).tier, "economy")
      yield* spend(lease, 1e9)
      assert.strictEqual(budgets.tier(asked(), 0).tier, "economy")
      assert.deepStrictEqual(yield* Fiber.join(heard), [{ id: "global day UTC", event: { _tag: "SoftReached" } }])
    }).pipe(Effect.provide(layer([policy({ hard: undefined, soft: nano(1000) })])), Effect.scoped)
  )
})

describe("a window's end", () => {
  it.effect("brings service again, carries what is reserved and settles it in the new window", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const store = yield* BudgetStore
      const stand = yield* standing
      const lease = yield* budgets.lease({ ...asked(), millis: 2 * day })
      const long = yield* lease.reserve(hold(4000))
      ;(yield* lease.reserve(hold(6000))).settle(told(6000), 0)
      assert.strictEqual((yield* Effect.flip(lease.reserve(hold(1)))).resetAt, day)
      yield* TestClock.setTime(day)
      assert.deepStrictEqual(stand(day), [[0, 4000]])
      yield* lease.reserve(hold(6000))
      assert.strictEqual((yield* Effect.flip(lease.reserve(hold(1)))).why, "exhausted")
      long.settle(told(3000), day)
      assert.deepStrictEqual(stand(day), [[3000, 6000]])
      yield* budgets.flush
      const budget = budgetId(policy())
      assert.deepStrictEqual(yield* store.balance({ budget, window: 0 }), { drawn: nano(6000), noted: nano(6000) })
      assert.strictEqual(Number((yield* store.balance({ budget, window: day })).noted), 3000)
    }).pipe(Effect.provide(layer([policy()])), Effect.scoped)
  )
  it.effect("leaves what was settled before in its window when news corrects it", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const store = yield* BudgetStore
      const lease = yield* budgets.lease(asked())
      const attempt = yield* lease.reserve(hold(4000))
      attempt.settle({ by: "uncertain", owed: undefined }, 0)
      yield* TestClock.setTime(day + 1)
      attempt.settle(told(100), day + 1)
      const stand = yield* standing
      assert.deepStrictEqual(stand(day + 1), [[0, 0]])
      yield* budgets.flush
      assert.deepStrictEqual(yield* store.balance({ budget: budgetId(policy()), window: 0 }), {
        drawn: nano(100),
        noted: nano(100)
      })
    }).pipe(Effect.provide(layer([policy()])), Effect.scoped)
  )
  it.effect("is not crossed twice for more money by a clock that goes back and forth", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const lease = yield* budgets.lease({ ...asked(), millis: 90 * day })
      const spendAll = Effect.gen(function* () {
        let sum = 0
        for (;;) {
          const attempt = yield* Effect.option(lease.reserve(hold(1000)))
          if (attempt._tag === "None") return sum
          attempt.value.settle(told(1000), yield* Effect.clockWith((clock) => clock.currentTimeMillis))
          sum += 1000
        }
      })
      const sums: Array<number> = []
      for (const at of [day - 1, day, day - 1, day, 40 * day, day]) {
        yield* TestClock.setTime(at)
        sums.push(yield* spendAll)
      }
      assert.deepStrictEqual(sums, [10_000, 10_000, 0, 0, 10_000, 0])
    }).pipe(Effect.provide(layer([policy()])), Effect.scoped)
  )
})

describe("a restart", () => {
  const spending = Effect.gen(function* () {
    const budgets = yield* Budgets
    const lease = yield* budgets.lease(asked())
    ;(yield* lease.reserve(hold(2000))).settle(told(1500), 0)
    yield* lease.reserve(hold(3000))
  }).pipe(Effect.scoped)
  it.effect("knows to the nano-dollar what was spent before it", () =>
    Effect.gen(function* () {
      const rows = memoryRows()
      yield* spending.pipe(Effect.provide(Layer.fresh(layer([policy()], rows))))
      yield* Effect.gen(function* () {
        const stand = yield* standing
        assert.deepStrictEqual(stand(0), [[4500, 0]])
      }).pipe(Effect.provide(Layer.fresh(layer([policy()], rows))))
    })
  )
  it.effect("leaves other replicas what is left, and no more", () =>
    Effect.gen(function* () {
      const rows = memoryRows()
      const scope = yield* Effect.scope
      const [a, b] = yield* Effect.forEach(["a", "b"], (owner) =>
        Effect.map(Layer.buildWithScope(Layer.fresh(layer([policy()], rows, { owner })), scope), (context) =>
          Effect.provide(Budgets, context)
        )
      )
      assert.isDefined(a)
      assert.isDefined(b)
      if (a === undefined || b === undefined) return
      const first = yield* Effect.flatMap(a, (budgets) => budgets.lease(asked()))
      const second = yield* Effect.flatMap(b, (budgets) => budgets.lease(asked()))
      let sum = 0
      for (const lease of [first, second, first, second, first, second, first, second, first, second, first, second]) {
        const attempt = yield* Effect.option(lease.reserve(hold(1000)))
        if (attempt._tag === "Some") sum += 1000
      }
      assert.isAtMost(sum, 10_000)
      assert.isAtLeast(sum, 9000)
    }).pipe(Effect.scoped)
  )
})

describe("a store that fails", () => {
  const failing = (rows: MemoryRows, isDown: () => boolean) =>
    Layer.effect(
      BudgetStore,
      Effect.map(BudgetStore, (store) => ({
        ...store,
        commit: (batch: Parameters<typeof store.commit>[0]) =>
          isDown()
            ? Effect.fail(new BudgetStoreError({ why: "failed", message: "the disk is full" }))
            : store.commit(batch)
      }))
    ).pipe(Layer.provide(BudgetStore.layerMemory(rows)))

  it.effect("refuses what is beyond the blocks it recorded, says so once, and works again by itself", () =>
    Effect.gen(function* () {
      let down = false
      const lines: Array<string> = []
      const logger = Logger.make(({ message }) => void lines.push(String(message)))
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(
        Budgets.layer({ policies: [policy()], owner: "a" }).pipe(
          Layer.provide(failing(memoryRows(), () => down)),
          Layer.provideMerge(Logger.layer([logger]))
        ),
        scope
      )
      yield* Effect.gen(function* () {
        const budgets = yield* Budgets
        const lease = yield* budgets.lease(asked())
        ;(yield* lease.reserve(hold(100))).settle(told(100), 0)
        assert.isTrue(yield* budgets.flush)
        down = true
        // of the block ahead
        yield* lease.reserve(hold(50))
        assert.strictEqual((yield* Effect.flip(lease.reserve(hold(5000)))).why, "unrecorded")
        assert.strictEqual((yield* Effect.flip(lease.reserve(hold(20_000)))).why, "exhausted")
        down = false
        yield* TestClock.adjust("1 minute")
        const again = yield* budgets.lease(asked())
        yield* again.reserve(hold(5000))
        assert.lengthOf(
          lines.filter((line) => line.includes("cannot be recorded: the disk is full")),
          1
        )
        assert.lengthOf(
          lines.filter((line) => line.includes("is recorded again")),
          1
        )
      }).pipe(Effect.provide(context), Effect.scoped)
      yield* Scope.close(scope, Exit.void)
    })
  )
  it.effect("is caught up with after however much has gathered", () => {
    const store = inMemory(memoryRows())
    let millisAStep = 0
    const slow = Layer.succeed(BudgetStore, {
      ...store,
      commit: (batch) => Effect.andThen(Effect.sleep(batch.steps.length * millisAStep), store.commit(batch))
    })
    const keys = Array.from({ length: 6000 }, (_, index) => policy({ scope: `key:${index}` }))
    return Effect.gen(function* () {
      const budgets = yield* Budgets
      yield* budgets.configure(keys)
      millisAStep = 1
      for (const { scope } of keys) {
        const { close, lease } = yield* Effect.fromResult(budgets.open(asked([scope])))
        ;(yield* lease.reserve(hold(10))).settle(told(1), 0)
        close()
      }
      const flushing = yield* Effect.forkChild(budgets.flush, { startImmediately: true })
      yield* TestClock.adjust("30 seconds")
      assert.isTrue(yield* Fiber.join(flushing))
      assert.strictEqual(budgets.recording(), "working")
      for (const { scope } of keys) {
        const rows = yield* store.journal(budgetId(policy({ scope })), 0)
        assert.strictEqual(
          rows.reduce((sum, { amount }) => sum + amount, 0),
          1
        )
      }
      const wide = yield* Effect.fromResult(budgets.open(asked(["key:5999"])))
      const reserving = yield* Effect.forkChild(wide.lease.reserve(hold(5000)), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      assert.strictEqual(Number((yield* Fiber.join(reserving)).held), 5000)
      millisAStep = 0
      yield* budgets.configure([])
    }).pipe(
      Effect.provide(Budgets.layer({ policies: [], owner: "a" }).pipe(Layer.provideMerge(slow))),
      Effect.provide(Logger.layer([]))
    )
  })
  it.effect("leaves others what was drawn for a request that is gone by then", () => {
    const store = inMemory(memoryRows())
    let delay = 3000
    const slow = { ...store, commit: (batch: Batch) => Effect.andThen(Effect.sleep(delay), store.commit(batch)) }
    const process = (owner: string, shape: typeof store) =>
      Effect.map(
        Layer.build(
          Layer.fresh(Budgets.layer({ policies: [], owner })).pipe(Layer.provide(Layer.succeed(BudgetStore, shape)))
        ),
        (context) => Context.get(context, Budgets)
      )
    const reserving = (budgets: Budgets["Service"]) =>
      Effect.gen(function* () {
        yield* Effect.forkChild(budgets.configure([policy()]), { startImmediately: true })
        yield* TestClock.adjust("10 seconds")
        const { close, lease } = yield* Effect.fromResult(budgets.open(asked()))
        const fiber = yield* Effect.forkChild(Effect.result(lease.reserve(hold(9000))), { startImmediately: true })
        yield* TestClock.adjust("2 seconds")
        const reserved = yield* Fiber.join(fiber)
        close()
        return reserved._tag === "Success" ? "reserved" : reserved.failure.why
      })
    return Effect.gen(function* () {
      const [a, b] = [yield* process("a", slow), yield* process("b", store)]
      assert.strictEqual(yield* reserving(a), "unrecorded")
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(yield* reserving(b), "reserved")
      delay = 0
    }).pipe(Effect.scoped, Effect.provide(Logger.layer([])))
  })
  it.effect("refuses nobody whose spending is only watched", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const lease = yield* budgets.lease(asked())
      for (let n = 0; n < 20; n++) (yield* lease.reserve(hold(5000))).settle(told(5000), 0)
      assert.strictEqual(Number(lease.spent()), 100_000)
    }).pipe(
      Effect.provide(
        Budgets.layer({ policies: [policy({ hard: undefined, soft: nano(10) })], owner: "a" }).pipe(
          Layer.provide(failing(memoryRows(), () => true)),
          Layer.provideMerge(Logger.layer([]))
        )
      ),
      Effect.scoped
    )
  )
})

describe("a bill above the worst case", () => {
  it.effect("is counted as it is, told, and leaves nothing to others", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const heard = yield* Effect.forkChild(Stream.runCollect(Stream.take(budgets.events, 1)), {
        startImmediately: true
      })
      yield* Effect.yieldNow
      const lease = yield* budgets.lease(asked())
      const attempt = yield* lease.reserve(hold(9000))
      attempt.settle(told(11_000), 0)
      const [report] = budgets.report(0)
      assert.deepInclude(report, { spent: nano(11_000), over: nano(2000), left: nano(0) })
      assert.strictEqual((yield* Effect.flip(lease.reserve(hold(1)))).why, "exhausted")
      assert.deepStrictEqual(yield* Fiber.join(heard), [
        { id: "global day UTC", event: { _tag: "Overrun", by: nano(2000) } }
      ])
      yield* budgets.flush
      const store = yield* BudgetStore
      assert.deepStrictEqual(yield* store.balance({ budget: budgetId(policy()), window: 0 }), {
        drawn: nano(11_000),
        noted: nano(11_000)
      })
    }).pipe(Effect.provide(layer([policy()])), Effect.scoped)
  )
})

describe("two thousand requests at once against one dollar", () => {
  it.effect("bill between ninety cents and a dollar, and are served again on the next day", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const estimates = makeEstimates()
      const facts = makeCatalog().facts("openai", "gpt-5.2")
      const ref = { provider: "openai", model: "gpt-5.2" }
      const one = (at: number) =>
        Effect.gen(function* () {
          const request = chat(`Say hello to guest number ${at}.`)
          const quote = estimates.quote(request, ref, facts)
          const lease = yield* budgets.lease({ ...asked([]), expected: quote.expected })
          const attempt = yield* lease.reserve({ scopes: ["provider:openai"], worst: quote.worst })
          // all are in flight before the first ends
          yield* Effect.sleep("1 second")
          const end = estimates.owed(quote, { usage: { inputTokens: 13, outputTokens: 60 }, writtenBytes: 200 })
          attempt.settle(end, yield* Effect.clockWith((clock) => clock.currentTimeMillis))
          return Number(end.owed)
        }).pipe(
          Effect.scoped,
          Effect.orElseSucceed(() => 0)
        )
      const bills = Effect.gen(function* () {
        const all = yield* Effect.forkChild(
          Effect.forEach(Array.from({ length: 2000 }), (_, at) => one(at), { concurrency: "unbounded" }),
          { startImmediately: true }
        )
        yield* TestClock.adjust("2 seconds")
        return (yield* Fiber.join(all)).reduce((sum, bill) => sum + bill, 0)
      })
      const first = yield* bills
      assert.isAtLeast(first, 0.9e9)
      assert.isAtMost(first, 1e9)
      assert.strictEqual(Number(budgets.report(2000)[0]?.spent), first)
      yield* TestClock.setTime(day)
      const second = yield* bills
      assert.isAtLeast(second, 0.9e9)
      assert.isAtMost(second, 1e9)
    }).pipe(Effect.provide(layer([policy({ hard: nano(1e9) })])))
  )
})
