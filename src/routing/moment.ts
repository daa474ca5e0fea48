/**
 * How the candidates of one request stand at the moment it is routed: what a strategy looks at.
 *
 * Each of the looks is taken when a strategy asks for it, and most ask for little or nothing.
 *
 * @module
 */
import type { Context } from "effect"
import type { Estimates } from "../budget/Estimates.ts"
import { Quotes } from "../budget/Quotes.ts"
import { defaultRole, type Settings } from "../config/Settings.ts"
import type { BudgetTier } from "../domain/Budget.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { showModelRef } from "../domain/Ids.ts"
import { usdOfNano } from "../domain/Money.ts"
import type { Task } from "../domain/Task.ts"
import type { Admission, Load } from "../health/Admission.ts"
import type { Member } from "../machine/Rotation.ts"
import type { Candidate } from "./Candidate.ts"
import type { Rotations } from "./Rotations.ts"
import type { Moment } from "./strategies/Strategy.ts"

export interface MomentInput {
  readonly request: ChatRequest
  readonly settings: Settings
  readonly admission: Context.Service.Shape<typeof Admission>
  readonly rotations: Context.Service.Shape<typeof Rotations>
  /** A uniform random number from 0 to below 1. */
  readonly next: () => number
  /** Milliseconds since 1970. */
  readonly now: number
  /** How good a model the caller's budgets pay for; absent: any. */
  readonly tier?: BudgetTier | undefined
  readonly estimates: Estimates["Service"]
  /** Of the request, where something of it was quoted before. */
  readonly quotes?: Quotes | undefined
}

/** A moment at which somebody's turn may be taken. */
export interface Turning extends Moment {
  /** The turn that an order was made by is taken; until it is, that order may be asked for any number of times. */
  readonly takeTurn: () => void
  /** What was quoted on the way; absent: nothing. */
  readonly quotes: Quotes | undefined
  /** The request is for this task: what was quoted without it is quoted anew. */
  readonly isFor: (task: Task) => void
}

/** An answer's length where the request states no limit, and most where it does, in tokens. */
const usualOutputTokens = 400

export const momentOf = (input: MomentInput): Turning => new Now(input)

/** One object a request, whose looks cost nothing until they are taken. */
class Now implements Turning {
  readonly #input: MomentInput
  readonly tier: BudgetTier | undefined
  quotes: Quotes | undefined
  #task: Task | undefined
  #turn: { readonly key: string; readonly members: ReadonlyArray<Member> } | undefined

  constructor(input: MomentInput) {
    this.#input = input
    this.tier = input.tier
    this.quotes = input.quotes
  }

  readonly next = (): number => this.#input.next()

  weight({ ref }: Candidate): number {
    return (this.#input.settings.roles?.get(ref.provider) ?? defaultRole).weight
  }

  room(candidate: Candidate): number {
    return this.#load(candidate).room
  }

  inFlight(candidate: Candidate): number {
    return this.#load(candidate).inFlight
  }

  expectedMillis(candidate: Candidate): number | undefined {
    return this.#load(candidate).expectedMillis
  }

  mayHave(candidate: Candidate): number {
    return this.#load(candidate).mayHave
  }

  isFor(task: Task): void {
    this.#task = task
    if (this.quotes !== undefined) this.quotes.task = task
  }

  expectedUsd(candidate: Candidate): number | undefined {
    const { estimates, request } = this.#input
    this.quotes ??= new Quotes(estimates, request, this.#task)
    const { expected, rates } = this.quotes.of(candidate)
    return rates === undefined ? undefined : usdOfNano(expected)
  }

  rotate<C extends Candidate>(candidates: ReadonlyArray<C>, weight: (candidate: C) => number): ReadonlyArray<C> {
    const { request, rotations } = this.#input
    const members = candidates.map((candidate) => ({ key: showModelRef(candidate.ref), weight: weight(candidate) }))
    // those who can serve one request are not always those who can serve the next: each round has its own turns
    const key = [request.model, ...members.map(({ key }) => key)].join("\n")
    this.#turn ??= { key, members }
    const keys = rotations.peek(key, members)
    const placeOf = (candidate: Candidate): number => {
      const place = keys.indexOf(showModelRef(candidate.ref))
      return place < 0 ? keys.length : place
    }
    return candidates.toSorted((a, b) => placeOf(a) - placeOf(b))
  }

  takeTurn(): void {
    const turn = this.#turn
    this.#turn = undefined
    if (turn !== undefined) this.#input.rotations.turn(turn.key, turn.members, this.#input.now)
  }

  #load({ ref }: Candidate): Load {
    const { admission, now, request } = this.#input
    const tokens = Math.min(request.sampling.maxTokens ?? usualOutputTokens, usualOutputTokens)
    return admission.load(ref, tokens, now)
  }
}
