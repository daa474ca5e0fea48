/**
 * `npm run bench`: how fast this gateway is, beside others, in one run on one machine.
 *
 * Everything stays on the loopback, is bounded in time, and ends by itself; only children started here are ended.
 * Linux only: cores are assigned with `taskset`, memory and processor time are read from `/proc`.
 */
import { execFileSync } from "node:child_process"
import { compare } from "./compare.ts"
import { type Options, readOptions, usage } from "./options.ts"
import { profile } from "./profile.ts"
import { startup } from "./startup.ts"
import { translation } from "./translation.ts"

const wholeRunMs = 30 * 60_000

/** Why the benchmark cannot run here; undefined if it can. */
const hindrance = (options: Options): string | undefined => {
  if (process.platform !== "linux")
    return `The benchmark runs on Linux only: it assigns cores with taskset and reads /proc. This is ${process.platform}.`
  for (const core of new Set([options.serverCore, options.loadCore])) {
    try {
      execFileSync("taskset", ["-c", String(core), "true"], { stdio: "ignore" })
    } catch {
      return `Core ${core} cannot be had: the benchmark needs taskset (util-linux) and two cores; --cores chooses others.`
    }
  }
  return options.serverCore === options.loadCore ? "--cores wants two different cores" : undefined
}

const fail = (reason: unknown): never => {
  console.error(reason instanceof Error ? reason.message : String(reason))
  process.exit(1)
}

const main = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2))
  if (options.mode === "help") {
    console.log(usage)
    return
  }
  const hindered = options.mode === "translation" ? undefined : hindrance(options)
  if (hindered !== undefined) fail(hindered)
  setTimeout(() => fail("The benchmark took longer than half an hour and was ended."), wholeRunMs).unref()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130))
  await { compare, startup, translation, profile }[options.mode](options)
}

await main().catch(fail)
process.exit(0)
