/**
 * `npm run classifier:train`: makes `src/classifier/asset.ts` of the exemplars. The same exemplars give the same bytes.
 *
 * The temperature is set on exemplars as judged by trainings without their forms. With `--check` nothing
 * is written; the exit code says whether the stored asset is what a training gives.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { builtInExemplars, trainedClasses } from "../../src/classifier/builtInExemplars.ts"
import { quantise, toAsset } from "../../src/classifier/Centroids.ts"
import { forms } from "../../src/classifier/exemplars/Exemplar.ts"
import { calibrate, samplesOf, scoresOf, train } from "../../src/classifier/training.ts"
import { augment } from "./augment.ts"

const width = trainedClasses.length
const path = fileURLToPath(new URL("../../src/classifier/asset.ts", import.meta.url))

/** Into so many parts the forms are divided, each of which is judged by a training without it. */
const folds = 5

/** The text of the module that holds the asset. */
export const trainedAsset = (): string => {
  const judged = Array.from({ length: folds }, (_, fold) => forms.filter((_, at) => at % folds === fold)).flatMap(
    (out) => {
      const rest = builtInExemplars.filter(({ form }) => !out.includes(form))
      const held = builtInExemplars.filter(({ form }) => out.includes(form))
      if (held.length === 0) return []
      const weights = train(samplesOf(augment(rest), trainedClasses), width)
      return samplesOf(held, trainedClasses).map((sample) => ({
        scores: scoresOf(weights, width, sample),
        label: sample.label
      }))
    }
  )
  const weights = train(samplesOf(augment(builtInExemplars), trainedClasses), width)
  const { classes, scale, temperature, values, version } = toAsset(quantise(trainedClasses, weights, calibrate(judged)))
  return `/**
 * The stored centroids, made by \`npm run classifier:train\`. Not to be edited.
 *
 * @module
 */
import type { Asset } from "./Centroids.ts"

export const asset: Asset = {
  version: ${version},
  classes: ${JSON.stringify(classes)},
  scale: ${scale},
  temperature: ${temperature},
  values:
    "${values}"
}
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = trainedAsset()
  if (process.argv.includes("--check")) {
    const isSame = readFileSync(path, "utf8") === text
    console.log(isSame ? "the stored asset is what a training gives" : "the stored asset is not what a training gives")
    process.exitCode = isSame ? 0 : 1
  } else {
    writeFileSync(path, text)
    console.log(`${path}: ${text.length} bytes`)
  }
}
