/**
 * The one constructor of a stateful service.
 *
 * An actor holds its state in a Ref and changes it only through a pure machine
 * `(state, command, now) => [reply, state]`. Whoever sends a command gets the reply; what happened is published as
 * events to whoever listens. `now` is the Clock's, in milliseconds since 1970, so that a TestClock drives it all.
 *
 * Gotchas
 * - Sending never waits: events go to a sliding buffer, and a listener that is too slow misses the oldest.
 * - A machine must return the same state (by identity) where nothing changed: that is how the actor knows that there
 *   is nothing to tell.
 *
 * It deliberately has no mailbox: a command is one synchronous step of the Ref, so there is nothing to queue.
 *
 * @module
 */
import { Effect, HashMap, Option, PubSub, Ref, type Scope, Stream } from "effect"

export interface Machine<State, Command, Reply, Event> {
  readonly initial: State
  readonly step: (state: State, command: Command, now: number) => readonly [Reply, State]
  /** What happened, and when; asked only when the state changed. */
  readonly events: (before: State, after: State, command: Command, now: number) => ReadonlyArray<Event>
}

export interface Actor<State, Command, Reply, Event> {
  readonly ask: (command: Command) => Effect.Effect<Reply>
  /** `ask` for those who hold the Clock's time already: one synchronous step, for hot paths and finalizers. */
  readonly askUnsafe: (command: Command, now: number) => Reply
  readonly state: Effect.Effect<State>
  readonly stateUnsafe: () => State
  /** Events from the moment of subscription on. */
  readonly events: Stream.Stream<Event>
}

/** How many events a slow listener may be behind. */
const listenerBuffer = 1024

/** Runs a machine. Listeners are let go when the scope closes. */
export const make = <State, Command, Reply, Event>(
  machine: Machine<State, Command, Reply, Event>
): Effect.Effect<Actor<State, Command, Reply, Event>, never, Scope.Scope> =>
  Effect.map(Effect.acquireRelease(PubSub.sliding<Event>(listenerBuffer), PubSub.shutdown), (pubsub) => {
    const ref = Ref.makeUnsafe(machine.initial)
    const askUnsafe = (command: Command, now: number): Reply => {
      const before = Ref.getUnsafe(ref)
      const [reply, after] = machine.step(before, command, now)
      if (after === before) return reply
      // nothing runs between the look and the change, so this is as atomic as `Ref.modify`
      ref.ref.current = after
      // publishing to a sliding buffer is synchronous and never fails, so events keep the order of the changes
      for (const event of machine.events(before, after, command, now)) PubSub.publishUnsafe(pubsub, event)
      return reply
    }
    return {
      ask: (command) =>
        Effect.clockWith((clock) => Effect.sync(() => askUnsafe(command, clock.currentTimeMillisUnsafe()))),
      askUnsafe,
      state: Ref.get(ref),
      stateUnsafe: () => Ref.getUnsafe(ref),
      events: Stream.fromPubSub(pubsub)
    }
  })

export interface KeyedCommand<Command> {
  readonly key: string
  readonly command: Command
}
export interface KeyedEvent<Event> {
  readonly key: string
  readonly event: Event
}

export interface KeyedOptions<State> {
  /**
   * How many keys may have a state of their own. Beyond that, a sixteenth of them is dropped at once (at least one), so
   * that not every new key looks at all the others: all idle ones, then those with the smallest `horizon`. Where all must
   * be kept, a new key gets no state, unless it must be kept itself.
   */
  readonly capacity: number
  /** May this state be forgotten? A forgotten key starts again from the initial state. */
  readonly isIdle: (state: State, now: number) => boolean
  /** Must this state never be dropped, however many there are? Absent: any may. */
  readonly mustKeep?: (state: State) => boolean
  /** The last moment that this state knows of: the smaller, the less is lost by dropping it. Absent: all are alike. */
  readonly horizon?: (state: State) => number
}

/**
 * Lifts a machine to one that runs it once a key. A key costs nothing while its state is the initial one, and the
 * number of keys is bounded, so that names invented by callers cannot fill the memory.
 */
export const keyed = <State, Command, Reply, Event>(
  machine: Machine<State, Command, Reply, Event>,
  options: KeyedOptions<State>
): Machine<HashMap.HashMap<string, State>, KeyedCommand<Command>, Reply, KeyedEvent<Event>> => ({
  initial: HashMap.empty(),
  step: (states, { key, command }, now) => {
    const before = Option.getOrElse(HashMap.get(states, key), () => machine.initial)
    const [reply, after] = machine.step(before, command, now)
    if (after === before) return [reply, states]
    if (HashMap.has(states, key)) return [reply, HashMap.set(states, key, after)]
    const room = makeRoom(states, options, now)
    const fits = HashMap.size(room) < options.capacity || options.mustKeep?.(after) === true
    return [reply, fits ? HashMap.set(room, key, after) : room]
  },
  events: (before, after, { key, command }, now) => {
    const stateOf = (states: HashMap.HashMap<string, State>) =>
      Option.getOrElse(HashMap.get(states, key), () => machine.initial)
    return machine.events(stateOf(before), stateOf(after), command, now).map((event) => ({ key, event }))
  }
})

const makeRoom = <State>(
  states: HashMap.HashMap<string, State>,
  options: KeyedOptions<State>,
  now: number
): HashMap.HashMap<string, State> => {
  if (HashMap.size(states) < options.capacity) return states
  const idle: Array<string> = []
  const droppable: Array<readonly [key: string, horizon: number]> = []
  for (const [key, state] of states) {
    if (options.mustKeep?.(state) === true) continue
    if (options.isIdle(state, now)) idle.push(key)
    else droppable.push([key, options.horizon?.(state) ?? 0])
  }
  const more = Math.max(1, Math.floor(options.capacity / 16)) - idle.length
  if (more > 0) droppable.sort((a, b) => a[1] - b[1])
  const least = droppable.slice(0, Math.max(0, more)).map(([key]) => key)
  return HashMap.removeMany(states, [...idle, ...least])
}
