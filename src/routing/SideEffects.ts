/**
 * Requests that do something in the world besides producing an answer.
 *
 * Once bytes of such a request were sent, a reset or a time-out leaves open whether it was carried out: it is not
 * issued again.
 *
 * @module
 */
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import { customTool } from "../dialect/CustomTools.ts"
import { heldBy } from "./Held.ts"

/** Tools that the vendor runs, MCP servers, or an answer or a conversation that the vendor is told to store. */
export const hasSideEffects = (request: ChatRequest): boolean =>
  request.tools.some((tool) => tool._tag === "Hosted" && customTool(tool) === undefined) ||
  request.wire?.body["store"] === true ||
  request.wire?.body["mcp_servers"] !== undefined ||
  heldBy(request) !== undefined

/** Does this failure leave open whether the vendor carried the request out? */
export const leavesOutcomeOpen = ({ reason }: ProviderError): boolean =>
  (reason._tag === "Network" && reason.sent) || (reason._tag === "Timeout" && reason.limit !== "connect")
