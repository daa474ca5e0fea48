/**
 * Explanations, kept decisions and feedback over HTTP, of a whole gateway over simulated vendors.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, References, Schema, type Scope } from "effect"
import {
  AdminClassifier,
  AdminDecision,
  AdminDecisionLine,
  FeedbackAnswer,
  RouteDecision
} from "../../src/api/DecisionWire.ts"
import { type ClientKey, defaultClassifier } from "../../src/config/Settings.ts"
import { alias, start } from "./harness.ts"

const live = (name: string, test: () => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(test()).pipe(Effect.provideService(References.MinimumLogLevel, "None")))

const code = "Write a Rust function that parses an ISO 8601 date without any crate."

/** The same question in every wire. */
const bodies = {
  "openai-chat": { model: "auto", messages: [{ role: "user", content: code }], max_tokens: 100 },
  "openai-responses": { model: "auto", input: code, max_output_tokens: 100 },
  "anthropic-messages": {
    model: "auto",
    system: "Be short.",
    messages: [{ role: "user", content: code }],
    max_tokens: 100
  },
  gemini: { model: "models/auto", contents: [{ role: "user", parts: [{ text: code }] }] }
}

const key = (name: string, grants: Partial<ClientKey> = {}): ClientKey => ({
  name,
  key: Redacted.make(`key-of-${name}`),
  tenant: undefined,
  priority: "normal",
  allow: undefined,
  ...grants
})

const call = (url: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
  Effect.promise(() =>
    fetch(url, {
      method: body === undefined ? "GET" : "POST",
      headers: { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) })
    }).then(async (response) => ({
      status: response.status,
      id: response.headers.get("x-request-id") ?? "",
      headers: response.headers,
      text: await response.text()
    }))
  )
const read = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  { status, text }: { status: number; text: string }
) => {
  assert.strictEqual(status, 200, text)
  return Effect.orDie(Schema.decodeUnknownEffect(Schema.fromJsonString(schema), { onExcessProperty: "error" })(text))
}
const explained = (url: string, body: unknown, headers?: Readonly<Record<string, string>>) =>
  Effect.flatMap(call(`${url}/v1/route/explain`, body, headers), (reply) => read(RouteDecision, reply))

const Called = Schema.Struct({
  id: Schema.String,
  output: Schema.Array(Schema.Struct({ call_id: Schema.optionalKey(Schema.String) }))
})
const Page = Schema.Struct({ decisions: Schema.Array(AdminDecisionLine), next: Schema.optionalKey(Schema.String) })
const admin = { authorization: "Bearer the-admin" }
const server = { adminKey: Redacted.make("the-admin") }
const bearer = (name: string) => ({ authorization: `Bearer key-of-${name}` })

describe("POST /v1/route/explain", () => {
  live("tells a body of every wire by its shape, says who would be asked, and asks nobody", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* start()
      yield* simulator.clearCalls
      for (const [dialect, body] of Object.entries(bodies)) {
        const decision = yield* explained(url, body)
        assert.strictEqual(decision.kind, "auto", dialect)
        assert.strictEqual(decision.task?.task, "coding", dialect)
        assert.strictEqual(decision.task?.judged?.by, "centroid")
        assert.strictEqual(decision.outcome.is === "asks" ? decision.outcome.first : "", decision.order[0])
        const named = yield* explained(`${url}`, body)
        assert.deepStrictEqual(named.order, decision.order)
        const [first] = decision.candidates
        assert.isAbove(first?.cost?.worstUsd ?? 0, first?.cost?.expectedUsd ?? 1)
        assert.strictEqual(first?.circuit?.model, "closed")
      }
      assert.lengthOf(yield* simulator.calls, 0)
      const answer = yield* call(`${url}/v1/chat/completions`, bodies["openai-chat"])
      const told = yield* explained(url, bodies["openai-chat"])
      const model = `${answer.headers.get("x-switchyard-provider")}/${answer.headers.get("x-switchyard-model")}`
      assert.strictEqual(model, told.order[0])
    })
  )
  live("heeds the headers of a request and the dialect of the address", () =>
    Effect.gen(function* () {
      const { url } = yield* start()
      const cheap = yield* explained(url, bodies["openai-chat"], {
        "x-switchyard-prefer": "cost",
        "x-switchyard-task": "chat"
      })
      assert.deepInclude(cheap.task, { task: "chat", preference: "cost", from: "caller" })
      const capped = yield* explained(url, bodies["openai-chat"], { "x-switchyard-max-cost-usd": "0.000001" })
      assert.strictEqual(capped.outcome.is === "refused" ? capped.outcome.reason : "", "CostCapReached")
      assert.strictEqual(capped.candidates[0]?.exclusion?.why, "TooDear")
      const wrong = yield* call(`${url}/v1/route/explain?dialect=anthropic-messages`, { model: "auto", messages: 7 })
      assert.strictEqual(wrong.status, 400)
      assert.include(wrong.text, '"type":"error"')
    })
  )
  live("knows what each wire cannot say, and whom a strict caller's request passes over", () =>
    Effect.gen(function* () {
      const { url } = yield* start({
        aliases: [
          alias("mine", "anthropic/claude-sonnet-5", "gemini/gemini-3.5-flash", "openai/gpt-5.2"),
          alias("nobody", "anthropic/claude-sonnet-5", "gemini/gemini-3.5-flash")
        ]
      })
      const hi = { messages: [{ role: "user", content: "hi" }] }
      const strict = { "x-switchyard-strict": "true" }
      const wishes = { store: true }
      const cases: ReadonlyArray<readonly [body: object, headers: Readonly<Record<string, string>>, out: number]> = [
        [{ ...hi, model: "mine", web_search_options: {} }, {}, 2],
        [{ ...hi, model: "mine", web_search_options: {}, stream: true }, {}, 2],
        [{ ...hi, model: "mine", user: "me", ...wishes }, {}, 0],
        [{ ...hi, model: "mine", ...wishes }, strict, 2],
        [{ ...hi, model: "nobody", web_search_options: {}, ...wishes }, strict, 2],
        [{ ...hi, model: "nobody", web_search_options: {} }, {}, 2],
        [{ ...hi, model: "nobody", n: 3 }, {}, 1]
      ]
      for (const [body, headers, out] of cases) {
        const { candidates, outcome } = yield* explained(url, body, headers)
        const said = JSON.stringify([body, candidates.map(({ exclusion }) => exclusion), outcome])
        assert.lengthOf(
          candidates.filter(({ exclusion }) => exclusion?.why === "CannotTell" && exclusion.feature !== undefined),
          out,
          said
        )
        const answer = yield* call(`${url}/v1/chat/completions`, body, headers)
        if (outcome.is === "refused") {
          assert.strictEqual(answer.status, outcome.status, said)
          assert.include(answer.text, JSON.stringify(outcome.message).slice(1, -1))
          continue
        }
        assert.strictEqual(answer.status, 200, answer.text)
        const who = `${answer.headers.get("x-switchyard-provider")}/${answer.headers.get("x-switchyard-model")}`
        assert.strictEqual(outcome.is === "asks" ? outcome.first : "", who, said)
      }
    })
  )
  live("explains what would be refused, with what the caller would be told", () =>
    Effect.gen(function* () {
      const { url } = yield* start({ aliases: [alias("mine", "openai/gpt-5-mini", "elsewhere/m")] })
      for (const body of [
        { model: "nobody-has-this", messages: [{ role: "user", content: "hi" }] },
        { model: "openai/gpt-5-mini", messages: [{ role: "user", content: "long ".repeat(3_000_000) }] }
      ]) {
        const { outcome } = yield* explained(url, body)
        const answer = yield* call(`${url}/v1/chat/completions`, body)
        if (outcome.is !== "refused") return assert.fail("it would be refused")
        assert.strictEqual(outcome.status, answer.status)
        assert.include(answer.text, JSON.stringify(outcome.message).slice(1, 40))
      }
      const { candidates, order } = yield* explained(url, {
        model: "mine",
        messages: [{ role: "user", content: "hi" }]
      })
      assert.deepStrictEqual(order, ["openai/gpt-5-mini"])
      assert.deepStrictEqual(
        candidates.map(({ exclusion, model }) => [model, exclusion?.why]),
        [
          ["openai/gpt-5-mini", undefined],
          ["elsewhere/m", "NotSetUp"]
        ]
      )
    })
  )
  live("knows what a response goes on from, as the request that would be sent does", () =>
    Effect.gen(function* () {
      const { url } = yield* start({
        aliases: [{ ...alias("turning", "openai/gpt-5-mini", "anthropic/claude-sonnet-5"), strategy: "round-robin" }]
      })
      const tools = [{ type: "function", name: "look", parameters: { type: "object", properties: {} } }]
      const asked = { model: "turning", input: "what is there?", tools, tool_choice: "required" }
      const first = yield* call(`${url}/v1/responses`, asked)
      const { id, output } = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Called))(first.text)
      const result = {
        type: "function_call_output",
        call_id: output.find((one) => one.call_id !== undefined)?.call_id,
        output: "a cat"
      }
      const next = { model: "turning", previous_response_id: id, input: [result], tools }
      const { order, stays } = yield* explained(url, next)
      assert.strictEqual(stays?.because, "toolTurn")
      const answer = yield* call(`${url}/v1/responses`, next)
      assert.strictEqual(
        order[0],
        `${answer.headers.get("x-switchyard-provider")}/${answer.headers.get("x-switchyard-model")}`
      )
      const unknown = yield* call(`${url}/v1/route/explain`, { ...next, previous_response_id: "resp_unknown" })
      assert.strictEqual(
        unknown.status,
        (yield* call(`${url}/v1/responses`, { ...next, previous_response_id: "resp_unknown" })).status
      )
    })
  )
  live("says whose word keeps one away: the config's, an operator's, a drill's, or that of a missing key", () =>
    Effect.gen(function* () {
      const targets = ["openai/gpt-5.2", "anthropic/claude-sonnet-5", "gemini/gemini-3.5-flash", "groq/llama", "gone/m"]
      const { url } = yield* start({
        server,
        vendors: ["openai", "anthropic", "gemini", "mistral"],
        aliases: [alias("mine", ...targets, "mistral/mistral-large-latest")],
        settings: {
          providersOff: [{ id: "groq", why: "GROQ_API_KEY is not set" }],
          roles: new Map([["mistral", { state: "draining", weight: 1 }]])
        }
      })
      const order = (method: string, path: string, body: object) =>
        Effect.promise(() =>
          fetch(`${url}/admin/${path}`, {
            method,
            headers: { "content-type": "application/json", ...admin },
            body: JSON.stringify(body)
          }).then(({ ok, status }) => assert.isTrue(ok, `${path}: ${status}`))
        )
      yield* order("PATCH", "providers/openai", { state: "disabled" })
      yield* order("POST", "drills", { target: "anthropic" })
      yield* order("PUT", "circuits/gemini", { state: "open" })
      const why = (model: string) =>
        Effect.map(explained(url, { model, messages: [{ role: "user", content: "hi" }] }), ({ candidates }) =>
          candidates.map(({ exclusion, model: name }) => [name, exclusion?.why, exclusion?.by ?? exclusion?.because])
        )
      assert.sameDeepMembers(yield* why("mine"), [
        ["openai/gpt-5.2", "OutOfService", "operator"],
        ["anthropic/claude-sonnet-5", "Quarantined", "drill"],
        ["gemini/gemini-3.5-flash", "CircuitOpen", "operator"],
        ["groq/llama", "NotSetUp", "noKey"],
        ["gone/m", "NotSetUp", "unknown"],
        ["mistral/mistral-large-latest", "OutOfService", "config"]
      ])
      assert.deepStrictEqual(yield* why("groq/llama"), [["groq/llama", "NotSetUp", "noKey"]])
      assert.deepStrictEqual(yield* why("gone/m"), [])
    })
  )
  live("needs a key where there are keys, and tells its holder of nothing that it does not allow", () =>
    Effect.gen(function* () {
      const { url } = yield* start({
        aliases: [alias("mine", "openai/gpt-5-mini"), alias("secret", "anthropic/claude-sonnet-5")],
        settings: { keys: [key("somebody", { allow: ["mine"] }), key("european", { region: "eu" })] }
      })
      const body = { model: "secret", messages: [{ role: "user", content: "hi" }] }
      assert.strictEqual((yield* call(`${url}/v1/route/explain`, body)).status, 401)
      const decision = yield* explained(url, body, bearer("somebody"))
      assert.strictEqual(decision.outcome.is === "refused" ? decision.outcome.status : 0, 403)
      assert.deepStrictEqual(decision.candidates, [{ model: "secret", as: "asked", exclusion: { why: "NotAllowed" } }])
      const abroad = yield* explained(url, body, bearer("european"))
      assert.strictEqual(abroad.candidates[0]?.exclusion?.why, "OtherRegion")
      assert.strictEqual(abroad.key, "european")
    })
  )
  live("says clearly what is wrong with a body", () =>
    Effect.gen(function* () {
      const { url } = yield* start()
      const cases: ReadonlyArray<readonly [string, unknown, string]> = [
        ["", "{", "JSON"],
        ["", [], "JSON object"],
        ["", { model: "auto" }, "no wire that is known"],
        ["", { contents: [] }, "'model'"],
        ["?dialect=cobol", bodies["openai-chat"], "'dialect'"]
      ]
      for (const [query, body, words] of cases) {
        const { status, text } = yield* call(`${url}/v1/route/explain${query}`, body)
        assert.strictEqual(status, 400, text)
        assert.include(text, words)
        assert.include(text, "invalid_request_error")
      }
      assert.strictEqual((yield* call(`${url}/v1/route/explain`)).status, 405)
    })
  )
  live("stands in the contract, with the rest", () =>
    Effect.gen(function* () {
      const { url } = yield* start()
      const { text } = yield* call(`${url}/openapi.json`)
      for (const path of [
        "/v1/route/explain",
        "/v1/feedback",
        "/admin/decisions",
        "/admin/decisions/{id}",
        "/admin/classifier"
      ])
        assert.include(text, `"${path}"`)
    })
  )
  live("names the classifier that stands in for one that would ask a model", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* start({
        settings: { classifier: { ...defaultClassifier, by: "llm", model: "openai/gpt-5-mini" } }
      })
      yield* simulator.clearCalls
      const { task } = yield* explained(url, bodies["openai-chat"])
      assert.isTrue(task?.judged?.standIn)
      assert.strictEqual(task?.judged?.by, "centroid")
      assert.lengthOf(yield* simulator.calls, 0)
    })
  )
})

describe("/admin/decisions", () => {
  live("keeps what was decided and what then happened, without a word of the prompt", () =>
    Effect.gen(function* () {
      const { url } = yield* start({
        server,
        aliases: [alias("mine", "openai/gpt-5-mini--banned", "anthropic/claude-sonnet-5")]
      })
      const secret = "a very secret wish"
      const first = yield* call(`${url}/v1/chat/completions`, {
        model: "mine",
        messages: [{ role: "user", content: secret }]
      })
      const second = yield* call(`${url}/v1/messages`, {
        ...bodies["anthropic-messages"],
        model: "nowhere",
        stream: true
      })
      const { decisions } = yield* read(Page, yield* call(`${url}/admin/decisions`, undefined, admin))
      assert.deepStrictEqual(
        decisions.map(({ id, outcome, status }) => [id, outcome, status]),
        [
          [second.id, "refused", 404],
          [first.id, "asks", 200]
        ]
      )
      const kept = yield* call(`${url}/admin/decisions/${first.id}`, undefined, admin)
      assert.notInclude(kept.text, secret)
      const { became, order } = yield* read(AdminDecision, kept)
      assert.deepStrictEqual(order, ["openai/gpt-5-mini--banned", "anthropic/claude-sonnet-5"])
      assert.strictEqual(became?.answeredBy, "anthropic/claude-sonnet-5")
      assert.deepStrictEqual(
        became?.attempts.map(({ model, reason }) => [model, reason !== undefined]),
        [
          ["openai/gpt-5-mini--banned", true],
          ["anthropic/claude-sonnet-5", false]
        ]
      )
      assert.isAbove(became?.outputTokens ?? 0, 0)
    })
  )
  live(
    "tells whose wire could not say what was asked, as an explanation does, where somebody's turn came in vain",
    () =>
      Effect.gen(function* () {
        const { url } = yield* start({
          server,
          aliases: [
            alias("mine", "anthropic/claude-sonnet-5", "gemini/gemini-3.5-flash", "openai/gpt-5.2"),
            alias("nobody", "anthropic/claude-sonnet-5", "gemini/gemini-3.5-flash"),
            alias("first", "openai/gpt-5.2", "anthropic/claude-sonnet-5")
          ]
        })
        const asked = { messages: [{ role: "user", content: "hi" }], web_search_options: {} }
        const whys = ({ candidates, order, outcome, strategy }: RouteDecision) => ({
          candidates: candidates.map(({ exclusion, model }) => [model, exclusion]),
          order,
          outcome,
          strategy
        })
        for (const [model, fields] of [
          ["mine", {}],
          ["mine", { stream: true }],
          ["nobody", {}]
        ] as const) {
          const told = yield* explained(url, { ...asked, ...fields, model })
          const { id } = yield* call(`${url}/v1/chat/completions`, { ...asked, ...fields, model })
          const kept = yield* read(AdminDecision, yield* call(`${url}/admin/decisions/${id}`, undefined, admin))
          assert.deepStrictEqual(whys(kept), whys(told))
          assert.include(JSON.stringify(kept), "CannotTell")
          assert.isDefined(kept.became)
        }
        // whose turn never came was not read, which would take as long as writing the request for its wire
        const { id } = yield* call(`${url}/v1/chat/completions`, { ...asked, model: "first" })
        const kept = yield* call(`${url}/admin/decisions/${id}`, undefined, admin)
        assert.notInclude(kept.text, "CannotTell")
      })
  )
  live("pages, newest first, and is for operators alone", () =>
    Effect.gen(function* () {
      const { url } = yield* start({ server })
      const ids: Array<string> = []
      for (let at = 0; at < 5; at++) ids.unshift((yield* call(`${url}/v1/chat/completions`, bodies["openai-chat"])).id)
      const seen: Array<string> = []
      let before = ""
      for (let page = 0; page < 3; page++) {
        const found = yield* read(Page, yield* call(`${url}/admin/decisions?limit=2${before}`, undefined, admin))
        seen.push(...found.decisions.map(({ id }) => id))
        before = `&before=${found.next}`
        assert.strictEqual(found.next !== undefined, page < 2)
      }
      assert.deepStrictEqual(seen, ids)
      assert.strictEqual((yield* call(`${url}/admin/decisions?before=req_gone`, undefined, admin)).status, 400)
      assert.strictEqual((yield* call(`${url}/admin/decisions/req_gone`, undefined, admin)).status, 404)
      for (const path of ["decisions", `decisions/${ids[0]}`, "classifier"])
        assert.strictEqual((yield* call(`${url}/admin/${path}`)).status, 401)
    })
  )
})

describe("POST /v1/feedback", () => {
  live("counts what callers say of their own requests, once each", () =>
    Effect.gen(function* () {
      const { url } = yield* start({ server, settings: { keys: [key("a"), key("b")] } })
      const { id } = yield* call(`${url}/v1/chat/completions`, bodies["openai-chat"], bearer("a"))
      const named = yield* call(
        `${url}/v1/chat/completions`,
        { ...bodies["openai-chat"], model: "openai/gpt-5-mini" },
        bearer("a")
      )
      const say = (body: unknown, who = "a") => call(`${url}/v1/feedback`, body, bearer(who))
      assert.strictEqual((yield* say({ request_id: id, task: "math" }, "b")).status, 404)
      assert.strictEqual((yield* say({ request_id: "req_unknown", rating: "up" })).status, 404)
      assert.strictEqual((yield* call(`${url}/v1/feedback`, { request_id: id, rating: "up" })).status, 401)
      for (const body of [
        { request_id: id },
        { request_id: id, task: "cooking" },
        { rating: "up" },
        { request_id: id, rating: "meh" }
      ])
        assert.strictEqual((yield* say(body)).status, 400, JSON.stringify(body))
      const misspelt = yield* say({ request_id: id, rating: "up", taks: "math" })
      assert.strictEqual(misspelt.status, 400)
      assert.include(misspelt.text, `"param":"taks"`)
      assert.include(misspelt.text, "did you mean")
      assert.strictEqual((yield* say({ request_id: named.id, rating: "up" })).status, 400)
      const first = yield* read(FeedbackAnswer, yield* say({ request_id: id, task: "math" }))
      assert.deepStrictEqual(first, { request_id: id, told: "coding", right: "math", counted: true })
      assert.isFalse((yield* read(FeedbackAnswer, yield* say({ request_id: id, rating: "up" }))).counted)
      const report = yield* read(AdminClassifier, yield* call(`${url}/admin/classifier`, undefined, admin))
      assert.deepStrictEqual(report.confusion, [{ told: "coding", right: "math", count: 1 }])
      assert.isFalse(report.keepsTexts)
      assert.lengthOf(report.proposals, 0)
      const metrics = yield* call(`${url}/metrics`)
      assert.match(metrics.text, /llm_task_feedback_total\{[^}]*right="math"[^}]*\} 1/)
    })
  )
  live("tells when a class drifts, once, and proposes exemplars where texts are kept", () =>
    Effect.gen(function* () {
      const { url } = yield* start({
        server,
        settings: { classifier: { ...defaultClassifier, keepTexts: true } }
      })
      for (let at = 0; at < 24; at++) {
        const content = `${code} Variant ${at % 3}.`
        const { id } = yield* call(`${url}/v1/chat/completions`, {
          model: "auto",
          messages: [{ role: "user", content }]
        })
        yield* call(`${url}/v1/feedback`, { request_id: id, ...(at < 12 ? { rating: "up" } : { task: "creative" }) })
      }
      const report = yield* read(
        AdminClassifier,
        yield* call(`${url}/admin/classifier?accuracy=true`, undefined, admin)
      )
      assert.deepStrictEqual(report.classes, [{ task: "coding", feedbacks: 24, wrong: 12, drifting: true }])
      assert.lengthOf(report.proposals, 3)
      assert.deepInclude(report.proposals[0], { told: "coding", right: "creative" })
      assert.deepInclude(report.accuracy, { texts: 3, before: 0 })
      const { text } = yield* call(`${url}/admin/events`, undefined, admin)
      assert.lengthOf(text.match(/classifier\.drifted/g) ?? [], 1)
      assert.match((yield* call(`${url}/metrics`)).text, /llm_classifier_drifting\{task="coding"\} 1/)
    })
  )
})
