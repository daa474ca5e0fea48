/**
 * What can be asked for, as the models endpoints tell it.
 *
 * @module
 */
import { Result } from "effect"
import type {
  AnthropicModel,
  AnthropicModelList,
  GeminiModel,
  GeminiModelList,
  OpenAiModel,
  OpenAiModelList
} from "../api/ModelsApi.ts"
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import { splitTarget } from "../config/notation.ts"
import type { Settings } from "../config/Settings.ts"
import type { RequestFault } from "../dialect/Dialect.ts"
import type { DialectId } from "../domain/Ids.ts"
import type { ModelListing } from "../gateway/Gateway.ts"
import { isInRegion } from "../routing/Preference.ts"
import { anthropicPage, geminiPage, pageToken } from "./ModelPages.ts"

/**
 * Can a caller whose requests stay in `region` reach one of the models that the name stands for? What default fallbacks
 * would answer in its stead does not count. A bare model may have further providers that its listing does not tell, so it
 * is taken to be reachable.
 */
export const isReachable = (listing: ModelListing, region: string | undefined, settings: Settings): boolean => {
  const { id, ownedBy, targets } = listing
  const isBare = targets === undefined && !id.startsWith(`${ownedBy}/`)
  if (region === undefined || isBare) return true
  const providers = targets?.map((target) => splitTarget(target)?.provider) ?? [ownedBy]
  const own = settings.aliases.find(({ name }) => name === id)?.region
  return settings.providers.some(
    (spec) => providers.includes(spec.id) && isInRegion(spec, region) && isInRegion(spec, own)
  )
}

/** The page of the list that the query asks for, in the shape of the caller's dialect: Anthropic's, Google's, or OpenAI's for all others. */
export const modelList = (
  dialect: DialectId,
  listings: ReadonlyArray<ModelListing>,
  query: URLSearchParams
): Result.Result<OpenAiModelList | AnthropicModelList | GeminiModelList, RequestFault> => {
  switch (dialect) {
    case "anthropic-messages":
      return Result.map(anthropicPage(listings, query), ({ hasMore, items }) => ({
        data: items.map(anthropicModel),
        has_more: hasMore,
        first_id: items[0]?.id ?? null,
        last_id: items.at(-1)?.id ?? null
      }))
    case "gemini":
      return geminiModelList(listings, query)
    default:
      return Result.succeed({ object: "list", data: listings.map(openAiModel) })
  }
}

/** One model in the shape of the caller's dialect. */
export const oneModel = (dialect: DialectId, listing: ModelListing): OpenAiModel | AnthropicModel | GeminiModel => {
  switch (dialect) {
    case "anthropic-messages":
      return anthropicModel(listing)
    case "gemini":
      return geminiModel(listing)
    default:
      return openAiModel(listing)
  }
}

/** The page of the list that the query asks for, in Google's shape. */
export const geminiModelList = (
  listings: ReadonlyArray<ModelListing>,
  query: URLSearchParams
): Result.Result<GeminiModelList, RequestFault> =>
  Result.map(geminiPage(listings, query), ({ hasMore, items }) => {
    const last = items.at(-1)
    return {
      models: items.map(geminiModel),
      ...(hasMore && last !== undefined ? { nextPageToken: pageToken(last) } : {})
    }
  })

/** One model in Google's shape. The vendor's limit of input is what a context window leaves; here it is the window. */
export const geminiModel = ({ facts, id, targets }: ModelListing): GeminiModel => ({
  name: `models/${id}`,
  baseModelId: id,
  // the vendor's word where a model has no versions
  version: "001",
  displayName: id,
  ...(facts.contextWindowTokens === undefined ? undefined : { inputTokenLimit: facts.contextWindowTokens }),
  ...(facts.maxOutputTokens === undefined ? undefined : { outputTokenLimit: facts.maxOutputTokens }),
  supportedGenerationMethods: ["generateContent", "streamGenerateContent", "countTokens"],
  ...(facts.capabilities.thinking === undefined ? undefined : { thinking: facts.capabilities.thinking }),
  ...extras(facts, targets)
})

const openAiModel = (listing: ModelListing): OpenAiModel => ({
  id: listing.id,
  object: "model",
  created: 0,
  owned_by: listing.ownedBy,
  ...extras(listing.facts, listing.targets)
})

const anthropicModel = (listing: ModelListing): AnthropicModel => ({
  type: "model",
  id: listing.id,
  display_name: listing.id,
  // what Anthropic itself gives where the date is not known
  created_at: "1970-01-01T00:00:00Z",
  max_input_tokens: listing.facts.contextWindowTokens ?? null,
  max_tokens: listing.facts.maxOutputTokens ?? null,
  owned_by: listing.ownedBy,
  ...extras(listing.facts, listing.targets)
})

const extras = (facts: ModelFacts, targets: ReadonlyArray<string> | undefined) => ({
  ...(facts.contextWindowTokens === undefined ? undefined : { context_window: facts.contextWindowTokens }),
  ...(facts.maxOutputTokens === undefined ? undefined : { max_output_tokens: facts.maxOutputTokens }),
  ...(facts.price === undefined
    ? undefined
    : {
        pricing: {
          input_usd_per_mtok: facts.price.inputUsdPerMTok,
          output_usd_per_mtok: facts.price.outputUsdPerMTok
        }
      }),
  ...(Object.keys(facts.capabilities).length === 0 ? undefined : { capabilities: facts.capabilities }),
  ...(targets === undefined ? undefined : { targets })
})
