/**
 * `switchyard classifier report`: what callers said of the tasks that a running gateway told, which exemplars would help,
 * and by how much.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { AdminClassifier } from "../api/DecisionWire.ts"
import { askRemote } from "./Remote.ts"
import { renderClassifier } from "./renderClassifier.ts"

const reportCommand = Command.make(
  "report",
  {
    url: Flag.String("url").pipe(Flag.withDescription("The running gateway")),
    key: Flag.Redacted("admin-key").pipe(Flag.withDescription("Its admin key"), Flag.optional)
  },
  ({ key, url }) =>
    Effect.flatMap(
      askRemote({ url, path: "/admin/classifier?accuracy=true", key: Option.getOrUndefined(key) }, AdminClassifier),
      (report) => Console.log(renderClassifier(report))
    )
).pipe(Command.withDescription("Confusion, drift, and exemplars to add with the accuracy before and after"))

export const classifierCommand = Command.make("classifier").pipe(
  Command.withDescription("What can be learned from requests that were taken for another task"),
  Command.withSubcommands([reportCommand])
)
