/**
 * Who is there at the moment, for services that live long and whose members come and go by the thousand a second.
 *
 * A `Set` or `Map` would do the same, but not for the garbage collector: V8's hash tables are copied when they have been
 * changed often enough, and each copy that is given up refers to the next one (for iterators that still stand in it).
 * Once one of them has reached the old generation, dead or not, all that come after it, and every member that was in
 * them when they were copied, outlive the young generation until the next full collection: half of all that requests
 * allocate, measured. A roster is an array whose places are used again.
 *
 * @module
 */

/** Members in no order. Adding, removing and iterating may be mixed. */
export class Roster<A extends object> implements Iterable<A> {
  readonly #places: Array<A | undefined> = []
  readonly #free: Array<number> = []

  get size(): number {
    return this.#places.length - this.#free.length
  }

  /** Adds a member; gives its place, by which it is removed. */
  add(member: A): number {
    const place = this.#free.pop() ?? this.#places.length
    this.#places[place] = member
    return place
  }

  /** Whether it was there; a place that was given to somebody else since then stays theirs. */
  remove(place: number, member: A): boolean {
    if (this.#places[place] !== member) return false
    this.#places[place] = undefined
    this.#free.push(place)
    return true
  }

  *[Symbol.iterator](): Generator<A> {
    for (const member of this.#places) if (member !== undefined) yield member
  }
}
