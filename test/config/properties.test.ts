import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { isMap, isScalar, isSeq, parseDocument } from "yaml"
import { ConfigFile, switchyardJsonSchema } from "../../src/config/ConfigFile.ts"
import { interpolate } from "../../src/config/interpolate.ts"
import { editDistance, nearest } from "../../src/config/nearest.ts"
import { parseDuration } from "../../src/config/notation.ts"
import { readPlain, readYaml } from "../../src/config/Source.ts"
import { settingsFromSource } from "../../src/config/load.ts"
import { complete, env, read } from "./fixtures.ts"

const runs = (n: number) => ({ arbitrary: { runs: n, seed: 4141 } })

/** The paths of a value: its shape, without the texts. */
const shapeOf = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(shapeOf)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]))
      : typeof value

describe("interpolation", () => {
  it.prop(
    "never changes the structure, whatever the variables hold",
    { values: Schema.Array(Schema.String).check(Schema.isMinLength(4), Schema.isMaxLength(4)) },
    ({ values }) => {
      const hostile = ["\n- x: 1", "}, { a: 1", '"] # ', "${B}", ...values]
      for (const value of hostile) {
        const variables = Object.fromEntries(Object.keys(env).map((name) => [name, value]))
        const given = readYaml("a.yaml", complete, variables)
        assert.deepStrictEqual(given.problems, [])
        assert.deepStrictEqual(shapeOf(given.value), shapeOf(readYaml("a.yaml", complete, env).value))
      }
    },
    runs(50)
  )
  it.prop(
    "gives every text back that has no reference in it, and what an escape stands for",
    { text: Schema.String },
    ({ text }) => {
      const plain = text.replaceAll("${", "$ {")
      assert.deepStrictEqual(interpolate(plain, {}), { _tag: "Text", text: plain })
      assert.deepStrictEqual(interpolate(`$\${${plain}`, {}), { _tag: "Text", text: `\${${plain}` })
    },
    runs(200)
  )
  it.prop(
    "puts a value in as it is, once, without looking for references in it",
    { value: Schema.NonEmptyString },
    ({ value }) => {
      const trimmed = value.trim()
      const result = interpolate("<${A}>", { A: value, B: "never" })
      if (trimmed === "") assert.strictEqual(result._tag, "Unset")
      else assert.deepStrictEqual(result, { _tag: "Text", text: `<${trimmed}>` })
      assert.deepStrictEqual(interpolate("${A}", { A: "${B}", B: "x" }), { _tag: "Text", text: "${B}" })
    },
    runs(200)
  )
  it("finds no variable in what every object inherits", () => {
    assert.strictEqual(interpolate("${constructor}${__proto__}", {})._tag, "Unset")
  })
})

/** Every place of the complete file, as a path and the scalar, list or mapping there. */
const places = (() => {
  const found: Array<ReadonlyArray<string | number>> = []
  const walk = (node: unknown, path: ReadonlyArray<string | number>) => {
    if (path.length > 0) found.push(path)
    if (isMap(node))
      for (const pair of node.items) walk(pair.value, [...path, isScalar(pair.key) ? String(pair.key.value) : ""])
    if (isSeq(node)) node.items.forEach((item, index) => walk(item, [...path, index]))
  }
  walk(parseDocument(complete).contents, [])
  return found
})()

const mutated = (place: number, value: unknown): string => {
  const document = parseDocument(complete)
  document.setIn(places[place % places.length] ?? [], document.createNode(value))
  return document.toString()
}

describe("a valid config with one place changed", () => {
  it.prop(
    "is still valid or is told a line and a column, whatever stands in the place",
    { place: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 })), value: Schema.Json },
    ({ place, value }) => {
      const { problems } = read(mutated(place, value))
      for (const problem of problems) {
        assert.isAtLeast(problem.line ?? 0, 1, JSON.stringify(problem))
        assert.isAtLeast(problem.column ?? 0, 1, JSON.stringify(problem))
        assert.notStrictEqual(problem.expected, "another value", JSON.stringify(problem))
      }
    },
    runs(400)
  )
  it("is refused wherever a mapping that nobody knows stands", () => {
    // names of the operator's own choosing take any text, but no place takes this
    places.forEach((path, place) => {
      const { problems } = read(mutated(place, { "no such key": [{}] }))
      assert.isAbove(problems.length, 0, path.join("."))
    })
  })
  it("is refused with an unknown key in every mapping whose keys are fixed", () => {
    const document = parseDocument(complete)
    const free = new Set(["providers", "models", "providers.azure.deployments"])
    for (const path of places) {
      if (!isMap(document.getIn(path, true)) || free.has(path.join("."))) continue
      const changed = parseDocument(complete)
      changed.setIn([...path, "zzz"], 1)
      const { problems } = read(changed.toString())
      assert.isTrue(
        problems.some((problem) => problem.path === [...path, "zzz"].join(".") && problem.line !== undefined),
        path.join(".")
      )
    }
  })
  it.prop(
    "is a list of problems when the text itself is cut or garbled, never a defect",
    { at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: complete.length })), text: Schema.String },
    ({ at, text }) => {
      for (const changed of [complete.slice(0, at), complete.slice(0, at) + text + complete.slice(at)]) {
        for (const problem of read(changed).problems) assert.isAtLeast(problem.line ?? 0, 1)
      }
    },
    runs(200)
  )
})

describe("a module's export", () => {
  it.prop(
    "that is anything at all gives settings or problems, never a defect",
    { value: Schema.Json },
    ({ value }) => {
      assert.isAbove(settingsFromSource(readPlain("a.ts", value, env), env).problems.length, 0)
    },
    runs(200)
  )
  it("gives the settings the same data gives as YAML", () => {
    const data: unknown = parseDocument(complete).toJS()
    const fromModule = settingsFromSource(readPlain("a.ts", data, env), env)
    assert.deepStrictEqual(fromModule.problems, [])
    assert.deepStrictEqual(fromModule.settings?.resilience, read(complete).settings?.resilience)
    assert.deepStrictEqual(fromModule.settings?.aliases, read(complete).settings?.aliases)
  })
  it("that holds itself is a problem", () => {
    const circle: Record<string, unknown> = {}
    circle["providers"] = circle
    assert.isAbove(settingsFromSource(readPlain("a.ts", circle, env), env).problems.length, 0)
  })
})

describe("the JSON Schema for editors", () => {
  const schema: unknown = JSON.parse(JSON.stringify(switchyardJsonSchema()))
  const at = (...path: ReadonlyArray<string>): unknown =>
    path.reduce<unknown>(
      (holder, key) => (typeof holder === "object" && holder !== null ? Reflect.get(holder, key) : undefined),
      schema
    )
  it("allows no unknown key and names every section", () => {
    assert.strictEqual(at("additionalProperties"), false)
    assert.deepStrictEqual(Object.keys(Object(at("properties"))), Object.keys(ConfigFile.fields))
  })
  it("knows bounds, choices, lengths of time, and tells aliases from facts", () => {
    assert.deepInclude(Object(at("properties", "resilience", "properties", "maxAttempts")), { minimum: 1, maximum: 20 })
    assert.include(JSON.stringify(at("properties", "providers")), "openai-compatible")
    assert.include(JSON.stringify(at("properties", "resilience", "properties", "deadline")), "pattern")
    assert.strictEqual(Object.keys(Object(at("properties", "models", "patternProperties"))).length, 2)
  })
  it("knows roles, limits, regions, probes, the queue and the caps", () => {
    const provider = ["properties", "providers", "additionalProperties", "properties"]
    assert.deepStrictEqual(Reflect.get(Object(at(...provider, "state")), "enum"), ["on", "draining", "disabled"])
    assert.deepInclude(Object(at(...provider, "weight")), { minimum: 0, maximum: 1_000 })
    assert.deepInclude(Object(at(...provider, "limits", "properties", "concurrent")), { type: "integer", minimum: 1 })
    const resilience = ["properties", "resilience", "properties"]
    for (const path of [
      ["retryBudget", "properties", "share"],
      ["retryBudget", "properties", "perMinute"],
      ["probes", "anyOf"],
      ["queue", "properties", "capacity"],
      ["queue", "properties", "patience"],
      ["costCapUsd"],
      ["circuit", "properties", "failureRate", "properties", "calls"],
      ["circuit", "properties", "failureRate", "properties", "share"]
    ]) {
      assert.isDefined(at(...resilience, ...path), path.join("."))
    }
    assert.include(JSON.stringify(at("properties", "models")), `"hedge"`)
    assert.include(JSON.stringify(at("properties", "models")), `"region"`)
    assert.include(JSON.stringify(at("properties", "keys")), `"region"`)
  })
})

describe("the edit distance", () => {
  const Word = Schema.String.check(Schema.isMaxLength(12))
  it.prop(
    "is zero for the same name, symmetric, and at most the longer name's length",
    { a: Word, b: Word },
    ({ a, b }) => {
      assert.strictEqual(editDistance(a, a), 0)
      assert.strictEqual(editDistance(a, b), editDistance(b, a))
      assert.isAtMost(editDistance(a, b), Math.max(a.toLowerCase().length, b.toLowerCase().length))
    },
    runs(300)
  )
  it("counts a swap of neighbours as one edit", () => {
    assert.strictEqual(editDistance("openai", "opneai"), 1)
    assert.strictEqual(editDistance("kitten", "sitting"), 3)
  })
  it("names the nearest first, and nobody when nobody is near", () => {
    assert.deepStrictEqual(nearest("gpt-52", ["claude-sonnet-5", "gpt-5", "gpt-5.2"], 2), ["gpt-5", "gpt-5.2"])
    assert.deepStrictEqual(nearest("sonnet", ["claude-sonnet-5", "gpt-5"], 2), ["claude-sonnet-5"])
    assert.deepStrictEqual(nearest("zzzzzz", ["claude-sonnet-5", "gpt-5"], 2), [])
  })
})

describe("a length of time", () => {
  it.prop(
    "is understood in every unit or not at all, never as NaN",
    { text: Schema.String, n: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100_000 })) },
    ({ n, text }) => {
      for (const unit of ["ms", "second", "seconds", "minutes", "hours", "days"]) {
        assert.isDefined(parseDuration(`${n} ${unit}`))
      }
      const parsed = parseDuration(text)
      if (parsed !== undefined) assert.match(text, /\d/)
      assert.isUndefined(parseDuration(-1 - n))
    },
    runs(100)
  )
})
