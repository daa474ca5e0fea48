/**
 * What operators have changed since the config was read, laid over it.
 *
 * Changes outlive a reload of the file and end with the process. Where the file comes to name a provider that was added
 * here, the file's word holds.
 *
 * @module
 */
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import { defaultRole, type ProviderRole, type Settings } from "../config/Settings.ts"

export interface Changes {
  /** Providers that no file names, by id. */
  readonly added: ReadonlyMap<string, { readonly spec: ProviderSpec; readonly role: ProviderRole }>
  /** What was said of providers, whoever named them. */
  readonly roles: ReadonlyMap<string, Partial<ProviderRole>>
}

export const noChanges: Changes = { added: new Map(), roles: new Map() }

/** Those of the added providers that the config does not name itself. */
const reallyAdded = (base: Settings, { added }: Changes) =>
  [...added].filter(([id]) => !base.providers.some((spec) => spec.id === id))

/** The settings with the changes in force. */
export const withChanges = (base: Settings, changes: Changes): Settings => {
  if (changes.added.size === 0 && changes.roles.size === 0) return base
  const added = reallyAdded(base, changes)
  const roles = new Map(base.roles ?? [])
  for (const [id, { role }] of added) roles.set(id, { ...role, by: "operator" })
  for (const [id, change] of changes.roles)
    roles.set(id, {
      ...(roles.get(id) ?? defaultRole),
      ...change,
      ...(change.state === undefined ? undefined : { by: "operator" as const })
    })
  return { ...base, providers: [...base.providers, ...added.map(([, { spec }]) => spec)], roles }
}

/** What was said of another provider of that id is said of it no more. */
export const withAdded = (changes: Changes, spec: ProviderSpec, role: ProviderRole): Changes => {
  const roles = new Map(changes.roles)
  roles.delete(spec.id)
  return { added: new Map(changes.added).set(spec.id, { spec, role }), roles }
}

/**
 * What holds of the changes over a config that was read anew: a provider that the file now names is the file's from
 * then on, and what was said of one that is gone is forgotten.
 */
export const overConfig = (changes: Changes, base: Settings): Changes => {
  const named = new Set(base.providers.map(({ id }) => id))
  const added = new Map([...changes.added].filter(([id]) => !named.has(id)))
  return { added, roles: new Map([...changes.roles].filter(([id]) => named.has(id) || added.has(id))) }
}

export const withoutAdded = (changes: Changes, id: string): Changes => {
  const added = new Map(changes.added)
  const roles = new Map(changes.roles)
  added.delete(id)
  roles.delete(id)
  return { added, roles }
}

export const withRole = (changes: Changes, id: string, change: Partial<ProviderRole>): Changes => ({
  ...changes,
  roles: new Map(changes.roles).set(id, { ...changes.roles.get(id), ...change })
})
