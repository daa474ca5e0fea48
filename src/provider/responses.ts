/**
 * Which requests OpenAI is asked over Responses instead of Chat Completions: a table, the first row that fits decides.
 *
 * What came over Responses goes on over it as its caller wrote it. Of other requests only those go over it that Chat
 * Completions cannot carry: that wire is the one which everybody who stands before OpenAI understands too.
 *
 * @module
 */
import type { ProviderKind, ProviderSpec } from "../config/ProviderSpec.ts"
import { openAiResponsesOutbound } from "../dialect/OpenAiResponses.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"

export interface ResponsesRow {
  /** Why, in a few words. */
  readonly why: string
  readonly fits: (request: ChatRequest) => boolean
}

const dialect = openAiResponsesOutbound.id

/** https://platform.openai.com/docs/models: these are served at `/v1/responses` only. */
const onlyThere =
  /^(?:o\d+-pro|o\d+(?:-mini)?-deep-research|gpt-[5-9](?:\.\d+)?-(?:pro|codex)|codex|computer-use)(?:-|$)/

/** https://github.com/openai/openai-openapi/issues/541: over Chat Completions they answer 400 to both together. */
const callsThoughtfully = /^gpt-(?:5\.(?:[4-9]|\d\d)|[6-9]|\d\d)(?!.*chat)/

export const responsesRows: ReadonlyArray<ResponsesRow> = [
  { why: "the model is served there only", fits: ({ model }) => onlyThere.test(model.toLowerCase()) },
  {
    why: "an effort beside functions, which the model takes there only",
    fits: ({ model, reasoning, tools }) =>
      callsThoughtfully.test(model.toLowerCase()) &&
      tools.some((tool) => tool._tag === "Function") &&
      reasoning !== undefined &&
      reasoning.disabled !== true &&
      ((reasoning.effort ?? "none") !== "none" || (reasoning.budgetTokens ?? 0) > 0)
  },
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
    why: "the caller speaks that wire",
    fits: ({ wire }) => wire?.dialect === dialect
  }
]

/** What decides whether a provider speaks Responses. */
export type Speaker = Pick<ProviderSpec, "kind" | "baseUrl" | "apiVersion">

/** The first version of Azure's dated API that has Responses. */
const azureSince = "2025-03-01"

/** Kinds that speak Responses, and when. A server that imitates OpenAI is of another kind, and mostly knows Chat Completions alone. */
const speakers: { readonly [K in ProviderKind]?: (spec: Speaker) => boolean } = {
  openai: () => true,
  // a base URL that names a deployment has nothing beside it; the undated API has everything
  "azure-openai": ({ apiVersion = "", baseUrl = "" }) =>
    !baseUrl.split("/").includes("deployments") &&
    (baseUrl.endsWith("/openai/v1") || (/^\d{4}-/.test(apiVersion) && apiVersion >= azureSince))
}

export const speaksResponses = (spec: Speaker): boolean => speakers[spec.kind]?.(spec) ?? false

/** Why this request goes over Responses; `undefined` where it goes over Chat Completions. */
export const overResponses = (request: ChatRequest, spec: Speaker): string | undefined =>
  // what that wire cannot say is better said where it can be
  speaksResponses(spec) && !beyond(request) ? responsesRows.find(({ fits }) => fits(request))?.why : undefined

/** Does the request want what Responses has no field for, while Chat Completions does? */
const beyond = ({ sampling, model }: ChatRequest): boolean =>
  !onlyThere.test(model.toLowerCase()) && ((sampling.n ?? 1) > 1 || (sampling.stop?.length ?? 0) > 0)
