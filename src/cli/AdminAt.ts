/**
 * The admin API of a gateway that runs elsewhere, as a typed client, and the flags that say which one.
 *
 * @module
 */
import { NodeHttpClient } from "@effect/platform-node"
import { type Duration, Effect, Layer, Option, Redacted, type Scope } from "effect"
import { Flag } from "effect/cli"
import { HttpClient, HttpClientError, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { AdminOnly } from "../api/AdminApi.ts"
import { lookup } from "../config/interpolate.ts"
import { parseHttpUrl } from "../config/notation.ts"
import { isAdminError } from "../server/AdminErrors.ts"
import { CommandFailed } from "./CommandFailed.ts"

export interface RemoteAddress {
  readonly url: string
  readonly adminKey: Redacted.Redacted<string> | undefined
}

/** The flag for the admin key, whose value `adminKeyOf` reads. */
export const adminKeyFlag = Flag.Redacted("admin-key").pipe(
  Flag.withDescription("The gateway's admin key; without it SWITCHYARD_ADMIN_KEY, which no list of processes shows"),
  Flag.optional
)

/** As the flag says, or the environment. */
export const adminKeyOf = (flag: Option.Option<Redacted.Redacted<string>>): Redacted.Redacted<string> | undefined => {
  const fromEnvironment = lookup(process.env, "SWITCHYARD_ADMIN_KEY")
  return Option.getOrUndefined(flag) ?? (fromEnvironment === undefined ? undefined : Redacted.make(fromEnvironment))
}

const failed = (message: string): Effect.Effect<never, CommandFailed> => Effect.fail(new CommandFailed({ message }))

/** As long as a report with its trainings may take. */
const limit: Duration.Input = "2 minutes"

const clientOf = (origin: string, adminKey: Redacted.Redacted<string>) =>
  HttpApiClient.make(AdminOnly, {
    baseUrl: origin,
    transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(adminKey))
  })

export interface Remote {
  readonly admin: Effect.Success<ReturnType<typeof clientOf>>["admin"]
  /** What a call gives; what went wrong with it in words for people. */
  readonly told: <A>(call: Effect.Effect<A, unknown>) => Effect.Effect<A, CommandFailed>
}

/** The gateway at that address, for as long as the scope. */
export const adminAt = ({ adminKey, url }: RemoteAddress): Effect.Effect<Remote, CommandFailed, Scope.Scope> =>
  Effect.gen(function* () {
    if (adminKey === undefined)
      return yield* failed("A running gateway wants its admin key: --admin-key or SWITCHYARD_ADMIN_KEY")
    const address = parseHttpUrl(url)
    if (address === undefined) return yield* failed("--url must be an http or https URL such as http://127.0.0.1:4141")
    const { admin } = yield* Effect.provide(
      clientOf(address.origin, adminKey),
      yield* Layer.build(NodeHttpClient.layerUndici)
    )
    return {
      admin,
      told: (call) =>
        Effect.catch(call, (error) =>
          failed(
            isAdminError(error)
              ? error.error.message
              : HttpClientError.isHttpClientError(error) && error.reason._tag === "TransportError"
                ? `nothing answers at ${address.origin}: does a gateway run there?`
                : `the gateway at ${address.origin} gave no answer that could be read: is that its address?`
          )
        ).pipe(
          Effect.timeoutOrElse({
            duration: limit,
            orElse: () => failed(`the gateway at ${address.origin} did not answer in time`)
          })
        )
    }
  })
