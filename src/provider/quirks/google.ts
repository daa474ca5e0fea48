/**
 * Those of Gemini's two endpoints.
 *
 * @module
 */
import type { QuirkRow } from "./QuirkRow.ts"

export const fromGoogle: ReadonlyArray<QuirkRow> = [
  {
    name: "the Gemini API does not know fields of Google Cloud's",
    source: "https://github.com/googleapis/js-genai/blob/main/src/converters/_models_converters.ts",
    kinds: ["google"],
    quirks: { refuses: ["labels", "audioTimestamp", "routingConfig", "modelSelectionConfig"] }
  },
  {
    name: "Google Cloud does not know fields of the Gemini API's",
    source: "https://github.com/googleapis/js-genai/blob/main/src/converters/_models_converters.ts",
    kinds: ["vertex"],
    quirks: { refuses: ["store", "enableEnhancedCivicAnswers"] }
  }
]
