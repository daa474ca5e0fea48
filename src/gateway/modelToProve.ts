/**
 * By which models a provider is asked whether it serves at all.
 *
 * @module
 */
import type { Catalog } from "../catalog/Catalog.ts"
import { environmentRowOf } from "../config/EnvironmentKeys.ts"
import { splitTarget } from "../config/notation.ts"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import type { Settings } from "../config/Settings.ts"

/** As many are tried in turn. */
const most = 8

/**
 * In the order of preference: those that the config itself names at the provider (the account may use them), the
 * vendor's cheap one that everybody may use, those that the catalogue knows. Empty where nothing is known.
 */
export const modelsToProve = (
  settings: Pick<Settings, "aliases">,
  spec: ProviderSpec,
  catalog: Catalog["Service"]
): ReadonlyArray<string> => {
  const aliased = settings.aliases.flatMap(({ targets }) =>
    targets.flatMap((text) => {
      const target = splitTarget(text)
      return target?.provider === spec.id ? [target.model] : []
    })
  )
  const fast = environmentRowOf(spec.kind)?.fast
  const models = [
    ...aliased,
    ...spec.models,
    ...Object.keys(spec.deployments),
    ...(fast === undefined ? [] : [fast]),
    ...catalog.knownModels(spec.kind)
  ]
  return [...new Set(models)].slice(0, most)
}

/** The first of them; `undefined` where nothing is known. */
export const modelToProve = (
  settings: Pick<Settings, "aliases">,
  spec: ProviderSpec,
  catalog: Catalog["Service"]
): string | undefined => modelsToProve(settings, spec, catalog)[0]
