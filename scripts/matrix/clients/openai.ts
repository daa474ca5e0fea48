/** The `openai` package, at Chat Completions. */
import OpenAI, { APIError } from "openai"
import { zodFunction, zodResponseFormat } from "openai/helpers/zod"
import {
  bothOf,
  cityShape,
  collect,
  jsonSchemaOf,
  person,
  question,
  secondQuestion,
  system,
  texts,
  toolbox,
  toolQuestion,
  tools,
  valueQuestion
} from "../asking.ts"
import type { Client, Failure, Reach, Tokens } from "../cells.ts"

export const openAiClient = ({ base, key }: Reach) => new OpenAI({ baseURL: base, apiKey: key, maxRetries: 0 })

export const openAiFailure = (caught: unknown): Failure => ({
  isOwn: caught instanceof APIError,
  status: caught instanceof APIError ? Number(caught.status) : undefined,
  message: String(caught)
})

type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam

const asked = (content: string): Array<Message> => [
  { role: "system", content: system },
  { role: "user", content }
]

const usageOf = (usage: OpenAI.CompletionUsage | null | undefined): Tokens => ({
  input: usage?.prompt_tokens,
  output: usage?.completion_tokens
})

const seenIn = (completion: OpenAI.Chat.Completions.ChatCompletion) => ({
  text: completion.choices[0]?.message.content ?? "",
  ends: [completion.choices[0]?.finish_reason],
  usages: [usageOf(completion.usage)]
})

const plainTools = tools.map(({ description, name }) => ({
  type: "function" as const,
  function: { name, description, parameters: jsonSchemaOf(cityShape) }
}))

const runnable = (use: (name: string, input: unknown) => string) =>
  tools.map(({ description, name }) =>
    zodFunction({ name, description, parameters: cityShape, function: (input) => use(name, input) })
  )

const counted = { stream_options: { include_usage: true } }

export const openai: Client = {
  name: "openai",
  package: "openai",
  speaksResponses: false,
  bases: ["/v1", "/v1/"],
  wrongBase: "",
  ends: { stop: "stop", tools: "tool_calls" },
  failure: openAiFailure,
  features: [
    {
      name: "chat.completions.create",
      kind: "words",
      run: async (reach) =>
        seenIn(await openAiClient(reach).chat.completions.create({ model: reach.model, messages: asked(question) }))
    },
    {
      name: "create, streamed",
      kind: "words",
      run: async (reach) => {
        const chunks = await collect(
          await openAiClient(reach).chat.completions.create({
            model: reach.model,
            messages: asked(question),
            stream: true,
            ...counted
          })
        )
        const pieces = chunks.flatMap(({ choices }) => choices[0]?.delta.content ?? [])
        return {
          text: pieces.join(""),
          pieces,
          ends: chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? []),
          usages: chunks.flatMap(({ usage }) => (usage ? [usageOf(usage)] : []))
        }
      }
    },
    {
      name: "chat.completions.stream",
      kind: "words",
      run: async (reach) => {
        const pieces: Array<string> = []
        const stream = openAiClient(reach)
          .chat.completions.stream({ model: reach.model, messages: asked(question), ...counted })
          .on("content", (delta) => pieces.push(delta))
        return { ...seenIn(await stream.finalChatCompletion()), pieces }
      }
    },
    {
      name: "two turns",
      kind: "chat",
      run: async (reach) => {
        const client = openAiClient(reach)
        const messages = asked(question)
        const first = await client.chat.completions.create({ model: reach.model, messages })
        const said = first.choices[0]?.message
        if (said !== undefined) messages.push(said)
        messages.push({ role: "user", content: secondQuestion })
        return seenIn(await client.chat.completions.create({ model: reach.model, messages }))
      }
    },
    {
      name: "tools, by hand",
      kind: "tools",
      run: async (reach) => {
        const client = openAiClient(reach)
        const { calls, use } = toolbox()
        const messages = asked(toolQuestion)
        const request = { model: reach.model, tools: plainTools }
        const first = await client.chat.completions.create({ ...request, messages })
        const said = first.choices[0]?.message
        if (said !== undefined) messages.push(said)
        for (const call of said?.tool_calls ?? [])
          if (call.type === "function")
            messages.push({
              role: "tool",
              tool_call_id: call.id,
              content: use(call.function.name, JSON.parse(call.function.arguments))
            })
        const last = await client.chat.completions.create({ ...request, messages })
        return { ...bothOf(seenIn(first), seenIn(last)), calls }
      }
    },
    {
      name: "runTools",
      kind: "tools",
      run: async (reach) => {
        const { calls, use } = toolbox()
        const runner = openAiClient(reach).chat.completions.runTools({
          model: reach.model,
          messages: asked(toolQuestion),
          tools: runnable(use)
        })
        const last = await runner.finalChatCompletion()
        return { ...seenIn(last), calls, total: usageOf(await runner.totalUsage()) }
      }
    },
    {
      name: "runTools, streamed",
      kind: "tools",
      run: async (reach) => {
        const { calls, use } = toolbox()
        const pieces: Array<string> = []
        const runner = openAiClient(reach)
          .chat.completions.runTools({
            model: reach.model,
            messages: asked(toolQuestion),
            tools: runnable(use),
            stream: true,
            ...counted
          })
          .on("content", (delta) => pieces.push(delta))
        return { ...seenIn(await runner.finalChatCompletion()), pieces, calls }
      }
    },
    {
      name: "parse, by a zod schema",
      kind: "value",
      run: async (reach) => {
        const completion = await openAiClient(reach).chat.completions.parse({
          model: reach.model,
          messages: asked(valueQuestion),
          response_format: zodResponseFormat(person, "person")
        })
        return { ...seenIn(completion), value: completion.choices[0]?.message.parsed }
      }
    },
    {
      name: "stream, by a zod schema",
      kind: "value",
      run: async (reach) => {
        const pieces: Array<string> = []
        const stream = openAiClient(reach)
          .chat.completions.stream({
            model: reach.model,
            messages: asked(valueQuestion),
            response_format: zodResponseFormat(person, "person"),
            ...counted
          })
          .on("content", (delta) => pieces.push(delta))
        const completion = await stream.finalChatCompletion()
        return { ...seenIn(completion), pieces, value: completion.choices[0]?.message.parsed }
      }
    },
    {
      name: "embeddings.create",
      kind: "vectors",
      run: async (reach) => {
        const { data, usage } = await openAiClient(reach).embeddings.create({ model: reach.embedder, input: texts })
        return {
          vectors: data.map(({ embedding }) => embedding),
          usages: [{ input: usage.prompt_tokens, output: undefined }]
        }
      }
    }
  ]
}
