/**
 * What a vendor's quirks make of a Responses body, whoever wrote it. What is lost on the way is told as dropped.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { Quirks } from "../Dialect.ts"
import { isEffort, nearestEffort } from "../Effort.ts"
import { fittedId } from "../FittedId.ts"
import { fittedParameters, fittedSchema } from "../OpenAiSchema.ts"

type Mutable = Record<string, Json>

/** The body as the vendor takes it. `body` is changed; `dropped` is told what was lost. */
export const fitted = (body: Mutable, quirks: Quirks, dropped: Array<string>): JsonObject => {
  if (!quirks.developerRole && Array.isArray(body["input"])) body["input"] = body["input"].map(developerAsSystem)
  if (quirks.structuredOutput !== "json_schema") weakenFormat(body, quirks.structuredOutput, dropped)
  if (quirks.openAiSchemas) fitSchemas(body, dropped)
  if (quirks.jsonWord) sayJson(body)
  levelEffort(body, quirks, dropped)
  if (typeof body["user"] === "string") body["user"] = fittedId(body["user"], quirks.user)
  if (Array.isArray(body["input"]))
    body["input"] = body["input"].map((item: Json) =>
      isJsonObject(item) && typeof item["call_id"] === "string" && !callIds.test(item["call_id"])
        ? { ...item, call_id: fittedId(item["call_id"], callIds) }
        : item
    )
  const refused = quirks.refuses.filter((field) => field in body)
  for (const field of refused) if (body[field] !== null) dropped.push(field)
  return omitKeys(body, refused)
}

/** https://github.com/RooCodeInc/Roo-Code/pull/10763: longer ones are a 400 */
const callIds = /^.{1,64}$/s

/** The level of effort as the model takes it. */
const levelEffort = (body: Mutable, { efforts, refusesThinking }: Quirks, dropped: Array<string>): void => {
  const { reasoning } = body
  const asked = isJsonObject(reasoning) ? reasoning["effort"] : undefined
  if (asked !== "none")
    for (const field of refusesThinking)
      if (field in body) {
        delete body[field]
        dropped.push(field)
      }
  if (!isJsonObject(reasoning) || efforts === undefined || !isEffort(asked)) return
  const nearest = nearestEffort(asked, efforts)
  if (nearest === undefined || (asked === "none" && nearest !== "none")) dropped.push("reasoning.effort")
  const left = { ...omitKeys(reasoning, ["effort"]), ...(nearest === undefined ? {} : { effort: nearest }) }
  if (Object.keys(left).length === 0) delete body["reasoning"]
  else body["reasoning"] = left
}

/** Schemas as OpenAI takes them. */
const fitSchemas = (body: Mutable, dropped: Array<string>): void => {
  if (Array.isArray(body["tools"]))
    body["tools"] = body["tools"].map((tool: Json) => {
      if (!isJsonObject(tool) || tool["type"] !== "function" || !isJsonObject(tool["parameters"])) return tool
      const { schema, strict } = fittedParameters(tool["parameters"], tool["strict"] === true)
      if (tool["strict"] === true && !strict) dropped.push("strict")
      return { ...tool, parameters: schema, ...("strict" in tool ? { strict } : {}) }
    })
  const { text } = body
  const format = isJsonObject(text) ? text["format"] : undefined
  if (!isJsonObject(text) || !isJsonObject(format) || format["strict"] !== true) return
  if (!isJsonObject(format["schema"])) return
  const { schema, strict } = fittedSchema(format["schema"], true)
  if (!strict) dropped.push("text.format.strict")
  body["text"] = { ...text, format: { ...format, schema, strict } }
}

/**
 * The vendor looks for the word among the items alone, not in the instructions:
 * https://github.com/miracodeai/mira/pull/267
 */
const sayJson = (body: Mutable): void => {
  const { input, text } = body
  const format = isJsonObject(text) ? text["format"] : undefined
  if (!isJsonObject(format) || format["type"] !== "json_object" || /json/i.test(JSON.stringify(input ?? ""))) return
  const items: ReadonlyArray<Json> =
    typeof input === "string" ? [{ role: "user", content: input }] : Array.isArray(input) ? input : []
  body["input"] = [{ role: "developer", content: "Answer with a JSON object." }, ...items]
}

const developerAsSystem = (item: Json): Json =>
  isJsonObject(item) && item["role"] === "developer" ? { ...item, role: "system" } : item

/** A schema the vendor cannot hold the answer to is told to the model in words instead. */
const weakenFormat = (body: Mutable, strongest: "json_object" | "none", dropped: Array<string>): void => {
  const { text } = body
  const format = isJsonObject(text) ? text["format"] : undefined
  if (!isJsonObject(text) || !isJsonObject(format) || format["type"] === "text") return
  if (format["type"] === "json_object" && strongest === "json_object") return
  const schema =
    format["type"] === "json_schema"
      ? ` that is valid against this JSON Schema: ${JSON.stringify(format["schema"] ?? {})}`
      : "."
  const instruction = `Answer with a JSON object only, without any text around it${schema.startsWith(" ") ? `,${schema}` : schema}`
  const { instructions } = body
  body["instructions"] = typeof instructions === "string" ? `${instructions}\n\n${instruction}` : instruction
  body["text"] = { ...text, format: { type: strongest === "json_object" ? "json_object" : "text" } }
  dropped.push("text.format")
}
