import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { bare, file, folder, root, start } from "./program.ts"

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `switchyard keys` to its end. */
const keys = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      ["src/main.ts", "keys", ...args],
      { cwd: root, env: { ...bare, ...env } },
      (error, stdout, stderr) => resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr })
    )
  })

const adminKey = "the-admin-key-of-this-test"
/** A config with a database of its own, and the environment that names both. */
const config = (name: string, more = ""): { readonly path: string; readonly sqlite: string } => {
  const sqlite = join(mkdtempSync(join(folder, `${name}-`)), "switchyard.db")
  const path = file(
    `${name}.yaml`,
    [
      `server: { port: 0, adminKey: "${adminKey}" }`,
      "providers: { local: { kind: openai-compatible, baseUrl: http://127.0.0.1:9/v1 } }",
      "models: { mine: [local/llama] }",
      `storage: { sqlite: "${sqlite}" }`,
      more
    ].join("\n")
  )
  return { path, sqlite }
}

/** Each test starts some processes, which take their time on a busy machine. */
const patience = 120_000

/** The status by which a gateway answers a key: 401 from a stranger, 502 where a provider is asked that is not there. */
const statusOf = async (url: string, key: string): Promise<number> => {
  const { status } = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "mine", messages: [{ role: "user", content: "hi" }] })
  })
  return status
}

/** Asks until the answer is what it should be; fails a test by its time limit. */
const becomes = async (status: number, ask: () => Promise<number>): Promise<void> => {
  while ((await ask()) !== status) await new Promise((resolve) => setImmediate(resolve))
}

describe("switchyard keys at a database", () => {
  it(
    "makes, lists, rotates and revokes; the secret alone is on standard output",
    async () => {
      const { path } = config("whole", 'keys: [{ name: fixed, key: "a-client-key-of-some-length" }]')
      const at = ["--config", path]
      const made = await keys(["create", "web", ...at, "--allow", "mine, auto*", "--requests-per-minute", "60"])
      assert.strictEqual(made.code, 0, made.stderr)
      assert.match(made.stdout, /^sy-[\w-]{43}\n$/)
      assert.include(made.stderr, "told this once")
      const again = await keys(["create", "web", ...at])
      assert.deepInclude(again, { code: 1, stdout: "" })
      assert.include(again.stderr, "a name is given once")

      const rotated = await keys(["rotate", "web", ...at, "--grace", "1 hour", "--json"])
      // the answer of the admin API, of which two fields are looked at
      const told = JSON.parse(rotated.stdout) as { secret: string; key: { secrets: ReadonlyArray<unknown> } }
      assert.match(told.secret, /^sy-/)
      assert.lengthOf(told.key.secrets, 2)
      assert.strictEqual((await keys(["revoke", "web", ...at])).code, 0)
      const { stdout } = await keys(["list", ...at])
      const [fixed = "", web = ""] = stdout.split("\n")
      assert.match(fixed, /^fixed +active +of the config/)
      assert.match(web, /^web +revoked +sy-.{4}….{4} sy-.{4}….{4} .*only mine, auto\*; requestsPerMinute 60/)
      assert.notInclude(stdout, made.stdout.trim())
      assert.notInclude(stdout, "a-client-key-of-some-length")
    },
    patience
  )

  it(
    "takes budgets and where answers tell of themselves, changes them, and takes them away",
    async () => {
      const { path } = config("budgets")
      const at = ["--config", path]
      const grants = ["--budget", "10/day,softLimitUsd=8,timeZone=Europe/Berlin", "--budget", "month,softLimitUsd=50"]
      const made = await keys(["create", "web", ...at, ...grants, "--metadata", "body", "--json"])
      assert.strictEqual(made.code, 0, made.stderr)
      // the answer of the admin API, of which one key is looked at
      const told = JSON.parse(made.stdout) as { key: { metadata?: string; budgets: ReadonlyArray<object> } }
      const usual = { reserve: 5, onExhausted: "reject" }
      assert.deepStrictEqual(told.key.budgets, [
        { window: "day", timeZone: "Europe/Berlin", limitUsd: 10, softLimitUsd: 8, ...usual },
        { window: "month", timeZone: "UTC", softLimitUsd: 50, ...usual }
      ])
      assert.strictEqual(told.key.metadata, "body")
      const change = ["change", "web", ...at]
      const changed = await keys([...change, "--budget", "2.5/hour", "--tenant", "acme", "--without", "metadata"])
      assert.match(changed.stdout, /^web +active .*tenant acme; budget \$2\.50 a hour\n$/, changed.stderr)
      assert.notInclude((await keys([...change, "--without", "budgets"])).stdout, "budget")
      for (const [args, expected] of [
        [[], /Nothing is to be changed/],
        [["--without", "tenant", "--tenant", "other"], /'tenant' is to be had and not to be had/],
        [["--budget", "much/day"], /'budgets\.0\.limitUsd'.*US dollars/]
      ] as const) {
        const { code, stderr } = await keys([...change, ...args])
        assert.strictEqual(code, 1)
        assert.match(stderr, expected)
      }
    },
    patience
  )

  it(
    "opens and shuts a gateway that runs on it, and lets one start where everybody can reach it",
    async () => {
      const { path, sqlite } = config("running")
      const open = ["serve", "--config", path]
      const stranger = start(open, { SWITCHYARD_HOST: "0.0.0.0" })
      assert.strictEqual(await stranger.exit, 1)
      assert.match(stranger.output(), /Refusing to listen on 0\.0\.0\.0.*switchyard keys create/)

      const env = { SWITCHYARD_SQLITE: sqlite }
      const secret = (await keys(["create", "web"], env)).stdout.trim()
      const program = start(open, { SWITCHYARD_HOST: "0.0.0.0" })
      const [, port = ""] = await program.until(/listening on http:\S+?:(\d+)/)
      const url = `http://127.0.0.1:${port}`
      assert.strictEqual(await statusOf(url, secret), 502)
      assert.strictEqual(await statusOf(url, "a-stranger"), 401)
      const other = (await keys(["create", "other"], env)).stdout.trim()
      await becomes(502, () => statusOf(url, other))
      await keys(["revoke", "web"], env)
      await becomes(401, () => statusOf(url, secret))
      assert.notInclude(program.output(), secret)
      program.signal("SIGTERM")
      assert.strictEqual(await program.exit, 0)
    },
    patience
  )

  it(
    "says what is wrong in plain words, and ends with 1",
    async () => {
      const { path } = config("wrong")
      const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, expected: RegExp]> = [
        [["list"], /no database to keep keys in/],
        [["revoke", "nobody", "--config", path], /no client key 'nobody'/],
        [["create", "a", "--expires", "soon", "--config", path], /'expires'.*a moment/],
        [["list", "--url", "http://127.0.0.1:9", "--admin-key", "a"], /nothing answers at/]
      ]
      await Promise.all(
        cases.map(async ([args, expected]) => {
          const { code, stderr, stdout } = await keys(args)
          assert.strictEqual(code, 1, args.join(" "))
          assert.match(stderr, expected)
          assert.strictEqual(stdout, "")
        })
      )
    },
    patience
  )
})

describe("switchyard keys at a running gateway", () => {
  it(
    "does what it is told at once, and tells what the gateway refuses",
    async () => {
      const { path } = config("remote")
      const program = start(["serve", "--config", path])
      const [, url = ""] = await program.until(/listening on (http:\S+)/)
      const env = { SWITCHYARD_ADMIN_KEY: adminKey }
      const at = ["--url", url]
      const made = await keys(["create", "web", ...at, "--expires", "90 days"], env)
      assert.strictEqual(made.code, 0, made.stderr)
      assert.include(made.stderr, "every request needs one")
      const secret = made.stdout.trim()
      assert.strictEqual(await statusOf(url, secret), 502)
      assert.strictEqual(await statusOf(url, "a-stranger"), 401)
      const next = (await keys(["rotate", "web", ...at, "--grace", "0s"], env)).stdout.trim()
      assert.strictEqual(await statusOf(url, secret), 401)
      assert.strictEqual(await statusOf(url, next), 502)
      const listed = await keys(["list", ...at, "--json"], env)
      // a list of keys, of which one field is looked at
      assert.strictEqual((JSON.parse(listed.stdout) as ReadonlyArray<{ state: string }>)[0]?.state, "active")
      assert.strictEqual((await keys(["revoke", "web", ...at], env)).code, 0)
      assert.strictEqual(await statusOf(url, next), 401)
      assert.match((await keys(["create", "web", ...at], env)).stderr, /a name is given once/)
      assert.match((await keys(["list", ...at], { SWITCHYARD_ADMIN_KEY: "another" })).stderr, /needs the admin key/)
      for (const one of [secret, next, adminKey]) assert.notInclude(program.output(), one)
    },
    patience
  )
})
