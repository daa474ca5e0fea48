/**
 * `npm run matrix`: which clients work with which vendors, in one table.
 *
 * Everything stays on the loopback, is bounded in count and time, and ends by itself.
 */
import { Effect } from "effect"
import { runMatrix } from "./matrixRun.ts"
import { readOptions, usage } from "./options.ts"

const longestMillis = 3 * 60_000

const fail = (reason: unknown): never => {
  console.error(reason instanceof Error ? reason.message : String(reason))
  process.exit(1)
}

const main = async (): Promise<boolean> => {
  const options = readOptions(process.argv.slice(2))
  if (options.help) {
    console.log(usage)
    return true
  }
  setTimeout(() => fail("It took longer than three minutes and was ended."), longestMillis).unref()
  return await Effect.runPromise(runMatrix(options))
}

const isWhole = await main().catch(fail)
process.exit(isWhole ? 0 : 1)
