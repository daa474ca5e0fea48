/**
 * Custom tools, whose input is any text, on the two wires of OpenAI: the same thing in two spellings.
 *
 * A custom tool is a hosted tool of the wire it came over; a call of one is a `ToolCall` whose arguments are that text,
 * labelled as such by the wire it came over. Both are understood here whichever of the two wires they bear the label of.
 * On wires that have none they are functions (`CustomAsFunction.ts`).
 *
 * @module
 */
import type { Extensions } from "../domain/Ids.ts"
import { isJsonObject, type JsonObject, omitKeys } from "../domain/Json.ts"
import type { Tool } from "../domain/Tool.ts"

const labels: Readonly<Record<string, string>> = { "openai-chat": "custom", "openai-responses": "custom_tool_call" }

/** The wires that have custom tools. */
export const hasCustomTools = (dialect: string): boolean => Object.hasOwn(labels, dialect)

/** Is it a call of a custom tool? */
export const isCustomCall = ({ extensions }: { readonly extensions?: Extensions }): boolean =>
  extensions !== undefined && Object.entries(labels).some(([label, type]) => extensions[label]?.["type"] === type)

/** To be spread into the start of such a call, as its whole part is labelled. */
export const customCall = (dialect: keyof typeof labels & string): { readonly extensions: Extensions } => ({
  extensions: { [dialect]: { type: labels[dialect] ?? "custom" } }
})

/** The tool as Responses spells it: what Chat Completions nests stands side by side. `undefined`: it is none. */
export const customTool = (tool: Tool): JsonObject | undefined => {
  if (tool._tag !== "Hosted" || !hasCustomTools(tool.dialect) || tool.definition["type"] !== "custom") return undefined
  if (tool.dialect === "openai-responses") return tool.definition
  const { custom } = tool.definition
  if (!isJsonObject(custom)) return undefined
  const { format } = custom
  const grammar = isJsonObject(format) ? format["grammar"] : undefined
  return {
    ...omitKeys(tool.definition, ["custom"]),
    ...custom,
    ...(isJsonObject(format) && isJsonObject(grammar)
      ? { format: { ...omitKeys(format, ["grammar"]), ...grammar } }
      : {})
  }
}

/** The tool as Chat Completions spells it; `undefined`: it is none. */
export const nestedCustomTool = (tool: Tool): JsonObject | undefined => {
  const flat = customTool(tool)
  if (flat === undefined) return undefined
  const custom = omitKeys(flat, ["type"])
  const { format } = custom
  return {
    type: "custom",
    custom:
      isJsonObject(format) && format["type"] === "grammar"
        ? { ...custom, format: { type: "grammar", grammar: omitKeys(format, ["type"]) } }
        : custom
  }
}

/** Is the tool of this name a custom one? */
export const isCustomTool = (name: string, tools: ReadonlyArray<Tool>): boolean =>
  tools.some((tool) => customTool(tool)?.["name"] === name)
