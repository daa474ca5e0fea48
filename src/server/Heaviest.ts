/**
 * Which of many members weighs most, while their weights change: a binary heap that knows where each member stands.
 *
 * Adding, removing and a changed weight take the logarithm of the number of members, the heaviest no time at all. Of
 * equal ones the one that was added first is the heaviest.
 *
 * Source: J. W. J. Williams, "Algorithm 232: Heapsort", 1964.
 *
 * @module
 */

export interface Weighed {
  weight: number
}

interface Place<A> {
  readonly member: A
  readonly serial: number
  at: number
}

export class Heaviest<A extends Weighed> {
  readonly #heap: Array<Place<A>> = []
  readonly #places = new Map<A, Place<A>>()
  #serial = 0

  get first(): A | undefined {
    return this.#heap[0]?.member
  }

  add(member: A): void {
    const place = { member, serial: this.#serial++, at: this.#heap.length }
    this.#places.set(member, place)
    this.#heap.push(place)
    this.#rise(place)
  }

  remove(member: A): void {
    const place = this.#places.get(member)
    const last = place === undefined ? undefined : this.#heap.pop()
    if (place === undefined || last === undefined) return
    this.#places.delete(member)
    if (last === place) return
    this.#put(last, place.at)
    this.#settle(last)
  }

  /** To be told after the weight of a member has changed. */
  changed(member: A): void {
    const place = this.#places.get(member)
    if (place !== undefined) this.#settle(place)
  }

  #settle(place: Place<A>): void {
    this.#rise(place)
    this.#sink(place)
  }

  #rise(place: Place<A>): void {
    while (place.at > 0) {
      const above = this.#heap[(place.at - 1) >> 1]
      if (above === undefined || !isHeavier(place, above)) return
      this.#swap(place, above)
    }
  }

  #sink(place: Place<A>): void {
    for (;;) {
      const [left, right] = [this.#heap[2 * place.at + 1], this.#heap[2 * place.at + 2]]
      const below = right !== undefined && left !== undefined && isHeavier(right, left) ? right : left
      if (below === undefined || !isHeavier(below, place)) return
      this.#swap(place, below)
    }
  }

  #swap(one: Place<A>, other: Place<A>): void {
    const { at } = one
    this.#put(one, other.at)
    this.#put(other, at)
  }

  #put(place: Place<A>, at: number): void {
    this.#heap[at] = place
    place.at = at
  }
}

const isHeavier = (one: Place<Weighed>, other: Place<Weighed>): boolean =>
  one.member.weight !== other.member.weight ? one.member.weight > other.member.weight : one.serial < other.serial
