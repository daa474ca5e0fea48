/**
 * Holds what a client gave against what the vendor was asked and said: all that has to be true of a cell.
 */
import { isDeepStrictEqual } from "node:util"
import { isJsonObject } from "../../src/domain/Json.ts"
import type { RecordedCall } from "../../src/simulator/Calls.ts"
import { tokenCount, vectorOf } from "../../src/simulator/Vectors.ts"
import { cityShape, person, question, secondQuestion, texts, tools, toolQuestion, valueQuestion } from "./asking.ts"
import type { Cell, Kind, Seen, Tokens } from "./cells.ts"
import type { Refusal } from "./expected.ts"
import { plainIn, type Said, saidIn } from "./said.ts"
import { type Target, wires } from "./wires.ts"

/** How a cell's client ended: with something seen, or with something thrown. */
export type Outcome = { readonly seen: Seen } | { readonly caught: unknown }

export interface Judged {
  readonly cell: Cell
  readonly target: Target
  readonly outcome: Outcome
  /** All that reached any vendor. */
  readonly calls: ReadonlyArray<RecordedCall>
  /** The key that the client has for the gateway. */
  readonly key: string
}

type Holds = (condition: boolean, problem: string) => void

const show = (value: unknown): string => {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value))
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

const equal = (holds: Holds, what: string, got: unknown, wanted: unknown): void =>
  holds(isDeepStrictEqual(got, wanted), `${what}: ${show(got)}, not ${show(wanted)}`)

/** How often a vendor is asked. */
const callsOf: { readonly [K in Kind]: number } = {
  words: 1,
  chat: 2,
  tools: 2,
  value: 1,
  vectors: 1,
  count: 1,
  stranger: 0,
  astray: 0
}

/** What is not as it should be; empty where all is. */
export const judge = (judged: Judged, refusal: Refusal | undefined): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const holds: Holds = (condition, problem) => {
    if (!condition) problems.push(problem)
  }
  const { calls, outcome } = judged
  if (refusal !== undefined) judgeRefusal(holds, judged, refusal)
  else if ("caught" in outcome) {
    holds(false, `threw ${show(String(outcome.caught))}`)
    for (const { body, model, status, vendor } of calls)
      if (status !== 200) holds(false, `${vendor} answered ${model} with ${status} to ${show(body)}`)
  } else judgeAnswer(holds, judged, outcome.seen)
  return problems
}

const judgeRefusal = (holds: Holds, { calls, cell, outcome }: Judged, { says, status }: Refusal): void => {
  equal(holds, "calls that reached a vendor", calls.length, 0)
  if ("seen" in outcome) return holds(false, `was answered with ${show(outcome.seen)}`)
  const failure = cell.client.failure(outcome.caught)
  holds(failure.isOwn, `threw what its programs do not catch: ${show(failure.message)}`)
  equal(holds, `status (${show(failure.message)})`, failure.status, status)
  holds(says.test(failure.message), `the message does not say ${says}: ${show(failure.message)}`)
}

const judgeAnswer = (holds: Holds, judged: Judged, seen: Seen): void => {
  const { calls, cell, key, target } = judged
  const { kind } = cell.feature
  equal(holds, "calls that reached a vendor", calls.length, callsOf[kind])
  for (const call of calls) {
    equal(holds, "the vendor that was asked", call.vendor, target.vendor)
    equal(holds, "the vendor's status", call.status, 200)
    const told = Object.values(call.headers)
    holds(
      told.some((value) => value.includes(`key-of-${target.vendor}`)),
      "the vendor's key did not reach it"
    )
    holds(!told.some((value) => value.includes(key)), "the client's key reached the vendor")
  }
  if (kind === "count") return judgeCount(holds, judged, seen)
  if (kind === "vectors") return judgeVectors(holds, judged, seen)
  const { path, spoken } = wires[cell.wire]
  const said: Array<Said> = []
  for (const call of calls) {
    equal(holds, "the model that was asked", call.model, target.model)
    holds(path.test(call.path), `the path at the vendor was ${call.path}`)
    const one = saidIn(call, spoken)
    if (one !== undefined) said.push(one)
  }
  const last = said.at(-1)
  if (last === undefined) return
  judgeEnds(holds, judged, seen)
  judgeUsage(holds, said, seen)
  if (seen.pieces !== undefined) {
    equal(holds, "pieces together", seen.pieces.join(""), seen.text)
    // Gemini says a tool's arguments in one piece
    holds(seen.pieces.length > 1 || last.tools.length > 0, `the stream came in ${seen.pieces.length} piece`)
  }
  if (kind === "value") return judgeValue(holds, last, seen)
  equal(holds, "text", seen.text, last.text)
  holds(last.text.includes(`${target.vendor}'s ${target.model}`), `somebody else spoke: ${show(last.text)}`)
  const words = last.ask.turns.map(({ role, text }) => `${role}: ${text}`)
  const asked = kind === "chat" ? secondQuestion : kind === "tools" ? toolQuestion : question
  holds(words.includes(`user: ${asked}`), `the vendor heard no "${asked}" in ${show(words)}`)
  if (kind === "chat")
    holds(words.includes(`assistant: ${said[0]?.text}`), `the vendor was not told its first answer: ${show(words)}`)
  if (kind === "tools") judgeTools(holds, said, seen)
}

const judgeEnds = (holds: Holds, { cell }: Judged, { ends = [] }: Seen): void => {
  const { stop, tools } = cell.client.ends
  const wanted = cell.feature.kind === "tools" && ends.length > 1 ? [tools, stop] : ends.map(() => stop)
  equal(holds, "why it ended", ends, wanted)
}

const judgeUsage = (holds: Holds, said: ReadonlyArray<Said>, { total, usages = [] }: Seen): void => {
  const told = said.map(({ inputTokens, outputTokens }): Tokens => ({ input: inputTokens, output: outputTokens }))
  if (usages.length > 0) equal(holds, "usage", usages, told.slice(-usages.length))
  if (total === undefined) return
  const sum = (part: keyof Tokens) => told.reduce((all, tokens) => all + (tokens[part] ?? 0), 0)
  equal(holds, "usage in all", total, { input: sum("input"), output: sum("output") })
}

const judgeValue = (holds: Holds, said: Said, { value }: Seen): void => {
  // a vendor without schemas says the value as the arguments of a tool
  const told: unknown = said.tools.length > 0 ? said.tools[0]?.input : JSON.parse(said.text)
  equal(holds, "value", value, told)
  const fits = person.safeParse(value)
  holds(fits.success, `the value does not fit: ${fits.error?.message}`)
  holds(
    said.ask.turns.some(({ text }) => text.includes(valueQuestion)),
    "the vendor did not hear the question"
  )
}

const judgeTools = (holds: Holds, said: ReadonlyArray<Said>, { calls = [] }: Seen): void => {
  const [first, last] = said
  equal(
    holds,
    "tools that the vendor called",
    first?.tools.map(({ name }) => name),
    tools.map(({ name }) => name)
  )
  equal(
    holds,
    "calls of tools",
    calls,
    first?.tools.map(({ input, name }) => ({ name, input }))
  )
  for (const { input } of calls) holds(cityShape.safeParse(input).success, `the input does not fit: ${show(input)}`)
  const given = last?.ask.turns.flatMap(({ results }) => results) ?? []
  equal(holds, "results that the vendor was told", given.length, tools.length)
  for (const [index, { gives }] of tools.entries())
    holds(given[index]?.includes(gives) === true, `result ${index + 1} at the vendor was ${show(given[index])}`)
}

const judgeCount = (holds: Holds, { calls: [call], cell }: Judged, { count }: Seen): void => {
  const told = call === undefined ? undefined : plainIn(call, wires[cell.wire].spoken)
  const wanted = isJsonObject(told) ? (told["input_tokens"] ?? told["totalTokens"]) : undefined
  equal(holds, "count", count, wanted)
  holds(typeof count === "number" && count > 0, `the vendor counted ${show(count)}`)
}

const judgeVectors = (holds: Holds, { calls, cell }: Judged, { usages, vectors }: Seen): void => {
  const model = wires[cell.wire].embedder ?? ""
  for (const call of calls) holds(/embed/i.test(call.path), `the path at the vendor was ${call.path}`)
  equal(
    holds,
    "vectors",
    vectors,
    texts.map((text) => [...vectorOf(model, text)])
  )
  const tokens = texts.reduce((sum, text) => sum + tokenCount(text), 0)
  if (usages !== undefined) equal(holds, "usage", usages, [{ input: tokens, output: undefined }])
}
