/**
 * Gemini's wire: generateContent, streamGenerateContent, countTokens, embeddings and the list of models.
 *
 * A stream is, with `?alt=sse`, a series of data lines that end in CR LF; without it one JSON array, sent bit by bit,
 * in which errors too stand inside an array. Every chunk is a whole response with what is new in it and the usage so
 * far; the last one holds the finish reason and an empty text. There is no end marker. A function call comes in one
 * piece, signed.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject, parseJson } from "../domain/Json.ts"
import { embeddingVerbs, hearEmbeddings } from "./GeminiEmbeddings.ts"
import { geminiError, geminiFailure, invalidArgument } from "./GeminiErrors.ts"
import { geminiAsk, geminiProblem, showsThoughts } from "./GeminiRequest.ts"
import { geminiLimitHeaders } from "./Limits.ts"
import type { Chunk, Reply } from "./Script.ts"
import { type Ask, speak, type Speech, tokensOf, type Utterance } from "./Speech.ts"
import { type Asked, chunk, type Incoming, type Plain, type Session, type Wire } from "./Wire.ts"

const hear = (incoming: Incoming, session: Session): Plain | Asked => {
  const { headers, method, path, query } = incoming
  const key = (headers["x-goog-api-key"] ?? query.get("key") ?? headers["authorization"] ?? "").replace(
    /^Bearer\s*/i,
    ""
  )
  if (key === "")
    return geminiError(
      403,
      "PERMISSION_DENIED",
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other " +
        "form of API consumer identity to call this API."
    )
  if (session.keys !== undefined && !session.keys.includes(key))
    return geminiFailure("invalidKey", {
      session,
      vendor: incoming.vendor,
      model: "",
      key,
      parameters: {},
      hint: undefined
    })
  const match = /^\/v1[a-z]*\d*(?:\/.*)?\/models(?:\/([^/]+?)(?::(\w+))?)?$/.exec(path)
  if (match === null) return geminiError(404, "NOT_FOUND", `Requested entity was not found: ${path}`)
  const model = match[1] === undefined ? undefined : decodeURIComponent(match[1])
  const verb = match[2]
  if (verb === undefined || model === undefined) return listModels(model, session)
  if (method !== "POST") return geminiError(404, "NOT_FOUND", `No such method: ${method} ${path}`)
  if (
    verb !== "generateContent" &&
    verb !== "streamGenerateContent" &&
    verb !== "countTokens" &&
    !embeddingVerbs.has(verb)
  )
    return geminiError(404, "NOT_FOUND", `Requested entity was not found: ${verb}`)
  const streaming = verb === "streamGenerateContent"
  const sse = query.get("alt") === "sse"
  const inArray = (error: Plain): Plain => (streaming && !sse ? { ...error, body: [error.body] } : error)
  const body = parseJson(incoming.body)
  if (!isJsonObject(body))
    return inArray(invalidArgument("Invalid JSON payload received. Parser terminated before end of string."))
  if (embeddingVerbs.has(verb)) return hearEmbeddings(incoming, session, body, model, verb)
  const question =
    verb === "countTokens" && isJsonObject(body["generateContentRequest"]) ? body["generateContentRequest"] : body
  const problem = geminiProblem(question, model)
  if (problem !== undefined) return inArray(problem)
  const ask = geminiAsk(incoming.vendor, question, model, session.call)
  if (verb === "countTokens") {
    const totalTokens = speak(ask).inputTokens
    return {
      _tag: "Plain",
      status: 200,
      headers: {},
      body: { totalTokens, promptTokensDetails: [{ modality: "TEXT", tokenCount: totalTokens }] }
    }
  }
  return {
    _tag: "Asked",
    ask,
    streaming,
    reply: (ask, speech) =>
      replyOf(streaming ? (sse ? "sse" : "array") : "whole", showsThoughts(body), session, ask, speech),
    errorBody: (error) => JSON.stringify(inArray(error).body, null, 2),
    errorChunk: (error, first) =>
      sse ? `data: ${JSON.stringify(error.body)}\r\n\r\n` : `${first ? "" : ",\r\n"}${JSON.stringify(error.body)}]`
  }
}

const listModels = (wanted: string | undefined, session: Session): Plain => {
  const rows = session.models.map((id) => ({
    name: `models/${id}`,
    version: "001",
    displayName: id,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ["generateContent", "countTokens"]
  }))
  if (wanted === undefined) return { _tag: "Plain", status: 200, headers: {}, body: { models: rows } }
  const row = rows.find(({ name }) => name === `models/${wanted}`)
  return row === undefined
    ? geminiError(404, "NOT_FOUND", `models/${wanted} is not found for API version v1beta.`)
    : { _tag: "Plain", status: 200, headers: {}, body: row }
}

const finishReason = (one: Utterance): string =>
  one.finish === "length" ? "MAX_TOKENS" : one.finish === "filtered" ? "SAFETY" : "STOP"

const safetyRatings: Json = [{ category: "HARM_CATEGORY_DANGEROUS_CONTENT", probability: "HIGH", blocked: true }]

const replyOf = (
  form: "whole" | "sse" | "array",
  thoughts: boolean,
  session: Session,
  ask: Ask,
  speech: Speech
): Reply => {
  const usage = (answered: number, thought: number): JsonObject => ({
    promptTokenCount: speech.inputTokens,
    candidatesTokenCount: answered,
    ...(speech.thinkingTokens === 0 ? {} : { thoughtsTokenCount: thought }),
    totalTokenCount: speech.inputTokens + answered + thought,
    promptTokensDetails: [{ modality: "TEXT", tokenCount: speech.inputTokens }]
  })
  const allUsage = usage(speech.outputTokens - speech.thinkingTokens, speech.thinkingTokens)
  const response = (rest: JsonObject, usageMetadata: JsonObject): JsonObject => ({
    ...rest,
    usageMetadata,
    modelVersion: ask.model,
    responseId: session.id
  })
  const content = (parts: Json): JsonObject => ({ parts, role: "model" })
  const calls = (one: Utterance, index: number): ReadonlyArray<JsonObject> =>
    one.tools.map((tool, at) => ({
      functionCall: { id: `${session.id}${index}${at}`, name: tool.name, args: tool.input },
      // of calls side by side the first alone is signed
      ...(at === 0 ? { thoughtSignature: Buffer.from(`signed: ${session.id}`).toString("base64") } : {})
    }))
  const ending = (one: Utterance, index: number): JsonObject => ({
    finishReason: finishReason(one),
    index,
    ...(one.finish === "filtered" ? { safetyRatings } : {})
  })
  const blocked = { promptFeedback: { blockReason: "PROHIBITED_CONTENT" } }
  const refuses = speech.utterances.some((one) => one.finish === "refusal")

  const whole = (ended: boolean): string =>
    JSON.stringify(
      refuses
        ? response(blocked, usage(0, 0))
        : response(
            {
              candidates: speech.utterances.map((one, index) => ({
                content: content([
                  ...(thoughts && one.thinking.length > 0 ? [{ text: one.thinking.join(""), thought: true }] : []),
                  ...(one.text.length > 0 ? [{ text: one.text.join("") }] : []),
                  ...calls(one, index)
                ]),
                ...(ended ? ending(one, index) : { index })
              }))
            },
            allUsage
          ),
      null,
      2
    )

  const pieces = (): ReadonlyArray<readonly [Chunk["kind"], JsonObject]> => {
    if (refuses) return [["finish", response(blocked, usage(0, 0))]]
    let [answered, thought] = [0, 0]
    const list: Array<readonly [Chunk["kind"], JsonObject]> = []
    const add = (index: number, part: JsonObject): void => {
      list.push(["content", response({ candidates: [{ content: content([part]), index }] }, usage(answered, thought))])
    }
    for (const [index, one] of speech.utterances.entries()) {
      for (const text of one.thinking) {
        thought += 1
        if (thoughts) add(index, { text, thought: true })
      }
      for (const text of one.text) {
        answered += 1
        add(index, { text })
      }
      for (const [at, part] of calls(one, index).entries()) {
        answered += 1 + tokensOf(JSON.stringify(one.tools[at]?.input)).length
        add(index, part)
      }
    }
    for (const [index, one] of speech.utterances.entries())
      list.push([
        "finish",
        response({ candidates: [{ content: content([{ text: "" }]), ...ending(one, index) }] }, allUsage)
      ])
    return list
  }
  const chunks = (): ReadonlyArray<Chunk> =>
    form === "sse"
      ? pieces().map(([kind, piece]) => chunk(kind, `data: ${JSON.stringify(piece)}\r\n\r\n`))
      : [
          chunk("opening", "["),
          ...pieces().map(([kind, piece], at) =>
            chunk(kind, `${at === 0 ? "" : ",\r\n"}${JSON.stringify(piece, null, 2)}`)
          ),
          chunk("marker", "]")
        ]
  return {
    status: 200,
    headers: { "content-type": form === "sse" ? "text/event-stream" : "application/json; charset=UTF-8" },
    chunks: form === "whole" ? undefined : chunks(),
    body: form === "whole" ? whole(true) : "",
    endless: form === "whole" ? whole(false) : "",
    tokens: speech.outputTokens
  }
}

export const geminiWire: Wire = {
  baseSuffix: "",
  limitHeaders: geminiLimitHeaders,
  models: ["gemini-3-pro-preview", "gemini-3.5-flash", "gemini-2.5-flash", "gemini-2.5-flash-lite"],
  hear,
  failure: geminiFailure
}
