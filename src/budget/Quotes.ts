/**
 * The quotes of one request: one a candidate, made when somebody first wants it, and shared by whoever ranks, caps and
 * reserves.
 *
 * @module
 */
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ModelRef } from "../domain/Ids.ts"
import type { Task } from "../domain/Task.ts"
import { type Estimates, Measure, type Quote, type Weight } from "./Estimates.ts"

/** What is quoted. */
export interface Quotable {
  readonly ref: ModelRef
  readonly facts: ModelFacts
}

export class Quotes {
  readonly request: ChatRequest
  readonly estimates: Estimates["Service"]
  #task: Task | undefined
  #measured: Measure | undefined
  #made: ReadonlyArray<Quote> = none

  constructor(estimates: Estimates["Service"], request: ChatRequest, task?: Task) {
    this.estimates = estimates
    this.request = request
    this.#task = task
  }

  get task(): Task | undefined {
    return this.#task
  }

  /** Its task is known from now on: what was quoted without it is quoted anew. */
  set task(task: Task | undefined) {
    if (task === this.#task) return
    this.#task = task
    this.#made = none
  }

  /** What the request weighs, where it was measured. */
  get weight(): Weight | undefined {
    return this.#measured?.weight
  }

  /** What one call of the request costs there. */
  of({ facts, ref }: Quotable): Quote {
    const found = this.made(ref)
    if (found !== undefined) return found
    this.#measured ??= new Measure(this.request)
    const quote = this.estimates.quote(this.request, ref, facts, { task: this.#task, measured: this.#measured })
    this.#made = [...this.#made, quote]
    return quote
  }

  /** What was quoted for it before, if anything was. */
  made({ model, provider }: ModelRef): Quote | undefined {
    // there are as many as a request has candidates
    for (const quote of this.#made) if (quote.ref.model === model && quote.ref.provider === provider) return quote
    return undefined
  }
}

const none: ReadonlyArray<Quote> = []
