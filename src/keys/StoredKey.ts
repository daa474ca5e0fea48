/**
 * A client key that was made at run time, as it is kept: what it grants, the digests of its secrets, and its life.
 *
 * A key has one secret, and after a rotation for a while those before it. It ends by its expiry or by being revoked; what
 * has ended is kept, so that its name is not given to somebody else, who would be taken for its owner.
 *
 * Everything here is pure. Times are milliseconds since 1970.
 *
 * @module
 */
import { Schema } from "effect"
import { BudgetTerms } from "../config/ConfigFile.ts"
import { type Caller, priorities } from "../domain/RequestContext.ts"

const time = Schema.Finite
const optional = Schema.optionalKey
const most = Schema.Finite.check(Schema.isGreaterThan(0))

export const StoredSecret = Schema.Struct({
  /** SHA-256, in hexadecimal digits. */
  digest: Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/)),
  prefix: Schema.String,
  lastFour: Schema.String,
  createdAt: time,
  /** When a secret that has a successor ends. */
  validUntil: optional(time)
})
export type StoredSecret = typeof StoredSecret.Type

/** What a key grants: the fields that an operator may set. */
const grants = {
  tenant: optional(Schema.String),
  priority: Schema.Literals(priorities),
  allow: optional(Schema.Array(Schema.String)),
  region: optional(Schema.String),
  limits: optional(
    Schema.Struct({
      requestsPerMinute: optional(most),
      tokensPerMinute: optional(most),
      concurrent: optional(most)
    })
  ),
  budgets: optional(Schema.Array(BudgetTerms)),
  tags: Schema.Array(Schema.String),
  metadata: optional(Schema.Literal("body")),
  expiresAt: optional(time)
} as const

export const KeyGrants = Schema.Struct(grants)
export type KeyGrants = typeof KeyGrants.Type

export const StoredKey = Schema.Struct({
  name: Schema.String,
  /** Counts up with every change, from 1: a change is only written over what it was made from. */
  version: Schema.Int,
  ...grants,
  /** The newest first. */
  secrets: Schema.Array(StoredSecret),
  createdAt: time,
  revokedAt: optional(time)
})
export type StoredKey = typeof StoredKey.Type

/** Names that can stand in an address, a log and a budget's scope as they are. */
export const keyNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
export const keyNameExpected = "a name of at most 64 letters, digits, dots, hyphens and underscores"

export type KeyState = "active" | "expired" | "revoked"

/** How a key stands now. */
export const stateOf = (key: Pick<StoredKey, "expiresAt" | "revokedAt">, now: number): KeyState => {
  if (key.revokedAt !== undefined) return "revoked"
  return key.expiresAt !== undefined && key.expiresAt <= now ? "expired" : "active"
}

/** Does this secret of a key still do, as far as rotations go? */
export const isCurrent = ({ validUntil }: StoredSecret, now: number): boolean =>
  validUntil === undefined || now < validUntil

/** The key with a new secret. Those before it end after the grace, if they do not before; those that have are dropped. */
export const rotated = (key: StoredKey, secret: StoredSecret, graceMillis: number, now: number): StoredKey => ({
  ...key,
  version: key.version + 1,
  secrets: [
    secret,
    ...key.secrets
      .map((old) => ({ ...old, validUntil: Math.min(old.validUntil ?? Infinity, now + graceMillis) }))
      .filter((old) => isCurrent(old, now))
  ]
})

/** The key, ended; the first time counts. */
export const revoked = (key: StoredKey, now: number): StoredKey => ({
  ...key,
  version: key.version + 1,
  revokedAt: key.revokedAt ?? now
})

/** What of a key is known to the stages of a request. */
export const callerOf = (
  key: Pick<Caller, "name" | "priority"> & {
    readonly [K in "tenant" | "allow" | "region" | "limits" | "tags" | "metadata"]?: Caller[K] | undefined
  }
): Caller => ({
  name: key.name,
  tenant: key.tenant,
  priority: key.priority,
  allow: key.allow,
  ...(key.region === undefined ? undefined : { region: key.region }),
  ...(key.limits === undefined ? undefined : { limits: key.limits }),
  ...(key.tags === undefined || key.tags.length === 0 ? undefined : { tags: key.tags }),
  ...(key.metadata === undefined ? undefined : { metadata: key.metadata })
})
