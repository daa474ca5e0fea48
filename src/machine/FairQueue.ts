/**
 * Who is next among those who wait, as a pure machine: fair among callers, first come first served within one.
 *
 * Three classes by priority. Within a class callers take turns: whoever was served goes behind the others, however many
 * more it has waiting, so that a caller with a thousand requests delays another's first by one turn. Critical goes
 * before normal, and normal before low; but a class that was passed over eight times in a row while somebody waited in
 * it is next, so that even low gets at least one turn in ten.
 *
 * The queue is bounded, and shares its places: a caller may join while it has fewer waiting than there are places free.
 * One caller alone can so take half of the places, two a third each, and a newcomer always finds one unless the queue is
 * all but full of others.
 *
 * Gotchas
 * - The order is what a server ought to try, one after the other: who cannot be served is passed by, and keeps its
 *   place.
 * - The bound comes with the command: a reload changes it at once, and drops nobody who waits already.
 *
 * Sources: J. Nagle, RFC 970 (1985), for queues by caller served in turn; A. K. Choudhury and E. L. Hahne, "Dynamic
 * queue length thresholds for shared-memory packet switches" (1998), for the sharing of places.
 *
 * @module
 */

/** First to last. */
export const priorities = ["critical", "normal", "low"] as const
export type Priority = (typeof priorities)[number]

/** One that waits; `id` is nobody else's. */
export interface Waiter {
  readonly id: number
  readonly caller: string
  readonly priority: Priority
}

/** What one caller has waiting in one class, first come first; never empty. */
interface Line {
  readonly caller: string
  readonly ids: ReadonlyArray<number>
}
interface PriorityClass {
  /** Whose turn is next first. */
  readonly lines: ReadonlyArray<Line>
  /** Turns given to a higher class since the last of this one, while somebody waited here. */
  readonly passedOver: number
}

export interface FairState {
  readonly waiting: number
  readonly classes: Readonly<Record<Priority, PriorityClass>>
}

export type FairCommand =
  /** `capacity`: how many may wait, over all. */
  | { readonly _tag: "Join"; readonly waiter: Waiter; readonly capacity: number }
  /** It was its turn. */
  | { readonly _tag: "Serve"; readonly waiter: Waiter }
  /** It waits no longer. */
  | { readonly _tag: "Leave"; readonly waiter: Waiter }

/** `NoPlace`: too many wait, or too many of this caller. `Unknown`: it does not wait here. */
export type FairReply = { readonly _tag: "Joined" | "NoPlace" | "Served" | "Left" | "Unknown" }

export type FairEvent =
  /** The first of a queue that was empty waits. */
  { readonly _tag: "Began" } | { readonly _tag: "Emptied" }

const emptyClass: PriorityClass = { lines: [], passedOver: 0 }
export const initialFair: FairState = {
  waiting: 0,
  classes: { critical: emptyClass, normal: emptyClass, low: emptyClass }
}

/** How often a class is passed over before it is its turn. */
const patience = 8

/** One step. The same state comes back (by identity) where nothing changed. */
export const fairStep = (state: FairState, command: FairCommand): readonly [FairReply, FairState] => {
  const { waiter } = command
  switch (command._tag) {
    case "Join":
      return waitingOf(state, waiter.caller) < command.capacity - state.waiting
        ? [{ _tag: "Joined" }, joined(state, waiter)]
        : [{ _tag: "NoPlace" }, state]
    case "Serve": {
      const without = removed(state, waiter, "behind the others")
      return without === undefined
        ? [{ _tag: "Unknown" }, state]
        : [{ _tag: "Served" }, turned(without, waiter.priority)]
    }
    case "Leave": {
      const without = removed(state, waiter, "in its place")
      return without === undefined ? [{ _tag: "Unknown" }, state] : [{ _tag: "Left" }, without]
    }
  }
}

/** How many a caller has waiting. */
export const waitingOf = (state: FairState, caller: string): number =>
  priorities.reduce(
    (sum, priority) => sum + (state.classes[priority].lines.find((line) => line.caller === caller)?.ids.length ?? 0),
    0
  )

/** How many wait, by caller. */
export const waitingByCaller = (state: FairState): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const priority of priorities)
    for (const { caller, ids } of state.classes[priority].lines)
      counts.set(caller, (counts.get(caller) ?? 0) + ids.length)
  return counts
}

/** The ids of all who wait, in the order they are to be tried. */
export function* inTurn(state: FairState): Generator<number> {
  const due = priorities.filter((priority) => state.classes[priority].passedOver >= patience)
  for (const priority of [...due, ...priorities.filter((one) => !due.includes(one))]) {
    const { lines } = state.classes[priority]
    const longest = lines.reduce((most, { ids }) => Math.max(most, ids.length), 0)
    for (let round = 0; round < longest; round++)
      for (const { ids } of lines) {
        const id = ids[round]
        if (id !== undefined) yield id
      }
  }
}

const withClass = (state: FairState, priority: Priority, changed: PriorityClass, waiting: number): FairState => ({
  waiting,
  classes: { ...state.classes, [priority]: changed }
})

const joined = (state: FairState, { caller, id, priority }: Waiter): FairState => {
  const { lines, passedOver } = state.classes[priority]
  const has = lines.some((line) => line.caller === caller)
  const longer = has
    ? lines.map((line) => (line.caller === caller ? { caller, ids: [...line.ids, id] } : line))
    : [...lines, { caller, ids: [id] }]
  return withClass(state, priority, { lines: longer, passedOver }, state.waiting + 1)
}

/** Without the waiter, its caller's line standing where it is told; `undefined` where it does not wait. */
const removed = (
  state: FairState,
  { caller, id, priority }: Waiter,
  place: "behind the others" | "in its place"
): FairState | undefined => {
  const { lines, passedOver } = state.classes[priority]
  const line = lines.find((one) => one.caller === caller)
  if (line === undefined || !line.ids.includes(id)) return undefined
  const rest = { caller, ids: line.ids.filter((one) => one !== id) }
  const kept = rest.ids.length === 0 ? [] : [rest]
  const left =
    place === "in its place"
      ? lines.flatMap((one) => (one === line ? kept : [one]))
      : [...lines.filter((one) => one !== line), ...kept]
  return withClass(state, priority, { lines: left, passedOver: left.length === 0 ? 0 : passedOver }, state.waiting - 1)
}

/** After a turn of `served`: those below it were passed over. */
const turned = (state: FairState, served: Priority): FairState => {
  const after = (priority: Priority): PriorityClass => {
    const one = state.classes[priority]
    if (priority === served) return one.passedOver === 0 ? one : { ...one, passedOver: 0 }
    if (one.lines.length === 0 || priorities.indexOf(priority) < priorities.indexOf(served)) return one
    return { ...one, passedOver: one.passedOver + 1 }
  }
  return {
    waiting: state.waiting,
    classes: { critical: after("critical"), normal: after("normal"), low: after("low") }
  }
}

/** What happened between two states, for whoever listens: not once a waiter. */
export const fairEvents = (before: FairState, after: FairState): ReadonlyArray<FairEvent> => {
  if (before.waiting === 0 && after.waiting > 0) return [{ _tag: "Began" }]
  if (before.waiting > 0 && after.waiting === 0) return [{ _tag: "Emptied" }]
  return []
}
