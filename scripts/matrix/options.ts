/** The command line of `npm run matrix`. */
import { parseArgs } from "node:util"
import { type Client } from "./cells.ts"
import { clients } from "./clients/all.ts"
import { type WireName, wireNames, wires } from "./wires.ts"

export const usage = `npm run matrix -- [options]

Drives unmodified clients through a gateway over simulated vendors and prints what works with whom.
Exits with 1 if a cell failed.

  --client NAME    that client alone, or all whose names begin so (${clients.map(({ name }) => name).join(", ")})
  --wire NAME      that vendor wire alone (${wireNames.join(", ")})
  --feature WORDS  the features alone whose names hold these words
  --wrong          prints the rows in which a cell failed, and no others
  --help

${wireNames.map((name) => `  ${name.padEnd(16)} ${wires[name].doc}`).join("\n")}
`

export interface Options {
  readonly help: boolean
  readonly clients: ReadonlyArray<Client>
  readonly wires: ReadonlyArray<WireName>
  readonly feature: string
  readonly wrong: boolean
}

/** What the arguments ask for; throws a sentence where they ask for nothing that exists. */
export const readOptions = (args: ReadonlyArray<string>): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      client: { type: "string" },
      wire: { type: "string" },
      feature: { type: "string", default: "" },
      wrong: { type: "boolean", default: false },
      help: { type: "boolean", default: false }
    }
  })
  const { client, feature, help, wire, wrong } = values
  const chosen = clients.filter(({ name }) => client === undefined || name === client || name.startsWith(`${client}-`))
  if (chosen.length === 0) throw new Error(`--client is one of ${clients.map(({ name }) => name).join(", ")}`)
  const columns = wireNames.filter((name) => wire === undefined || name === wire)
  if (columns.length === 0) throw new Error(`--wire is one of ${wireNames.join(", ")}`)
  return { help, clients: chosen, wires: columns, feature, wrong }
}
