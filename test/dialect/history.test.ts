/**
 * Conversations that no vendor takes as they are, from each wire to each vendor: put right where that keeps their
 * meaning, otherwise refused by a name before the vendor is asked. What is sent passes the simulated vendor's rules.
 */
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject } from "../../src/domain/Json.ts"
import { quirksOf } from "../../src/provider/quirks.ts"
import { anthropicProblem } from "../../src/simulator/AnthropicRequest.ts"
import { geminiProblem } from "../../src/simulator/GeminiRequest.ts"
import { openAiProblem } from "../../src/simulator/OpenAiRequest.ts"
import { hearResponses } from "../../src/simulator/OpenAiResponses.ts"
import { inbound, outbound, type Wire, wires } from "./laws/wires.ts"

/** What somebody says, in the words that all four wires have. */
type Turn =
  | { readonly says: "system" | "user" | "assistant"; readonly text: string }
  | { readonly calls: ReadonlyArray<string>; readonly text?: string }
  | { readonly results: ReadonlyArray<string> }

const system = (text: string): Turn => ({ says: "system", text })
const user = (text = "go"): Turn => ({ says: "user", text })
const words = (text: string): Turn => ({ says: "assistant", text })
const calls = (...ids: ReadonlyArray<string>): Turn => ({ calls: ids })
const results = (...ids: ReadonlyArray<string>): Turn => ({ results: ids })

const toolName = "look"
const said = (id: string): string => `the result of ${id}`
const parameters = { type: "object", properties: {} }

const written: { readonly [W in Wire]: (turns: ReadonlyArray<Turn>) => JsonObject } = {
  chat: (turns) => ({
    model: "m",
    tools: [{ type: "function", function: { name: toolName, parameters } }],
    messages: turns.flatMap((turn): ReadonlyArray<Json> => {
      if ("says" in turn) return [{ role: turn.says, content: turn.text }]
      if ("results" in turn) return turn.results.map((id) => ({ role: "tool", tool_call_id: id, content: said(id) }))
      return [
        {
          role: "assistant",
          content: turn.text ?? null,
          tool_calls: turn.calls.map((id) => ({ id, type: "function", function: { name: toolName, arguments: "{}" } }))
        }
      ]
    })
  }),
  responses: (turns) => ({
    model: "m",
    tools: [{ type: "function", name: toolName, parameters, strict: false }],
    input: turns.flatMap((turn): ReadonlyArray<Json> => {
      if ("says" in turn) return [{ role: turn.says, content: turn.text }]
      if ("results" in turn)
        return turn.results.map((id) => ({ type: "function_call_output", call_id: id, output: said(id) }))
      return turn.calls.map((id) => ({ type: "function_call", call_id: id, name: toolName, arguments: "{}" }))
    })
  }),
  messages: (turns) => ({
    model: "m",
    max_tokens: 9,
    tools: [{ name: toolName, input_schema: parameters }],
    messages: turns.map((turn): Json => {
      if ("says" in turn) return { role: turn.says, content: turn.text }
      if ("results" in turn)
        return {
          role: "user",
          content: turn.results.map((id) => ({ type: "tool_result", tool_use_id: id, content: said(id) }))
        }
      return {
        role: "assistant",
        content: turn.calls.map((id) => ({ type: "tool_use", id, name: toolName, input: {} }))
      }
    })
  }),
  gemini: (turns) => ({
    tools: [{ functionDeclarations: [{ name: toolName }] }],
    contents: turns.map((turn): Json => {
      if ("says" in turn) return { role: turn.says === "assistant" ? "model" : "user", parts: [{ text: turn.text }] }
      if ("results" in turn)
        return {
          role: "user",
          parts: turn.results.map((id) => ({
            functionResponse: { id, name: toolName, response: { result: said(id) } }
          }))
        }
      return { role: "model", parts: turn.calls.map((id) => ({ functionCall: { id, name: toolName, args: {} } })) }
    })
  })
}

const session = { call: 1, id: "1", nowMillis: 0, keys: undefined, models: [] }
const incoming = {
  vendor: "openai",
  method: "POST",
  path: "/responses",
  query: new URLSearchParams(),
  headers: {},
  body: ""
}

const models = { chat: "gpt-4o", responses: "gpt-4o", messages: "claude-sonnet-4-5", gemini: "gemini-3-flash-preview" }

/** What the simulated vendor says is wrong with a body. */
const problem: { readonly [W in Wire]: (body: JsonObject, model: string) => Json | undefined } = {
  chat: (body, model) => openAiProblem("openai", body, model)?.body,
  responses: (body, model) => {
    const heard = hearResponses(incoming, session, body, model)
    return "ask" in heard ? undefined : heard.body
  },
  messages: (body) => anthropicProblem(body, false),
  gemini: (body, model) => geminiProblem(body, model)?.body
}

const decoded = (from: Wire, turns: ReadonlyArray<Turn>): ChatRequest =>
  Result.getOrThrowWith(inbound[from].decodeRequest(written[from](turns), {}), (fault) => new Error(fault.message))

const quirks = (to: Wire) => (to === "chat" || to === "responses" ? quirksOf("openai", "gpt-4o") : noQuirks)

const encoded = (request: ChatRequest, to: Wire, model: string = models[to]) =>
  outbound[to].encodeRequest(request, { model, maxOutputTokens: undefined, quirks: quirks(to) })

/** What was sent, shortened to who calls, answers and speaks, in order. */
const shape = (value: Json | undefined): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap((one: Json) => shape(one))
  if (!isJsonObject(value)) return []
  const { call_id: callId, functionCall, functionResponse, id, tool_calls: toolCalls, tool_call_id: toolCallId } = value
  const { tool_use_id: toolUseId, type, content, parts, text } = value
  if (isJsonObject(functionCall)) return [`call ${String(functionCall["id"])}`]
  if (isJsonObject(functionResponse)) return [`result ${String(functionResponse["id"])}`]
  if (type === "function_call") return [`call ${String(callId)}`]
  if (type === "function_call_output") return [`result ${String(callId)}`]
  if (type === "tool_use") return [`call ${String(id)}`]
  if (type === "function") return [`call ${String(id)}`]
  if (toolUseId !== undefined) return [`result ${String(toolUseId)}`]
  if (toolCallId !== undefined) return [`result ${String(toolCallId)}`]
  if (typeof text === "string") return [text]
  return [...(typeof content === "string" ? [content] : shape(content)), ...shape(toolCalls), ...shape(parts)]
}
const shapeOf = (body: JsonObject): ReadonlyArray<string> =>
  shape(body["messages"] ?? body["input"] ?? body["contents"])

/** Refused by this name, or sent in this shape; of one vendor only, or of all. */
type Outcome = { readonly refused: string } | { readonly sent: ReadonlyArray<string> } | "sent"
interface Row {
  readonly what: string
  readonly turns: ReadonlyArray<Turn>
  readonly outcome: Outcome
  /** Where one vendor differs. */
  readonly but?: { readonly [W in Wire]?: Outcome }
  /** Wires that can say it; all of them where it is not told. */
  readonly from?: ReadonlyArray<Wire>
}

const refused = (feature: string): Outcome => ({ refused: feature })
const sent = (...turns: ReadonlyArray<string>): Outcome => ({ sent: turns })
const withoutResults = refused("tool calls without results")
const withoutCalls = refused("tool results without calls")

const rows: ReadonlyArray<Row> = [
  {
    what: "calls answered in their order",
    turns: [user(), calls("a", "b"), results("a", "b")],
    outcome: sent("go", "call a", "call b", "result a", "result b")
  },
  {
    what: "results in another order than their calls",
    turns: [user(), calls("a", "b"), results("b", "a")],
    outcome: sent("go", "call a", "call b", "result b", "result a"),
    // its own clients leave ids out, so that nothing but the order tells
    but: { gemini: sent("go", "call a", "call b", "result a", "result b") }
  },
  {
    what: "results in several messages",
    turns: [user(), calls("a", "b"), results("b"), results("a")],
    outcome: sent("go", "call a", "call b", "result b", "result a"),
    but: { gemini: sent("go", "call a", "call b", "result a", "result b") }
  },
  {
    what: "calls in several messages in a row",
    turns: [user(), calls("a"), calls("b"), results("a", "b")],
    outcome: sent("go", "call a", "call b", "result a", "result b")
  },
  {
    what: "words between a call and its result",
    turns: [user(), calls("a"), user("wait"), results("a")],
    outcome: sent("go", "call a", "result a", "wait")
  },
  {
    what: "words between two results",
    turns: [user(), calls("a", "b"), results("a"), user("wait"), results("b")],
    outcome: sent("go", "call a", "call b", "result a", "result b", "wait")
  },
  {
    what: "a call that is never answered before the user goes on",
    turns: [user(), calls("a"), user("well?")],
    outcome: withoutResults
  },
  { what: "one of two calls never answered", turns: [user(), calls("a", "b"), results("a")], outcome: withoutResults },
  { what: "a call at the end", turns: [user(), calls("a")], outcome: withoutResults },
  {
    what: "a call that the assistant itself speaks after, once it was told something else",
    turns: [user(), calls("a"), user("stop"), words("fine"), results("a"), user()],
    outcome: withoutResults
  },
  { what: "a result without a call", turns: [user(), results("a")], outcome: withoutCalls },
  { what: "a result before any message of the assistant", turns: [results("a"), user()], outcome: withoutCalls },
  {
    what: "a result before its call",
    turns: [user(), results("a"), words("hm"), user(), calls("a"), user("and?")],
    outcome: withoutCalls
  },
  {
    what: "a result of an earlier turn's call",
    turns: [user(), calls("a"), results("a"), words("done"), user(), results("a")],
    outcome: withoutCalls
  },
  {
    what: "a call answered twice",
    turns: [user(), calls("a"), results("a"), results("a")],
    outcome: refused("several results of one tool call")
  },
  {
    what: "two calls of one id in a turn",
    turns: [user(), calls("a", "a"), results("a", "a")],
    outcome: refused("tool calls of one id")
  },
  {
    what: "an id that comes again in a later turn",
    turns: [user(), calls("a"), results("a"), calls("a"), results("a")],
    outcome: sent("go", "call a", "result a", "call a", "result a"),
    // Anthropic refuses it; whether Responses does is not told
    but: {
      messages: sent("go", "call a", "result a", "call a_2", "result a_2"),
      responses: sent("go", "call a", "result a", "call a_2", "result a_2")
    }
  },
  {
    what: "words of the assistant at the end",
    turns: [user(), words("Once upon")],
    outcome: sent("go", "Once upon")
  },
  {
    what: "users and assistants who speak several times in a row",
    turns: [user("a"), user("b"), words("c"), words("d"), user("e")],
    from: ["chat", "responses", "messages"],
    outcome: sent("a", "b", "c", "d", "e")
  },
  {
    what: "a model who speaks several times in a row, which is one text there",
    turns: [user("a"), user("b"), words("c"), words("d"), user("e")],
    from: ["gemini"],
    outcome: sent("a", "b", "cd", "e")
  },
  { what: "an assistant who speaks first", turns: [words("hello"), user()], outcome: sent("hello", "go") },
  {
    what: "an assistant who calls first",
    turns: [calls("a"), results("a"), user()],
    outcome: sent("call a", "result a", "go"),
    but: { gemini: refused("tool calls before any user message") }
  },
  {
    what: "two system prompts at the head",
    turns: [system("a"), system("b"), user()],
    from: ["chat", "responses"],
    outcome: sent("a", "b", "go"),
    but: { responses: sent("b", "go"), messages: sent("go"), gemini: sent("go") }
  },
  {
    what: "a system prompt in the middle",
    turns: [user(), words("hm"), system("be short"), user("so?")],
    from: ["chat", "responses"],
    outcome: sent("go", "hm", "be short", "so?"),
    but: {
      messages: sent("go", "hm", "<system>\nbe short\n</system>", "so?"),
      gemini: sent("go", "hm", "<system>\nbe short\n</system>", "so?")
    }
  },
  {
    what: "a system prompt between a call and its result",
    turns: [user(), calls("a"), system("be short"), results("a")],
    from: ["chat", "responses"],
    outcome: sent("go", "call a", "result a", "be short"),
    but: {
      messages: sent("go", "call a", "result a", "<system>\nbe short\n</system>"),
      gemini: sent("go", "call a", "result a", "<system>\nbe short\n</system>")
    }
  },
  {
    what: "a system prompt and nothing else",
    turns: [system("be short")],
    from: ["chat", "responses"],
    outcome: sent("be short")
  },
  {
    what: "empty words of the assistant in the middle",
    turns: [user("a"), words(""), user("b")],
    from: ["chat", "responses", "messages"],
    outcome: sent("a", "", "b"),
    but: { responses: sent("a", "b"), messages: sent("a", "b"), gemini: sent("a", "b") }
  },
  {
    what: "nothing but empty words",
    turns: [user("")],
    from: ["chat", "responses"],
    outcome: sent(""),
    but: { messages: refused("empty messages"), gemini: refused("empty messages") }
  }
]

describe("a conversation with", () => {
  for (const { but = {}, from = wires, outcome, turns, what } of rows)
    for (const source of from)
      for (const target of wires) {
        if (source === target) continue
        const expected = but[target] ?? outcome
        it(`${what}, from ${source} to ${target}, is ${"refused" in Object(expected) ? "refused by name" : "taken"}`, () => {
          const written = encoded(decoded(source, turns), target)
          if (expected !== "sent" && "refused" in expected) {
            expect(Result.isFailure(written) ? written.failure.feature : written.success.body).toBe(expected.refused)
            return
          }
          const { body } = Result.getOrThrowWith(written, (fault) => new Error(fault.message))
          expect(problem[target](body, models[target])).toBeUndefined()
          if (expected !== "sent") expect(shapeOf(body)).toEqual(expected.sent)
        })
      }

  it("a fault is refused together with what would have been dropped besides, for whoever asks for strictness", () => {
    for (const target of ["responses", "messages", "gemini"] as const) {
      const body = { ...written.chat([user(), calls("a")]), logit_bias: { "1": 2 } }
      const fault = Result.flip(encoded(Result.getOrThrow(inbound.chat.decodeRequest(body, {})), target))
      expect(Result.getOrThrow(fault)).toMatchObject({
        feature: "tool calls without results",
        dropped: ["logit_bias"]
      })
    }
  })

  it("words of the assistant at the end is refused for models that do not go on from them, whatever the wire", () => {
    for (const [target, model] of [
      ["messages", "claude-opus-4-7"],
      ["gemini", "gemini-3.6-flash"]
    ] as const)
      for (const source of wires) {
        const turns = [user(), words("Once upon")]
        // it is the vendor's to say so to a caller of its own wire
        const refused = Result.isFailure(encoded(decoded(source, turns), target, model))
        expect(refused, `${source} to ${model}`).toBe(source !== target)
        if (source === target) expect(problem[target]({ ...written[target](turns), model }, model)).toBeDefined()
        const faulty = encoded(decoded(source, turns), target, model)
        if (Result.isFailure(faulty)) expect(faulty.failure.feature).toBe("prefill")
      }
  })
})

describe("ids of calls", () => {
  for (const [what, id] of [
    ["with characters that not every vendor takes", "call:1/ü"],
    ["longer than any vendor's", "x".repeat(90)],
    ["that are empty", ""]
  ] as const)
    it(`${what} are sent as each vendor takes them, calls and results still together`, () => {
      for (const source of wires)
        for (const target of wires) {
          if (source === target) continue
          const body = Result.getOrThrow(encoded(decoded(source, [user(), calls(id), results(id)]), target)).body
          expect(problem[target](body, models[target]), `${source} to ${target}`).toBeUndefined()
          const [, call, result] = shapeOf(body)
          expect(result, `${source} to ${target}`).toBe(call?.replace("call", "result"))
        }
    })
})
