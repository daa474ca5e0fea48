/**
 * One page of a list of models, as a caller of Anthropic's or Google's wire asks for it.
 *
 * Who does not say how many it wants is given all: programs that list models mostly read the first answer only. A page is
 * marked by the names at its ends, so that it stays true when names come and go between two pages.
 *
 * Sources: the types `ModelListParams` of Anthropic's SDK and https://ai.google.dev/api/models#method:-models.list.
 *
 * @module
 */
import { Result } from "effect"
import type { RequestFault } from "../dialect/Dialect.ts"

interface Named {
  readonly id: string
}

export interface Page<A> {
  readonly items: ReadonlyArray<A>
  /** Are there more in the direction that was asked for? */
  readonly hasMore: boolean
}

const most = 1000

const fault = (param: string, message: string): Result.Result<never, RequestFault> => Result.fail({ param, message })

/** The page that `limit`, `after_id` and `before_id` ask for. */
export const anthropicPage = <A extends Named>(
  all: ReadonlyArray<A>,
  query: URLSearchParams
): Result.Result<Page<A>, RequestFault> => {
  const written = query.get("limit")
  const limit = written === null ? all.length : integer(written)
  if (limit === undefined || (written !== null && (limit < 1 || limit > most)))
    return fault("limit", `limit: Input should be an integer between 1 and ${most}`)
  const after = query.get("after_id")
  const before = query.get("before_id")
  if (after !== null && before !== null) return fault("after_id", "after_id: cannot be given together with before_id")
  const cursor = after ?? before
  const at = cursor === null ? -1 : all.findIndex(({ id }) => id === cursor)
  if (cursor !== null && at < 0) {
    const param = after === null ? "before_id" : "after_id"
    return fault(param, `${param}: no such model in the list`)
  }
  if (before === null) {
    const items = all.slice(at + 1, at + 1 + limit)
    return Result.succeed({ items, hasMore: at + 1 + limit < all.length })
  }
  const start = Math.max(0, at - limit)
  return Result.succeed({ items: all.slice(start, at), hasMore: start > 0 })
}

/** The page that `pageSize` and `pageToken` ask for. */
export const geminiPage = <A extends Named>(
  all: ReadonlyArray<A>,
  query: URLSearchParams
): Result.Result<Page<A>, RequestFault> => {
  const written = query.get("pageSize") ?? query.get("page_size")
  const size = written === null ? 0 : integer(written)
  if (size === undefined || size < 0) return fault("pageSize", "pageSize must be an integer of at least 0")
  const token = query.get("pageToken") ?? query.get("page_token") ?? ""
  const last = Buffer.from(token, "base64url").toString()
  const at = token === "" ? -1 : all.findIndex(({ id }) => id === last)
  if (token !== "" && at < 0) return fault("pageToken", "pageToken is not that of a page of this list")
  const limit = size === 0 ? all.length : Math.min(size, most)
  return Result.succeed({ items: all.slice(at + 1, at + 1 + limit), hasMore: at + 1 + limit < all.length })
}

/** What asks for the page after one that ends with `last`. */
export const pageToken = (last: Named): string => Buffer.from(last.id).toString("base64url")

const integer = (written: string): number | undefined => (/^-?\d{1,9}$/.test(written) ? Number(written) : undefined)
