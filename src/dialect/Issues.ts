/**
 * From a Schema issue to the one sentence a caller can act on.
 *
 * Only the first fault is told, with the path of its field (`messages.0.content`), what was expected there and what
 * was found. What was found is told by its type alone ("got a number"), since a value may be a prompt; the one
 * exception is a field whose value is to be one of a few words (`role`, `type`), where the wrong word is what the
 * caller needs to see: it is quoted, cut after 60 characters.
 *
 * In a union the member is told that the input came nearest to: the one of the same discriminator, else the one whose
 * fault lies deepest. Where no member is near, all of them are listed.
 *
 * @module
 */
import { Result, Schema, type SchemaAST, type SchemaIssue, SchemaParser } from "effect"
import { isJsonObject, type Json } from "../domain/Json.ts"
import type { RequestFault } from "./Dialect.ts"

/**
 * The fault of a request. `input` is what was decoded, so that the sentence can name the type that was found; without
 * it the sentence only says what was expected.
 */
export const faultOf = (issue: SchemaIssue.Issue, input?: Json): RequestFault => {
  const leaf = leafOf(issue, [], input)
  const param = leaf.path.length === 0 ? undefined : showPath(leaf.path)
  const at = param === undefined ? "the request body" : `'${param}'`
  if (leaf.missing) return { message: `Missing required parameter: ${at}`, param }
  if (leaf.expected === undefined) return { message: `Unknown parameter: ${at}`, param }
  const found = input === undefined ? undefined : valueAt(input, leaf.path)
  if (found === undefined) return { message: `Invalid value for ${at}: expected ${leaf.expected}`, param }
  if (leaf.words && typeof found === "string")
    return { message: `Invalid value for ${at}: expected ${leaf.expected}, but got '${cut(found)}'`, param }
  return leaf.range
    ? { message: `Invalid value for ${at}: expected ${leaf.expected}${showSize(found)}`, param }
    : { message: `Invalid type for ${at}: expected ${leaf.expected}, but got ${typeName(found)}`, param }
}

/**
 * A reader of request bodies, compiled once: gives the body itself, other keys included, or the fault in it. For schemas
 * that change nothing: a body that fits is not copied, only one that does not is decoded, to say why.
 */
export const bodyDecoder = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S
): ((body: Json) => Result.Result<S["Type"], RequestFault>) => {
  const fits = SchemaParser.is(schema)
  const decode = SchemaParser.decodeUnknownResult(schema)
  return (body) => {
    const candidate: unknown = body
    return fits(candidate)
      ? Result.succeed(candidate)
      : Result.mapError(decode(candidate), (issue) => faultOf(issue, body))
  }
}

/** The annotation of a check that says of what type a value is, not which of its values. */
const ofType = "switchyard/type"

/**
 * Values that a guard tells, taken as they are, without a walk through them: for what came out of `JSON.parse`.
 *
 * A check of anything, not a declaration: a schema with a declaration anywhere in it is not compiled, and every value of
 * it is walked through by Effect's interpreter, which takes a third of the time that a body takes to be translated.
 */
export const taken = <A>(
  guard: (value: unknown) => value is A,
  expected: string,
  jsonSchema: { [key: string]: Json }
) => Schema.Unknown.pipe(Schema.refine(guard, { expected, toJsonSchema: () => jsonSchema, [ofType]: true }))

/** Any JSON object. */
export const AnyObject = taken(
  (value): value is { readonly [key: string]: Json } =>
    typeof value === "object" && value !== null && !Array.isArray(value),
  "an object",
  { type: "object" }
)

/** Any JSON value. */
export const AnyJson = taken((value): value is Json => value !== undefined, "a JSON value", {})

/** In UTF-16 code units. Longer than any model's name, provider and vendor's path included. */
const longestName = 256
/** More models than this are not tried for one request. */
const mostFallbacks = 32

/** The name of a model to ask for. */
export const ModelName = Schema.String.check(
  Schema.isMinLength(1, { expected: "the name of a model" }),
  Schema.isMaxLength(longestName, { expected: `the name of a model, of at most ${longestName} characters` })
)

/** A list of fallbacks. */
export const atMostFallbacks = Schema.isMaxLength(mostFallbacks, { expected: `at most ${mostFallbacks} models` })

/** The fault of `fallbacks` that are too many with those of `models`. */
export const tooManyFallbacks = (names: ReadonlyArray<string>): RequestFault | undefined =>
  names.length <= mostFallbacks
    ? undefined
    : {
        message: `Invalid value for 'models': expected at most ${mostFallbacks} models with those of 'fallbacks', but got ${names.length}`,
        param: "models"
      }

/** `messages.0.content`. */
export const showPath = (path: ReadonlyArray<PropertyKey>): string => path.map(String).join(".")

/** "a number", "an array": the JSON type of a value, in words. */
export const typeName = (value: Json): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return "an array"
  switch (typeof value) {
    case "object":
      return "an object"
    case "number":
      return Number.isInteger(value) ? "an integer" : "a number"
    default:
      return `a ${typeof value}`
  }
}

interface Leaf {
  readonly path: ReadonlyArray<PropertyKey>
  readonly missing: boolean
  /** `undefined`: nothing may stand here. */
  readonly expected: string | undefined
  /** One of a few words was expected. */
  readonly words: boolean
  /** The type is right, the value is not. */
  readonly range: boolean
}

const leafOf = (issue: SchemaIssue.Issue, path: ReadonlyArray<PropertyKey>, input: Json | undefined): Leaf => {
  switch (issue._tag) {
    case "Pointer":
      return leafOf(issue.issue, [...path, ...issue.path], input)
    case "Encoding":
      return leafOf(issue.issue, path, input)
    case "Composite":
      return leafOf(issue.issues[0], path, input)
    case "Filter": {
      const { annotations } = issue.filter
      const said = annotations?.["expected"] ?? annotations?.["message"]
      const expected = typeof said === "string" ? said : "a valid value"
      return { path, missing: false, expected, words: false, range: annotations?.[ofType] !== true }
    }
    case "MissingKey":
      return { path, missing: true, expected: undefined, words: false, range: false }
    case "UnexpectedKey":
      return { path, missing: false, expected: undefined, words: false, range: false }
    case "InvalidType":
      return { path, missing: false, expected: describe(issue.ast), words: isWords(issue.ast), range: false }
    case "AnyOf":
      return unionLeaf(issue, path, input)
    case "InvalidValue": {
      const said = issue.annotations?.["expected"]
      return { path, missing: false, expected: typeof said === "string" ? said : "a valid value", ...ranged }
    }
    default:
      return { path, missing: false, expected: "a valid value", ...ranged }
  }
}

const ranged = { words: false, range: true } as const

const unionLeaf = (issue: SchemaIssue.AnyOf, path: ReadonlyArray<PropertyKey>, input: Json | undefined): Leaf => {
  let deepest: Leaf | undefined
  for (const member of issue.issues) {
    const leaf = leafOf(member, path, input)
    // a missing discriminator or a wrong one says that the member was not meant
    if (deepest === undefined || rank(leaf) > rank(deepest)) deepest = leaf
  }
  const near = deepest !== undefined && (deepest.path.length > path.length || deepest.range)
  if (near && deepest !== undefined) return deepest
  const found = input === undefined ? undefined : valueAt(input, path)
  const key = found === undefined || isJsonObject(found) ? discriminatorOf(issue.ast) : undefined
  return key === undefined
    ? { path, missing: false, expected: describe(issue.ast), words: isWords(issue.ast), range: false }
    : { path: [...path, key.name], missing: false, expected: listed(key.words), words: true, range: false }
}

const rank = (leaf: Leaf): number => leaf.path.length * 2 + (leaf.words ? 0 : 1)

/** The key that tells the members of a union of objects apart, and the words it may hold. */
const discriminatorOf = (
  union: SchemaAST.Union
): { readonly name: string; readonly words: ReadonlyArray<string> } | undefined => {
  const objects = membersOf(union).filter((member) => member._tag === "Objects")
  const first = objects[0]
  if (first === undefined || objects.length < 2) return undefined
  for (const { name } of first.propertySignatures) {
    const words = objects.map((object) => {
      const type = object.propertySignatures.find((property) => property.name === name)?.type
      return type?._tag === "Literal" ? String(type.literal) : undefined
    })
    if (typeof name === "string" && words.every((word) => word !== undefined))
      return { name, words: words.map((word) => `'${word}'`) }
  }
  return undefined
}

const membersOf = (union: SchemaAST.Union): ReadonlyArray<SchemaAST.AST> =>
  union.types.flatMap((type) => (type._tag === "Union" ? membersOf(type) : [type]))

const isWords = (ast: SchemaAST.AST): boolean =>
  ast._tag === "Union"
    ? membersOf(ast).some((type) => type._tag === "Literal")
    : ast._tag === "Literal" && typeof ast.literal === "string"

/** What a schema expects, in words. */
const describe = (ast: SchemaAST.AST): string => {
  const said = ast.annotations?.["expected"]
  if (typeof said === "string") return said
  switch (ast._tag) {
    case "Literal":
      return typeof ast.literal === "string" ? `'${ast.literal}'` : String(ast.literal)
    case "Null":
      return "null"
    case "Number":
      return ast.checks?.some((check) => check.annotations?.["expected"] === "an integer") === true
        ? "an integer"
        : "a number"
    case "Unknown": {
      const type = ast.checks?.[0]?.annotations?.["expected"]
      return typeof type === "string" ? type : "a valid value"
    }
    case "Arrays":
      return "an array"
    case "Objects":
      return "an object"
    case "Union":
      return listed(
        [...new Set(membersOf(ast).map(describe))].filter((word, _, all) => word !== "null" || all.length === 1)
      )
    case "String":
    case "Boolean":
      return `a ${ast._tag.toLowerCase()}`
    default:
      return "a valid value"
  }
}

/** "a", "a or b", "one of a, b or c". */
const listed = (words: ReadonlyArray<string>): string =>
  words.length < 3 ? words.join(" or ") : `one of ${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`

const valueAt = (input: Json, path: ReadonlyArray<PropertyKey>): Json | undefined => {
  let value: Json | undefined = input
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined
    // Json has no symbol keys; an array is read by its index
    value = (value as { readonly [key: string]: Json | undefined })[String(key)]
  }
  return value
}

/** A number may be told (it is no prompt), a length too. */
const showSize = (found: Json): string => {
  if (typeof found === "number") return `, but got ${found}`
  if (typeof found === "string") return `, but got a string of ${found.length} characters`
  return Array.isArray(found) ? `, but got ${found.length} items` : ""
}

const cut = (word: string): string => (word.length > 60 ? `${word.slice(0, 60)}…` : word)
