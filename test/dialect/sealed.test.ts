/** Envelopes for other vendors' signatures: they open as they were closed, or not at all, and reach no vendor. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { isSealed, seal, unseal } from "../../src/dialect/Sealed.ts"
import type { DialectId } from "../../src/domain/Ids.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { inbound, outbound, type Wire, wires } from "./laws/wires.ts"

const origins: ReadonlyArray<DialectId> = ["openai-chat", "openai-responses", "anthropic-messages", "gemini"]
const ofCall = { gemini: { ofCall: true } }

/** A history over each wire in which an assistant's thought bears this envelope. */
const histories = (envelope: string): { readonly [W in Wire]: JsonObject } => ({
  chat: {
    model: "m",
    messages: [
      { role: "user", content: "a" },
      {
        role: "assistant",
        content: "b",
        reasoning_content: "hm",
        reasoning_details: [{ type: "reasoning.text", text: "hm", signature: envelope, format: "unknown", index: 0 }]
      },
      { role: "user", content: "c" }
    ]
  },
  responses: {
    model: "m",
    input: [
      { role: "user", content: "a" },
      { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: envelope },
      { role: "assistant", content: "b" },
      { role: "user", content: "c" }
    ]
  },
  messages: {
    model: "m",
    max_tokens: 9,
    messages: [
      { role: "user", content: "a" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: envelope },
          { type: "redacted_thinking", data: envelope },
          { type: "text", text: "b" }
        ]
      },
      { role: "user", content: "c" }
    ]
  },
  gemini: {
    model: "m",
    contents: [
      { role: "user", parts: [{ text: "a" }] },
      {
        role: "model",
        parts: [
          { text: "hm", thought: true, thoughtSignature: Buffer.from(envelope).toString("base64") },
          { text: "b" }
        ]
      },
      { role: "user", parts: [{ text: "c" }] }
    ]
  }
})

const sentBy = (from: Wire, to: Wire, envelope: string): string => {
  const request = Result.getOrThrow(inbound[from].decodeRequest(histories(envelope)[from], {}))
  const target = { model: "m", maxOutputTokens: undefined, quirks: noQuirks }
  return JSON.stringify(Result.getOrThrow(outbound[to].encodeRequest(request, target)).body)
}

describe("an envelope", () => {
  it("gives back whose secret it is, of what kind, and the secret, whatever it is made of", () => {
    for (const origin of origins)
      for (const secret of ["c2ln", "a.b.c", "switchyard.gemini.s.x.y", "line\nbreak", "é"])
        for (const part of [
          { origin, signature: secret },
          { origin, redacted: secret },
          { origin, signature: secret, extensions: ofCall }
        ]) {
          const envelope = seal(part) ?? ""
          assert.isTrue(isSealed(envelope))
          assert.deepStrictEqual(unseal(envelope), part)
        }
  })
  it("is none where nothing is secret, or nobody knows whose it is", () => {
    assert.isUndefined(seal({ origin: "gemini" }))
    assert.isUndefined(seal({ origin: "gemini", signature: "" }))
    assert.isUndefined(seal({ signature: "c2ln" }))
  })
  it("stays closed when a character of it was changed or lost", () => {
    const envelope = seal({ origin: "anthropic-messages", signature: "c2lnbmVk" }) ?? ""
    for (let at = 0; at < envelope.length; at++) {
      assert.isUndefined(unseal(envelope.slice(0, at) + envelope.slice(at + 1)), `without ${at}`)
      assert.isUndefined(unseal(`${envelope.slice(0, at)}~${envelope.slice(at + 1)}`), `with another ${at}`)
    }
  })
  for (const from of wires)
    for (const to of wires) {
      it(`of a ${from} caller is opened for whom it belongs to, and never sent over ${to}`, () => {
        for (const origin of origins) {
          const sent = sentBy(from, to, seal({ origin, signature: "U0lHTkVE" }) ?? "")
          const home = outbound[to].id === origin && from !== to && to !== "chat"
          assert.strictEqual(sent.includes("U0lHTkVE"), home, origin)
          assert.notInclude(sent, "switchyard")
          assert.notInclude(sent, Buffer.from("switchyard.").toString("base64").slice(0, 12))
        }
      })
      it(`of a ${from} caller that is not whole is passed over on the way to ${to}`, () => {
        for (const origin of origins) {
          const sent = sentBy(from, to, `${seal({ origin, signature: "U0lHTkVE" })}x`)
          assert.notInclude(sent, "U0lHTkVE")
          assert.notInclude(sent, "switchyard")
        }
      })
    }
})
