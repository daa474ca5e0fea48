/**
 * Which requests OpenAI is asked over Responses instead of Chat Completions: a table, the first row that fits decides.
 *
 * Everything that Chat Completions can say is said there, which every server that imitates OpenAI understands too.
 *
 * @module
 */
import type { ProviderKind } from "../config/ProviderSpec.ts"
import { openAiResponsesOutbound } from "../dialect/OpenAiResponses.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"

export interface ResponsesRow {
  /** Why, in a few words. */
  readonly why: string
  readonly fits: (request: ChatRequest, address: Address) => boolean
}

/** Where a provider is. */
export interface Address {
  readonly kind: ProviderKind
  /** `undefined`: the vendor's own. */
  readonly baseUrl: string | undefined
}

const dialect = openAiResponsesOutbound.id

/** https://platform.openai.com/docs/models: these are served at `/v1/responses` only. */
const onlyThere = /^(?:o\d+-pro|o\d+(?:-mini)?-deep-research|gpt-[5-9](?:\.\d+)?-(?:pro|codex)|codex-|computer-use-)/

const isOpenAis = (baseUrl: string | undefined): boolean =>
  baseUrl === undefined || /^https:\/\/(?:[\w-]+\.)?api\.openai\.com(?:\/|$)/.test(baseUrl)

export const responsesRows: ReadonlyArray<ResponsesRow> = [
  { why: "the model is served there only", fits: ({ model }) => onlyThere.test(model.toLowerCase()) },
  {
    why: "a tool that OpenAI runs itself",
    fits: ({ tools }) => tools.some((tool) => tool._tag === "Hosted" && tool.dialect === dialect)
  },
  {
    why: "an item that only that wire has",
    fits: ({ messages }) =>
      messages.some(({ content }) => content.some((part) => part._tag === "Opaque" && part.dialect === dialect))
  },
  {
    why: "thoughts that only that wire takes back",
    fits: ({ messages }) =>
      messages.some(({ content }) =>
        content.some((part) => part._tag === "Reasoning" && part.origin === dialect && part.signature !== undefined)
      )
  },
  {
    why: "the caller speaks that wire, and so does the address",
    fits: ({ wire }, { baseUrl }) => wire?.dialect === dialect && isOpenAis(baseUrl)
  }
]

/** Vendors that speak Responses at all. Azure's dated API has another address for it. */
const speakers: ReadonlySet<ProviderKind> = new Set<ProviderKind>(["openai"])

/** Does a provider at `address` speak Responses? */
export const speaksResponses = ({ kind }: Address): boolean => speakers.has(kind)

/** Why this request goes over Responses; `undefined` where it goes over Chat Completions. */
export const overResponses = (request: ChatRequest, address: Address): string | undefined =>
  // what that wire cannot say is better said where it can be
  speaksResponses(address) && !beyond(request)
    ? responsesRows.find(({ fits }) => fits(request, address))?.why
    : undefined

/** Does the request want what Responses has no field for, while Chat Completions does? */
const beyond = ({ sampling, model }: ChatRequest): boolean =>
  !onlyThere.test(model.toLowerCase()) && ((sampling.n ?? 1) > 1 || (sampling.stop?.length ?? 0) > 0)
