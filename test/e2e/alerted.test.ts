/**
 * From a chat to an alert: what real requests spend is heard by webhooks, and shown by the admin API and the command.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, References } from "effect"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { policyOf } from "../../src/config/budgets.ts"
import type { Settings } from "../../src/config/Settings.ts"
import { defaultLevels } from "../../src/domain/Alert.ts"
import { webhook } from "../observability/alerting.ts"
import { ask } from "./asking.ts"
import { start } from "./harness.ts"

const adminKey = "the-admin-key-of-this-test"
const model = "openai/dear-1"
const limitUsd = 1
/** A token written costs a cent, one read nothing. */
const facts: Settings["facts"] = new Map([
  [model, { price: { inputUsdPerMTok: 0, outputUsdPerMTok: 10_000 }, contextWindowTokens: 100_000 }]
])

/** Runs `switchyard spend` to its end; its output. */
const spend = (url: string, ...more: ReadonlyArray<string>) =>
  Effect.callback<string>((resume) => {
    execFile(
      process.execPath,
      ["src/main.ts", "spend", "--url", url, ...more],
      {
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
        env: { PATH: process.env["PATH"] ?? "", SWITCHYARD_ADMIN_KEY: adminKey }
      },
      (error, stdout, stderr) => resume(Effect.succeed(error === null ? stdout : stderr))
    )
  })

describe("chats that use up a share of a budget", () => {
  it.live(
    "are heard of once by every webhook, in its own shape, and shown to operators to the nano-dollar",
    () =>
      Effect.gen(function* () {
        const plain = yield* webhook()
        const slack = yield* webhook()
        const levels = { ...defaultLevels, shares: [0.3, 0.6] }
        const { url } = yield* start({
          vendors: ["openai"],
          server: { adminKey: Redacted.make(adminKey) },
          settings: {
            facts,
            budgets: [policyOf("global", { window: "month", limitUsd, reserve: 0 })],
            alerts: [
              { ...levels, url: Redacted.make(plain.url), format: "json", only: ["budget.share"] },
              { ...levels, url: Redacted.make(slack.url), format: "slack", only: ["budget.share"] }
            ]
          }
        })
        let billed = 0
        const chat = Effect.gen(function* () {
          const told = yield* ask(url, {
            dialect: "openai",
            delivery: "whole",
            model,
            prompt: "Say hello",
            fields: { max_completion_tokens: 20 }
          })
          assert.strictEqual(told.status, 200, told.raw)
          billed += Number(told.headers.get("x-switchyard-cost-usd"))
        })
        const chatsUpTo = (usd: number) => Effect.repeat(chat, { until: () => billed >= usd })
        yield* chatsUpTo(0.3 * limitUsd)
        yield* Effect.all([plain.received(1), slack.received(1)])
        const first = JSON.parse(plain.sent[0]?.body ?? "")
        assert.deepInclude(first, { kind: "budget.share", subject: "global month UTC", level: 0.3 })
        assert.closeTo(first.fields.spentUsd, billed, 1e-9)
        assert.strictEqual(first.fields.limitUsd, limitUsd)
        const words = JSON.parse(slack.sent[0]?.body ?? "")
        assert.deepInclude(words, { unfurl_links: false, unfurl_media: false })
        assert.include(words.text, `${Math.round(billed * 100)} % of the month's budget of global is used`)
        for (const { sent } of [plain, slack]) {
          assert.match(sent[0]?.headers["content-type"] ?? "", /^application\/json/)
          // a budget tells of money, not of what it was spent on
          assert.notInclude(sent[0]?.body ?? "", "Say hello")
        }

        yield* chatsUpTo(0.6 * limitUsd)
        yield* Effect.all([plain.received(2), slack.received(2)])
        assert.deepInclude(JSON.parse(plain.sent[1]?.body ?? ""), { kind: "budget.share", level: 0.6 })
        assert.lengthOf(plain.sent, 2)
        assert.lengthOf(slack.sent, 2)

        const told = yield* Effect.promise(() =>
          fetch(`${url}/admin/spend`, { headers: { authorization: `Bearer ${adminKey}` } }).then((response) =>
            response.text()
          )
        )
        const [budget] = JSON.parse(told).budgets
        assert.deepInclude(budget, { id: "global month UTC", limitUsd, reservedUsd: 0, overUsd: 0 })
        assert.closeTo(budget.settledUsd, billed, 1e-9)
        assert.closeTo(budget.leftUsd, limitUsd - billed, 1e-9)
        const [, settled, left] =
          /^global +month +\$1\.00 +\$([\d.]+) +\$0\.00 +\$([\d.]+) /m.exec(yield* spend(url)) ?? []
        assert.closeTo(Number(settled), billed, 0.005)
        assert.closeTo(Number(left), limitUsd - billed, 0.005)
        assert.closeTo(JSON.parse(yield* spend(url, "--json")).budgets[0].settledUsd, billed, 1e-9)
      }).pipe(Effect.scoped, Effect.provideService(References.MinimumLogLevel, "None")),
    60_000
  )
})
