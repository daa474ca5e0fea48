/**
 * Conversations that one vendor's account holds between turns. A request that begins or goes on with one says only what is
 * new, so nobody else can answer it, now or at any later turn.
 *
 * Where one provider alone may be asked, the request goes to it. Where others may be asked too it is refused before any
 * call: whoever answered the first turn might not answer the next. Programs then send the whole conversation, which
 * anybody can answer; the tool runner of Anthropic's SDK does so by itself.
 *
 * @module
 */
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import type { DialectId } from "../domain/Ids.ts"
import { isJsonObject } from "../domain/Json.ts"
import type { Candidate } from "./Candidate.ts"

/** By wire, the field that refers to such a conversation. */
const fields: ReadonlyMap<DialectId, string> = new Map([["anthropic-messages", "thread"]])

/** The field by which the request refers to a conversation that its vendor holds; `undefined` where it refers to none. */
export const heldBy = ({ wire }: ChatRequest): string | undefined => {
  const field = wire === undefined ? undefined : fields.get(wire.dialect)
  return field !== undefined && isJsonObject(wire?.body[field]) ? field : undefined
}

/** Why such a request can be sent to none of these; `undefined` where it can, or is none. */
export const cannotHold = (request: ChatRequest, candidates: ReadonlyArray<Candidate>): GatewayError | undefined => {
  const field = heldBy(request)
  if (field === undefined || new Set(candidates.map(({ ref }) => ref.provider)).size === 1) return undefined
  return gatewayError({
    _tag: "BadRequest",
    param: field,
    message:
      `'${field}' is served only where a single provider may be asked: a conversation that one vendor holds could not go ` +
      "on at another. Send the whole conversation"
  })
}
