/** Lanes for requests: none with two in it, none lost, whatever becomes of a request; and who gives way in one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createServer, type ServerResponse } from "node:http"
import { connect } from "node:net"
import { lanes } from "../../src/server/Lanes.ts"
import { send, until, whole, withEdge } from "./support.ts"

/** A server whose lanes are watched. Paths: `/wait` is never answered, any other at once. */
const watched = Effect.acquireRelease(
  Effect.callback<Watched>((resume) => {
    const seen = { asked: 0, running: 0, most: 0, made: 0, shared: 0 }
    const newLane = () => {
      seen.made++
      let inside: ServerResponse | undefined
      return (request: { readonly url?: string | undefined }, response: ServerResponse) => {
        if (inside !== undefined) seen.shared++
        inside = response
        seen.asked++
        seen.most = Math.max(seen.most, ++seen.running)
        response.prependListener("close", () => {
          inside = undefined
          seen.running--
        })
        if (request.url !== "/wait") response.end("ok")
      }
    }
    const server = createServer(lanes(newLane))
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed({ server, seen, port: typeof address === "object" && address !== null ? address.port : 0 }))
    })
  }),
  ({ server }) =>
    Effect.sync(() => {
      server.close()
      server.closeAllConnections()
    })
)
interface Watched {
  readonly server: ReturnType<typeof createServer>
  readonly seen: { asked: number; running: number; most: number; made: number; shared: number }
  readonly port: number
}

const request = (path: string, method = "GET"): string => `${method} ${path} HTTP/1.1\r\nhost: a\r\n\r\n`

/** Writes to a connection of its own; `leave` cuts it, `end` closes the own side alone. */
const caller = (port: number, text: string) => {
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => {})
  socket.resume()
  socket.write(text)
  return { leave: () => void socket.destroy(), end: () => void socket.end() }
}

describe("lanes", () => {
  it.live("hold one request each, and are as many as requests at the busiest moment", () =>
    Effect.gen(function* () {
      const { port, seen } = yield* watched
      let asked = 0
      const rest = (before: number, requests: number) =>
        until(() => seen.asked === before + requests && seen.running === 0)
      const play = (text: string, requests: number, go: (one: ReturnType<typeof caller>) => void, callers = 1) =>
        Effect.gen(function* () {
          const all = Array.from({ length: callers }, () => caller(port, text))
          yield* until(() => seen.asked === asked + requests * callers)
          for (const one of all) go(one)
          yield* rest(asked, requests * callers)
          asked += requests * callers
        })
      // callers that leave, one after the other and at once
      for (let i = 0; i < 5; i++) yield* play(request("/wait"), 1, ({ leave }) => leave())
      assert.strictEqual(seen.made, 1)
      yield* play(request("/wait"), 1, ({ leave }) => leave(), 40)
      // requests that stand behind one that is never answered, some of them answered already
      yield* play((request("/wait") + request("/")).repeat(5), 10, ({ leave }) => leave(), 4)
      // callers that close their side, and such as ask for the head alone
      yield* play(request("/wait"), 1, ({ end }) => end(), 10)
      yield* play(request("/", "HEAD").repeat(20), 20, ({ leave }) => leave())
      yield* play(request("/").repeat(10), 10, ({ end }) => end(), 20)
      assert.strictEqual(seen.shared, 0)
      assert.strictEqual(seen.made, seen.most)
    })
  )

  it.live("are no place where a request that gives way again and again keeps others from their turn", () =>
    Effect.gen(function* () {
      let asked = 0
      let turns = 0
      const giveWay: Effect.Effect<void> = Effect.suspend(() =>
        asked === 2 || turns++ === 100_000 ? Effect.void : Effect.andThen(Effect.yieldNow, giveWay)
      )
      const handle = () => (++asked === 1 ? Effect.as(giveWay, whole(asked === 2 ? "met" : "alone")) : hello)
      const hello = Effect.succeed(whole("hello"))
      yield* withEdge({ handle: () => Effect.suspend(handle) }, (port) =>
        Effect.all([send(port), send(port)], { concurrency: "unbounded" })
      )
      assert.isBelow(turns, 100_000)
    })
  )
})
