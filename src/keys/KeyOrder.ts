/**
 * What operators ask of client keys: a new one, or another way for one that is there; and what is wrong with that.
 *
 * @module
 */
import { Effect, Schema } from "effect"
import { type BudgetFault, keyBudgetFaults } from "../config/budgets.ts"
import type { BudgetTerms } from "../config/ConfigFile.ts"
import { regionOf } from "../config/notation.ts"
import type { Settings } from "../config/Settings.ts"
import type { CallerLimits, Priority } from "../domain/RequestContext.ts"
import type { KeyGrants } from "./StoredKey.ts"

/** What is asked cannot be done. `unavailable`: the store does not work now. */
export class KeyRefused extends Schema.TaggedError<KeyRefused>()("KeyRefused", {
  kind: Schema.Literals(["missing", "refused", "invalid", "unavailable"]),
  message: Schema.String,
  /** The field at fault. */
  param: Schema.optionalKey(Schema.String)
}) {}

export const refuse = (kind: KeyRefused["kind"], message: string, param?: string): Effect.Effect<never, KeyRefused> =>
  Effect.suspend(() => Effect.fail(new KeyRefused({ kind, message, ...(param === undefined ? undefined : { param }) })))

/** What a new key is to grant; absent: any model, any amount, no end. */
export interface KeyOrder {
  readonly name: string
  readonly tenant?: string
  readonly priority?: Priority
  readonly allow?: ReadonlyArray<string>
  readonly region?: string
  readonly limits?: CallerLimits
  /** Of the scope `key:` and its name, besides those that the config has for that. */
  readonly budgets?: ReadonlyArray<BudgetTerms>
  readonly tags?: ReadonlyArray<string>
  /** Answers tell of themselves in their bodies too. */
  readonly metadata?: "body"
  readonly expiresAt?: number
}

/** What is to be another way; `null` takes away what was said. */
export type KeyChange = { readonly [K in keyof Omit<KeyOrder, "name">]?: KeyOrder[K] | null }

/** The settings that keys are held against. */
export type KeySettings = Pick<Settings, "keys" | "providers" | "budgets">

/** What a key grants of which nothing is said. */
export const noGrants: KeyGrants = { priority: "normal", tags: [] }

/** A key's grants with what is said anew; what is `null` is not said any more. */
export const granted = <G extends KeyGrants>(grants: G, change: KeyChange): G => {
  const { allow, budgets, expiresAt, limits, metadata, priority, region, tags, tenant } = change
  const next = {
    ...grants,
    priority: priority === null ? noGrants.priority : (priority ?? grants.priority),
    tags: tags === null ? noGrants.tags : (tags ?? grants.tags)
  }
  const optional = {
    allow,
    // no budgets are as good as none said
    budgets: budgets?.length === 0 ? null : budgets,
    expiresAt,
    limits,
    metadata,
    tenant,
    region: typeof region === "string" ? regionOf(region) : region
  }
  for (const [name, value] of Object.entries(optional)) {
    if (value === null) Reflect.deleteProperty(next, name)
    else if (value !== undefined) Reflect.set(next, name, value)
  }
  return next
}

const sentence = ({ expected, found }: BudgetFault): string =>
  found === undefined ? `expected ${expected}` : `${found}: expected ${expected}`

/** Refuses what cannot be granted to the key of this name. `now` in milliseconds since 1970. */
export const checked = (
  name: string,
  { budgets, expiresAt, region }: KeyChange,
  settings: KeySettings,
  now: number
): Effect.Effect<void, KeyRefused> => {
  if (expiresAt !== undefined && expiresAt !== null && expiresAt <= now)
    return refuse("invalid", "a key that has expired already lets nobody in", "expires")
  if (typeof region === "string" && !settings.providers.some((spec) => spec.region === regionOf(region)))
    return refuse("invalid", `no provider that is on has the region '${region}'`, "region")
  const [fault] = keyBudgetFaults(name, budgets ?? [], settings.budgets ?? [])
  return fault === undefined ? Effect.void : refuse("invalid", sentence(fault), ["budgets", ...fault.path].join("."))
}
