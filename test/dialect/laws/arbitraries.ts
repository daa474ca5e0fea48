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

/** Usage in which parts do not exceed wholes. `keys` are the details the wire tells. */
export const usageWith = (keys: ReadonlyArray<Exclude<keyof Usage, "inputTokens" | "outputTokens">>) =>
  Schema.Struct({
    inputTokens: Schema.Int.check(Schema.isBetween({ minimum: 1000, maximum: 100_000 })),
    outputTokens: Schema.Int.check(Schema.isBetween({ minimum: 1000, maximum: 100_000 })),
    ...Object.fromEntries(
      keys.map((key) => [key, Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 })))])
    )
  })
