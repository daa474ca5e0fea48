/**
 * A ban in the midst of streams: many are in flight when their provider begins to turn every new call away, and then
 * cuts all that run. What has to be true of it, and a run over HTTP.
 */
import { Effect, References } from "effect"
import {
  ask,
  type Delivery,
  deliveries,
  type Dialect,
  dialects,
  looksWhole,
  read,
  send,
  type Told
} from "../../test/e2e/asking.ts"
import { alias } from "../../test/e2e/harness.ts"
import { startSite } from "./site.ts"

export interface BanOptions {
  /** Streams in flight when the ban comes. */
  readonly streams: number
  /** New requests afterwards. */
  readonly news: number
  /** Between two tokens. */
  readonly paceMillis: number
}

export interface SeenBan {
  readonly cut: number
  readonly byPrefill: number
  readonly byTurn: number
  readonly inBandErrors: number
  /** Ended before the cut. */
  readonly untouched: number
  readonly news: number
  readonly newsAnswered: number
  /** Calls that the banned account was asked after the first ban answer had been read. */
  readonly afterBan: number
  readonly problems: ReadonlyArray<string>
}

const asked: ReadonlyArray<{ readonly model: string; readonly by: "prefill" | "turn" | "nobody" }> = [
  { model: "by-prefill", by: "prefill" },
  { model: "by-turn", by: "turn" },
  { model: "by-prefill", by: "prefill" },
  { model: "by-turn", by: "turn" },
  { model: "openai/gpt-5.2", by: "nobody" }
]

const textOf = (number: number): string =>
  `Stream ${number} says: ${Array.from({ length: 60 }, (_, index) => `${number + index}-${index};`).join(" ")}\nIt ends.`

interface Streaming {
  readonly number: number
  readonly dialect: Dialect
  readonly by: (typeof asked)[number]["by"]
  /** Some of the text has come. */
  readonly begun: Promise<void>
  readonly told: Promise<Told>
}

/** Asks for a stream and reads it; `begun` when its first text has come. */
const begin = (url: string, number: number): Streaming => {
  const { by, model } = asked[number % asked.length] ?? { by: "nobody", model: "openai/gpt-5.2" }
  const dialect = dialects[(number >> 1) % dialects.length] ?? "openai"
  let isBegun = (): void => {}
  const begun = new Promise<void>((resolve) => (isBegun = resolve))
  const told = (async () => {
    const response = await send(url, {
      dialect,
      delivery: "live",
      model,
      prompt: `Repeat after me: ${textOf(number)}`
    })
    const decoder = new TextDecoder()
    let raw = ""
    for await (const bytes of response.body ?? []) {
      raw += decoder.decode(bytes, { stream: true })
      if (raw.includes(" says:")) isBegun()
    }
    isBegun()
    return read(dialect, response, raw)
  })()
  return { number, dialect, by, begun, told }
}

/** Plays the ban. */
export const playBan = ({ news, paceMillis, streams }: BanOptions): Effect.Effect<SeenBan> =>
  Effect.gen(function* () {
    const { simulator, url } = yield* startSite({
      vendors: ["openai", "anthropic", "gemini"],
      aliases: [
        alias("by-prefill", "openai/gpt-5.2", "anthropic/claude-haiku-4-5"),
        alias("by-turn", "openai/gpt-5.2", "gemini/gemini-3.5-flash")
      ],
      simulator: { paceMillis }
    })
    const problems: Array<string> = []
    const running = Array.from({ length: streams }, (_, number) => begin(url, number))
    yield* Effect.promise(() => Promise.all(running.map(({ begun }) => begun)))

    yield* simulator.setFault({ fault: "banned", vendor: "openai" })
    const fresh = (number: number, delivery: Delivery) =>
      ask(url, {
        dialect: dialects[number % dialects.length] ?? "openai",
        delivery,
        model: number % 2 === 0 ? "by-prefill" : "by-turn",
        prompt: `Repeat after me: new ${number}`
      })
    const isAnswered = (told: Told, number: number, delivery: Delivery) =>
      looksWhole(delivery, told) && told.text === `new ${number}`
    let newsAnswered = 0
    const first = yield* fresh(0, "whole")
    if (isAnswered(first, 0, "whole")) newsAnswered++
    else problems.push(`the first to meet the ban was not answered: ${first.raw.slice(0, 200)}`)
    const reached = (yield* simulator.calls).filter(({ vendor }) => vendor === "openai").length

    const cut = yield* simulator.cut("openai")
    const told = yield* Effect.promise(() => Promise.all(running.map((one) => one.told)))
    let [byPrefill, byTurn, inBandErrors, untouched] = [0, 0, 0, 0]
    for (const [index, one] of told.entries()) {
      const stream = running[index]
      if (stream === undefined) continue
      const wished = textOf(stream.number)
      const how = /^: .* goes on \((prefill|turn)\)/m.exec(one.raw)?.[1]
      const isWhole = looksWhole("live", one)
      if (isWhole && one.text !== wished) problems.push(`stream ${stream.number} ends as if whole: ${one.text}`)
      if (!isWhole && (one.error === undefined || one.marker || !wished.startsWith(one.text)))
        problems.push(`stream ${stream.number} neither is whole nor ends in an error: ${one.raw.slice(-200)}`)
      if (!isWhole && stream.by !== "nobody") problems.push(`stream ${stream.number} was not completed`)
      if (how !== undefined && how !== stream.by) problems.push(`stream ${stream.number} was completed by ${how}`)
      if (!isWhole) inBandErrors++
      else if (how === "prefill") byPrefill++
      else if (how === "turn") byTurn++
      else untouched++
    }

    const numbers = Array.from({ length: news - 1 }, (_, index) => index + 1)
    const answers = yield* Effect.forEach(
      numbers,
      (number) => {
        const delivery = deliveries[(number >> 1) % 2] ?? "whole"
        return Effect.map(fresh(number, delivery), (one) => isAnswered(one, number, delivery))
      },
      { concurrency: 20 }
    )
    newsAnswered += answers.filter((isOne) => isOne).length
    if (newsAnswered !== news) problems.push(`${news - newsAnswered} new requests were not answered`)
    const afterBan = (yield* simulator.calls).filter(({ vendor }) => vendor === "openai").length - reached
    if (afterBan > 0) problems.push(`the banned account was asked ${afterBan} times after its ban was known`)
    return { cut, byPrefill, byTurn, inBandErrors, untouched, news, newsAnswered, afterBan, problems }
  }).pipe(Effect.scoped, Effect.orDie, Effect.provideService(References.MinimumLogLevel, "None"))

/** The ban among 200 streams, printed; gives whether all was as it should be. */
export const runBan: Effect.Effect<boolean> = Effect.gen(function* () {
  const options: BanOptions = { streams: 200, news: 100, paceMillis: 50 }
  console.log(`${options.streams} streams in flight at openai; it bans the account, then cuts them all`)
  const { problems, ...seen } = yield* playBan(options)
  console.log(`cut: ${seen.cut}; completed by prefill: ${seen.byPrefill}, by a further turn: ${seen.byTurn}`)
  console.log(`ended in an in-band error (nobody else to ask): ${seen.inBandErrors}; ended before: ${seen.untouched}`)
  console.log(`new requests: ${seen.news}, answered: ${seen.newsAnswered}`)
  console.log(`calls at the banned account after the first ban answer was read: ${seen.afterBan}`)
  for (const problem of problems) console.log(problem)
  console.log(`\n${problems.length} not as expected`)
  return problems.length === 0
})
