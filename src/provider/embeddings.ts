/**
 * Which kinds of providers embed, and what their embeddings can do: one row each. A name looks like an embedding
 * model's or does not, which only decides how a model is proved and whose fault a refusal is.
 *
 * @module
 */
import type { ProviderKind } from "../config/ProviderSpec.ts"
import type { EmbeddingsQuirks } from "../dialect/embeddings/Wire.ts"
import { ProviderError } from "../domain/ProviderError.ts"

/** What OpenAI's own wire can do. */
const usual: EmbeddingsQuirks = { most: 2048, tokens: true, dimensions: "dimensions", base64: true, refuses: [] }

/** Vendors and servers that take texts, and answer in numbers whatever is asked. */
const plain: EmbeddingsQuirks = { ...usual, tokens: false, base64: false }

/** `undefined`: this kind does not embed. */
export const embeddingsQuirks: { readonly [K in ProviderKind]: EmbeddingsQuirks | undefined } = {
  openai: usual,
  "azure-openai": usual,
  // https://ai.google.dev/api/embeddings; a 101st request is answered with a 400
  google: { ...plain, most: 100 },
  // https://docs.mistral.ai/api/endpoint/embeddings: a 257th input is a 400, unknown fields are a 422
  mistral: { ...usual, most: 256, tokens: false, dimensions: "output_dimension", refuses: ["user"] },
  // https://docs.together.ai/reference/embeddings: model and input alone
  together: { ...plain, dimensions: undefined, refuses: ["user"] },
  // https://docs.fireworks.ai/api-reference/creates-an-embedding-vector-representing-the-input-text
  fireworks: plain,
  // https://openrouter.ai/docs/api-reference/embeddings
  openrouter: usual,
  // https://docs.ollama.com/api/openai-compatibility
  ollama: usual,
  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
  vllm: usual,
  // https://lmstudio.ai/docs/developer/openai-compat
  lmstudio: plain,
  // whatever it is: the wire as it stands
  "openai-compatible": usual,
  anthropic: undefined,
  // its models embed over a wire of their own (`:predict`)
  vertex: undefined,
  groq: undefined,
  deepseek: undefined,
  cerebras: undefined,
  xai: undefined,
  // its vectors are 8-bit integers, which this wire has no word for
  perplexity: undefined
}

/** As embedding models are named, whoever serves them: the makers' model cards. */
const embeddingNames = /embed|(?:^|[/_-])(?:bge|e5|gte|uae)-|minilm|mpnet|m2-bert|voyage-/i

/** Does the name look like that of a model that embeds? */
export const looksLikeEmbedding = (model: string): boolean => embeddingNames.test(model)

/**
 * What a refusal means for a model that was asked for something it is not made for. Vendors answer 403 and 404 to that,
 * as if the model were barred or gone; taken at that, one caller's mistake would put the model in quarantine for all
 * who ask it for what it can do.
 */
export const judged = (error: ProviderError, asked: "chat" | "embeddings"): ProviderError => {
  const { reason } = error
  const isMisfit = looksLikeEmbedding(error.model) === (asked === "chat")
  const isOfModel = reason._tag === "ModelUnavailable" || (reason._tag === "AccessDenied" && reason.scope === "model")
  if (!isMisfit || !isOfModel) return error
  const { code, message, status } = reason
  return new ProviderError({
    provider: error.provider,
    model: error.model,
    reason: {
      _tag: "UnsupportedFeature",
      message,
      feature: asked,
      ...(status === undefined ? {} : { status }),
      ...(code === undefined ? {} : { code })
    },
    ...(error.wire === undefined ? {} : { wire: error.wire })
  })
}
