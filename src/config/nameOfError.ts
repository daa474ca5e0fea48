/**
 * What may be said of something that was thrown.
 *
 * @module
 */

const isName = /^[A-Za-z_$][\w$]{0,60}$/

/** Its class's name (`TypeError`); nothing of its message, which may quote what it was thrown about. Never throws. */
export const nameOfError = (thrown: unknown): string => {
  try {
    if (thrown instanceof Error && isName.test(thrown.name)) return thrown.name
  } catch {
    // a foreign error's name can be code that throws
  }
  return "an error"
}
