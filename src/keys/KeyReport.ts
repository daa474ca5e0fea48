/**
 * A client key as it may be told: all that it grants and how it stands, never its secret.
 *
 * Times are milliseconds since 1970.
 *
 * @module
 */
import type { Redacted } from "effect"
import { policyOf, termsOf } from "../config/budgets.ts"
import type { ClientKey } from "../config/Settings.ts"
import type { BudgetPolicy } from "../domain/Budget.ts"
import type { CallerLimits, Priority } from "../domain/RequestContext.ts"
import { isCurrent, type KeyState, stateOf, type StoredKey, type StoredSecret } from "./StoredKey.ts"

export interface KeyReport {
  readonly name: string
  /** Where it stands: in the config, or in the store. */
  readonly source: "config" | "stored"
  /** `shadowed`: the config has a key of that name, and this one lets nobody in. */
  readonly state: KeyState | "shadowed"
  readonly tenant: string | undefined
  readonly priority: Priority
  readonly allow: ReadonlyArray<string> | undefined
  readonly region: string | undefined
  readonly limits: CallerLimits | undefined
  /** Of a stored key its own; of the config's all that the config has for it. Every term is said. */
  readonly budgets: ReadonlyArray<ReturnType<typeof termsOf>>
  readonly tags: ReadonlyArray<string>
  readonly metadata: "body" | undefined
  readonly createdAt: number | undefined
  readonly expiresAt: number | undefined
  readonly revokedAt: number | undefined
  /** Those that still do, the newest first; none of a key of the config. */
  readonly secrets: ReadonlyArray<Omit<StoredSecret, "digest">>
  /** Does it outlast the process? */
  readonly durable: boolean
}

/** A secret is told once, here. */
export interface NewSecret {
  readonly key: KeyReport
  readonly secret: Redacted.Redacted<string>
  /** What its owner ought to know. */
  readonly notes: ReadonlyArray<string>
}

/** The budgets that a stored key brings with it; the same ones (by identity) of the same key. */
export const budgetsOf = (key: StoredKey): ReadonlyArray<BudgetPolicy> => {
  const known = policies.get(key)
  if (known !== undefined) return known
  const { budgets = [], name } = key
  const made = budgets.map((terms) => policyOf(`key:${name}`, terms))
  policies.set(key, made)
  return made
}
const policies = new WeakMap<StoredKey, ReadonlyArray<BudgetPolicy>>()

/** `isShadowed`: the config has a key of its name. `durable`: is its store? */
export const reportStored = (
  key: StoredKey,
  now: number,
  { durable, isShadowed }: { readonly durable: boolean; readonly isShadowed: boolean }
): KeyReport => ({
  name: key.name,
  source: "stored",
  state: isShadowed ? "shadowed" : stateOf(key, now),
  tenant: key.tenant,
  priority: key.priority,
  allow: key.allow,
  region: key.region,
  limits: key.limits,
  budgets: budgetsOf(key).map(termsOf),
  tags: key.tags,
  metadata: key.metadata,
  createdAt: key.createdAt,
  expiresAt: key.expiresAt,
  revokedAt: key.revokedAt,
  secrets: key.secrets
    .filter((secret) => isCurrent(secret, now))
    .map(({ createdAt, lastFour, prefix, validUntil }) => ({
      prefix,
      lastFour,
      createdAt,
      ...(validUntil === undefined ? undefined : { validUntil })
    })),
  durable
})

/** `budgets` are all of the config. */
export const reportConfigured = (
  key: ClientKey,
  now: number,
  budgets: ReadonlyArray<BudgetPolicy> = []
): KeyReport => ({
  name: key.name,
  source: "config",
  state: stateOf(key.expiresAt === undefined ? {} : { expiresAt: key.expiresAt }, now),
  tenant: key.tenant,
  priority: key.priority,
  allow: key.allow,
  region: key.region,
  limits: key.limits,
  budgets: budgets.filter(({ scope }) => scope === `key:${key.name}`).map(termsOf),
  tags: key.tags ?? [],
  metadata: key.metadata,
  createdAt: undefined,
  expiresAt: key.expiresAt,
  revokedAt: undefined,
  secrets: [],
  durable: true
})
