/**
 * `${NAME}` in the config's strings.
 *
 * It happens after the file is parsed and inside one string at a time, once: a value can add no keys, no lists and no
 * further `${…}`. `$${` stands for a plain `${`. A variable that is empty counts as unset: compose files and CI systems
 * hand on unset variables as empty ones, and an empty string where a value is meant is never right.
 *
 * @module
 */

/** Names to values, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

export type Interpolated =
  | { readonly _tag: "Text"; readonly text: string }
  /** These variables are not set. */
  | { readonly _tag: "Unset"; readonly names: ReadonlyArray<string> }
  /** `${` that begins no `${NAME}`. */
  | { readonly _tag: "Malformed" }

const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g

/** The variable's value without white space around it (files of secrets end in a newline); `undefined` if unset. */
export const lookup = (env: Environment, name: string): string | undefined => {
  // an own property, so that no name reaches Object.prototype
  const value = Object.hasOwn(env, name) ? env[name]?.trim() : undefined
  return value === "" ? undefined : value
}

/** `text` with every `${NAME}` replaced. */
export const interpolate = (text: string, env: Environment): Interpolated => {
  if (!text.includes("${")) return { _tag: "Text", text }
  const unset: Array<string> = []
  let malformed = false
  const replaced = text.replace(reference, (match: string, name: string | undefined) => {
    if (match === "$${") return "${"
    if (name === undefined) {
      malformed = true
      return match
    }
    const value = lookup(env, name)
    if (value === undefined) unset.push(name)
    return value ?? ""
  })
  if (malformed) return { _tag: "Malformed" }
  return unset.length > 0 ? { _tag: "Unset", names: unset } : { _tag: "Text", text: replaced }
}

const whole = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/

/** Is the string one `${NAME}` and nothing else? */
export const isWholeReference = (text: string): boolean => whole.test(text)
