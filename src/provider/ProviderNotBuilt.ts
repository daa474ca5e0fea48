/**
 * A configured provider that could not be set up.
 *
 * @module
 */
import { Schema } from "effect"

/** `message` is for the operator: what is missing and where; never a key. */
export class ProviderNotBuilt extends Schema.TaggedError<ProviderNotBuilt>()("ProviderNotBuilt", {
  /** The id of the config. */
  provider: Schema.String,
  message: Schema.String
}) {}
