/**
 * From what a vendor answered to one of the fourteen reasons.
 *
 * A vendor's table is its own rows, then the words many share, then the bare status. Nothing after this looks at a
 * status code again.
 *
 * @module
 */
import type { ProviderKind } from "../../config/ProviderSpec.ts"
import type { HeaderMap } from "../../dialect/Dialect.ts"
import type { Reason } from "../../domain/ProviderError.ts"
import { anthropicErrors } from "./anthropic.ts"
import { azureErrors } from "./azure.ts"
import { byStatus, contextWords, featureWords, modelWords } from "./common.ts"
import {
  cerebrasErrors,
  deepseekErrors,
  fireworksErrors,
  groqErrors,
  localErrors,
  mistralErrors,
  openrouterErrors,
  perplexityErrors,
  togetherErrors,
  xaiErrors
} from "./compatible.ts"
import type { ErrorFacts } from "./ErrorFacts.ts"
import { type ErrorTable, findRow } from "./ErrorRow.ts"
import { googleErrors } from "./google.ts"
import { presentable } from "./mask.ts"
import { openaiErrors } from "./openai.ts"
import { retryAfterMillis } from "./retryAfter.ts"

const shared = [...contextWords, ...featureWords, ...modelWords, ...byStatus]
const compatible = (own: ErrorTable): ErrorTable => [...own, ...openaiErrors, ...shared]

/** The table of each kind of provider. */
export const errorTables: { readonly [K in ProviderKind]: ErrorTable } = {
  anthropic: [...anthropicErrors, ...shared],
  openai: compatible([]),
  google: [...googleErrors, ...shared],
  vertex: [...googleErrors, ...shared],
  "azure-openai": compatible(azureErrors),
  groq: compatible(groqErrors),
  mistral: compatible(mistralErrors),
  deepseek: compatible(deepseekErrors),
  together: compatible(togetherErrors),
  fireworks: compatible(fireworksErrors),
  openrouter: compatible(openrouterErrors),
  cerebras: compatible(cerebrasErrors),
  xai: compatible(xaiErrors),
  perplexity: compatible(perplexityErrors),
  ollama: compatible(localErrors),
  vllm: compatible(localErrors),
  lmstudio: compatible(localErrors),
  "openai-compatible": compatible(localErrors)
}

export interface VendorAnswer {
  readonly facts: ErrorFacts
  readonly headers: HeaderMap
}

/** `secrets` are the provider's keys, which no message may show; `nowMillis` is for dates in `retry-after`. */
export const classify = (
  table: ErrorTable,
  answer: VendorAnswer,
  secrets: ReadonlyArray<string>,
  nowMillis: number
): Reason => {
  const { facts, headers } = answer
  const row = findRow(table, facts)
  const said = presentable(facts.message, secrets)
  const [code] = facts.codes
  const detail = {
    message: said === "" ? (facts.status === undefined ? "an error without words" : `HTTP ${facts.status}`) : said,
    ...(facts.status === undefined ? {} : { status: facts.status }),
    ...(code === undefined ? {} : { code: presentable(code, secrets) })
  }
  const waiting = () => {
    const millis = retryAfterMillis(headers, facts, nowMillis)
    return millis === undefined ? {} : { retryAfterMillis: millis }
  }
  const vague = row?.unspecific === undefined ? {} : { unspecific: row.unspecific }
  switch (row?.is) {
    case "RateLimited":
    case "QuotaExhausted":
    case "Overloaded":
      return { _tag: row.is, ...detail, ...waiting() }
    case "AccountDenied":
      return { _tag: "AccessDenied", ...detail, ...vague, scope: "account" }
    case "ModelDenied":
      return { _tag: "AccessDenied", ...detail, ...vague, scope: "model" }
    case "UnsupportedFeature":
      return { _tag: "UnsupportedFeature", ...detail, feature: row.feature ?? facts.param ?? "this request" }
    case "InvalidRequest":
      return { _tag: "InvalidRequest", ...detail, ...(facts.param === undefined ? {} : { param: facts.param }) }
    case "AuthenticationFailed":
    case "ModelUnavailable":
      return { _tag: row.is, ...detail, ...vague }
    case "ServerError":
    case "ContentPolicy":
    case "ContextLengthExceeded":
      return { _tag: row.is, ...detail }
    case "MalformedResponse":
      return { _tag: row.is, ...detail, ...(row.byModel === undefined ? {} : { byModel: row.byModel }) }
    case undefined: {
      const status = facts.status ?? 0
      if (status >= 500 || status === 0) return { _tag: "ServerError", ...detail }
      // a redirect or a 2xx that holds no answer: this address is not the vendor's
      if (status < 400) return { _tag: "MalformedResponse", ...detail }
      return { _tag: "InvalidRequest", ...detail }
    }
  }
}
