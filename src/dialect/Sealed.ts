/**
 * Signatures of one vendor on the wire of another: a caller carries them home in what its SDK sends back anyway.
 *
 * What only its maker can read (the signature of a thought, a redacted thought, the signature of a call) is put into an
 * envelope that names the maker's dialect and the kind, and stands where the caller's wire has its own signatures:
 * `switchyard.<dialect>.<kind>.<sum>.<secret>`. The sum shows that nothing was lost on the way. Who sends an envelope
 * back gets it opened: the secret goes to the vendor that made it, and to nobody else. An envelope that does not fit its
 * sum is worth nothing and is passed over; none is ever sent to a vendor.
 *
 * The sum guards against accidents, not against forgers: what is inside is checked by its own vendor.
 *
 * A wire that tells all thoughts of a turn apart from what was said has the place of each in its envelope, since a vendor
 * takes its thoughts back in their order among the rest alone: `…<kind><text>-<calls>.<sum>…`, how many UTF-16 units of
 * text and how many calls stood before it.
 *
 * Gotcha: of the vendors only Gemini signs calls. On wires whose calls have no place for a signature it is told as the
 * thought before the call, marked as the call's (`ofCall`).
 *
 * @module
 */
import { SchemaParser } from "effect"
import { DialectId, type Extensions } from "../domain/Ids.ts"
import type { Json } from "../domain/Json.ts"
import type { Part, ReasoningPart, ToolCallPart } from "../domain/Message.ts"
import { fittedId } from "./FittedId.ts"

type Secret = Pick<ReasoningPart, "signature" | "redacted" | "origin" | "extensions">

/** `s`: of a thought, `r`: a redacted thought, `c`: of the call that follows. */
type Kind = "s" | "r" | "c"

const head = "switchyard."
const envelope = /^switchyard\.([a-z-]+)\.([src])((\d{1,9})-(\d{1,9}))?\.([0-9A-Za-z]+)\.(.+)$/s
const isDialect = SchemaParser.is(DialectId)
const never = /(?!)/

const sumOf = (origin: string, kind: string, secret: string): string => fittedId(`${origin}.${kind}.${secret}`, never)

/** Is this something that `seal` made, whole or not? */
export const isSealed = (text: Json | undefined): text is string => typeof text === "string" && text.startsWith(head)

/** Where in a turn a thought stood. */
export interface Place {
  /** UTF-16 units of the turn's text before it. */
  readonly text: number
  /** Calls before it. */
  readonly calls: number
}

const atStart: Place = { text: 0, calls: 0 }
const placed = ({ calls, text }: Place): string => (text === 0 && calls === 0 ? "" : `${text}-${calls}`)

/** The envelope of what is secret in a thought; `undefined` where nothing is, or nobody knows whose. */
export const seal = (part: Secret, place: Place = atStart): string | undefined => {
  const { origin, redacted, signature } = part
  const secret = signature ?? redacted
  if (secret === undefined || secret === "" || origin === undefined) return undefined
  const kind: Kind = signature === undefined ? "r" : isOfCall(part) ? "c" : "s"
  const at = placed(place)
  return `${head}${origin}.${kind}${at}.${sumOf(origin, `${kind}${at}`, secret)}.${secret}`
}

/** What is in an envelope; `undefined` where it is none, or is not whole. */
export const unseal = (text: string): Secret | undefined => {
  const [, origin, kind, at = "", , , sum, secret] = envelope.exec(text) ?? []
  if (!isDialect(origin) || kind === undefined || secret === undefined) return undefined
  if (sum !== sumOf(origin, `${kind}${at}`, secret)) return undefined
  if (kind === "r") return { redacted: secret, origin }
  return { signature: secret, origin, ...(kind === "c" ? { extensions: ofCall } : {}) }
}

/** Where the thought in an envelope stood. */
export const placeIn = (text: string): Place => {
  const [, , , , before = "0", calls = "0"] = envelope.exec(text) ?? []
  return { text: Number(before), calls: Number(calls) }
}

// ---- signed calls

const ofCall: Extensions = { gemini: { ofCall: true } }

/** Does the signature of this thought belong to the call that follows it? */
export const isOfCall = ({ extensions }: Pick<ReasoningPart, "extensions">): boolean =>
  extensions?.["gemini"]?.["ofCall"] === true

/** The signature that a call bears, as a thought without words before it. */
export const thoughtOfCall = ({ extensions }: Pick<ToolCallPart, "extensions">): ReasoningPart | undefined => {
  const signature = extensions?.["gemini"]?.["thoughtSignature"]
  return typeof signature === "string" && signature !== ""
    ? { _tag: "Reasoning", text: "", signature, origin: "gemini", extensions: ofCall }
    : undefined
}

/** The parts of an answer, with the signatures of calls told as thoughts: within the thought right before, or as one. */
export const withThoughtsOfCalls = (parts: ReadonlyArray<Part>): ReadonlyArray<Part> => {
  if (!parts.some((part) => part._tag === "ToolCall" && part.extensions?.["gemini"] !== undefined)) return parts
  const out: Array<Part> = []
  for (const part of parts) {
    const thought = part._tag === "ToolCall" ? thoughtOfCall(part) : undefined
    const before = out.at(-1)
    if (thought !== undefined && before?._tag === "Reasoning" && isOpen(before))
      out[out.length - 1] = { ...thought, text: before.text }
    else if (thought !== undefined) out.push(thought)
    out.push(part)
  }
  return out
}

/** A thought of Gemini's that nothing has signed yet. */
const isOpen = ({ extensions, origin, redacted, signature }: ReasoningPart): boolean =>
  origin === "gemini" && signature === undefined && redacted === undefined && extensions === undefined
