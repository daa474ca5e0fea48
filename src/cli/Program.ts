/**
 * The whole program, loaded and run.
 *
 * @module
 */
import "effect/schema/SchemaJITCompiler/enable"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { runMain } from "../server/RunMain.ts"
import { run } from "./Cli.ts"

runMain(Effect.provide(run, NodeServices.layer))
