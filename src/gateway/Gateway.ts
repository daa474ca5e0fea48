/**
 * The gateway as a service: what the HTTP edge, the CLI and Effect programs ask.
 *
 * @module
 */
import { Context, type Effect } from "effect"
import type { Handler } from "../domain/Answer.ts"
import type { ModelFacts } from "../catalog/ModelFacts.ts"

/** One name a caller may ask for. */
export interface ModelListing {
  /** An alias, or `provider/model`. */
  readonly id: string
  /** The provider's id; `switchyard` for an alias. */
  readonly ownedBy: string
  /** For an alias: its targets in order. */
  readonly targets: ReadonlyArray<string> | undefined
  /** Facts of the model, or of an alias's first target. */
  readonly facts: ModelFacts
}

/** May a provider, or one of its models, be asked now? */
export interface Availability {
  readonly provider: string
  readonly available: boolean
}

export class Gateway extends Context.Service<
  Gateway,
  {
    /** Answers one request: the stages in order. Reads `CurrentRequest` for who asks. */
    readonly handle: Handler
    /** Every name that can be asked for, aliases first. */
    readonly models: Effect.Effect<ReadonlyArray<ModelListing>>
    readonly availability: Effect.Effect<ReadonlyArray<Availability>>
  }
>()("switchyard/gateway/Gateway") {}
