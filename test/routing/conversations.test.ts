/** Who answered a conversation last: known for an hour, of so many conversations as there is room for. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Conversations, type LastAnswer } from "../../src/routing/Conversations.ts"

const by = (model: string): LastAnswer => ({ by: { provider: "p", model }, task: undefined })
const known = <A>(use: (conversations: Conversations["Service"]) => A) =>
  Effect.provide(Effect.map(Conversations, use), Conversations.layer)

describe("conversations", () => {
  it.effect("are remembered with who answered last, for an hour from then on", () =>
    known(({ answered, lastOf }) => {
      assert.isUndefined(lastOf("a", 0))
      answered("a", by("first"), 0)
      answered("a", by("second"), 1000)
      assert.deepStrictEqual(lastOf("a", 1000), by("second"))
      assert.deepStrictEqual(lastOf("a", 3_601_000), by("second"))
      assert.isUndefined(lastOf("a", 3_601_001))
    })
  )
  it.effect(
    "are the last ten thousand at any moment; one that goes on stays among them, one that does not is forgotten",
    () =>
      known(({ answered, lastOf }) => {
        answered("silent", by("x"), 0)
        for (let at = 0; at < 35_000; at++) {
          answered(`c${at}`, by(`m${at}`), 0)
          if (at % 9000 === 0) answered("lively", by(`m${at}`), 0)
          if (at >= 9999 && at % 997 === 0)
            for (const back of [0, 5000, 9990]) assert.deepStrictEqual(lastOf(`c${at - back}`, 0), by(`m${at - back}`))
        }
        assert.deepStrictEqual(lastOf("lively", 0), by("m27000"))
        assert.isUndefined(lastOf("silent", 0))
        assert.isUndefined(lastOf("c14990", 0))
      })
  )
})
