/** Sorts a CPU profile's self time into named parts of the program. */

/** What is read of a `.cpuprofile` (the DevTools protocol's `Profiler.Profile`); times are in µs. */
export interface CpuProfile {
  readonly nodes: ReadonlyArray<{
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
    readonly children?: ReadonlyArray<number>
  }>
  readonly samples?: ReadonlyArray<number>
  readonly timeDeltas?: ReadonlyArray<number>
  readonly startTime: number
  readonly endTime: number
}

interface Rule {
  readonly bucket: string
  readonly url: RegExp
  readonly name?: RegExp
}

/**
 * The first rule that fits names the bucket. Functions of V8 and of Node's own C++ have no URL; those go by name, and
 * any other by its caller. Rooms of `src` need no rule: each is a bucket.
 */
const rules: ReadonlyArray<Rule> = [
  { bucket: "(idle)", url: /^$/, name: /^\(idle\)$/ },
  { bucket: "gc", url: /^$/, name: /^\(garbage collector\)$/ },
  { bucket: "(program)", url: /^$/, name: /^\((program|root)\)$/ },
  // The hook wraps JSON's functions, which would otherwise be told as their callers' own time.
  { bucket: "JSON", url: /\/profiler-hook\.ts$/ },
  { bucket: "system calls of sockets", url: /^$/, name: /^(writev|write\w*String|writeBuffer|readStart|shutdown)$/ },
  { bucket: "node:http", url: /^node:(_http|internal\/http)/ },
  {
    bucket: "node:net, streams",
    url: /^node:(net|_?stream|internal\/(stream|net|js_stream)|diagnostics_channel|events)/
  },
  { bucket: "node: timers, ticks", url: /^node:(timers|internal\/(timers|process|async_hooks|util|promise))/ },
  { bucket: "node: other", url: /^node:/ },
  // The only WebAssembly about is undici's parser of HTTP.
  { bucket: "undici", url: /\/node_modules\/undici\/|^wasm:/ },
  {
    bucket: "effect http",
    url: /\/node_modules\/(effect\/(dist|src)\/(\w+\/)*(http|httpapi)\/|@effect\/platform-node)/
  },
  { bucket: "effect runtime", url: /\/node_modules\/effect\// }
]

/** The parts of the program that stand for a URL; undefined where only a caller can say. */
const bucketOf = (name: string, url: string): string | undefined => {
  const rule = rules.find((one) => one.url.test(url) && (one.name === undefined || one.name.test(name)))
  if (rule !== undefined) return rule.bucket
  const vendorPackage = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
  if (vendorPackage !== undefined) return /openai|anthropic|genai/.test(vendorPackage) ? "sdk" : vendorPackage
  const room = /^.*\/src\/(?:([^/]+)\/)?/.exec(url)
  if (room !== null) return `src/${room[1] ?? ""}`
  return url === "" ? undefined : (url.split("/").at(-1) ?? url)
}

export interface Part {
  readonly name: string
  readonly micros: number
}

export interface Breakdown {
  readonly buckets: ReadonlyArray<Part>
  /** Single functions, the most expensive first. */
  readonly functions: ReadonlyArray<Part>
  /** Sampled time without the idle part, in µs. */
  readonly busyMicros: number
  readonly idleMicros: number
}

const descending = (times: ReadonlyMap<string, number>): ReadonlyArray<Part> =>
  [...times].map(([name, micros]) => ({ name, micros })).sort((a, b) => b.micros - a.micros)

/** Self time by part and by function. */
export const breakDown = (profile: CpuProfile): Breakdown => {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map<number, number>()
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node.id)
  const selfMicros = new Map<number, number>()
  // A delta stands before its sample: it is the time since the sample before, so the sample before spent it.
  const { samples = [], timeDeltas = [] } = profile
  for (const [at, id] of samples.entries()) {
    const spent = timeDeltas[at + 1] ?? 0
    selfMicros.set(id, (selfMicros.get(id) ?? 0) + Math.max(0, spent))
  }
  const bucketAt = (id: number | undefined): string => {
    const frame = id === undefined ? undefined : nodes.get(id)?.callFrame
    if (id === undefined || frame === undefined) return "(program)"
    return bucketOf(frame.functionName, frame.url) ?? bucketAt(parents.get(id))
  }
  const buckets = new Map<string, number>()
  const functions = new Map<string, number>()
  let busyMicros = 0
  for (const [id, micros] of selfMicros) {
    const bucket = bucketAt(id)
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + micros)
    if (bucket === "(idle)") continue
    busyMicros += micros
    const frame = nodes.get(id)?.callFrame
    if (frame === undefined) continue
    const place = frame.url === "" ? "" : ` ${frame.url.split("/").slice(-2).join("/")}:${frame.lineNumber + 1}`
    const name = `${frame.functionName === "" ? "(anonymous)" : frame.functionName}${place}`
    functions.set(name, (functions.get(name) ?? 0) + micros)
  }
  const idleMicros = buckets.get("(idle)") ?? 0
  buckets.delete("(idle)")
  return { buckets: descending(buckets), functions: descending(functions), busyMicros, idleMicros }
}
