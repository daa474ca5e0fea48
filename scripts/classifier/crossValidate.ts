/**
 * `npm run classifier:cross`: trains without one form of exemplars and judges that form, for every form.
 *
 * That is what tells how the classifier does on strangers: a stranger's text is dressed as nothing it has been trained
 * on. With `--texts`, every confusion is printed with its text; with `--stress`, the strangers in `test/classifier` are
 * judged by a training on all exemplars as well.
 */
import { readFileSync } from "node:fs"
import { builtInExemplars, type LabelledExemplar, trainedClasses } from "../../src/classifier/builtInExemplars.ts"
import { quantise, softmax } from "../../src/classifier/Centroids.ts"
import { forms } from "../../src/classifier/exemplars/Exemplar.ts"
import { calibrate, type Sample, samplesOf, scoresOf, train, usualTraining } from "../../src/classifier/training.ts"
import { taskClasses } from "../../src/domain/Task.ts"
import { augment } from "./augment.ts"
import { figuresOf, type Judged, report } from "./judge.ts"

const width = trainedClasses.length
const options = { ...usualTraining, ...JSON.parse(process.env["TRAINING"] ?? "{}") }

interface Scored {
  readonly exemplar: LabelledExemplar
  readonly scores: Float64Array
  readonly label: number
}

/** Weights as they would come out of storage. */
const stored = (weights: Float32Array): Float32Array => {
  const { scale, values } = quantise(trainedClasses, weights, 1)
  return Float32Array.from(values, (value) => value * scale)
}

const scored = (weights: Float32Array, exemplars: ReadonlyArray<LabelledExemplar>): ReadonlyArray<Scored> => {
  const samples = samplesOf(exemplars, trainedClasses)
  return exemplars.flatMap((exemplar, at) => {
    const sample: Sample | undefined = samples[at]
    return sample === undefined ? [] : [{ exemplar, scores: scoresOf(weights, width, sample), label: sample.label }]
  })
}

const judgedOf = ({ exemplar, scores }: Scored, temperature: number): Judged & { readonly all: Float64Array } => {
  const all = scores.slice()
  softmax(all, width, 1 / temperature)
  let best = 0
  for (let one = 0; one < taskClasses.length; one++) if ((all[one] ?? 0) > (all[best] ?? 0)) best = one
  const six = all.slice(0, taskClasses.length).reduce((sum, one) => sum + one, 0)
  const top = all.indexOf(Math.max(...all))
  return {
    text: exemplar.text,
    label: exemplar.label,
    best: trainedClasses[best] ?? "",
    told: (all[top] ?? 0) >= 0.5 ? (trainedClasses[top] ?? "") : "general",
    probability: (all[best] ?? 0) / six,
    all
  }
}

const percent = (value: number): string => (100 * value).toFixed(1).padStart(6)

const folds = new Map<string, ReadonlyArray<Scored>>()
for (const form of forms) {
  const held = builtInExemplars.filter((exemplar) => exemplar.form === form)
  if (held.length === 0) continue
  const rest = builtInExemplars.filter((exemplar) => exemplar.form !== form)
  folds.set(form, scored(stored(train(samplesOf(augment(rest), trainedClasses), width, options)), held))
}
const everything = [...folds.values()].flat()
const temperature = calibrate(everything)

console.log(`temperature ${temperature.toFixed(4)}`)
console.log(`held out       texts   right  cheap  ${taskClasses.map((task) => task.slice(0, 8).padStart(9)).join("")}`)
for (const [form, fold] of folds) {
  const judged = fold.map((one) => judgedOf(one, temperature)).filter(({ label }) => label !== "general")
  const { accuracy, cheapOrStrong } = figuresOf(judged)
  const recalls = taskClasses.map((task) => {
    const real = judged.filter(({ label }) => label === task)
    const right = real.filter(({ best }) => best === task).length
    return (real.length === 0 ? "" : `${right}/${real.length}`).padStart(9)
  })
  console.log(
    `${form.padEnd(13)} ${String(judged.length).padStart(6)}  ${percent(accuracy)} ${percent(cheapOrStrong)}  ${recalls.join("")}`
  )
}
const all = everything.map((one) => judgedOf(one, temperature))
console.log(report(all.filter(({ label }) => label !== "general")).join("\n"))
const general = all.filter(({ label }) => label === "general")
console.log(
  `general: ${general.length} texts, told general: ${general.filter(({ told }) => told === "general").length}`
)

const tellConfusions = (judged: ReadonlyArray<Judged>): void => {
  for (const { best, label, probability, text } of judged)
    if (best !== label && label !== "general")
      console.log(
        `${label} → ${best} ${probability.toFixed(2)}: ${JSON.stringify(text.length > 230 ? `${text.slice(0, 140)} … ${text.slice(-80)}` : text)}`
      )
}
if (process.argv.includes("--texts")) tellConfusions(all)

if (process.argv.includes("--stress")) {
  const weights = stored(train(samplesOf(augment(builtInExemplars), trainedClasses), width, options))
  for (const name of ["strangers.jsonl", "strangers-dressed.jsonl", "strangers-fresh.jsonl"]) {
    const lines = readFileSync(new URL(`../../test/classifier/${name}`, import.meta.url), "utf8")
      .trim()
      .split("\n")
    const texts = lines
      .map((line) => JSON.parse(line))
      .map(({ label, prompt }) => ({ text: prompt, label, form: "bare" as const }))
    const judged = scored(weights, texts).map((one) => judgedOf(one, temperature))
    const { accuracy, cheapOrStrong, leastRecall } = figuresOf(judged.filter(({ label }) => label !== "general"))
    console.log(`\n${name}: ${percent(accuracy)} cheap ${percent(cheapOrStrong)} least recall ${percent(leastRecall)}`)
    tellConfusions(judged)
  }
}
