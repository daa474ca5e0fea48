/**
 * What every client of the matrix asks for: the same words, the same two tools, the same value.
 */
import { z } from "zod"
import type { Seen, ToolCall } from "./cells.ts"

export const question = "Say hello to everybody in the room"
export const secondQuestion = "And now to everybody outside"
/** Names both tools, so that the imaginary models call them though they need not. */
export const toolQuestion = "Call get_weather and get_time for Paris, then tell me what they gave"
export const valueQuestion = "Describe a person"
export const system = "You are brief and polite."
export const texts = ["hello", "a longer text about switches and busbars"]
export const maxTokens = 1000

export const cityShape = z.object({ city: z.string().describe("The name of the city") })

export const person = z.object({
  name: z.string().describe("The full name"),
  age: z.number(),
  // imaginary models say "en" also where a client leaves an enum out of its schema, as LangChain does for Anthropic
  language: z.enum(["en", "de"]),
  nickname: z.string().nullable(),
  pets: z.array(z.object({ kind: z.string(), legs: z.number() }))
})

/** A zod schema as JSON Schema, for clients that take no other. */
export const jsonSchemaOf = (shape: z.ZodType): Record<string, unknown> => {
  const { $schema: _, ...schema } = z.toJSONSchema(shape)
  return schema
}

export interface Tool {
  readonly name: "get_weather" | "get_time"
  readonly description: string
  readonly gives: string
}

export const tools: readonly [Tool, Tool] = [
  { name: "get_weather", description: "The weather of a city", gives: "sunny, 21 degrees" },
  { name: "get_time", description: "The local time of a city", gives: "ten past nine" }
]

/** The tools with a note of how they were called. */
export const toolbox = () => {
  const calls: Array<ToolCall> = []
  const use = (name: string, input: unknown): string => {
    calls.push({ name, input })
    return tools.find((tool) => tool.name === name)?.gives ?? "no such tool"
  }
  return { calls, use }
}

/** What the two answers of a turn with tools showed together: the words of the second, the ends and usages of both. */
export const bothOf = (before: Seen, after: Seen): Seen => ({
  ...(after.text === undefined ? {} : { text: after.text }),
  ends: [...(before.ends ?? []), ...(after.ends ?? [])],
  usages: [...(before.usages ?? []), ...(after.usages ?? [])]
})

/** What an asynchronous iterable gives, all of it. */
export const collect = async <A>(items: AsyncIterable<A>): Promise<ReadonlyArray<A>> => {
  const all: Array<A> = []
  for await (const item of items) all.push(item)
  return all
}
