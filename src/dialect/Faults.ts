/**
 * All that a wire cannot say of one request: a caller is told of it at once, not of one thing after the other.
 *
 * An encoder goes on after a fault, with nothing in the place of what it could not write, and hands out what it has
 * written only where there was none. What it drops meanwhile is told with the faults, to those who allow no dropping.
 *
 * @module
 */
import { Result } from "effect"
import type { EncodedRequest, EncodeFault } from "./Dialect.ts"

/** Several faults as one, each feature named once. */
const joined = (faults: ReadonlyArray<EncodeFault>): EncodeFault => {
  const features = new Set<string>()
  const messages = new Set<string>()
  for (const { feature, message } of faults) {
    const known = features.size
    for (const one of feature.split(", ")) features.add(one)
    // what is named already was said already
    if (features.size > known) messages.add(message)
  }
  return { feature: [...features].join(", "), message: [...messages].join("; ") }
}

/** The faults of one request. */
export class Faults {
  readonly #found: Array<EncodeFault> = []

  add(fault: EncodeFault | undefined): void {
    if (fault !== undefined) this.#found.push(fault)
  }

  /** What was written, or `otherwise` in the place of what could not be. */
  take<A>(result: Result.Result<A, EncodeFault>, otherwise: A): A {
    if (Result.isSuccess(result)) return result.success
    this.#found.push(result.failure)
    return otherwise
  }

  /** `value`, where there was no fault. */
  or<A>(value: A): Result.Result<A, EncodeFault> {
    return this.#found.length === 0 ? Result.succeed(value) : Result.fail(joined(this.#found))
  }

  /** The request, where all of it could be written. */
  outcome(encoded: EncodedRequest): Result.Result<EncodedRequest, EncodeFault> {
    return this.#found.length === 0
      ? Result.succeed(encoded)
      : Result.fail({ ...joined(this.#found), dropped: encoded.dropped })
  }
}

/** Each item written, or all that cannot be. */
export const each = <A, B>(
  items: ReadonlyArray<A>,
  write: (item: A) => Result.Result<B, EncodeFault>
): Result.Result<ReadonlyArray<B>, EncodeFault> => {
  const out: Array<B> = []
  let faults: Faults | undefined
  for (const item of items) {
    const one = write(item)
    if (Result.isSuccess(one)) out.push(one.success)
    else (faults ??= new Faults()).add(one.failure)
  }
  return faults === undefined ? Result.succeed(out) : faults.or(out)
}
