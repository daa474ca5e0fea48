/** The `@anthropic-ai/sdk` package. */
import Anthropic, { APIError } from "@anthropic-ai/sdk"
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod"
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod"
import {
  bothOf,
  cityShape,
  collect,
  maxTokens,
  person,
  question,
  secondQuestion,
  system,
  toolbox,
  toolQuestion,
  tools,
  valueQuestion
} from "../asking.ts"
import type { Client, Reach, Tokens } from "../cells.ts"

const connect = ({ base, key }: Reach) => new Anthropic({ baseURL: base, apiKey: key, maxRetries: 0 })

const requestOf = ({ model }: Reach) => ({ model, max_tokens: maxTokens, system })

const asked = (content: string): Array<Anthropic.MessageParam> => [{ role: "user", content }]

const usageOf = (usage: { readonly input_tokens: number | null; readonly output_tokens: number }): Tokens => ({
  input: usage.input_tokens ?? undefined,
  output: usage.output_tokens
})

interface Message {
  readonly content: ReadonlyArray<{ readonly type: string; readonly text?: string }>
  readonly stop_reason: string | null
  readonly usage: { readonly input_tokens: number | null; readonly output_tokens: number }
}

const seenIn = (message: Message) => ({
  text: message.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
  ends: [message.stop_reason],
  usages: [usageOf(message.usage)]
})

const plainTools = tools.map(({ description, name }) => ({
  name,
  description,
  input_schema: {
    type: "object" as const,
    properties: { city: { type: "string", description: "The name of the city" } },
    required: ["city"]
  }
}))

const runnable = (use: (name: string, input: unknown) => string) =>
  tools.map(({ description, name }) =>
    betaZodTool({ name, description, inputSchema: cityShape, run: (input) => use(name, input) })
  )

export const anthropic: Client = {
  name: "anthropic",
  package: "@anthropic-ai/sdk",
  speaksResponses: false,
  bases: ["", "/"],
  wrongBase: "/v1",
  ends: { stop: "end_turn", tools: "tool_use" },
  failure: (caught) => ({
    isOwn: caught instanceof APIError,
    status: caught instanceof APIError ? Number(caught.status) : undefined,
    message: String(caught)
  }),
  features: [
    {
      name: "messages.create",
      kind: "words",
      run: async (reach) =>
        seenIn(await connect(reach).messages.create({ ...requestOf(reach), messages: asked(question) }))
    },
    {
      name: "create, streamed",
      kind: "words",
      run: async (reach) => {
        const events = await collect(
          await connect(reach).messages.create({ ...requestOf(reach), messages: asked(question), stream: true })
        )
        const pieces = events.flatMap((event) =>
          event.type === "content_block_delta" && event.delta.type === "text_delta" ? [event.delta.text] : []
        )
        const ended = events.flatMap((event) => (event.type === "message_delta" ? [event] : []))
        return {
          text: pieces.join(""),
          pieces,
          ends: ended.map(({ delta }) => delta.stop_reason),
          usages: ended.map(({ usage }) => usageOf(usage))
        }
      }
    },
    {
      name: "messages.stream",
      kind: "words",
      run: async (reach) => {
        const pieces: Array<string> = []
        const stream = connect(reach)
          .messages.stream({ ...requestOf(reach), messages: asked(question) })
          .on("text", (delta) => pieces.push(delta))
        return { ...seenIn(await stream.finalMessage()), pieces }
      }
    },
    {
      name: "two turns",
      kind: "chat",
      run: async (reach) => {
        const { messages } = connect(reach)
        const first = await messages.create({ ...requestOf(reach), messages: asked(question) })
        const turns = [...asked(question), { role: "assistant" as const, content: first.content }]
        return seenIn(await messages.create({ ...requestOf(reach), messages: [...turns, ...asked(secondQuestion)] }))
      }
    },
    {
      name: "tools, streamed, by hand",
      kind: "tools",
      run: async (reach) => {
        const { messages } = connect(reach)
        const { calls, use } = toolbox()
        const request = { ...requestOf(reach), tools: plainTools }
        const first = await messages.stream({ ...request, messages: asked(toolQuestion) }).finalMessage()
        const pieces: Array<string> = []
        const last = await messages
          .stream({
            ...request,
            messages: [
              ...asked(toolQuestion),
              { role: "assistant", content: first.content },
              {
                role: "user",
                content: first.content.flatMap((block) =>
                  block.type === "tool_use"
                    ? [{ type: "tool_result" as const, tool_use_id: block.id, content: use(block.name, block.input) }]
                    : []
                )
              }
            ]
          })
          .on("text", (delta) => pieces.push(delta))
          .finalMessage()
        return { ...bothOf(seenIn(first), seenIn(last)), pieces, calls }
      }
    },
    {
      name: "beta toolRunner",
      kind: "tools",
      run: async (reach) => {
        const { calls, use } = toolbox()
        const last = await connect(reach).beta.messages.toolRunner({
          ...requestOf(reach),
          messages: asked(toolQuestion),
          tools: runnable(use)
        })
        return { ...seenIn(last), calls }
      }
    },
    {
      name: "beta toolRunner, streamed",
      kind: "tools",
      run: async (reach) => {
        const { calls, use } = toolbox()
        const runner = connect(reach).beta.messages.toolRunner({
          ...requestOf(reach),
          messages: asked(toolQuestion),
          tools: runnable(use),
          stream: true
        })
        const pieces: Array<string> = []
        for await (const stream of runner)
          for await (const event of stream)
            if (event.type === "content_block_delta" && event.delta.type === "text_delta") pieces.push(event.delta.text)
        return { ...seenIn(await runner.done()), pieces, calls }
      }
    },
    {
      name: "parse, by a zod schema",
      kind: "value",
      run: async (reach) => {
        const message = await connect(reach).messages.parse({
          ...requestOf(reach),
          messages: asked(valueQuestion),
          output_config: { format: zodOutputFormat(person) }
        })
        return { ...seenIn(message), value: message.parsed_output }
      }
    },
    {
      name: "stream, by a zod schema",
      kind: "value",
      run: async (reach) => {
        const pieces: Array<string> = []
        const stream = connect(reach)
          .messages.stream({
            ...requestOf(reach),
            messages: asked(valueQuestion),
            output_config: { format: zodOutputFormat(person) }
          })
          .on("text", (delta) => pieces.push(delta))
        const message = await stream.finalMessage()
        return { ...seenIn(message), pieces, value: message.parsed_output }
      }
    },
    {
      name: "messages.countTokens",
      kind: "count",
      run: async (reach) => {
        const counted = await connect(reach).messages.countTokens({ model: reach.model, messages: asked(question) })
        return { count: counted.input_tokens }
      }
    }
  ]
}
