/** Words of the assistant's to go on from, at a vendor that wants them marked and repeats them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Catalog } from "../../src/catalog/Catalog.ts"
import { isJsonObject, type JsonObject } from "../../src/domain/Json.ts"
import { textOf } from "../../src/domain/Message.ts"
import { providerLayer } from "../../src/provider/kinds.ts"
import { LLMProvider } from "../../src/provider/LLMProvider.ts"
import { Transport } from "../../src/provider/Transport.ts"
import { chatRequest, providerSpec } from "./requests.ts"
import { json, makeWire } from "./wire.ts"

const hello = { role: "user", content: [{ _tag: "Text", text: "Hello" }] } as const
const answer: JsonObject = {
  id: "x",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello there" }, finish_reason: "stop" }]
}

describe("words to go on from", () => {
  for (const [who, extensions, marked, told] of [
    ["that their caller has not marked are marked, and not repeated", undefined, true, " there"],
    [
      "that their caller has marked are repeated, as that vendor does",
      { "openai-chat": { prefix: true } },
      true,
      "Hello there"
    ]
  ] as const)
    it.live(`to Mistral ${who}`, () =>
      Effect.gen(function* () {
        const wire = yield* makeWire(json(answer))
        const context = yield* Layer.build(
          providerLayer()(providerSpec({ kind: "mistral", baseUrl: wire.url })).pipe(
            Layer.provide(Layer.merge(Transport.layer(), Catalog.layer))
          )
        )
        const provider = yield* Effect.provide(LLMProvider, context)
        const said = { role: "assistant", content: [{ _tag: "Text", text: "Hello" }] } as const
        const last = extensions === undefined ? said : { ...said, extensions }
        const { choices } = yield* provider.complete(chatRequest({ messages: [hello, last] }))
        assert.strictEqual(textOf(choices[0].content), told)
        const body = wire.requests.at(-1)?.body
        const messages = isJsonObject(body) && Array.isArray(body["messages"]) ? body["messages"] : []
        const sent = messages.at(-1)
        assert.strictEqual(isJsonObject(sent) ? sent["prefix"] : undefined, marked)
      }).pipe(Effect.scoped)
    )
})
