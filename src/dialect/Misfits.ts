/**
 * What OpenAI's two wires refuse of a request that another wire brought, in the same words.
 *
 * @module
 */
import type { Message, OpaquePart, Part } from "../domain/Message.ts"
import type { Tool } from "../domain/Tool.ts"
import type { EncodeFault } from "./Dialect.ts"
import { kindOf } from "./Foreign.ts"

/** A tool that another vendor runs. */
export const hostedElsewhere = (tool: Tool): EncodeFault => ({
  feature: kindOf(tool._tag === "Hosted" ? tool.definition : null, "hosted tools"),
  message: "A tool that another vendor runs itself cannot be used here"
})

export const foreignBlock = ({ block, dialect }: OpaquePart): EncodeFault => ({
  feature: kindOf(block, `${dialect} content blocks`),
  message: "A content block that only another vendor knows cannot be sent here"
})

/** Something that is only named, and that nobody but its own vendor can fetch. */
export const storedElsewhere = (feature: string): EncodeFault => ({
  feature,
  message: `The ${feature} of this request are not in it: only their own vendor can fetch them`
})

export const misplaced = (part: Part, role: Message["role"]): EncodeFault => ({
  feature: `${part._tag} in ${role} messages`,
  message: `A ${role} message cannot hold a part of the kind ${part._tag} here`
})
