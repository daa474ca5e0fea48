/**
 * Every fault a vendor can have, as a caller sees it: each fault at each vendor wire, asked in each dialect, whole and
 * streamed, with and without another vendor to turn to.
 *
 * What is expected follows from one row a fault: the reason that the fault is (the failure table says the rest), or
 * that it leaves the answer whole. Where vendors are known to say it differently the row says so by wire.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, References } from "effect"
import { decisions, type Decision, type ReasonTag } from "../../src/domain/ProviderError.ts"
import { type FaultName, faultNames, type FaultParameters } from "../../src/simulator/Faults.ts"
import { defaultResilience, type FactsOverride } from "../../src/config/Settings.ts"
import { ask, type Delivery, deliveries, type Dialect, dialects, looksWhole } from "./asking.ts"
import { alias, start } from "./harness.ts"

const wires = ["openai", "anthropic", "gemini"] as const
type Wire = (typeof wires)[number]

const modelOf: { readonly [W in Wire]: string } = {
  openai: "gpt-5.2",
  anthropic: "claude-sonnet-5",
  gemini: "gemini-3.5-flash"
}
/** Who stands by. */
const healthyOf: { readonly [W in Wire]: Wire } = { openai: "anthropic", anthropic: "gemini", gemini: "openai" }

type Outcome =
  /** The vendor's answer reaches the caller. */
  | { readonly is: "answer"; readonly of: "all" | "filtered" | "refused" | "unfinished" }
  /** Nothing of an answer was seen. `wait` in milliseconds: what a rate limit asks for. */
  | { readonly is: "failure"; readonly reason: ReasonTag; readonly mayBeStale?: true; readonly wait?: number | "none" }
  /** Some of the answer was seen. */
  | { readonly is: "cut"; readonly reason: ReasonTag }

interface Row {
  readonly whole: Outcome
  readonly live: Outcome
}
type Expected = Row | { readonly [W in Wire]: Row }

const answers = (of: "all" | "filtered" | "refused" | "unfinished" = "all"): Outcome => ({ is: "answer", of })
const failure = (reason: ReasonTag, wait?: number | "none"): Outcome => ({
  is: "failure",
  reason,
  ...(wait === undefined ? {} : { wait })
})
const cut = (reason: ReasonTag): Outcome => ({ is: "cut", reason })
const both = (outcome: Outcome): Row => ({ whole: outcome, live: outcome })
const fails = (reason: ReasonTag, wait?: number | "none"): Row => both(failure(reason, wait))

const expected: { readonly [F in FaultName]: Expected } = {
  "invalid-key": fails("AuthenticationFailed"),
  banned: fails("AccessDenied"),
  deactivated: fails("AccessDenied"),
  country: fails("AccessDenied"),
  // OpenAI tells a project that may not use a model so under the code it has for models that do not exist
  forbidden: {
    openai: fails("ModelUnavailable"),
    anthropic: fails("AccessDenied"),
    gemini: fails("AccessDenied")
  },
  "rate-limit": fails("RateLimited", 1000),
  "rate-limit-millis": fails("RateLimited", 1000),
  "rate-limit-date": fails("RateLimited", 1000),
  "rate-limit-retry-info": fails("RateLimited", 1000),
  "rate-limit-bare": fails("RateLimited", "none"),
  quota: fails("QuotaExhausted"),
  "server-error": fails("ServerError"),
  // Google's status object for a 502 is the one of its 503
  "bad-gateway": { openai: fails("ServerError"), anthropic: fails("ServerError"), gemini: fails("Overloaded") },
  unavailable: fails("Overloaded"),
  "gateway-timeout": fails("ServerError"),
  overloaded: fails("Overloaded"),
  "context-length": fails("ContextLengthExceeded"),
  "content-policy": fails("ContentPolicy"),
  "unknown-model": fails("ModelUnavailable"),
  // the first two name something this model does not do; Google's sentence names nothing
  "invalid-request": {
    openai: fails("UnsupportedFeature"),
    anthropic: fails("UnsupportedFeature"),
    gemini: fails("InvalidRequest")
  },
  // nobody asks with words of the assistant's here
  "prefill-refused": both(answers()),
  reset: both({ is: "failure", reason: "Network", mayBeStale: true }),
  "reset-after-headers": fails("Network"),
  silence: fails("Timeout"),
  "slow-first-token": fails("Timeout"),
  cut: { whole: failure("Network"), live: cut("Network") },
  "clean-cut": { whole: failure("MalformedResponse"), live: cut("MalformedResponse") },
  stall: { whole: failure("Timeout"), live: cut("Timeout") },
  "damaged-event": { whole: failure("MalformedResponse"), live: cut("MalformedResponse") },
  // a whole body that is complete JSON with all of its text is an answer, told as one that is not finished
  "missing-end": { whole: answers("unfinished"), live: cut("MalformedResponse") },
  // the finish reason was seen: nothing of the answer is missing
  "no-done": both(answers()),
  empty: fails("MalformedResponse"),
  html: fails("MalformedResponse"),
  "html-bad-gateway": fails("ServerError"),
  trickle: both(answers()),
  "error-body": fails("Overloaded"),
  "error-event": fails("Overloaded"),
  "error-event-late": { whole: failure("Overloaded"), live: cut("Overloaded") },
  filtered: both(answers("filtered")),
  refusal: both(answers("refused")),
  // these differ only where something is asked for that is not asked for here
  restarts: both(answers()),
  overlaps: both(answers()),
  "off-schema": both(answers()),
  "loose-json": both(answers())
}

/** The same faults with other parameters. */
const variants: ReadonlyArray<readonly [fault: FaultName, parameters: FaultParameters, expected: Expected]> = [
  ["rate-limit", { retryAfter: 30 }, fails("RateLimited", 30_000)],
  ["rate-limit-millis", { retryAfter: 0.02 }, fails("RateLimited", 20)],
  ["rate-limit-retry-info", { retryAfter: 40 }, fails("RateLimited", 40_000)],
  ["quota", { status: 402 }, fails("QuotaExhausted")],
  ["content-policy", { code: "invalid_prompt" }, fails("ContentPolicy")],
  ["content-policy", { code: "content_policy_violation" }, fails("ContentPolicy")],
  ["slow-first-token", { delayMillis: 20 }, both(answers())],
  // only OpenAI's sentence says when to come back
  [
    "error-body",
    { status: 429 },
    {
      openai: fails("RateLimited", 1000),
      anthropic: fails("RateLimited", "none"),
      gemini: fails("RateLimited", "none")
    }
  ],
  ["error-body", { status: 500 }, fails("ServerError")],
  ["error-event", { status: 500 }, fails("ServerError")],
  ["error-event-late", { status: 500 }, { whole: failure("ServerError"), live: cut("ServerError") }],
  ["cut", { afterChunks: 0 }, fails("Network")],
  ["cut", { afterChunks: 1 }, { whole: failure("Network"), live: cut("Network") }],
  ["clean-cut", { afterChunks: 0 }, fails("MalformedResponse")],
  ["stall", { afterChunks: 0 }, fails("Timeout")],
  ["damaged-event", { afterChunks: 0 }, fails("MalformedResponse")]
]

const rowOf = (entry: Expected, wire: Wire): Row => ("whole" in entry ? entry : entry[wire])

/** Longer than a healthy answer takes on a busy machine. */
const limit = Duration.millis(900)
const resilience = {
  // what becomes of a stream that breaks and may be completed is another test's
  onMidStreamFailure: "error" as const,
  limits: { ...defaultResilience.limits, firstEvent: limit, idle: limit, unary: limit },
  retryAfterLimit: Duration.millis(1500)
}

/** How often the faulty vendor is asked. */
const callsOf = (outcome: Outcome, alone: boolean): number => {
  if (outcome.is !== "failure") return 1
  switch (decisions[outcome.reason].retry) {
    case "no":
      return 1
    case "ifAlone":
      return alone ? 2 : 1
    case "afterDelay":
      // without a word from the vendor two seconds are waited, which is over this gateway's limit
      return typeof outcome.wait === "number" && outcome.wait <= Duration.toMillis(resilience.retryAfterLimit) ? 2 : 1
    default:
      return 2
  }
}

/** Here the one who stands by has the larger window, and can do everything. */
const fallsBack = ({ fallback }: Decision): boolean =>
  fallback === "yes" || fallback === "capable" || fallback === "largerWindow"

/** The HTTP status of a failure that nobody made good, by dialect. */
const statusOf: { readonly [T in ReasonTag]: { readonly [D in Dialect]: number } } = {
  RateLimited: { openai: 429, anthropic: 429 },
  QuotaExhausted: { openai: 502, anthropic: 500 },
  AuthenticationFailed: { openai: 502, anthropic: 500 },
  AccessDenied: { openai: 502, anthropic: 500 },
  Overloaded: { openai: 503, anthropic: 529 },
  ServerError: { openai: 502, anthropic: 500 },
  Network: { openai: 502, anthropic: 500 },
  Timeout: { openai: 504, anthropic: 504 },
  ModelUnavailable: { openai: 404, anthropic: 404 },
  ContentPolicy: { openai: 400, anthropic: 400 },
  ContextLengthExceeded: { openai: 400, anthropic: 400 },
  InvalidRequest: { openai: 400, anthropic: 400 },
  UnsupportedFeature: { openai: 400, anthropic: 400 },
  MalformedResponse: { openai: 502, anthropic: 500 }
}

interface Cell {
  readonly name: string
  readonly dialect: Dialect
  readonly delivery: Delivery
  readonly wire: Wire
  readonly alone: boolean
  readonly model: string
  readonly outcome: Outcome
  /** Stands in the prompt, so that the calls of this cell can be told from all others. */
  readonly prompt: string
}

const cellsOf = (wire: Wire, row: Row): ReadonlyArray<Cell> => {
  let count = 0
  return dialects.flatMap((dialect) =>
    deliveries.flatMap((delivery) =>
      [true, false].map((alone): Cell => {
        count += 1
        const name = `${dialect}, ${delivery}, ${alone ? "alone" : "with another"}`
        return {
          name,
          dialect,
          delivery,
          wire,
          alone,
          // a model of its own, so that no circuit or rate limit of another cell is in its way
          model: `${modelOf[wire]}-cell${count}`,
          outcome: row[delivery],
          prompt: `I am cell ${count}. 20 words`
        }
      })
    )
  )
}

/** What the imaginary model says to a cell's prompt in its `call`th call. */
const fullText = (vendor: string, model: string, call: number, prompt: string): string =>
  `This is ${vendor}'s ${model}, call ${call}. You said: "${prompt}" ` +
  Array.from({ length: 20 }, (_, index) => `word${index + 1}`).join(" ")

type Gateway = Effect.Success<ReturnType<typeof start>>

const check = Effect.fnUntraced(function* ({ simulator, url }: Gateway, cell: Cell) {
  const { alone, delivery, dialect, model, name, outcome, prompt, wire } = cell
  const healthy = healthyOf[wire]
  const told = yield* ask(url, {
    dialect,
    delivery,
    model: alone ? `${wire}/${model}` : `pair/${model}`,
    prompt
  })
  const calls = (yield* simulator.calls).filter(({ body }) => JSON.stringify(body).includes(`"${prompt}"`))
  const of = (vendor: string) => calls.filter((call) => call.vendor === vendor)
  const same = <A>(found: A, wished: A, what: string) =>
    assert.deepStrictEqual(found, wished, `${name}: ${what}: ${told.raw.slice(0, 600)}`)

  const served = (by: string, attempts: number, fallback: string | null) => {
    same(told.headers.get("x-switchyard-provider"), by, "x-switchyard-provider")
    same(told.headers.get("x-switchyard-attempts"), String(attempts), "x-switchyard-attempts")
    same(told.headers.get("x-switchyard-fallback"), fallback, "x-switchyard-fallback")
  }
  const askedOnly = (faulty: number, other: number) => {
    same(of(wire).length, faulty, "calls at the faulty vendor")
    same(of(healthy).length, other, "calls at the healthy vendor")
  }
  const wholeFrom = (vendor: Wire, baseModel: string) => {
    const last = of(vendor).at(-1)
    same(told.text, fullText(vendor, baseModel, last?.number ?? 0, prompt), "text")
    assert.isTrue(looksWhole(delivery, told), `${name}: looks whole: ${told.raw.slice(-300)}`)
    same(last?.aborted, false, "aborted")
  }
  same(told.headers.get("x-request-id")?.startsWith("req_"), true, "x-request-id")

  if (outcome.is === "answer") {
    askedOnly(1, 0)
    same(told.status, 200, "status")
    same(told.error, undefined, "error")
    served(wire, 1, null)
    if (outcome.of === "all") wholeFrom(wire, model)
    else if (outcome.of === "unfinished") assert.isFalse(looksWhole(delivery, told), `${name}: ${told.raw}`)
    else {
      // OpenAI's wire tells a refusal by its field, every other by the reason for the end
      const isRefused = told.refusal !== "" || told.finish === "content_filter" || told.finish === "refusal"
      assert.isTrue(isRefused, `${name}: refused: ${told.raw}`)
      if (delivery === "live") same(told.marker, true, "marker")
    }
    return
  }

  const { reason } = outcome
  if (outcome.is === "cut") {
    askedOnly(1, 0)
    same(told.status, 200, "status")
    served(wire, 1, null)
    const text = fullText(wire, model, of(wire)[0]?.number ?? 0, prompt)
    assert.isTrue(told.text !== "" && text.startsWith(told.text), `${name}: a part of the answer: ${told.raw}`)
    same(told.marker, false, "marker")
    assert.isString(told.error?.["message"], `${name}: in-band error: ${told.raw}`)
    assert.isFalse(looksWhole(delivery, told), name)
    return
  }

  const decision = decisions[reason]
  // a connection that carried an earlier cell's call and breaks before any answer is taken for stale: up to three retries
  const tries = outcome.mayBeStale
    ? Math.min(Math.max(of(wire).length, callsOf(outcome, alone)), 4)
    : callsOf(outcome, alone)
  if (!alone && fallsBack(decision)) {
    askedOnly(tries, 1)
    same(told.status, 200, "status")
    served(healthy, tries + 1, reason)
    wholeFrom(healthy, modelOf[healthy])
    return
  }
  askedOnly(tries, 0)
  // a failure that is about the request is told in the vendor's own words, its status included, to callers of its dialect
  const isVendors = dialect === wire && told.error !== undefined && reason === "ModelUnavailable"
  same(told.status, isVendors ? of(wire)[0]?.status : statusOf[reason][dialect], "status")
  same(told.headers.get("content-type"), "application/json", "content-type")
  same(told.headers.get("x-switchyard-attempts"), String(tries), "x-switchyard-attempts")
  same(told.headers.get("x-should-retry"), decision.callerMayRetry ? null : "false", "x-should-retry")
  if (typeof outcome.wait === "number") {
    const wait = Number(told.headers.get("retry-after") ?? "NaN")
    assert.isTrue(wait <= Math.ceil(outcome.wait / 1000), `${name}: retry-after is ${wait}`)
  }
  same(
    typeof told.error?.["type"],
    told.error?.["code"] === "content_filter" ? typeof told.error["type"] : "string",
    "type"
  )
  same(typeof told.error?.["message"], "string", "message")
  same(told.text, "", "text")
})

const testOf = (fault: FaultName, parameters: FaultParameters, entry: Expected): void => {
  const told = Object.entries(parameters).map(([name, value]) => ` (${name} ${value})`)
  for (const wire of wires) {
    it.live(`${fault}${told.join("")} at ${wire}`, () =>
      Effect.gen(function* () {
        const cells = cellsOf(wire, rowOf(entry, wire))
        const healthy = `${healthyOf[wire]}/${modelOf[healthyOf[wire]]}`
        const facts = new Map<string, FactsOverride>([[healthy, { contextWindowTokens: 900_000 }]])
        for (const { model } of cells) facts.set(`${wire}/${model}`, { contextWindowTokens: 100_000 })
        const gateway = yield* start({
          aliases: cells.map(({ model }) => alias(`pair/${model}`, `${wire}/${model}`, healthy)),
          resilience,
          settings: { facts }
        })
        yield* gateway.simulator.setFault({ ...parameters, fault, vendor: wire })
        yield* Effect.forEach(cells, (cell) => check(gateway, cell), { concurrency: "unbounded" })
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
    )
  }
}

describe.concurrent("a fault at a vendor", () => {
  for (const fault of faultNames) testOf(fault, {}, expected[fault])
  for (const [fault, parameters, entry] of variants) testOf(fault, parameters, entry)
})

it("every fault of the list has a row", () => {
  assert.deepStrictEqual(Object.keys(expected).sort(), [...faultNames].sort())
})
