/**
 * What a cell of the client matrix is: one feature of one unmodified client, asked of one vendor's wire.
 *
 * A feature drives its client as a program would and says what the client gave; what that has to be is in `judge.ts`,
 * the same for all clients.
 */
import { targetOf, type WireName, wireNames, wires } from "./wires.ts"

/** What a feature asks for, and so what must come of it. */
export type Kind =
  /** One answer in words. */
  | "words"
  /** Two questions, the second with the first answer before it. */
  | "chat"
  /** Two tools called side by side, their results given back, and an answer in words. */
  | "tools"
  /** A value that fits a schema. */
  | "value"
  /** The vectors of two texts. */
  | "vectors"
  /** How many tokens a prompt has, by its vendor's own count. */
  | "count"
  /** A call that is refused at the door: the key is wrong. */
  | "stranger"
  /** A call that goes to a path that is none: the base URL is wrong. */
  | "astray"

/** How a client is to reach the gateway, and whom it asks for. */
export interface Reach {
  /** What the client takes as its base URL. */
  readonly base: string
  readonly key: string
  readonly model: string
  readonly embedder: string
}

export interface Tokens {
  readonly input: number | undefined
  readonly output: number | undefined
}

export interface ToolCall {
  readonly name: string
  readonly input: unknown
}

/** What the client gave. What a client has no words for is left out. */
export interface Seen {
  /** The last answer's text as the client puts it together. */
  readonly text?: string
  /** The same as it came, piece by piece. */
  readonly pieces?: ReadonlyArray<string>
  /** What the client made of an answer that fits a schema. */
  readonly value?: unknown
  /** What the tools were called with. */
  readonly calls?: ReadonlyArray<ToolCall>
  /** Why each of the last answers ended, in the client's words. */
  readonly ends?: ReadonlyArray<string | null | undefined>
  /** The usage of each of the last answers. */
  readonly usages?: ReadonlyArray<Tokens>
  /** The usage of all answers together. */
  readonly total?: Tokens
  readonly vectors?: ReadonlyArray<ReadonlyArray<number>>
  readonly count?: number | undefined
}

export interface Feature {
  readonly name: string
  readonly kind: Kind
  readonly run: (reach: Reach) => Promise<Seen>
}

/** An error as the client has it. */
export interface Failure {
  /** Is it of the class that the client's programs catch? */
  readonly isOwn: boolean
  readonly status: number | undefined
  readonly message: string
}

export interface Client {
  readonly name: string
  readonly package: string
  /** Does it speak OpenAI's Responses? */
  readonly speaksResponses: boolean
  /** What is put after the gateway's address; the first is the one of the documentation. */
  readonly bases: readonly [string, ...ReadonlyArray<string>]
  /** One that is easily taken for right. */
  readonly wrongBase: string
  /** The words for an answer's end: it was done, or it called tools. */
  readonly ends: { readonly stop: string; readonly tools: string }
  readonly failure: (caught: unknown) => Failure
  /** The first one asks for words. */
  readonly features: readonly [Feature, ...ReadonlyArray<Feature>]
}

export interface Cell {
  readonly client: Client
  readonly feature: Feature
  readonly wire: WireName
  readonly base: string
  /** Is the model named without its provider? Some clients know models by their bare names and ask otherwise then. */
  readonly isBare: boolean
}

type Draft = Omit<Cell, "client" | "wire">

/**
 * What every client does besides: it asks for a bare name, takes the base URL in other forms, and is told when its key
 * or its base URL is wrong.
 */
const connecting = ({ bases, features, wrongBase }: Client): ReadonlyArray<Draft> => {
  const [base, ...others] = bases
  const { run } = features[0]
  const words = (name: string): Feature => ({ name, kind: "words", run })
  return [
    { base, isBare: true, feature: words("a model's bare name") },
    ...others.map((other) => ({ base: other, isBare: false, feature: words(`base URL ending in ${other}`) })),
    {
      base,
      isBare: false,
      feature: { name: "a wrong key", kind: "stranger", run: (reach) => run({ ...reach, key: "wrong" }) }
    },
    { base: wrongBase, isBare: false, feature: { name: "a wrong base URL", kind: "astray", run } }
  ]
}

const exists = ({ feature: { kind }, isBare }: Draft, wire: WireName, { speaksResponses }: Client): boolean =>
  (kind !== "vectors" || wires[wire].embedder !== undefined) &&
  // a bare name with a slash would be taken for a provider's
  !(isBare && targetOf(wire, speaksResponses).model.includes("/"))

/** The cells of one client on one wire. */
export const cellsOf = (client: Client, wire: WireName): ReadonlyArray<Cell> =>
  [
    ...client.features.map((feature): Draft => ({ base: client.bases[0], isBare: false, feature })),
    ...connecting(client)
  ]
    .filter((draft) => exists(draft, wire, client))
    .map((cell) => ({ ...cell, client, wire }))

/** Cells that share a gateway. */
export interface Group {
  readonly client: Client
  readonly wire: WireName
  readonly cells: ReadonlyArray<Cell>
}

export const groupsOf = (clients: ReadonlyArray<Client>): ReadonlyArray<Group> =>
  clients.flatMap((client) => wireNames.map((wire) => ({ client, wire, cells: cellsOf(client, wire) })))
