/** The `@google/genai` package. */
import {
  ApiError,
  type CallableTool,
  type Content,
  type FunctionCall,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
  type Schema,
  Type
} from "@google/genai"
import {
  bothOf,
  cityShape,
  collect,
  jsonSchemaOf,
  person,
  question,
  secondQuestion,
  system,
  texts,
  toolbox,
  toolQuestion,
  tools,
  valueQuestion
} from "../asking.ts"
import type { Client, Reach, Tokens } from "../cells.ts"

const connect = ({ base, key }: Reach) =>
  new GoogleGenAI({ apiKey: key, vertexai: false, httpOptions: { baseUrl: base } })

const usageOf = ({ usageMetadata: usage }: GenerateContentResponse): Tokens => ({
  input: usage?.promptTokenCount,
  output:
    usage?.candidatesTokenCount === undefined ? undefined : usage.candidatesTokenCount + (usage.thoughtsTokenCount ?? 0)
})

const seenIn = (answer: GenerateContentResponse) => ({
  text: isWords(answer) ? (answer.text ?? "") : "",
  ends: [answer.candidates?.[0]?.finishReason],
  usages: [usageOf(answer)]
})

/** The SDK warns whoever reads the text of what has more than text. */
const isWords = ({ candidates }: GenerateContentResponse): boolean =>
  (candidates?.[0]?.content?.parts ?? []).every(({ text }) => text !== undefined)

const seenInStream = (chunks: ReadonlyArray<GenerateContentResponse>) => {
  const pieces = chunks.filter(isWords).flatMap(({ text }) => (text === undefined || text === "" ? [] : [text]))
  return {
    text: pieces.join(""),
    pieces,
    ends: chunks.flatMap(({ candidates }) => candidates?.[0]?.finishReason ?? []),
    usages: chunks.slice(-1).map(usageOf)
  }
}

const declarations = {
  functionDeclarations: tools.map(({ description, name }) => ({
    name,
    description,
    parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ["city"] }
  }))
}

const responsesTo = (calls: ReadonlyArray<FunctionCall>, use: (name: string, input: unknown) => string): Array<Part> =>
  calls.map(({ args, id, name = "" }) => ({
    functionResponse: { ...(id === undefined ? {} : { id }), name, response: { output: use(name, args) } }
  }))

/** A tool that the SDK calls by itself. */
const callable = (use: (name: string, input: unknown) => string): CallableTool => ({
  tool: async () => ({
    functionDeclarations: tools.map(({ description, name }) => ({
      name,
      description,
      parametersJsonSchema: jsonSchemaOf(cityShape)
    }))
  }),
  callTool: async (calls) => responsesTo(calls, use)
})

const userSays = (text: string): Content => ({ role: "user", parts: [{ text }] })

const personSchema: Schema = {
  type: Type.OBJECT,
  properties: {
    name: { type: Type.STRING, description: "The full name" },
    age: { type: Type.NUMBER },
    language: { type: Type.STRING, format: "enum", enum: ["en", "de"] },
    nickname: { type: Type.STRING, nullable: true },
    pets: {
      type: Type.ARRAY,
      items: {
        type: Type.OBJECT,
        properties: { kind: { type: Type.STRING }, legs: { type: Type.NUMBER } },
        required: ["kind", "legs"]
      }
    }
  },
  required: ["name", "age", "language", "nickname", "pets"],
  propertyOrdering: ["name", "age", "language", "nickname", "pets"]
}

const json = { responseMimeType: "application/json" }

export const google: Client = {
  name: "google",
  package: "@google/genai",
  speaksResponses: false,
  bases: ["", "/"],
  wrongBase: "/v1beta",
  ends: { stop: "STOP", tools: "STOP" },
  failure: (caught) => ({
    isOwn: caught instanceof ApiError,
    status: caught instanceof ApiError ? caught.status : undefined,
    message: String(caught)
  }),
  features: [
    {
      name: "models.generateContent",
      kind: "words",
      run: async (reach) =>
        seenIn(
          await connect(reach).models.generateContent({
            model: reach.model,
            contents: question,
            config: { systemInstruction: system }
          })
        )
    },
    {
      name: "models.generateContentStream",
      kind: "words",
      run: async (reach) =>
        seenInStream(
          await collect(
            await connect(reach).models.generateContentStream({
              model: reach.model,
              contents: question,
              config: { systemInstruction: system }
            })
          )
        )
    },
    {
      name: "chats, two turns",
      kind: "chat",
      run: async (reach) => {
        const chat = connect(reach).chats.create({ model: reach.model, config: { systemInstruction: system } })
        await chat.sendMessage({ message: question })
        return seenIn(await chat.sendMessage({ message: secondQuestion }))
      }
    },
    {
      name: "chats, two turns, streamed",
      kind: "chat",
      run: async (reach) => {
        const chat = connect(reach).chats.create({ model: reach.model })
        await collect(await chat.sendMessageStream({ message: question }))
        return seenInStream(await collect(await chat.sendMessageStream({ message: secondQuestion })))
      }
    },
    {
      name: "functions, by hand",
      kind: "tools",
      run: async (reach) => {
        const { models } = connect(reach)
        const { calls, use } = toolbox()
        const config = { tools: [declarations] }
        const contents: Array<Content> = [userSays(toolQuestion)]
        const first = await models.generateContent({ model: reach.model, contents, config })
        const said = first.candidates?.[0]?.content
        if (said !== undefined) contents.push(said)
        contents.push({ role: "user", parts: responsesTo(first.functionCalls ?? [], use) })
        const last = await models.generateContent({ model: reach.model, contents, config })
        return { ...bothOf(seenIn(first), seenIn(last)), calls }
      }
    },
    {
      name: "functions in a chat, streamed",
      kind: "tools",
      run: async (reach) => {
        const { calls, use } = toolbox()
        const chat = connect(reach).chats.create({ model: reach.model, config: { tools: [declarations] } })
        const first = await collect(await chat.sendMessageStream({ message: toolQuestion }))
        const called = first.flatMap(({ functionCalls }) => functionCalls ?? [])
        const last = await collect(await chat.sendMessageStream({ message: responsesTo(called, use) }))
        return { ...seenInStream(last), calls }
      }
    },
    {
      name: "functions, called by the SDK",
      kind: "tools",
      run: async (reach) => {
        const { calls, use } = toolbox()
        const answer = await connect(reach).models.generateContent({
          model: reach.model,
          contents: toolQuestion,
          config: { tools: [callable(use)] }
        })
        return { ...seenIn(answer), calls }
      }
    },
    {
      name: "functions, called by the SDK, streamed",
      kind: "tools",
      run: async (reach) => {
        const { calls, use } = toolbox()
        const chunks = await collect(
          await connect(reach).models.generateContentStream({
            model: reach.model,
            contents: toolQuestion,
            config: { tools: [callable(use)] }
          })
        )
        // the stream holds both answers; the first one says no words
        const { pieces, text } = seenInStream(chunks)
        return { text, pieces, calls, usages: chunks.slice(-1).map(usageOf) }
      }
    },
    {
      name: "responseSchema",
      kind: "value",
      run: async (reach) => {
        const answer = await connect(reach).models.generateContent({
          model: reach.model,
          contents: valueQuestion,
          config: { ...json, responseSchema: personSchema }
        })
        return { ...seenIn(answer), value: JSON.parse(answer.text ?? "") }
      }
    },
    {
      name: "responseJsonSchema, streamed",
      kind: "value",
      run: async (reach) => {
        const seen = seenInStream(
          await collect(
            await connect(reach).models.generateContentStream({
              model: reach.model,
              contents: valueQuestion,
              config: { ...json, responseJsonSchema: jsonSchemaOf(person) }
            })
          )
        )
        return { ...seen, value: JSON.parse(seen.text) }
      }
    },
    {
      name: "models.embedContent",
      kind: "vectors",
      run: async (reach) => {
        const { embeddings } = await connect(reach).models.embedContent({ model: reach.embedder, contents: texts })
        return { vectors: (embeddings ?? []).map(({ values }) => values ?? []) }
      }
    },
    {
      name: "models.countTokens",
      kind: "count",
      run: async (reach) => ({
        count: (await connect(reach).models.countTokens({ model: reach.model, contents: question })).totalTokens
      })
    }
  ]
}
