/**
 * Names that travel through every room.
 *
 * @module
 */
import { Schema } from "effect"

/** The wire formats callers and vendors speak. */
export const DialectId = Schema.Literals([
  "openai-chat",
  "openai-responses",
  "anthropic-messages",
  "gemini",
  "openai-embeddings",
  "gemini-embeddings"
])
export type DialectId = typeof DialectId.Type

/**
 * Fields the domain does not model, kept under the label of the dialect they came in, so that they reach their own
 * vendor even after a stage has edited the request.
 */
export const Extensions = Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Json))
export type Extensions = typeof Extensions.Type

/** One model at one provider: `provider` is the id of the config, `model` the name the vendor knows. */
export interface ModelRef {
  readonly provider: string
  readonly model: string
}

/** `provider/model`, the name by which callers ask for exactly one model. */
export const showModelRef = (ref: ModelRef): string => `${ref.provider}/${ref.model}`
