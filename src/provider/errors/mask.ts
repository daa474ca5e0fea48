/**
 * A vendor's words made fit to be shown: no keys, no pages, not too long.
 *
 * Vendors echo the key they refuse, whole (Google) or in part (OpenAI, xAI, DeepSeek). The provider's own keys are
 * replaced wherever they stand; beyond that, anything that looks like a key.
 *
 * @module
 */

const hidden = "[key]"
/** In UTF-16 code units. */
const limit = 500

const keyLike: ReadonlyArray<RegExp> = [
  // partly starred echoes: sk-proj-****abcd, na***ys
  /[\w-]*\*{2,}[\w*-]*/g,
  // vendors' prefixes
  /\b(?:sk|pk|rk|gsk|xai|csk|fw|tgp|pplx|hf|nvapi|key)[-_][\w-]{8,}/gi,
  /\b(?:AIza|AQ\.|ya29\.)[\w.-]{10,}/g,
  /\bBearer\s+[^\s"',]+/gi,
  // a JSON web token
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  // anything long without a break that mixes digits and letters
  /\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32,}\b/g
]

/** `text` with every one of `secrets`, and everything that looks like a key, replaced; white space joined; cut. */
export const presentable = (text: string, secrets: ReadonlyArray<string>): string => {
  // what lies far beyond the cut need not be searched
  let shown = text.length > 4 * limit ? text.slice(0, 4 * limit) : text
  for (const secret of secrets) if (secret !== "") shown = shown.replaceAll(secret, hidden)
  for (const pattern of keyLike) shown = shown.replace(pattern, hidden)
  shown = shown.replace(/\s+/g, " ").trim()
  return shown.length > limit ? `${shown.slice(0, limit - 1)}…` : shown
}
