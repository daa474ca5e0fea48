import { assert, describe, it } from "@effect/vitest"
import { ConfigError } from "../../src/config/ConfigError.ts"
import { complete, env, minimal, problemsOf, read } from "./fixtures.ts"

const only = (text: string, environment = env): string => {
  const problems = problemsOf(text, environment)
  assert.strictEqual(problems.length, 1, problems.join("\n"))
  return problems[0] ?? ""
}

describe("a wrong config", () => {
  it("names file, line, column, path, what was found and what was expected", () => {
    assert.strictEqual(
      only(`${minimal}resilience:\n    maxAttempts: six\n`),
      `switchyard.yaml:4:18  resilience.maxAttempts: found "six" (a string), expected an integer between 1 and 20`
    )
  })
  it("is told everything that is wrong at once, in the file's order", () => {
    const problems = problemsOf(`server: { port: 70000 }
providers:
  local: { kind: olama }
models:
  a: [nobody/x]
resilience: { maxAttempts: 0, circuit: { openFor: 10 minutes } }
keys: [{ name: a, key: "\${NOT_SET}" }]
`)
    assert.deepStrictEqual(
      problems.map((problem) => problem.replace(/^switchyard.yaml:(\d+):\d+ {2}([^:]+):.*$/, "$1 $2")),
      [
        "1 server.port",
        "3 providers.local.kind",
        "5 models.a.0",
        "6 resilience.maxAttempts",
        "6 resilience.circuit.openFor",
        "7 keys.0.key"
      ]
    )
  })
  it("does not blame the mentions of an entry that is wrong itself", () => {
    assert.match(only(`providers:\n  local: { kind: olama }\nmodels:\n  a: [local/x]\n`), /providers\.local\.kind/)
  })
  it("offers the nearest known name", () => {
    assert.match(only(`${minimal}resilience: { maxAttemps: 3 }`), /not known.*did you mean "maxAttempts"\?/)
    assert.match(only(`providers: { a: { kind: antropic, apiKey: x } }`), /did you mean "anthropic"\?/)
    assert.match(only(`${minimal}models: { a: [locl/x] }`), /did you mean "local"\?/)
    assert.match(only(`${minimal}models: { smart: [local/x] }\nresilience: { defaultFallbacks: [smrt] }`), /"smart"/)
    assert.match(only(`${minimal}budgets: [{ scope: "provider:locale", window: day, limitUsd: 1 }]`), /"local"/)
  })
  it.each([
    ["a section that is not known", "cash: {}", /cash: found a key that is not known/],
    ["an alias that stands for an alias", "models: { a: [local/x], b: [a] }", /models\.b\.0: .*another alias/],
    ["an alias with a reserved name", `models: { "auto:cost": [local/x] }`, /reserved name/],
    ["an alias without targets", "models: { a: [] }", /models\.a: found an empty list/],
    ["facts of a model at nobody", "models: { nobody/x: { contextWindow: 5 } }", /models\.nobody\/x: found a provider/],
    ["instructions without a text", "economy: { for: [auto] }", /economy\.system/],
    [
      "instructions for nobody",
      `models: { smart: [local/x] }\neconomy: { system: "Be brief.", for: ["auto*", smrt] }`,
      /economy\.for\.1: .*auto, an alias.*did you mean "smart"\?/
    ],
    ["two keys of one name", "keys: [{ name: a, key: b }, { name: a, key: c }]", /keys\.1\.name/],
    [
      "a key's limit of nothing",
      "keys: [{ name: a, key: b, limits: { concurrent: 0 } }]",
      /keys\.0\.limits\.concurrent/
    ],
    ["a key's end on no day", "keys: [{ name: a, key: b, expires: 2026-02-30 }]", /keys\.0\.expires: .*no such moment/],
    ["two keys of one value", "keys: [{ name: a, key: b }, { name: c, key: b }]", /keys\.1\.key: found the value/],
    ["a cache that shares with whom nobody knows", "cache: { scope: tenants }", /cache\.scope/],
    ["a cache that shrinks its time", "cache: { stretch: 0.5 }", /cache\.stretch: .*between 1 and 100/],
    ["a cache of an unknown field", "cache: { semantic: true }", /cache/],
    ["a budget of an unknown shape", "budgets: [{ scope: all, window: day, limitUsd: 1 }]", /budgets\.0\.scope/],
    [
      "a budget of a model at nobody",
      `budgets: [{ scope: "model:nobody/x", window: day, limitUsd: 1 }]`,
      /budgets\.0\.scope: .*a provider of this file/
    ],
    [
      "streams that are left settled by nothing",
      "resilience: { abandonedStreams: free }",
      /resilience\.abandonedStreams: .*worst/
    ],
    ["a budget of an unknown key", `budgets: [{ scope: "key:a", window: day, limitUsd: 1 }]`, /a key of this file/],
    [
      "a budget without a limit",
      "budgets: [{ scope: global, window: day }]",
      /budgets\.0: found a budget without a limit/
    ],
    [
      "a soft limit above the hard one",
      "budgets: [{ scope: global, window: day, limitUsd: 1, softLimitUsd: 2 }]",
      /budgets\.0\.softLimitUsd: .*no more than limitUsd/
    ],
    [
      "a limit beyond a million",
      "budgets: [{ scope: global, window: day, limitUsd: 1000001 }]",
      /budgets\.0\.limitUsd/
    ],
    [
      "a window that is none",
      "budgets: [{ scope: global, window: year, limitUsd: 1 }]",
      /budgets\.0\.window: .*minute/
    ],
    [
      "two budgets of one scope and window",
      "budgets: [{ scope: global, window: day, limitUsd: 1 }, { scope: global, window: day, limitUsd: 2 }]",
      /budgets\.1: found a second budget of global for a day/
    ],
    [
      "a key's budget that the section budgets has as well",
      `keys: [{ name: a, key: b, budgets: [{ window: day, limitUsd: 1 }] }]
budgets: [{ scope: "key:a", window: day, limitUsd: 1 }]`,
      /keys\.0\.budgets\.0: found a second budget of key:a/
    ],
    ["an unknown time zone", "budgets: [{ scope: global, window: day, limitUsd: 1, timeZone: Mars/One }]", /timeZone/],
    ["a circuit open for longer than its longest", "resilience: { circuit: { openFor: 1 hour } }", /circuit\.openFor/],
    ["a length of time without a unit", `resilience: { deadline: "120" }`, /resilience\.deadline/],
    ["a negative length of time", "resilience: { deadline: -5 }", /resilience\.deadline/],
    ["a length of time without end", "resilience: { deadline: .inf }", /resilience\.deadline/],
    ["a number that is none", "resilience: { maxAttempts: .nan }", /resilience\.maxAttempts/],
    ["a port beyond the last", "server: { port: 65536 }", /server\.port/],
    ["an origin with a path", `server: { cors: ["https://a.example/x"] }`, /server\.cors\.0/],
    ["the admin key as a client's", "server: { adminKey: abc }\nkeys: [{ name: a, key: abc }]", /server\.adminKey/],
    ["a task that is not known", "tasks: { codng: { cost: [local/x] } }", /did you mean "coding"/],
    ["a redis URL of another scheme", "storage: { redis: http://x }", /storage\.redis/],
    ["a database that is a URL", "storage: { sqlite: 'file:a.db' }", /storage\.sqlite: .*a path to a file/],
    ["a database that is a folder", "storage: { sqlite: ./data/ }", /storage\.sqlite: found "\.\/data\/"/],
    [
      "a share above the whole",
      "resilience: { retryBudget: { share: 2 } }",
      /share: found 2 .*a share between 0 and 1/
    ],
    ["a budget of retries below none", "resilience: { retryBudget: { perMinute: -1 } }", /retryBudget\.perMinute/],
    ["an unknown part of the retry budget", "resilience: { retryBudget: { perMinut: 1 } }", /mean "perMinute"/],
    ["probes that are neither on nor off", "resilience: { probes: often }", /probes: found "often".*true, false, or/],
    ["probes without a pause", "resilience: { probes: { interval: 0 } }", /resilience\.probes\.interval/],
    ["a queue of half a request", "resilience: { queue: { capacity: 0.5 } }", /resilience\.queue\.capacity/],
    ["a memory of responses that is none", "server: { responses: { entries: -1 } }", /server\.responses\.entries/],
    ["a field that the memory does not have", "server: { responses: { keep: 1 } }", /server\.responses\.keep/],
    ["a queue's patience that is none", "resilience: { queue: { patience: soon } }", /resilience\.queue\.patience/],
    ["a cost cap of nothing", "resilience: { costCapUsd: 0 }", /resilience\.costCapUsd: .*US dollars/],
    ["a failure rate of no calls", "resilience: { circuit: { failureRate: { calls: 0 } } }", /failureRate\.calls/],
    ["a failure rate over all", "resilience: { circuit: { failureRate: { share: 50 } } }", /failureRate\.share/],
    [
      "vectors that are maybe compatible",
      "models: { a: { targets: [local/x], vectors: maybe } }",
      /models\.a\.vectors: .*"compatible"/
    ],
    [
      "a hedge that is a number",
      "models: { a: { targets: [local/x], hedge: 2 } }",
      /models\.a\.hedge: .*true or false/
    ],
    [
      "an alias in a region that no target is in",
      "models: { a: { targets: [local/x], region: eu } }",
      /models\.a\.region: found "eu" \(a string\), expected a region of a provider among its targets .*\(there is none\)/
    ],
    [
      "a key for a region that no provider is in",
      "keys: [{ name: a, key: b, region: eu }]",
      /keys\.0\.region: found "eu" \(a string\), expected a region of a provider that is on \(there is none\)/
    ],
    ["a reference without a name", `server: { host: "\${}" }`, /server\.host: found a \$\{ that begins no variable/],
    ["a reference with a default", `server: { host: "\${A:-b}" }`, /server\.host/],
    [
      "an unset variable that is no provider's key",
      `server: { adminKey: "\${NOT_SET}" }`,
      /\$\{NOT_SET\}, which is not set/
    ]
  ])("with %s is refused", (_name, section, expected) => {
    assert.match(only(`${minimal}${section}`), expected)
  })
  it.each([
    ["no key and no address", "a: { kind: openai }", /providers\.a\.apiKey: .*\$\{OPENAI_API_KEY\}/],
    ["no address where the kind has none", "a: { kind: azure-openai, apiKey: x }", /providers\.a\.baseUrl/],
    ["an address that is no URL", "a: { kind: ollama, baseUrl: localhost:11434 }", /providers\.a\.baseUrl/],
    ["an unset variable in its address", `a: { kind: ollama, baseUrl: "\${NOT_SET}" }`, /providers\.a\.baseUrl/],
    ["a key with a space inside", `a: { kind: openai, apiKey: "a b" }`, /providers\.a\.apiKey: found a text/],
    ["no call at once", "a: { kind: ollama, limits: { concurrent: 0 } }", /a\.limits\.concurrent: .*an integer/],
    ["a weight below nothing", "a: { kind: ollama, weight: -1 }", /a\.weight: .*a number between 0 and 1000/],
    ["a state nobody knows", "a: { kind: ollama, state: drainning }", /a\.state: .*did you mean "draining"/],
    ["an id with a slash", `a/b: { kind: ollama }`, /an id of letters/],
    ["a header that would end the line", `a: { kind: ollama, headers: { x-a: "b\\r\\nc: d" } }`, /headers\.x-a/]
  ])("with a provider with %s is refused", (_name, provider, expected) => {
    assert.match(only(`providers:\n  ${provider}\n`), expected)
  })
  it("that asks for a region is told which there are, and which are off", () => {
    const providers = `providers:
  a: { kind: ollama, region: us }
  b: { kind: ollama, region: ASIA }
  c: { kind: openai, apiKey: "\${NOT_SET}", region: EU }
`
    assert.match(
      only(`${providers}models: { x: { targets: [a/x, b/x], region: mars } }`),
      /models\.x\.region: found "mars".*\(us, asia\)$/
    )
    assert.match(
      only(`${providers}models: { x: { targets: [a/x], region: asia } }`),
      /models\.x\.region: .*among its targets that is on \(us\)$/
    )
    assert.match(
      only(`${providers}models: { x: { targets: [a/x, c/x], region: eu } }`),
      /\(us\); provider "c" of that region is off: \$\{NOT_SET\} is not set$/
    )
    assert.match(
      only(`${providers}keys: [{ name: k, key: l, region: eu }]`),
      /keys\.0\.region: .*\(us, asia\); provider "c"/
    )
  })
  it("without a provider is refused", () => {
    assert.match(only(""), /providers: found nothing/)
    assert.match(only("providers: {}"), /at least one provider/)
  })
  it("that listens beyond this machine without client keys is refused, wherever the address comes from", () => {
    assert.match(only(`${minimal}server: { host: 0.0.0.0 }`), /server\.host: .*"keys"/)
    assert.match(only(minimal, { SWITCHYARD_HOST: "::" }), /^environment {2}SWITCHYARD_HOST/)
    assert.deepStrictEqual(problemsOf(`${minimal}server: { host: 0.0.0.0 }\nkeys: [{ name: a, key: b }]`), [])
    // whether a database holds keys is found out when it is opened
    assert.deepStrictEqual(problemsOf(`${minimal}server: { host: 0.0.0.0 }\nstorage: { sqlite: a.db }`), [])
  })
  it("shows at most twenty problems and counts the rest", () => {
    const text = `${minimal}resilience:\n${Array.from({ length: 30 }, (_, index) => `  k${index}: 1\n`).join("")}`
    const [first, ...rest] = read(text).problems
    assert.isDefined(first)
    if (first === undefined) return
    const lines = new ConfigError({ problems: [first, ...rest] }).message.split("\n")
    assert.strictEqual(lines.length, 21)
    assert.strictEqual(lines.at(-1), "and 10 more")
  })
})

describe("a file that is no YAML", () => {
  it.each([
    ["two equal keys", "providers: {}\nproviders: {}\n", 2],
    ["a bracket left open", "providers: [\n", 1],
    ["a second document", "a: 1\n---\nb: 2\n", 2],
    ["an alias of nothing", "providers: *nothing\n", 1],
    ["an alias of itself", "providers: &a [*a]\n", 1],
    ["an unknown tag", "providers: !!js/function x\n", 1],
    ["a tab as indentation", "providers:\n\tlocal: {}\n", 2]
  ])("because of %s is told the line", (_name, text, line) => {
    const { problems } = read(text)
    assert.isAbove(problems.length, 0)
    assert.isAtLeast(problems[0]?.line ?? 0, line)
  })
  it("is a problem and no hang, however it nests or multiplies", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
      .split("")
      .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${"abcdefg"[index]}`).join(",")}]\n`)
      .join("")}`
    for (const text of [bomb, "[".repeat(50_000), `providers: ${"[".repeat(300)}${"]".repeat(300)}`]) {
      assert.isAbove(read(text).problems.length, 0)
    }
  })
})

describe("a message", () => {
  const secrets = Object.values(env).filter((value) => value !== undefined)
  it("never shows what a variable stands for", () => {
    const wrong = complete
      .replace("kind: openai,", "kind: oopenai,")
      .replace("maxAttempts: 6", `maxAttempts: "\${WEB_KEY}"`)
      .replace("host: 127.0.0.1", `host: "\${OPENAI_API_KEY}"`)
      .replace("deadline: 120 seconds", `deadline: "\${ANTHROPIC_API_KEY}"`)
      .replace("window: day", `window: "\${GROQ_API_KEY}"`)
      .replace("fast: [", `fast: ["\${GEMINI_API_KEY}", `)
    const rendered = problemsOf(wrong).join("\n")
    assert.isAbove(rendered.split("\n").length, 4)
    for (const secret of secrets) assert.notInclude(rendered, secret)
  })
  it("never shows a key that is written into the file, not even in the wrong place", () => {
    const secret = "sk-live-0123456789abcdef"
    const places = [
      `providers: { openai: ${secret} }`,
      `providers: { openai: { kind: ${secret} } }`,
      `providers: { openai: { kind: openai, apiKey: [[${secret}]] } }`,
      `providers: { openai: { kind: openai, apikey: ${secret} } }`,
      `providers: { openai: { kind: openai, headers: { authorization: [${secret}] } } }`,
      `providers: { ${secret}: 5 }`,
      `${minimal}keys: ${secret}`,
      `${minimal}keys: [${secret}]`,
      `${minimal}keys: [{ name: a, key: { x: ${secret} } }]`,
      `${minimal}models: { a: [${secret}] }`,
      `${minimal}resilience: { maxAttempts: ${secret} }`,
      `${minimal}server: { adminKey: [${secret}] }`,
      `${minimal}storage: { redis: "http://user:${secret}@x" }`,
      `providers: { a: *${secret} }`,
      `providers: { a: "x" ${secret} }`,
      `providers: { a: !${secret} x }`
    ]
    for (const text of places) {
      const rendered = problemsOf(text).join("\n")
      assert.notStrictEqual(rendered, "", text)
      assert.notInclude(rendered, secret, text)
    }
  })
})
