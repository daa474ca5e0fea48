/**
 * The least that any gateway in Node must do, as a yardstick: parse the request's JSON, send it through one undici
 * Agent, parse the answer and encode it again; of a stream, every event. No routing, no limits, no log, no checks.
 *
 * `node scripts/bench/bare-proxy.ts --port 4201 --upstream http://127.0.0.1:4200`
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { StringDecoder } from "node:string_decoder"
import { parseArgs } from "node:util"
import { Agent, request as send } from "undici"

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "4201" },
    upstream: { type: "string", default: "http://127.0.0.1:4200" }
  }
})
const agent = new Agent()

const readText = async (from: AsyncIterable<Buffer>): Promise<string> => {
  const read: Array<Buffer> = []
  for await (const piece of from) read.push(piece)
  return Buffer.concat(read).toString()
}

/** One line of a stream, its JSON parsed and encoded anew. */
const recode = (line: string): string =>
  line.startsWith("data: {") ? `data: ${JSON.stringify(JSON.parse(line.slice(6)))}` : line

const relay = (body: NodeJS.ReadableStream, to: ServerResponse): void => {
  const decoder = new StringDecoder("utf8")
  let rest = ""
  body.on("data", (piece: Buffer) => {
    const lines = (rest + decoder.write(piece)).split("\n")
    rest = lines.pop() ?? ""
    let out = ""
    for (const line of lines) out += recode(line) + "\n"
    if (out !== "") to.write(out)
  })
  body.on("end", () => to.end(rest))
  body.on("error", (error) => to.destroy(error))
  to.on("close", () => {
    if (!to.writableFinished && "destroy" in body && typeof body.destroy === "function") body.destroy()
  })
}

const handle = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
  const asked: unknown = JSON.parse(await readText(from))
  const answered = await send(values.upstream + (from.url ?? ""), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: from.headers.authorization ?? "" },
    body: JSON.stringify(asked),
    dispatcher: agent
  })
  const type = String(answered.headers["content-type"] ?? "application/json")
  if (type.startsWith("text/event-stream")) {
    to.writeHead(answered.statusCode, { "content-type": type })
    relay(answered.body, to)
    return
  }
  const text = JSON.stringify(await answered.body.json())
  to.writeHead(answered.statusCode, { "content-type": type, "content-length": Buffer.byteLength(text) }).end(text)
}

const server = createServer({ noDelay: true }, (from, to) => {
  handle(from, to).catch((error: unknown) => {
    if (to.headersSent) to.destroy()
    else to.writeHead(502).end(String(error))
  })
})
server.listen({ port: Number(values.port), host: "127.0.0.1", backlog: 4096 })
process.on("disconnect", () => process.exit(0))
