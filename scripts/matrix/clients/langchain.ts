/** LangChain's `@langchain/openai` and `@langchain/anthropic`. */
import { ChatAnthropic } from "@langchain/anthropic"
import { AIMessageChunk, type BaseMessage, HumanMessage, SystemMessage } from "@langchain/core/messages"
import { tool } from "@langchain/core/tools"
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai"
import {
  bothOf,
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
import type { Client, Failure, Feature, Reach } from "../cells.ts"

/** Why an answer ended stands where its vendor's own wire has it. */
const endOf = ({ additional_kwargs: more, response_metadata: told }: Message): string | undefined => {
  const end: unknown = told["finish_reason"] ?? told["stop_reason"] ?? told["status"] ?? more["stop_reason"]
  return typeof end === "string" ? end : undefined
}

interface Message extends Pick<BaseMessage, "additional_kwargs" | "response_metadata" | "text"> {
  readonly usage_metadata?: { readonly input_tokens: number; readonly output_tokens: number } | undefined
}

const seenIn = (message: Message) => ({
  text: message.text,
  ends: [endOf(message)],
  usages: [{ input: message.usage_metadata?.input_tokens, output: message.usage_metadata?.output_tokens }]
})

/** A stream put together as LangChain's users do it. */
const gathered = (chunks: ReadonlyArray<AIMessageChunk>): AIMessageChunk => {
  const [first = new AIMessageChunk({ content: "" }), ...rest] = chunks
  return rest.reduce((whole, chunk) => whole.concat(chunk), first)
}

const toolsWith = (use: (name: string, input: unknown) => string) =>
  tools.map(({ description, name }) =>
    tool(async (input) => use(name, input), { name, description, schema: cityShape })
  )

const asked = (text: string): Array<BaseMessage> => [new SystemMessage(system), new HumanMessage(text)]

/** `countsStreams`: does the client count what a stream uses? */
const featuresOf = (
  modelOf: (reach: Reach) => ChatOpenAI | ChatAnthropic,
  countsStreams = true
): readonly [Feature, ...ReadonlyArray<Feature>] => [
  {
    name: "invoke",
    kind: "words",
    run: async (reach) => seenIn(await modelOf(reach).invoke(asked(question)))
  },
  {
    name: "stream",
    kind: "words",
    run: async (reach) => {
      const chunks = await collect(await modelOf(reach).stream(asked(question)))
      const { ends, text, usages } = seenIn(gathered(chunks))
      const pieces = chunks.map((chunk) => chunk.text).filter((piece) => piece !== "")
      return { text, pieces, ends, usages: countsStreams ? usages : [] }
    }
  },
  {
    name: "two turns",
    kind: "chat",
    run: async (reach) => {
      const model = modelOf(reach)
      const first = await model.invoke(asked(question))
      return seenIn(await model.invoke([...asked(question), first, new HumanMessage(secondQuestion)]))
    }
  },
  ...([false, true] as const).map((streamed): Feature => ({
    name: streamed ? "bindTools, streamed" : "bindTools",
    kind: "tools",
    run: async (reach) => {
      const { calls, use } = toolbox()
      const bound = toolsWith(use)
      const model = modelOf(reach).bindTools(bound)
      const ask = async (messages: Array<BaseMessage>) =>
        streamed ? gathered(await collect(await model.stream(messages))) : await model.invoke(messages)
      const messages = asked(toolQuestion)
      const first = await ask(messages)
      messages.push(first)
      for (const call of first.tool_calls ?? []) {
        const called = bound.find(({ name }) => name === call.name)
        if (called !== undefined) messages.push(await called.invoke({ ...call, type: "tool_call" }))
      }
      const last = await ask(messages)
      const seen = bothOf(seenIn(first), seenIn(last))
      return { ...seen, calls, ...(streamed && !countsStreams ? { usages: [] } : {}) }
    }
  })),
  ...(["jsonSchema", "functionCalling"] as const).map((method): Feature => ({
    name: `withStructuredOutput, ${method}`,
    kind: "value",
    run: async (reach) => {
      const answer = await modelOf(reach)
        .withStructuredOutput(person, { method, includeRaw: true })
        .invoke(asked(valueQuestion))
      return { value: answer.parsed, usages: answer.raw instanceof AIMessageChunk ? seenIn(answer.raw).usages : [] }
    }
  }))
]

/** LangChain throws its vendor SDK's errors, of whichever copy of the SDK it holds. */
const failure = (caught: unknown): Failure => {
  const status = caught instanceof Error && "status" in caught ? Number(caught.status) : undefined
  return {
    isOwn: status !== undefined && caught instanceof Error && "headers" in caught,
    status,
    message: String(caught)
  }
}

const chatOpenAi = (reach: Reach, useResponsesApi: boolean) =>
  new ChatOpenAI({
    model: reach.model,
    apiKey: reach.key,
    useResponsesApi,
    maxTokens,
    maxRetries: 0,
    configuration: { baseURL: reach.base }
  })

export const langchainClients: ReadonlyArray<Client> = [
  {
    name: "langchain-openai",
    package: "@langchain/openai",
    speaksResponses: false,
    bases: ["/v1", "/v1/"],
    wrongBase: "",
    ends: { stop: "stop", tools: "tool_calls" },
    failure,
    features: [
      ...featuresOf((reach) => chatOpenAi(reach, false)),
      {
        name: "OpenAIEmbeddings",
        kind: "vectors",
        run: async (reach) => {
          const embeddings = new OpenAIEmbeddings({
            model: reach.embedder,
            apiKey: reach.key,
            maxRetries: 0,
            configuration: { baseURL: reach.base }
          })
          return { vectors: await embeddings.embedDocuments([...texts]) }
        }
      }
    ]
  },
  {
    name: "langchain-openai-responses",
    package: "@langchain/openai, useResponsesApi",
    speaksResponses: true,
    bases: ["/v1", "/v1/"],
    wrongBase: "",
    ends: { stop: "completed", tools: "completed" },
    failure,
    features: featuresOf((reach) => chatOpenAi(reach, true))
  },
  {
    name: "langchain-anthropic",
    package: "@langchain/anthropic",
    speaksResponses: false,
    bases: ["", "/"],
    wrongBase: "/v1",
    ends: { stop: "end_turn", tools: "tool_use" },
    failure,
    features: featuresOf(
      (reach) =>
        new ChatAnthropic({
          model: reach.model,
          apiKey: reach.key,
          anthropicApiUrl: reach.base,
          maxTokens,
          maxRetries: 0
        }),
      // it takes the prompt's tokens from a stream's first event alone, where only some vendors can know them, and adds
      // that event's first token to those of the last, which are all of them
      false
    )
  }
]
