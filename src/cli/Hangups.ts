/**
 * SIGHUP, heard from the first moment of the process on.
 *
 * A hangup ends a process that does not listen for it, and loading the program takes a part of a second: so it is
 * listened for before anything else is loaded. What comes early is remembered until somebody asks to be told, as one
 * hangup. The listener stays until the process ends, through a drain too.
 *
 * Gotcha: nothing but Node may be imported here, as whatever is imported is loaded first.
 *
 * @module
 */

/** Whom a hangup is told. */
const listeners = new Set<() => void>()
/** Was there one while nobody was to be told? */
let isWaiting = false
/** Does nobody want to be told of any? */
let isGivenBack = false

const onHangup = (): void => {
  if (isGivenBack) return end()
  isWaiting = listeners.size === 0
  for (const tell of listeners) tell()
}

/** What a hangup does to a process that does not listen. */
const end = (): void => {
  process.off("SIGHUP", onHangup)
  process.kill(process.pid, "SIGHUP")
}

/** From now on no hangup ends the process. Doing it twice is as doing it once. */
export const holdHangups = (): void => {
  if (!process.listeners("SIGHUP").includes(onHangup)) process.on("SIGHUP", onHangup)
}

/** Has `tell` called for each hangup from now on, and for one that is remembered at once. Gives what ends that. */
export const onHangups = (tell: () => void): (() => void) => {
  holdHangups()
  listeners.add(tell)
  if (isWaiting) onHangup()
  return () => void listeners.delete(tell)
}

/** Makes a hangup end the process, as it does by itself; one that is remembered ends it now. */
export const giveBackHangups = (): void => {
  // the listener stays: a signal that has come in but was not told yet would go by with it
  isGivenBack = true
  if (isWaiting) end()
}
