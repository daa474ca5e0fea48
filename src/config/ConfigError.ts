/**
 * A configuration that is wrong, with everything that is wrong in it at once.
 *
 * A problem says where (file, line, column, path of the key), what was found and what was expected. No message ever
 * holds a secret: values are shown as they stand in the file (`${NAME}`, never what it stands for), and the values of
 * secret fields not at all.
 *
 * @module
 */
import { Schema } from "effect"

export const ConfigProblem = Schema.Struct({
  /** The file as it was named; `environment` for variables. */
  file: Schema.String,
  /** From 1; absent where the source has no lines (a module's export, the environment). */
  line: Schema.optionalKey(Schema.Int),
  column: Schema.optionalKey(Schema.Int),
  /** Keys joined by dots (`resilience.maxAttempts`, `keys.0.name`); empty for the whole file. */
  path: Schema.String,
  /** `"six" (a string)`. */
  found: Schema.String,
  /** `an integer between 1 and 20`. */
  expected: Schema.String,
  /** `did you mean "maxAttempts"?` */
  hint: Schema.optionalKey(Schema.String)
})
export type ConfigProblem = typeof ConfigProblem.Type

/** How many problems a rendering lists before it only counts them. */
const mostListed = 20

/** One line: `switchyard.yaml:12:5  resilience.maxAttempts: found "six" (a string), expected an integer …`. */
export const renderProblem = (problem: ConfigProblem): string => {
  const where = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(":")
  const path = problem.path === "" ? "" : `${problem.path}: `
  const hint = problem.hint === undefined ? "" : `; ${problem.hint}`
  return `${where}  ${path}found ${problem.found}, expected ${problem.expected}${hint}`
}

export class ConfigError extends Schema.TaggedError<ConfigError>()("ConfigError", {
  problems: Schema.NonEmptyArray(ConfigProblem)
}) {
  /** All problems, one a line, at most 20 of them. */
  override get message(): string {
    const lines = this.problems.slice(0, mostListed).map(renderProblem)
    const rest = this.problems.length - lines.length
    return rest > 0 ? [...lines, `and ${rest} more`].join("\n") : lines.join("\n")
  }
}
