/**
 * A conversation with tools as every vendor takes it, or what is wrong with it.
 *
 * All four wires ask for the same thing in their own words: each call is answered once, by a result that comes after it
 * and before the assistant speaks again. What is said between calls and their answers can be put right without another
 * meaning (`Turns.ts`), as can ids that come again in later turns, where a vendor minds (`UniqueIds.ts`). The rest is a fault that names
 * it, before any vendor is asked: a result cannot be invented, nor a call taken back.
 *
 * A caller who speaks the vendor's own wire is not held to this: what that vendor takes is between the two of them.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { Message } from "../domain/Message.ts"
import type { EncodeFault } from "./Dialect.ts"
import { idsOf, inTurns } from "./Turns.ts"

/** The request's messages in order; a fault for calls and results that do not belong together. */
export const orderly = ({ messages, wire }: ChatRequest): Result.Result<ReadonlyArray<Message>, EncodeFault> => {
  const turns = inTurns(messages)
  // without its wire it may be a request over the vendor's own that was edited on its way
  const fault = wire === undefined ? undefined : faultOf(turns)
  return fault === undefined ? Result.succeed(turns) : Result.fail(fault)
}

const faultOf = (messages: ReadonlyArray<Message>): EncodeFault | undefined => {
  /** Calls of the assistant's latest turn that wait for their results. */
  const open = new Set<string>()
  const answered = new Set<string>()
  let before: Message["role"] | undefined
  for (const message of messages) {
    if (message.role === "tool") {
      for (const id of idsOf(message, "ToolResult")) {
        if (answered.has(id)) return twice
        if (!open.delete(id)) return stray
        answered.add(id)
      }
    } else {
      // an assistant may speak in several messages
      if (open.size > 0 && !(message.role === "assistant" && before === "assistant")) return unanswered
      if (message.role === "assistant") {
        if (before !== "assistant") answered.clear()
        for (const id of idsOf(message, "ToolCall")) {
          if (open.has(id)) return alike
          open.add(id)
        }
      }
    }
    before = message.role
  }
  return open.size > 0 ? unanswered : undefined
}

const unanswered: EncodeFault = {
  feature: "tool calls without results",
  message: "A tool call is not answered before the conversation goes on, and no vendor takes that"
}
const stray: EncodeFault = {
  feature: "tool results without calls",
  message: "A tool result answers no call of the assistant's turn before it, and no vendor takes that"
}
const twice: EncodeFault = {
  feature: "several results of one tool call",
  message: "Two tool results answer the same call, and no vendor takes that"
}
const alike: EncodeFault = {
  feature: "tool calls of one id",
  message: "Two tool calls of one turn have the same id, so that their results cannot be told apart"
}
