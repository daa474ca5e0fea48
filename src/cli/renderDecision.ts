/**
 * A decision as people read it: what was asked, the task, what happens, and a table of everybody who was thought of.
 *
 * @module
 */
import type { ConsideredModel, RouteDecision } from "../api/DecisionWire.ts"

/** Lines for a terminal, without a line break at the end. Names of a caller's cannot steer it. */
export const renderDecision = (decision: RouteDecision): string => {
  const { candidates, order } = decision
  const places = new Map(order.map((model, at) => [model, at + 1]))
  const ranked = candidates.toSorted(
    (a, b) => (places.get(a.model) ?? Number.MAX_SAFE_INTEGER) - (places.get(b.model) ?? Number.MAX_SAFE_INTEGER)
  )
  const rows = ranked.map((one) => [
    String(places.get(one.model) ?? "-"),
    one.model,
    one.as,
    [one.exclusion === undefined ? scoreOf(one) : exclusionOf(one), heldBackOf(one)].filter(isSaid).join(", "),
    costOf(one),
    stateOf(one),
    factsOf(one)
  ])
  const lines = [
    `asked     ${decision.model} (${decision.kind}) by ${decision.key}${decision.inputTokens === undefined ? "" : `, about ${decision.inputTokens} tokens`}`,
    ...taskLines(decision),
    ...(decision.strategy === undefined ? [] : [`strategy  ${decision.strategy}`]),
    ...(decision.stays === undefined
      ? []
      : [`stays     with ${decision.stays.model} (${becauses[decision.stays.because]})`]),
    ...budgetLines(decision),
    `now       ${outcomeOf(decision)}`,
    ...(rows.length === 0 ? [] : ["", ...table([headings, ...rows])])
  ]
  return lines.map(clean).join("\n")
}

const isSaid = (words: string): boolean => words !== ""

const heldBackOf = ({ heldBack }: ConsideredModel): string =>
  heldBack === undefined ? "" : `held back (${heldBack.why}: the budget pays for ${heldBack.tier})`

const effects = {
  unchanged: "",
  downgraded: ": a cheaper model is asked first",
  unserved: ": nobody of that tier can serve this, so it is served as without a budget",
  stays: ": the conversation stays where it is",
  exempt: ": not for a model that is asked for by its name"
} as const

const budgetLines = ({ budget }: RouteDecision): ReadonlyArray<string> =>
  budget === undefined ? [] : [`budget    pays for ${budget.tier}${effects[budget.effect]}`]

const headings = ["#", "model", "as", "score, or why not", "cost", "state", "facts"]

const becauses = { conversation: "the conversation is its", toolTurn: "its tool is being used" } as const

const clean = (line: string): string => line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").trimEnd()

const share = (probability: number): string => probability.toFixed(2)

const taskLines = ({ task }: RouteDecision): ReadonlyArray<string> => {
  if (task === undefined) return []
  const from = { classifier: "", caller: " (named by the caller)", toolTurn: " (of the tool's turns before)" }[
    task.from
  ]
  const lines = [`task      ${task.task}${from}, preference ${task.preference}`]
  const { judged } = task
  if (judged === undefined) return lines
  const why =
    judged.why === "abstained"
      ? `abstained (${judged.reason ?? "unsure"})`
      : judged.why === "long"
        ? "by its length"
        : ""
  const notes = [
    `by ${judged.by}`,
    why,
    judged.inherited ? "inherited from the message before" : "",
    task.unsure ? `${judged.task} not surely enough for a small model` : "",
    judged.standIn ? "in the stead of the configured classifier, which asks a model" : ""
  ].filter((note) => note !== "")
  lines.push(`judged    ${judged.task} ${share(judged.probability)}; ${notes.join("; ")}`)
  if (judged.scores.length > 0)
    lines.push(
      `scores    ${judged.scores.map(({ probability, task: name }) => `${name} ${share(probability)}`).join("  ")}`
    )
  return lines
}

const outcomeOf = ({ mostAttempts, order, outcome }: RouteDecision): string => {
  switch (outcome.is) {
    case "asks":
      return `asks ${order.slice(0, mostAttempts).join(", then ")}`
    case "cached":
      return `gives what ${outcome.by} said ${Math.round(outcome.ageMillis / 1000)} s ago`
    case "waits":
      return `waits for ${outcome.for.join(", ")}, at most ${Math.round(outcome.atMostMillis)} ms`
    case "refused":
      return `refused with ${outcome.status} (${outcome.reason}): ${outcome.message}`
  }
}

const rounded = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(3))

const scoreOf = ({ score }: ConsideredModel): string =>
  score === undefined ? "" : `${rounded(score.value)} ${score.unit}`

const exclusionOf = ({ exclusion }: ConsideredModel): string => {
  if (exclusion === undefined) return ""
  const { because, by, until, why } = exclusion
  const what =
    exclusion.feature ??
    exclusion.wanted ??
    exclusion.state ??
    exclusion.reason ??
    exclusion.subject ??
    exclusion.scope ??
    (because === undefined ? undefined : notSetUps[because]) ??
    (exclusion.windowTokens === undefined ? undefined : `window ${exclusion.windowTokens}`) ??
    (exclusion.worstUsd === undefined ? undefined : `at worst ${dollars(exclusion.worstUsd)}`)
  const notes = [what, by === undefined ? undefined : bys[by]].filter((note) => note !== undefined)
  return `${why}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}${until === undefined ? "" : ` until ${until}`}`
}

const notSetUps = {
  noKey: "its key is not set",
  notBuilt: "it could not be set up",
  unknown: "nobody names it"
} as const

/** What calls have shown needs no saying. */
const bys = { config: "by the config", operator: "by an operator", drill: "by a drill", observed: undefined } as const

const dollars = (usd: number): string => `$${usd === 0 ? "0" : usd < 0.001 ? usd.toExponential(1) : usd.toFixed(4)}`

const costOf = ({ cost }: ConsideredModel): string =>
  cost === undefined
    ? "?"
    : `${dollars(cost.expectedUsd)}${cost.worstUsd === undefined ? "" : ` (worst ${dollars(cost.worstUsd)})`}`

const stateOf = ({ circuit, crowded, expectedMillis, inFlight, quarantine, room }: ConsideredModel): string =>
  [
    circuit === undefined || (circuit.model === "closed" && circuit.provider === "closed") ? "" : "circuit open",
    quarantine === undefined ? "" : "in quarantine",
    crowded === true ? "crowded" : "",
    room === undefined || room === 1 ? "" : `${Math.round(room * 100)} % room`,
    inFlight === undefined || inFlight === 0 ? "" : `${inFlight} under way`,
    expectedMillis === undefined ? "" : `${Math.round(expectedMillis)} ms`
  ]
    .filter((part) => part !== "")
    .join(", ")

const factsOf = ({ facts, region }: ConsideredModel): string =>
  [
    facts?.tier ?? "",
    facts?.contextWindowTokens === undefined ? "" : `${Math.round(facts.contextWindowTokens / 1000)}k`,
    region ?? ""
  ]
    .filter((part) => part !== "")
    .join(" ")

/** Columns as wide as their widest cell; those in which nothing stands are left out. */
const table = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const columns = headings.map((_, at) => at).filter((at) => rows.slice(1).some((row) => (row[at] ?? "") !== ""))
  const widths = new Map(columns.map((at) => [at, Math.max(...rows.map((row) => (row[at] ?? "").length))]))
  return rows.map((row) => columns.map((at) => (row[at] ?? "").padEnd(widths.get(at) ?? 0)).join("  "))
}
