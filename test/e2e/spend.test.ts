/** What is spent, as operators learn of it: from a webhook, the admin API, the metrics and the command line. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Budgets } from "../../src/budget/Budgets.ts"
import { defaultResilience, defaultServer, type Settings } from "../../src/config/Settings.ts"
import { defaultLevels } from "../../src/domain/Alert.ts"
import type { BudgetPolicy } from "../../src/domain/Budget.ts"
import { nanoOfUsd } from "../../src/domain/Money.ts"
import { gatewayLayer } from "../../src/gateway/gatewayLayer.ts"
import { LineSink } from "../../src/observability/LineSink.ts"
import { RequestLog } from "../../src/observability/RequestLog.ts"
import { RequestMetrics } from "../../src/observability/RequestMetrics.ts"
import * as Server from "../../src/server/Server.ts"
import { webhook } from "../observability/alerting.ts"
import { specOf } from "./harness.ts"

const adminKey = "the-admin-key-of-this-test"
const policy = (changes: Partial<BudgetPolicy> = {}): BudgetPolicy => ({
  scope: "global",
  window: "day",
  timeZone: "UTC",
  hard: nanoOfUsd(10),
  soft: undefined,
  reservePercent: 0,
  onExhausted: "reject",
  ...changes
})

/** A gateway with these budgets and one webhook for alerts, and what there is to spend with. */
const start = (url: string, budgets: ReadonlyArray<BudgetPolicy>, more: Partial<Settings> = {}) =>
  Effect.gen(function* () {
    const settings: Settings = {
      server: { ...defaultServer, port: 0, adminKey: Redacted.make(adminKey) },
      providers: [specOf("openai", "http://127.0.0.1:9/v1")],
      providersOff: [],
      aliases: [],
      facts: new Map(),
      resilience: defaultResilience,
      keys: [],
      budgets,
      alerts: [{ ...defaultLevels, url: Redacted.make(url), format: "json" }],
      source: "file",
      warnings: [],
      ...more
    }
    const context = yield* Layer.build(
      Server.layer(settings).pipe(
        Layer.provideMerge(gatewayLayer(settings)),
        Layer.provide([
          RequestLog.layerWith({ format: "json" }).pipe(Layer.provide(LineSink.layerMemory([]))),
          RequestMetrics.layer
        ])
      )
    )
    const spend = (usd: number, held = usd) =>
      Effect.scoped(
        Effect.gen(function* () {
          const lease = yield* Context.get(context, Budgets).lease({
            id: "r",
            scopes: ["tenant:acme"],
            priority: "normal",
            expected: nanoOfUsd(0),
            millis: 60_000
          })
          const attempt = yield* lease.reserve({ scopes: [], worst: nanoOfUsd(held) })
          attempt.settle(
            { by: "told", owed: nanoOfUsd(usd) },
            yield* Effect.clockWith((clock) => clock.currentTimeMillis)
          )
        })
      )
    const got = (path: string) =>
      Effect.promise(() =>
        fetch(`${Context.get(context, Server.Listening).url}${path}`, {
          headers: { authorization: `Bearer ${adminKey}` }
        }).then((response) => response.text())
      )
    const posted = (path: string, body: object) =>
      Effect.promise(() =>
        fetch(`${Context.get(context, Server.Listening).url}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body)
        }).then(async (response) => [response.status, await response.text()] as const)
      )
    return { url: Context.get(context, Server.Listening).url, spend, got, posted }
  })

/** Runs `switchyard spend` to its end. */
const command = (...args: ReadonlyArray<string>) =>
  Effect.callback<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resume) => {
    execFile(
      process.execPath,
      ["src/main.ts", "spend", ...args],
      {
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
        env: { PATH: process.env["PATH"] ?? "", SWITCHYARD_ADMIN_KEY: adminKey }
      },
      (error, stdout, stderr) =>
        resume(Effect.succeed({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }))
    )
  })

describe("what is spent", () => {
  it.live(
    "is told at the shares that were configured, and shown by the admin API, metrics and the command",
    () =>
      Effect.gen(function* () {
        const hook = yield* webhook()
        const { got, spend, url } = yield* start(hook.url, [
          policy(),
          policy({ scope: "tenant:acme", window: "month", hard: undefined, soft: nanoOfUsd(20) })
        ])
        yield* spend(8.5)
        yield* hook.received(1)
        const told = JSON.parse(hook.sent[0]?.body ?? "")
        assert.deepInclude(told, { kind: "budget.share", subject: "global day UTC", level: 0.8 })
        assert.deepInclude(told.fields, { scope: "global", window: "day", spentUsd: 8.5, limitUsd: 10, share: 0.85 })
        assert.match(told.message, /^85 % of the day's budget of global is used: \$8\.50 of \$10\.00, until /)

        const { budgets, openLeases } = JSON.parse(yield* got("/admin/spend"))
        assert.strictEqual(openLeases, 0)
        assert.deepInclude(budgets[0], {
          id: "global day UTC",
          limitUsd: 10,
          settledUsd: 8.5,
          reservedUsd: 0,
          leftUsd: 1.5,
          tier: "economy",
          refusals: {}
        })
        assert.deepInclude(budgets[1], {
          scope: "tenant:acme",
          window: "month",
          softUsd: 20,
          settledUsd: 8.5,
          tier: "standard"
        })
        assert.notProperty(budgets[1], "limitUsd")
        for (const [scope, count] of [
          ["tenant", 1],
          ["tenant:acme", 1],
          ["tenant:other", 0]
        ] as const)
          assert.strictEqual(JSON.parse(yield* got(`/admin/spend?scope=${scope}`)).budgets.length, count)

        const refused = yield* Effect.flip(spend(1, 2))
        assert.strictEqual("why" in refused ? refused.why : undefined, "exhausted")
        const metrics = yield* got("/metrics")
        for (const line of [
          'llm_budget_spent_usd{budget="global day UTC"} 8.5',
          'llm_budget_limit_usd{budget="global day UTC"} 10',
          'llm_budget_refusals_total{scope="global",why="exhausted"} 1',
          "llm_budget_leases_open 0"
        ])
          assert.include(metrics, line)
        assert.match(metrics, /llm_alerts_total\{kind="budget\.share"\} [1-9]/)
        assert.match(metrics, /llm_alert_deliveries_total\{format="json",outcome="sent"\} [1-9]/)

        const events = JSON.parse(yield* got("/admin/events")).events
        assert.deepInclude(
          events.find(({ kind }: { readonly kind: string }) => kind === "budget.share"),
          {
            subject: "global day UTC"
          }
        )

        const shown = yield* command("--url", url)
        assert.strictEqual(shown.code, 0, shown.stderr)
        assert.match(
          shown.stdout,
          /^scope +window +limit +settled +reserved +left +used +tier +until +runs out +refused\n/
        )
        assert.match(shown.stdout, /^global +day +\$10\.00 +\$8\.50 +\$0\.00 +\$1\.50 +85\.0 % +economy .* 1$/m)
        assert.match(shown.stdout, /^tenant:acme +month +soft \$20\.00 +\$8\.50 /m)
        const asJson = yield* command("--url", url, "--scope", "tenant", "--json")
        assert.strictEqual(JSON.parse(asJson.stdout).budgets.length, 1)
      }).pipe(Effect.scoped),
    60_000
  )

  it.live("beyond what was held for it is told as an overrun, and what passes no level is not", () =>
    Effect.gen(function* () {
      const hook = yield* webhook()
      const { spend } = yield* start(hook.url, [policy()])
      yield* spend(0.4)
      yield* spend(2, 1)
      yield* hook.received(1)
      assert.deepInclude(JSON.parse(hook.sent[0]?.body ?? ""), { kind: "budget.overrun" })
      assert.strictEqual(hook.sent.length, 1)
    }).pipe(Effect.scoped)
  )
})

describe("a replica under whose name another one runs", () => {
  it.live(
    "says so to its balancer, its operators and its callers, and spends nothing more under a hard limit",
    () =>
      Effect.gen(function* () {
        const home = mkdtempSync(join(tmpdir(), "switchyard-same-name-"))
        yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(home, { recursive: true, force: true })))
        const hook = yield* webhook()
        const more: Partial<Settings> = {
          storage: { sqlite: join(home, "switchyard.db"), replica: "a" },
          facts: new Map([
            ["openai/dear-1", { price: { inputUsdPerMTok: 0, outputUsdPerMTok: 100 }, contextWindowTokens: 100_000 }]
          ])
        }
        const older = yield* start(hook.url, [policy()], more)
        yield* older.spend(0.5)
        assert.strictEqual(yield* older.got("/readyz"), '{"status":"ready"}')
        assert.strictEqual(JSON.parse(yield* older.got("/admin/spend")).recording, "working")
        const newer = yield* start(hook.url, [policy()], more)
        assert.match(yield* Effect.flip(older.spend(5)).pipe(Effect.map(({ why }) => why)), /superseded/)
        yield* hook.received(1)
        const told = JSON.parse(hook.sent[0]?.body ?? "")
        assert.deepInclude(told, { kind: "budget.unrecorded", subject: "a" })
        assert.deepStrictEqual(told.fields, { replica: "a", state: "superseded" })
        assert.match(told.message, /Another process runs under the replica's name 'a'/)
        assert.strictEqual(yield* older.got("/readyz"), '{"status":"superseded"}')
        assert.strictEqual(JSON.parse(yield* older.got("/admin/spend")).recording, "superseded")
        assert.include(yield* older.got("/metrics"), 'llm_budget_recording{state="superseded"} 1')
        assert.include(yield* older.got("/metrics"), 'llm_budget_refusals_total{scope="global",why="superseded"} 1')
        const asked = { model: "openai/dear-1", max_tokens: 50_000, messages: [{ role: "user", content: "Hi" }] }
        const wires: ReadonlyArray<readonly [status: number, path: string, body: object]> = [
          [503, "/v1/chat/completions", asked],
          [529, "/v1/messages", asked],
          [
            503,
            "/v1beta/models/openai%2Fdear-1:generateContent",
            { contents: [{ role: "user", parts: [{ text: "Hi" }] }], generationConfig: { maxOutputTokens: 50_000 } }
          ]
        ]
        for (const [expected, path, body] of wires) {
          const [status, text] = yield* older.posted(path, body)
          assert.strictEqual(status, expected, text)
          assert.match(text, /another one runs under its name/, path)
        }
        // the one that has the name now works, and knows what the other one may have spent
        assert.strictEqual(yield* newer.got("/readyz"), '{"status":"ready"}')
        yield* newer.spend(5)
        const [{ settledUsd }] = JSON.parse(yield* newer.got("/admin/spend")).budgets
        assert.isAtLeast(settledUsd, 5.5)
      }).pipe(Effect.scoped),
    20_000
  )
})
