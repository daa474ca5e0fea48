import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Layer } from "effect"
import { execFileSync } from "node:child_process"
import { closeSync, constants, openSync, readFileSync, readSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gatewayError } from "../../src/domain/GatewayError.ts"
import { LineSink } from "../../src/observability/LineSink.ts"
import { cleanName, type LogFormat } from "../../src/observability/LogLine.ts"
import { RequestLog } from "../../src/observability/RequestLog.ts"
import { RequestRecord } from "../../src/observability/RequestRecord.ts"

const asking = (model: string) => ({
  model,
  delivery: "live" as const,
  messages: [{ role: "user" as const, content: [{ _tag: "Text" as const, text: "canary-prompt" }] }],
  tools: [],
  sampling: {},
  usageWanted: true,
  fallbacks: []
})

/** A stream that fell back once and was answered. */
const answered = (): RequestRecord => {
  const record = new RequestRecord("req_1", "openai-chat", 1000)
  record.caller = "web"
  record.asked(asking("smart"))
  record.attempts = [
    { provider: "one", model: "a", reason: "Overloaded", millis: 20 },
    { provider: "two", model: "b", millis: 300.4 }
  ]
  record.provider = "two"
  record.model = "b"
  record.firstEventAt = 1320
  record.observe({ events: [{ _tag: "TextDelta", choice: 0, text: "canary-answer" }], wire: undefined })
  record.observe({ events: [{ _tag: "UsageReported", usage: { inputTokens: 7, outputTokens: 3 } }], wire: undefined })
  record.observe({ events: [{ _tag: "Ended" }], wire: undefined })
  record.succeeded(200)
  return record
}

const linesOf = (format: LogFormat, use: (log: RequestLog["Service"]) => void): Effect.Effect<ReadonlyArray<string>> =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    return Effect.as(Effect.map(RequestLog, use), lines).pipe(
      Effect.provide(RequestLog.layerWith({ format }).pipe(Layer.provide(LineSink.layerMemory(lines))))
    )
  })

describe("the line of a request", () => {
  it.effect("tells people who was asked, who answered, why not the first, what it used and how long it took", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* linesOf("readable", (log) => log.finished(answered(), 2500)), [
        "1970-01-01T00:00:02.500Z req_1 openai-chat smart -> two/b 200 ok in 1500 ms, first event 320 ms, 7+3 tokens, attempts: one/a Overloaded 20 ms; two/b answered 300 ms, key web"
      ])
    })
  )

  it.effect("is one JSON object by option", () =>
    Effect.gen(function* () {
      const [line] = yield* linesOf("json", (log) => log.finished(answered(), 2500))
      assert.deepNestedInclude(JSON.parse(line ?? ""), {
        id: "req_1",
        dialect: "openai-chat",
        key: "web",
        modelAsked: "smart",
        provider: "two",
        model: "b",
        inputTokens: 7,
        outputTokens: 3,
        firstEventMs: 320,
        durationMs: 1500,
        status: 200,
        outcome: "ok",
        "attempts[0].reason": "Overloaded"
      })
    })
  )

  it.effect("holds neither prompt nor answer nor a vendor's message", () =>
    Effect.gen(function* () {
      const failed = new RequestRecord("req_2", "openai-chat", 0)
      failed.asked(asking("smart"))
      failed.failed(
        gatewayError({
          _tag: "AllFailed",
          provider: "one",
          model: "a",
          first: { _tag: "InvalidRequest", message: "canary-vendor" }
        }),
        400
      )
      for (const format of ["json", "readable"] as const) {
        const lines = yield* linesOf(format, (log) => {
          log.finished(answered(), 2500)
          log.finished(failed, 10)
          log.defect("req_3", Cause.die(new SyntaxError("Unexpected token canary-defect")), 10)
        })
        assert.lengthOf(lines, 3)
        assert.notInclude(lines.join("\n"), "canary")
        assert.include(lines.join("\n"), "InvalidRequest")
        assert.include(lines.join("\n"), "SyntaxError")
        assert.include(lines.join("\n"), "RequestLog.test.ts")
      }
    })
  )

  it.effect("cannot be split or grown by the name a caller asks for", () =>
    Effect.gen(function* () {
      const record = new RequestRecord("req_4", "openai-chat", 0)
      record.asked(asking(`smart\r\n1970 forged\u2028${"x".repeat(10_000)}`))
      record.succeeded(200)
      const [line = ""] = yield* linesOf("readable", (log) => log.finished(record, 1))
      assert.isBelow(line.length, 400)
      assert.notMatch(line, /[\r\n\u2028]/)
      assert.strictEqual(cleanName("größe/модель-1"), "größe/модель-1")
      // a server of one's own may answer to any name
      const odd = `m\n${"y".repeat(10_000)}`
      const served = new RequestRecord("req_6", "openai-chat", 0)
      served.asked(asking(`local/${odd}`))
      served.provider = "local"
      served.model = odd
      served.attempts = [{ provider: "local", model: odd, millis: 1 }]
      served.succeeded(200)
      for (const format of ["json", "readable"] as const) {
        const [said = ""] = yield* linesOf(format, (log) => log.finished(served, 1))
        assert.isBelow(said.length, 1000, format)
        assert.notMatch(said, /[\r\n]/)
      }
    })
  )

  it("says the first ending that came, not what happened while it was torn down", () => {
    const record = answered()
    record.cancelled()
    assert.strictEqual(record.outcome, "ok")
  })

  it("calls a failure a cut only when something was shown", () => {
    const error = gatewayError({ _tag: "ShuttingDown" })
    const shown = new RequestRecord("req_5", "openai-chat", 0)
    shown.observe({ events: [{ _tag: "TextDelta", choice: 0, text: "a" }], wire: undefined })
    shown.failed(error, 200)
    const waiting = new RequestRecord("req_6", "openai-chat", 0)
    waiting.observe({ events: [{ _tag: "Started", id: "i", model: "m" }], wire: undefined })
    waiting.failed(error, 200)
    assert.deepStrictEqual([shown.outcome, waiting.outcome], ["cut", "error"])
  })

  it.effect("that cannot be written fails nobody", () =>
    Effect.gen(function* () {
      const log = yield* RequestLog
      assert.doesNotThrow(() => log.finished(answered(), 2500))
    }).pipe(
      Effect.provide(
        RequestLog.layerWith({ format: "json" }).pipe(
          Layer.provide(
            Layer.succeed(LineSink, {
              write: () => {
                throw new Error("full")
              }
            })
          )
        )
      )
    )
  )
})

describe("lines on their way out", () => {
  it.live("reach a file in order, the last ones when the scope closes", () =>
    Effect.gen(function* () {
      const directory = yield* Effect.promise(() => mkdtemp(join(tmpdir(), "switchyard-")))
      const file = join(directory, "log")
      const fd = openSync(file, "w")
      yield* Effect.gen(function* () {
        const sink = yield* LineSink
        for (let i = 0; i < 1000; i++) sink.write(`line ${i}`)
      }).pipe(Effect.provide(LineSink.layerFd(fd)))
      closeSync(fd)
      const lines = readFileSync(file, "utf8").trimEnd().split("\n")
      yield* Effect.promise(() => rm(directory, { recursive: true }))
      assert.deepStrictEqual(
        lines,
        Array.from({ length: 1000 }, (_, i) => `line ${i}`)
      )
    })
  )

  it.live("wait in a bounded memory for a reader that does not read, without stopping anybody, and are counted", () =>
    Effect.gen(function* () {
      const directory = yield* Effect.promise(() => mkdtemp(join(tmpdir(), "switchyard-")))
      const file = join(directory, "pipe")
      execFileSync("mkfifo", [file])
      const fd = openSync(file, constants.O_RDWR | constants.O_NONBLOCK)
      let read = ""
      yield* Effect.gen(function* () {
        const sink = yield* LineSink
        const line = "x".repeat(1000)
        for (let i = 0; i < 10_000; i++) {
          sink.write(line)
          if (i % 100 === 0) yield* Effect.yieldNow
        }
        sink.write("one too many")
        const bytes = Buffer.alloc(1 << 20)
        while (!read.includes("too slow")) {
          read += readOf(fd, bytes)
          yield* Effect.sleep("1 millis")
        }
        sink.write("the end")
        while (!read.includes("the end")) {
          read += readOf(fd, bytes)
          yield* Effect.sleep("1 millis")
        }
      }).pipe(Effect.provide(LineSink.layerFd(fd)))
      closeSync(fd)
      yield* Effect.promise(() => rm(directory, { recursive: true }))
      assert.isBelow(read.length, 6_000_000)
      assert.notInclude(read, "one too many")
      assert.match(read, /\d{4} lines of the log were dropped/)
    })
  )
})

/** What a pipe holds now. */
const readOf = (fd: number, into: Buffer): string => {
  try {
    return into.subarray(0, readSync(fd, into)).toString()
  } catch {
    return ""
  }
}
