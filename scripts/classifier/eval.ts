/**
 * `npm run classifier:eval FILE…`: judges the prompts of files of JSON lines `{ "prompt": …, "label": … }` with the
 * stored centroids and prints how well.
 *
 * `accuracy` is that of the best of the six classes, abstentions aside. Blank lines are passed over; lines that cannot be
 * read and labels outside the six are counted and told. With `--texts` every confusion is printed; `--json` prints one
 * line a prompt instead of the report. Exits 1 where nothing could be judged.
 */
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { judgeByCentroids, layerCentroid } from "../../src/classifier/CentroidClassifier.ts"
import { bestOfSix, decide } from "../../src/classifier/Classification.ts"
import { Classifier } from "../../src/classifier/Classifier.ts"
import { unreadable } from "../../src/classifier/unreadable.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { isTaskClass, type TaskClass } from "../../src/domain/Task.ts"
import { type Judged, report } from "./judge.ts"

interface Prompt {
  readonly prompt: string
  readonly label: TaskClass
}

interface ReadPrompts {
  readonly prompts: ReadonlyArray<Prompt>
  /** Lines that are no JSON object with a prompt and a label. */
  readonly bad: ReadonlyArray<string>
  /** How often each label occurred that is none of the six. */
  readonly otherLabels: ReadonlyMap<string, number>
}

/** A label as one of the six, whatever its case and its separators. */
const labelOf = (written: string): TaskClass | undefined => {
  const name = written
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_")
  return isTaskClass(name) ? name : undefined
}

const textOf = (prompt: unknown): string | undefined =>
  typeof prompt === "string"
    ? prompt
    : Array.isArray(prompt) && prompt.every((one) => typeof one === "string")
      ? prompt.join("\n")
      : undefined

/** The prompts in a file's text. */
export const readPrompts = (name: string, content: string): ReadPrompts => {
  const prompts: Array<Prompt> = []
  const bad: Array<string> = []
  const otherLabels = new Map<string, number>()
  for (const [index, line] of content
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === "") continue
    const where = `${name}:${index + 1}`
    let read: unknown
    try {
      read = JSON.parse(line)
    } catch {
      bad.push(`${where}: no JSON`)
      continue
    }
    if (typeof read !== "object" || read === null || Array.isArray(read)) {
      bad.push(`${where}: no object`)
      continue
    }
    const prompt = "prompt" in read ? textOf(read.prompt) : undefined
    const label = "label" in read ? read.label : undefined
    if (prompt === undefined || typeof label !== "string") {
      bad.push(`${where}: no prompt and label`)
      continue
    }
    const task = labelOf(label)
    if (task === undefined) otherLabels.set(label, (otherLabels.get(label) ?? 0) + 1)
    else prompts.push({ prompt, label: task })
  }
  return { prompts, bad, otherLabels }
}

const requestOf = (text: string): ChatRequest => ({
  model: "auto",
  delivery: "whole",
  messages: [{ role: "user", content: [{ _tag: "Text", text }] }],
  tools: [],
  sampling: {},
  usageWanted: false,
  fallbacks: []
})

/** The best of the six for a text, and what the service tells of a request with it. */
const judge = (prompts: ReadonlyArray<Prompt>): Effect.Effect<ReadonlyArray<Judged>> =>
  Effect.gen(function* () {
    const classifier = yield* Classifier
    const judged: Array<Judged> = []
    for (const { label, prompt } of prompts) {
      const { task } = yield* classifier.classify(requestOf(prompt))
      const best = bestOfSix(decide(judgeByCentroids(prompt), false))
      judged.push({
        text: prompt,
        label,
        best: best?.task ?? "general",
        told: task,
        probability: best?.probability ?? 0
      })
    }
    return judged
  }).pipe(Effect.provide(layerCentroid()))

const warmUps = 5000
const rounds = 5

/** Microseconds of single calls, sorted: `rounds` calls a text, one after the other through all texts, after a warm-up. */
const timesOf = (texts: ReadonlyArray<string>): ReadonlyArray<number> => {
  const judge = (text: string): number => {
    const before = process.hrtime.bigint()
    if (unreadable(text) === undefined) decide(judgeByCentroids(text), false)
    return Number(process.hrtime.bigint() - before) / 1000
  }
  for (let warm = 0; warm < warmUps; warm++) judge(texts[warm % texts.length] ?? "")
  return Array.from({ length: rounds }, () => texts.map(judge))
    .flat()
    .sort((one, two) => one - two)
}

const quantile = (sorted: ReadonlyArray<number>, share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)

const timeLine = (what: string, times: ReadonlyArray<number>): string =>
  `time a call, ${what}: p50 ${quantile(times, 0.5)} µs, p99 ${quantile(times, 0.99)} µs`

const main = async (): Promise<number> => {
  const options = process.argv.slice(2).filter((one) => one.startsWith("--"))
  const files = process.argv.slice(2).filter((one) => !one.startsWith("--"))
  if (files.length === 0) {
    console.error('usage: npm run classifier:eval FILE…   (JSON lines: { "prompt": …, "label": … })')
    return 2
  }
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined) {
    console.error(`${missing} does not exist`)
    return 2
  }
  const read = files.map((file) => readPrompts(file, readFileSync(file, "utf8")))
  const prompts = read.flatMap((one) => one.prompts)
  const bad = read.flatMap((one) => one.bad)
  if (bad.length > 0)
    console.error(`${bad.length} lines could not be read: ${bad.slice(0, 5).join("; ")}${bad.length > 5 ? " …" : ""}`)
  for (const { otherLabels } of read)
    for (const [label, count] of otherLabels)
      console.error(`${count} prompts are labelled '${label}', which is none of the six; they are left out`)
  if (prompts.length === 0) {
    console.error("nothing to judge")
    return 1
  }
  const judged = await Effect.runPromise(judge(prompts))
  if (options.includes("--json")) {
    for (const one of judged) console.log(JSON.stringify(one))
    return 0
  }
  console.log(report(judged).join("\n"))
  const texts = prompts.map(({ prompt }) => prompt)
  console.log(`\nsingle calls, ${rounds} a prompt, after ${warmUps} calls to warm up:`)
  console.log(timeLine("these prompts", timesOf(texts)))
  for (const [what, length] of [
    ["1 kB", 1000],
    ["2 kB", 2000],
    ["8 kB", 8192],
    ["40 kB", 40_000]
  ] as const) {
    const others = texts.join("\n").repeat(1 + Math.ceil((2 * length) / texts.join("\n").length))
    // a prompt in front and another one at the end of what others wrote, as one flat string, as a body's text is
    const long = texts.slice(0, 400).map((text, at) => {
      const last = texts[(at * 7 + 3) % texts.length] ?? ""
      const from = (at * 97) % length
      return Buffer.from(
        `${text.slice(0, length >> 1)}\n${others.slice(from, from + length)}`.slice(
          0,
          length - Math.min(last.length, length >> 2)
        ) + `\n${last.slice(-(length >> 2))}`
      ).toString()
    })
    console.log(timeLine(`filled up to ${what} with other prompts`, timesOf(long)))
  }
  if (options.includes("--texts"))
    for (const { best, label, probability, text } of judged)
      if (best !== label)
        console.log(
          `${label} → ${best} ${probability.toFixed(2)}: ${JSON.stringify(text.length > 300 ? `${text.slice(0, 200)} … ${text.slice(-90)}` : text)}`
        )
  return 0
}

if (process.argv[1]?.endsWith("eval.ts") === true) process.exitCode = await main()
