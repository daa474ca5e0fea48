/**
 * The secrets of client keys that are made at run time.
 *
 * A secret is 256 random bits, told once. What is kept is its SHA-256 digest, and enough of both its ends to be
 * recognised (`sy-AbCd…wxyz`: 48 bits, which leaves 208 to guess).
 *
 * No bcrypt, scrypt or Argon2: slow hashes make guessing dear where people choose the secret, and nobody guesses 208
 * bits. They would have to run on every request, where they cost the gateway a tenth of a second of a core each, wrong
 * keys included, which is a way to bring it down. A plain digest can be looked up in a table, so a request costs the
 * same however many keys there are; as nobody can choose what a digest begins with, the time such a look takes tells
 * nothing about the digests that are there.
 *
 * @module
 */
import { hash, randomBytes } from "node:crypto"
import { Context } from "effect"

/** Where secrets come from: random bytes fit for cryptography, which Effect's own `Random` does not give. */
export const SecretBytes = Context.Reference<(count: number) => Uint8Array>("switchyard/keys/SecretBytes", {
  defaultValue: () => randomBytes
})

/** What every secret begins with, so that people and scanners for leaked secrets know it when they see it. */
const mark = "sy-"
const secretBytes = 32
/** How much of it is told after the mark and at the end. */
const shownCharacters = 4

/** A new secret: 46 characters that may stand in a header, an address and a shell without quotes. */
export const newSecret = (bytes: (count: number) => Uint8Array): string =>
  mark + Buffer.from(bytes(secretBytes)).toString("base64url")

/** The SHA-256 of a secret, in hexadecimal digits. */
export const secretDigest = (secret: string): string => hash("sha256", secret)

/** What a secret is recognised by. */
export const endsOf = (secret: string): { readonly prefix: string; readonly lastFour: string } => ({
  prefix: secret.slice(0, mark.length + shownCharacters),
  lastFour: secret.slice(-shownCharacters)
})
