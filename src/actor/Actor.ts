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
  /** What happened, asked only when the state changed. */
  readonly events: (before: State, after: State, command: Command) => ReadonlyArray<Event>
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
      for (const event of machine.events(before, after, command)) PubSub.publishUnsafe(pubsub, event)
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
  /** How many keys may have a state of their own. Beyond that, idle ones are dropped, then the state of any. */
  readonly capacity: number
  /** May this state be forgotten? A forgotten key starts again from the initial state. */
  readonly isIdle: (state: State, now: number) => boolean
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
    const room = HashMap.has(states, key) ? states : makeRoom(states, options, now)
    return [reply, HashMap.set(room, key, after)]
  },
  events: (before, after, { key, command }) => {
    const stateOf = (states: HashMap.HashMap<string, State>) =>
      Option.getOrElse(HashMap.get(states, key), () => machine.initial)
    return machine.events(stateOf(before), stateOf(after), command).map((event) => ({ key, event }))
  }
})

const makeRoom = <State>(
  states: HashMap.HashMap<string, State>,
  options: KeyedOptions<State>,
  now: number
): HashMap.HashMap<string, State> => {
  if (HashMap.size(states) < options.capacity) return states
  const kept = HashMap.filter(states, (state) => !options.isIdle(state, now))
  if (HashMap.size(kept) < options.capacity) return kept
  const [oldest] = HashMap.keys(kept)
  return oldest === undefined ? kept : HashMap.remove(kept, oldest)
}
