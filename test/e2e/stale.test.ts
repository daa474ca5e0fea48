import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { createServer, type Server } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { request as send } from "undici"
import { specOf, start } from "./harness.ts"

const answer = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
})

/** A vendor that answers slowly enough for connections to be opened side by side, and can drop those at rest. */
const vendor = Effect.acquireRelease(
  Effect.promise(
    () =>
      new Promise<{ server: Server; url: string; retire: () => void }>((resolve) => {
        const retired = new Set<Socket>()
        const open = new Set<Socket>()
        const server = createServer((incoming, outgoing) => {
          // what a load balancer does that has forgotten the connection
          if (retired.has(incoming.socket)) return void incoming.socket.resetAndDestroy()
          incoming.resume()
          incoming.on("end", () => outgoing.writeHead(200, { "content-type": "application/json" }).end(answer))
        })
        server.on("connection", (socket) => open.add(socket))
        server.listen(0, "127.0.0.1", () => {
          // a listening server has an address
          const { port } = server.address() as AddressInfo
          resolve({
            server,
            url: `http://127.0.0.1:${port}/v1`,
            retire: () => {
              for (const socket of open) retired.add(socket)
            }
          })
        })
      })
  ),
  ({ server }) =>
    Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
)

it.live("a vendor that has dropped its resting connections loses no request, and its circuit stays closed", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const { url: baseUrl, retire } = yield* vendor
      const { url } = yield* start({ settings: { providers: [specOf("vllm", baseUrl)] } })
      const ask = Effect.promise(async () => {
        const { statusCode, headers, body } = await send(`${url}/v1/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ model: "vllm/m", messages: [{ role: "user", content: "hi" }] })
        })
        await body.dump()
        return { status: statusCode, attempts: Number(headers["x-switchyard-attempts"]) }
      })
      const many = (count: number) =>
        Effect.all(
          Array.from({ length: count }, () => ask),
          { concurrency: "unbounded" }
        )
      yield* many(4)
      retire()
      const after = yield* many(4)
      assert.deepStrictEqual(
        after.map(({ status }) => status),
        [200, 200, 200, 200]
      )
      assert.isTrue(after.some(({ attempts }) => attempts > 1))
      assert.strictEqual((yield* ask).status, 200)
    })
  )
)
