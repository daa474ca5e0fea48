/**
 * What a simulated vendor heard and said in a call, from the record of it.
 *
 * The imaginary models answer the same question in the same way, so what was said is reckoned from the recorded request
 * by the vendor's own reading of it; nothing of the gateway takes part.
 */
import type { Json } from "../../src/domain/Json.ts"
import type { RecordedCall } from "../../src/simulator/Calls.ts"
import { type Ask, speak, type Speech } from "../../src/simulator/Speech.ts"
import type { Wire } from "../../src/simulator/Wire.ts"

export interface Said extends Pick<Speech, "inputTokens" | "outputTokens"> {
  readonly ask: Ask
  readonly text: string
  readonly tools: Speech["utterances"][number]["tools"]
}

const hear = (call: RecordedCall, wire: Wire) =>
  wire.hear(
    { ...call, query: new URLSearchParams(call.query), body: JSON.stringify(call.body) },
    { call: call.number, id: "", nowMillis: 0, keys: undefined, models: wire.models }
  )

/** The body of an answer that is no model's: a count, an error. */
export const plainIn = (call: RecordedCall, wire: Wire): Json | undefined => {
  const heard = hear(call, wire)
  return heard._tag === "Plain" ? heard.body : undefined
}

/** `undefined` where the vendor refused the request. */
export const saidIn = (call: RecordedCall, wire: Wire): Said | undefined => {
  const heard = hear(call, wire)
  if (heard._tag === "Plain") return undefined
  const { inputTokens, outputTokens, utterances } = speak(heard.ask)
  const [one] = utterances
  return { ask: heard.ask, inputTokens, outputTokens, text: one?.text.join("") ?? "", tools: one?.tools ?? [] }
}
