/**
 * Tokens a call used, and what else its vendor counts and charges for.
 *
 * @module
 */
import { Schema } from "effect"

const tokens = Schema.optionalKey(Schema.Int)

/**
 * Counts in tokens. `inputTokens` is the whole prompt, cached tokens included; `outputTokens` is everything the model
 * wrote, reasoning included (vendors that count otherwise are added up by their dialect).
 */
export const Usage = Schema.Struct({
  inputTokens: Schema.Int,
  outputTokens: Schema.Int,
  /** Of `inputTokens`: read from the vendor's prompt cache. */
  cacheReadTokens: tokens,
  /** Of `inputTokens`: written to the vendor's prompt cache. */
  cacheWriteTokens: tokens,
  /** Of `outputTokens`: spent on reasoning. */
  reasoningTokens: tokens,
  /** Of `inputTokens`: sound. */
  inputAudioTokens: tokens,
  /** Of `outputTokens`: sound. */
  outputAudioTokens: tokens,
  /** Not tokens: searches of the web that the vendor made on the way, each of which it charges for. */
  webSearches: tokens,
  /** Not tokens: what the vendor says that it charged for the call, fees included, in billionths of a US dollar. */
  chargedNanoUsd: tokens
})
export type Usage = typeof Usage.Type
