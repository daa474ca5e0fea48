/**
 * What a secret is known by where it may be seen: in states, in logs, in the database.
 *
 * @module
 */
import { createHash } from "node:crypto"

/** Sixteen hexadecimal digits of the secret's SHA-256: enough to tell keys apart, and nothing to guess one from. */
export const fingerprintOf = (secret: string): string =>
  createHash("sha256").update(secret, "utf8").digest("hex").slice(0, 16)
