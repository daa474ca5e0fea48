/**
 * Which names are one model's: its dated snapshots, `-latest`, the path, the spelling and the variant that a host puts
 * around it, and what the price catalogue says of names in their own vendor's list and in the host's.
 *
 * The catalogue throws some models together that cost the same (`gpt-5-codex` with `gpt-5`): a word that marks a model of
 * its own keeps them apart.
 *
 * Gotchas
 * - A host's own name for a model (`llama-3.3-70b-versatile`) is nobody else's, nor is a fine-tuned model its base's.
 *
 * @module
 */
import type { ProviderKind } from "../config/ProviderSpec.ts"
import { bareName } from "./families.ts"
import { lookUp } from "./prices.ts"
import { vendors } from "./vendors.ts"

/** What a name may end in without naming another model; each may come after another. */
export const nameTails: ReadonlyArray<{ readonly of: string; readonly pattern: RegExp }> = [
  {
    of: "OpenRouter's variants, which route a model differently",
    pattern: /:(?:free|nitro|floor|online|beta|thinking|extended|exacto)$/
  },
  { of: "whatever is newest", pattern: /[-:]latest$/ },
  {
    of: "a day, as Anthropic, Google Cloud and OpenAI write it",
    pattern: /[-@]20\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])$/
  },
  {
    of: "a month and a day, or a year and a month, in four digits",
    pattern: /-(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|2[3-9](?:0[1-9]|1[0-2]))$/
  },
  { of: "Google's stable versions", pattern: /(?<=^gemini-.*)-00\d$/ }
]

/** Words that mark a model of its own, whatever else its name has in common with another's. */
const marks =
  /(?<=[-.])(?:codex|chat|search|audio|realtime|image|vision|tts|transcribe|live|mini|nano|lite|pro|max|fast|non|base|\d+b)(?=[-.@:]|$)/g

/** Two spellings of a number: `claude-sonnet-4.5`, `claude-sonnet-4-5`. */
const oneSpelling = (name: string): string => name.replace(/(?<=\d)[._](?=\d)/g, "-")

const withoutTails = (name: string): string => {
  for (const { pattern } of nameTails) {
    const shorter = name.replace(pattern, "")
    if (shorter !== name && shorter !== "") return withoutTails(shorter)
  }
  return name
}

const marksIn = (name: string): string => [...new Set(name.match(marks))].sort().join(" ")

/** A longer name is nobody's, and none that the price catalogue should be asked for. */
const longestName = 256

/** By vendor and name; callers invent names, so no more than some thousands are remembered. */
const memory = new Map<string, ReadonlySet<string>>()
const remembered = 4096

/** By what a model is known at a vendor: two names with one of these in common are one model's. */
const identities = (kind: ProviderKind | undefined, model: string): ReadonlySet<string> => {
  if (model.length > longestName) return findIdentities(kind, model)
  const key = `${kind ?? ""} ${model}`
  const known = memory.get(key)
  if (known !== undefined) return known
  const found = findIdentities(kind, model)
  if (memory.size >= remembered) memory.clear()
  memory.set(key, found)
  return found
}

const findIdentities = (kind: ProviderKind | undefined, model: string): ReadonlySet<string> => {
  const bare = bareName(model)
  const plain = withoutTails(bare)
  const found = new Set([oneSpelling(plain)])
  if (model.length > longestName) return found
  const add = (prices: string | undefined, name: string): void => {
    const id = prices === undefined ? undefined : lookUp(prices, name)?.id
    if (id === undefined) return
    const known = bareName(id)
    if (marksIn(known) === marksIn(plain)) found.add(oneSpelling(withoutTails(known)))
  }
  if (kind !== undefined) add(vendors[kind].prices, model)
  for (const { names, prices } of Object.values(vendors)) if (names?.test(bare) === true) add(prices, bare)
  return found
}

/** A name at a vendor of this kind; without one, wherever it is served. */
export interface NamedModel {
  readonly kind: ProviderKind | undefined
  readonly model: string
}

/** Are these two names of one model? Asked where candidates are made, not with every request. */
export const isOneModel = (a: NamedModel, b: NamedModel): boolean => {
  if (bareName(a.model) === bareName(b.model)) return true
  const others = identities(b.kind ?? a.kind, b.model)
  for (const one of identities(a.kind ?? b.kind, a.model)) if (others.has(one)) return true
  return false
}
