/**
 * Where a cell of the client matrix cannot hold an answer, and what its caller is told instead: the one table, read by
 * the tests and by `npm run matrix`. Every other cell holds an answer, but for those of
 * clients whose key or base URL is wrong.
 */
import type { Cell, Kind } from "./cells.ts"
import type { WireName } from "./wires.ts"

export interface Refusal {
  readonly kind: Kind
  /** Absent: on every wire. */
  readonly wire?: WireName
  /** Absent: every client. */
  readonly client?: string
  readonly status: number
  /** What the message says. */
  readonly says: RegExp
  readonly why: string
}

export const refusals: ReadonlyArray<Refusal> = [
  { kind: "stranger", status: 401, says: /key/i, why: "the gateway has client keys, and this is none of them" },
  { kind: "astray", status: 404, says: /is served: see the base URL/, why: "the path is none, but it is near to one" },
  { kind: "vectors", wire: "anthropic", status: 400, says: /embed/i, why: "Anthropic has no embeddings" }
]

/** What the cell's caller is told instead of an answer; `undefined` where it gets one. */
export const refusalOf = ({ client, feature, wire }: Cell): Refusal | undefined =>
  refusals.find(
    (row) =>
      row.kind === feature.kind &&
      (row.wire === undefined || row.wire === wire) &&
      (row.client === undefined || row.client === client.name)
  )
