/**
 * Which answers may be given again.
 *
 * A request may be answered from the cache where its answer depends on the request alone: it asks for nothing to be done
 * or looked up elsewhere, and refers to nothing that may be another thing tomorrow. What it does in the world
 * (`hasSideEffects`) is judged where routing knows it.
 *
 * An answer may be kept where it is the whole of what was asked for and came from whom the request would ask again. Not
 * kept are: what stopped for a filter, a refusal, a pause, or an unknown reason; a refusal in words of its own; what the
 * output limit cut, unless it is as long as the caller's own limit lets it be (then it is the whole answer within that
 * limit, as it would be again); fewer choices than asked for; an answer that a search went into, or that cites a page;
 * parts that only the vendor understands or that expire there (sound); nothing at all; what somebody else completed
 * after a break; what a fallback answered, since the cache would go on with it long after the first choice is back.
 *
 * @module
 */
import type { Served } from "../domain/Answer.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ChatResponse, FinishReason } from "../domain/ChatResponse.ts"
import type { Frame } from "../domain/ChatEvent.ts"
import type { Citation } from "../domain/Citation.ts"
import type { Part } from "../domain/Message.ts"
import type { Usage } from "../domain/Usage.ts"
import { hostedFields, hostedModels, unseenFields } from "../catalog/bounds.ts"
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"

/** Does the answer depend on the request alone, as far as can be seen? */
export const isSelfContained = ({ messages, wire }: ChatRequest): boolean =>
  (wire === undefined || !refersElsewhere(wire.body)) && !messages.some(({ content }) => content.some(isElsewhere))

const refersElsewhere = (body: JsonObject): boolean =>
  hostedFields.some(({ field }) => body[field] !== undefined && body[field] !== null) ||
  unseenFields.some(({ path, value }) => {
    const found = path.reduce<Json | undefined>((at, name) => (isJsonObject(at) ? at[name] : undefined), body)
    return value === undefined ? found !== undefined && found !== null : found === value
  })

/** What stands behind an address may be another thing tomorrow. */
const isElsewhere = (part: Part): boolean => {
  switch (part._tag) {
    case "Image":
    case "Audio":
    case "Document":
      return part.source._tag === "Url"
    case "ToolResult":
      return part.content.some(isElsewhere)
    case "Opaque":
      return namesAddress(part.block)
    default:
      return false
  }
}

/** Members of a block that its vendor reads from where they say, of parts that only one wire has. */
const addressed = /ur[il]|file/i
const address = /^\s*[a-z][a-z0-9+.-]*:\/\//i

const namesAddress = (value: Json, isAddressed = false): boolean =>
  typeof value === "string"
    ? isAddressed && address.test(value)
    : Array.isArray(value)
      ? value.some((item) => namesAddress(item, isAddressed))
      : isJsonObject(value) &&
        Object.entries(value).some(([name, member]) => namesAddress(member, isAddressed || addressed.test(name)))

/**
 * At temperature zero, by the request's own word: who says so wants the same answer again, even where the model takes no
 * temperature and its field is dropped. Without a word the vendor's default holds, which is another.
 */
export const isTemperatureZero = ({ sampling }: ChatRequest): boolean => sampling.temperature === 0

/** Was it answered by whom it would ask again, and by a model that does not look elsewhere by itself? */
export const isFirstChoice = ({ fallback, model }: Served): boolean =>
  (fallback === undefined || fallback === "BudgetTier") && !searchesItself(model)

const searchesItself = (model: string): boolean => {
  const name = model.slice(model.lastIndexOf("/") + 1)
  return hostedModels.some(({ pattern }) => pattern.test(name))
}

/** What of an answer decides whether it may be kept. */
interface Seen {
  readonly finished: ReadonlyArray<FinishReason>
  readonly hasContent: boolean
  readonly usage: Usage | undefined
}

const isWhole = ({ sampling }: ChatRequest, { outputLimit }: Served, { finished, hasContent, usage }: Seen): boolean =>
  hasContent &&
  finished.length === (sampling.n ?? 1) &&
  (usage?.webSearches ?? 0) === 0 &&
  finished.every((reason) => {
    switch (reason) {
      case "stop":
      case "stop_sequence":
      case "tool_calls":
        return true
      case "length":
        // a full context window ends an answer before the limit that was stated; of several choices only the sum is known
        return (
          outputLimit === undefined && (usage?.outputTokens ?? 0) >= (sampling.maxTokens ?? Infinity) * finished.length
        )
      default:
        return false
    }
  })

/** May this whole answer be given again? */
export const isKeepable = (request: ChatRequest, served: Served, { choices, usage }: ChatResponse): boolean => {
  const parts = choices.flatMap(({ content }) => content)
  return (
    parts.every(isPlain) &&
    !choices.some(({ citations }) => citations?.some(isOfPage)) &&
    isWhole(request, served, {
      finished: choices.map(({ finishReason }) => finishReason),
      hasContent: parts.some((part) => part._tag !== "Text" || part.text !== ""),
      usage
    })
  )
}

/** Does it cite what stands behind an address? */
const isOfPage = ({ url }: Citation): boolean => url !== undefined

const isPlain = ({ _tag }: Part): boolean =>
  _tag === "Text" || _tag === "Reasoning" || _tag === "ToolCall" || _tag === "Image"

/** The same for a stream, of all whose frames were seen; one that did not end is not whole. */
export const isKeepableStream = (request: ChatRequest, served: Served, frames: ReadonlyArray<Frame>): boolean => {
  const finished = new Map<number, FinishReason>()
  let hasContent = false
  let hasEnded = false
  let usage: Usage | undefined
  for (const { events } of frames)
    for (const event of events)
      switch (event._tag) {
        case "Finished":
          finished.set(event.choice, event.reason)
          break
        case "Ended":
          hasEnded = true
          break
        case "UsageReported":
          usage = event.usage
          break
        case "TextDelta":
        case "ReasoningDelta":
          hasContent ||= event.text !== ""
          break
        case "ToolCallStarted":
          hasContent = true
          break
        case "MediaBlock":
          if (!isPlain(event.part)) return false
          hasContent = true
          break
        case "CitationAdded":
          if (isOfPage(event.citation)) return false
          break
        case "RefusalDelta":
        case "OpaqueBlock":
        case "Resumed":
          return false
        default:
      }
  return hasEnded && isWhole(request, served, { finished: [...finished.values()], hasContent, usage })
}
