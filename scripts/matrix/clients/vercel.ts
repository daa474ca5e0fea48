/** Vercel's `ai` with its OpenAI, Anthropic and Google providers. */
import { createAnthropic } from "@ai-sdk/anthropic"
import { createGoogle } from "@ai-sdk/google"
import { createOpenAI } from "@ai-sdk/openai"
import {
  APICallError,
  embedMany,
  type EmbeddingModel,
  generateObject,
  generateText,
  isStepCount,
  type LanguageModel,
  type LanguageModelUsage,
  Output,
  streamObject,
  streamText,
  tool
} from "ai"
import {
  cityShape,
  collect,
  maxTokens,
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
import type { Client, Feature, Reach, Tokens } from "../cells.ts"

const usageOf = ({ inputTokens, outputTokens }: LanguageModelUsage): Tokens => ({
  input: inputTokens,
  output: outputTokens
})

const toolSet = (use: (name: string, input: unknown) => string) =>
  Object.fromEntries(
    tools.map(({ description, name }) => [
      name,
      tool({ description, inputSchema: cityShape, execute: async (input) => use(name, input) })
    ])
  )

// what it would warn of is asked on purpose: settings that a vendor does without, functions that have successors
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

/** An error inside a stream is thrown by what waits for its end; it is not to be printed as well. */
const quiet = { onError: () => {}, maxRetries: 0 }

const featuresOf = (
  modelOf: (reach: Reach) => LanguageModel,
  embedderOf?: (reach: Reach) => EmbeddingModel
): readonly [Feature, ...ReadonlyArray<Feature>] => {
  const to = (reach: Reach) => ({ model: modelOf(reach), maxOutputTokens: maxTokens, maxRetries: 0 })
  return [
    {
      name: "generateText",
      kind: "words",
      run: async (reach) => {
        const { finishReason, text, usage } = await generateText({
          ...to(reach),
          instructions: system,
          prompt: question
        })
        return { text, ends: [finishReason], usages: [usageOf(usage)] }
      }
    },
    {
      name: "streamText",
      kind: "words",
      run: async (reach) => {
        const result = streamText({ ...to(reach), ...quiet, instructions: system, prompt: question })
        const pieces = await collect(result.textStream)
        return {
          text: await result.text,
          pieces,
          ends: [await result.finishReason],
          usages: [usageOf(await result.usage)]
        }
      }
    },
    {
      name: "two turns",
      kind: "chat",
      run: async (reach) => {
        const asked = { role: "user" as const, content: question }
        const first = await generateText({ ...to(reach), messages: [asked] })
        const { finishReason, text, usage } = await generateText({
          ...to(reach),
          messages: [asked, ...first.responseMessages, { role: "user", content: secondQuestion }]
        })
        return { text, ends: [finishReason], usages: [usageOf(usage)] }
      }
    },
    {
      name: "tools in steps, generateText",
      kind: "tools",
      run: async (reach) => {
        const { calls, use } = toolbox()
        const result = await generateText({
          ...to(reach),
          prompt: toolQuestion,
          tools: toolSet(use),
          stopWhen: isStepCount(3)
        })
        return {
          text: result.text,
          calls,
          ends: result.steps.map(({ finishReason }) => finishReason),
          usages: result.steps.map(({ usage }) => usageOf(usage)),
          total: usageOf(result.usage)
        }
      }
    },
    {
      name: "tools in steps, streamText",
      kind: "tools",
      run: async (reach) => {
        const { calls, use } = toolbox()
        const result = streamText({
          ...to(reach),
          ...quiet,
          prompt: toolQuestion,
          tools: toolSet(use),
          stopWhen: isStepCount(3)
        })
        const pieces = await collect(result.textStream)
        const steps = await result.steps
        return {
          text: await result.text,
          pieces,
          calls,
          ends: steps.map(({ finishReason }) => finishReason),
          usages: steps.map(({ usage }) => usageOf(usage)),
          total: usageOf(await result.usage)
        }
      }
    },
    {
      name: "generateObject",
      kind: "value",
      run: async (reach) => {
        const { finishReason, object, usage } = await generateObject({
          ...to(reach),
          schema: person,
          prompt: valueQuestion
        })
        return { value: object, ends: [finishReason], usages: [usageOf(usage)] }
      }
    },
    {
      name: "streamObject",
      kind: "value",
      run: async (reach) => {
        const result = streamObject({ ...to(reach), ...quiet, schema: person, prompt: valueQuestion })
        const pieces = await collect(result.textStream)
        return { value: await result.object, text: pieces.join(""), pieces, usages: [usageOf(await result.usage)] }
      }
    },
    {
      name: "generateText with an output",
      kind: "value",
      run: async (reach) => {
        const { finishReason, output, usage } = await generateText({
          ...to(reach),
          output: Output.object({ schema: person }),
          prompt: valueQuestion
        })
        return { value: output, ends: [finishReason], usages: [usageOf(usage)] }
      }
    },
    ...(embedderOf === undefined
      ? []
      : [
          {
            name: "embedMany",
            kind: "vectors" as const,
            run: async (reach: Reach) => {
              const { embeddings, usage } = await embedMany({
                model: embedderOf(reach),
                values: [...texts],
                maxRetries: 0
              })
              // Google's provider tells no usage of vectors
              return {
                vectors: embeddings,
                ...(Number.isNaN(usage.tokens) ? {} : { usages: [{ input: usage.tokens, output: undefined }] })
              }
            }
          }
        ])
  ]
}

const shared = {
  ends: { stop: "stop", tools: "tool-calls" },
  failure: (caught: unknown) => ({
    isOwn: APICallError.isInstance(caught),
    status: APICallError.isInstance(caught) ? caught.statusCode : undefined,
    message: String(caught)
  })
}

const openAi = ({ base, key }: Reach) => createOpenAI({ baseURL: base, apiKey: key })
const anthropic = ({ base, key }: Reach) => createAnthropic({ baseURL: base, apiKey: key })
const google = ({ base, key }: Reach) => createGoogle({ baseURL: base, apiKey: key })

export const vercelClients: ReadonlyArray<Client> = [
  {
    ...shared,
    name: "ai-openai",
    package: "ai, @ai-sdk/openai .chat()",
    speaksResponses: false,
    bases: ["/v1", "/v1/"],
    wrongBase: "",
    features: featuresOf(
      (reach) => openAi(reach).chat(reach.model),
      (reach) => openAi(reach).embedding(reach.embedder)
    )
  },
  {
    ...shared,
    name: "ai-openai-responses",
    package: "ai, @ai-sdk/openai .responses()",
    speaksResponses: true,
    bases: ["/v1", "/v1/"],
    wrongBase: "",
    features: featuresOf((reach) => openAi(reach).responses(reach.model))
  },
  {
    ...shared,
    name: "ai-anthropic",
    package: "ai, @ai-sdk/anthropic",
    speaksResponses: false,
    bases: ["/v1", "/v1/"],
    wrongBase: "",
    features: featuresOf((reach) => anthropic(reach)(reach.model))
  },
  {
    ...shared,
    name: "ai-google",
    package: "ai, @ai-sdk/google",
    speaksResponses: false,
    bases: ["/v1beta", "/v1beta/"],
    wrongBase: "",
    features: featuresOf(
      (reach) => google(reach)(reach.model),
      (reach) => google(reach).embedding(reach.embedder)
    )
  }
]
