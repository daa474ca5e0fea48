/**
 * Other dresses for an exemplar: what strangers do to a text that leaves its task as it was.
 *
 * Lower case without punctuation, a label before and after, a courtesy, an instruction's frame, a passage attached to a
 * bare wish for an analysis. Which ones a text gets is drawn from a seed, so training stays repeatable.
 */
import type { LabelledExemplar } from "../../src/classifier/builtInExemplars.ts"
import { type Labelled, randomOf } from "../../src/classifier/training.ts"
import { laidOut } from "./laidOut.ts"

interface Weighted extends Labelled {
  readonly weight: number
}

type Dress = (text: string, random: () => number) => string

const pick = (from: ReadonlyArray<string>, random: () => number): string =>
  from[Math.floor(random() * from.length)] ?? ""

const hasty: Dress = (text) => text.toLowerCase().replace(/[?.!,;'"]+(?=\s|$)/g, "")
const lower: Dress = (text) => text.toLowerCase()
const unasked: Dress = (text) => text.replace(/[?.]\s*$/, "")
/** As corpora keep their texts: marks after a blank, lower case, words taken apart. */
const apart: Dress = (text, random) => {
  const tokens = text
    .replace(/([,;:?!]|\.(?=\s|$))/g, " $1")
    .replace(/n['’]t\b/g, " n't")
    .replace(/(\w)['’](s|m|re|ll|ve|d)\b/g, "$1 '$2")
  return random() < 0.5 ? tokens.toLowerCase() : tokens
}
/** Marks that were replaced so that a text fits a cell or a page. */
const escaped: Dress = (text) => text.replaceAll(",", "_comma_")
const broken: Dress = (text) => text.replaceAll("\n", "<br /><br />").replace(/([.!]) (?=[A-Z])/, "$1<br /><br />")
const tags = ["[WP] ", "[wp] ", "[EU] ", "[PI] ", "[CW] ", "[SP] ", "[TT] ", "[RF] ", "Writing prompt: "]
/** A premise as writers give it to each other. */
const tagged: Dress = (text, random) => pick(tags, random) + text
const isPremise = (text: string): boolean =>
  !text.endsWith("?") &&
  /^(You|Every|The|A|An|One|Your|In|When|On|All|After|Humans?|Everyone|It|She|He|My|At|No|"|Two|Death|Nobody)\b/.test(
    text
  )
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

/** What people say before they come to what they want, and after it. */
const before = [
  "I was sitting with my father last night and we got talking.",
  "So I have been putting this off for a week.",
  "My sister asked me this at dinner and nobody knew.",
  "I'm working on something for a client and I'm a bit stuck.",
  "We had a long meeting this morning and now it's on my desk.",
  "It is for my daughter's school, and it is due on Friday.",
  "I'm not very good at this sort of thing, so bear with me.",
  "OK, here is the situation.",
  "There is a quiz at the pub on Thursday and I want to be ready.",
  "I've been reading about this all day and I'm still not sure.",
  "Our team started on this in spring, and by now everybody has an opinion.",
  "I am preparing for an exam.",
  "My boss wants this by noon.",
  "This came up at work yesterday, and I promised to find out.",
  "I tried a few things myself, but none of them was any good."
]
const after = [
  "Thanks!",
  "Thank you so much.",
  "No hurry.",
  "I'd be grateful.",
  "Cheers",
  "That would help me a lot.",
  "Any ideas?"
]
const leads = ["", "", "Anyway, ", "So, ", "Could you tell me: ", "What I need: ", "My question is this: ", "OK so "]
const talked: Dress = (text, random) => {
  const first = pick(before, random)
  const second = random() < 0.5 ? ` ${pick(before, random)}` : ""
  const lead = pick(leads, random)
  const wish = lead === "" ? text : lead + text.charAt(0).toLowerCase() + text.slice(1)
  return `${first}${second} ${wish}${random() < 0.4 ? ` ${pick(after, random)}` : ""}`
}

const roles = [
  "teacher",
  "expert in your field",
  "patient tutor",
  "consultant",
  "senior specialist",
  "friendly guide",
  "journalist",
  "professor",
  "helpful assistant"
]
const manners = [
  "",
  " You answer in a clear and concise way.",
  " Be brief.",
  " Think step by step.",
  " You never invent facts."
]
const cast: Dress = (text, random) =>
  `${pick(["You are a", "Act as a", "I want you to act as a", "Imagine you're a"], random)} ${pick(roles, random)}.${pick(manners, random)}${random() < 0.5 ? " " : "\n\n"}${text}`

/** Which dresses suit a text, each with the share of texts that get it. */
const dresses = (exemplar: LabelledExemplar): ReadonlyArray<readonly [dress: Dress, share: number]> => {
  const isPlain = exemplar.form !== "template" && exemplar.form !== "dialogue" && exemplar.text.length < 500
  const isShort = exemplar.text.length < 160 && !exemplar.text.includes("\n")
  return [
    [exemplar.label === "coding" || exemplar.label === "math" ? lower : hasty, isShort ? 0.6 : 0.2],
    [unasked, isShort ? 0.3 : 0],
    [framed, isPlain && exemplar.label !== "chat" ? 0.45 : 0],
    [courteous, isPlain && exemplar.label !== "chat" && /^[A-Z][a-z]+ [a-z]/.test(exemplar.text) ? 0.2 : 0],
    [
      apart,
      exemplar.label === "chat" ? 0.5 : exemplar.label === "creative" || exemplar.label === "analysis" ? 0.2 : 0.06
    ],
    [escaped, exemplar.label === "chat" && exemplar.text.includes(",") ? 0.15 : 0],
    [broken, exemplar.label === "analysis" && exemplar.text.length > 200 ? 0.2 : 0],
    [tagged, exemplar.label === "creative" && isPremise(exemplar.text) ? 1 : 0],
    [tagged, exemplar.label === "creative" && isPremise(exemplar.text) ? 1 : 0],
    [greeted, isShort ? 0.2 : 0],
    [talked, isPlain && isShort && exemplar.label !== "chat" ? 0.5 : 0],
    [cast, isPlain && isShort && exemplar.label !== "chat" ? 0.25 : 0],
    [attached, exemplar.label === "analysis" && isShort ? 0.7 : 0]
  ]
}

/** The exemplars with other dresses of theirs; each exemplar's weights add up to 1. */
export const augment = (texts: ReadonlyArray<LabelledExemplar>, seed = 7): ReadonlyArray<Weighted> => {
  const random = randomOf(seed)
  const dressed = texts.flatMap((exemplar) => {
    const all = [exemplar.text]
    for (const [dress, share] of dresses(exemplar)) {
      const isChosen = random() < share
      const other = dress(exemplar.text, random)
      if (isChosen && !all.includes(other)) all.push(other)
    }
    const own = all.map((text, at) => ({
      text,
      label: exemplar.label,
      weight: all.length === 1 ? 1 : at === 0 ? 0.5 : 0.5 / (all.length - 1)
    }))
    // a question asked of a passage is no longer one of knowledge
    return exemplar.label === "fast_lookup" &&
      exemplar.text.endsWith("?") &&
      exemplar.text.length < 120 &&
      random() < 0.3
      ? [...own, { text: attached(exemplar.text, random), label: "analysis", weight: 0.4 }]
      : own
  })
  return [...dressed, ...laidOut(texts, random)]
}
