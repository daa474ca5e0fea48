/**
 * The baseline: a table of cues, each of which speaks for one class.
 *
 * Nothing is learned and nothing loaded. The probabilities are those of a softmax over the sums of the cues' weights;
 * they are not calibrated. A text without any cue is `general`.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { taskClasses, type TaskClass } from "../domain/Task.ts"
import type { Judgement } from "./Classification.ts"
import { Classifier, classifierOf, type ClassifierOptions } from "./Classifier.ts"

/** A class, how much the cue speaks for it, and the cue. All of them take time linear in the text. */
const cues: ReadonlyArray<readonly [task: TaskClass, weight: number, cue: RegExp]> = [
  ["coding", 3, /```|\bdef \w+\(|\bfunction \w*\(|\bclass \w+[:{(]|#include|\bSELECT\b.*\bFROM\b|Traceback|=> ?\{/],
  ["coding", 2, /\b(?:python|javascript|typescript|java|rust|golang|sql|regex|html|css|bash|docker|git|react)\b/i],
  ["coding", 2, /\b(?:code|function|bug|debug|compile|script|api|refactor|unit tests?|stack ?trace|exception)\b/i],
  ["math", 3, /\\(?:frac|sqrt|int|sum|lim|angle|boxed)\b|\d\s*[-+*/^=]\s*\d/],
  ["math", 2, /\b(?:solve|calculate|compute|prove|derivative|integral|equation|probability|percent|triangle)\b/i],
  ["math", 2, /\bhow (?:many|much)\b[^?]*\b(?:left|altogether|in total|each|remain|cost|pay|earn)\b/i],
  ["creative", 3, /\b(?:poem|haiku|limerick|sonnet|lyrics|slogan|tagline|screenplay|lullaby|short story)\b|\[WP\]/i],
  [
    "creative",
    2,
    /\b(?:write|compose|invent|imagine|brainstorm|come up with)\b.*\b(?:story|song|scene|names?|post|email|letter)\b/i
  ],
  [
    "analysis",
    3,
    /\b(?:summari[sz]e|analy[sz]e|compare|contrast|critique|evaluate|classify|sentiment|pros and cons|tl;?dr)\b/i
  ],
  [
    "analysis",
    2,
    /\b(?:passage|article|paragraph|excerpt|contract|hypothesis|premise|the following (?:text|review|table))\b/i
  ],
  ["chat", 3, /^(?:hi|hello|hey|yo|thanks|thank you|good (?:morning|evening|night)|how are you|lol|haha)\b/i],
  [
    "chat",
    2,
    /\b(?:i feel|i'm so|i love|i hate|my (?:mom|dad|boyfriend|girlfriend|wife|husband|dog|cat)|do you (?:like|ever))\b/i
  ],
  ["fast_lookup", 2, /^(?:who|when|where|which|what(?:'s| is| was| are| does))\b.{0,120}$/is],
  ["fast_lookup", 2, /\b(?:capital|population|founded|invented|born|meaning|stands? for|located|author)\b/i]
]

/** Only so much of a text is looked at, from each end. */
const looked = 2048
/** How much a weight of 1 raises the odds, as a logarithm. */
const sharpness = 1.1

/** Judges by the cues. Pure. */
export const judgeByKeywords = (text: string): Judgement => {
  const seen = text.length <= 2 * looked ? text : `${text.slice(0, looked)}\n${text.slice(-looked)}`
  const sums = new Map<string, number>([...taskClasses.map((task) => [task, 0] as const), ["general", 1]])
  for (const [task, weight, cue] of cues) if (cue.test(seen)) sums.set(task, (sums.get(task) ?? 0) + weight)
  const odds = [...sums].map(([task, sum]) => [task, Math.exp(sharpness * sum)] as const)
  const all = odds.reduce((sum, [, odd]) => sum + odd, 0)
  return { by: "keyword", scores: odds.map(([task, odd]) => ({ task, probability: odd / all })) }
}

export const layerKeyword = (options?: ClassifierOptions): Layer.Layer<Classifier> =>
  Layer.succeed(
    Classifier,
    classifierOf((text) => Effect.sync(() => judgeByKeywords(text)), options)
  )
