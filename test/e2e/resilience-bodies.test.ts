/**
 * Random and mutated bodies through a whole gateway to vendors that check strictly what they are sent.
 *
 * Whatever is asked is answered in the dialect; what our own dialect takes for valid and Switchyard writes anew for
 * another vendor's wire is never a wrong request there.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Random, References } from "effect"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { defaultResilience } from "../../src/config/Settings.ts"
import { pathOf } from "./asking.ts"
import { start, type VendorId } from "./harness.ts"

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
const schema = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: ["integer", "null"], minimum: 1 } },
  required: ["city", "days"],
  additionalProperties: false
}

/** Requests that use what each dialect has. */
const dialects = ["openai", "anthropic"] as const

const seeds: { readonly [D in (typeof dialects)[number]]: ReadonlyArray<JsonObject> } = {
  openai: [
    { messages: [{ role: "user", content: "hi" }] },
    {
      messages: [
        { role: "system", content: "be brief" },
        { role: "developer", content: [{ type: "text", text: "and kind" }] },
        {
          role: "user",
          name: "ann",
          content: [
            { type: "text", text: "what is this?" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}`, detail: "low" } }
          ]
        },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "c1", type: "function", function: { name: "look", arguments: '{"city":"Rome"}' } },
            { id: "c2", type: "function", function: { name: "look", arguments: "{}" } }
          ]
        },
        { role: "tool", tool_call_id: "c1", content: "42" },
        { role: "tool", tool_call_id: "c2", content: [{ type: "text", text: "43" }] },
        { role: "user", content: "and now?" }
      ],
      tools: [
        { type: "function", function: { name: "look", description: "looks", parameters: schema, strict: true } },
        { type: "function", function: { name: "wait" } }
      ],
      tool_choice: "auto",
      parallel_tool_calls: false
    },
    {
      messages: [
        { role: "user", content: "once" },
        { role: "assistant", content: "upon", refusal: null },
        {
          role: "user",
          content: [
            { type: "text", text: "a" },
            { type: "text", text: "time" }
          ]
        }
      ],
      temperature: 0.7,
      top_p: 0.9,
      presence_penalty: 0.5,
      frequency_penalty: -0.5,
      stop: ["END", "STOP"],
      seed: 7,
      max_completion_tokens: 200,
      logit_bias: { "50256": -100 },
      logprobs: true,
      top_logprobs: 2,
      n: 1,
      user: "someone",
      metadata: { a: "b" }
    },
    {
      messages: [{ role: "user", content: "Where?" }],
      response_format: { type: "json_schema", json_schema: { name: "place", schema, strict: true } },
      reasoning_effort: "low",
      stream: true,
      stream_options: { include_usage: true }
    },
    {
      messages: [{ role: "user", content: "look, please" }],
      tools: [{ type: "function", function: { name: "look", parameters: { type: "object", properties: {} } } }],
      tool_choice: { type: "function", function: { name: "look" } },
      stream: true
    }
  ],
  anthropic: [
    { max_tokens: 100, messages: [{ role: "user", content: "hi" }] },
    {
      max_tokens: 300,
      system: [{ type: "text", text: "be brief", cache_control: { type: "ephemeral" } }],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "what is this?" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } }
          ]
        },
        {
          role: "assistant",
          content: [
            { type: "text", text: "I look" },
            { type: "tool_use", id: "t1", name: "look", input: { city: "Rome" } },
            { type: "tool_use", id: "t2", name: "look", input: {} }
          ]
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "42" }] },
            { type: "tool_result", tool_use_id: "t2", content: "no", is_error: true },
            { type: "text", text: "and now?" }
          ]
        }
      ],
      tools: [
        { name: "look", description: "looks", input_schema: schema },
        { name: "wait", input_schema: { type: "object" } }
      ],
      tool_choice: { type: "auto", disable_parallel_tool_use: true }
    },
    {
      max_tokens: 3000,
      thinking: { type: "enabled", budget_tokens: 2000 },
      messages: [
        { role: "user", content: "once" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "hm", signature: "c2ln" },
            { type: "text", text: "upon" }
          ]
        },
        { role: "user", content: "a time" }
      ],
      stream: true
    },
    {
      max_tokens: 200,
      system: "be brief",
      messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
      temperature: 0.5,
      top_k: 40,
      stop_sequences: ["END"],
      metadata: { user_id: "someone" },
      stream: false
    },
    {
      max_tokens: 100,
      messages: [{ role: "user", content: "look" }],
      tools: [{ name: "look", input_schema: { type: "object", properties: { city: { type: "string" } } } }],
      tool_choice: { type: "tool", name: "look" },
      stream: true
    }
  ]
}

const nasty: ReadonlyArray<Json> = [
  null,
  true,
  false,
  0,
  1,
  2,
  -1,
  0.1,
  1e308,
  2 ** 53,
  "",
  "x",
  " ",
  "\u0000",
  "\ud800",
  "none",
  "__proto__",
  "y".repeat(3000),
  [],
  {},
  [null],
  [[]],
  { type: "text" },
  { type: "text", text: "" },
  { type: "text", text: "hello" },
  { type: null },
  { role: "user", content: "more" },
  { role: "assistant", content: "so" },
  { role: "assistant", content: "" },
  { type: "object" },
  { constructor: { prototype: {} } }
]

type Below = (n: number) => number
const pick = <A>(below: Below, from: ReadonlyArray<A>): A | undefined => from[below(from.length)]

const strings: ReadonlyArray<string> = [
  "",
  "x",
  " ",
  "\u0000",
  "\ud800",
  "none",
  "auto",
  "any",
  "low",
  "high",
  "text",
  "object",
  "user",
  "assistant",
  "system",
  "t1",
  "c2",
  "look",
  "{}",
  "{",
  "y".repeat(3000)
]
const numbers: ReadonlyArray<number> = [0, 1, 2, 5, -1, 0.1, 1.5, 100_000, 1e308, 2 ** 53]

/** Another value of the same kind, mostly; else anything. */
const instead = (value: Json, below: Below): Json => {
  if (below(4) > 0) {
    if (typeof value === "string") return pick(below, strings) ?? ""
    if (typeof value === "number") return pick(below, numbers) ?? 0
    if (typeof value === "boolean") return !value
  }
  return pick(below, nasty) ?? null
}

/** A copy with one place in it changed: replaced, left out, doubled, added. The deeper places have their share. */
const mutate = (value: Json, below: Below): Json => {
  if (Array.isArray(value)) {
    if (below(15) === 0) return instead(value, below)
    const copy = [...value]
    const at = below(copy.length + (below(4) === 0 ? 1 : 0))
    const here = copy[at]
    if (here === undefined) copy.push(pick(below, nasty) ?? null)
    else {
      const how = below(8)
      if (how === 0) copy.splice(at, 1)
      else if (how === 1) copy.splice(below(copy.length), 0, here)
      else copy[at] = mutate(here, below)
    }
    return copy
  }
  if (!isJsonObject(value)) return instead(value, below)
  if (below(25) === 0) return instead(value, below)
  const entries = Object.entries(value)
  const at = below(entries.length + (below(6) === 0 ? 1 : 0))
  const entry = entries[at]
  if (entry === undefined) return { ...value, [pick(below, names) ?? "x"]: pick(below, nasty) ?? null }
  if (below(6) === 0) entries.splice(at, 1)
  else entries[at] = [entry[0], mutate(entry[1], below)]
  return Object.fromEntries(entries)
}

const names = [
  "",
  "__proto__",
  "stream",
  "tools",
  "tool_choice",
  "n",
  "stop",
  "temperature",
  "max_tokens",
  "system",
  "user"
]

/** Which wire each provider speaks: a body that came over the same one is passed on as it is. */
const models: ReadonlyArray<readonly [vendor: VendorId, model: string, wire: (typeof dialects)[number] | "gemini"]> = [
  ["openai", "gpt-5.2", "openai"],
  ["openai", "gpt-4o", "openai"],
  ["anthropic", "claude-sonnet-5", "anthropic"],
  ["anthropic", "claude-opus-4-1", "anthropic"],
  ["gemini", "gemini-3.5-flash", "gemini"],
  ["gemini", "gemini-2.5-pro", "gemini"],
  ["groq", "openai/gpt-oss-120b", "openai"],
  ["mistral", "mistral-large-latest", "openai"],
  ["deepseek", "deepseek-chat", "openai"]
]

/**
 * Requests that our dialects let pass and that are wrong on every wire, the caller's own included: the vendor's verdict
 * is the right answer to them. Our dialects check shapes; what numbers, names and conversations mean is the vendors'.
 */
const exceptions: ReadonlyArray<{ readonly says: RegExp; readonly why: string }> = [
  { says: /temperature|top_p|top_k|penalty/i, why: "a number beyond the range of what draws words" },
  {
    says: /max_(?:completion_|output_)?tokens/,
    why: "an output limit below one (Anthropic's own 0 fills its cache, which no other wire can be asked for)"
  },
  {
    says: /Tool choice '|Tool '.*' not found|allowed_function_names/,
    why: "the choice of a tool that is not brought"
  },
  { says: /function\.name|function name|tools\.\d+\.(?:custom\.)?name/i, why: "a tool's name that no vendor takes" },
  // another model may: with one to turn to the request goes on
  { says: /does not support assistant message prefill/, why: "a conversation that ends with the assistant's words" },
  {
    says: /tool_call_ids? did not|must be a response to|tool_use_id|tool_result|function (?:call|response)/i,
    why: "results without calls, or calls without results"
  }
]

/** A vendor's 4xx to a request that Switchyard wrote. */
interface Refusal {
  readonly route: string
  readonly told: string
  readonly body: string
  readonly sent: string
}

const lane = (seed: number, count: number) =>
  Effect.gen(function* () {
    const { simulator, url } = yield* start({
      vendors: [...new Set(models.map(([vendor]) => vendor))],
      resilience: { circuit: { ...defaultResilience.circuit, failures: 1_000_000 } }
    })
    const refusals: Array<Refusal> = []
    const statuses = new Map<number, number>()
    for (let n = 0; n < count; n++) {
      const draws = yield* Effect.all(Array.from({ length: 80 }, () => Random.next))
      let drawn = 0
      const below: Below = (limit) => Math.floor((draws[drawn++ % draws.length] ?? 0) * limit)
      const dialect = dialects[below(2)] ?? "openai"
      const [vendor, model, wire] = models[below(models.length)] ?? ["openai", "gpt-5.2", "openai"]
      const name = `${vendor}/${model}`
      let body: Json = { ...pick(below, seeds[dialect]) }
      for (let times = below(4); times > 0; times--) body = mutate(body, below)
      if (isJsonObject(body)) body = { model: name, ...body }
      const text = below(40) === 0 ? JSON.stringify(body).slice(0, below(300)) : JSON.stringify(body)
      yield* simulator.clearCalls
      const { headers, raw, status } = yield* Effect.promise(async () => {
        const response = await fetch(`${url}${pathOf({ dialect, delivery: "whole", model: name })}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: text
        })
        return { status: response.status, headers: response.headers, raw: await response.text() }
      })
      const about = `${dialect} → ${vendor}/${model}: ${status}: ${raw.slice(0, 400)}\n${text}`
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      const calls = yield* simulator.calls
      assert.include(dialect === "openai" ? [200, 400, 403, 404, 413, 422] : [200, 400, 404, 413, 422], status, about)
      if (status !== 200) {
        const told = parseJson(raw)
        const error = isJsonObject(told) ? told["error"] : undefined
        assert.isTrue(isJsonObject(error) && typeof error["message"] === "string", about)
        if (dialect === "anthropic") assert.strictEqual(isJsonObject(told) && told["type"], "error", about)
        assert.strictEqual(headers.get("x-should-retry"), "false", about)
      } else {
        assert.isAtLeast(calls.length, 1, about)
        assert.notMatch(raw.slice(-2000), /"type":\s*"error"|^data: \{"error"/m, about)
      }
      const refused = calls.find((call) => call.status !== 200)
      if (refused !== undefined && dialect !== wire)
        refusals.push({
          route: `${dialect} → ${vendor}/${model}`,
          told: raw,
          body: text,
          sent: JSON.stringify(refused.body)
        })
    }
    return { refusals, statuses }
  }).pipe(Random.withSeed(`bodies ${seed}`), Effect.scoped)

describe("2,000 random and mutated bodies", () => {
  it.live(
    "are each answered in the dialect, and none that was accepted is a wrong request on another vendor's wire",
    () =>
      Effect.gen(function* () {
        const lanes = yield* Effect.forEach([1, 2, 3, 4], (seed) => lane(seed, 500), { concurrency: "unbounded" })
        const refusals = lanes.flatMap((lane) => lane.refusals)
        const unexplained = refusals.filter(({ told }) => !exceptions.some(({ says }) => says.test(told)))
        assert.deepStrictEqual(unexplained, [])
        // else the bodies would say little: enough of them are answered, enough refused
        const answered = lanes.reduce((sum, { statuses }) => sum + (statuses.get(200) ?? 0), 0)
        assert.isAbove(answered, 600)
        assert.isBelow(answered, 1800)
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None")),
    60_000
  )
})
