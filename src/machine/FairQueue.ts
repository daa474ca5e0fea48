/**
 * Who is next among those who wait, as a pure machine: fair among callers, first come first served within one.
 *
 * Three classes by priority. Within a class callers take turns that are weighed by what they get: whoever was served goes
 * behind the others, however many more it has waiting, and stays there until they have got as many tokens each. So a
 * caller with a thousand requests delays another's first by one turn, and one with large requests gets no more than one
 * with small ones. What is smaller than a thousand tokens counts as a thousand: calls are limited by number as well.
 * Critical goes before normal, and normal before low; but a class that was passed over eight times in a row while
 * somebody waited in it is next, so that even low gets at least one turn in ten.
 *
 * Each class has a virtual time in tokens, and each caller in it a moment at which its next turn is due: when it last
 * began, and what it got since. Turns go by that moment, and the time is the moment of the turn that was given last.
 * Who has nothing waiting keeps its moment until the time has passed it, so that to go away and come back gains nothing.
 * Who was not there or could not be served while others were gains no turns for later: it is next, once.
 *
 * The queue is bounded, and shares its places: a caller may join while it has fewer waiting than there are places free.
 * One caller alone can so take half of the places, two a third each, and a newcomer always finds one unless the queue is
 * all but full of others.
 *
 * Gotchas
 * - The order is what a server ought to try, one after the other: who cannot be served is passed by, and keeps its
 *   place. What it kept from the others meanwhile can be put to its account (`Pass`, `Leave`).
 * - The bound comes with the command: a reload changes it at once, and drops nobody who waits already.
 *
 * Sources: J. Nagle, RFC 970 (1985), for queues by caller served in turn; M. Shreedhar and G. Varghese, "Efficient fair
 * queueing using deficit round robin" (1995), for turns weighed by size; P. Goyal, H. M. Vin and H. Cheng, "Start-time
 * fair queuing" (1996), for doing so by a virtual time that the turn served last tells; A. K. Choudhury and E. L. Hahne, "Dynamic
 * queue length thresholds for shared-memory packet switches" (1998), for the sharing of places.
 *
 * @module
 */
import { priorities, type Priority } from "../domain/RequestContext.ts"

/** First to last. */

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
  /** When its turn is, in the class's time. */
  readonly due: number
}
interface PriorityClass {
  /** By what is due first; of those due at once the one that came first. */
  readonly lines: ReadonlyArray<Line>
  /** The moment of the turn that was given last, in tokens. */
  readonly time: number
  /** When the next turn of those is due who have nothing waiting, where that is later than the time. */
  readonly owing: ReadonlyMap<string, number>
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
  /** It was its turn, and it got so many tokens. */
  | { readonly _tag: "Serve"; readonly waiter: Waiter; readonly tokens: number }
  /** It was its turn, others had to do without so many tokens for it, and it waits on. */
  | { readonly _tag: "Pass"; readonly waiter: Waiter; readonly tokens: number }
  /** It waits no longer; for so many tokens others had to do without for it: 0 where it never was its turn. */
  | { readonly _tag: "Leave"; readonly waiter: Waiter; readonly tokens: number }
  /** What callers got before is long ago. Changes nothing where somebody waits. */
  | { readonly _tag: "Forget" }

/** `NoPlace`: too many wait, or too many of this caller. `Unknown`: it does not wait here. */
export type FairReply = {
  readonly _tag: "Joined" | "NoPlace" | "Served" | "Passed" | "Left" | "Forgotten" | "Unknown"
}

export type FairEvent =
  /** The first of a queue that was empty waits. */
  { readonly _tag: "Began" } | { readonly _tag: "Emptied" }

const emptyClass: PriorityClass = { lines: [], time: 0, owing: new Map(), passedOver: 0 }
export const initialFair: FairState = {
  waiting: 0,
  classes: { critical: emptyClass, normal: emptyClass, low: emptyClass }
}

/** How often a class is passed over before it is its turn. */
const patience = 8
/** What a turn counts for at least, in tokens. */
const leastTokens = 1000

/** One step. The same state comes back (by identity) where nothing changed. */
export const fairStep = (state: FairState, command: FairCommand): readonly [FairReply, FairState] => {
  switch (command._tag) {
    case "Join": {
      const { capacity, waiter } = command
      return waitingOf(state, waiter.caller) < capacity - state.waiting
        ? [{ _tag: "Joined" }, joined(state, waiter)]
        : [{ _tag: "NoPlace" }, state]
    }
    case "Serve": {
      const { tokens, waiter } = command
      const without = ended(state, waiter, Math.max(leastTokens, tokens), true)
      return without === undefined
        ? [{ _tag: "Unknown" }, state]
        : [{ _tag: "Served" }, turned(without, waiter.priority)]
    }
    case "Pass": {
      const passed = charged(state, command.waiter, Math.max(leastTokens, command.tokens))
      return passed === undefined ? [{ _tag: "Unknown" }, state] : [{ _tag: "Passed" }, passed]
    }
    case "Leave": {
      const without = ended(state, command.waiter, command.tokens, false)
      return without === undefined ? [{ _tag: "Unknown" }, state] : [{ _tag: "Left" }, without]
    }
    case "Forget":
      return [{ _tag: "Forgotten" }, state.waiting === 0 ? initialFair : state]
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
  const one = state.classes[priority]
  const { lines, owing, time } = one
  const has = lines.some((line) => line.caller === caller)
  const longer = has
    ? lines.map((line) => (line.caller === caller ? { ...line, ids: [...line.ids, id] } : line))
    : placed(lines, { caller, ids: [id], due: Math.max(time, owing.get(caller) ?? 0) })
  return withClass(state, priority, { ...one, lines: longer }, state.waiting + 1)
}

/** With the line behind all that are due before it or at once with it. */
const placed = (lines: ReadonlyArray<Line>, line: Line): ReadonlyArray<Line> =>
  lines.toSpliced(lines.findLastIndex(({ due }) => due <= line.due) + 1, 0, line)

const lineOf = (state: FairState, { caller, id, priority }: Waiter): Line | undefined => {
  const line = state.classes[priority].lines.find((one) => one.caller === caller)
  return line?.ids.includes(id) === true ? line : undefined
}

/** Its caller's next turn is later by so many tokens; `undefined` where it does not wait. */
const charged = (state: FairState, waiter: Waiter, tokens: number): FairState | undefined => {
  const line = lineOf(state, waiter)
  if (line === undefined) return undefined
  const one = state.classes[waiter.priority]
  const others = one.lines.filter((other) => other !== line)
  const lines = placed(others, { ...line, due: Math.max(one.time, line.due) + tokens })
  return withClass(state, waiter.priority, { ...one, lines }, state.waiting)
}

/** Without the waiter, its caller's next turn later by so many tokens; `undefined` where it does not wait. */
const ended = (state: FairState, waiter: Waiter, tokens: number, isServed: boolean): FairState | undefined => {
  const { caller, id, priority } = waiter
  const line = lineOf(state, waiter)
  if (line === undefined) return undefined
  const one = state.classes[priority]
  const start = Math.max(one.time, line.due)
  const time = isServed ? start : one.time
  const rest: Line = {
    caller,
    ids: line.ids.filter((other) => other !== id),
    due: tokens > 0 ? start + tokens : line.due
  }
  const owing = new Map([...one.owing].filter(([name, due]) => due > time && name !== caller))
  if (rest.ids.length === 0 && rest.due > time) owing.set(caller, rest.due)
  const others = one.lines.filter((other) => other !== line)
  const lines =
    rest.ids.length === 0
      ? others
      : tokens > 0
        ? placed(others, rest)
        : one.lines.map((other) => (other === line ? rest : other))
  return withClass(
    state,
    priority,
    { lines, time, owing, passedOver: lines.length === 0 ? 0 : one.passedOver },
    state.waiting - 1
  )
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
