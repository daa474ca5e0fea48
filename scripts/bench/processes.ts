/**
 * The benchmark's child processes: started on one core, watched until they listen, read from `/proc`, and ended.
 *
 * Only children started here are ever signalled, by their own pid. Their output goes to files in the run's temporary
 * folder: a pipe would make this process part of what is measured, and a terminal even more.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync, readFileSync, truncateSync } from "node:fs"
import { connect, createServer } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/** Kernel clock ticks in a second, as `/proc` counts them: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

export interface ChildSpec {
  readonly name: string
  /** The arguments after `node`. */
  readonly args: ReadonlyArray<string>
  /** The core it is held to; undefined: any. */
  readonly core: number | undefined
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** The folder for its output. */
  readonly folder: string
  /** With a channel for messages. */
  readonly channel?: boolean
  /** The Node to run it; absent: this one. */
  readonly node?: string
}

export interface Child {
  readonly name: string
  readonly pid: number
  readonly process: ChildProcess
  readonly logFile: string
}

const children = new Set<ChildProcess>()
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL")
})

/** The environment without what would configure a gateway: keys, its own variables, Node's options and npm's. */
export const plainEnvironment = (): Record<string, string> => {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined && !/KEY|TOKEN|SECRET|URL$|^SWITCHYARD_|^NODE_|^npm_|PROXY$/i.test(name)) kept[name] = value
  return kept
}

export const startChild = (spec: ChildSpec): Child => {
  const logFile = join(spec.folder, `${spec.name}.log`)
  const log = openSync(logFile, "a")
  const command = [spec.node ?? process.execPath, ...spec.args]
  const pinned = spec.core === undefined ? command : ["taskset", "-c", String(spec.core), ...command]
  const child = spawn(pinned[0] ?? "", pinned.slice(1), {
    cwd: spec.cwd ?? spec.folder,
    env: { ...plainEnvironment(), NODE_ENV: "production", ...spec.env },
    stdio: spec.channel === true ? ["ignore", log, log, "ipc"] : ["ignore", log, log]
  })
  closeSync(log)
  children.add(child)
  child.on("exit", () => children.delete(child))
  child.on("error", () => children.delete(child))
  return { name: spec.name, pid: child.pid ?? 0, process: child, logFile }
}

const hasEnded = ({ process: child, pid }: Child): boolean =>
  pid === 0 || child.exitCode !== null || child.signalCode !== null

/** The end of what the child printed. */
export const lastOutput = (child: Child): string => {
  try {
    return readFileSync(child.logFile, "utf8").trim().split("\n").slice(-15).join("\n").slice(-3000)
  } catch {
    return ""
  }
}

/** Empties what the child printed so far, so that a log line per request does not fill the disk. */
export const forgetOutput = (child: Child): void => truncateSync(child.logFile)

/** Asks the child to end and waits; after `graceMs` it is killed. True if it went by itself. */
export const endChild = async (child: Child, graceMs = 3000): Promise<boolean> => {
  if (hasEnded(child)) return true
  const ended = new Promise<true>((resolve) => child.process.once("exit", () => resolve(true)))
  child.process.kill("SIGTERM")
  const patience = new AbortController()
  const inTime = await Promise.race([ended, sleep(graceMs, false as const, { signal: patience.signal })])
  if (inTime) patience.abort()
  else {
    child.process.kill("SIGKILL")
    await ended
  }
  return inTime
}

/** A port of the loopback that nobody listens on at the moment. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })

/** Whether somebody accepts connections there. */
export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" })
    const say = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once("connect", () => say(true))
    socket.once("error", () => say(false))
  })

/** Waits until the child listens; fails with its last output if it ends before or takes too long. */
export const untilListening = async (child: Child, port: number, limitMs = 20_000, everyMs = 50): Promise<void> => {
  const until = performance.now() + limitMs
  while (!(await listens(port))) {
    if (hasEnded(child) || performance.now() > until)
      throw new Error(
        `${child.name} ${hasEnded(child) ? "ended before it listened" : "did not listen in time"}\n${lastOutput(child)}`
      )
    await sleep(everyMs)
  }
}

export interface Memory {
  readonly rssMb: number
  readonly peakMb: number
}

/** A file of `/proc` about the process; empty once it has ended. */
const readProc = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8")
  } catch {
    return ""
  }
}

/** Resident memory now and at its highest, in MiB, from `/proc/<pid>/status`; zeros once the process has ended. */
export const memoryOf = (pid: number): Memory => {
  const status = readProc(pid, "status")
  const mib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) / 1024
  return { rssMb: mib("VmRSS"), peakMb: mib("VmHWM") }
}

/** Seconds of processor time the process has used, all threads, from `/proc/<pid>/stat`; 0 once it has ended. */
export const cpuSecondsOf = (pid: number): number => {
  const stat = readProc(pid, "stat")
  // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond
}
