import { alertBody } from "../../src/observability/AlertShape.ts"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Logger, Redacted, Scope } from "effect"
import { TestClock } from "effect/testing"
import type { AlertTarget } from "../../src/config/Settings.ts"
import { type Alert, type AlertFormat, defaultLevels } from "../../src/domain/Alert.ts"
import { Alerts, mostTries, queueCapacity } from "../../src/observability/Alerts.ts"
import { postLimitMillis } from "../../src/observability/Webhook.ts"
import { status, webhook } from "./alerting.ts"

const alert = (changes: Partial<Alert> = {}): Alert => ({
  kind: "budget.soft",
  at: 1_700_000_000_000,
  subject: "global day UTC",
  message: "the day's budget of global has reached its soft limit",
  fields: { spentUsd: 4.5 },
  ...changes
})
const share = (from: number, to: number): Alert => alert({ kind: "budget.share", passed: { from, to } })

const to = (url: string, changes: Partial<AlertTarget> & { readonly format?: AlertFormat } = {}): AlertTarget => ({
  ...defaultLevels,
  url: Redacted.make(url),
  format: "json",
  ...changes
})

/** The service, for as long as the scope. */
const start = (...targets: ReadonlyArray<AlertTarget>) =>
  Effect.map(Layer.build(Alerts.layer(targets)), (context) => Context.get(context, Alerts))

/** What is real (sockets) goes on between steps of the clock that is not. */
const realTurn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Lets time pass in small steps until it is so. */
const until = (isSo: () => boolean, step: number): Effect.Effect<void> =>
  Effect.suspend(() =>
    isSo() ? Effect.void : Effect.andThen(Effect.andThen(realTurn, TestClock.adjust(step)), until(isSo, step))
  )

describe("alerts", () => {
  it.live("are sent as JSON and in Slack's shape, with what Slack takes for itself escaped", () =>
    Effect.gen(function* () {
      const [json, slack] = [yield* webhook(), yield* webhook()]
      const scope = yield* Scope.make()
      const alerts = yield* Scope.provide(start(to(json.url), to(slack.url, { format: "slack" })), scope)
      alerts.tell(alert({ message: "a <model> & more\nthan one line" }))
      yield* json.received(1)
      yield* slack.received(1)
      assert.deepStrictEqual(JSON.parse(json.sent[0]?.body ?? ""), {
        source: "switchyard",
        kind: "budget.soft",
        at: "2023-11-14T22:13:20.000Z",
        subject: "global day UTC",
        message: "a <model> & more than one line",
        fields: { spentUsd: 4.5 }
      })
      assert.strictEqual(json.sent[0]?.headers["content-type"], "application/json")
      assert.strictEqual(json.sent[0]?.path, "/hook/secret-path?token=s3cret")
      assert.strictEqual(
        JSON.parse(slack.sent[0]?.body ?? "").text,
        "Switchyard (budget.soft): a &lt;model&gt; &amp; more than one line"
      )
      yield* Scope.close(scope, Exit.void)
    }).pipe(Effect.scoped)
  )

  it("call nobody and lead nowhere in Slack's shape, whatever stands in a name", () => {
    const message = "key:@everyone of <!channel> [pay](https://evil.example) `x` <https://a|b> &lt;@U1&gt;"
    const { mrkdwn, text } = alertBody("slack", alert({ message }), undefined)
    assert.isFalse(mrkdwn)
    assert.strictEqual(
      text,
      "Switchyard (budget.soft): key:@\u200beveryone of &lt;!channel&gt; [pay]\u200b(https:\u200b//evil.example) 'x' &lt;https:\u200b//a|b&gt; &amp;lt;@\u200bU1&amp;gt;"
    )
    // programs are told names as they are
    assert.strictEqual(alertBody("json", alert({ message }), undefined)["message"], message)
  })

  it.live("bear the name and the password that the address holds", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const hook = yield* webhook()
        const alerts = yield* start(to(hook.url.replace("http://", "http://ops:p%40ss@")))
        alerts.tell(alert())
        yield* hook.received(1)
        assert.strictEqual(hook.sent[0]?.headers.authorization, `Basic ${btoa("ops:p@ss")}`)
      })
    )
  )
  it.live("of a number go to whoever has a level that it passed, with the highest one", () =>
    Effect.gen(function* () {
      const [low, high, none] = [yield* webhook(), yield* webhook(), yield* webhook()]
      yield* Effect.gen(function* () {
        const alerts = yield* Alerts
        alerts.tell(share(0.2, 0.85))
        alerts.tell(share(0.85, 0.86))
        alerts.tell(share(0.86, 0.97))
        yield* low.received(1)
        yield* high.received(1)
      }).pipe(
        Effect.provide(
          Alerts.layer([
            to(low.url, { shares: [0.5, 0.25, 0.8] }),
            to(high.url, { shares: [0.95] }),
            to(none.url, { only: ["request.cost"], requestUsd: 1 })
          ])
        )
      )
      assert.deepStrictEqual(
        [low, high, none].map(({ sent }) => sent.map(({ body }) => JSON.parse(body).level)),
        [[0.8], [0.95], []]
      )
    }).pipe(Effect.scoped)
  )

  it.effect("are tried again, ever later, after failures that pass, and when the webhook says it may be", () =>
    Effect.gen(function* () {
      const hook = yield* webhook(status(500), status(429, { "retry-after": "90" }), status(200))
      const alerts = yield* start(to(hook.url))
      alerts.tell(alert())
      yield* hook.received(1)
      yield* until(() => hook.sent.length === 2, 100)
      const asked = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
      assert.isAtMost(asked, 5000)
      yield* until(() => hook.sent.length === 3, 1000)
      const waited = (yield* Effect.clockWith((clock) => clock.currentTimeMillis)) - asked
      assert.isAtLeast(waited, 90_000)
      yield* until(() => alerts.counts().sent === 1, 1)
      assert.deepStrictEqual(alerts.counts(), { sent: 1, failed: 0, dropped: 0, waiting: 0 })
    }).pipe(Effect.scoped)
  )

  it.effect("are given up after some tries, and at once where nothing will help: a redirect is not followed", () =>
    Effect.gen(function* () {
      const elsewhere = yield* webhook()
      const failing = yield* webhook(status(503))
      const gone = yield* webhook(status(404))
      const moved = yield* webhook(status(307, { location: elsewhere.url }))
      const lines: Array<string> = []
      const logger = Logger.make(({ message }) => void lines.push(String(message)))
      yield* Effect.gen(function* () {
        const alerts = yield* Alerts
        alerts.tell(alert())
        yield* until(() => alerts.counts().failed === 3, 2000)
      }).pipe(
        Effect.provide(Alerts.layer([to(failing.url), to(gone.url), to(moved.url)])),
        Effect.provide(Logger.layer([logger]))
      )
      assert.deepStrictEqual(
        [failing, gone, moved, elsewhere].map(({ sent }) => sent.length),
        [mostTries, 1, 1, 0]
      )
      const all = lines.join("\n")
      assert.include(all, "the alert webhook 3 (json) did not take budget.soft: it answered with a redirect")
      assert.notInclude(all, "secret")
      assert.notInclude(all, "s3cret")
      assert.notInclude(all, "127.0.0.1")
    }).pipe(Effect.scoped)
  )

  it.effect("are given up by a webhook that hangs only after a time, and wait for nobody else meanwhile", () =>
    Effect.gen(function* () {
      const hanging = yield* webhook(() => {}, status(200))
      const well = yield* webhook()
      const alerts = yield* start(to(hanging.url), to(well.url))
      alerts.tell(alert())
      alerts.tell(alert())
      yield* hanging.received(1)
      yield* well.received(2)
      assert.strictEqual(hanging.sent.length, 1)
      yield* TestClock.adjust(postLimitMillis)
      yield* until(() => alerts.counts().sent === 4, 100)
      assert.strictEqual(hanging.sent.length, 3)
    }).pipe(Effect.scoped)
  )

  it.effect("wait in a bounded queue, out of which the oldest are dropped and counted", () =>
    Effect.gen(function* () {
      const hook = yield* webhook(() => {}, status(200))
      const alerts = yield* start(to(hook.url))
      alerts.tell(alert({ subject: "first" }))
      yield* hook.received(1)
      for (let n = 0; n < queueCapacity + 7; n++) alerts.tell(alert({ subject: `number ${n}` }))
      assert.deepInclude(alerts.counts(), { dropped: 7, waiting: queueCapacity + 1 })
      yield* TestClock.adjust(postLimitMillis)
      yield* until(() => alerts.counts().sent === queueCapacity + 1, 100)
      assert.strictEqual(JSON.parse(hook.sent[2]?.body ?? "").subject, "number 7")
    }).pipe(Effect.scoped)
  )

  it.live("that wait when the gateway ends are sent on the way out", () =>
    Effect.gen(function* () {
      const hook = yield* webhook((response) => setImmediate(() => status(200)(response, 0)))
      const scope = yield* Scope.make()
      const alerts = yield* Scope.provide(start(to(hook.url)), scope)
      for (let n = 0; n < 5; n++) alerts.tell(alert())
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(hook.sent.length, 5)
    }).pipe(Effect.scoped)
  )

  it.live("of a dear model come at most once in ten seconds, and say how many were not told", () =>
    Effect.gen(function* () {
      const hook = yield* webhook()
      yield* Effect.gen(function* () {
        const alerts = yield* Alerts
        const dear = (at: number) =>
          alerts.tell(alert({ kind: "request.cost", subject: "a/m", at, fields: {}, passed: { from: 0, to: 2 } }))
        for (const at of [0, 100, 9000, 10_000]) dear(at)
        yield* hook.received(2)
      }).pipe(Effect.provide(Alerts.layer([to(hook.url, { requestUsd: 1 })])))
      assert.deepStrictEqual(
        hook.sent.map(({ body }) => JSON.parse(body).fields),
        [{}, { untoldSince: 2 }]
      )
    }).pipe(Effect.scoped)
  )

  it.live("go to other webhooks after a change, and what waited for those that are gone is let go", () =>
    Effect.gen(function* () {
      const [old, next] = [yield* webhook(), yield* webhook()]
      const alerts = yield* start(to(old.url))
      alerts.configure([to(next.url)])
      alerts.tell(alert())
      yield* next.received(1)
      assert.strictEqual(old.sent.length, 0)
    }).pipe(Effect.scoped)
  )
})
