import { assert, describe, it } from "@effect/vitest"
import { Redacted, Result, Schema } from "effect"
import { resolveProvider, type ProviderProblem } from "../../src/config/resolveProviders.ts"
import { problemsOf, settingsOf } from "./fixtures.ts"

const right = (entry: unknown, id = "a") => Result.getOrThrow(resolveProvider(id, entry))

const wrong = (entry: unknown, id = "a"): ReadonlyArray<ProviderProblem> => {
  const result = resolveProvider(id, entry)
  assert.isTrue(Result.isFailure(result))
  return Result.isFailure(result) ? result.failure : []
}

describe("a single provider's entry", () => {
  it("becomes what the file would make of it", () => {
    const entry = {
      kind: "openai-compatible",
      apiKey: ["key-one", "key-two"],
      baseUrl: "http://127.0.0.1:1/v1/",
      region: "EU",
      limits: { concurrent: 3 },
      weight: 2,
      state: "draining"
    }
    const { role, spec } = right(entry)
    const settings = settingsOf(JSON.stringify({ providers: { a: entry } }))
    assert.deepStrictEqual(
      { ...spec, apiKeys: spec.apiKeys.map((key) => Redacted.value(key)) },
      { ...settings.providers[0], apiKeys: ["key-one", "key-two"] }
    )
    assert.deepStrictEqual(role, settings.roles?.get("a"))
  })
  it("has the role of every provider where it says nothing of it", () => {
    assert.deepStrictEqual(right({ kind: "ollama" }).role, { state: "on", weight: 1 })
  })
  it("reads nothing of the environment: a reference is refused wherever it stands", () => {
    const problems = wrong({
      kind: "openai",
      apiKey: "${PATH}",
      baseUrl: "http://${HOME}/",
      headers: { "x-a": "${PATH}" },
      weight: "${PATH}"
    })
    const references = problems.filter(({ found }) => found === "a reference to the environment")
    assert.deepStrictEqual(references.map(({ path }) => path).toSorted(), ["apiKey", "baseUrl", "headers.x-a"])
    assert.isTrue(problems.some(({ path }) => path === "weight"))
    for (const secret of [process.env["PATH"], process.env["HOME"]]) {
      assert.notInclude(JSON.stringify(problems), secret ?? "?")
    }
  })
  it("may hold a plain ${, as in the file", () => {
    assert.strictEqual(right({ kind: "ollama", headers: { "x-a": "$${A}" } }).spec.headers["x-a"], "${A}")
  })
  it("is told everything that is wrong, at paths within the entry, as the file would be", () => {
    const entry = { kind: "azure-openai", apiKey: "a b", headers: { "x a": "v" }, limits: { concurrent: 0 }, wieght: 1 }
    const problems = wrong(entry)
    assert.deepStrictEqual(problems.map(({ path }) => path).toSorted(), [
      "apiKey",
      "baseUrl",
      "headers.x a",
      "limits.concurrent",
      "wieght"
    ])
    const ofFile = problemsOf(JSON.stringify({ providers: { a: entry } })).join("\n")
    for (const { expected, found, path } of problems) {
      assert.include(ofFile, `providers.a.${path}: found ${found}, expected ${expected}`)
    }
    assert.strictEqual(problems.find(({ path }) => path === "wieght")?.hint, `did you mean "weight"?`)
  })
  it("may set no header that belongs to the connection, however it is written, in the file neither", () => {
    const framing = [
      "Content-Length",
      "transfer-encoding",
      "connection",
      "HOST",
      "expect",
      "te",
      "upgrade",
      "keep-alive"
    ]
    for (const name of framing) {
      const entry = { kind: "ollama", headers: { [name]: "5", "x-team": "research" } }
      const [problem, ...others] = wrong(entry)
      assert.strictEqual(problem?.path, `headers.${name}`)
      assert.match(problem?.expected ?? "", /framing and connection are the gateway's own/)
      assert.isEmpty(others)
      assert.match(
        problemsOf(JSON.stringify({ providers: { a: entry } })).join("\n"),
        new RegExp(`providers\\.a\\.headers\\.${name}: found a header of the connection`)
      )
    }
  })
  it("with thousands of mistakes is told the first 20 and how many more there are", () => {
    const problems = wrong({ kind: "openai", apiKey: Array.from({ length: 5_000 }, () => "a b") })
    assert.strictEqual(problems.length, 21)
    assert.strictEqual(problems[19]?.path, "apiKey.19")
    assert.deepStrictEqual(problems[20], { path: "", expected: "nothing wrong beyond these", found: "4980 more" })
  })
  it("names no variable where a key is missing", () => {
    assert.deepStrictEqual(wrong({ kind: "openai" }), [{ path: "apiKey", expected: "a key", found: "nothing" }])
  })
  it.each([
    ["a slash", "a/b"],
    ["a space", "a b"],
    ["nothing", ""]
  ])("under an id with %s is refused", (_what, id) => {
    assert.deepStrictEqual(
      wrong({ kind: "ollama" }, id).map(({ path }) => path),
      ["id"]
    )
  })
  it("never shows a key, not even one in the wrong place", () => {
    const secret = "sk-live-0123456789abcdef"
    for (const entry of [
      secret,
      { kind: secret },
      { kind: "openai", apiKey: [[secret]] },
      { kind: "openai", apikey: secret },
      { kind: "openai", apiKey: `${secret} x`, headers: { authorization: [secret] } },
      { kind: "ollama", [secret]: 1 }
    ]) {
      assert.notInclude(JSON.stringify(wrong(entry)), secret)
    }
  })
  it.prop(
    "that is anything at all is a provider or a list of problems, never a defect",
    { value: Schema.Json },
    ({ value }) => {
      const result = resolveProvider("a", value)
      if (Result.isFailure(result)) assert.isAbove(result.failure.length, 0)
    },
    { arbitrary: { runs: 200, seed: 4141 } }
  )

  const keyFile = JSON.stringify({ type: "service_account", client_email: "a@b", private_key: "canary" })
  it("of Vertex holds a service account's key file among its keys, redacted, and its place", () => {
    const { spec } = right({ kind: "vertex", serviceAccount: keyFile, project: "acme-1", location: "eu" })
    assert.deepStrictEqual(spec.apiKeys.map(Redacted.value), [keyFile])
    assert.strictEqual(spec.project, "acme-1")
    assert.strictEqual(spec.location, "eu")
    assert.notInclude(JSON.stringify(spec), "canary")
  })
  it("of Vertex is told what is wrong with its credentials and its place, none of which is quoted", () => {
    const at = (entry: object) => wrong({ kind: "vertex", ...entry }).map(({ path }) => path)
    assert.deepStrictEqual(at({}), ["apiKey"])
    assert.deepStrictEqual(at({ serviceAccount: "/etc/canary.json" }), ["serviceAccount"])
    assert.deepStrictEqual(at({ serviceAccount: '{"type":"authorized_user"}' }), ["serviceAccount"])
    assert.deepStrictEqual(at({ apiKey: "k", project: "a/b", location: "evil.example/" }), ["project", "location"])
    assert.deepStrictEqual(
      wrong({ kind: "google", apiKey: "k", serviceAccount: keyFile }).map(({ path }) => path),
      ["serviceAccount"]
    )
    assert.notInclude(JSON.stringify(wrong({ kind: "vertex", serviceAccount: "/etc/canary.json" })), "canary")
  })
  it("of Vertex is off in the file where the variable of its service account is not set", () => {
    const { providersOff, providers } = settingsOf(
      JSON.stringify({
        providers: { local: { kind: "ollama" }, v: { kind: "vertex", serviceAccount: "${NOBODY_SETS_THIS}" } }
      })
    )
    assert.deepStrictEqual(providersOff, [{ id: "v", why: "${NOBODY_SETS_THIS} is not set" }])
    assert.deepStrictEqual(
      providers.map(({ id }) => id),
      ["local"]
    )
  })
})
