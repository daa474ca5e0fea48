/**
 * The program `switchyard`.
 *
 * @module
 */
import "effect/schema/SchemaJITCompiler/enable"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { run } from "./cli/Cli.ts"
import { runMain } from "./server/RunMain.ts"

runMain(Effect.provide(run, NodeServices.layer))
