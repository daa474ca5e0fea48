/**
 * Names of functions that a vendor refuses. A function by another name would be another function to the caller's own
 * program, and to whoever reads the conversation: so it is refused by its name, and not renamed.
 *
 * @module
 */
import type { Tool } from "../domain/Tool.ts"
import type { EncodeFault } from "./Dialect.ts"

/** https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use */
export const anthropicToolName = /^[a-zA-Z0-9_-]{1,128}$/
/** https://ai.google.dev/api/caching#FunctionDeclaration */
export const geminiToolName = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/
/** https://platform.openai.com/docs/api-reference/chat/create: of functions, over both of its wires */
export const openAiToolName = /^[a-zA-Z0-9_-]{1,64}$/

/** The first function whose name does not fit; `undefined` where all do, or there is no rule. */
export const unfitName = (tools: ReadonlyArray<Tool>, fits: RegExp | undefined): EncodeFault | undefined => {
  if (fits === undefined) return undefined
  for (const tool of tools)
    if (tool._tag === "Function" && !fits.test(tool.name))
      return {
        feature: "tool names",
        message: `This provider does not take the name of the tool '${tool.name}': it must match ${fits.source}`
      }
  return undefined
}
