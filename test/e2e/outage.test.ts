/**
 * A minute's outage of the first choice, in virtual time, through the gateway as it is wired: only its providers are
 * scripted. The same over HTTP in real time is `npm run faults -- --outage`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, References, Stream } from "effect"
import { TestClock } from "effect/testing"
import { judgeOutage, outage, type SeenOutage } from "../../scripts/faults/outage.ts"
import { Catalog } from "../../src/catalog/Catalog.ts"
import { defaultResilience, defaultServer, type Settings } from "../../src/config/Settings.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { Reason } from "../../src/domain/ProviderError.ts"
import { Gateway } from "../../src/gateway/Gateway.ts"
import { gatewayOver } from "../../src/gateway/gatewayLayer.ts"
import { healthLayer } from "../../src/health/healthLayer.ts"
import { Registry } from "../../src/provider/Registry.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { alias, specOf } from "./harness.ts"

const settingsWith = (probes: boolean): Settings => ({
  server: defaultServer,
  providers: [specOf("openai", "http://127.0.0.1:9/v1"), specOf("anthropic", "http://127.0.0.1:9")],
  providersOff: [],
  aliases: [alias("smart", "openai/gpt-5.2", "anthropic/claude-sonnet-5")],
  facts: new Map(),
  resilience: { ...defaultResilience, probes: { ...defaultResilience.probes, enabled: probes } },
  keys: [],
  source: "file",
  warnings: []
})

const request = (delivery: ChatRequest["delivery"]): ChatRequest => ({
  model: "smart",
  delivery,
  messages: [{ role: "user", content: [{ _tag: "Text", text: "hello" }] }],
  tools: [],
  sampling: {},
  usageWanted: false,
  fallbacks: []
})

/** Plays the outage; what the caller got, and when the first choice was called. */
const played = (settings: Settings, reason: Reason, delivery: ChatRequest["delivery"]) =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const now = () => clock.currentTimeMillisUnsafe()
    const began = now()
    const calls: Array<number> = []
    const isDown = () => now() - began >= outage.beginsMillis && now() - began < outage.endsMillis
    const script = () => {
      calls.push(now() - began)
      return isDown() ? Scripted.fails(reason, { before: 20 }) : Scripted.answer(["he", "llo"], { before: 20 })
    }
    const primary = Scripted.make({ id: "openai", script, checks: script })
    const backup = Scripted.make({ id: "anthropic", script: Scripted.answer(["wor", "ld"], { before: 20 }) })

    const answers: Array<SeenOutage["answers"][number]> = []
    const all = Effect.gen(function* () {
      const gateway = yield* Gateway
      for (let n = 0; n < outage.requests; n++) {
        yield* Effect.sleep(Math.max(0, n * outage.everyMillis - (now() - began)))
        const at = now() - began
        const by = yield* Effect.gen(function* () {
          const answer = yield* gateway.handle(request(delivery))
          if (answer._tag === "Whole") return answer.served.provider
          const frames = yield* Stream.runCollect(answer.frames)
          const isWhole = frames.some(({ events }) => events.some(({ _tag }) => _tag === "Ended"))
          return isWhole ? answer.served.provider : undefined
        }).pipe(
          Effect.scoped,
          Effect.catch(() => Effect.undefined)
        )
        answers.push({ at, by })
      }
    })
    const fiber = yield* Effect.forkChild(
      Effect.provide(
        all,
        gatewayOver(settings).pipe(
          Layer.provide(Registry.layerOf([primary.provider, backup.provider])),
          Layer.provide(healthLayer(settings)),
          Layer.provide(Catalog.layer)
        )
      ),
      { startImmediately: true }
    )
    // in small steps, so that everything that is due comes in order
    for (let passed = 0; passed < 150 && fiber.pollUnsafe() === undefined; passed++) yield* TestClock.adjust("1 second")
    yield* Fiber.join(fiber)
    return { answers, calls }
  }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))

const reasons: ReadonlyArray<Reason> = [
  { _tag: "Overloaded", message: "503" },
  { _tag: "ServerError", message: "500" },
  { _tag: "Network", message: "refused", sent: false },
  { _tag: "MalformedResponse", message: "a web page" }
]

describe("a minute's outage of the first choice", () => {
  for (const reason of reasons)
    for (const delivery of ["whole", "live"] as const)
      for (const probes of [true, false])
        it.effect(
          `is no outage of the gateway, and over soon after it is over (${reason._tag}, ${delivery}, ${probes ? "probed" : "not probed"})`,
          () =>
            Effect.map(played(settingsWith(probes), reason, delivery), (seen) =>
              assert.deepStrictEqual(
                judgeOutage(seen, { primary: "openai", backup: "anthropic" }),
                [],
                JSON.stringify(seen)
              )
            )
        )
})
