import { assert, describe, it } from "@effect/vitest"
import { gatewayError } from "../../src/domain/GatewayError.ts"

describe("what a caller is told of the cost cap", () => {
  it("is in plain decimals, however small the sums", () => {
    const told = (wantedUsd: number, capUsd: number) =>
      gatewayError({ _tag: "CostCapReached", model: "smart", wantedUsd, capUsd }).message
    assert.include(told(0.0000213, 1e-7), "might cost $0.0000213, which the cap of $0.0000001 for this request")
    assert.include(told(1.5, 0.25), "might cost $1.5, which the cap of $0.25 for this request")
  })
})
