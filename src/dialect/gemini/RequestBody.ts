/**
 * A body of `generateContent` as callers write it: its Schema, and its one spelling.
 *
 * The vendor reads protobuf in JSON, which has several spellings of one thing: every field may be named in camelCase or
 * in snake_case, `null` means absent, and a list of one may be written as that one. `oneSpelling` settles these, in
 * the places that Switchyard reads; the arguments of calls, answers of functions and schemas are the caller's own and
 * stay as they are. The Schema then says what the body must be; what it does not name is kept by the decoder.
 *
 * Source of the shapes: the REST reference of the Gemini API (`models.generateContent`), the types of `@google/genai`,
 * https://protobuf.dev/programming-guides/json/
 *
 * @module
 */
import { Schema } from "effect"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import { AnyJson, AnyObject, atMostFallbacks, ModelName } from "../Issues.ts"

const maybe = Schema.optionalKey

const Part = Schema.Struct({
  text: maybe(Schema.String),
  thought: maybe(Schema.Boolean),
  thoughtSignature: maybe(Schema.String),
  inlineData: maybe(Schema.Struct({ mimeType: Schema.String, data: Schema.String })),
  fileData: maybe(Schema.Struct({ mimeType: maybe(Schema.String), fileUri: Schema.String })),
  functionCall: maybe(Schema.Struct({ id: maybe(Schema.String), name: maybe(Schema.String), args: maybe(AnyObject) })),
  functionResponse: maybe(
    Schema.Struct({
      id: maybe(Schema.String),
      name: Schema.String,
      response: maybe(AnyObject),
      parts: maybe(Schema.Array(AnyObject))
    })
  )
})

const Content = Schema.Struct({
  /** `function` is an older word for `user` in a turn that holds the answers of functions. */
  role: maybe(Schema.Literals(["user", "model", "function"])),
  parts: maybe(Schema.Array(Part))
})

const Instruction = Schema.Struct({ role: maybe(Schema.String), parts: maybe(Schema.Array(Part)) })

const FunctionDeclaration = Schema.Struct({
  name: Schema.String,
  description: maybe(Schema.String),
  /** The vendor's own dialect of schemas, types in capitals. */
  parameters: maybe(AnyObject),
  parametersJsonSchema: maybe(AnyObject)
})

const GenerationConfig = Schema.Struct({
  temperature: maybe(Schema.Finite),
  topP: maybe(Schema.Finite),
  topK: maybe(Schema.Finite),
  candidateCount: maybe(Schema.Int),
  maxOutputTokens: maybe(Schema.Int),
  stopSequences: maybe(Schema.Array(Schema.String)),
  seed: maybe(Schema.Int),
  presencePenalty: maybe(Schema.Finite),
  frequencyPenalty: maybe(Schema.Finite),
  responseLogprobs: maybe(Schema.Boolean),
  logprobs: maybe(Schema.Int),
  responseMimeType: maybe(Schema.String),
  responseSchema: maybe(AnyObject),
  responseJsonSchema: maybe(AnyJson),
  thinkingConfig: maybe(
    Schema.Struct({
      includeThoughts: maybe(Schema.Boolean),
      thinkingBudget: maybe(Schema.Int),
      thinkingLevel: maybe(Schema.String)
    })
  )
})

export const GenerateContentRequest = Schema.Struct({
  contents: Schema.Array(Content).check(Schema.isMinLength(1, { expected: "at least one content" })),
  systemInstruction: maybe(Instruction),
  tools: maybe(Schema.Array(Schema.Struct({ functionDeclarations: maybe(Schema.Array(FunctionDeclaration)) }))),
  toolConfig: maybe(
    Schema.Struct({
      functionCallingConfig: maybe(
        Schema.Struct({ mode: maybe(Schema.String), allowedFunctionNames: maybe(Schema.Array(Schema.String)) })
      )
    })
  ),
  generationConfig: maybe(GenerationConfig),
  safetySettings: maybe(Schema.Array(AnyObject)),
  cachedContent: maybe(Schema.String),
  /** Switchyard's own: further models to try. */
  fallbacks: maybe(Schema.Array(ModelName).check(atMostFallbacks)),
  /** The same under another name. */
  models: maybe(Schema.Array(ModelName).check(atMostFallbacks))
}).annotate({ identifier: "GenerateContentRequest" })
export type GenerateContentRequest = typeof GenerateContentRequest.Type

type Change = (value: Json) => Json

type Members = ReadonlyArray<readonly [key: string, change: Change]>

/** One object's keys in camelCase, and the change of each of its named members. No object: the value itself. */
const within =
  (members: Members): Change =>
  (value) => {
    if (!isJsonObject(value)) return value
    const named = camelCased(value)
    let copy: Record<string, Json> | undefined
    for (const [key, change] of members) {
      const member = named[key]
      if (member === undefined) continue
      const changed = change(member)
      if (changed !== member) (copy ??= { ...named })[key] = changed
    }
    return copy ?? named
  }

const camelCased = (object: JsonObject): JsonObject => {
  let same = true
  for (const key in object)
    if (key.includes("_") || object[key] === null) {
      same = false
      break
    }
  if (same) return object
  const out: Record<string, Json> = {}
  for (const [key, value] of Object.entries(object))
    if (value !== null) out[key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())] = value
  return out
}

const listOf =
  (change: Change): Change =>
  (value) => {
    if (isJsonObject(value)) return [change(value)]
    if (!Array.isArray(value)) return value
    let copy: Array<Json> | undefined
    for (let i = 0; i < value.length; i++) {
      const item: Json = value[i]
      const changed = change(item)
      if (changed !== item) (copy ??= [...value])[i] = changed
    }
    return copy ?? value
  }

const plain = within([])
const media: Members = [
  ["inlineData", plain],
  ["fileData", plain]
]
const partSpelt = within([
  ...media,
  ["functionCall", plain],
  ["functionResponse", within([["parts", listOf(within(media))]])]
])
const contentSpelt = within([["parts", listOf(partSpelt)]])

/** A body in camelCase, without nulls, lists as lists; the same value where it is written so already. */
export const oneSpelling: Change = within([
  ["contents", listOf(contentSpelt)],
  ["systemInstruction", contentSpelt],
  ["tools", listOf(within([["functionDeclarations", listOf(plain)]]))],
  ["toolConfig", within([["functionCallingConfig", plain]])],
  ["generationConfig", within([["thinkingConfig", plain]])]
])
