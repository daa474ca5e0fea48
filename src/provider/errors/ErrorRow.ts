/**
 * One row of a vendor's error table, and how the rows are read: in order, the first that fits.
 *
 * @module
 */
import type { ReasonTag } from "../../domain/ProviderError.ts"
import type { ErrorFacts } from "./ErrorFacts.ts"

/** The reasons a vendor's words can stand for. (The network, time limits and bad bodies have no words.) */
export type Verdict =
  | Exclude<ReasonTag, "Network" | "Timeout" | "AccessDenied" | "UnsupportedFeature">
  /** `AccessDenied` of the whole account: disabled, banned, suspended, in the wrong country. */
  | "AccountDenied"
  /** `AccessDenied` of this model only. */
  | "ModelDenied"
  /** `UnsupportedFeature`; the row or the vendor's `param` says which. */
  | "UnsupportedFeature"

/** Everything a row names must fit; of several codes or statuses any one. */
export interface ErrorRow {
  readonly status?: number | ReadonlyArray<number>
  readonly code?: string | RegExp | ReadonlyArray<string>
  /** The last resort: vendors change their words without notice. */
  readonly message?: RegExp
  readonly is: Verdict
  /** The row says no more than the status: by itself it is no ground to bar anybody (`isUnspecific`). */
  readonly unspecific?: true
  /** For `MalformedResponse`: the vendor refused what its own model wrote. */
  readonly byModel?: true
  /** For `UnsupportedFeature`, in the field's words. */
  readonly feature?: string
}
export type ErrorTable = ReadonlyArray<ErrorRow>

const statusFits = (row: ErrorRow, facts: ErrorFacts): boolean =>
  row.status === undefined ||
  (facts.status !== undefined &&
    (typeof row.status === "number" ? row.status === facts.status : row.status.includes(facts.status)))

const codeFits = (row: ErrorRow, facts: ErrorFacts): boolean => {
  const { code } = row
  if (code === undefined) return true
  if (typeof code === "string") return facts.codes.includes(code)
  return code instanceof RegExp
    ? facts.codes.some((found) => code.test(found))
    : facts.codes.some((found) => code.includes(found))
}

/** The first row that fits. */
export const findRow = (table: ErrorTable, facts: ErrorFacts): ErrorRow | undefined =>
  table.find(
    (row) =>
      statusFits(row, facts) && codeFits(row, facts) && (row.message === undefined || row.message.test(facts.message))
  )
