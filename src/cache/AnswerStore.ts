/**
 * The store of answers as a service.
 *
 * @module
 */
import { Context, Layer } from "effect"
import { makeMemoryAnswerStore } from "./MemoryAnswerStore.ts"
import type { AnswerStoreBounds, AnswerStoreShape } from "./StoreContract.ts"

export class AnswerStore extends Context.Service<AnswerStore, AnswerStoreShape>()("switchyard/cache/AnswerStore") {
  /** In memory; it ends with the process. `bounds` gives those in force. */
  static readonly layerMemory = (bounds: () => AnswerStoreBounds): Layer.Layer<AnswerStore> =>
    Layer.sync(AnswerStore, () => makeMemoryAnswerStore(bounds))
}
