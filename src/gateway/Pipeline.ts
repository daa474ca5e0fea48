/**
 * The stages of a request, in order.
 *
 * `pipeline([guard, cache], route)` reads `guard(cache(route))`: the first stage sees the request first and the answer
 * last. Each stage that joins takes its place in `stages`.
 *
 * @module
 */
import type { Handler, Stage } from "../domain/Answer.ts"

/** Wraps the stages around the innermost handler, the first one outermost. */
export const pipeline = (stages: ReadonlyArray<Stage>, route: Handler): Handler =>
  stages.reduceRight((next, stage) => stage(next), route)
