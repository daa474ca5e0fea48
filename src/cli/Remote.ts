/**
 * Questions to a gateway that runs elsewhere.
 *
 * @module
 */
import { Effect, Redacted, Schema } from "effect"
import { CommandFailed } from "./CommandFailed.ts"

export interface Question {
  /** The gateway's address. */
  readonly url: string
  readonly path: string
  readonly key: Redacted.Redacted<string> | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** A POST where there is one, else a GET. */
  readonly body?: unknown
}

/** As long as a report with its trainings may take. */
const limit = "2 minutes"

/** Asks, and reads the answer as `schema` says. */
export const askRemote = <S extends Schema.ConstraintDecoder<unknown>>(
  { body, headers, key, path, url }: Question,
  schema: S
): Effect.Effect<S["Type"], CommandFailed> =>
  Effect.gen(function* () {
    const address = `${url.replace(/\/+$/, "").replace(/\/v1$/, "")}${path}`
    const asked = Effect.tryPromise({
      try: (signal) =>
        fetch(address, {
          method: body === undefined ? "GET" : "POST",
          signal,
          headers: {
            ...(body === undefined ? {} : { "content-type": "application/json" }),
            ...(key === undefined ? {} : { authorization: `Bearer ${Redacted.value(key)}` }),
            ...headers
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) })
        }).then((response) => response.text().then((text) => ({ status: response.status, text }))),
      catch: () => new CommandFailed({ message: `${address} cannot be reached` })
    })
    const { status, text } = yield* Effect.timeoutOrElse(asked, {
      duration: limit,
      orElse: () => Effect.fail(new CommandFailed({ message: `${address} did not answer in time` }))
    })
    if (status !== 200)
      return yield* new CommandFailed({ message: `${address} answered with ${status}: ${text.slice(0, 500)}` })
    return yield* Effect.mapError(
      Schema.decodeUnknownEffect(Schema.fromJsonString(schema))(text),
      () => new CommandFailed({ message: `${address} answered something else than a gateway of this version would` })
    )
  })
