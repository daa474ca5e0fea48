/**
 * What a model can do, and what a request needs of it.
 *
 * @module
 */
import { Schema } from "effect"
import type { ChatRequest } from "./ChatRequest.ts"
import { isCallersTool } from "./Tool.ts"

/**
 * `vision` images in the prompt; `audio` sound in the prompt; `documents` PDF or text files in the prompt; `tools`
 * calls of functions and of custom tools; `jsonSchema` answers held to a schema by the vendor; `thinking` reasons before it answers; `prefill`
 * continues a last assistant message.
 */
export const Capability = Schema.Literals([
  "vision",
  "audio",
  "documents",
  "tools",
  "jsonSchema",
  "thinking",
  "prefill"
])
export type Capability = typeof Capability.Type

/** A need, and where in the request it arises. */
export interface Need {
  readonly capability: Capability
  /** In the field's words, for messages (`images`). */
  readonly feature: string
  /** Path in the request (`messages.3.content.1`). */
  readonly param: string
}

/** What a model must be able to do to serve `request`, one entry a capability, the first place it arises. */
export const needsOf = (request: ChatRequest): ReadonlyArray<Need> => {
  const needs: Array<Need> = []
  const add = (capability: Capability, feature: string, param: string) => {
    if (!needs.some((need) => need.capability === capability)) needs.push({ capability, feature, param })
  }
  for (let m = 0; m < request.messages.length; m++) {
    const content = request.messages[m]?.content ?? []
    for (let p = 0; p < content.length; p++) {
      const part = content[p]
      if (part === undefined) continue
      const at = `messages.${m}.content.${p}`
      if (part._tag === "Image") add("vision", "images", at)
      else if (part._tag === "Audio") add("audio", "audio", at)
      else if (part._tag === "Document") add("documents", "documents", at)
      else if (part._tag === "ToolResult" && part.content.some((inner) => inner._tag === "Image"))
        add("vision", "images", at)
    }
  }
  if (request.tools.some(isCallersTool)) add("tools", "tools", "tools")
  return needs
}
