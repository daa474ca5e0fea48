/**
 * Images, sounds and files of the Chat Completions wire: `data:` URLs and formats against the domain's media sources.
 *
 * @module
 */
import { Result } from "effect"
import type { JsonObject } from "../../domain/Json.ts"
import type { MediaSource } from "../../domain/Message.ts"
import type { EncodeFault } from "../Dialect.ts"
import { storedElsewhere } from "../Misfits.ts"

const dataUrl = /^data:([^;,]*)(?:;[^;,]*)*;base64,/

/** A `data:` URL in base64 becomes its bytes; anything else stays a URL. */
export const sourceOfUrl = (url: string): MediaSource => {
  // looking at the first characters keeps the expression off megabytes that are not for it
  const head = url.startsWith("data:") ? dataUrl.exec(url.slice(0, 256)) : null
  return head === null
    ? { _tag: "Url", url }
    : { _tag: "Base64", mediaType: head[1] === "" ? "text/plain" : (head[1] ?? ""), data: url.slice(head[0].length) }
}

export const urlOfBase64 = (source: { readonly mediaType: string; readonly data: string }): string =>
  `data:${source.mediaType};base64,${source.data}`

/** The wire's names of sound formats that are not simply the subtype of their media type. */
const soundTypes: ReadonlyArray<readonly [format: string, mediaType: string]> = [
  ["mp3", "audio/mpeg"],
  ["mp3", "audio/mp3"],
  ["wav", "audio/wav"],
  ["wav", "audio/x-wav"],
  ["wav", "audio/wave"],
  ["m4a", "audio/mp4"]
]

export const mediaTypeOfFormat = (format: string): string =>
  soundTypes.find(([name]) => name === format)?.[1] ?? `audio/${format}`

export const formatOfMediaType = (mediaType: string): string =>
  soundTypes.find(([, type]) => type === mediaType)?.[0] ?? mediaType.replace(/^audio\//, "")

/** A sound in a prompt, as both of OpenAI's wires spell it. */
export const soundBlock = (source: MediaSource): Result.Result<JsonObject, EncodeFault> =>
  source._tag === "Base64"
    ? Result.succeed({
        type: "input_audio",
        input_audio: { data: source.data, format: formatOfMediaType(source.mediaType) }
      })
    : Result.fail(storedElsewhere(source._tag === "FileId" ? "uploaded files" : "audio"))

/** A name for a file that came without one: the wire wants one beside the bytes. */
export const fileNameFor = (mediaType: string): string =>
  `document.${mediaType.replace(/^.*\//, "").replace(/^plain$/, "txt")}`
