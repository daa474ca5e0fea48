/**
 * @module
 */
import { Schema } from "effect"

/** A command could not do what it was told. The message is for people, and all that they read. */
export class CommandFailed extends Schema.TaggedError<CommandFailed>()("CommandFailed", { message: Schema.String }) {}
