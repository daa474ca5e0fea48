import * as fs from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Simulator from "../../src/simulator/Simulator.ts"
import { raw } from "./client.ts"

const folder = "../shared/recordings"
const present = fs.existsSync(folder)
if (!present) console.log(`skipped: there are no recordings in ${folder}`)

interface Exchange {
  readonly request: {
    readonly method: string
    readonly path: string
    readonly body?: { readonly [key: string]: unknown }
  }
  readonly response: { readonly status: number }
}

const exchanges = (file: string): ReadonlyArray<Exchange> =>
  present
    ? fs
        .readFileSync(`${folder}/${file}.jsonl`, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : []

const wires = [
  { file: "openai", vendor: "openai", path: /^\/v1\/chat\/completions$/, headers: { authorization: "Bearer k" } },
  { file: "groq", vendor: "groq", path: /chat\/completions$/, headers: { authorization: "Bearer k" } },
  { file: "mistral", vendor: "mistral", path: /chat\/completions$/, headers: { authorization: "Bearer k" } },
  { file: "deepseek", vendor: "deepseek", path: /chat\/completions$/, headers: { authorization: "Bearer k" } },
  { file: "openrouter", vendor: "openrouter", path: /chat\/completions$/, headers: { authorization: "Bearer k" } },
  {
    file: "anthropic",
    vendor: "anthropic",
    path: /^\/v1\/messages(\/count_tokens)?\?/,
    headers: { "x-api-key": "k", "anthropic-version": "2023-06-01" }
  },
  { file: "google", vendor: "google", path: /:(stream)?[gG]enerateContent/, headers: { "x-goog-api-key": "k" } }
] as const

describe.skipIf(!present)("requests that a real vendor answered", () => {
  for (const { file, headers, path, vendor } of wires)
    it.live(`${file}'s are answered by the simulator too`, () =>
      Effect.gen(function* () {
        const simulator = yield* Simulator.make()
        const recorded = exchanges(file).filter(
          ({ request, response }) => response.status === 200 && path.test(request.path) && request.body !== undefined
        )
        assert.isAbove(recorded.length, 0)
        const refused: Array<string> = []
        for (const { request } of recorded) {
          const target = request.path.slice(request.path.search(/\/(v1|chat)/))
          const answer = yield* raw(`${simulator.url}/${vendor}${target}`, { headers, body: request.body })
          if (answer.status !== 200) refused.push(answer.text)
        }
        assert.deepStrictEqual(refused, [])
      })
    )
})
