/**
 * Requests under way, for others that ask the same meanwhile: these wait for the first one's answer instead of asking
 * for their own.
 *
 * The first one leads. It goes on as if nobody followed, and owes the others nothing: where it gets an answer that may be
 * given again they have it too, where it does not each of them asks by itself, and where its caller leaves one of them
 * leads instead.
 *
 * Gotchas
 * - An answer is made ready for others only while somebody waits for it.
 * - Members of the Map come and go with every request (`actor/Roster.ts` tells what V8 makes of that): what one of them
 *   brought is let go of with its last reader.
 *
 * @module
 */
import { Cause, Effect, Exit, Latch } from "effect"

/** What became of the first one, to who has waited: its answer, nothing that can be given again, or nothing as it left. */
export type Landed =
  { readonly _tag: "Answer"; readonly bytes: Uint8Array } | { readonly _tag: "Nothing" } | { readonly _tag: "Left" }

const nothing: Landed = { _tag: "Nothing" }
const left: Landed = { _tag: "Left" }

/** One request under way; `T` is what others must know of it. */
export class Flight<T> {
  readonly tag: T
  readonly #over = Latch.makeUnsafe(false)
  #waiting = 0
  #landed: Landed = nothing

  constructor(tag: T) {
    this.tag = tag
  }

  /** Waits for what becomes of it. */
  get landed(): Effect.Effect<Landed> {
    return Effect.suspend(() => {
      this.#waiting++
      const gone = Effect.sync(() => {
        if (--this.#waiting === 0) this.#landed = nothing
      })
      return Effect.ensuring(
        Effect.map(this.#over.await, () => this.#landed),
        gone
      )
    })
  }

  /** Has the answer for all who wait; `pack` is asked for it if anybody does. */
  answered(pack: () => Uint8Array | undefined): void {
    const bytes = this.#waiting === 0 ? undefined : pack()
    if (bytes !== undefined) this.#landed = { _tag: "Answer", bytes }
  }

  /** Lets go all who wait. */
  end(hasLeft: boolean): void {
    if (hasLeft && this.#landed._tag === "Nothing") this.#landed = left
    this.#over.openUnsafe()
  }
}

export class Flights<T> {
  readonly #byKey = new Map<string, Flight<T>>()

  /** The one under way under a key. */
  of(key: string): Flight<T> | undefined {
    return this.#byKey.get(key)
  }

  /** Runs what `ask` makes of a flight, which others can follow until it has ended. */
  lead<A, E, R>(key: string, tag: T, ask: (flight: Flight<T>) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    let flight: Flight<T> | undefined
    // set out where its end is already seen to
    const flown = Effect.suspend(() => {
      flight = new Flight(tag)
      this.#byKey.set(key, flight)
      return ask(flight)
    })
    return Effect.onExit(flown, (exit) =>
      Effect.sync(() => {
        if (flight === undefined) return
        if (this.#byKey.get(key) === flight) this.#byKey.delete(key)
        flight.end(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
      })
    )
  }
}
