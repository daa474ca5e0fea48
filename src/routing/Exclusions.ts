/**
 * What keeps one from being a candidate before anybody is asked, and what is told where that leaves nobody.
 *
 * @module
 */
import { defaultRole, type ProviderRole, type Settings } from "../config/Settings.ts"
import type { Need } from "../domain/Capability.ts"
import type { GatewayReason } from "../domain/GatewayError.ts"
import type { Caller } from "../domain/RequestContext.ts"
import type { Candidate } from "./Candidate.ts"
import type { Considered, Exclusion, NotSetUp, OutOfService } from "./Considered.ts"
import { isInRegion } from "./Preference.ts"

/** The first need of the request that a model is known not to meet. */
export const lacking = ({ facts }: Candidate, needs: ReadonlyArray<Need>): Need | undefined =>
  needs.find(({ capability }) => facts.capabilities[capability] === false)

/** What an operator has said of a candidate's provider. */
export const roleOf = ({ roles }: Pick<Settings, "roles">, { ref }: Candidate): ProviderRole =>
  roles?.get(ref.provider) ?? defaultRole

/** What keeps one from being a candidate, the lasting before the passing. */
export const exclusionOf = (
  settings: Pick<Settings, "roles">,
  one: Candidate,
  needs: ReadonlyArray<Need>,
  regions: ReadonlyArray<string>
): Exclusion | undefined => {
  const need = lacking(one, needs)
  if (need !== undefined) return { _tag: "CannotDo", feature: need.feature }
  const wanted = regions.find((region) => !isInRegion(one, region))
  if (wanted !== undefined) return { _tag: "OtherRegion", wanted }
  return outOfService(roleOf(settings, one))
}

/** What its role says of a provider that is out of service; `undefined`: it is on. */
export const outOfService = ({ by, state }: ProviderRole): OutOfService | undefined =>
  state === "on" ? undefined : { _tag: "OutOfService", state, by: by ?? "config" }

/** Why no provider of that id can be asked. */
export const notSetUp = (
  { providers, providersOff }: Pick<Settings, "providers" | "providersOff">,
  provider: string
): NotSetUp =>
  providersOff.some(({ id }) => id === provider)
    ? "noKey"
    : providers.some(({ id }) => id === provider)
      ? "notBuilt"
      : "unknown"

/** None of those asked for can do what the request needs. */
export const cannot = (model: string, asked: ReadonlyArray<Candidate>, needs: ReadonlyArray<Need>): GatewayReason => {
  const need = asked.flatMap((one) => lacking(one, needs) ?? [])[0]
  return {
    _tag: "ModelCannot",
    model,
    feature: need?.feature ?? "what this request needs",
    ...(need === undefined ? undefined : { param: need.param })
  }
}

/** All who could are out of service, or somewhere else. */
export const nobody = (model: string, out: ReadonlyArray<Considered>, caller: Caller): GatewayReason => {
  const off = (whose: OutOfService["by"]): ReadonlyArray<string> => [
    ...new Set(
      out.flatMap(({ exclusion, ref }) =>
        exclusion?._tag === "OutOfService" && exclusion.by === whose ? [ref.provider] : []
      )
    )
  ]
  const abroad = out.find(({ exclusion }) => exclusion?._tag === "OtherRegion")?.exclusion
  if (abroad?._tag !== "OtherRegion") {
    const [byConfig, byOperator] = [off("config"), off("operator")]
    const why = [
      ...(byConfig.length === 0 ? [] : [`the config keeps ${byConfig.join(", ")} out of service`]),
      ...(byOperator.length === 0 ? [] : [`an operator has taken ${byOperator.join(", ")} out of service`])
    ]
    return { _tag: "NobodyAvailable", model, why: why.join("; ") }
  }
  return caller.region !== undefined
    ? {
        _tag: "Forbidden",
        message: `This key's requests stay in the region '${caller.region}', where nobody serves '${model}'`
      }
    : { _tag: "NobodyAvailable", model, why: `nobody serves it in the region '${abroad.wanted}'` }
}

/** Why `one` is not the first of the candidates; `undefined` where it is. */
export const passedOver = (
  one: Candidate,
  candidates: ReadonlyArray<Candidate>,
  out: ReadonlyArray<Considered>
): string | undefined => {
  if (candidates[0] === one) return undefined
  switch (out.find(({ candidate }) => candidate === one)?.exclusion?._tag) {
    case "OutOfService":
      return "OutOfService"
    case "OtherRegion":
      return "OtherRegion"
    case undefined:
      return "LastResort"
    default:
      return "CannotServe"
  }
}
