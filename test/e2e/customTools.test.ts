/** Custom tools of OpenAI's wires, by its SDK: against every vendor the same call, its history, and strictness. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import OpenAI, { BadRequestError } from "openai"
import { start } from "./harness.ts"

const models = ["anthropic/claude-sonnet-5", "gemini/gemini-3.5-flash"] as const
const format = { type: "grammar", syntax: "lark", definition: 'start: "a"+' } as const
const input = "Use the tool patch."

const using = <A>(use: (client: OpenAI) => Promise<A>) =>
  Effect.scoped(
    Effect.flatMap(start(), ({ url }) =>
      Effect.promise(() => use(new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 })))
    )
  )

describe("a custom tool", () => {
  for (const model of [...models, "openai/gpt-5.2"]) {
    const responses = { model, input, tools: [{ type: "custom" as const, name: "patch", format }] }
    const kept = model.startsWith("openai")
    const outcome = kept ? "goes" : "is told as dropped, and refused to a strict caller, on the way"
    it.live(`held to a grammar ${outcome} to ${model}`, () =>
      using(async (client) => {
        const { response } = await client.responses.create(responses).withResponse()
        assert.strictEqual(response.headers.get("x-switchyard-dropped"), kept ? null : "format")
        const strictly = client.responses.create(responses, { headers: { "x-switchyard-strict": "true" } })
        const error = await strictly.then(
          () => undefined,
          (error: unknown) => error
        )
        assert.strictEqual(error instanceof BadRequestError && error.message.includes("format"), !kept)
      })
    )
  }
  for (const model of models) {
    const chat = {
      model,
      messages: [{ role: "user" as const, content: input }],
      tools: [{ type: "custom" as const, custom: { name: "patch", description: "Patches" } }],
      tool_choice: { type: "custom" as const, custom: { name: "patch" } }
    }
    const responses = {
      model,
      input,
      tools: [{ type: "custom" as const, name: "patch", description: "Patches" }],
      tool_choice: { type: "custom" as const, name: "patch" }
    }
    it.live(`is called over Chat Completions by ${model}, and its call is taken back`, () =>
      using(async (client) => {
        const { choices } = await client.chat.completions.create(chat)
        const call = choices[0]?.message.tool_calls?.[0]
        if (choices[0] === undefined || call?.type !== "custom") return assert.fail(JSON.stringify(choices))
        assert.strictEqual(call.custom.name, "patch")
        assert.notInclude(call.custom.input, '{"input"')
        const next = await client.chat.completions.create({
          ...chat,
          tool_choice: "none",
          messages: [...chat.messages, choices[0].message, { role: "tool", tool_call_id: call.id, content: "done" }]
        })
        assert.strictEqual(next.choices[0]?.finish_reason, "stop")
        const stream = await client.chat.completions.create({ ...chat, stream: true })
        let told = ""
        for await (const { choices } of stream)
          for (const piece of choices[0]?.delta.tool_calls ?? [])
            // the SDK's types have no custom calls in streams
            told += (piece as { custom?: { input?: string } }).custom?.input ?? ""
        assert.strictEqual(told, call.custom.input)
      })
    )
    it.live(`is called over Responses by ${model}, and its call is taken back`, () =>
      using(async (client) => {
        const { output, id } = await client.responses.create(responses)
        const call = output.find((item) => item.type === "custom_tool_call")
        if (call === undefined) return assert.fail(JSON.stringify(output))
        assert.notInclude(call.input, '{"input"')
        const next = await client.responses.create({
          ...responses,
          tool_choice: "none",
          previous_response_id: id,
          input: [{ type: "custom_tool_call_output", call_id: call.call_id, output: "done" }]
        })
        assert.strictEqual(next.status, "completed")
        let told = ""
        const done: Array<string> = []
        for await (const event of await client.responses.create({ ...responses, stream: true })) {
          if (event.type === "response.custom_tool_call_input.delta") told += event.delta
          if (event.type === "response.custom_tool_call_input.done") done.push(event.input)
        }
        assert.deepStrictEqual([told, ...done], [call.input, call.input])
      })
    )
  }
})
