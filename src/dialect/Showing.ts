/**
 * What of an answer its caller could be shown, and how the answer therefore ends.
 *
 * A wire that has no place for a part leaves it out. Where that part is the answer (a picture, a sound, or all there
 * is), an end that says "whole" would make something else of it: an empty answer, or a text that speaks of a picture
 * that is not there. Such an answer ends as one that is not whole. Steps on the way (a search, code that ran) may be
 * left out beside a text that was shown.
 *
 * @module
 */
import type { FinishReason } from "../domain/ChatResponse.ts"
import type { Part } from "../domain/Message.ts"

export interface Showing {
  /** This part was written, or left out. */
  readonly tell: (kind: Part["_tag"], written: boolean) => void
  /** The reason to tell for an answer that ended for `reason`. */
  readonly ending: (reason: FinishReason) => FinishReason
}

/** Of one choice of one answer. */
export const makeShowing = (): Showing => {
  let shown = false
  let left = false
  let leftMedia = false
  return {
    tell: (kind, written) => {
      // a thought is no answer
      if (kind === "Reasoning") return
      if (written) shown = true
      else if (kind === "Image" || kind === "Audio" || kind === "Document") leftMedia = true
      else left = true
    },
    ending: (reason) =>
      (reason === "stop" || reason === "stop_sequence") && (leftMedia || (left && !shown)) ? "other" : reason
  }
}
