/**
 * What matters most to whoever leaves the choice of the model to the gateway.
 *
 * @module
 */

export const preferences = ["quality", "balanced", "cost", "speed"] as const
export type Preference = (typeof preferences)[number]

export const isPreference = (name: string): name is Preference => preferences.some((one) => one === name)

/** The name that asks for a model by task; `auto:cost` and so on ask for one by task and preference. */
const auto = "auto"

/** Every name that asks for a model by task. */
export const autoNames: ReadonlyArray<string> = [auto, ...preferences.map((one) => `${auto}:${one}`)]

/** Is the model asked for by task? Then by which preference, where the name says one. */
export const autoOf = (name: string): { readonly preference: Preference | undefined } | undefined => {
  if (name === auto) return { preference: undefined }
  const preference = name.startsWith(`${auto}:`) ? name.slice(auto.length + 1) : ""
  return isPreference(preference) ? { preference } : undefined
}
