/**
 * What one call is answered with: the request's own error, a rate limit's, a fault's, or the model's words.
 *
 * Pure but for `takeFault`, which uses up one of a set fault's times, and for `limits`, which count. A request that the
 * vendor would refuse is refused before it is counted and before any fault is looked for, so that a fault never hides a
 * wrong request; one that is over a rate limit uses up no fault.
 *
 * @module
 */
import { Result } from "effect"
import { type Fault, faultInModel } from "./Faults.ts"
import { type Limits, withLimits } from "./Limits.ts"
import { script, type Step } from "./Script.ts"
import { type Ask, speak } from "./Speech.ts"
import { type Asked, credentialHeaders, type Incoming, type Plain, type Session, type Wire } from "./Wire.ts"

export interface Outcome {
  readonly steps: ReadonlyArray<Step>
  readonly model: string | undefined
  readonly fault: Fault | undefined
  readonly streaming: boolean
  /** Was it let in by its vendor's limits? Then it is under way until it is told to be over. */
  readonly entered: boolean
}

/** The answer to a call. `onlyModels`: all that is served; absent: any model's name is taken. */
export const answer = (
  wire: Wire,
  incoming: Incoming,
  session: Session,
  onlyModels: ReadonlyArray<string> | undefined,
  takeFault: (vendor: string, model: string) => Fault | undefined,
  limits: Limits,
  paceMillis: number
): Outcome => {
  const heard = wire.hear(incoming, session)
  if (heard._tag === "Plain")
    return { steps: plainSteps(heard), model: undefined, fault: undefined, streaming: false, entered: false }
  const named = faultInModel(heard.ask.model)
  const refuse = (error: Plain, fault?: Fault): Outcome => ({
    steps: plainSteps(error, heard.errorBody(error)),
    model: heard.ask.model,
    fault,
    streaming: false,
    entered: false
  })
  if (Result.isFailure(named))
    return refuse({
      _tag: "Plain",
      status: 400,
      headers: {},
      body: { error: { message: named.failure, code: 400, status: "INVALID_ARGUMENT", type: "invalid_request_error" } }
    })
  const model = named.success?.model ?? heard.ask.model
  const ask = { ...heard.ask, model }
  const context = { session, vendor: incoming.vendor, model, key: keyOf(incoming) }
  const isServed = onlyModels === undefined || onlyModels.includes(model)
  const verdict = isServed ? limits.enter(incoming.vendor, () => tokensOf(ask), session.nowMillis) : undefined
  const told = verdict?.told === undefined ? undefined : wire.limitHeaders(verdict.told, session.nowMillis)
  if (verdict?.retryAfter !== undefined) {
    const parameters = { retryAfter: verdict.retryAfter }
    const error = wire.failure("rateLimit", { ...context, parameters, hint: "seconds" })
    return refuse({ ...error, headers: withLimits(error.headers, told ?? {}) })
  }
  const entered = (outcome: Outcome): Outcome => ({
    ...outcome,
    entered: verdict !== undefined,
    steps: told === undefined ? outcome.steps : outcome.steps.map((step) => withHead(step, told))
  })

  const fault = named.success?.fault ?? takeFault(incoming.vendor, model)
  const failure = (kind: Parameters<Wire["failure"]>[0]) =>
    wire.failure(kind, {
      ...context,
      parameters: fault?.parameters ?? {},
      hint: fault?.action._tag === "Failure" ? fault.action.hint : undefined
    })
  if (!isServed) return refuse(failure("unknownModel"), fault)
  if (fault?.action._tag === "Failure") {
    const applies = fault.action.kind !== "prefillRefused" || ask.turns.at(-1)?.role === "assistant"
    if (applies) return entered(refuse(failure(fault.action.kind), fault))
  }
  const inside = insideKinds[fault?.parameters.status ?? 503] ?? "overloaded"
  const error = failure(inside)
  const reply = heard.reply(ask, speak(ask, fault?.action))
  return entered({
    steps: script(reply, fault, paceMillis, errorInside(heard, error)),
    model: heard.ask.model,
    fault,
    streaming: heard.streaming,
    entered: false
  })
}

/** What a call will use. */
const tokensOf = (ask: Ask): number => {
  const { inputTokens, outputTokens } = speak(ask)
  return inputTokens + outputTokens
}

const withHead = (step: Step, told: Readonly<Record<string, string>>): Step =>
  step._tag === "Head" ? { ...step, headers: withLimits(step.headers, told) } : step

/** Which error stands inside a 200, by the fault's `status`. */
const insideKinds: Readonly<Record<number, Parameters<Wire["failure"]>[0]>> = {
  400: "invalidRequest",
  429: "rateLimit",
  500: "internal",
  503: "overloaded"
}

const errorInside = (heard: Asked, error: Plain) => ({
  body: heard.errorBody(error),
  chunk: (first: boolean) => heard.errorChunk(error, first)
})

/** The steps of an answer that is no model's. */
export const plainSteps = (plain: Plain, text: string = JSON.stringify(plain.body)): ReadonlyArray<Step> => [
  {
    _tag: "Head",
    status: plain.status,
    headers: {
      "content-type": "application/json; charset=utf-8",
      ...plain.headers,
      "content-length": String(Buffer.byteLength(text))
    }
  },
  { _tag: "Write", data: text },
  { _tag: "End" }
]

const keyOf = ({ headers, query }: Incoming): string => {
  const name = [...credentialHeaders].find((name) => headers[name] !== undefined)
  return (name === undefined ? query.get("key") : headers[name])?.replace(/^Bearer\s*/i, "") ?? ""
}
