/**
 * What the person asks for: the last text of a conversation that a human wrote.
 *
 * Tool results, system prompts and what programs inject into a user's message (`injected.ts`) are passed over. A bare
 * assent ("yes, go on") says nothing of its own: the task is that of the last message before it that says something.
 *
 * @module
 */
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { Message } from "../domain/Message.ts"
import { withoutInjected } from "./injected.ts"

export interface HumanText {
  /** Without blanks at its ends; empty where no human wrote anything. */
  readonly text: string
  /** The last message was a bare assent, and this is an earlier one. */
  readonly inherited: boolean
}

/** How long, in characters, what means nothing but "go on" may be. */
const longestAssent = 48

/** Words that agree, and words that may stand beside them; an assent has no others and at least one of the first. */
const agreeing = new Set(
  (
    "yes yeah yep yup ya y sure ok okay okey k kk fine right correct exactly agreed absolutely definitely indeed " +
    "continue proceed go next more again resume carry keep retry do approved confirmed lgtm perfect great good " +
    "alright yess yesss si oui ja"
  ).split(" ")
)
const besides = new Set(
  (
    "please pls plz thanks thank you it that this on ahead with going then now so the a and i think sounds looks good " +
    "great for me let lets s us do try is fine to step one part ones yes ok okay of course much very sir mate man " +
    "again same just all them both up as well go for continue writing reading me"
  ).split(" ")
)
/** Thanks and greetings alone are talk, not assent. */
const standAlone = new Set(["good", "great", "perfect", "fine", "right"])

/** Does `text` only say that whatever was going on may go on? */
export const isAssent = (text: string): boolean => {
  if (text.length === 0 || text.length > longestAssent || text.includes("?")) return false
  const words = text.toLowerCase().match(/[a-z]+|[^\sa-z.,!'’👍✅]/gu)
  if (words === null) return /👍|✅/u.test(text)
  if (words.length > 8) return false
  let agrees = 0
  for (const word of words) {
    if (agreeing.has(word)) agrees += standAlone.has(word) && words.length === 1 ? 0 : 1
    else if (!besides.has(word)) return false
  }
  return agrees > 0
}

/** The text a human wrote in one message, its parts joined by line ends; empty where there is none. */
const humanTextOf = (message: Message): string => {
  if (message.role !== "user") return ""
  let text = ""
  for (const part of message.content) {
    if (part._tag !== "Text") continue
    const own = withoutInjected(part.text).trim()
    if (own !== "") text = text === "" ? own : `${text}\n${own}`
  }
  return text
}

/** The last human text of a conversation. Where every message is an assent, the last of them. */
export const lastHumanText = ({ messages }: Pick<ChatRequest, "messages">): HumanText => {
  let last: string | undefined
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at]
    if (message === undefined) continue
    const text = humanTextOf(message)
    if (text === "") continue
    if (!isAssent(text)) return { text, inherited: last !== undefined }
    last ??= text
  }
  return { text: last ?? "", inherited: false }
}
