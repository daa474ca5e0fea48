/**
 * `switchyard classifier report`: what callers said of the tasks that a running gateway told, which exemplars would help,
 * and by how much.
 *
 * @module
 */
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { adminAt, adminKeyFlag, adminKeyOf } from "./AdminAt.ts"
import { renderClassifier } from "./renderClassifier.ts"

const reportCommand = Command.make(
  "report",
  {
    url: Flag.String("url").pipe(Flag.withDescription("The running gateway")),
    adminKey: adminKeyFlag
  },
  ({ adminKey, url }) =>
    Effect.gen(function* () {
      const { admin, told } = yield* adminAt({ url, adminKey: adminKeyOf(adminKey) })
      yield* Console.log(renderClassifier(yield* told(admin.classifier({ query: { accuracy: "true" } }))))
    }).pipe(Effect.scoped)
).pipe(Command.withDescription("Confusion, drift, and exemplars to add with the accuracy before and after"))

export const classifierCommand = Command.make("classifier").pipe(
  Command.withDescription("What can be learned from requests that were taken for another task"),
  Command.withSubcommands([reportCommand])
)
