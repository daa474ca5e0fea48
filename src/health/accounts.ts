/**
 * Whom the configured providers stand for, as fingerprints: so that what was observed of one account is not held
 * against another that the config has put in its place.
 *
 * @module
 */
import { Redacted } from "effect"
import { fingerprintOf } from "../config/fingerprint.ts"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import type { Account } from "../machine/Quarantine.ts"

const sorted = (record: Readonly<Record<string, string>>): ReadonlyArray<readonly [string, string]> =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

/** What is absent leaves the fingerprints of others as they are. */
const optional = (value: string | undefined): ReadonlyArray<string> => (value === undefined ? [] : [value])

/**
 * A key's fate depends on where it is shown (kind, address, headers, which may name an organisation); an account's on
 * its keys besides; a model's also on what it is called there.
 */
export const accountOf = (spec: ProviderSpec): Account => {
  const credentials = spec.apiKeys.map((key) => fingerprintOf(Redacted.value(key)))
  const place = [spec.kind, spec.baseUrl ?? null, sorted(spec.headers), ...optional(spec.project)]
  const account = [...place, [...credentials].sort()]
  const model = [...account, spec.apiVersion ?? null, sorted(spec.deployments), ...optional(spec.location)]
  return {
    credentials,
    identities: {
      credential: fingerprintOf(JSON.stringify(place)),
      account: fingerprintOf(JSON.stringify(account)),
      model: fingerprintOf(JSON.stringify(model))
    }
  }
}

/** By provider id. */
export const accountsOf = (providers: ReadonlyArray<ProviderSpec>): ReadonlyMap<string, Account> =>
  new Map(providers.map((spec) => [spec.id, accountOf(spec)]))
