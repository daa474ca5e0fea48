/**
 * The field a vendor refuses, out of its words, for vendors that name it nowhere else.
 *
 * @module
 */

export interface ParamRow {
  /** Whose words they are. */
  readonly of: string
  /** Its first group is the field's path. */
  readonly words: RegExp
}

/** The first row that fits counts. */
export const paramRows: ReadonlyArray<ParamRow> = [
  // https://github.com/janhq/jan/issues/8136, https://github.com/Kilo-Org/kilocode/issues/10375
  { of: "Groq and Cerebras", words: /property '([\w.[\]-]+)' is unsupported/i },
  // https://docs.x.ai/docs/guides/reasoning
  { of: "xAI", words: /argument not supported on this model: ([\w.]+)/i },
  // https://platform.openai.com/docs/guides/error-codes
  { of: "OpenAI, of its older models", words: /unrecognized request arguments? supplied: ([\w.]+)/i },
  {
    of: "OpenAI and those who imitate it",
    words: /(?:unsupported|unknown|unexpected) (?:parameter|field|argument):? ['"`]([\w.[\]]+)/i
  },
  // https://docs.fireworks.ai/tools-sdks/openai-compatibility
  { of: "Fireworks", words: /extra inputs are not permitted, field: '([\w.]+)'/i },
  // https://platform.claude.com/docs/en/api/errors
  { of: "Anthropic", words: /^([\w.]+): extra inputs are not permitted/i },
  // https://ai.google.dev/gemini-api/docs/troubleshooting
  { of: "Google", words: /unknown name "(\w+)"/i }
]

/** The path of the field that `message` says is refused. */
export const paramIn = (message: string): string | undefined => {
  for (const { words } of paramRows) {
    const [, found] = words.exec(message) ?? []
    if (found !== undefined) return found
  }
  return undefined
}
