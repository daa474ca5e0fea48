/**
 * Other dresses for an exemplar: what strangers do to a text that leaves its task as it was.
 *
 * Lower case without punctuation, a label before and after, a courtesy, an instruction's frame, a passage attached to a
 * bare wish for an analysis. Which ones a text gets is drawn from a seed, so training stays repeatable.
 */
import type { LabelledExemplar } from "../../src/classifier/builtInExemplars.ts"
import { type Labelled, randomOf } from "../../src/classifier/training.ts"

interface Weighted extends Labelled {
  readonly weight: number
}

type Dress = (text: string, random: () => number) => string

const pick = (from: ReadonlyArray<string>, random: () => number): string =>
  from[Math.floor(random() * from.length)] ?? ""

const hasty: Dress = (text) => text.toLowerCase().replace(/[?.!,;'"]+(?=\s|$)/g, "")
const lower: Dress = (text) => text.toLowerCase()
const unasked: Dress = (text) => text.replace(/[?.]\s*$/, "")
const frames: ReadonlyArray<readonly [before: string, after: string]> = [
  ["### Instruction:\n", "\n\n### Response:"],
  [
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### Instruction:\n",
    "\n\n### Response:"
  ],
  ["Instruction: ", ""],
  ["Question: ", "\nAnswer:"],
  ["Q: ", "\nA:"],
  ["User: ", "\nAssistant:"],
  ["Human: ", "\n\nAssistant:"],
  ["Task: ", ""],
  ["You are a helpful assistant.\n\n", ""],
  ["Prompt: ", ""],
  ["", "\n\nAnswer:"],
  ["Input: ", "\nOutput:"]
]
const framed: Dress = (text, random) => {
  const [before, after] = frames[Math.floor(random() * frames.length)] ?? ["", ""]
  return before + text + after
}
const courtesies = [
  "Please ",
  "Can you ",
  "Could you please ",
  "I need you to ",
  "I want you to ",
  "please ",
  "Help me: "
]
const courteous: Dress = (text, random) => pick(courtesies, random) + text.charAt(0).toLowerCase() + text.slice(1)
const greetings = ["Hi, ", "hello, ", "Hey! ", "ok ", "so ", "Quick question: ", "Hi there. "]
const greeted: Dress = (text, random) => pick(greetings, random) + text

/** Sentences of no class in particular, as matter to attach. */
const matter = [
  "The old mill by the canal was closed in 1974 and stood empty for two decades.",
  "Sales in the northern branch rose by 4 percent, while the south reported a small loss.",
  "Mr. Hollis said that the council would decide on the bridge before the end of March.",
  "Researchers followed 212 patients for three years and found no difference between the groups.",
  "Her grandmother had kept bees all her life and knew each hive by its sound.",
  "Critics of the plan argue that it would shift the costs to tenants.",
  "The new ferry is faster than the old one, but it runs only twice a day in winter.",
  "Iron, copper and tin were traded along the river long before the town had walls.",
  "The battery lasts a full day, the screen is bright, and the camera is a disappointment.",
  "Teachers reported that pupils who ate breakfast were more attentive before noon.",
  "The first settlers came in 1631 and built their houses from driftwood.",
  "A spokesman declined to comment on the talks, which are to resume on Thursday."
]
const attached: Dress = (text, random) => {
  const size = 2 + Math.floor(random() * 4)
  const from = Math.floor(random() * matter.length)
  const passage = Array.from({ length: size }, (_, at) => matter[(from + at * 5) % matter.length]).join(" ")
  const at = random()
  return at < 0.4
    ? `${passage}\n\n${text}`
    : at < 0.8
      ? `${text}\n\n${passage}`
      : `Passage: ${passage}\nQuestion: ${text}\nAnswer:`
}

/** Which dresses suit a text, each with the share of texts that get it. */
const dresses = (exemplar: LabelledExemplar): ReadonlyArray<readonly [dress: Dress, share: number]> => {
  const isPlain = exemplar.form !== "template" && exemplar.form !== "dialogue" && exemplar.text.length < 500
  const isShort = exemplar.text.length < 160 && !exemplar.text.includes("\n")
  return [
    [exemplar.label === "coding" || exemplar.label === "math" ? lower : hasty, isShort ? 0.6 : 0.2],
    [unasked, isShort ? 0.3 : 0],
    [framed, isPlain && exemplar.label !== "chat" ? 0.45 : 0],
    [courteous, isPlain && exemplar.label !== "chat" && /^[A-Z][a-z]+ [a-z]/.test(exemplar.text) ? 0.2 : 0],
    [greeted, isShort ? 0.2 : 0],
    [attached, exemplar.label === "analysis" && isShort ? 0.7 : 0]
  ]
}

/** The exemplars with other dresses of theirs; each exemplar's weights add up to 1. */
export const augment = (texts: ReadonlyArray<LabelledExemplar>, seed = 7): ReadonlyArray<Weighted> => {
  const random = randomOf(seed)
  return texts.flatMap((exemplar) => {
    const all = [exemplar.text]
    for (const [dress, share] of dresses(exemplar)) {
      const isChosen = random() < share
      const other = dress(exemplar.text, random)
      if (isChosen && !all.includes(other)) all.push(other)
    }
    return all.map((text, at) => ({
      text,
      label: exemplar.label,
      weight: all.length === 1 ? 1 : at === 0 ? 0.5 : 0.5 / (all.length - 1)
    }))
  })
}
