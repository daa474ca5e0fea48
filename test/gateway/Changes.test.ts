import { assert, describe, it } from "@effect/vitest"
import { defaultResilience, defaultRole, defaultServer, type Settings } from "../../src/config/Settings.ts"
import { noChanges, overConfig, withAdded, withChanges, withoutAdded, withRole } from "../../src/gateway/Changes.ts"
import { providerSpec } from "../provider/requests.ts"

const config = (...ids: ReadonlyArray<string>): Settings => ({
  server: defaultServer,
  providers: ids.map((id) => providerSpec({ id })),
  providersOff: [],
  aliases: [],
  facts: new Map(),
  resilience: defaultResilience,
  keys: [],
  source: "file",
  warnings: []
})
const ids = ({ providers }: Settings) => providers.map(({ id }) => id)

describe("changes of operators", () => {
  it("are laid over the config, and change nothing where there are none", () => {
    const base = config("one")
    assert.strictEqual(withChanges(base, noChanges), base)
    const changes = withRole(withAdded(noChanges, providerSpec({ id: "two" }), defaultRole), "one", {
      state: "draining"
    })
    const settings = withChanges(base, changes)
    assert.deepStrictEqual(ids(settings), ["one", "two"])
    assert.deepStrictEqual(settings.roles?.get("one"), { state: "draining", weight: 1, by: "operator" })
    assert.deepStrictEqual(ids(withChanges(base, withoutAdded(changes, "two"))), ["one"])
  })
  it("outlive a reload, but for a provider that the file has come to name: it is the file's for good", () => {
    const added = withAdded(noChanges, providerSpec({ id: "two", baseUrl: "http://127.0.0.1:1" }), defaultRole)
    const named = overConfig(added, config("one", "two"))
    assert.strictEqual(withChanges(config("one", "two"), named).providers[1]?.baseUrl, undefined)
    assert.deepStrictEqual(ids(withChanges(config("one"), overConfig(named, config("one")))), ["one"])
  })
  it("say nothing of another provider that is given the same id later", () => {
    const disabled = withRole(noChanges, "one", { state: "disabled" })
    assert.strictEqual(overConfig(disabled, config("two")).roles.size, 0)
    assert.strictEqual(withAdded(disabled, providerSpec({ id: "one" }), defaultRole).roles.size, 0)
    assert.strictEqual(overConfig(disabled, config("one")).roles.size, 1)
  })
})
