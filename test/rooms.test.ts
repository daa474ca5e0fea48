import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll } from "vitest"
import { violations } from "../scripts/rooms.ts"

const root = mkdtempSync(join(tmpdir(), "rooms-"))
afterAll(() => rmSync(root, { recursive: true }))

/** The violations of a small house with these files. */
const check = (name: string, files: Readonly<Record<string, string>>): ReadonlyArray<string> => {
  const folder = join(root, name, "src")
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return violations(folder)
}

describe("the room check", () => {
  it("passes a house whose imports point downward", () => {
    const found = check("good", {
      "domain/A.ts": "export const a = 1\n",
      "routing/B.ts": 'import { a } from "../domain/A.ts"\nexport const b = a\n',
      "main.ts": 'import { b } from "./routing/B.ts"\nconsole.log(b)\n'
    })
    assert.deepStrictEqual(found, [])
  })
  it("finds an import that points upward", () => {
    const found = check("up", {
      "domain/A.ts": 'import { b } from "../routing/B.ts"\nexport const a = b\n',
      "routing/B.ts": "export const b = 1\n"
    })
    assert.deepStrictEqual(found, ["src/domain/A.ts: 'domain' imports 'routing', which stands above it"])
  })
  it("finds an import between rooms of one floor, also a dynamic one", () => {
    const found = check("beside", {
      "machine/A.ts": 'export const a = () => import("../config/B.ts")\n',
      "config/B.ts": "export const b = 1\n"
    })
    assert.deepStrictEqual(found, ["src/machine/A.ts: 'machine' imports 'config', on the same floor"])
  })
  it("finds a cycle within one room", () => {
    const found = check("cycle", {
      "domain/A.ts": 'import { b } from "./B.ts"\nexport const a = () => b\n',
      "domain/B.ts": 'import { a } from "./A.ts"\nexport const b = () => a\n'
    })
    assert.strictEqual(found.length, 1)
    assert.match(found[0] ?? "", /^a cycle of imports: /)
  })
  it("finds a folder that is no room, a barrel, a clock of one's own and a cast without a reason", () => {
    const found = check("habits", {
      "helpers/A.ts": "export const a = 1\n",
      "domain/B.ts": "export const b = 1\n",
      "domain/C.ts": 'export { b } from "./B.ts"\n',
      "domain/D.ts": "export const d = Date.now()\nexport const e = d as unknown\n"
    })
    assert.strictEqual(found.length, 4)
    for (const [index, expected] of [/no room/, /barrel/, /Clock/, /'as' without a reason/].entries())
      assert.isTrue(
        found.some((violation) => expected.test(violation)),
        `${index}: ${found.join("; ")}`
      )
  })
  it("finds a function behind an assignment to a property, which V8 would keep until the next full collection", () => {
    const found = check("pretenured", {
      "domain/A.ts": "export const a = (o: { f?: () => number }, x: number) => {\n  o.f = () => x\n}\n"
    })
    assert.strictEqual(found.length, 1)
    assert.match(found[0] ?? "", /^src\/domain\/A\.ts:2: /)
  })
})
