/**
 * What is sent and answered in the benchmark: request bodies, and the answers of the upstream as ready bytes.
 *
 * Every piece of generated text holds the marker once, so that a reader counts complete content by counting markers,
 * whichever dialect the bytes are in and however a gateway groups them.
 */

/** Content deltas in a stream. */
export const streamTokens = 100
/** Content deltas in a paced stream; at `pacedPerSecond` it lasts five seconds. */
export const pacedTokens = 250
export const pacedPerSecond = 50
/** Pieces of text in a whole answer; with them the body is about 1 kB. */
export const wholeTokens = 60
/** One piece of generated text. */
export const marker = " yardarm"

export const openAiModel = "gpt-4o-mini"
export const anthropicModel = "claude-sonnet-4-5"

const question =
  "A freight train of forty wagons stands at the entrance of the yard. Say in which order the switches are to be set " +
  "so that the wagons for the north leave first, those for the harbour second, and no track is crossed twice."

/** A Chat Completions request, about half a kilobyte. */
export const openAiRequest = (model: string, stream: boolean): string =>
  JSON.stringify({
    model,
    messages: [
      { role: "system", content: "You are the foreman of a switchyard. Answer briefly and in plain words." },
      { role: "user", content: question }
    ],
    max_tokens: 512,
    temperature: 0.2,
    ...(stream ? { stream: true } : {})
  })

/** A Messages request with the same content. */
export const anthropicRequest = (model: string, stream: boolean): string =>
  JSON.stringify({
    model,
    system: "You are the foreman of a switchyard. Answer briefly and in plain words.",
    messages: [{ role: "user", content: question }],
    max_tokens: 512,
    ...(stream ? { stream: true } : {})
  })

const id = "chatcmpl-bench0123456789abcdefghij"
const created = 1_760_000_000
const usage = { prompt_tokens: 83, completion_tokens: streamTokens, total_tokens: 83 + streamTokens }

/** A whole Chat Completions answer of about 1 kB. */
export const openAiWhole = (): Buffer =>
  Buffer.from(
    JSON.stringify({
      id,
      object: "chat.completion",
      created,
      model: openAiModel,
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: marker.repeat(wholeTokens), refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: "stop"
        }
      ],
      usage: {
        ...usage,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 }
      },
      service_tier: "default",
      system_fingerprint: "fp_bench"
    })
  )

const openAiChunk = (rest: object): string =>
  `data: ${JSON.stringify({
    id,
    object: "chat.completion.chunk",
    created,
    model: openAiModel,
    service_tier: "default",
    system_fingerprint: "fp_bench",
    ...rest
  })}\n\n`

const openAiDelta = (delta: object, finishReason: string | null): string =>
  openAiChunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] })

/** The first chunk of a stream: the role alone. */
export const openAiStart = openAiDelta({ role: "assistant", content: "", refusal: null }, null)
/** One token. */
export const openAiToken = openAiDelta({ content: marker }, null)

/** How a stream ends; the usage chunk only for a caller that asked for it. */
export const openAiEnd = (withUsage: boolean): string =>
  openAiDelta({}, "stop") + (withUsage ? openAiChunk({ choices: [], usage }) : "") + "data: [DONE]\n\n"

const anthropicEvent = (type: string, rest: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`

export const anthropicStart =
  anthropicEvent("message_start", {
    message: {
      id: "msg_bench0123456789abcdef",
      type: "message",
      role: "assistant",
      model: anthropicModel,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 83, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 }
    }
  }) +
  anthropicEvent("content_block_start", { index: 0, content_block: { type: "text", text: "" } }) +
  anthropicEvent("ping", {})

export const anthropicToken = anthropicEvent("content_block_delta", {
  index: 0,
  delta: { type: "text_delta", text: marker }
})

export const anthropicEnd =
  anthropicEvent("content_block_stop", { index: 0 }) +
  anthropicEvent("message_delta", {
    delta: { stop_reason: "end_turn", stop_sequence: null },
    usage: { output_tokens: streamTokens }
  }) +
  anthropicEvent("message_stop", {})

/**
 * A stream's bytes as the pieces they are written in: the start with the first tokens, then groups of tokens, then the
 * last group with the end.
 */
export const pieces = (start: string, token: string, end: string, writes: number): ReadonlyArray<Buffer> => {
  const perWrite = Math.ceil(streamTokens / writes)
  return Array.from({ length: writes }, (_, at) => {
    const tokens = Math.max(0, Math.min(perWrite, streamTokens - at * perWrite))
    return Buffer.from((at === 0 ? start : "") + token.repeat(tokens) + (at === writes - 1 ? end : ""))
  })
}
