import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { abstained } from "../../src/classifier/Classification.ts"
import { defaultClassifier, defaultResilience, defaultServer, type Settings } from "../../src/config/Settings.ts"
import { ownText } from "../../src/domain/ownText.ts"
import { anonymous } from "../../src/domain/RequestContext.ts"
import { makeJudgements } from "../../src/gateway/Judgements.ts"
import { makeKeptDecisions } from "../../src/gateway/KeptDecisions.ts"
import { chatRequest } from "../provider/requests.ts"

const keeping: Settings = {
  server: defaultServer,
  providers: [],
  providersOff: [],
  aliases: [],
  facts: new Map(),
  resilience: defaultResilience,
  keys: [],
  classifier: { ...defaultClassifier, keepTexts: true },
  source: "file",
  warnings: []
}

const asking = (text: string) => chatRequest({ messages: [{ role: "user", content: [{ _tag: "Text", text }] }] })

/** Bytes on the heap after everything that nobody holds is gone. */
const heldBytes = (): number => {
  setFlagsFromString("--expose-gc")
  const collect: unknown = runInNewContext("gc")
  if (typeof collect === "function") collect()
  return process.memoryUsage().heapUsed
}

describe("a task and a rating together", () => {
  for (const [task, rating, right] of [
    ["creative", "down", "creative"],
    ["general", "up", "general"]
  ] as const)
    it.effect(`say the same: ${task} and ${rating}`, () =>
      Effect.gen(function* () {
        const judgements = yield* made
        const taken = yield* judgements.feedback({ requestId: "r", task, rating }, anonymous)
        assert.deepStrictEqual(taken, { told: "general", right, counted: true })
      })
    )
  for (const [task, rating] of [
    ["creative", "up"],
    ["general", "down"]
  ] as const)
    it.effect(
      `that contradict each other (${task} and ${rating}) are refused by both names, and nothing is counted`,
      () =>
        Effect.gen(function* () {
          const judgements = yield* made
          const refused = yield* Effect.flip(judgements.feedback({ requestId: "r", task, rating }, anonymous))
          assert.strictEqual(refused.kind, "invalid")
          assert.include(refused.message, "'task'")
          assert.include(refused.message, "'rating'")
          assert.lengthOf((yield* judgements.report(false)).classes, 0)
          // and may be said again as it was meant
          const meant = { requestId: "r", task, rating: undefined }
          assert.isTrue((yield* judgements.feedback(meant, anonymous)).counted)
        })
    )
})

/** Judgements of one decision, `r`. */
const made = Effect.gen(function* () {
  const kept = makeKeptDecisions()
  kept.keep({
    requestId: "r",
    at: 0,
    caller: anonymous.name,
    asked: "auto",
    kind: "auto",
    strategy: "priority",
    byTask: {
      task: "general",
      preference: "balanced",
      from: "classifier",
      classification: abstained("unsure", false),
      unsure: false
    },
    stays: undefined,
    budget: undefined,
    weight: { inputTokens: 1, outputLimit: undefined, answers: 1 },
    mostAttempts: 6,
    hedge: false,
    considered: [],
    seen: [],
    outcome: { _tag: "Refused", status: 404, reason: "UnknownModel", message: "no", retryAfterMillis: undefined }
  })
  return yield* makeJudgements(
    kept,
    () => keeping,
    () => Effect.void
  )
})

describe("kept texts", () => {
  it.effect("take the memory of what is kept of them, however long the prompt was", () =>
    Effect.gen(function* () {
      const judgements = yield* made
      const body = JSON.stringify("words and more words ".repeat(50_000))
      const before = heldBytes()
      for (let at = 0; at < 60; at++) judgements.note(`r${at}`, asking(String(JSON.parse(body))))
      assert.isBelow(heldBytes() - before, 20_000_000, "of 63 MB of prompts")
      assert.lengthOf((yield* judgements.report(false)).proposals, 0)
    })
  )
  it.effect("are gone once nothing is to be kept", () =>
    Effect.gen(function* () {
      const judgements = yield* made
      judgements.note("r", asking("Knit me a hat"))
      yield* judgements.feedback({ requestId: "r", task: "creative", rating: undefined }, anonymous)
      assert.deepStrictEqual((yield* judgements.report(false)).proposals, [
        { text: "Knit me a hat", told: "general", right: "creative" }
      ])
      judgements.forgetTexts()
      assert.lengthOf((yield* judgements.report(false)).proposals, 0)
    })
  )
  it("are the same texts, halves of pairs included", () => {
    for (const text of ["", "plain", "ünï 👍", "half \ud83d", "\udc4d"]) assert.strictEqual(ownText(text), text)
  })
})
