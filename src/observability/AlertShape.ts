/**
 * An alert as a webhook is sent it.
 *
 * `json` is an object of our own; `slack` is what incoming webhooks of Slack take (and Mattermost, Rocket.Chat and
 * Discord's `/slack` addresses). https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 *
 * @module
 */
import type { Alert, AlertFields, AlertFormat } from "../domain/Alert.ts"
import type { JsonObject } from "../domain/Json.ts"

/** A text of which parts come from a config or a vendor's list of models: on one line, and of a length that is read. */
const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").slice(0, 500)

/**
 * As plain words, to Slack and to those who take its shape and read Markdown: Slack has three characters for itself, and
 * what stands in names must call nobody (`@everyone`) and lead nowhere. A mark without width breaks that, and is not seen.
 */
const plain = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("`", "'")
    .replace(/@|\](?=\()|:(?=\/\/)/g, "$&\u200b")

const cleaned = (fields: AlertFields): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? onOneLine(value) : value])
  )

/** The body of the POST. `level`: which of the listener's levels was passed. */
export const alertBody = (
  format: AlertFormat,
  { at, fields, kind, message, subject }: Alert,
  level: number | undefined
): JsonObject => {
  const sentence = onOneLine(message)
  if (format === "slack")
    return {
      text: `Switchyard (${kind}): ${plain(sentence)}`,
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false
    }
  return {
    source: "switchyard",
    kind,
    at: new Date(at).toISOString(),
    subject: onOneLine(subject),
    message: sentence,
    ...(level === undefined ? {} : { level }),
    fields: cleaned(fields)
  }
}
