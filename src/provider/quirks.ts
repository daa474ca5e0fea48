/**
 * Where vendors, and single models of theirs, deviate from the wire they speak: one named row each.
 *
 * A Chat Completions or Responses body that was written for the very OpenAI model it goes to is sent as its caller wrote
 * it: OpenAI answers for itself. Compatible vendors are asked by programs written for OpenAI, so their rows count for
 * every body. How the generations of Claude and Gemini differ is their dialects' own tables (`Models.ts`).
 *
 * A row that says that a field is refused is there because the vendor answers an error to it, not because it has no
 * effect: what merely does nothing is passed on. The rows are in `quirks/`, a file for each kind of vendors.
 *
 * @module
 */
import type { ProviderKind } from "../config/ProviderSpec.ts"
import { noQuirks, type Quirks } from "../dialect/Dialect.ts"
import { fromCompatible } from "./quirks/compatible.ts"
import { fromGoogle } from "./quirks/google.ts"
import { fromOpenAi } from "./quirks/openAi.ts"
import type { QuirkRow } from "./quirks/QuirkRow.ts"
import { fromAnybody, fromServers } from "./quirks/servers.ts"

/** Every row that fits counts. Lists add up; of two rows that say anything else about the same, the later. */
export const quirkRows: ReadonlyArray<QuirkRow> = [
  ...fromOpenAi,
  ...fromCompatible,
  ...fromServers,
  ...fromAnybody,
  ...fromGoogle
]

const rowsByKind = new Map<ProviderKind, ReadonlyArray<QuirkRow>>()
for (const row of quirkRows) for (const kind of row.kinds) rowsByKind.set(kind, [...(rowsByKind.get(kind) ?? []), row])

/** Names whose quirks are remembered. They are callers' inventions, so the oldest makes place for the newest. */
const mostRemembered = 1000
const remembered = new Map<string, Quirks>()

/** What `kind` of vendor deviates in for one of its models. */
export const quirksOf = (kind: ProviderKind, model: string): Quirks => {
  const key = `${kind}/${model}`
  const known = remembered.get(key)
  if (known !== undefined) return known
  const quirks = quirksAmong(rowsByKind.get(kind) ?? [], model)
  const [oldest] = remembered.size < mostRemembered ? [] : remembered.keys()
  if (oldest !== undefined) remembered.delete(oldest)
  remembered.set(key, quirks)
  return quirks
}

/** What the rows that fit a model say together. */
export const quirksAmong = (rows: ReadonlyArray<QuirkRow>, model: string): Quirks => {
  const name = model.toLowerCase()
  let quirks = noQuirks
  for (const { model: models, quirks: own } of rows) {
    if (models !== undefined && !models.test(name)) continue
    quirks = {
      ...quirks,
      ...own,
      refuses: [...quirks.refuses, ...(own.refuses ?? [])],
      refusesInMessages: [...quirks.refusesInMessages, ...(own.refusesInMessages ?? [])]
    }
  }
  return quirks
}
