/**
 * What differs between vendors that are reached over HTTP, as data.
 *
 * @module
 */
import type { Array as Arr, Effect } from "effect"
import type { OutboundDialect, Quirks } from "../dialect/Dialect.ts"
import type { EmbeddingsOutbound, EmbeddingsQuirks } from "../dialect/embeddings/Wire.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { Json } from "../domain/Json.ts"
import type { Reason } from "../domain/ProviderError.ts"
import type { CountingRow } from "./counting.ts"
import type { Endpoint } from "./Exchange.ts"
import type { ErrorTable } from "./errors/ErrorRow.ts"

/** Where a request goes and under which headers (names in lower case), credentials included. */
export interface Prepared {
  readonly endpoint: Endpoint
  readonly headers: Readonly<Record<string, string>>
}

/** One key's way to the vendor. */
export interface Lane {
  /** The fingerprint of the key; absent for a server that wants none. */
  readonly credential: string | undefined
  /**
   * For a model as the wire names it. Fails with why the vendor's SDK will not have it, or with the reason why there are
   * no credentials for it now.
   */
  readonly prepare: (wireModel: string, delivery: ChatRequest["delivery"]) => Effect.Effect<Prepared, string | Reason>
}

/** How a vendor embeds. */
export interface VendorEmbeddings {
  readonly dialect: EmbeddingsOutbound
  /** One a key, in the order of the vendor's lanes. */
  readonly lanes: Vendor["lanes"]
  readonly quirks: EmbeddingsQuirks
}

/** A second wire for chat, for what only it can say. */
export interface VendorChat {
  readonly dialect: OutboundDialect
  /** One a key, in the order of the vendor's lanes. */
  readonly lanes: Vendor["lanes"]
  /** Does this request go over it? */
  readonly takes: (request: ChatRequest) => boolean
}

/** How a vendor counts the tokens of a prompt. */
export interface VendorCounting {
  /** The wire in which it is asked, which need not be the one that a chat would go over. */
  readonly dialect: OutboundDialect
  /** One a key, in the order of the vendor's lanes. */
  readonly lanes: Vendor["lanes"]
  readonly row: CountingRow
}

export interface Vendor {
  /** The provider's id in the config. */
  readonly id: string
  readonly dialect: OutboundDialect
  readonly errors: ErrorTable
  readonly lanes: Arr.NonEmptyReadonlyArray<Lane>
  /** The keys, and credentials among the config's headers: no message may show them. */
  readonly secrets: ReadonlyArray<string>
  /** The name the wire carries (Azure: the deployment). */
  readonly wireModel: (model: string) => string
  readonly quirks: (request: ChatRequest) => Quirks
  readonly maxOutputTokens: (model: string) => number | undefined
  /** Symbolic words of an error as the vendor's SDK types them; they stand before those the body is read for. */
  readonly typed: (status: number, body: Json) => ReadonlyArray<string>
  /** Absent: `dialect` is its only wire for chat. */
  readonly second?: VendorChat
  /** Absent: it does not embed. */
  readonly embeddings?: VendorEmbeddings
  /** Absent: it does not count. */
  readonly counting?: VendorCounting
}
