/** The `openai` package, at Responses. */
import type OpenAI from "openai"
import { zodTextFormat } from "openai/helpers/zod"
import {
  bothOf,
  cityShape,
  collect,
  jsonSchemaOf,
  person,
  question,
  secondQuestion,
  system,
  toolbox,
  toolQuestion,
  tools,
  valueQuestion
} from "../asking.ts"
import type { Client, Tokens } from "../cells.ts"
import { openAiClient, openAiFailure } from "./openai.ts"

type Response = OpenAI.Responses.Response
type Items = Array<OpenAI.Responses.ResponseInputItem>

const usageOf = ({ usage }: Response): Tokens => ({ input: usage?.input_tokens, output: usage?.output_tokens })

const seenIn = (response: Response) => ({
  text: response.output_text,
  ends: [response.status],
  usages: [usageOf(response)]
})

const both = (first: Response, last: Response) => bothOf(seenIn(first), seenIn(last))

const functions = tools.map(({ description, name }) => ({
  type: "function" as const,
  name,
  description,
  parameters: { ...jsonSchemaOf(cityShape), additionalProperties: false },
  strict: true
}))

const outputsOf = (response: Response, use: (name: string, input: unknown) => string): Items =>
  response.output.flatMap((item) =>
    item.type === "function_call"
      ? [
          {
            type: "function_call_output" as const,
            call_id: item.call_id,
            output: use(item.name, JSON.parse(item.arguments))
          }
        ]
      : []
  )

export const openaiResponses: Client = {
  name: "openai-responses",
  package: "openai",
  speaksResponses: true,
  bases: ["/v1", "/v1/"],
  wrongBase: "",
  ends: { stop: "completed", tools: "completed" },
  failure: openAiFailure,
  features: [
    {
      name: "responses.create",
      kind: "words",
      run: async (reach) =>
        seenIn(
          await openAiClient(reach).responses.create({ model: reach.model, instructions: system, input: question })
        )
    },
    {
      name: "create, streamed",
      kind: "words",
      run: async (reach) => {
        const events = await collect(
          await openAiClient(reach).responses.create({
            model: reach.model,
            instructions: system,
            input: question,
            stream: true
          })
        )
        const pieces = events.flatMap((event) => (event.type === "response.output_text.delta" ? [event.delta] : []))
        const done = events.flatMap((event) => (event.type === "response.output_text.done" ? [event.text] : []))
        const completed = events.flatMap((event) => (event.type === "response.completed" ? [event.response] : []))
        return {
          text: done.join(""),
          pieces,
          ends: completed.map(({ status }) => status),
          usages: completed.map(usageOf)
        }
      }
    },
    {
      name: "responses.stream",
      kind: "words",
      run: async (reach) => {
        const pieces: Array<string> = []
        const stream = openAiClient(reach)
          .responses.stream({ model: reach.model, instructions: system, input: question })
          .on("response.output_text.delta", ({ delta }) => pieces.push(delta))
        return { ...seenIn(await stream.finalResponse()), pieces }
      }
    },
    {
      name: "two turns, previous_response_id",
      kind: "chat",
      run: async (reach) => {
        const { responses } = openAiClient(reach)
        const first = await responses.create({ model: reach.model, instructions: system, input: question })
        const last = await responses.create({
          model: reach.model,
          instructions: system,
          input: secondQuestion,
          previous_response_id: first.id
        })
        return both(first, last)
      }
    },
    {
      name: "tools, previous_response_id",
      kind: "tools",
      run: async (reach) => {
        const { responses } = openAiClient(reach)
        const { calls, use } = toolbox()
        const request = { model: reach.model, instructions: system, tools: functions }
        const first = await responses.create({ ...request, input: toolQuestion })
        const last = await responses.create({
          ...request,
          input: outputsOf(first, use),
          previous_response_id: first.id
        })
        return { ...both(first, last), calls }
      }
    },
    {
      name: "tools, items sent again",
      kind: "tools",
      run: async (reach) => {
        const { responses } = openAiClient(reach)
        const { calls, use } = toolbox()
        const request = { model: reach.model, instructions: system, tools: functions, store: false }
        const input: Items = [{ role: "user", content: toolQuestion }]
        const first = await responses.create({ ...request, input, include: ["reasoning.encrypted_content"] })
        // the types of some hosted tools' items differ between what is given and what is taken; none of those is here
        input.push(...(first.output as Items), ...outputsOf(first, use))
        return { ...both(first, await responses.create({ ...request, input })), calls }
      }
    },
    {
      name: "tools, streamed",
      kind: "tools",
      run: async (reach) => {
        const { responses } = openAiClient(reach)
        const { calls, use } = toolbox()
        const request = { model: reach.model, instructions: system, tools: functions }
        const first = await responses.stream({ ...request, input: toolQuestion }).finalResponse()
        const pieces: Array<string> = []
        const last = await responses
          .stream({ ...request, input: outputsOf(first, use), previous_response_id: first.id })
          .on("response.output_text.delta", ({ delta }) => pieces.push(delta))
          .finalResponse()
        return { ...both(first, last), pieces, calls }
      }
    },
    {
      name: "parse, by a zod schema",
      kind: "value",
      run: async (reach) => {
        const response = await openAiClient(reach).responses.parse({
          model: reach.model,
          input: valueQuestion,
          text: { format: zodTextFormat(person, "person") }
        })
        return { ...seenIn(response), value: response.output_parsed }
      }
    },
    {
      name: "stream, by a zod schema",
      kind: "value",
      run: async (reach) => {
        const pieces: Array<string> = []
        const stream = openAiClient(reach)
          .responses.stream({
            model: reach.model,
            input: valueQuestion,
            text: { format: zodTextFormat(person, "person") }
          })
          .on("response.output_text.delta", ({ delta }) => pieces.push(delta))
        const response = await stream.finalResponse()
        return { ...seenIn(response), pieces, value: response.output_parsed }
      }
    }
  ]
}
