/**
 * Signatures come home: tools are called and answered over the official SDKs, thinking on, at vendors that refuse a turn
 * without what they signed before, and nothing that they did not sign.
 */
import Anthropic from "@anthropic-ai/sdk"
import { type Content, GoogleGenAI } from "@google/genai"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import OpenAI from "openai"
import { start } from "./harness.ts"

/** Each demands its own: Anthropic a thinking block before a call, Gemini 3 a signed call, OpenAI a whole item. */
const models = {
  openai: "openai/gpt-5.4",
  anthropic: "anthropic/claude-sonnet-4-5",
  gemini: "gemini/gemini-3.5-flash"
} as const
const vendors = ["openai", "anthropic", "gemini"] as const

const parameters = { type: "object" as const, properties: { city: { type: "string" } }, required: ["city"] }
const name = "get_weather"
const question = (city: string) => `Use the tool: what is the weather in ${city}?`
const sunny = "sunny, 21 degrees"

/** How the secrets of each simulated vendor begin, as they are on its wire. */
const secrets: { readonly [V in (typeof vendors)[number]]: string } = {
  openai: '"encrypted_content":"gAAAAAB',
  anthropic: `"signature":"${Buffer.from("signed by the sim").toString("base64").slice(0, 20)}`,
  gemini: `"thoughtSignature":"${Buffer.from("signed: ").toString("base64").slice(0, 8)}`
}

/** A conversation over one wire: it keeps its history as its SDK gives it. */
interface Talk {
  /** Asks, and gives what the model calls. */
  readonly ask: (model: string, city: string) => Promise<ReadonlyArray<string>>
  /** Answers the calls, and gives what the model says. */
  readonly answer: (model: string) => Promise<string>
  /** What the history holds, as JSON. */
  readonly history: () => string
}

const chat = (url: string, live: boolean): Talk => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 })
  const messages: Array<OpenAI.ChatCompletionMessageParam> = []
  const turn = async (model: string) => {
    const body = {
      model,
      messages,
      reasoning_effort: "low" as const,
      tools: [{ type: "function" as const, function: { name, parameters } }]
    }
    const completion = live
      ? await client.chat.completions.stream(body).finalChatCompletion()
      : await client.chat.completions.create(body)
    const message = completion.choices[0]?.message
    if (message === undefined) return assert.fail("no choice")
    messages.push(message)
    return message
  }
  return {
    ask: async (model, city) => {
      messages.push({ role: "user", content: question(city) })
      return ((await turn(model)).tool_calls ?? []).map((call) => (call.type === "function" ? call.function.name : ""))
    },
    answer: async (model) => {
      const last = messages.at(-1)
      for (const { id } of (last?.role === "assistant" ? last.tool_calls : undefined) ?? [])
        messages.push({ role: "tool", tool_call_id: id, content: sunny })
      return (await turn(model)).content ?? ""
    },
    history: () => JSON.stringify(messages)
  }
}

const responses = (url: string, live: boolean, byReference = false): Talk => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 })
  const input: Array<OpenAI.Responses.ResponseInputItem> = []
  let previous: string | undefined
  let sent = 0
  let calls: ReadonlyArray<OpenAI.Responses.ResponseFunctionToolCall> = []
  const turn = async (model: string) => {
    const body = {
      model,
      input: byReference ? input.slice(sent) : input,
      reasoning: { effort: "low" as const },
      include: ["reasoning.encrypted_content" as const],
      tools: [{ type: "function" as const, name, parameters, strict: false }],
      ...(byReference && previous !== undefined ? { previous_response_id: previous } : {})
    }
    const response = live ? await client.responses.stream(body).finalResponse() : await client.responses.create(body)
    previous = response.id
    // the helper adds what it has parsed, which is no part of the wire
    for (const item of response.output) {
      const { parsed_arguments: _, ...rest } = { parsed_arguments: null, ...item }
      // SAFETY: an item of an answer without what the helper added is an item of the input
      input.push(rest as OpenAI.Responses.ResponseInputItem)
    }
    sent = input.length
    calls = response.output.flatMap((item) => (item.type === "function_call" ? [item] : []))
    return response
  }
  return {
    ask: async (model, city) => {
      input.push({ role: "user", content: question(city) })
      await turn(model)
      return calls.map((call) => call.name)
    },
    answer: async (model) => {
      for (const { call_id } of calls) input.push({ type: "function_call_output", call_id, output: sunny })
      return (await turn(model)).output_text
    },
    history: () => JSON.stringify(input)
  }
}

const messages = (url: string, live: boolean): Talk => {
  const client = new Anthropic({ baseURL: url, apiKey: "unused", maxRetries: 0 })
  const history: Array<Anthropic.MessageParam> = []
  const turn = async (model: string) => {
    const body = {
      model,
      max_tokens: 4_000,
      messages: history,
      thinking: { type: "enabled" as const, budget_tokens: 1_024 },
      tools: [{ name, input_schema: parameters }]
    }
    const message = await (live ? client.messages.stream(body).finalMessage() : client.messages.create(body))
    history.push({ role: "assistant", content: message.content })
    return message.content
  }
  return {
    ask: async (model, city) => {
      history.push({ role: "user", content: question(city) })
      return (await turn(model)).flatMap((block) => (block.type === "tool_use" ? [block.name] : []))
    },
    answer: async (model) => {
      const content = history.at(-1)?.content
      history.push({
        role: "user",
        content: (typeof content === "string" ? [] : (content ?? [])).flatMap((block) =>
          block.type === "tool_use" ? [{ type: "tool_result" as const, tool_use_id: block.id, content: sunny }] : []
        )
      })
      return (await turn(model)).map((block) => (block.type === "text" ? block.text : "")).join("")
    },
    history: () => JSON.stringify(history)
  }
}

const gemini = (url: string, live: boolean): Talk => {
  const client = new GoogleGenAI({ apiKey: "unused", httpOptions: { baseUrl: url, retryOptions: { attempts: 1 } } })
  const contents: Array<Content> = []
  const turn = async (model: string) => {
    const body = {
      model,
      contents,
      config: {
        thinkingConfig: { includeThoughts: true, thinkingBudget: 2_048 },
        tools: [{ functionDeclarations: [{ name, parametersJsonSchema: parameters }] }]
      }
    }
    const said: Array<Content> = []
    if (live) {
      for await (const chunk of await client.models.generateContentStream(body)) {
        const content = chunk.candidates?.[0]?.content
        if (content?.parts !== undefined) said.push(content)
      }
    } else said.push((await client.models.generateContent(body)).candidates?.[0]?.content ?? {})
    contents.push(...said)
    return said.flatMap(({ parts }) => parts ?? [])
  }
  let calls: ReadonlyArray<{ readonly id?: string; readonly name?: string }> = []
  return {
    ask: async (model, city) => {
      contents.push({ role: "user", parts: [{ text: question(city) }] })
      calls = (await turn(model)).flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall]))
      return calls.map((call) => call.name ?? "")
    },
    answer: async (model) => {
      contents.push({
        role: "user",
        parts: calls.map(({ id, name: of }) => ({
          functionResponse: { ...(id === undefined ? {} : { id }), name: of ?? "", response: { result: sunny } }
        }))
      })
      return (await turn(model)).map(({ text, thought }) => (thought === true ? "" : (text ?? ""))).join("")
    },
    history: () => JSON.stringify(contents)
  }
}

const callers = {
  chat,
  responses,
  "responses by reference": (url: string, live: boolean) => responses(url, live, true),
  messages,
  gemini
}

const vendorNames = [...vendors]

describe("a conversation with tools and thoughts", () => {
  for (const [caller, talkOf] of Object.entries(callers)) {
    for (const live of [false, true]) {
      const delivery = live ? "streamed" : "whole"
      const twoRounds = async (url: string, vendor: (typeof vendors)[number]) => {
        const talk = talkOf(url, live)
        const model = models[vendor]
        assert.deepStrictEqual(await talk.ask(model, "Paris"), [name])
        assert.include(await talk.answer(model), "sunny")
        assert.deepStrictEqual(await talk.ask(model, "Rome"), [name])
        assert.include(await talk.answer(model), "sunny")
      }
      for (const vendor of vendorNames)
        it.live(`of a caller of ${caller} brings ${vendor} home what it signed, ${delivery}`, () =>
          Effect.scoped(
            Effect.flatMap(start(), ({ simulator, url }) =>
              Effect.gen(function* () {
                yield* Effect.promise(() => twoRounds(url, vendor))
                const sent = (yield* simulator.calls).map(({ body }) => JSON.stringify(body))
                // each question, and each result
                assert.strictEqual(sent.length, 4)
                assert.deepStrictEqual(
                  sent.map((body) => body.split(secrets[vendor]).length - 1),
                  // of Gemini's turns those with a call are signed
                  vendor === "gemini" ? [0, 1, 1, 2] : [0, 1, 2, 3]
                )
                if (vendor === "anthropic") for (const body of sent) assert.include(body, '"type":"enabled"')
              })
            )
          )
        )
      it.live(
        `of a caller of ${caller} goes from vendor to vendor, also between a call and its result, ${delivery}`,
        () =>
          Effect.scoped(
            Effect.flatMap(start(), ({ url }) =>
              Effect.promise(async () => {
                for (const first of vendorNames)
                  for (const second of vendorNames) {
                    if (first === second) continue
                    const talk = talkOf(url, live)
                    const [one, other]: readonly [string, string] = [models[first], models[second]]
                    const path = `${first}, ${second}`
                    assert.deepStrictEqual(await talk.ask(one, "Paris"), [name], path)
                    assert.include(await talk.answer(other), "sunny", path)
                    assert.deepStrictEqual(await talk.ask(other, "Rome"), [name], path)
                    assert.include(await talk.answer(one), "sunny", path)
                    assert.deepStrictEqual(await talk.ask(one, "Oslo"), [name], path)
                    assert.include(await talk.answer(one), "sunny", path)
                  }
              })
            )
          )
      )
    }
  }
})
