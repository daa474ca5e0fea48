/**
 * The test kit: a scripted provider in the process, and loopback servers that speak the vendors' wires with faults at
 * will.
 *
 * @module
 */
export * as Scripted from "./provider/Scripted.ts"
export { type FaultName, faultNames, faults } from "./simulator/Faults.ts"
export { make as makeSimulator, Simulator, type SimulatorOptions } from "./simulator/Simulator.ts"
