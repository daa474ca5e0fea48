/**
 * How many tokens an attachment has, by rules of thumb: what is expected of it before anybody counts.
 *
 * | what | tokens | by |
 * | --- | --- | --- |
 * | image | 1,000 | 1024 × 1024 is 765 at OpenAI, 1,398 at Anthropic, 1,032 at Google (four tiles of 258) |
 * | image of low detail | 85 | OpenAI |
 * | sound | 32 a second | Google; OpenAI counts 10 |
 * | packed document | a token for 16 characters of Base64 | some thousand a page that holds a scan, hundreds where it is text |
 *
 * The seconds of a WAV file stand in its header; other formats are taken for 128 kbit/s. Each model's own count corrects
 * what these are off by.
 *
 * @module
 */
import type { MediaSource, Part } from "../domain/Message.ts"

const charactersPerToken = 4
const imageTokens = 1000
const lowDetailTokens = 85
/** Of what is only named: a file's id, a URL. */
const namedTokens = 3000
const tokensPerSecond = 32
/** 128 kbit/s. */
const usualBytesPerSecond = 16_000
const charactersPerPackedToken = 16

const bytesIn = (base64: string): number => (base64.length * 3) / 4

/**
 * The bytes of a second of sound. A WAV file tells its own at byte 28 of its header (RIFF, in its canonical order), as 32
 * bits with the lowest first; one that tells nonsense is taken for an ordinary one.
 */
const bytesPerSecond = ({ data, mediaType }: Extract<MediaSource, { readonly _tag: "Base64" }>): number => {
  if (!/wave?$/.test(mediaType)) return usualBytesPerSecond
  const header = Buffer.from(data.slice(0, 44), "base64")
  if (header.length < 32 || header.toString("latin1", 0, 4) !== "RIFF") return usualBytesPerSecond
  // 8 bits at 4 kHz is the least that is sound, eight channels of 32 bits at 192 kHz the most
  const told = header.readUInt32LE(28)
  return told >= 4_000 && told <= 6_144_000 ? told : usualBytesPerSecond
}

/** In tokens, not rounded. */
export const roughMedia = (part: Extract<Part, { readonly _tag: "Image" | "Audio" | "Document" }>): number => {
  const { source } = part
  if (part._tag === "Image") return part.detail === "low" ? lowDetailTokens : imageTokens
  if (source._tag === "PlainText") return source.text.length / charactersPerToken
  if (source._tag !== "Base64") return namedTokens
  if (part._tag === "Audio") return (bytesIn(source.data) / bytesPerSecond(source)) * tokensPerSecond
  return source.mediaType.startsWith("text/")
    ? bytesIn(source.data) / charactersPerToken
    : source.data.length / charactersPerPackedToken
}
