/**
 * Runs the main program of a process that serves.
 *
 * The first SIGTERM or SIGINT interrupts the program, whose scopes close in order (a server drains first); a program
 * that ended that way exits with 0, as it did what it was told. A second signal exits at once with 1.
 *
 * @module
 */
import { Cause, type Effect, Exit, Runtime } from "effect"

const signals = ["SIGTERM", "SIGINT"] as const

export const runMain: <E, A>(program: Effect.Effect<A, E>) => void = Runtime.makeRunMain(({ fiber, teardown }) => {
  let received = 0
  const onSignal = () => {
    received++
    if (received > 1) process.exit(1)
    fiber.interruptUnsafe(fiber.id)
  }
  for (const signal of signals) process.on(signal, onSignal)
  fiber.addObserver((exit) => {
    for (const signal of signals) process.off(signal, onSignal)
    if (received > 0 && (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause))) process.exit(0)
    teardown(exit, (code) => {
      if (received > 0 || code !== 0) process.exit(code)
    })
  })
})
