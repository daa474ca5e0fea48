/** The benchmark's hold on its load generator: one job at a time over the channel, each with a last moment. */
import { join } from "node:path"
import { type JobResult, type Measured, type MeasureJob, type PacedJob, type PacedResult } from "./load-protocol.ts"
import { type Child, endChild, startChild } from "./processes.ts"
import { here } from "./servers.ts"

export interface Load {
  readonly child: Child
  readonly measure: (job: Omit<MeasureJob, "kind" | "id">) => Promise<Measured>
  readonly paced: (job: Omit<PacedJob, "kind" | "id">) => Promise<PacedResult>
  readonly end: () => Promise<unknown>
}

export const startLoad = (core: number | undefined, folder: string): Load => {
  const child = startChild({ name: "load", args: [join(here, "load.ts")], core, folder, channel: true })
  let id = 0

  const ask = (job: MeasureJob | PacedJob, limitMs: number): Promise<JobResult> =>
    new Promise((resolve, reject) => {
      const settle = (how: () => void): void => {
        clearTimeout(timer)
        child.process.off("message", heard)
        child.process.off("exit", left)
        how()
      }
      const heard = (message: unknown): void => {
        // Only the load generator holds the other end of this channel.
        const result = message as JobResult
        if (result.id === job.id) settle(() => resolve(result))
      }
      const left = (): void => settle(() => reject(new Error("the load generator ended")))
      const timer = setTimeout(() => settle(() => reject(new Error("the load generator did not answer"))), limitMs)
      child.process.on("message", heard)
      child.process.on("exit", left)
      child.process.send(job)
    })

  return {
    child,
    measure: async (job) => {
      const result = await ask({ ...job, kind: "measure", id: ++id }, job.seconds * 1000 + 30_000)
      if (result.kind !== "measure") throw new Error("the load generator answered another question")
      return result
    },
    paced: async (job) => {
      const result = await ask({ ...job, kind: "paced", id: ++id }, job.limitMs + 15_000)
      if (result.kind !== "paced") throw new Error("the load generator answered another question")
      return result
    },
    end: () => endChild(child)
  }
}
