/**
 * What is explained is what is done: over random configurations, states and requests, an explanation and then the same
 * request for real, at the same moment and from the same seed.
 *
 * Nothing here repeats the reasoning of a decision: each law looks at what was told, at whom the providers saw, and at
 * the states before and after.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Layer, Random, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import { randomOf } from "../../src/classifier/training.ts"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import {
  type Alias,
  defaultResilience,
  defaultServer,
  type FactsOverride,
  type Settings,
  strategies
} from "../../src/config/Settings.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { showModelRef } from "../../src/domain/Ids.ts"
import type { Message } from "../../src/domain/Message.ts"
import { ProviderError } from "../../src/domain/ProviderError.ts"
import { type Caller, CurrentRequest, type RequestContext } from "../../src/domain/RequestContext.ts"
import { Admission } from "../../src/health/Admission.ts"
import { Circuits } from "../../src/health/Circuits.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import { Paces } from "../../src/health/Paces.ts"
import { Quarantines } from "../../src/health/Quarantines.ts"
import { RateLimits } from "../../src/health/RateLimits.ts"
import { RetryBudgets } from "../../src/health/RetryBudgets.ts"
import { Registry } from "../../src/provider/Registry.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { conversationKey, Conversations } from "../../src/routing/Conversations.ts"
import type { Decision } from "../../src/routing/Decision.ts"
import { explain } from "../../src/routing/Explain.ts"
import { makeResolver } from "../../src/routing/Resolve.ts"
import { Rotations } from "../../src/routing/Rotations.ts"
import { route } from "../../src/routing/Route.ts"
import { providerSpec } from "../provider/requests.ts"
import { choosing, waysOver } from "./ways.ts"

/** A world drawn from a seed; what is listed twice is drawn twice as often. */
const worldOf = (seed: number) => {
  const next = randomOf(seed)
  const pick = <const A>(...values: readonly [A, ...ReadonlyArray<A>]): A =>
    values[Math.floor(next() * values.length)] ?? values[0]
  /** One of the values in so many worlds of ten, else nothing. */
  const now = <const A>(inTen: number, ...values: readonly [A, ...ReadonlyArray<A>]): A | undefined =>
    next() * 10 < inTen ? pick(...values) : undefined
  const provider = () => ({
    isBuilt: now(1, false) ?? true,
    region: now(3, "eu", "us"),
    state: now(1.5, "draining", "disabled") ?? ("on" as const),
    weight: pick(0, 1, 1, 1, 3),
    domain: now(3, "shared", "other"),
    concurrent: now(3, 1, 2),
    underWay: pick(0, 0, 1, 2),
    window: now(2, 20, 700),
    tools: now(3, true, false),
    price: now(5, 0, 1, 20),
    tier: now(5, "premium", "standard", "economy"),
    circuit: now(1.5, "model", "provider"),
    quarantine: now(1, "model", "account"),
    isCrowded: now(2, true) ?? false,
    isPaused: now(1, true) ?? false,
    isShut: now(1, true) ?? false,
    pace: now(5, 100, 900, 4000)
  })
  return {
    seed,
    providers: Array.from({ length: pick(1, 2, 3, 4, 5) }, provider),
    strategy: pick(...strategies),
    targets: [0, ...Array.from({ length: pick(0, 2, 4, 6) }, () => pick(0, 1, 2, 3, 4, 9))],
    aliasRegion: now(0.5, "eu"),
    isSticky: now(3, true) ?? false,
    turns: pick(0, 1, 2, 5),
    asked: pick("mine", "mine", "mine", "mine", "p0/m", "m", "auto", "auto:cost", "auto:speed", "nowhere/x"),
    fallback: now(3, "mine", "p1/m", "m", "p0/other"),
    isDefaultFallback: now(3, true) ?? false,
    words: pick(3, 3, 3, 150, 3000),
    tools: now(3, true) ?? false,
    toolTurn: now(2, true) ?? false,
    lastBy: now(4, 0, 1, 2),
    lastTask: now(5, "math", "chat"),
    cap: now(2, 0.000_01, 0.01),
    allow: now(1, "mine", "p*"),
    region: now(0.7, "eu"),
    task: now(4, "chat", "coding"),
    maxAttempts: pick(1, 2, 6),
    queue: pick(0, 10)
  }
}
type World = ReturnType<typeof worldOf>
type Provider = World["providers"][number]

const idOf = (at: number): string => `p${at}`

const settingsOf = (world: World): Settings => {
  const specs = world.providers.map((one, at) =>
    providerSpec({
      id: idOf(at),
      kind: "openai-compatible",
      models: ["m"],
      region: one.region,
      failureDomain: one.domain,
      ...(one.concurrent === undefined
        ? undefined
        : { limits: { requestsPerMinute: undefined, tokensPerMinute: undefined, concurrent: one.concurrent } })
    })
  )
  const alias: Alias = {
    name: "mine",
    strategy: world.strategy,
    targets: [...new Set(world.targets.map((at) => `${idOf(at)}/m`))],
    ...(world.aliasRegion === undefined ? undefined : { region: world.aliasRegion }),
    ...(world.isSticky ? { sticky: "conversation" } : undefined)
  }
  return {
    server: defaultServer,
    providers: specs,
    providersOff: [],
    aliases: [alias],
    facts: new Map(world.providers.map((one, at) => [`${idOf(at)}/m`, factsOf(one)])),
    roles: new Map(world.providers.map(({ state, weight }, at) => [idOf(at), { state, weight }])),
    resilience: {
      ...defaultResilience,
      maxAttempts: world.maxAttempts,
      retries: { RateLimited: 0, ServerError: 0, Overloaded: 0, Network: 0, Timeout: 0 },
      queue: { ...defaultResilience.queue, capacity: world.queue },
      defaultFallbacks: world.isDefaultFallback ? ["p2/m", "mine"] : []
    },
    keys: [],
    source: "file",
    warnings: []
  }
}

const factsOf = ({ price, tier, tools, window }: Provider): FactsOverride => ({
  ...(window === undefined ? undefined : { contextWindowTokens: window }),
  ...(price === undefined ? undefined : { price: { inputUsdPerMTok: price, outputUsdPerMTok: price * 4 } }),
  ...(tier === undefined ? undefined : { tier }),
  ...(tools === undefined ? undefined : { capabilities: tools ? ["tools"] : [] })
})

const requestOf = (world: World): ChatRequest => {
  const question: Message = {
    role: "user",
    content: [{ _tag: "Text", text: "write a function that sorts words ".repeat(world.words / 3) }]
  }
  const turn: ReadonlyArray<Message> = [
    { role: "assistant", content: [{ _tag: "ToolCall", id: "c", name: "look", arguments: "{}" }] },
    { role: "tool", content: [{ _tag: "ToolResult", id: "c", content: [{ _tag: "Text", text: "seen" }] }] }
  ]
  return {
    model: world.asked,
    delivery: "whole",
    messages: world.toolTurn ? [question, ...turn] : [question],
    tools: world.tools ? [{ _tag: "Function", name: "look", parameters: { type: "object" } }] : [],
    sampling: { maxTokens: 10 },
    usageWanted: false,
    fallbacks: world.fallback === undefined ? [] : [world.fallback]
  }
}

const contextOf = (world: World): RequestContext => {
  const caller: Caller = {
    name: "somebody",
    tenant: undefined,
    priority: "normal",
    allow: world.allow === undefined ? undefined : [world.allow],
    ...(world.region === undefined ? undefined : { region: world.region })
  }
  return {
    requestId: "req_1",
    caller,
    timeoutMillis: undefined,
    ...(world.cap === undefined ? undefined : { costCapUsd: world.cap }),
    ...(world.task === undefined ? undefined : { task: world.task })
  }
}

/** Brings health, rotation and conversations into the world's state. */
const prepare = (world: World, request: ChatRequest, caller: Caller) =>
  Effect.gen(function* () {
    const circuits = yield* Circuits
    const quarantines = yield* Quarantines
    const limits = yield* RateLimits
    const paces = yield* Paces
    const admission = yield* Admission
    const rotations = yield* Rotations
    const conversations = yield* Conversations
    const now = yield* Clock.currentTimeMillis
    for (const [at, one] of world.providers.entries()) {
      const ref = { provider: idOf(at), model: "m" }
      for (let call = 0; call < one.underWay; call++)
        yield* admission.admit({ ref, credentials: [], tokens: () => 1, again: false, handed: undefined })
      if (one.circuit !== undefined)
        yield* circuits.force(one.circuit === "model" ? showModelRef(ref) : ref.provider, "open")
      if (one.quarantine !== undefined)
        quarantines.set(
          {
            target: one.quarantine === "model" ? { scope: "model", ...ref } : { scope: "account", provider: idOf(at) },
            reason: "AccessDenied",
            message: "kept away",
            source: "operator",
            until: now + 3_600_000
          },
          now
        )
      if (one.isCrowded) limits.rateLimited(ref, now, { retryAfterMillis: 0, tokens: 1 })
      if (one.isPaused)
        limits.heard(ref, { requests: { limit: 10, remaining: 0, resetAt: now + 900_000 }, tokens: undefined }, now)
      if (one.isShut) {
        const error = new ProviderError({ ...ref, reason: { _tag: "RateLimited", message: "slow down" } })
        const lent = circuits.take(ref, now)
        if (Result.isSuccess(lent)) yield* lent.success.permit.failed(error)
      }
      if (one.pace !== undefined) paces.saw(ref, { _tag: "Began", millis: one.pace }, now)
    }
    const members = world.providers.map((_, at) => ({ key: `${idOf(at)}/m`, weight: 1 }))
    for (let turn = 0; turn < world.turns; turn++) rotations.turn("mine", members, now)
    if (world.lastBy !== undefined)
      conversations.answered(
        conversationKey(request, caller),
        { by: { provider: idOf(world.lastBy), model: "m" }, task: world.lastTask },
        now
      )
  })

/** All there is to see of the state. */
const states = (world: World, request: ChatRequest, caller: Caller) =>
  Effect.gen(function* () {
    const circuits = yield* Circuits
    const quarantines = yield* Quarantines
    const limits = yield* RateLimits
    const budgets = yield* RetryBudgets
    const paces = yield* Paces
    const rotations = yield* Rotations
    const conversations = yield* Conversations
    const registry = yield* Registry
    const now = yield* Clock.currentTimeMillis
    const keys = world.providers.flatMap((_, at) => [idOf(at), `${idOf(at)}/m`])
    return {
      circuits: [...(yield* circuits.states)],
      quarantine: quarantines.entries(now),
      limits: keys.map((key) => [key, limits.inFlight(key), limits.report(key, now)]),
      counted: [...limits.keys()],
      retries: world.providers.map((_, at) => budgets.left(idOf(at), now)),
      paces: world.providers.map((_, at) => {
        const ref = { provider: idOf(at), model: "m" }
        return [paces.expectedMillis(ref, 100, now), paces.mayHave(ref, now)]
      }),
      rotation: rotations.peek(
        "mine",
        world.providers.map((_, at) => ({ key: `${idOf(at)}/m`, weight: 1 }))
      ),
      last: conversations.lastOf(conversationKey(request, caller), now),
      onEarlier: registry.onEarlier()
    }
  })

interface Told {
  readonly decision: Decision
  /** Who was asked at that very moment, in order; and who later. */
  readonly atOnce: ReadonlyArray<string>
  readonly later: ReadonlyArray<string>
  /** What became of it at that moment; absent: it waits. */
  readonly ended: { readonly status: number; readonly message: string } | undefined
}

const play = (world: World): Effect.Effect<Told> => {
  const settings = settingsOf(world)
  const request = requestOf(world)
  const context = contextOf(world)
  const asked: Array<string> = []
  const scripted = world.providers.flatMap(({ isBuilt }, at) =>
    isBuilt
      ? [
          Scripted.make({
            id: idOf(at),
            script: ({ model }) => {
              asked.push(`${idOf(at)}/${model}`)
              return Scripted.fails({ _tag: "ServerError", message: "broken", status: 500 })
            }
          })
        ]
      : []
  )
  const resolver = makeResolver(settings, settings.providers, makeCatalog())
  return Effect.gen(function* () {
    const ways = yield* waysOver(() => ({ settings, resolver }))
    yield* prepare(world, request, context.caller)
    const before = yield* states(world, request, context.caller)
    const decision = yield* explain(ways)(request).pipe(Random.withSeed(String(world.seed)))
    assert.deepStrictEqual(yield* states(world, request, context.caller), before)
    assert.lengthOf(asked, 0)
    const fiber = yield* Effect.forkChild(
      Effect.result(Effect.scoped(route(ways)(request))).pipe(Random.withSeed(String(world.seed))),
      { startImmediately: true }
    )
    // what is due at this moment runs; no time passes
    yield* TestClock.adjust(0)
    const atOnce = [...asked]
    const exit = fiber.pollUnsafe()
    const result = exit?._tag === "Success" ? exit.value : undefined
    yield* TestClock.adjust(Duration.minutes(5))
    return {
      decision,
      atOnce,
      later: asked.slice(atOnce.length),
      ended:
        result !== undefined && Result.isFailure(result)
          ? { status: result.failure.status, message: result.failure.message }
          : undefined
    }
  }).pipe(
    Effect.provideService(CurrentRequest, context),
    Effect.scoped,
    Effect.provide(
      Layer.mergeAll(
        choosing,
        Registry.layerOf(scripted.map(({ provider }) => provider)),
        healthInMemory({ ...settings })
      )
    )
  )
}

const lasting = new Set([
  "NotAllowed",
  "CannotDo",
  "OtherRegion",
  "OutOfService",
  "TooLong",
  "NotSetUp",
  "Quarantined",
  "TooDear"
])

/** What the walk makes of the order as infrastructure fails: who shares none with the failed comes first. */
const walked = ({ considered, order }: Decision): ReadonlyArray<string> => {
  const domainOf = (name: string) => considered.find(({ ref }) => showModelRef(ref) === name)?.failureDomain
  const left = order.map(showModelRef)
  const failed = new Set<string | undefined>()
  const names: Array<string> = []
  while (left.length > 0) {
    const free = left.findIndex((name) => !failed.has(domainOf(name)))
    // of those whose infrastructure has failed nothing is said
    if (free < 0) break
    const [name] = left.splice(free, 1)
    if (name === undefined) break
    names.push(name)
    failed.add(domainOf(name))
  }
  return names
}

describe("an explanation", () => {
  const seen = { asks: 0, several: 0, waits: 0, refused: 0 }
  const excluded = new Set<string>()
  it.effect.prop(
    "tells who is asked first and next, whom nobody asks, what is refused, and changes nothing",
    { seed: Schema.Int },
    ({ seed }) =>
      Effect.gen(function* () {
        const world = worldOf(seed)
        const { atOnce, decision, ended, later } = yield* play(world)
        const { considered, order, outcome } = decision
        for (const { exclusion } of considered) if (exclusion !== undefined) excluded.add(exclusion._tag)
        const inOrder = order.map(showModelRef)
        const out = considered.filter(({ exclusion }) => exclusion !== undefined).map(({ ref }) => showModelRef(ref))
        for (const name of out) assert.notInclude(inOrder, name)
        for (const name of out) assert.notInclude(atOnce, name)
        for (const { exclusion, ref } of considered)
          if (exclusion !== undefined && lasting.has(exclusion._tag)) assert.notInclude(later, showModelRef(ref))
        switch (outcome._tag) {
          case "Asks": {
            seen.asks++
            if (atOnce.length > 1) seen.several++
            assert.strictEqual(showModelRef(outcome.first), inOrder[0])
            assert.strictEqual(atOnce[0], inOrder[0])
            // what failed may have cost something, so a cap may leave out who could be asked at first
            const most = Math.min(world.maxAttempts, inOrder.length)
            if (world.cap === undefined) {
              assert.lengthOf(atOnce, most)
              const expected = walked(decision).slice(0, most)
              assert.deepStrictEqual(atOnce.slice(0, expected.length), expected)
            }
            for (const name of atOnce) assert.include(inOrder, name)
            break
          }
          case "Waits":
            seen.waits++
            assert.lengthOf(atOnce, 0)
            assert.isUndefined(ended)
            break
          case "Refused":
            seen.refused++
            assert.lengthOf(atOnce, 0)
            assert.deepStrictEqual(ended, { status: outcome.status, message: outcome.message })
        }
      }),
    { arbitrary: { runs: 400, seed: 5 } }
  )
  it("was tried on worlds of every kind", () => {
    for (const count of Object.values(seen)) assert.isAbove(count, 10, JSON.stringify(seen))
    for (const tag of [...lasting, "CircuitOpen", "NoRoom", "RateLimited"]) assert.include([...excluded], tag)
  })
})
