/**
 * The admin API: what operators see and do while the gateway runs.
 *
 * All of it needs the admin key, as `Authorization: Bearer …` or in `x-api-key`; a client key does not do, and without
 * `server.adminKey` in the config there is no admin API. Keys of circuits, quarantine and drills hold slashes
 * (`openai/gpt-5.2`): they may be percent-encoded or not.
 *
 * Changes take effect at once, for new requests; requests in flight finish on what they began with.
 *
 * @module
 */
import { Context, Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiMiddleware, HttpApiSchema, OpenApi } from "effect/http-api"
import { integer, moment } from "../config/notation.ts"
import {
  AdminCheck,
  AdminCircuit,
  AdminEvent,
  AdminGeneration,
  AdminKey,
  AdminNewKey,
  AdminProvider,
  AdminQuarantine,
  CheckOrder,
  CircuitOrder,
  DrillOrder,
  KeyChange,
  KeyOrder,
  NewProvider,
  ProviderChange,
  QuarantineOrder,
  RotationOrder
} from "./AdminWire.ts"
import { AdminClassifier, AdminDecision, AdminDecisionLine } from "./DecisionWire.ts"
import { AdminSpend, spendOrders } from "./SpendWire.ts"
import { adminErrors } from "./Errors.ts"

/** One call of the admin API, as its handler sees it. */
export class AdminCall extends Context.Service<
  AdminCall,
  {
    /** As in the header `x-request-id` and in errors. */
    readonly requestId: string
    /** Says for the log whom the call is about and what is to be, in names and words alone. */
    readonly about: (...words: ReadonlyArray<string>) => void
  }
>()("switchyard/api/AdminCall") {}

/** Who may, and in which shape everybody is answered; around every handler of the admin API. */
export class AdminGate extends HttpApiMiddleware.Service<AdminGate, { provides: AdminCall }>()(
  "switchyard/api/AdminGate",
  { error: adminErrors("invalid_request", "unauthorized", "forbidden", "not_found", "internal_error") }
) {}

const id = { id: Schema.String }
const key = { key: Schema.String }
/** Besides what can go wrong with every call: of one that changes something, and of one with a body. */
const refused = adminErrors("conflict")
const orderRefused = adminErrors("conflict", "body_too_large", "unsupported_media_type")
const created = HttpApiSchema.status(201)
const summary = (summary: string, description?: string) =>
  OpenApi.annotations({ summary, ...(description === undefined ? undefined : { description }) })
/** An operation whose body may be left out; Effect's description says of every body that it is required. */
const bodyOptional = OpenApi.annotations({
  transform: (operation) => ({ ...operation, requestBody: { ...operation["requestBody"], required: false } })
})

const providers = [
  HttpApiEndpoint.get("providers", "/admin/providers", {
    success: Schema.Struct({ providers: Schema.Array(AdminProvider) })
  }).annotateMerge(summary("All providers, with their health")),
  HttpApiEndpoint.get("provider", "/admin/providers/:id", { params: id, success: AdminProvider }).annotateMerge(
    summary("One provider")
  ),
  HttpApiEndpoint.post("addProvider", "/admin/providers", {
    payload: NewProvider,
    success: AdminProvider.pipe(created),
    error: orderRefused
  }).annotateMerge(
    summary("Adds a provider", "Besides `id`, what would stand under it in the config file. It lasts until a restart.")
  ),
  HttpApiEndpoint.patch("changeProvider", "/admin/providers/:id", {
    params: id,
    payload: ProviderChange,
    success: AdminProvider,
    error: orderRefused
  }).annotateMerge(
    summary(
      "Drains, disables or switches on a provider, or changes its weight",
      "`draining`: what runs may finish, nothing new starts. `disabled`: as if it were not there."
    )
  ),
  HttpApiEndpoint.delete("removeProvider", "/admin/providers/:id", {
    params: id,
    success: HttpApiSchema.NoContent,
    error: refused
  }).annotateMerge(summary("Removes a provider that was added here; one of the file can only be disabled")),
  HttpApiEndpoint.post("checkProvider", "/admin/providers/:id/check", {
    params: id,
    payload: CheckOrder,
    success: AdminCheck,
    error: orderRefused
  })
    .annotateMerge(
      summary(
        "Asks a provider for one token, now",
        "Whatever its circuit and quarantine say. Success closes the circuit and lifts what was observed; a quarantine or a circuit set by an operator stays. A provider that fails is a 200 with `ok: false`. No body says as much as an empty object."
      )
    )
    .annotateMerge(bodyOptional)
] as const

const circuits = [
  HttpApiEndpoint.get("circuits", "/admin/circuits", {
    success: Schema.Struct({ circuits: Schema.Array(AdminCircuit) })
  }).annotateMerge(summary("All circuits that hold something")),
  HttpApiEndpoint.put("setCircuit", "/admin/circuits/:key", {
    params: key,
    payload: CircuitOrder,
    success: AdminCircuit,
    error: orderRefused
  }).annotateMerge(
    summary("Forces a circuit open or closed, or releases it", "The key: a provider, or provider/model.")
  )
] as const

const quarantine = [
  HttpApiEndpoint.get("quarantine", "/admin/quarantine", {
    success: Schema.Struct({ quarantine: Schema.Array(AdminQuarantine) })
  }).annotateMerge(summary("Accounts, credentials and models that are not asked until they are known to serve again")),
  HttpApiEndpoint.post("setQuarantine", "/admin/quarantine", {
    payload: QuarantineOrder,
    success: AdminQuarantine.pipe(created),
    error: orderRefused
  }).annotateMerge(summary("Puts a provider or a model in quarantine")),
  HttpApiEndpoint.delete("liftQuarantine", "/admin/quarantine/:key", {
    params: key,
    success: HttpApiSchema.NoContent,
    error: refused
  }).annotateMerge(summary("Lifts a quarantine"))
] as const

const drills = [
  HttpApiEndpoint.get("drills", "/admin/drills", {
    success: Schema.Struct({ drills: Schema.Array(AdminQuarantine) })
  }).annotateMerge(summary("Drills under way")),
  HttpApiEndpoint.post("startDrill", "/admin/drills", {
    payload: DrillOrder,
    success: AdminQuarantine.pipe(created),
    error: orderRefused
  }).annotateMerge(
    summary(
      "Treats a provider or a model as failed for a while",
      "Nobody is called, nothing is stored; it ends by itself."
    )
  ),
  HttpApiEndpoint.delete("endDrill", "/admin/drills/:key", {
    params: key,
    success: HttpApiSchema.NoContent,
    error: refused
  }).annotateMerge(summary("Ends a drill"))
] as const

const name = { name: Schema.String }
/** Besides, where something is stored. */
const storing = adminErrors("conflict", "body_too_large", "unsupported_media_type", "unavailable")

const keys = [
  HttpApiEndpoint.get("keys", "/admin/keys", {
    success: Schema.Struct({ keys: Schema.Array(AdminKey) })
  }).annotateMerge(summary("Client keys of the config file, and those made here, ended ones included")),
  HttpApiEndpoint.get("key", "/admin/keys/:name", { params: name, success: AdminKey }).annotateMerge(
    summary("One client key")
  ),
  HttpApiEndpoint.post("createKey", "/admin/keys", {
    payload: KeyOrder,
    success: AdminNewKey.pipe(created),
    error: storing
  }).annotateMerge(summary("Makes a client key", "Its secret is told by this answer alone; only a digest is kept.")),
  HttpApiEndpoint.patch("changeKey", "/admin/keys/:name", {
    params: name,
    payload: KeyChange,
    success: AdminKey,
    error: storing
  }).annotateMerge(summary("Changes what a client key grants, or when it ends")),
  HttpApiEndpoint.post("rotateKey", "/admin/keys/:name/rotate", {
    params: name,
    payload: RotationOrder,
    success: AdminNewKey,
    error: storing
  })
    .annotateMerge(
      summary("Gives a client key a new secret", "The one before it does for the grace. No body: 24 hours.")
    )
    .annotateMerge(bodyOptional),
  HttpApiEndpoint.delete("revokeKey", "/admin/keys/:name", {
    params: name,
    success: HttpApiSchema.NoContent,
    error: adminErrors("conflict", "unavailable")
  }).annotateMerge(summary("Ends a client key", "For every new request, at once. Its name stays taken."))
] as const

const spend = [
  HttpApiEndpoint.get("spend", "/admin/spend", {
    query: {
      scope: Schema.optionalKey(
        Schema.String.annotate({ description: "Only a scope (tenant:acme), or a kind of scopes (tenant)" })
      ),
      sort: Schema.optionalKey(
        Schema.Literals(spendOrders).annotate({
          description: "By the share that is used or what is spent, largest first, or by the scope's name"
        })
      ),
      limit: Schema.optionalKey(
        integer(1, 100_000).annotate({ description: "The most budgets; all of them if absent" })
      )
    },
    success: AdminSpend
  }).annotateMerge(summary("Budgets: limit, settled, reserved, tier and forecast; and how good the estimates are"))
] as const

const running = [
  HttpApiEndpoint.post("reload", "/admin/reload", {
    success: AdminGeneration,
    error: refused
  }).annotateMerge(
    summary("Reads the config file again", "A file that is wrong is a 400 that says what; what was in force stays so.")
  ),
  HttpApiEndpoint.get("config", "/admin/config", { success: AdminGeneration }).annotateMerge(
    summary("What runs: the settings in force, as far as they may be told")
  ),
  HttpApiEndpoint.get("events", "/admin/events", {
    query: {
      since: Schema.optionalKey(moment.annotate({ description: "Only what happened then or later" })),
      limit: Schema.optionalKey(integer(1, 1_000).annotate({ description: "The most events; 100 if absent" }))
    },
    success: Schema.Struct({ events: Schema.Array(AdminEvent) })
  }).annotateMerge(summary("What happened to health and configuration, newest first"))
] as const

const decisions = [
  HttpApiEndpoint.get("decisions", "/admin/decisions", {
    query: {
      limit: Schema.optionalKey(integer(1, 200).annotate({ description: "The most of a page; 50 if absent" })),
      before: Schema.optionalKey(Schema.String.annotate({ description: "The last id of the page before" }))
    },
    success: Schema.Struct({
      decisions: Schema.Array(AdminDecisionLine),
      next: Schema.optionalKey(
        Schema.String.annotate({ description: "`before` of the next page; absent: this is the last" })
      )
    })
  }).annotateMerge(summary("The last decisions, newest first", "Kept in memory, bounded, without a word of a prompt.")),
  HttpApiEndpoint.get("decision", "/admin/decisions/:id", { params: id, success: AdminDecision }).annotateMerge(
    summary("One decision, and what then happened", "As `POST /v1/route/explain` told it at that moment.")
  ),
  HttpApiEndpoint.get("classifier", "/admin/classifier", {
    query: {
      accuracy: Schema.optionalKey(
        Schema.Literals(["true", "false"]).annotate({
          message: "true or false",
          description: "With accuracy by leave-one-out, which takes some seconds of the processor"
        })
      )
    },
    success: AdminClassifier
  }).annotateMerge(summary("What callers said of the tasks that were told: confusion, drift, exemplars to add"))
] as const

export class AdminApi extends HttpApiGroup.make("admin")
  .add(...providers, ...circuits, ...quarantine, ...drills, ...decisions, ...keys, ...spend, ...running)
  .middleware(AdminGate)
  .annotateEndpointsMerge(OpenApi.annotations({ override: { security: [{ adminBearer: [] }, { adminXApiKey: [] }] } }))
  .annotateMerge(OpenApi.annotations({ description: "For operators; needs the admin key" })) {}

/** The admin API alone: what typed clients (`HttpApiClient.make`) are derived from. */
export class AdminOnly extends HttpApi.make("switchyard").add(AdminApi) {}
