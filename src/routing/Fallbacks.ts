/**
 * Who may answer besides those that the asked name stands for: the request's own fallbacks, and where there is no config
 * file the same tier at other vendors.
 *
 * @module
 */
import { Result } from "effect"
import type { Settings } from "../config/Settings.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { GatewayReason } from "../domain/GatewayError.ts"
import { showModelRef } from "../domain/Ids.ts"
import { autoOf } from "../domain/Prefer.ts"
import type { Candidate } from "./Candidate.ts"
import type { Names } from "./Names.ts"

export interface Fallbacks {
  /** The candidates of the request's own fallbacks, or what is wrong with one of them. */
  readonly ofRequest: (request: ChatRequest) => Result.Result<ReadonlyArray<Candidate>, GatewayReason>
  /** Without a config file a bare model is also served by others of its tier. */
  readonly standIns: (request: ChatRequest, asked: ReadonlyArray<Candidate>) => ReadonlyArray<Candidate>
}

export const makeFallbacks = (
  settings: Pick<Settings, "source">,
  { aliasOf, candidatesOf, exact, nearest }: Names
): Fallbacks => {
  /** The same tier at other vendors than those that serve the asked model; a model nobody knows has none. */
  const sameTier = (asked: ReadonlyArray<Candidate>): ReadonlyArray<Candidate> => {
    const tier = asked[0]?.facts.tier
    if (tier === undefined) return []
    const others = ["smart", "fast"]
      .flatMap(candidatesOf)
      .filter(({ ref }) => !asked.some((one) => one.ref.provider === ref.provider))
    const same = others.filter(({ facts }) => facts.tier === tier)
    if (same.length > 0) return same
    const alias = candidatesOf(tier === "economy" ? "fast" : "smart").map(({ ref }) => showModelRef(ref))
    return others.filter(({ ref }) => alias.includes(showModelRef(ref)))
  }

  const standIns: Fallbacks["standIns"] = (request, asked) =>
    settings.source !== "file" &&
    aliasOf(request.model) === undefined &&
    exact(request.model) === undefined &&
    autoOf(request.model) === undefined
      ? sameTier(asked)
      : []

  const ofRequest: Fallbacks["ofRequest"] = (request) => {
    const fallbacks: Array<Candidate> = []
    for (const [index, name] of request.fallbacks.entries()) {
      const found = candidatesOf(name)
      if (found.length === 0 && aliasOf(name) === undefined) return Result.fail(noFallback(name, index))
      fallbacks.push(...found)
    }
    return Result.succeed(fallbacks)
  }

  const noFallback = (name: string, index: number): GatewayReason => {
    const wrong = (message: string): GatewayReason => ({
      _tag: "BadRequest",
      param: `fallbacks.${index}`,
      code: "model_not_found",
      message
    })
    if (autoOf(name) !== undefined)
      return wrong(`'${name}' cannot be a fallback: a model is chosen by task only where it is asked for`)
    const near = nearest(name).filter((one) => autoOf(one) === undefined)
    const hint = near.length === 0 ? "" : `; did you mean ${near.map((one) => `'${one}'`).join(", ")}?`
    return wrong(`The fallback model '${name}' does not exist or no provider that serves it is configured${hint}`)
  }

  return { ofRequest, standIns }
}
