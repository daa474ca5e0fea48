/**
 * Pieces of the domain to generate from, each no larger than what several wires can say. A dialect's test puts its own
 * request and response together from them; what a wire cannot express is left out there, in sight.
 *
 * Everything here is a Schema: `Schema.Union`, `Schema.Array` and `Schema.Struct` combine them, `Arbitrary.schema`
 * makes the generator.
 *
 * @module
 */
import { Schema } from "effect"
import type { Choice } from "../../../src/domain/ChatResponse.ts"
import type { Citation } from "../../../src/domain/Citation.ts"
import type { Usage } from "../../../src/domain/Usage.ts"

/** A text that is not empty. */
export const Words = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(40))
/** A name or id as every vendor takes it. */
export const Name = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9_]{0,12}$/))
export const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 }))
/** A number that JSON and back leaves alone. */
export const Ratio = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8 }))

export const JsonObject = Schema.Record(Name, Schema.Union([Schema.String, Schema.Int, Schema.Boolean, Schema.Null]))
/** The JSON text of an object, as a model writes arguments. */
export const ArgumentsText = Schema.Literals(["{}", '{"city":"Brno"}', '{"a":[1,2,{"b":null}]}', '{"q":"\\"\\n"}'])
export const Base64 = Schema.Literals(["aGVsbG8=", "AAEC", "iVBORw0KGgo="])

export const TextPart = Schema.TaggedStruct("Text", { text: Words })
export const ImageUrl = Schema.TaggedStruct("Image", {
  source: Schema.TaggedStruct("Url", { url: Schema.Literals(["https://example.com/a.png", "http://example.com/b"]) })
})
export const ImageBase64 = Schema.TaggedStruct("Image", {
  source: Schema.TaggedStruct("Base64", { mediaType: Schema.Literals(["image/png", "image/jpeg"]), data: Base64 })
})
export const DocumentBase64 = Schema.TaggedStruct("Document", {
  source: Schema.TaggedStruct("Base64", { mediaType: Schema.Literal("application/pdf"), data: Base64 }),
  name: Name
})
export const ToolCall = Schema.TaggedStruct("ToolCall", { id: Name, name: Name, arguments: ArgumentsText })
export const RefusalPart = Schema.TaggedStruct("Refusal", { text: Words })
export const PlainReasoning = Schema.TaggedStruct("Reasoning", { text: Words })

export const FunctionTool = Schema.TaggedStruct("Function", {
  name: Name,
  description: Schema.optionalKey(Words),
  parameters: JsonObject
})
export const AnyToolChoice = Schema.Union([
  Schema.TaggedStruct("Auto", {}),
  Schema.TaggedStruct("None", {}),
  Schema.TaggedStruct("Required", {}),
  Schema.TaggedStruct("Named", { name: Name })
])

const Likely = { token: Words, logprob: Schema.Literals([0, -0.25, -3]), bytes: Schema.Null }
/** Log probabilities of a text, as every wire that has them can say them. */
export const Logprobs = Schema.Struct({
  content: Schema.NonEmptyArray(Schema.Struct({ ...Likely, top_logprobs: Schema.Array(Schema.Struct(Likely)) })),
  refusal: Schema.Null
})

/** What `citing` makes citations of. */
export const Sources = Schema.Array(
  Schema.Struct({ title: Schema.optionalKey(Words), skip: Ratio, length: Ratio })
).check(Schema.isMaxLength(3))

/**
 * The choice with sources cited: one for a place in each of its texts, and the rest for the whole. On `wholeTexts` every
 * text is cited as it is, and nothing else. Without a text nothing is cited.
 */
export const citing = (choice: Choice, sources: typeof Sources.Type, wholeTexts = false): Choice => {
  const citations: Array<Citation> = []
  const urlOf = () => `https://example.com/${citations.length}`
  const left = [...sources]
  let at = 0
  for (const part of choice.content) {
    if (part._tag !== "Text") continue
    const source = wholeTexts ? sources[0] : hasHalfEdge(part.text) ? undefined : left.shift()
    if (source !== undefined) {
      const { length, skip, ...told } = source
      const from = wholeTexts ? 0 : beforePair(part.text, skip % part.text.length)
      const to = wholeTexts ? part.text.length : beforePair(part.text, from + 2 + length)
      const span = { start: at + from, end: at + Math.min(to, part.text.length) }
      citations.push({ url: urlOf(), ...told, span })
    }
    at += part.text.length
  }
  if (!wholeTexts && at > 0)
    for (const { length: _, skip: __, ...told } of left) citations.push({ url: urlOf(), ...told })
  return citations.length === 0 ? choice : { ...choice, citations }
}

const isFirstHalf = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
const isSecondHalf = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff

/** Could its edges be the halves of a character that another text has the rest of? */
const hasHalfEdge = (text: string): boolean =>
  isSecondHalf(text.charCodeAt(0)) || isFirstHalf(text.charCodeAt(text.length - 1))

/** No place is between the two halves of a character. */
const beforePair = (text: string, at: number): number => {
  return at > 0 && isSecondHalf(text.charCodeAt(at)) && isFirstHalf(text.charCodeAt(at - 1)) ? at - 1 : at
}

/** Usage in which parts do not exceed wholes. `keys` are the details the wire tells. */
export const usageWith = (keys: ReadonlyArray<Exclude<keyof Usage, "inputTokens" | "outputTokens">>) =>
  Schema.Struct({
    inputTokens: Schema.Int.check(Schema.isBetween({ minimum: 1000, maximum: 100_000 })),
    outputTokens: Schema.Int.check(Schema.isBetween({ minimum: 1000, maximum: 100_000 })),
    ...Object.fromEntries(
      keys.map((key) => [key, Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 })))])
    )
  })
