/**
 * Runs cells of the fault matrix over HTTP, against whole gateways over simulated vendors, and says of each what the
 * caller got, what the vendors saw, and what of it is not as expected.
 */
import { isDeepStrictEqual } from "node:util"
import { Duration, Effect, Redacted, References } from "effect"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import { defaultResilience, type FactsOverride, type Resilience } from "../../src/config/Settings.ts"
import type { Json } from "../../src/domain/Json.ts"
import { decisions, type Decision } from "../../src/domain/ProviderError.ts"
import type { RecordedCall } from "../../src/simulator/Calls.ts"
import * as Simulator from "../../src/simulator/Simulator.ts"
import { tokensOf } from "../../src/simulator/Speech.ts"
import { ask, type Dialect, looksWhole, read, statusIn, type Told } from "../../test/e2e/asking.ts"
import { alias, specOf, start } from "../../test/e2e/harness.ts"
import { heardBySdk } from "../../test/e2e/sdkHearing.ts"
import { lawsBroken } from "../../test/e2e/streamLaws.ts"
import { type Backup, type Cell, type Group, modelOf } from "./cells.ts"
import { type Outcome, statusOf, type Wire } from "./expected.ts"

export interface Observed {
  readonly cell: Cell
  /** In few words. */
  readonly got: string
  readonly faulty: number
  readonly healthy: number
  /** Between the arrivals of one call and the next at the vendors, in milliseconds. */
  readonly gaps: ReadonlyArray<number>
  readonly millis: number
  /** What is not as expected; empty where all is. */
  readonly problems: ReadonlyArray<string>
}

/**
 * Where a fault is a silence, a limit ends it: longer than a healthy answer takes on a busy machine, and shorter than the
 * delay of the fault `slow-first-token`.
 */
const silenceLimit = Duration.millis(2500)
/** What no cell of a group waits for is far away, so that a busy machine cannot make a time-out of an answer. */
const farLimit = Duration.seconds(20)
/** A limit counts from before a call is sent, so that from its arrival on less is left of it. */
const leastSilence = Duration.toMillis(silenceLimit) / 2
const retryAfterLimit = Duration.millis(1500)
const resilienceOf = ({ cells, onMidStreamFailure }: Group): Partial<Resilience> => {
  const limit = (delivery: Cell["delivery"], is: "failure" | "cut") =>
    cells.some(
      ({ delivery: asked, outcome }) => asked === delivery && outcome.is === is && outcome.reason === "Timeout"
    )
      ? silenceLimit
      : farLimit
  return {
    limits: {
      ...defaultResilience.limits,
      firstEvent: limit("live", "failure"),
      idle: limit("live", "cut"),
      unary: limit("whole", "failure")
    },
    retryAfterLimit,
    probes: { ...defaultResilience.probes, enabled: false },
    onMidStreamFailure
  }
}
/** Beyond what a cell has to wait, it may take as long as a machine is slow. */
const patienceMillis = 10_000
/** Clocks tell whole milliseconds, and timers may run out just before one. */
const clockSlack = 3

const faultyModel = (wire: Wire): string => `${modelOf[wire]}-faulty`
const faultyId = ({ number, wire }: Cell): string => `${wire}-${number}`
const backupId = ({ wire }: Backup): string => `healthy-${wire}`
const backupModel = ({ fault, model }: Backup): string => (fault === undefined ? model : `${model}--${fault}`)
const backupName = (backup: Backup): string => `${backupId(backup)}/${backupModel(backup)}`
const keyOf = (id: string): string => `key-of-${id}`

/** Known by these words in every call's body. */
const mark = ({ number }: Cell): string => `I am cell ${number}.`

const dictated = (cell: Cell): string =>
  `${mark(cell)} The quick brown fox jumps over the lazy dog; then, at 7:45, it sleeps: "zzz". Nobody in the whole ` +
  "village has ever seen such a thing, or so they say whenever somebody asks."

const promptOf = (cell: Cell): string =>
  cell.onMidStreamFailure === "resume" ? `Repeat after me: ${dictated(cell)}` : `${mark(cell)} 20 words`

/** What the imaginary model says to a cell's prompt in its `call`th call. */
const fullText = (cell: Cell, vendor: string, model: string, call: number): string =>
  cell.onMidStreamFailure === "resume"
    ? dictated(cell)
    : `This is ${vendor}'s ${model}, call ${call}. You said: "${promptOf(cell)}" ` +
      Array.from({ length: 20 }, (_, index) => `word${index + 1}`).join(" ")

const specsOf = ({ cells, wire }: Group, simulator: Simulator.SimulatorShape): ReadonlyArray<ProviderSpec> => {
  const named = (id: string, vendor: Wire): ProviderSpec => ({
    ...specOf(vendor, simulator.baseUrl(vendor)),
    id,
    apiKeys: [Redacted.make(keyOf(id))]
  })
  const standing = new Map(
    cells.flatMap(({ backup }) => (backup === undefined ? [] : [[backupId(backup), backup.wire] as const]))
  )
  return [
    ...cells.map((cell) => named(faultyId(cell), wire)),
    ...[...standing].map(([id, vendor]) => named(id, vendor))
  ]
}

/** The window of the one who stands by is the larger one. */
const factsOf = ({ cells, onMidStreamFailure, wire }: Group): ReadonlyMap<string, FactsOverride> => {
  const facts = new Map<string, FactsOverride>()
  if (onMidStreamFailure === "resume") return facts
  for (const cell of cells) {
    facts.set(`${faultyId(cell)}/${faultyModel(wire)}`, { contextWindowTokens: 100_000 })
    if (cell.backup !== undefined) facts.set(backupName(cell.backup), { contextWindowTokens: 900_000 })
  }
  return facts
}

/** Runs the cells of a group, all at once, over a gateway of their own. */
export const runGroup = (group: Group): Effect.Effect<ReadonlyArray<Observed>> =>
  Effect.gen(function* () {
    const { cells, entry, wire } = group
    const simulator = yield* Simulator.make()
    const { url } = yield* start({
      vendors: [],
      // a stream's status is told when its first words or its failure are there, however long that takes
      server: { patience: Duration.minutes(1) },
      resilience: resilienceOf(group),
      settings: {
        providers: specsOf(group, simulator),
        facts: factsOf(group),
        aliases: cells.flatMap((cell) =>
          cell.backup === undefined
            ? []
            : [alias(`pair-${cell.number}`, `${faultyId(cell)}/${faultyModel(wire)}`, backupName(cell.backup))]
        )
      }
    })
    yield* simulator.setFault({ ...entry.parameters, fault: entry.fault, vendor: wire, model: faultyModel(wire) })
    return yield* Effect.forEach(cells, (cell) => runCell(cell, url, simulator), { concurrency: "unbounded" })
  }).pipe(Effect.scoped, Effect.orDie, Effect.provideService(References.MinimumLogLevel, "None"))

const credentialOf = ({ headers }: RecordedCall): string =>
  (headers["authorization"] ?? headers["x-api-key"] ?? headers["x-goog-api-key"] ?? "").replace("Bearer ", "")

const runCell = Effect.fnUntraced(function* (cell: Cell, url: string, simulator: Simulator.SimulatorShape) {
  const { backup, delivery, dialect, framing, wire } = cell
  const began = performance.now()
  const question = {
    dialect,
    delivery,
    framing,
    model: backup === undefined ? `${faultyId(cell)}/${faultyModel(wire)}` : `pair-${cell.number}`,
    prompt: promptOf(cell),
    ...(dialect === "openai" && delivery === "live" ? { fields: { stream_options: { include_usage: true } } } : {})
  }
  const told = yield* ask(url, question)
  const millis = Math.round(performance.now() - began)
  const isMine = ({ body }: RecordedCall) => JSON.stringify(body).includes(mark(cell))
  // what was answered is known to have ended a moment later than its last byte was read
  for (const { number } of (yield* simulator.calls).filter(isMine))
    yield* simulator.untilCall((call) => call.number === number && call.endedAtMillis !== undefined)
  const calls = (yield* simulator.calls).filter(isMine)
  const by = (id: string) => calls.filter((call) => credentialOf(call) === keyOf(id))
  const faulty = by(faultyId(cell))
  const healthy = backup === undefined ? [] : by(backupId(backup))
  const seen: Seen = { told, faulty, healthy, gaps: gapsOf(calls), faultyGaps: gapsOf(faulty), millis }
  return {
    cell,
    got: gotOf(cell, told),
    faulty: faulty.length,
    healthy: healthy.length,
    gaps: seen.gaps,
    millis,
    problems: [...judge(cell, seen), ...(yield* Effect.promise(() => judgeHearing(cell, told)))]
  } satisfies Observed
})

/** Does the official client of the dialect, given the same bytes, hear the same, and is the stream in order? */
const judgeHearing = async ({ delivery, dialect, framing }: Cell, told: Told): Promise<ReadonlyArray<string>> => {
  const problems = delivery === "live" && told.status === 200 ? [...lawsBroken(dialect, told.raw)] : []
  // no client of Google's asks for an array
  const heard = framing === "array" ? undefined : await heardBySdk(dialect, delivery, told)
  if (heard !== undefined) {
    const fails = told.status !== 200 || told.error !== undefined
    if (fails !== (heard.error !== undefined)) problems.push(`the SDK ${heard.error ?? "hears no error"}`)
    if (told.status !== 200 && heard.status !== told.status) problems.push(`the SDK hears the status ${heard.status}`)
    if (!fails && heard.text !== told.text) problems.push(`the SDK hears ${JSON.stringify(heard.text)}`)
  }
  return problems.length === 0 ? problems : [...problems, told.raw.slice(0, 2000)]
}

const gapsOf = (calls: ReadonlyArray<RecordedCall>): ReadonlyArray<number> =>
  calls.slice(1).map(({ atMillis }, index) => atMillis - (calls[index]?.atMillis ?? 0))

interface Seen {
  readonly told: Told
  readonly faulty: ReadonlyArray<RecordedCall>
  readonly healthy: ReadonlyArray<RecordedCall>
  readonly gaps: ReadonlyArray<number>
  readonly faultyGaps: ReadonlyArray<number>
  readonly millis: number
}

const gotOf = ({ delivery }: Cell, told: Told): string => {
  const by = told.headers.get("x-switchyard-provider") ?? "nobody"
  const resumed = /^: (.*) goes on \((prefill|turn)\)/m.exec(told.raw)
  if (told.status !== 200) return `${told.status} ${String(told.error?.["code"] ?? told.error?.["type"])}`
  const joined = resumed === null ? "" : `, joined by ${resumed[2]}`
  if (told.error !== undefined) return `200 of ${by}${joined}, then ${String(told.error["type"])}`
  if (looksWhole(delivery, told)) return `200 of ${by}${joined}, whole`
  return `200 of ${by}${joined}, ${told.finish ?? "unfinished"}`
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
      return typeof outcome.wait === "number" && outcome.wait <= Duration.toMillis(retryAfterLimit) ? 2 : 1
    default:
      return 2
  }
}

/** The least that lies between two calls at the faulty vendor, in milliseconds. */
const leastGap = (outcome: Outcome): number => {
  if (outcome.is !== "failure") return 0
  switch (decisions[outcome.reason].retry) {
    case "no":
      return 0
    case "ifAlone":
      return leastSilence
    case "afterDelay":
      return typeof outcome.wait === "number" && outcome.coarse !== true ? outcome.wait : 0
    case "backoff":
      return 160
    case "atOnce":
      return 40
  }
}

/** Here the one who stands by has the larger window, and can do everything. */
const fallsBack = ({ fallback }: Decision): boolean =>
  fallback === "yes" || fallback === "capable" || fallback === "largerWindow"

/** The dialects' words for an answer that was refused or filtered. */
const refusedWords: ReadonlySet<string> = new Set(["content_filter", "refusal", "SAFETY", "PROHIBITED_CONTENT"])

/** The vendor wire whose own words a caller of the dialect understands. */
const wireOf: { readonly [D in Dialect]: Wire } = {
  openai: "openai",
  responses: "openai",
  anthropic: "anthropic",
  gemini: "gemini"
}

const judge = (cell: Cell, seen: Seen): ReadonlyArray<string> => {
  const { backup, delivery, dialect, outcome, wire } = cell
  const { told } = seen
  const problems: Array<string> = []
  const holds = (condition: boolean, what: string): void => {
    if (!condition) problems.push(what)
  }
  const same = <A>(found: A, wished: A, what: string): void =>
    holds(isDeepStrictEqual(found, wished), `${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wished)}`)
  const served = (by: string, attempts: number, fallback: string | null): void => {
    same(told.headers.get("x-switchyard-provider"), by, "x-switchyard-provider")
    same(told.headers.get("x-switchyard-attempts"), String(attempts), "x-switchyard-attempts")
    same(told.headers.get("x-switchyard-fallback"), fallback, "x-switchyard-fallback")
  }
  const asked = (faulty: number, healthy: number): void => {
    same(seen.faulty.length, faulty, "the number of calls at the faulty vendor")
    same(seen.healthy.length, healthy, "the number of calls at the healthy vendor")
  }
  const whole = (calls: ReadonlyArray<RecordedCall>, vendor: string, model: string): void => {
    const last = calls.at(-1)
    same(told.text, fullText(cell, vendor, model, last?.number ?? 0), "the text")
    holds(looksWhole(delivery, told), "it does not look whole")
  }
  const waited = (tries: number, leasts: number): void => {
    for (const gap of seen.faultyGaps)
      holds(gap >= leasts - clockSlack, `asked again after ${gap} ms, which should be ${leasts} at least`)
    holds(
      seen.millis <= tries * (leasts + Duration.toMillis(silenceLimit)) + patienceMillis,
      `it took ${seen.millis} ms`
    )
  }
  same(told.headers.get("x-request-id")?.startsWith("req_"), true, "x-request-id")

  switch (outcome.is) {
    case "answer": {
      asked(1, 0)
      same(told.status, 200, "the status")
      same(told.error, undefined, "the error")
      served(faultyId(cell), 1, null)
      if (outcome.of === "all") {
        whole(seen.faulty, wire, faultyModel(wire))
        same(seen.faulty.at(-1)?.aborted, false, "aborted")
      } else {
        // OpenAI's wires tell a refusal by its field, every other by the reason for the end
        holds(told.refusal !== "" || refusedWords.has(told.finish ?? ""), "it does not look refused")
        if (delivery === "live") same(told.marker, true, "the end marker")
      }
      break
    }
    case "cut": {
      same(told.status, 200, "the status")
      served(faultyId(cell), 1, null)
      const others =
        cell.onMidStreamFailure === "error" || backup === undefined ? 0 : backup.fault === "prefill-refused" ? 2 : 1
      asked(1, others)
      if (others > 0 && backup !== undefined && cell.joins) {
        same(told.text, dictated(cell), "the text")
        holds(looksWhole(delivery, told), "it does not look whole")
        same(told.error, undefined, "the error")
        judgeJoint(cell, backup, seen, holds)
      } else {
        const text = fullText(cell, wire, faultyModel(wire), seen.faulty[0]?.number ?? 0)
        holds(told.text !== "" && text.startsWith(told.text), "the text is no part of the answer")
        same(told.marker, false, "the end marker")
        same(typeof told.error?.["message"], "string", "the in-band error's message")
        holds(!looksWhole(delivery, told), "it looks whole")
      }
      break
    }
    case "failure": {
      const { mayBeStale, reason, wait } = outcome
      const decision = decisions[reason]
      const wished = callsOf(outcome, backup === undefined)
      // a connection that carried an earlier call and breaks before any answer is taken for stale: up to three retries
      const tries = mayBeStale === true ? Math.min(Math.max(seen.faulty.length, wished), 4) : wished
      waited(tries, leastGap(outcome))
      if (backup !== undefined && fallsBack(decision)) {
        asked(tries, 1)
        same(told.status, 200, "the status")
        served(backupId(backup), tries + 1, reason)
        whole(seen.healthy, backup.wire, backup.model)
        const first = seen.healthy[0]?.atMillis ?? 0
        const least = decision.retry === "ifAlone" ? leastSilence : 0
        holds(first - (seen.faulty[0]?.atMillis ?? 0) >= least - clockSlack, "the other was asked too soon")
        break
      }
      asked(tries, 0)
      // a failure that is about the request is told in the vendor's own words, its status included, to callers of its dialect
      const isVendors = wireOf[dialect] === wire && told.error !== undefined && reason === "ModelUnavailable"
      same(told.status, isVendors ? seen.faulty[0]?.status : statusIn(dialect, statusOf[reason]), "the status")
      same(told.headers.get("content-type"), "application/json", "content-type")
      same(told.headers.get("x-switchyard-attempts"), String(tries), "x-switchyard-attempts")
      same(told.headers.get("x-should-retry"), decision.callerMayRetry ? null : "false", "x-should-retry")
      if (typeof wait === "number") {
        const given = Number(told.headers.get("retry-after") ?? "NaN")
        holds(given <= Math.ceil(wait / 1000), `retry-after is ${given}`)
      }
      if (dialect === "gemini") {
        same(told.error?.["code"], told.status, "the error's code")
        holds(typeof told.error?.["status"] === "string", "no error status")
      } else
        holds(told.error?.["code"] === "content_filter" || typeof told.error?.["type"] === "string", "no error type")
      same(typeof told.error?.["message"], "string", "the error's message")
      same(told.text, "", "the text")
    }
  }
  return problems.length === 0 ? problems : [...problems, told.raw.slice(0, 500)]
}

/** The place where two parts of an answer were joined, and the usage of both. */
const judgeJoint = (
  cell: Cell,
  backup: Backup,
  { healthy, told }: Seen,
  holds: (condition: boolean, what: string) => void
): void => {
  const { dialect, outcome, wire } = cell
  const reason = outcome.is === "cut" ? outcome.reason : ""
  const by = backup.fault === "prefill-refused" ? "turn" : backup.goesOnBy
  const joint = `${backupName(backup)} goes on (${by}) after ${faultyId(cell)}/${faultyModel(wire)} broke off (${reason})`
  const at = told.raw.indexOf(`: ${joint}\n`)
  // Google's clients take a comment for a broken chunk: to its callers the joint cannot be told
  holds(at >= 0 !== (dialect === "gemini"), `it does not say that ${joint}`)
  if (at < 0 && dialect !== "gemini") return
  const before =
    at < 0
      ? givenToGoOn(dictated(cell), healthy.at(-1)?.body ?? null)
      : read(dialect, new Response(null, { headers: told.headers }), told.raw.slice(0, at)).text
  // what was shown by a stream that was cut counts four characters a token
  const cut = Math.ceil(before.length / 4)
  const rest = tokensOf(dictated(cell).slice(before.length)).length
  const used = lastCount(told.raw, countOf[dialect])
  const repeated = backup.fault === "restarts" || backup.fault === "overlaps"
  const isExact = wire === "openai" && !repeated
  // white space at the joint may make one token more or less
  holds(
    used >= cut + rest - 1 && (!isExact || used <= cut + rest + 1),
    `it used ${used} tokens, not ${cut} and ${rest}`
  )
}

/** What of the text stands in the body by which another was asked to go on. */
const givenToGoOn = (text: string, body: Json): string => {
  if (typeof body === "string") return body !== "" && text.startsWith(body) ? body : ""
  if (typeof body !== "object" || body === null) return ""
  return Object.values(body)
    .map((inner) => givenToGoOn(text, inner))
    .reduce((longest, found) => (found.length > longest.length ? found : longest), "")
}

/** What each dialect calls the tokens of an answer. */
const countOf: { readonly [D in Dialect]: string } = {
  openai: "completion_tokens",
  anthropic: "output_tokens",
  responses: "output_tokens",
  gemini: "candidatesTokenCount"
}

const lastCount = (raw: string, name: string): number => {
  const [found] = [...raw.matchAll(new RegExp(`"${name}": ?(\\d+)`, "g"))].slice(-1)
  return Number(found?.[1] ?? Number.NaN)
}
