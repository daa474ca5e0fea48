/**
 * The program `switchyard`. All but this is loaded when hangups are held (see `cli/Hangups.ts`).
 *
 * @module
 */
import { setFlagsFromString } from "node:v8"
import { holdHangups } from "./cli/Hangups.ts"

// V8 would learn in a busy moment that much of what requests allocate lives long, and from then on put it into the old
// generation at once, where it stays until the next full collection: a tenth of a request's time, measured
setFlagsFromString("--no-allocation-site-pretenuring")
holdHangups()
void import("./cli/Program.ts")
