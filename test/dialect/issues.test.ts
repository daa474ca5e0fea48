import { describe, expect, it } from "@effect/vitest"
import { Result, Schema, type SchemaAST } from "effect"
import { MessagesRequest } from "../../src/dialect/anthropic-messages/Wire.ts"
import { OpenAiEmbeddingsRequest } from "../../src/dialect/embeddings/Wire.ts"
import { GenerateContentRequest } from "../../src/dialect/gemini/RequestBody.ts"
import { AnyObject, bodyDecoder } from "../../src/dialect/Issues.ts"
import { ChatCompletionsRequest } from "../../src/dialect/openai-chat/Wire.ts"
import { ResponsesRequest } from "../../src/dialect/openai-responses/Wire.ts"
import type { Json } from "../../src/domain/Json.ts"

const Text = Schema.Struct({ type: Schema.Literal("text"), text: Schema.String })
const Image = Schema.Struct({ type: Schema.Literal("image"), url: Schema.String })
const Message = Schema.Struct({
  role: Schema.Literals(["system", "user", "assistant"]),
  content: Schema.Union([Schema.String, Schema.Array(Schema.Union([Text, Image]))])
})
const Body = Schema.Struct({
  model: Schema.String,
  messages: Schema.Array(Message).check(Schema.isMinLength(1)),
  n: Schema.optionalKey(Schema.NullOr(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)))),
  schema: Schema.optionalKey(AnyObject)
})

const decode = bodyDecoder(Body)
const message = { role: "user", content: "hi" }
const fault = (body: Json) => Result.getOrThrow(Result.flip(decode(body)))

describe("the sentence for a schema issue", () => {
  const cases: ReadonlyArray<readonly [string, Json, string | undefined, string]> = [
    ["names a missing field", { messages: [message] }, "model", "Missing required parameter: 'model'"],
    [
      "names the type that was found instead of the value",
      { model: 5, messages: [message] },
      "model",
      "Invalid type for 'model': expected a string, but got an integer"
    ],
    [
      "speaks of the body where the body itself is wrong",
      [1],
      undefined,
      "Invalid type for the request body: expected an object, but got an array"
    ],
    [
      "tells the bound that was missed",
      { model: "m", messages: [message], n: 0 },
      "n",
      "Invalid value for 'n': expected a value greater than or equal to 1, but got 0"
    ],
    [
      "tells an array that is too short",
      { model: "m", messages: [] },
      "messages",
      "Invalid value for 'messages': expected a value with a length of at least 1, but got 0 items"
    ],
    [
      "lists the words a field may hold",
      { model: "m", messages: [{ ...message, role: "robot" }] },
      "messages.0.role",
      "Invalid value for 'messages.0.role': expected one of 'system', 'user' or 'assistant', but got 'robot'"
    ],
    [
      "lists the members of a union no member of which is near",
      { model: "m", messages: [{ ...message, content: 7 }] },
      "messages.0.content",
      "Invalid type for 'messages.0.content': expected a string or an array, but got an integer"
    ],
    [
      "lists the discriminators of a union of objects",
      { model: "m", messages: [{ ...message, content: [{ type: "sound" }] }] },
      "messages.0.content.0.type",
      "Invalid value for 'messages.0.content.0.type': expected 'text' or 'image', but got 'sound'"
    ],
    [
      "asks for an object where a union of objects meets something else",
      { model: "m", messages: [{ ...message, content: ["hello"] }] },
      "messages.0.content.0",
      "Invalid type for 'messages.0.content.0': expected an object, but got a string"
    ],
    [
      "asks for the discriminator where it is missing",
      { model: "m", messages: [{ ...message, content: [{ text: "x" }] }] },
      "messages.0.content.0.type",
      "Invalid value for 'messages.0.content.0.type': expected 'text' or 'image'"
    ],
    [
      "reports the member of a union that the discriminator names",
      { model: "m", messages: [{ ...message, content: [{ type: "text", text: 5 }] }] },
      "messages.0.content.0.text",
      "Invalid type for 'messages.0.content.0.text': expected a string, but got an integer"
    ],
    [
      "does not offer null where null is allowed",
      { model: "m", messages: [message], n: "2" },
      "n",
      "Invalid type for 'n': expected an integer, but got a string"
    ],
    [
      "takes an opaque object for an object only",
      { model: "m", messages: [message], schema: [] },
      "schema",
      "Invalid type for 'schema': expected an object, but got an array"
    ]
  ]
  for (const [name, body, param, sentence] of cases)
    it(name, () => expect(fault(body)).toEqual({ message: sentence, param }))

  it("never repeats a long value", () => {
    const secret = "s3cret ".repeat(40)
    const bodies: ReadonlyArray<Json> = [
      { model: "m", messages: [{ role: secret, content: "" }] },
      { model: "m", messages: [{ role: "user", content: { text: secret } }] },
      { model: "m", messages: secret }
    ]
    for (const body of bodies) expect(fault(body).message.length).toBeLessThan(200)
    expect(fault(bodies[1] ?? null).message).not.toContain("s3cret")
    expect(fault(bodies[2] ?? null).message).not.toContain("s3cret")
  })
})

describe("the schema of a request", () => {
  /** Why Effect compiles no function for a schema; `undefined` where nothing keeps it from that. */
  const uncompiled = (ast: SchemaAST.AST, at: string): string | undefined => {
    if (ast.encoding !== undefined) return `${at} is changed by reading`
    switch (ast._tag) {
      case "Declaration":
      case "Suspend":
        return `${at} is a ${ast._tag}`
      case "Arrays":
        return firstOf([...ast.elements, ...ast.rest], (inner) => uncompiled(inner, `${at}.0`))
      case "Objects":
        return (
          firstOf(ast.propertySignatures, ({ name, type }) => uncompiled(type, `${at}.${String(name)}`)) ??
          firstOf(ast.indexSignatures, ({ type }) => uncompiled(type, `${at}.*`))
        )
      case "Union":
        return firstOf(ast.types, (inner) => uncompiled(inner, at))
      default:
        return undefined
    }
  }
  const firstOf = <A>(all: ReadonlyArray<A>, why: (one: A) => string | undefined): string | undefined =>
    all.flatMap((one) => why(one) ?? [])[0]
  for (const [name, schema] of [
    ["Chat Completions", ChatCompletionsRequest],
    ["Responses", ResponsesRequest],
    ["Messages", MessagesRequest],
    ["Gemini", GenerateContentRequest],
    ["embeddings", OpenAiEmbeddingsRequest]
  ] as const)
    it(`of ${name} can be compiled as a whole`, () => {
      expect(uncompiled(schema.ast, name)).toBeUndefined()
    })
})
