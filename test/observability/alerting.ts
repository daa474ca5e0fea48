/** A webhook of our own on a loopback address, which answers as it is told and remembers what it was sent. */
import { Effect, Latch } from "effect"
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export interface Sent {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Answering = (response: ServerResponse, nth: number) => void

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answering =>
  (response) => {
    response.writeHead(code, headers)
    response.end("ok")
  }

/** Answers in this order, and as the last one says from then on. */
export const webhook = (...answers: ReadonlyArray<Answering>) =>
  Effect.gen(function* () {
    const sent: Array<Sent> = []
    const news = Latch.makeUnsafe(false)
    const server = createServer((request, response) => {
      let body = ""
      request.setEncoding("utf8")
      request.on("data", (chunk: string) => void (body += chunk))
      request.on("end", () => {
        sent.push({ path: request.url ?? "", headers: request.headers, body })
        news.openUnsafe()
        const answer = answers[Math.min(sent.length, answers.length) - 1]
        if (answer === undefined) status(200)(response, sent.length)
        else answer(response, sent.length)
      })
    })
    yield* Effect.acquireRelease(
      Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.callback<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    // an address that was listened on is no pipe's
    const { port } = server.address() as AddressInfo
    /** Waits until so many were sent. */
    const received = (count: number): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (sent.length >= count) return Effect.void
        news.closeUnsafe()
        return Effect.andThen(news.await, received(count))
      })
    return { url: `http://127.0.0.1:${port}/hook/secret-path?token=s3cret`, sent, received }
  })
