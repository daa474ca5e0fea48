/** The benchmark's command line. */
import { parseArgs } from "node:util"
import { type ScenarioId, scenarioIds } from "./scenarios.ts"
import { defaultEntry, type ServerName, serverNames } from "./servers.ts"

export const usage = `npm run bench -- [options]

Compares this gateway with a bare Node proxy and the Portkey gateway, each on one core.

  --servers LIST    of ${serverNames.join(", ")} (all; baseline with --baseline)
  --only LIST       scenarios, of ${scenarioIds.join(", ")} (all)
  --rounds N        interleaved rounds (5)
  --launches N      times that all servers are started anew: two processes of one program differ by a tenth (1)
  --seconds N       of one measurement (4)
  --connections N   requests under way at once, whole or streams (32)
  --warm N          seconds of load before a server's first measurement (15)
  --cores A,B       the server's core, and that of load and upstream (0,1)
  --writes N        pieces in which the upstream writes an unpaced stream (10)
  --entry FILE      the gateway's entry file (src/main.ts)
  --baseline FILE   that of an earlier version, measured beside it in the same rounds
  --node-args LIST  options for the Node that runs the gateway and the bare proxy
  --portkey-node F  the Node that runs Portkey (the one that runs this)
  --json FILE       also writes the numbers of every round there
  --startup         measures the time from start to first answer instead
  --model NAME      the model asked for by --startup (the first that answers)
  --port N          the port --startup expects the unconfigured gateway at (4141)
  --translation     measures what translating a request costs instead, without any server
  --profile         says where the processor's time goes instead, for the first of --servers
  --help
`

export interface Options {
  readonly mode: "compare" | "startup" | "translation" | "profile" | "help"
  readonly servers: ReadonlyArray<ServerName>
  readonly only: ReadonlyArray<ScenarioId>
  readonly rounds: number
  readonly launches: number
  readonly seconds: number
  readonly connections: number
  readonly warm: number
  readonly serverCore: number
  readonly loadCore: number
  readonly writes: number
  readonly entry: string
  readonly baseline: string | undefined
  readonly nodeArgs: ReadonlyArray<string>
  readonly portkeyNode: string | undefined
  readonly json: string | undefined
  readonly model: string | undefined
  readonly port: number
}

/** The members of `known` that a comma-separated list names. */
const chosen = <A extends string>(list: string, known: ReadonlyArray<A>): ReadonlyArray<A> => {
  const names = list.split(",").map((name) => name.trim())
  const stranger = names.find((name) => !known.some((one) => one === name))
  if (stranger !== undefined) throw new Error(`"${stranger}" is none of ${known.join(", ")}`)
  return known.filter((one) => names.includes(one))
}

const within = (name: string, text: string, lowest: number, highest: number): number => {
  const value = Number(text)
  if (!(value >= lowest && value <= highest)) throw new Error(`--${name} is a number from ${lowest} to ${highest}`)
  return value
}

/** Reads the arguments. Throws a sentence about the first that is wrong. */
export const readOptions = (args: ReadonlyArray<string>): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      servers: { type: "string", default: serverNames.join(",") },
      only: { type: "string", default: scenarioIds.join(",") },
      rounds: { type: "string", default: "5" },
      launches: { type: "string", default: "1" },
      seconds: { type: "string", default: "4" },
      connections: { type: "string", default: "32" },
      warm: { type: "string", default: "15" },
      cores: { type: "string", default: "0,1" },
      writes: { type: "string", default: "10" },
      entry: { type: "string", default: defaultEntry },
      baseline: { type: "string" },
      "node-args": { type: "string", default: "" },
      "portkey-node": { type: "string" },
      json: { type: "string" },
      model: { type: "string" },
      port: { type: "string", default: "4141" },
      startup: { type: "boolean", default: false },
      translation: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      help: { type: "boolean", default: false }
    }
  })
  const [serverCore = "", loadCore = ""] = values.cores.split(",")
  return {
    mode: values.help
      ? "help"
      : values.startup
        ? "startup"
        : values.translation
          ? "translation"
          : values.profile
            ? "profile"
            : "compare",
    servers: chosen(values.servers, serverNames).filter((name) => name !== "baseline" || values.baseline !== undefined),
    only: chosen(values.only, scenarioIds),
    rounds: within("rounds", values.rounds, 1, 20),
    launches: within("launches", values.launches, 1, 20),
    seconds: within("seconds", values.seconds, 0.5, 60),
    connections: within("connections", values.connections, 1, 1024),
    warm: within("warm", values.warm, 0, 120),
    serverCore: within("cores", serverCore, 0, 1023),
    loadCore: within("cores", loadCore, 0, 1023),
    writes: within("writes", values.writes, 1, 100),
    entry: values.entry,
    baseline: values.baseline,
    nodeArgs: values["node-args"].split(",").filter((one) => one !== ""),
    portkeyNode: values["portkey-node"],
    json: values.json,
    model: values.model,
    port: within("port", values.port, 1, 65_535)
  }
}
