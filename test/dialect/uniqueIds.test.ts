import { assert, it } from "@effect/vitest"
import { Result } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { inbound, outbound } from "./laws/wires.ts"

it("ids that come again in later turns are told apart to Anthropic, each result with its own call", () => {
  const call = { id: "call_0", type: "function", function: { name: "f", arguments: "{}" } }
  const round = (result: string) => [
    { role: "user", content: "go" },
    { role: "assistant", content: null, tool_calls: [call] },
    { role: "tool", tool_call_id: "call_0", content: result }
  ]
  const request = Result.getOrThrow(
    inbound.chat.decodeRequest({ model: "m", messages: [...round("a"), ...round("b"), ...round("c")] }, {})
  )
  const target = { model: "claude-haiku-4-5", maxOutputTokens: undefined, quirks: noQuirks }
  const { messages } = Result.getOrThrow(outbound.messages.encodeRequest(request, target)).body
  const ids = (key: string) =>
    [...JSON.stringify(messages).matchAll(new RegExp(`"${key}":"([^"]*)"`, "g"))].map(([, id]) => id)
  assert.deepStrictEqual(ids("id"), ["call_0", "call_0_2", "call_0_3"])
  assert.deepStrictEqual(ids("tool_use_id"), ["call_0", "call_0_2", "call_0_3"])
})
