/**
 * The classifier that the settings in force ask for.
 *
 * One layer after another takes its place as settings change; until a new one is ready (a class of the operator's is
 * trained for some hundred milliseconds) the one before judges. A model that judges or embeds is asked as any caller
 * would ask it by its exact name, so health, limits and quarantine hold for it as for all others. It is the operator who
 * has it asked: of the caller's key its region and its priority hold for that, but neither the names that the key allows
 * nor what the request says of its own time, cost and strictness.
 *
 * @module
 */
import { Context, Effect, Equal, FiberHandle, Layer, Scope, ScopedRef } from "effect"
import { layerCentroid } from "../classifier/CentroidClassifier.ts"
import { Classifier, type ClassifierOptions } from "../classifier/Classifier.ts"
import { Embedder } from "../classifier/Embedder.ts"
import { layerEmbedding, memoryVectors } from "../classifier/EmbeddingClassifier.ts"
import { layerKeyword } from "../classifier/KeywordClassifier.ts"
import { type Ask, layerCascade, layerLlm } from "../classifier/LlmClassifier.ts"
import type { UserClass } from "../classifier/userClasses.ts"
import { type ClassifierSettings, defaultClassifier, type Settings } from "../config/Settings.ts"
import type { Handler } from "../domain/Answer.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { EmbeddingHandler } from "../domain/Embedding.ts"
import { textOf } from "../domain/Message.ts"
import { CurrentRequest } from "../domain/RequestContext.ts"
import type { Generations } from "./Generations.ts"

type Shape = Context.Service.Shape<typeof Classifier>

/** The ways to the models that judge or embed. */
export interface Asking {
  readonly handle: Handler
  readonly embed: EmbeddingHandler
}

/** Who judges, and who does where nobody may be asked. */
export interface Judging {
  readonly classifier: Shape
  /** Asks nobody: the same, or where that asks a model the built-in one. */
  readonly alone: Shape
  /** Is `alone` another one at this moment? */
  readonly standsIn: () => boolean
}

interface Both {
  readonly judges: Shape
  readonly alone: Effect.Effect<Shape>
}

/** Follows the settings for as long as the scope is open. `asking` is called only with exact names. */
export const makeClassifier = Effect.fnUntraced(function* (
  generations: Context.Service.Shape<typeof Generations>,
  asking: Asking
) {
  // an exemplar's vector is as good after a reload as before
  const store = memoryVectors()
  const layerFor = (settings: ClassifierSettings): Layer.Layer<Classifier> => {
    const { by, longContextTokens, model } = settings
    const classes: ReadonlyArray<UserClass> = [...settings.classes].map(([name, exemplars]) => ({ name, exemplars }))
    const options: ClassifierOptions = longContextTokens === undefined ? {} : { longContextTokens }
    if (by === "keyword") return layerKeyword(options)
    // without a model nobody can be asked: the file's check has said so
    if (by === "centroid" || model === undefined) return layerCentroid({ ...options, classes })
    if (by === "embedding")
      return layerEmbedding({ ...options, classes, store }).pipe(
        Layer.provide(Embedder.layerRemote({ name: model, model, embed: embedOf(asking) }))
      )
    const ask = askOf(asking, model)
    return by === "llm" ? layerLlm({ ...options, classes, ask }) : layerCascade({ ...options, classes, ask })
  }

  const builtOf = (layer: Layer.Layer<Classifier>): Effect.Effect<Shape, never, Scope.Scope> =>
    Effect.map(Layer.build(layer), Context.get(Classifier))

  const built = (settings: ClassifierSettings): Effect.Effect<Both, never, Scope.Scope> =>
    Effect.gen(function* () {
      const judges = yield* builtOf(layerFor(settings))
      if (!asksSomebody(settings)) return { judges, alone: Effect.succeed(judges) }
      // made when somebody first wants an explanation
      const scope = yield* Effect.scope
      const alone = layerFor({ ...settings, by: "centroid" })
      return { judges, alone: yield* Effect.cached(Effect.provideService(builtOf(alone), Scope.Scope, scope)) }
    })

  const of = (settings: Settings): ClassifierSettings => settings.classifier ?? defaultClassifier
  let inForce = of(generations.current().settings)
  const current = yield* ScopedRef.fromAcquire(built(inForce))
  const changing = yield* FiberHandle.make()
  const run = yield* FiberHandle.runtime(changing)()
  generations.listen((settings) => {
    const next = of(settings)
    if (Equal.equals(next, inForce)) return
    inForce = next
    run(ScopedRef.set(current, built(next)))
  })
  const judging: Judging = {
    classifier: Classifier.of({ classify: (request) => ScopedRef.getUnsafe(current).judges.classify(request) }),
    alone: Classifier.of({
      classify: (request) => Effect.flatMap(ScopedRef.getUnsafe(current).alone, ({ classify }) => classify(request))
    }),
    standsIn: () => asksSomebody(inForce)
  }
  return judging
})

/** Does this classifier ask a model? */
const asksSomebody = ({ by, model }: ClassifierSettings): boolean =>
  model !== undefined && by !== "centroid" && by !== "keyword"

const askOf =
  ({ handle }: Asking, model: string): Ask =>
  ({ schema, system, text }) => {
    const request: ChatRequest = {
      model,
      delivery: "whole",
      messages: [
        { role: "system", content: [{ _tag: "Text", text: system }] },
        { role: "user", content: [{ _tag: "Text", text }] }
      ],
      tools: [],
      responseFormat: { _tag: "JsonSchema", name: "label", schema, strict: true },
      sampling: { maxTokens: labelTokens },
      reasoning: { effort: "none" },
      usageWanted: true,
      fallbacks: []
    }
    return Effect.scoped(
      Effect.map(handle(request), (answer) =>
        answer._tag === "Whole" ? textOf(answer.response.choices[0].content) : ""
      )
    ).pipe(forTheOperator)
  }

/** Room for a label, and for a model that cannot but think a little first. */
const labelTokens = 512

const embedOf =
  ({ embed }: Asking) =>
  (request: Parameters<EmbeddingHandler>[0]) =>
    Effect.scoped(Effect.map(embed(request), ({ response }) => response)).pipe(forTheOperator)

/** A call of the gateway's own, in the course of a caller's request. */
const forTheOperator = Effect.updateService(CurrentRequest, ({ caller, requestId }) => ({
  requestId,
  caller: { ...caller, allow: undefined },
  timeoutMillis: undefined
}))
