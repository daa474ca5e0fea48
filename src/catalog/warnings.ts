/**
 * What an operator ought to know about the settings, with what only the catalogue can say: the file's check knows names,
 * not models.
 *
 * @module
 */
import { splitTarget } from "../config/notation.ts"
import type { ProviderKind } from "../config/ProviderSpec.ts"
import type { ClassifierSettings, Settings } from "../config/Settings.ts"
import type { Catalog } from "./Catalog.ts"
import { bareName, familyOf } from "./families.ts"

/** All warnings about the settings, in sentences without a secret. */
export const warningsOf = (settings: Settings, catalog: Catalog["Service"]): ReadonlyArray<string> => {
  const misfit = misfitOf(settings, catalog)
  return misfit === undefined ? settings.warnings : [...settings.warnings, misfit]
}

/** How vendors and makers of open models name those that embed. */
const embeds = /embed|^(bge|gte|e5|multilingual-e5|all-minilm)-/

/** Does a model embed, or does it chat? `undefined`: nobody knows. */
const kindOf = (kind: ProviderKind, model: string, catalog: Catalog["Service"]): "embeds" | "chats" | undefined => {
  if (embeds.test(bareName(model))) return "embeds"
  return familyOf(model) !== undefined || catalog.knownModels(kind).includes(model) ? "chats" : undefined
}

/** A classifier whose model is surely of another kind than it asks: it would judge by the built-in one for ever. */
const misfitOf = (
  { classifier, providers }: Pick<Settings, "classifier" | "providers">,
  catalog: Catalog["Service"]
): string | undefined => {
  const wanted = classifier === undefined ? undefined : asks[classifier.by]
  const target = splitTarget(classifier?.model ?? "")
  const spec = providers.find(({ id }) => id === target?.provider)
  if (classifier === undefined || wanted === undefined || target === undefined || spec === undefined) return undefined
  const found = kindOf(spec.kind, target.model, catalog)
  return found === undefined || found === wanted
    ? undefined
    : `classifier.model: "${classifier.by}" asks a model that ${wanted}, but ${target.provider}/${target.model} ${found}: the built-in classifier judges in its stead`
}

/** What the model of each classifier must do; those that ask nobody have none. */
const asks: { readonly [B in ClassifierSettings["by"]]: "embeds" | "chats" | undefined } = {
  centroid: undefined,
  keyword: undefined,
  embedding: "embeds",
  llm: "chats",
  cascade: "chats"
}
