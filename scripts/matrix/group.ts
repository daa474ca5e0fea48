/**
 * Runs the cells of one client on one wire, one after the other, through a gateway of their own over simulated vendors.
 */
import { Duration, Effect, References, Redacted } from "effect"
import { isJsonObject } from "../../src/domain/Json.ts"
import type { RecordedCall } from "../../src/simulator/Calls.ts"
import { start } from "../../test/e2e/harness.ts"
import type { Cell, Group, Reach } from "./cells.ts"
import { refusalOf } from "./expected.ts"
import { judge, type Outcome } from "./judge.ts"
import { targetOf, wires } from "./wires.ts"

/** What any cell may take. */
const longest = Duration.seconds(15)
const key = "the-key-of-a-program"

export interface Observed {
  readonly cell: Cell
  /** What is not as it should be; empty where all is. */
  readonly problems: ReadonlyArray<string>
}

const play = (cell: Cell, reach: Reach): Effect.Effect<Outcome> =>
  Effect.tryPromise({ try: () => cell.feature.run(reach), catch: (caught) => ({ caught }) }).pipe(
    Effect.map((seen) => ({ seen })),
    Effect.timeoutOrElse({
      duration: longest,
      orElse: () => Effect.succeed({ caught: `nothing, within ${Duration.toSeconds(longest)} s` })
    }),
    Effect.catch(Effect.succeed)
  )

/**
 * The calls without the first where that asked Anthropic to hold the conversation, which the simulator's does not: its
 * SDK's tool runner tries that once and then sends all of it, which is what is judged.
 */
const withoutThread = (calls: ReadonlyArray<RecordedCall>): ReadonlyArray<RecordedCall> => {
  const [first, ...others] = calls
  return first?.status === 400 && isJsonObject(first.body) && isJsonObject(first.body["thread"]) ? others : calls
}

/** What came of the group's cells. */
export const runGroup = (group: Group): Effect.Effect<ReadonlyArray<Observed>> =>
  Effect.gen(function* () {
    const target = targetOf(group.wire, group.client.speaksResponses)
    const { vendor } = target
    const { simulator, url } = yield* start({
      vendors: [vendor],
      settings: {
        keys: [{ name: "program", key: Redacted.make(key), tenant: undefined, priority: "normal", allow: undefined }]
      }
    })
    const embedder = wires[group.wire].embedder
    return yield* Effect.forEach(group.cells, (cell) =>
      Effect.gen(function* () {
        yield* simulator.clearCalls
        const outcome = yield* play(cell, {
          base: `${url}${cell.base}`,
          key,
          model: cell.isBare ? target.model : `${vendor}/${target.model}`,
          embedder: `${vendor}/${embedder}`
        })
        const calls = withoutThread(yield* simulator.calls)
        return { cell, problems: judge({ cell, target, outcome, calls, key }, refusalOf(cell)) }
      })
    )
  }).pipe(Effect.scoped, Effect.orDie, Effect.provideService(References.MinimumLogLevel, "None"))
