/**
 * An exemplar: one prompt as people write them, under the class (the file it stands in) the classifier shall learn
 * from it, and the form it comes in.
 *
 * How to label, in this order; the first rule that fits decides:
 *
 * 1. What is wanted back decides, never the topic. A poem about Python is creative; a Python function that writes
 *    poems is coding; the year Python came out is fast_lookup.
 * 2. **coding**: programs, queries, shell commands, markup, configuration, tests; finding or explaining what a piece of
 *    code does (also "summarise this code"); any explanation of programming, also without code ("how does quicksort
 *    work").
 * 3. **math**: a number, a formula, a proof or an option is to be worked out from what is given: arithmetic, word
 *    problems, algebra, calculus, probability, unit conversion with figures. A column that is merely to be summed is
 *    math; a table out of which something is to be read, compared or concluded is analysis. The meaning of a term
 *    ("what is a derivative") is fast_lookup.
 * 4. **analysis**: something is to be judged, compared, classified, summarised, extracted or explained, from an attached
 *    text, table or list or from knowledge: sentiment, entailment, reading comprehension, argument critique, causes and
 *    effects at length, pros and cons, also of items listed in the question itself. The same question without the
 *    passage it asks about is fast_lookup.
 * 5. **creative**: text that is to be invented or restyled: stories, poems, lyrics, dialogues to be written,
 *    advertisements, slogans, names, ideas, posts, emails and letters to write, rewriting in another style.
 * 6. **fast_lookup**: one short fact or definition: who, when, where, which, how many, what is the name of, "what caused
 *    X" where a sentence answers it.
 * 7. **chat**: a turn in a conversation: greetings, feelings, experiences, opinions and life of the one asked, jokes
 *    with the assistant, roles played for company. Advice asked for comfort's sake ("I feel awful, should I quit") is
 *    chat.
 * 8. **general**: what is left: advice, how-to, planning, recommendations, recipes, itineraries, procedures,
 *    translation.
 *
 * The form says how a prompt is dressed, so that a classifier can be tested on a form it has not been trained on; every
 * class has most of them. A test holds each class to at least eight forms of fifteen exemplars.
 */

/** How a prompt is dressed. */
export const forms = [
  /** One or two whole sentences, spelled and punctuated. */
  "bare",
  /** A few words, a heading or a search query; no sentence. */
  "terse",
  /** Typed in haste: lower case, typing errors, missing punctuation, a foreign speaker's grammar, all capitals. */
  "sloppy",
  /** As one talks: context first, fillers, courtesies, the request at the end. */
  "spoken",
  /** Written English of offices and lecture rooms: precise, impersonal. */
  "formal",
  /** The assistant is given a role, or instructions like those of a system prompt open the text. */
  "persona",
  /** Many sentences, nothing attached. */
  "long",
  /** With a list of demands on the answer: count, length, order, format. */
  "constrained",
  /** With prose attached, before or after the request. */
  "passage",
  /** With rows attached: a table, comma-separated values, records, a list of items. */
  "table",
  /** With code, a log, or formulas in TeX attached or interwoven. */
  "code",
  /** With options to choose from. */
  "choice",
  /** Laid out under labels: "Instruction:", "Input:", "Context:", "Question:", "Answer:". */
  "template",
  /** The last turn of a talk, or a transcript of one. */
  "dialogue",
  /** The words of one class, the wish of another. */
  "boundary"
] as const

export type Form = (typeof forms)[number]

export interface Exemplar {
  readonly form: Form
  readonly text: string
}

/** What the exemplar files are written in: prompts by form; a prompt of several lines is the array of them. */
export type ByForm = { readonly [F in Form]?: ReadonlyArray<string | ReadonlyArray<string>> }

/** The exemplars of one class, in the order of {@link forms}. */
export const exemplars = (byForm: ByForm): ReadonlyArray<Exemplar> =>
  forms.flatMap((form) =>
    (byForm[form] ?? []).map((text) => ({ form, text: typeof text === "string" ? text : text.join("\n") }))
  )
