/**
 * The Portkey gateway from the npm registry, installed for the comparison into a folder of its own outside the project.
 *
 * Its release asks for `@hono/node-server` ^1.3.3 but was made with 1.13; with the newest 1.x its streams answer 500,
 * so that package is held. It names no Node version; it runs on the Node that runs the benchmark (on Node 24 it is half
 * as fast again, or more, as on Node 20). It has no option for the address and listens everywhere, so a preloaded module
 * keeps it on the loopback.
 */
import { execFile } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"

export const portkeyVersion = "1.15.2"
export const nodeServerVersion = "1.13.8"

const run = promisify(execFile)
const folder = join(tmpdir(), `switchyard-bench-portkey-${portkeyVersion}-${nodeServerVersion}`)
const packageRoot = join(folder, "node_modules", "@portkey-ai", "gateway")

const manifest = {
  private: true,
  dependencies: { "@portkey-ai/gateway": portkeyVersion },
  overrides: { "@hono/node-server": nodeServerVersion }
}

/** Wraps `listen(port)` so that it binds 127.0.0.1. */
const loopbackOnly = `import { Server } from "node:net"
const listen = Server.prototype.listen
Server.prototype.listen = function (first, ...rest) {
  if (typeof first === "number") return listen.call(this, first, "127.0.0.1", ...rest.filter((x) => typeof x === "function"))
  if (typeof first === "object" && first !== null && first.port !== undefined)
    return listen.call(this, { ...first, host: "127.0.0.1" }, ...rest)
  return listen.call(this, first, ...rest)
}
`

const versionIn = (path: string): string | undefined => {
  try {
    const found: unknown = JSON.parse(readFileSync(join(path, "package.json"), "utf8"))
    return typeof found === "object" && found !== null && "version" in found ? String(found.version) : undefined
  } catch {
    return undefined
  }
}

const isComplete = (): boolean => {
  try {
    return (
      readFileSync(join(folder, "complete"), "utf8") === "yes" &&
      versionIn(packageRoot) === portkeyVersion &&
      versionIn(join(folder, "node_modules", "@hono", "node-server")) === nodeServerVersion
    )
  } catch {
    return false
  }
}

export interface Portkey {
  /** The arguments after `node` that start it on `port`. */
  readonly args: (port: number) => ReadonlyArray<string>
  readonly folder: string
}

/** Installs it unless a complete install of the right versions is there. Fails with npm's words. */
export const installPortkey = async (say: (line: string) => void): Promise<Portkey> => {
  if (!isComplete()) {
    say(`installing @portkey-ai/gateway ${portkeyVersion} into ${folder}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, undefined, 2))
    writeFileSync(join(folder, "loopback-only.mjs"), loopbackOnly)
    // npm keeps the environment it was called with: its registry and proxy may be set there.
    await run("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "--omit=dev"], {
      cwd: folder,
      timeout: 180_000
    })
    writeFileSync(join(folder, "complete"), "yes")
    if (!isComplete()) throw new Error("npm installed other versions of the Portkey gateway than were asked for")
  }
  return {
    folder,
    args: (port) => [
      "--import",
      join(folder, "loopback-only.mjs"),
      join(packageRoot, "build", "start-server.js"),
      `--port=${port}`,
      "--headless"
    ]
  }
}
