/**
 * A deviation of a vendor, or of single models of its, from the wire it speaks.
 *
 * @module
 */
import type { ProviderKind } from "../../config/ProviderSpec.ts"
import type { Quirks } from "../../dialect/Dialect.ts"

export interface QuirkRow {
  /** What the vendor does, in a few words; no two rows have the same. */
  readonly name: string
  /** Where it says so, or where it was seen to. */
  readonly source: string
  readonly kinds: ReadonlyArray<ProviderKind>
  /** Against the vendor's name for the model, in lower case. Absent: all its models. */
  readonly model?: RegExp
  readonly quirks: Partial<Quirks>
}

/** Fields that punish what was said before. */
export const penalties = ["presence_penalty", "frequency_penalty", "logit_bias"] as const
