/**
 * Models asked for by task, over HTTP in every dialect, with each of the classifiers and with ones that fail.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, References, type Scope } from "effect"
import { type ClassifierSettings, defaultClassifier } from "../../src/config/Settings.ts"
import { deliveries, dialects, ask, type Delivery, type Dialect, looksWhole } from "./asking.ts"
import { start } from "./harness.ts"

const live = (name: string, test: () => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(test()).pipe(Effect.provideService(References.MinimumLogLevel, "None")))

const question = (prompt: string, dialect: Dialect = "openai", delivery: Delivery = "whole", model = "auto") => ({
  dialect,
  delivery,
  model,
  prompt
})
const code = "Write a Rust function that parses an ISO 8601 date without any crate."
const talk = "hey, how was your weekend? mine was lovely"

const withClassifier = (classifier: Partial<ClassifierSettings>) =>
  start({ settings: { classifier: { ...defaultClassifier, ...classifier } } })

describe("a model asked for by task", () => {
  for (const dialect of dialects)
    for (const delivery of deliveries)
      live(`suits what is asked, and the answer says for what it was chosen (${dialect}, ${delivery})`, () =>
        Effect.gen(function* () {
          const { url } = yield* start()
          for (const [prompt, task] of [
            [code, "coding"],
            [talk, "chat"]
          ] as const) {
            const told = yield* ask(url, question(prompt, dialect, delivery))
            assert.isTrue(looksWhole(delivery, told), told.raw)
            assert.strictEqual(told.headers.get("x-switchyard-task"), task)
          }
        })
      )

  live("is listed, with each of its preferences", () =>
    Effect.gen(function* () {
      const { url } = yield* start()
      const listed = yield* Effect.promise(() => fetch(`${url}/v1/models`).then((response) => response.text()))
      for (const name of ["auto", "auto:quality", "auto:balanced", "auto:cost", "auto:speed"])
        assert.include(listed, `"id":"${name}"`)
    })
  )

  for (const by of ["keyword", "embedding", "llm", "cascade"] as const)
    live(`is chosen by ${by} where the settings say so`, () =>
      Effect.gen(function* () {
        const model = by === "embedding" ? "openai/text-embedding-3-small" : "openai/gpt-5-mini"
        const { url } = yield* withClassifier({ by, model: by === "keyword" ? undefined : model })
        const told = yield* ask(url, question(code))
        assert.isTrue(looksWhole("whole", told), told.raw)
        assert.isNotNull(told.headers.get("x-switchyard-task"))
      })
    )

  live("is chosen by the model that judges whatever names a key allows, and however little a request may cost", () =>
    Effect.gen(function* () {
      const classifier: ClassifierSettings = { ...defaultClassifier, by: "llm", model: "gemini/gemini-3.5-flash-lite" }
      const mine = {
        name: "mine",
        key: Redacted.make("key-of-mine"),
        tenant: undefined,
        priority: "normal",
        allow: ["auto"]
      } as const
      const { simulator, url } = yield* start({ settings: { classifier, keys: [mine] } })
      const headers = {
        authorization: "Bearer key-of-mine",
        "x-switchyard-max-cost-usd": "0.2",
        "x-switchyard-strict": "true"
      }
      const told = yield* ask(url, { ...question(code), headers })
      assert.strictEqual(told.status, 200, told.raw)
      assert.lengthOf(
        (yield* simulator.calls).filter(({ vendor }) => vendor === "gemini"),
        1
      )
    })
  )

  for (const fault of ["banned", "silence", "html"])
    live(`is chosen all the same where the model that judges is met by ${fault}`, () =>
      Effect.gen(function* () {
        const { simulator, url } = yield* withClassifier({ by: "llm", model: `gemini/gemini-3.5-flash-lite--${fault}` })
        yield* simulator.clearCalls
        const told = yield* ask(url, question(code))
        assert.isTrue(looksWhole("whole", told), told.raw)
        assert.strictEqual(told.headers.get("x-switchyard-task"), "coding")
        const judged = (yield* simulator.calls).filter(({ vendor }) => vendor === "gemini")
        assert.isAtLeast(judged.length, 1, "the model that judges was asked")
      })
    )
})
