/**
 * Preloaded into a server (`--import`): samples its processor time between two messages from the benchmark, so that a
 * profile holds one load and neither start-up nor warming. The file is the `.cpuprofile` that `--cpu-prof` writes.
 */
import { writeFileSync } from "node:fs"
import { Session } from "node:inspector/promises"
import type { ProfilerMessage } from "./profile.ts"

// V8 counts its own functions' time as their callers'; functions around these two make the time of JSON visible.
const { parse, stringify } = JSON
JSON.parse = (...all: Parameters<typeof parse>): unknown => parse(...all)
// The signature of `stringify` is overloaded; all overloads pass their arguments on as they are.
JSON.stringify = ((...all: Parameters<typeof stringify>) => stringify(...all)) as typeof stringify

const session = new Session()
session.connect()
let enabled = false

const obey = async (message: ProfilerMessage): Promise<void> => {
  if (!enabled) {
    await session.post("Profiler.enable")
    await session.post("Profiler.setSamplingInterval", { interval: 200 })
    enabled = true
  }
  if (message.profiler === "start") await session.post("Profiler.start")
  else {
    const { profile } = await session.post("Profiler.stop")
    writeFileSync(message.file, JSON.stringify(profile))
  }
  process.send?.({ profiler: "done" })
}

process.on("message", (message) => {
  // Only the benchmark holds the other end of this channel.
  void obey(message as ProfilerMessage)
})
// The channel alone must not keep the server alive, nor the server outlive the benchmark.
process.channel?.unref()
process.on("disconnect", () => process.exit(0))
