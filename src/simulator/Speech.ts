/**
 * What an imaginary model answers: from a question in no vendor's wire to words, thoughts and tool calls in no
 * vendor's wire. Pure: the same question gives the same answer.
 *
 * The answer names vendor, model and the call's number, and echoes the last text of the user. What the text asks for
 * is taken literally in a few cases, so that tests can steer it:
 * - `Repeat after me: <words>` gives exactly these words, from whatever vendor.
 * - `<n> words` makes the answer that many words longer.
 * - `use the tool`, `use both tools`, or a tool's name, calls tools though none is demanded.
 * - `continue` after words of the assistant, or words of the assistant as the last message (a prefill), gives what
 *   comes after them.
 *
 * A token is a word of at most ten letters with the white space before it, so that usage, streams and limits agree.
 *
 * @module
 */
import { isJsonObject, type Json, omitKeys } from "../domain/Json.ts"
import type { FaultAction } from "./Faults.ts"
import { sampleOf } from "./SchemaSample.ts"

export interface AskedTool {
  readonly name: string
  readonly schema: Json | undefined
}

/** A request as the model understands it, read from a wire. */
export interface Ask {
  readonly vendor: string
  readonly model: string
  /** The number of the call, counted from 1. */
  readonly call: number
  readonly turns: ReadonlyArray<AskTurn>
  readonly images: number
  /** Characters of everything that was sent, tools and schemas included. */
  readonly inputCharacters: number
  readonly tools: ReadonlyArray<AskedTool>
  readonly toolChoice: "auto" | "none" | "required" | { readonly name: string }
  readonly parallelTools: boolean
  /** A schema to satisfy; `"object"`: any JSON object. */
  readonly format: Json | "object" | undefined
  readonly maxTokens: number | undefined
  readonly stop: ReadonlyArray<string>
  readonly thinks: boolean
  readonly choices: number
}

export interface AskTurn {
  readonly role: "user" | "assistant"
  readonly text: string
  /** What tools gave, in a user's turn. */
  readonly results: ReadonlyArray<string>
}

export interface ToolUse {
  readonly name: string
  readonly input: Json
}

/** One answer of the model (OpenAI's `n` asks for several). */
export interface Utterance {
  readonly thinking: ReadonlyArray<string>
  /** The answer's tokens; joined, its text. */
  readonly text: ReadonlyArray<string>
  readonly tools: ReadonlyArray<ToolUse>
  readonly finish: "stop" | "length" | "tools" | "filtered" | "refusal"
  /** The stop sequence that ended it. */
  readonly stoppedBy: string | undefined
}

export interface Speech {
  readonly utterances: ReadonlyArray<Utterance>
  readonly inputTokens: number
  /** Thinking included. */
  readonly outputTokens: number
  readonly thinkingTokens: number
}

/** What the model answers. `twist` is a fault that changes what is said. */
export const speak = (ask: Ask, twist?: FaultAction): Speech => {
  const how = twist?._tag === "Speech" ? twist.how : undefined
  const utterances = Array.from({ length: ask.choices }, (_, index) => utter(ask, how, index))
  const thinkingTokens = utterances.reduce((sum, one) => sum + one.thinking.length, 0)
  return {
    utterances,
    thinkingTokens,
    inputTokens: Math.ceil(ask.inputCharacters / 4) + 4 * ask.turns.length + 85 * ask.images,
    outputTokens: thinkingTokens + utterances.reduce((sum, one) => sum + spoken(one), 0)
  }
}

/** The tokens of a text; joined, they are the text. */
export const tokensOf = (text: string): ReadonlyArray<string> => text.match(/\s*\S{1,10}|\s+/gu) ?? []

/** The last words of the user; what tools gave is none. */
const lastUserText = (ask: Ask): string =>
  ask.turns.findLast((turn) => turn.role === "user" && turn.text !== "")?.text ?? ""

const spoken = (one: Utterance): number =>
  one.text.length + one.tools.reduce((sum, tool) => sum + 1 + tokensOf(JSON.stringify(tool.input)).length, 0)

type Twist = Extract<FaultAction, { _tag: "Speech" }>["how"] | undefined

const utter = (ask: Ask, twist: Twist, index: number): Utterance => {
  const thinking = ask.thinks ? tokensOf(`The user said "${excerpt(lastUserText(ask), 60)}". I shall answer that.`) : []
  const thought = ask.maxTokens === undefined ? thinking : thinking.slice(0, ask.maxTokens)
  if (twist === "refusal")
    return {
      thinking: thought,
      text: tokensOf("I cannot help with that."),
      tools: [],
      finish: "refusal",
      stoppedBy: undefined
    }
  const tools = chooseTools(ask)
  if (tools.length > 0)
    return {
      thinking: thought,
      text: [],
      tools: tools.map(({ name, schema }) => ({ name, input: schema === undefined ? {} : sampleOf(schema) })),
      finish: "tools",
      stoppedBy: undefined
    }
  const full = ask.format === undefined ? prose(ask, twist, index) : structured(ask, ask.format, twist)
  const stop = ask.stop
    .map((word) => ({ word, at: full.indexOf(word) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0]
  const tokens = tokensOf(stop === undefined ? full : full.slice(0, stop.at))
  if (twist === "filtered")
    return { thinking: thought, text: tokens.slice(0, 2), tools: [], finish: "filtered", stoppedBy: undefined }
  const room = ask.maxTokens === undefined ? Infinity : ask.maxTokens - thought.length
  return tokens.length > room || (tokens.length === 0 && room === 0)
    ? { thinking: thought, text: tokens.slice(0, room), tools: [], finish: "length", stoppedBy: undefined }
    : { thinking: thought, text: tokens, tools: [], finish: "stop", stoppedBy: stop?.word }
}

const excerpt = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text)

/** The tools that this request makes the model call: none after a tool has answered, so that conversations end. */
const chooseTools = (ask: Ask): ReadonlyArray<AskedTool> => {
  const { toolChoice: choice, tools } = ask
  const last = ask.turns.at(-1)
  if (choice === "none" || tools.length === 0 || (last?.role === "user" && last.results.length > 0)) return []
  if (typeof choice === "object") return tools.filter((tool) => tool.name === choice.name).slice(0, 1)
  const text = lastUserText(ask).toLowerCase()
  const named = tools.filter(({ name }) => {
    const plain = name.toLowerCase()
    return text.includes(plain) || text.includes(plain.replaceAll("_", " "))
  })
  const several = ask.parallelTools && /\b(both|two|parallel)\b/.test(text)
  const asked = /\buse (the|a|your|both|two)\b.*\btools?\b/.test(text)
  const wished = named.length > 0 ? named : several ? tools.slice(0, 2) : tools.slice(0, 1)
  if (choice === "auto" && named.length === 0 && !asked) return []
  return ask.parallelTools ? wished : wished.slice(0, 1)
}

const prose = (ask: Ask, twist: Twist, index: number): string => {
  const last = ask.turns.at(-1)
  const before = ask.turns.at(-2)
  const sent =
    last?.role === "assistant"
      ? last.text
      : before?.role === "assistant" && before.text !== "" && /\bcontinue\b/i.test(last?.text ?? "")
        ? before.text
        : undefined
  if (sent === undefined) return fresh(ask, last, index)
  const question = ask.turns.findLast((turn) => turn.role === "user" && turn !== last) ?? last
  const wish = dictated(question?.text ?? "")
  const rest =
    wish?.startsWith(sent) === true
      ? wish.slice(sent.length)
      : ` And so ${ask.vendor}'s ${ask.model} goes on in call ${ask.call}, to the end.`
  if (twist === "restarts") return sent + rest
  return twist === "overlaps" ? tokensOf(sent).slice(-3).join("").trimStart() + rest : rest
}

const fresh = (ask: Ask, last: AskTurn | undefined, index: number): string => {
  const text = lastUserText(ask)
  const said = dictated(text)
  if (said !== undefined) return said
  const parts = [`This is ${ask.vendor}'s ${ask.model}, call ${ask.call}${index > 0 ? `, choice ${index}` : ""}.`]
  if (last !== undefined && last.results.length > 0)
    parts.push(`The tool gave: ${last.results.map((result) => excerpt(result, 300)).join("; ")}.`)
  if (ask.images > 0) parts.push(`I see ${ask.images === 1 ? "1 image" : `${ask.images} images`}.`)
  parts.push(`You said: "${excerpt(text, 200)}"`)
  const longer = Math.min(Number(/\b(\d{1,5}) words\b/.exec(text)?.[1] ?? 0), 20_000)
  for (let n = 1; n <= longer; n++) parts.push(`word${n}`)
  return parts.join(" ")
}

const dictated = (text: string): string | undefined => /repeat after me:\s*([\s\S]*)/i.exec(text)?.[1]

const structured = (ask: Ask, format: Json, twist: Twist): string => {
  const value =
    format === "object"
      ? { answer: fresh(ask, ask.turns.at(-1), 0), vendor: ask.vendor, model: ask.model, call: ask.call }
      : sampleOf(format)
  if (twist === "looseJson")
    return `\`\`\`json\n${JSON.stringify(value, null, 2).replace(/\n?([}\]])$/, ",\n$1")}\n\`\`\``
  if (twist !== "offSchema" || !isJsonObject(value)) return JSON.stringify(value)
  const required = isJsonObject(format) ? format["required"] : undefined
  const first = Array.isArray(required) ? String(required[0]) : (Object.keys(value)[0] ?? "")
  return JSON.stringify(omitKeys(value, [first]))
}
