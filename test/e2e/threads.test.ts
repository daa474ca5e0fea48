/** Conversations that Anthropic is asked to hold, with one provider and with several, over HTTP and by the SDK. */
import Anthropic from "@anthropic-ai/sdk"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isJsonObject, type Json } from "../../src/domain/Json.ts"
import { alias, start, type VendorId } from "./harness.ts"

const asked = {
  model: "claude-sonnet-5",
  max_tokens: 50,
  messages: [{ role: "user", content: "hi" }]
}

const post = async (url: string, body: object, path = "/v1/messages"): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
    body: JSON.stringify(body)
  })

const codeOf = async (response: Response): Promise<Json | undefined> => {
  const body: unknown = await response.json()
  const error = isJsonObject(body) ? body["error"] : undefined
  const details = isJsonObject(error) ? error["details"] : undefined
  return isJsonObject(details) ? details["error_code"] : undefined
}

/** The threads of all calls that reached a vendor. */
const threadsWith = (vendors: ReadonlyArray<VendorId>, body: object, path?: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { simulator, url } = yield* start({
        vendors,
        aliases: [alias("several", "anthropic/claude-sonnet-5", "openai/gpt-5.2")]
      })
      const response = yield* Effect.promise(() => post(url, body, path))
      const code = yield* Effect.promise(() => codeOf(response))
      const calls = yield* simulator.calls
      const threads = calls.map(({ body }) => (isJsonObject(body) ? body["thread"] : undefined))
      return { status: response.status, code, threads }
    })
  )

describe("a conversation that Anthropic is to hold", () => {
  const code = "thread_unsupported_request"
  for (const thread of [{ type: "create" }, { type: "continue", previous_message_id: "msg_1" }])
    it.live(`goes as it is to a single provider of Anthropic's, whose own words are told (${thread.type})`, () =>
      Effect.map(threadsWith(["anthropic", "openai"], { ...asked, thread }), (seen) =>
        assert.deepStrictEqual(seen, { status: 400, code, threads: [thread] })
      )
    )

  for (const [what, vendors, fields] of [
    ["an alias over several providers", ["anthropic", "openai"], { model: "several" }],
    ["a fallback of another provider", ["anthropic", "openai"], { fallbacks: ["openai/gpt-5.2"] }],
    ["a single provider of another wire", ["openai"], { model: "gpt-5.2" }]
  ] as const)
    it.live(`is refused before any call, with the code on which all of it is sent, for ${what}`, () =>
      Effect.map(threadsWith(vendors, { ...asked, thread: { type: "create" }, ...fields }), (seen) =>
        assert.deepStrictEqual(seen, { status: 400, code, threads: [] })
      )
    )

  it.live("is not counted, since what it holds is known to its vendor only", () =>
    Effect.map(
      threadsWith(["anthropic"], { ...asked, thread: { type: "create" } }, "/v1/messages/count_tokens"),
      (seen) => assert.deepStrictEqual(seen, { status: 400, code, threads: [] })
    )
  )

  it.live("is sent whole by the SDK that was told so to do", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { url } = yield* start({ vendors: ["anthropic", "openai"] })
        const client = new Anthropic({ apiKey: "unused", baseURL: url, maxRetries: 0 })
        for (const model of ["claude-sonnet-5", "openai/gpt-5.2"]) {
          const thread = client.beta.messages.thread({
            model,
            max_tokens: 50,
            unsupportedRequestBehavior: "continue_unthreaded"
          })
          for (const content of ["one", "two"]) {
            const { content: blocks } = yield* Effect.promise(() => thread.send({ role: "user", content }))
            assert.include(JSON.stringify(blocks), content)
          }
          assert.strictEqual(thread.messages.length, 4)
        }
      })
    )
  )
})
