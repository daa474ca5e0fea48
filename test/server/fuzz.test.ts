import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, Random } from "effect"
import { Agent, request as httpRequest } from "node:http"
import type { EmbeddingHandler } from "../../src/domain/Embedding.ts"
import { served, withEdge } from "./support.ts"

/** Bodies of real shapes to mutate. */
const seeds: ReadonlyArray<object> = [
  { model: "smart", messages: [{ role: "user", content: "hi" }] },
  {
    model: "acme/large-1",
    stream: true,
    max_tokens: 100,
    temperature: 0.5,
    stop: ["a", "b"],
    stream_options: { include_usage: true },
    messages: [
      { role: "system", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "what is this" },
          { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } }
        ]
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: "{}" } }]
      },
      { role: "tool", tool_call_id: "c1", content: "42" }
    ],
    tools: [{ type: "function", function: { name: "look", parameters: { type: "object", properties: {} } } }],
    tool_choice: { type: "function", function: { name: "look" } },
    response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } }
  },
  {
    model: "smart",
    max_tokens: 100,
    system: [{ type: "text", text: "be brief", cache_control: { type: "ephemeral" } }],
    thinking: { type: "enabled", budget_tokens: 2000 },
    tools: [{ name: "look", input_schema: { type: "object" } }],
    tool_choice: { type: "any" },
    messages: [
      { role: "user", content: [{ type: "text", text: "hi" }] },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: "s" },
          { type: "tool_use", id: "t1", name: "look", input: { a: 1 } }
        ]
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "42" }] }] }
    ],
    stream: true
  },
  {
    systemInstruction: { parts: [{ text: "be brief" }] },
    contents: [
      { role: "user", parts: [{ text: "hi" }, { inline_data: { mime_type: "image/png", data: "aGk=" } }] },
      { role: "model", parts: [{ functionCall: { name: "look", args: { a: 1 } }, thoughtSignature: "c2ln" }] },
      { role: "user", parts: { functionResponse: { name: "look", response: { result: "42" } } } }
    ],
    tools: [{ functionDeclarations: [{ name: "look", parameters: { type: "OBJECT", nullable: true } }] }],
    toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["look"] } },
    generationConfig: { topK: 40, responseMimeType: "application/json", thinkingConfig: { thinkingBudget: -1 } }
  },
  { model: "smart", input: "hi", previous_response_id: "resp_1", store: true },
  {
    model: "smart",
    instructions: "be brief",
    max_output_tokens: 100,
    reasoning: { effort: "low", summary: "auto" },
    include: ["reasoning.encrypted_content"],
    text: {
      format: { type: "json_schema", name: "x", schema: { $ref: "#/$defs/a", $defs: { a: { type: "object" } } } }
    },
    tools: [{ type: "function", name: "look", parameters: { type: "object" }, strict: true }, { type: "web_search" }],
    tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "look" }] },
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text: "hi" },
          { type: "input_image", image_url: "data:image/png;base64,aGk=" }
        ]
      },
      { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "gAAA" },
      { type: "function_call", call_id: "c1", name: "look", arguments: "{}" },
      { type: "function_call_output", call_id: "c1", output: "42" },
      { type: "message", id: "msg_1", role: "assistant", content: [{ type: "output_text", text: "ok" }] }
    ],
    stream: true
  },
  {
    model: "smart",
    input: [
      { type: "item_reference", id: "msg_1" },
      { type: "item_reference", id: "msg_1" }
    ]
  },
  { model: "smart", input: ["hello", "world"], dimensions: 4, encoding_format: "base64" },
  { model: "smart", input: [[1, 2], [3]], user: "u" },
  { content: { parts: [{ text: "hello" }] }, taskType: "CLUSTERING", outputDimensionality: 4 },
  { requests: [{ model: "models/smart", content: { parts: [{ text: "hello" }] } }] }
]

const googlePaths = [
  "generateContent",
  "streamGenerateContent",
  "streamGenerateContent?alt=sse",
  "streamGenerateContent?alt=media&alt=sse&$alt=",
  "countTokens",
  "embedContent",
  "batchEmbedContents"
].map((method) => `/v1beta/models/smart:${method}`)
const paths = [
  "/v1/chat/completions",
  "/v1/responses",
  "/v1/messages",
  "/v1/messages/count_tokens",
  "/v1/embeddings",
  ...googlePaths
]

/** Two numbers for each text. */
const embed: EmbeddingHandler = ({ inputs }) =>
  Effect.succeed({
    served,
    response: { model: "large-1", vectors: Arr.map(inputs, () => [1, 2]), usage: { inputTokens: 7, outputTokens: 0 } }
  })

/** Values that break careless readers. */
const nasty: ReadonlyArray<unknown> = [
  null,
  true,
  -1,
  1e308,
  0.1,
  2 ** 53,
  "",
  "\u0000",
  "\ud800",
  "../..",
  "__proto__",
  "x".repeat(5000),
  [],
  {},
  [[[[]]]],
  { type: "text" },
  { type: null },
  { toString: 1 },
  [null],
  { __proto__x: {} },
  { constructor: { prototype: {} } },
  // as JSON has it, a field like any other
  JSON.parse('{"__proto__":{"model":"smart"}}'),
  { type: "item_reference", id: "msg_1" },
  { type: "function_call_output", call_id: "c9", output: [{ type: "input_text", text: "x" }] },
  { $ref: "#", allOf: [{ $ref: "#" }] },
  "999999999999999999999",
  Array.from({ length: 150 }).reduce<unknown>((inner) => [inner], 1),
  Array.from({ length: 3000 }, (_, at) => at)
]

const names = [
  "",
  "__proto__",
  "constructor",
  "toString",
  "model",
  "messages",
  "input",
  "previous_response_id",
  "metadata",
  "text",
  "reasoning",
  "conversation",
  "stream",
  "tools",
  "n",
  "fallbacks",
  "models"
]

type Draw = { readonly below: (n: number) => number }

const pick = <A>(draw: Draw, from: ReadonlyArray<A>): A | undefined => from[draw.below(from.length)]

/** A copy of `value` with one place in it changed. */
const mutate = (value: unknown, draw: Draw): unknown => {
  if (typeof value !== "object" || value === null || draw.below(12) === 0) return pick(draw, nasty)
  if (Array.isArray(value)) {
    const copy: Array<unknown> = [...value]
    const at = draw.below(copy.length + 1)
    if (at === copy.length || draw.below(6) === 0) copy.splice(at, draw.below(2), pick(draw, nasty))
    else copy[at] = mutate(copy[at], draw)
    return copy
  }
  const entries = Object.entries(value)
  const at = draw.below(entries.length + 1)
  const entry = entries[at]
  if (entry === undefined) return { ...value, [pick(draw, names) ?? ""]: pick(draw, nasty) }
  if (draw.below(6) === 0) entries.splice(at, 1)
  else entries[at] = [entry[0], mutate(entry[1], draw)]
  return Object.fromEntries(entries)
}

/** Text with some bytes changed, cut or doubled. */
const scramble = (text: string, draw: Draw): Buffer => {
  const bytes = Buffer.from(text)
  for (let i = 0; i <= draw.below(4); i++) bytes[draw.below(bytes.length)] = draw.below(256)
  if (draw.below(3) === 0) return bytes.subarray(0, draw.below(bytes.length))
  return draw.below(5) === 0 ? Buffer.concat([bytes, bytes]) : bytes
}

const noise = (draw: Draw): Buffer => Buffer.from(Array.from({ length: draw.below(200) }, () => draw.below(256)))

/** Where a body of this shape belongs. */
const homeOf = (seed: object): ReadonlyArray<string> => {
  if ("contents" in seed) return googlePaths.slice(0, 5)
  if ("content" in seed) return ["/v1beta/models/smart:embedContent"]
  if ("requests" in seed) return ["/v1beta/models/smart:batchEmbedContents"]
  if ("dimensions" in seed || "user" in seed) return ["/v1/embeddings"]
  if ("input" in seed) return ["/v1/responses"]
  return ["/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens"]
}

/** A body, and a path: mostly its own. */
const drawn = (draw: Draw): { readonly path: string; readonly body: Buffer } => {
  const seed = pick(draw, seeds) ?? {}
  const path = pick(draw, draw.below(5) === 0 ? paths : homeOf(seed)) ?? "/v1/messages"
  return { path, body: bodyOf(seed, draw) }
}

const bodyOf = (seed: object, draw: Draw): Buffer => {
  let value: unknown = seed
  for (let i = draw.below(4); i > 0; i--) value = mutate(value, draw)
  const text = JSON.stringify(value) ?? "null"
  switch (draw.below(8)) {
    case 0:
      return scramble(text, draw)
    case 1:
      return noise(draw)
    default:
      return Buffer.from(text)
  }
}

interface Told {
  readonly status: number
  readonly body: string
}

const post = (agent: Agent, port: number, path: string, body: Buffer): Effect.Effect<Told> =>
  Effect.callback((resume) => {
    const request = httpRequest(
      {
        agent,
        host: "127.0.0.1",
        port,
        method: "POST",
        path,
        headers: { "content-type": "application/json", "content-length": body.length }
      },
      (response) => {
        const chunks: Array<Buffer> = []
        response.on("data", (chunk: Buffer) => void chunks.push(chunk))
        response.on("end", () =>
          resume(Effect.succeed({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
        )
      }
    )
    request.on("error", (error) => resume(Effect.die(error)))
    request.end(body)
  })

const isEnvelope = (path: string, body: string): boolean => {
  const value: unknown = JSON.parse(body)
  if (typeof value !== "object" || value === null || !("error" in value)) return false
  const { error } = value
  if (typeof error !== "object" || error === null || !("message" in error)) return false
  if (path.startsWith("/v1beta")) return "status" in error && "code" in error && typeof error.code === "number"
  if (!("type" in error)) return false
  return !path.startsWith("/v1/messages") || ("type" in value && value.type === "error")
}

describe("bodies from anywhere", () => {
  it.effect(
    "ten thousand random and mutated bodies are answered or refused in their dialect, never with a 500",
    () =>
      withEdge({ embed }, (port) =>
        Effect.gen(function* () {
          const random = yield* Random.Random
          const draw: Draw = { below: (n) => Math.floor(random.nextDoubleUnsafe() * n) }
          const agent = new Agent({ keepAlive: true, maxSockets: 16 })
          let answered = 0
          let refused = 0
          const one = Effect.gen(function* () {
            const { body, path } = drawn(draw)
            const told = yield* post(agent, port, path, body)
            if (told.status === 200) {
              answered++
              return
            }
            refused++
            const what = `${told.status} for ${path} ${body.toString().slice(0, 500)}`
            assert.isAtLeast(told.status, 400, what)
            assert.isBelow(told.status, 500, what)
            assert.isTrue(isEnvelope(path, told.body), `${what}: ${told.body}`)
          })
          yield* Effect.all(
            Array.from({ length: 10_000 }, () => one),
            { concurrency: 16, discard: true }
          )
          agent.destroy()
          // both ways were taken, so the bodies were neither all good nor all bad
          assert.isAbove(answered, 500)
          assert.isAbove(refused, 2000)
        }).pipe(Random.withSeed("bodies"))
      ),
    60_000
  )
})
