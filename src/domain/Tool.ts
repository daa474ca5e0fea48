/**
 * Tools a model may call, and how it is told to choose among them.
 *
 * @module
 */
import { Schema } from "effect"
import { Extensions } from "./Ids.ts"

/** A function of the caller's. `parameters` is a JSON Schema object; absent, the function takes none. */
export const FunctionTool = Schema.TaggedStruct("Function", {
  name: Schema.String,
  description: Schema.optionalKey(Schema.String),
  parameters: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  /** Arguments must match the schema exactly (OpenAI's and Anthropic's strict mode). */
  strict: Schema.optionalKey(Schema.Boolean),
  extensions: Schema.optionalKey(Extensions)
})
export type FunctionTool = typeof FunctionTool.Type

/** A tool the vendor runs itself (web search, code execution, MCP …). Only its own dialect can carry it. */
export const HostedTool = Schema.TaggedStruct("Hosted", {
  dialect: Schema.String,
  definition: Schema.Record(Schema.String, Schema.Json)
})
export type HostedTool = typeof HostedTool.Type

export const Tool = Schema.Union([FunctionTool, HostedTool])
export type Tool = typeof Tool.Type

/**
 * Does the model call it and the caller answer? A tool of type `custom` (its input is any text) is carried as its wire's
 * own and yet is the caller's: whoever has only functions is given it as one.
 */
export const isCallersTool = (tool: Tool): boolean => tool._tag === "Function" || tool.definition["type"] === "custom"

export const ToolChoice = Schema.Union([
  Schema.TaggedStruct("Auto", {}),
  Schema.TaggedStruct("None", {}),
  /** Some tool must be called. */
  Schema.TaggedStruct("Required", {}),
  /** This tool must be called. */
  Schema.TaggedStruct("Named", { name: Schema.String })
])
export type ToolChoice = typeof ToolChoice.Type
