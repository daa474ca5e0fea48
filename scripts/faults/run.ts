/**
 * `npm run faults`: what becomes of requests when vendors fail, in one table.
 *
 * Everything stays on the loopback, is bounded in count and time, and ends by itself.
 */
import { Effect } from "effect"
import { runBan } from "./ban.ts"
import { runLeavers } from "./leavers.ts"
import { runMatrix } from "./matrixRun.ts"
import { type Options, readOptions, usage } from "./options.ts"
import { runOutage } from "./outage.ts"

const longestMillis = 10 * 60_000

const fail = (reason: unknown): never => {
  console.error(reason instanceof Error ? reason.message : String(reason))
  process.exit(1)
}

const runs: Readonly<Record<Exclude<Options["mode"], "help">, (options: Options) => Effect.Effect<boolean>>> = {
  matrix: runMatrix,
  outage: () => runOutage,
  ban: () => runBan,
  leavers: () => runLeavers
}

const main = async (): Promise<boolean> => {
  const options = readOptions(process.argv.slice(2))
  if (options.mode === "help") {
    console.log(usage)
    return true
  }
  setTimeout(() => fail("It took longer than ten minutes and was ended."), longestMillis).unref()
  return await Effect.runPromise(runs[options.mode](options))
}

const isAsExpected = await main().catch(fail)
process.exit(isAsExpected ? 0 : 1)
