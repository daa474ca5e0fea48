import { assert, describe, it } from "@effect/vitest"
import { isLoopback } from "../../src/config/notation.ts"

describe("this machine alone", () => {
  const own = ["localhost", "LOCALHOST", "app.localhost", "127.0.0.1", "127.9.8.7", "::1", "[::1]", "0:0:0:0:0:0:0:1"]
  const mapped = ["::ffff:127.0.0.1", "::FFFF:7f00:1", "[::ffff:127.0.0.1]"]
  for (const host of [...own, ...mapped])
    it(`is meant by ${host}`, () => {
      assert.isTrue(isLoopback(host))
    })

  const wide = ["0.0.0.0", "::", "[::]", "128.0.0.1", "::2", "::ffff:10.0.0.1", "10.127.0.0"]
  const names = ["", "localhost.example.com", "notlocalhost", "127.0.0.1.example.com", "127.0.0.256", "::1%lo", "[::1"]
  for (const host of [...wide, ...names])
    it(`is not meant by '${host}'`, () => {
      assert.isFalse(isLoopback(host))
    })
})
