/**
 * By which model a provider is asked whether it serves at all.
 *
 * @module
 */
import type { Catalog } from "../catalog/Catalog.ts"
import { environmentRowOf } from "../config/EnvironmentKeys.ts"
import { splitTarget } from "../config/notation.ts"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import type { Settings } from "../config/Settings.ts"

/**
 * The first model that the config itself names at the provider (the account may use it), else the vendor's cheap one
 * that everybody may use, else one that the catalogue knows; `undefined` where nothing is known.
 */
export const modelToProve = (
  settings: Settings,
  spec: ProviderSpec,
  catalog: Catalog["Service"]
): string | undefined => {
  for (const { targets } of settings.aliases) {
    for (const text of targets) {
      const target = splitTarget(text)
      if (target?.provider === spec.id) return target.model
    }
  }
  return (
    spec.models[0] ??
    Object.keys(spec.deployments)[0] ??
    environmentRowOf(spec.kind)?.fast ??
    catalog.knownModels(spec.kind)[0]
  )
}
