/**
 * All exemplars the classifier comes with, and the classes it is trained to tell apart: the six, and `general` for what
 * is none of them.
 *
 * Loaded only to train (at build time, for classes of the operator's, or for a remote embedder): who classifies with
 * the stored centroids alone need not import it.
 *
 * @module
 */
import { taskClasses } from "../domain/Task.ts"
import { analysis } from "./exemplars/analysis.ts"
import { chat } from "./exemplars/chat.ts"
import { coding } from "./exemplars/coding.ts"
import { creative } from "./exemplars/creative.ts"
import type { Exemplar, Form } from "./exemplars/Exemplar.ts"
import { fastLookup } from "./exemplars/fast_lookup.ts"
import { general } from "./exemplars/general.ts"
import { math } from "./exemplars/math.ts"

/** In the order of a centroid's columns. */
export const trainedClasses = [...taskClasses, "general"] as const

export interface LabelledExemplar {
  readonly text: string
  readonly label: (typeof trainedClasses)[number]
  readonly form: Form
}

const byClass: { readonly [K in (typeof trainedClasses)[number]]: ReadonlyArray<Exemplar> } = {
  coding,
  creative,
  analysis,
  chat,
  math,
  fast_lookup: fastLookup,
  general
}

export const builtInExemplars: ReadonlyArray<LabelledExemplar> = trainedClasses.flatMap((label) =>
  byClass[label].map(({ form, text }) => ({ text, label, form }))
)
