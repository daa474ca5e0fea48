/**
 * A provider of language models: one account at one vendor, ready to be asked.
 *
 * Every vendor's Layer yields this tag; the registry builds one a configured provider. A provider makes one call and
 * reports truthfully what came of it: no retries, no fallbacks, no time limits of its own (those are the walk's). Where
 * an account has several keys and the vendor turns one away, the call goes on with the next.
 *
 * @module
 */
import { Context, type Effect, type Stream } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ChatResponse } from "../domain/ChatResponse.ts"
import type { Frame } from "../domain/ChatEvent.ts"
import type { EmbeddingRequest, EmbeddingResponse } from "../domain/Embedding.ts"
import type { ProviderError, Reason } from "../domain/ProviderError.ts"
import type { TokenCount } from "../domain/TokenCount.ts"
import type { Usage } from "../domain/Usage.ts"

export class LLMProvider extends Context.Service<
  LLMProvider,
  {
    /** The id of the config (`openai`, `groq`, `local`). */
    readonly id: string
    /** One call for a whole answer; `request.model` is the vendor's own name. Interruption closes the socket. */
    readonly complete: (request: ChatRequest) => Effect.Effect<ChatResponse, ProviderError>
    /**
     * One call for a stream. It opens when first pulled; closing its scope closes the socket at once, even while a read
     * is pending. It ends normally only after a frame with `Ended`; a stream without its end fails.
     */
    readonly stream: (request: ChatRequest) => Stream.Stream<Frame, ProviderError>
    /**
     * One vector an input, in their order; absent where the provider does not embed. A batch larger than the vendor
     * takes is split into several calls, of which one that fails fails all.
     */
    readonly embed?: (request: EmbeddingRequest) => Effect.Effect<EmbeddingResponse, ProviderError>
    /**
     * How many tokens the prompt of a request has, by the vendor's own tokenizer; absent where the vendor does not count.
     * It costs nothing, and what comes of it says nothing of whether the vendor would answer: nobody is told of it.
     */
    readonly count?: (request: ChatRequest) => Effect.Effect<TokenCount, ProviderError>
    /**
     * What of a chat cannot be told to the vendor, so that a call with it fails before anything is sent; `undefined` where
     * there is no such thing, absent where the provider takes whatever it is given. A strict caller has nothing dropped.
     */
    readonly unsayable?: (
      request: ChatRequest,
      isStrict: boolean
    ) => Extract<Reason, { readonly _tag: "UnsupportedFeature" }> | undefined
    /**
     * Succeeds when `model` has completed one token (listing models proves nothing), or embedded a word. With
     * `credential`, one of `credentials`, it is made with that one only, whatever the watch says of it. A check over HTTP
     * fails when nothing has come within a minute: it is made by none of the walks that would limit it. Gives what the
     * vendor says that it has used.
     */
    readonly check: (model: string, credential?: string) => Effect.Effect<Usage | undefined, ProviderError>
    /** The fingerprints of the account's credentials; empty where none is needed. */
    readonly credentials: ReadonlyArray<string>
  }
>()("switchyard/provider/LLMProvider") {}
