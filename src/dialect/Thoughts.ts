/**
 * Thoughts in streams.
 *
 * @module
 */
import type { ChatEvent } from "../domain/ChatEvent.ts"
import type { DialectId } from "../domain/Ids.ts"
import type { ReasoningPart } from "../domain/Message.ts"

/** A thought as one event; of a frame of the wire `own`, where it has one. */
export const thoughtDelta = (
  { origin, redacted, signature, text }: Omit<ReasoningPart, "_tag">,
  choice: number,
  own?: DialectId
): ChatEvent => ({
  _tag: "ReasoningDelta",
  choice,
  text,
  ...(signature === undefined ? {} : { signature }),
  ...(redacted === undefined ? {} : { redacted }),
  ...(origin === undefined || origin === own ? {} : { origin })
})
