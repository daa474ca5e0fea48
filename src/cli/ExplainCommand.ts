/**
 * `switchyard explain`: what would be done with a request, as a table.
 *
 * With `--url` a running gateway says so, of this moment. Without it the configuration alone decides: nothing is asked,
 * nothing is known of anybody's health, and no database is opened.
 *
 * @module
 */
import { Console, Effect, FileSystem, Option, Result, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { RouteDecision } from "../api/DecisionWire.ts"
import type { ConfigError } from "../config/ConfigError.ts"
import type { Settings } from "../config/Settings.ts"
import type { GatewayError } from "../domain/GatewayError.ts"
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"
import { preferences } from "../domain/Prefer.ts"
import { anonymous, CurrentRequest } from "../domain/RequestContext.ts"
import { Gateway } from "../gateway/Gateway.ts"
import { gatewayLayer } from "../gateway/gatewayLayer.ts"
import { decisionView } from "../server/DecisionViews.ts"
import { decodeAny } from "../server/Explaining.ts"
import { wishesOf } from "../server/Wishes.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { askRemote } from "./Remote.ts"
import { renderDecision } from "./renderDecision.ts"

const flags = {
  prompt: Argument.String("prompt").pipe(Argument.withDescription("What is asked for"), Argument.optional),
  model: Flag.String("model").pipe(Flag.withDescription("The name that is asked for; auto unless told"), Flag.optional),
  prefer: Flag.Literals("prefer", preferences).pipe(
    Flag.withDescription("What matters most, where the model is auto"),
    Flag.optional
  ),
  task: Flag.String("task").pipe(Flag.withDescription("The task, where the model is auto"), Flag.optional),
  file: Flag.String("file").pipe(
    Flag.withDescription("A body of Chat Completions, Responses, Messages or Gemini, instead of a prompt"),
    Flag.optional
  ),
  url: Flag.String("url").pipe(Flag.withDescription("A running gateway that is to say so"), Flag.optional),
  key: Flag.Redacted("key").pipe(Flag.withDescription("A client key of that gateway"), Flag.optional)
}

const bodyIn = (text: string, file: string): Effect.Effect<JsonObject, CommandFailed> =>
  Effect.flatMap(
    Effect.mapError(
      Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Json))(text),
      () => new CommandFailed({ message: `${file} holds no JSON` })
    ),
    (json: Json) =>
      isJsonObject(json)
        ? Effect.succeed(json)
        : Effect.fail(new CommandFailed({ message: `${file} holds no JSON object` }))
  )

/** What is to be explained: the file's body, or a chat of the prompt alone. */
const bodyOf = (
  prompt: string | undefined,
  file: string | undefined,
  model: string | undefined
): Effect.Effect<JsonObject, CommandFailed, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    if (file === undefined) {
      if (prompt === undefined) return yield* new CommandFailed({ message: "Give a prompt, or a body with --file" })
      return { model: model ?? "auto", messages: [{ role: "user", content: prompt }] }
    }
    const files = yield* FileSystem.FileSystem
    const text = yield* Effect.mapError(
      files.readFileString(file),
      () => new CommandFailed({ message: `${file} cannot be read` })
    )
    const body = yield* bodyIn(text, file)
    return { ...body, model: model ?? body["model"] ?? "auto" }
  })

const said = (error: GatewayError): CommandFailed => new CommandFailed({ message: error.message })

/** What the settings alone decide. */
const explainHere = (settings: Settings, body: JsonObject, headers: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const request = yield* Effect.fromResult(Result.mapError(decodeAny(body, {}, null), said))
    const wishes = yield* Effect.fromResult(Result.mapError(wishesOf(headers, settings), said))
    const gateway = yield* Gateway
    const decision = yield* Effect.provideService(gateway.explain(request), CurrentRequest, {
      ...wishes,
      requestId: "",
      caller: anonymous
    })
    return decisionView(decision)
  }).pipe(Effect.provide(gatewayLayer(alone(settings))))

/** Nothing outlasts an explanation, and nothing is probed for it. */
const alone = (settings: Settings): Settings => ({
  ...settings,
  storage: { sqlite: undefined },
  resilience: { ...settings.resilience, probes: { ...settings.resilience.probes, enabled: false } }
})

/** The command; `load` reads the settings by the `--config` flag. */
export const explainCommand = <R>(
  config: Flag.Flag<Option.Option<string>>,
  load: (path: Option.Option<string>) => Effect.Effect<Settings, ConfigError, R>
) =>
  Command.make("explain", { ...flags, config }, (given) =>
    Effect.gen(function* () {
      const [prompt, file, model] = [given.prompt, given.file, given.model].map(Option.getOrUndefined)
      const body = yield* bodyOf(prompt, file, model)
      const headers = {
        ...Option.match(given.prefer, { onNone: () => ({}), onSome: (prefer) => ({ "x-switchyard-prefer": prefer }) }),
        ...Option.match(given.task, { onNone: () => ({}), onSome: (task) => ({ "x-switchyard-task": task }) })
      }
      const url = Option.getOrUndefined(given.url)
      const key = Option.getOrUndefined(given.key)
      const decision =
        url === undefined
          ? yield* explainHere(yield* load(given.config), body, headers)
          : yield* askRemote({ url, path: "/v1/route/explain", key, headers, body }, RouteDecision)
      yield* Console.log(renderDecision(decision))
    }).pipe(Effect.scoped)
  ).pipe(Command.withDescription("Say what would be done with a request, and why; nobody is called"))
