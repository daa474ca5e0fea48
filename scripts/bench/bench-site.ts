/** The ground a measurement stands on: a temporary folder, the upstream, the load, and the end of everything. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Load, startLoad } from "./load-client.ts"
import type { Options } from "./options.ts"
import { type Child, freePort, startChild, untilListening } from "./processes.ts"
import { here, type Settings } from "./servers.ts"

export interface Site {
  readonly folder: string
  readonly upstream: Child
  readonly load: Load
  readonly settings: Settings
}

export const say = (line: string): void => console.log(line)

/** A folder that is removed when this process ends. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-bench-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the upstream and the load generator; both end with this process. */
export const openSite = async (options: Options): Promise<Site> => {
  const folder = temporaryFolder()
  const port = await freePort()
  const upstream = startChild({
    name: "upstream",
    args: [join(here, "upstream.ts"), "--port", String(port), "--writes", String(options.writes)],
    core: options.loadCore,
    folder,
    channel: true
  })
  await untilListening(upstream, port)
  return {
    folder,
    upstream,
    load: startLoad(options.loadCore, folder),
    settings: {
      upstreamPort: port,
      core: options.serverCore,
      folder,
      entry: options.entry,
      ...(options.baseline === undefined ? {} : { baseline: options.baseline }),
      nodeArgs: options.nodeArgs,
      ...(options.portkeyNode === undefined ? {} : { portkeyNode: options.portkeyNode }),
      say
    }
  }
}
