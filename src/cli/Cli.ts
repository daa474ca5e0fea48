/**
 * The command line.
 *
 * - `switchyard serve [--config FILE] [--log readable|json]` serves until SIGTERM or SIGINT.
 * - `switchyard check [--config FILE]` says what it would do, and every model with a single candidate.
 * - `switchyard keys create|list|rotate|revoke` sees to client keys (`Keys.ts`).
 * - `switchyard explain PROMPT` says what would be done with a request, and why.
 * - `switchyard classifier report --url URL` says which tasks were told wrongly, and what would help.
 * - `switchyard spend --url URL` says what is spent of its budgets, and when they run out.
 * - `switchyard schema` prints the JSON Schema of the config file, for editors.
 *
 * A configuration that is wrong, or an address that cannot be listened on, is told in plain words and exits with 1.
 *
 * @module
 */
import { Console, Effect, FileSystem, Option, Runtime } from "effect"
import { Command, Flag } from "effect/cli"
import packageJson from "../../package.json" with { type: "json" }
import { Catalog } from "../catalog/Catalog.ts"
import { describeSettings } from "../catalog/describeSettings.ts"
import { switchyardJsonSchema } from "../config/ConfigFile.ts"
import { lookup } from "../config/interpolate.ts"
import { loadSettings } from "../config/load.ts"
import type { SimulatorUrls } from "../config/environment.ts"
import { digestOf } from "../config/watch.ts"
import { classifierCommand } from "./ClassifierCommand.ts"
import { explainCommand } from "./ExplainCommand.ts"
import { giveBackHangups } from "./Hangups.ts"
import { keysCommand } from "./Keys.ts"
import { serve } from "./Serve.ts"
import { spendCommand } from "./SpendCommand.ts"

const config = Flag.String("config").pipe(
  Flag.withAlias("c"),
  Flag.withDescription("The config file; without it SWITCHYARD_CONFIG, or the vendors' keys in the environment"),
  Flag.optional
)

const log = Flag.Literals("log", ["readable", "json"]).pipe(
  Flag.withDescription("How a request's log line is written"),
  Flag.withDefault("readable")
)

/** Imitations of the vendors, loaded only where nothing else is configured. */
const simulators = Effect.gen(function* () {
  const { make } = yield* Effect.promise(() => import("../simulator/Simulator.ts"))
  const { baseUrl } = yield* make()
  const urls: SimulatorUrls = {
    anthropic: baseUrl("anthropic"),
    openai: baseUrl("openai"),
    google: baseUrl("gemini")
  }
  return urls
})

const settings = (path: Option.Option<string>) =>
  loadSettings({ path: Option.getOrUndefined(path), env: process.env, simulators })

const serveCommand = Command.make("serve", { config, log }, (flags) =>
  Effect.gen(function* () {
    const path = Option.getOrUndefined(flags.config) ?? lookup(process.env, "SWITCHYARD_CONFIG")
    if (path === undefined) giveBackHangups()
    // looked at first: what is written while it is loaded is noticed
    const seen = path === undefined ? undefined : yield* digestOf(path)
    const loaded = yield* settings(flags.config)
    if (path === undefined) return yield* serve(loaded, flags.log, undefined)
    const files = yield* FileSystem.FileSystem
    const load = loadSettings({ path, env: process.env }).pipe(Effect.provideService(FileSystem.FileSystem, files))
    return yield* serve(loaded, flags.log, { path, seen, load })
  }).pipe(Effect.scoped)
).pipe(Command.withDescription("Serve until SIGTERM or SIGINT"))

const checkCommand = Command.make("check", { config }, (flags) =>
  Effect.gen(function* () {
    giveBackHangups()
    const loaded = yield* settings(flags.config)
    yield* Console.log(describeSettings(loaded, yield* Catalog))
  }).pipe(Effect.scoped, Effect.provide(Catalog.layer))
).pipe(Command.withDescription("Say what this configuration would do, and every model with a single candidate"))

const schemaCommand = Command.make("schema", {}, () =>
  Console.log(JSON.stringify(switchyardJsonSchema(), undefined, 2))
).pipe(Command.withDescription("Print the JSON Schema of the config file, for editors"))

const explain = explainCommand(config, (path) => Effect.andThen(Effect.sync(giveBackHangups), settings(path)))

const switchyard = Command.make("switchyard").pipe(
  Command.withDescription("A self-hosted gateway for LLM providers"),
  Command.withSubcommands([
    serveCommand,
    checkCommand,
    explain,
    classifierCommand,
    keysCommand,
    spendCommand,
    schemaCommand
  ])
)

/** The program: reads the arguments of the process and does what they say. */
export const run = Command.run(switchyard, { version: packageJson.version }).pipe(
  Effect.catchTag(["ConfigError", "UnsafeListener", "CannotListen", "CommandFailed"], (error) =>
    Effect.andThen(Console.error(error.message), Effect.fail(new Told()))
  )
)

/** The operator has read what is wrong: the runner exits with 1 and says no more. */
class Told {
  readonly [Runtime.errorReported] = false
}
