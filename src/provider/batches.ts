/**
 * One request for vectors as several calls, where it has more inputs than a vendor takes at once.
 *
 * Vectors come back in the order of the inputs and the usage of all calls together. A few calls run side by side; the
 * first that fails ends the others, and the whole request with them.
 *
 * Gotcha: the calls after the first are not held against the provider's own limits one by one; the request as a whole
 * is, with all its tokens.
 *
 * @module
 */
import { Array as Arr, Effect } from "effect"
import { type EmbeddingRequest, type EmbeddingResponse, sumOfUsage } from "../domain/Embedding.ts"
import type { ProviderError } from "../domain/ProviderError.ts"

/** Calls under way at once. */
const together = 4

/** `most`: inputs that one call may have. */
export const inBatches = (
  request: EmbeddingRequest,
  most: number,
  embed: (request: EmbeddingRequest) => Effect.Effect<EmbeddingResponse, ProviderError>
): Effect.Effect<EmbeddingResponse, ProviderError> =>
  request.inputs.length <= most
    ? embed(request)
    : Effect.map(
        Effect.forEach(Arr.chunksOf(request.inputs, most), (inputs) => embed({ ...request, inputs }), {
          concurrency: together
        }),
        joined
      )

/** The answers of several calls as one. */
const joined = (answers: Arr.NonEmptyReadonlyArray<EmbeddingResponse>): EmbeddingResponse => {
  const [first, ...rest] = answers
  const usage = sumOfUsage(answers.map((answer) => answer.usage))
  return {
    model: first.model,
    vectors: [...first.vectors, ...rest.flatMap(({ vectors }) => vectors)],
    ...(usage === undefined ? {} : { usage }),
    ...(first.dropped === undefined ? {} : { dropped: first.dropped })
  }
}
