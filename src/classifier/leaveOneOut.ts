/**
 * What further exemplars would do: accuracy without them, and with them, on texts that were left out of the training.
 *
 * Each text is judged by a training on all the others. Above some texts they are left out in groups instead of one by
 * one, as each training takes up to a second of the processor; while it trains others run.
 *
 * @module
 */
import { Effect } from "effect"
import { decide } from "./Classification.ts"
import { makeCentroidJudge } from "./CentroidClassifier.ts"
import type { UserClass } from "./userClasses.ts"

/** A text and its right class. */
export interface RightText {
  readonly text: string
  readonly right: string
}

/** Shares from 0 to 1. */
export interface Accuracy {
  readonly texts: number
  readonly before: number
  readonly after: number
}

/** The most trainings for the left out. */
const mostGroups = 6

type Judge = (text: string) => string | undefined

/** A judge of `classes` and further texts: the class that is closest, sure or not. */
const judgeWith = (classes: ReadonlyArray<UserClass>, texts: ReadonlyArray<RightText>): Effect.Effect<Judge> => {
  const names = new Set([...classes.map(({ name }) => name), ...texts.map(({ right }) => right)])
  const all = [...names].map((name): UserClass => ({
    name,
    exemplars: [
      ...classes.flatMap((one) => (one.name === name ? one.exemplars : [])),
      ...texts.flatMap(({ right, text }) => (right === name ? [text] : []))
    ]
  }))
  return Effect.map(makeCentroidJudge(all), (judge) => (text) => decide(judge(text), false).best[0]?.task)
}

const shareRight = (judge: Judge, texts: ReadonlyArray<RightText>): number =>
  texts.length === 0 ? 0 : texts.filter(({ right, text }) => judge(text) === right).length / texts.length

/** Accuracy by leave-one-out before and after adding `texts` to the operator's `classes`. */
export const leaveOneOut = Effect.fnUntraced(function* (
  texts: ReadonlyArray<RightText>,
  classes: ReadonlyArray<UserClass>
) {
  const before = yield* judgeWith(classes, [])
  const groups = Math.min(mostGroups, texts.length)
  let right = 0
  for (let group = 0; group < groups; group++) {
    const isLeft = (_: RightText, at: number): boolean => at % groups === group
    const rest = texts.filter((one, at) => !isLeft(one, at))
    const judge = yield* judgeWith(classes, rest)
    right += texts.filter(isLeft).filter((one) => judge(one.text) === one.right).length
  }
  const accuracy: Accuracy = {
    texts: texts.length,
    before: shareRight(before, texts),
    after: texts.length === 0 ? 0 : right / texts.length
  }
  return accuracy
})
