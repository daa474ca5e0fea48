/**
 * The program `switchyard`. All but this is loaded when hangups are held (see `cli/Hangups.ts`).
 *
 * @module
 */
import { holdHangups } from "./cli/Hangups.ts"

holdHangups()
void import("./cli/Program.ts")
