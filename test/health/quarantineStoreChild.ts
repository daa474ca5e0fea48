/**
 * A process that sees a ban and then does nothing but live: `node quarantineStoreChild.ts <file>`. It prints a line when
 * the ban is in force, and waits for whoever kills it.
 */
import { Effect, Layer } from "effect"
import { ProviderError } from "../../src/domain/ProviderError.ts"
import { Quarantines } from "../../src/health/Quarantines.ts"
import { QuarantineStore } from "../../src/health/QuarantineStore.ts"
import * as Sqlite from "../../src/storage/Sqlite.ts"

const [path = ""] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const quarantines = yield* Quarantines
  const banned = new ProviderError({
    provider: "openai",
    model: "gpt-5.2",
    reason: { _tag: "AccessDenied", message: "the account was disabled", scope: "account", status: 403 }
  })
  quarantines.failed(banned, 1000)
  // the write is the next thing that happens: by the time that this fiber goes on, it has
  yield* Effect.sleep(0)
  yield* Effect.sync(() => void process.stdout.write("banned\n"))
  // a timer keeps the process alive, which an effect that never ends does not
  yield* Effect.sleep("1 hour")
})

const layer = Quarantines.layer({ providers: [] }, () => true).pipe(
  Layer.provide(QuarantineStore.layerDurable(Sqlite.layer({ path })))
)
await Effect.runPromise(Effect.provide(program, layer))
