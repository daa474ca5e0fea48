import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import { accountOf } from "../../src/health/accounts.ts"

const spec: ProviderSpec = {
  id: "v",
  kind: "vertex",
  apiKeys: [Redacted.make("canary")],
  baseUrl: undefined,
  apiVersion: undefined,
  deployments: {},
  headers: {},
  failureDomain: undefined,
  region: undefined,
  models: []
}

describe("whom a provider stands for", () => {
  it("is another account in another project, and other models in another location of it", () => {
    const plain = accountOf(spec).identities
    const project = accountOf({ ...spec, project: "acme-1" }).identities
    const location = accountOf({ ...spec, project: "acme-1", location: "eu" }).identities
    assert.notStrictEqual(project.credential, plain.credential)
    assert.notStrictEqual(project.account, plain.account)
    assert.strictEqual(location.credential, project.credential)
    assert.strictEqual(location.account, project.account)
    assert.notStrictEqual(location.model, project.model)
    assert.notInclude(JSON.stringify(accountOf(spec)), "canary")
  })
})
