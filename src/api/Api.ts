/**
 * Everything that is served, as one typed contract: what `/openapi.json` and typed clients are derived from.
 *
 * @module
 */
import { HttpApi, OpenApi } from "effect/http-api"
import { AdminApi } from "./AdminApi.ts"
import { InferenceApi } from "./InferenceApi.ts"
import { ModelsApi } from "./ModelsApi.ts"
import { ResponsesApi } from "./ResponsesApi.ts"
import { RouteApi } from "./RouteApi.ts"
import { SystemApi } from "./SystemApi.ts"

export class Api extends HttpApi.make("switchyard")
  .add(InferenceApi)
  .add(ResponsesApi)
  .add(RouteApi)
  .add(ModelsApi)
  .add(SystemApi)
  .add(AdminApi)
  .annotateMerge(
    OpenApi.annotations({
      title: "Switchyard",
      version: "1",
      description: "A gateway for LLM providers: one address, the wires of OpenAI, Anthropic and Gemini.",
      transform: (spec) => withSecurity(withoutStreamNotes(spec))
    })
  ) {}

/**
 * The part whose handlers Effect's `HttpApiBuilder` runs, besides the admin API (`AdminOnly`). It holds every handler in a generator until the answer is
 * complete, which for a request that waits on a vendor costs more than the whole edge: inference is served beside it.
 */
export class RoutedApi extends HttpApi.make("switchyard").add(ResponsesApi).add(ModelsApi).add(SystemApi) {}

type Spec = Record<string, unknown>

/** Effect's own notes about streams tell of a failure event that is not written here: errors are the dialects'. */
const withoutStreamNotes = (spec: Spec): Spec =>
  // a replacer that drops one key leaves a document of the same shape
  JSON.parse(JSON.stringify(spec, (key, value: unknown) => (key === "x-effect-stream" ? undefined : value))) as Spec

/**
 * A client key may stand where any of the vendors' SDKs puts it; a loopback gateway without keys asks for none. The admin
 * API's own requirement stands beside each of its operations.
 */
const withSecurity = (spec: Spec): Spec => ({
  ...spec,
  components: {
    ...(typeof spec["components"] === "object" ? spec["components"] : undefined),
    securitySchemes: {
      bearer: { type: "http", scheme: "bearer" },
      xApiKey: { type: "apiKey", in: "header", name: "x-api-key" },
      xGoogApiKey: { type: "apiKey", in: "header", name: "x-goog-api-key" },
      adminBearer: { type: "http", scheme: "bearer", description: "The admin key" },
      adminXApiKey: { type: "apiKey", in: "header", name: "x-api-key", description: "The admin key" }
    }
  },
  security: [{}, { bearer: [] }, { xApiKey: [] }, { xGoogApiKey: [] }]
})
