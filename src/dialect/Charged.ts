/**
 * What vendors that speak OpenAI's wires say, beside their counts, that they have charged for a call.
 *
 * Sources: openrouter.ai/docs/use-cases/usage-accounting (`cost`, in credits of a US dollar each; with a key of one's own at
 * the host it is the fee alone, and what the host charges stands beside it), docs.x.ai/developers/cost-tracking
 * (`cost_in_usd_ticks`, ten billion to a dollar), docs.perplexity.ai (`cost.total_cost`, in dollars).
 *
 * Gotchas
 * - Whether a vendor is to be believed is for whoever bills: others may write such fields in another currency.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"

const nanoPerUsd = 1e9
const ticksPerNano = 10
/** More is charged for no call. */
const mostUsd = 100_000

const amount = (value: Json | undefined): number | undefined =>
  typeof value === "number" && value >= 0 ? value : undefined

/** Rounded up, but for what is no more than the imprecision of a float. */
const nanoOf = (usd: number | undefined): number | undefined =>
  usd === undefined || usd > mostUsd ? undefined : Math.ceil(Number((usd * nanoPerUsd).toPrecision(15)))

const usdIn = (usage: JsonObject): number | undefined => {
  const { cost } = usage
  if (isJsonObject(cost)) return amount(cost["total_cost"])
  const charged = amount(cost)
  if (charged === undefined || usage["is_byok"] !== true) return charged
  const details = usage["cost_details"]
  const byHost = isJsonObject(details) ? amount(details["upstream_inference_cost"]) : undefined
  return byHost === undefined ? undefined : charged + byHost
}

/** In billionths of a US dollar, as a field of `Usage`; empty where nothing is said. */
export const chargedIn = (usage: JsonObject): { readonly chargedNanoUsd?: number } => {
  const ticks = amount(usage["cost_in_usd_ticks"])
  const charged = ticks === undefined ? nanoOf(usdIn(usage)) : nanoOf(ticks / ticksPerNano / nanoPerUsd)
  return charged === undefined ? none : { chargedNanoUsd: charged }
}

const none = {}
