/**
 * Regions that aliases and client keys ask for, against those of the providers that are there.
 *
 * A region that nobody has would refuse every request, so it is an error and not a warning, also where the provider that
 * has it is off: where data may go is not to be found out by a caller.
 *
 * @module
 */
import type { ConfigFile, ModelEntry } from "./ConfigFile.ts"
import { isBareList, targetsOf } from "./checkNames.ts"
import type { Finding } from "./diagnose.ts"
import { regionOf, splitTarget } from "./notation.ts"
import type { ResolvedProviders } from "./resolveProviders.ts"
import { type Path, pathKey, type Source } from "./Source.ts"

/** Findings for the aliases and keys whose region no provider that is on (for an alias: none of its targets') has. */
export const checkRegions = (
  config: ConfigFile,
  providers: ResolvedProviders,
  source: Source
): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  const check = (path: Path, written: string | undefined, whose: string, among?: ReadonlySet<string>): void => {
    if (written === undefined || source.unset.has(pathKey(path))) return
    const counts = (id: string): boolean => among === undefined || among.has(id)
    const regions = providers.on.flatMap(({ id, region }) => (counts(id) && region !== undefined ? [region] : []))
    const there = [...new Set(regions)]
    if (there.includes(regionOf(written))) return
    const off = providers.off.find(({ id }) => {
      const region = config.providers[id]?.region
      return counts(id) && region !== undefined && regionOf(region) === regionOf(written)
    })
    findings.push({
      path,
      expected: `a region of ${whose} that is on (${there.length === 0 ? "there is none" : there.join(", ")})`,
      ...(off === undefined ? {} : { hint: `provider "${off.id}" of that region is off: ${off.why}` })
    })
  }
  for (const [name, entry] of Object.entries<ModelEntry>(config.models ?? {})) {
    if (isBareList(entry) || !("targets" in entry)) continue
    const path: Path = ["models", name]
    const [targets] = targetsOf(entry, path)
    const among = new Set(targets.map((target) => splitTarget(target)?.provider ?? ""))
    check([...path, "region"], entry.region, "a provider among its targets", among)
  }
  config.keys?.forEach(({ region }, index) => check(["keys", index, "region"], region, "a provider"))
  return findings
}
