/**
 * A whole answer told as a stream, for a vendor that was asked for a stream and gave its answer in one piece.
 *
 * @module
 */
import type { Array as Arr } from "effect"
import { thoughtDelta } from "../dialect/Thoughts.ts"
import type { ChatEvent, Frame } from "../domain/ChatEvent.ts"
import type { ChatResponse, Choice } from "../domain/ChatResponse.ts"
import { citedPieces } from "../domain/Citation.ts"
import { logprobsIn } from "../domain/Logprobs.ts"
import type { ToolCallPart } from "../domain/Message.ts"

const eventsOf = (choice: Choice): ReadonlyArray<ChatEvent> => {
  const at = choice.index
  const events: Array<ChatEvent> = []
  const logprobs = logprobsIn(choice.logprobs)
  if (logprobs !== undefined) events.push({ _tag: "LogprobsReported", choice: at, logprobs })
  const texts =
    choice.citations === undefined
      ? undefined
      : citedPieces(
          choice.content.flatMap((part) => (part._tag === "Text" ? [part.text] : [])),
          choice.citations
        )[Symbol.iterator]()
  let calls = 0
  for (const part of choice.content) {
    switch (part._tag) {
      case "Text":
        if (texts === undefined) events.push({ _tag: "TextDelta", choice: at, text: part.text })
        else
          for (const { citations, text } of texts.next().value ?? []) {
            events.push({ _tag: "TextDelta", choice: at, text })
            for (const citation of citations) events.push({ _tag: "CitationAdded", choice: at, citation })
          }
        break
      case "Refusal":
        events.push({ _tag: "RefusalDelta", choice: at, text: part.text })
        break
      case "Reasoning":
        events.push(thoughtDelta(part, at))
        break
      case "ToolCall": {
        const index = calls++
        events.push({ _tag: "ToolCallStarted", choice: at, index, id: part.id, name: part.name, ...labels(part) })
        events.push({ _tag: "ToolCallDelta", choice: at, index, arguments: part.arguments })
        break
      }
      case "Opaque":
        events.push({ _tag: "OpaqueBlock", choice: at, part })
        break
      case "Image":
      case "Audio":
      case "Document":
        events.push({ _tag: "MediaBlock", choice: at, part })
        break
      case "ToolResult":
        // only a prompt has results
        break
    }
  }
  return events
}

const labels = ({ extensions }: ToolCallPart) => (extensions === undefined ? {} : { extensions })

/** The frames of a stream that says what `response` says, its end included. They carry no wire. */
export const wholeAsFrames = (response: ChatResponse): Arr.NonEmptyReadonlyArray<Frame> => {
  const frame = (event: ChatEvent): Frame => ({ events: [event], wire: undefined })
  const frames: [Frame, ...Array<Frame>] = [
    frame({
      _tag: "Started",
      id: response.id,
      model: response.model,
      ...(response.created === undefined ? {} : { created: response.created })
    })
  ]
  for (const choice of response.choices) {
    for (const event of eventsOf(choice)) frames.push(frame(event))
    frames.push(
      frame({
        _tag: "Finished",
        choice: choice.index,
        reason: choice.finishReason,
        ...(choice.stopSequence === undefined ? {} : { stopSequence: choice.stopSequence })
      })
    )
  }
  if (response.usage !== undefined) frames.push(frame({ _tag: "UsageReported", usage: response.usage }))
  frames.push(frame({ _tag: "Ended" }))
  return frames
}
