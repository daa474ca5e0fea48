/** The command line of `npm run faults`. */
import { parseArgs } from "node:util"
import { type Dialect, dialects } from "../../test/e2e/asking.ts"
import { type FaultName, faultNames } from "../../src/simulator/Faults.ts"

export const usage = `npm run faults -- [options]

Asks whole gateways over simulated vendors, with every fault a vendor can have, and prints what came of it.
Exits with 1 if anything is not as expected.

  --only FAULT     that fault alone (${faultNames.slice(0, 3).join(", ")}, …)
  --dialect NAME   callers of that dialect alone (${dialects.join(", ")})
  --wrong          prints the cells that are not as expected, and no others
  --outage         instead: a minute's outage of the first choice, in real time (2 minutes)
  --ban            instead: a ban in the midst of 200 streams
  --leavers        instead: 1,000 callers that leave
  --help
`

export interface Options {
  readonly mode: "matrix" | "outage" | "ban" | "leavers" | "help"
  readonly only: FaultName | undefined
  readonly dialect: Dialect | undefined
  readonly wrong: boolean
}

const chosen = <A extends string>(option: string, name: string | undefined, known: ReadonlyArray<A>): A | undefined => {
  const found = known.find((one) => one === name)
  if (name !== undefined && found === undefined) throw new Error(`--${option} is one of ${known.join(", ")}`)
  return found
}

/** What the arguments ask for; throws a sentence where they ask for nothing that exists. */
export const readOptions = (args: ReadonlyArray<string>): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      dialect: { type: "string" },
      wrong: { type: "boolean", default: false },
      outage: { type: "boolean", default: false },
      ban: { type: "boolean", default: false },
      leavers: { type: "boolean", default: false },
      help: { type: "boolean", default: false }
    }
  })
  const mode = (["help", "outage", "ban", "leavers"] as const).find((name) => values[name]) ?? "matrix"
  return {
    mode,
    only: chosen("only", values.only, faultNames),
    dialect: chosen("dialect", values.dialect, dialects),
    wrong: values.wrong
  }
}
