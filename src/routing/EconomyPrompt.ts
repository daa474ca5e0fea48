/**
 * Instructions of the operator's for small models that stand in for better ones because a budget runs low.
 *
 * They are added to the request's own instructions, for the candidates that need them only: everybody else is asked what
 * the caller asked. The edit drops `wire`, so what the wire says besides what is modelled does not reach these
 * candidates; a request that does something in the world by such a field (it stores, it runs what a vendor hosts) is
 * therefore left as it is.
 *
 * @module
 */
import type { Settings } from "../config/Settings.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { Message } from "../domain/Message.ts"
import { fitsPattern } from "../domain/RequestContext.ts"
import type { Candidate } from "./Candidate.ts"
import type { Resolution } from "./Resolve.ts"
import { hasSideEffects } from "./SideEffects.ts"

/** What is added, and for whom. */
export interface EconomyPrompt {
  readonly text: string
  readonly isFor: (candidate: Candidate) => boolean
}

/** What is added to a request where an economy model answers it; `undefined`: nothing, whoever does. */
export const economyPrompt = (
  { economy }: Pick<Settings, "economy">,
  request: ChatRequest,
  { tiering }: Pick<Resolution, "tiering">
): EconomyPrompt | undefined => {
  if (economy === undefined || tiering?.effect !== "downgraded") return undefined
  if (economy.for !== undefined && !economy.for.some((name) => fitsPattern(name, request.model))) return undefined
  if (hasSideEffects(request)) return undefined
  return {
    text: economy.system,
    isFor: ({ facts, ref }) =>
      facts.tier === "economy" &&
      tiering.within.some((one) => one.ref.provider === ref.provider && one.ref.model === ref.model)
  }
}

/** The request with `text` at the end of its instructions. */
export const withInstructions = (request: ChatRequest, text: string): ChatRequest => {
  const { messages, wire: _wire, ...edited } = request
  const end = messages.findIndex(({ role }) => role !== "system" && role !== "developer")
  const at = (end < 0 ? messages.length : end) - 1
  const last = messages[at]
  return {
    ...edited,
    messages:
      last === undefined
        ? [{ role: "system", content: [{ _tag: "Text", text }] }, ...messages]
        : messages.with(at, appended(last, text))
  }
}

/** Some servers take one message of instructions only, and only as one text. */
const appended = (message: Message, text: string): Message => {
  const { content } = message
  const last = content.at(-1)
  return {
    ...message,
    content:
      last?._tag === "Text"
        ? content.with(content.length - 1, { ...last, text: `${last.text}\n\n${text}` })
        : [...content, { _tag: "Text", text }]
  }
}
