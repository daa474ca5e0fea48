/**
 * What a stored response was made of, page by page: `GET /v1/responses/{id}/input_items`.
 *
 * Listed are the items of the whole conversation before the answer. Callers may write messages shortly and without ids;
 * here they stand in full, under ids that stay the same for as long as the response is stored.
 *
 * Source: the types `InputItemListParams` and `ResponseItemList` of OpenAI's SDK.
 *
 * @module
 */
import { Result } from "effect"
import type { RequestFault } from "../dialect/Dialect.ts"
import { madeId } from "../dialect/openai-responses/Items.ts"
import type { ResponsesInputItems } from "../dialect/openai-responses/Wire.ts"
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"

const usualLimit = 20
const mostItems = 100

/** One page of the input of `responseId`, as the query asks for it. */
export const inputItemsPage = (
  responseId: string,
  input: ReadonlyArray<Json>,
  query: URLSearchParams
): Result.Result<ResponsesInputItems, RequestFault> => {
  const limit = Number(query.get("limit") ?? usualLimit)
  if (!Number.isInteger(limit) || limit < 1 || limit > mostItems)
    return Result.fail({ param: "limit", message: `'limit' must be an integer between 1 and ${mostItems}` })
  const order = query.get("order") ?? "desc"
  if (order !== "asc" && order !== "desc")
    return Result.fail({ param: "order", message: "'order' must be 'asc' or 'desc'" })
  const seen = new Set<Json | undefined>()
  const items = input.map((item, index) => {
    const full = inFull(item, responseId, index)
    // a page follows the item that it is asked to follow, so no two may bear one id
    const own = seen.has(full["id"]) ? { ...full, id: madeId("msg", responseId, index) } : full
    seen.add(own["id"])
    return own
  })
  if (order === "desc") items.reverse()
  const after = query.get("after")
  const at = after === null ? -1 : items.findIndex(({ id }) => id === after)
  if (after !== null && at < 0)
    return Result.fail({ param: "after", message: `No item with id '${after.slice(0, 100)}' in this response.` })
  const data = items.slice(at + 1, at + 1 + limit)
  return Result.succeed({
    object: "list",
    data,
    first_id: idOf(data[0]),
    last_id: idOf(data.at(-1)),
    has_more: at + 1 + limit < items.length
  })
}

const idOf = (item: JsonObject | undefined): string | null => (typeof item?.["id"] === "string" ? item["id"] : null)

const prefixes: ReadonlyMap<unknown, Parameters<typeof madeId>[0]> = new Map([
  ["message", "msg"],
  ["reasoning", "rs"],
  ["function_call", "fc"]
])

const inFull = (item: Json, responseId: string, index: number): JsonObject => {
  if (!isJsonObject(item)) return { id: madeId("msg", responseId, index), type: "message", content: [] }
  const { content, id, role, type = "message" } = item
  const named = {
    id: typeof id === "string" ? id : madeId(prefixes.get(type) ?? "msg", responseId, index),
    type,
    ...item
  }
  if (typeof content !== "string") return named
  const part = role === "assistant" ? { type: "output_text", annotations: [] } : { type: "input_text" }
  return { status: "completed", ...named, content: [{ ...part, text: content }] }
}
