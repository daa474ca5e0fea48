/**
 * Names in one section that must exist in another: targets name providers, fallbacks name aliases or targets, budgets
 * name keys.
 *
 * What exists is read from the file as written, so that one wrong entry does not make every mention of it wrong too.
 *
 * @module
 */
import { autoNames } from "../domain/Prefer.ts"
import { fitsPattern } from "../domain/RequestContext.ts"
import { builtInTasks } from "../domain/Task.ts"
import { type ConfigFile, isModelName, type ModelEntry } from "./ConfigFile.ts"
import { didYouMean, type Finding } from "./diagnose.ts"
import { splitTarget } from "./notation.ts"
import { type Path, pathKey, type Source } from "./Source.ts"

export interface Names {
  readonly providers: ReadonlyArray<string>
  readonly aliases: ReadonlyArray<string>
  readonly keys: ReadonlyArray<string>
}

const keysAt = (source: Source, path: Path): ReadonlyArray<string> => {
  const raw = source.raw.get(pathKey(path))
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) ? Object.keys(raw) : []
}

/** Every name the file gives. */
export const namesIn = (source: Source): Names => {
  const keys = source.raw.get(pathKey(["keys"]))
  const count = Array.isArray(keys) ? keys.length : 0
  return {
    providers: keysAt(source, ["providers"]),
    aliases: keysAt(source, ["models"]).filter((name) => !isModelName(name)),
    keys: Array.from({ length: count }, (_, index) => source.raw.get(pathKey(["keys", index, "name"]))).filter(
      (name) => typeof name === "string"
    )
  }
}

const withHint = (finding: Finding, hint: string | undefined): Finding =>
  hint === undefined ? finding : { ...finding, hint }

/** Is `name` a `provider/model` of a provider that exists, or, where allowed, an alias? */
export const checkTarget = (
  path: Path,
  name: string,
  names: Names,
  aliasAllowed: boolean,
  source: Source
): ReadonlyArray<Finding> => {
  if (source.unset.has(pathKey(path))) return []
  const target = splitTarget(name)
  if (target === undefined) {
    const isAlias = names.aliases.includes(name)
    if (isAlias && aliasAllowed) return []
    const expected = isAlias
      ? `a model as "provider/model": an alias cannot stand for another alias`
      : aliasAllowed
        ? `an alias or a model as "provider/model"`
        : `a model as "provider/model"`
    return [withHint({ path, expected }, isAlias || !aliasAllowed ? undefined : didYouMean(name, names.aliases))]
  }
  if (names.providers.includes(target.provider)) return []
  const hint = didYouMean(target.provider, names.providers)
  return [withHint({ path, expected: `a provider of this file before the slash (${listed(names.providers)})` }, hint)]
}

const mostNamed = 8

const listed = (names: ReadonlyArray<string>): string =>
  names.length === 0 ? "there is none" : names.slice(0, mostNamed).join(", ") + (names.length > mostNamed ? ", …" : "")

/** Aliases, facts, tasks, fallbacks, and the names that instructions for economy models hold for. */
export const checkModels = (config: ConfigFile, names: Names, source: Source): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  for (const [name, entry] of Object.entries<ModelEntry>(config.models ?? {})) {
    const path: Path = ["models", name]
    if (isModelName(name)) {
      const found = "a provider that is not known"
      findings.push(
        ...checkTarget(path, name, names, false, source).map((finding) => ({ ...finding, atKey: true, found }))
      )
      continue
    }
    if (name === "auto" || name.startsWith("auto:")) {
      const expected = `another name: "auto" asks for a model by task`
      findings.push({ path, atKey: true, found: "a reserved name", expected })
    }
    const [targets, at] = targetsOf(entry, path)
    targets.forEach((target, index) => findings.push(...checkTarget([...at, index], target, names, false, source)))
  }
  findings.push(...checkClasses(config, names, source))
  for (const [task, lists] of Object.entries(config.tasks ?? {})) {
    for (const [preference, targets] of Object.entries(lists)) {
      targets.forEach((target, index) =>
        findings.push(...checkTarget(["tasks", task, preference, index], target, names, true, source))
      )
    }
  }
  const chosen = [...autoNames, ...names.aliases]
  config.economy?.for?.forEach((name, index) => {
    const path: Path = ["economy", "for", index]
    if (source.unset.has(pathKey(path)) || chosen.some((one) => fitsPattern(name, one))) return
    const expected = `auto, an alias, or a pattern such as "auto*" that fits one`
    findings.push(withHint({ path, expected }, didYouMean(name, chosen)))
  })
  config.resilience?.defaultFallbacks?.forEach((name, index) =>
    findings.push(...checkTarget(["resilience", "defaultFallbacks", index], name, names, true, source))
  )
  return findings
}

/** Tasks are the built-in ones and the file's own classes; a model judges or embeds only where one is named. */
const checkClasses = (config: ConfigFile, names: Names, source: Source): ReadonlyArray<Finding> => {
  const { by, classes = {}, model } = config.classifier ?? {}
  const findings: Array<Finding> = []
  const known = [...builtInTasks, ...Object.keys(classes)]
  for (const task of Object.keys(config.tasks ?? {})) {
    if (known.includes(task)) continue
    const finding = { path: ["tasks", task], atKey: true, found: "a task that is not known" }
    const expected = `one of ${builtInTasks.join(", ")}, or a class of the section "classifier"`
    findings.push(withHint({ ...finding, expected }, didYouMean(task, known)))
  }
  for (const [name, exemplars] of Object.entries(classes)) {
    const path: Path = ["classifier", "classes", name]
    const isNew = !builtInTasks.some((task) => task === name)
    if (name === "long_context")
      findings.push({ path, atKey: true, found: "a task of length alone", expected: "another name" })
    else if (isNew && exemplars.length < leastExemplars)
      findings.push({
        path,
        found: `a list of ${exemplars.length}`,
        expected: `at least ${leastExemplars} texts, so that the class can be told`
      })
  }
  const path: Path = ["classifier", "model"]
  if (model !== undefined) findings.push(...checkTarget(path, model, names, false, source))
  else if (by !== undefined && by !== "centroid" && by !== "keyword")
    findings.push({ path: ["classifier"], expected: `a field "model", since ${by} asks one` })
  return findings
}

/** Fewer say too little about a class. */
const leastExemplars = 5

/** The targets of an alias in either notation, and the path of their list. */
export const targetsOf = (entry: ModelEntry, path: Path): readonly [targets: ReadonlyArray<string>, at: Path] => {
  if (isBareList(entry)) return [entry, path]
  return "targets" in entry ? [entry.targets, [...path, "targets"]] : [[], path]
}

/** Narrows where `Array.isArray` does not: a readonly array is no `any[]`. */
export const isBareList = (entry: ModelEntry): entry is ReadonlyArray<string> => Array.isArray(entry)

/** `global`, `tenant:NAME`, `key:NAME`, `tag:NAME`, `provider:ID`, `model:provider/model`, or `model:model` anywhere. */
export const checkScope = (path: Path, scope: string, names: Names, source: Source): ReadonlyArray<Finding> => {
  if (scope === "global" || source.unset.has(pathKey(path))) return []
  const [, kind, name] = /^(tenant|key|tag|provider|model):(.+)$/.exec(scope) ?? []
  if (kind === undefined || name === undefined) {
    return [
      { path, expected: "global, tenant:NAME, key:NAME, tag:NAME, provider:ID, model:MODEL or model:PROVIDER/MODEL" }
    ]
  }
  if (kind === "model" && !isModelName(name)) return []
  if (kind === "model") return checkTarget(path, name, names, false, source)
  // with an admin API keys are made while the gateway runs
  const keys = source.raw.has(pathKey(["server", "adminKey"])) ? undefined : names.keys
  const known = kind === "key" ? keys : kind === "provider" ? names.providers : undefined
  if (known === undefined || known.includes(name)) return []
  return [withHint({ path, expected: `a ${kind} of this file (${listed(known)})` }, didYouMean(name, known))]
}
