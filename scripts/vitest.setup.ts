/**
 * One seed for every property test that names none, so that a run on one machine tries what it tries on another.
 *
 * `PROPERTY_SEED` tries other cases (any text), as one does by hand after a change to what the properties speak of.
 *
 * @module
 */
import { Arbitrary } from "effect"

Arbitrary.configureGlobal({ check: { seed: process.env["PROPERTY_SEED"] ?? "switchyard" } })
