/**
 * Money: whole nano-dollars for amounts, whole pico-dollars for prices of one unit.
 *
 * An amount is a safe integer: up to `mostNano` (nine million dollars) sums are exact, which leaves room above the
 * largest limit (one million). Prices need three digits more, as a cached token may cost 37.5 nano-dollars: USD 1 a
 * million tokens is 1,000,000 pico-dollars a token. A bill is added up in pico-dollars and rounded up once, at its end,
 * so that what is charged is never less than what is owed and less than a nano-dollar above it.
 *
 * Gotchas
 * - Floating point appears only where dollars are read or shown, never in a sum.
 * - Sums beyond `mostNano` stay there: an amount that large fits no limit anyway.
 *
 * @module
 */
import { Brand } from "effect"

/** A whole number of nano-dollars (10⁻⁹ USD). Differences may be negative. */
export type NanoUsd = number & Brand.Brand<"NanoUsd">
/** A whole number of pico-dollars (10⁻¹² USD) for one token, request or search. */
export type PicoUsd = number & Brand.Brand<"PicoUsd">

/** Takes a whole number at its word. */
export const nano = Brand.nominal<NanoUsd>()
export const pico = Brand.nominal<PicoUsd>()

export const zero: NanoUsd = nano(0)
export const mostNano: NanoUsd = nano(Number.MAX_SAFE_INTEGER)

const nanoPerUsd = 1e9
const picoPerNano = 1000

const saturated = (value: number): NanoUsd => nano(Math.max(-mostNano, Math.min(mostNano, value)))

/** The sum, no further from zero than `mostNano`. */
export const plus = (a: NanoUsd, b: NanoUsd): NanoUsd => saturated(a + b)
export const minus = (a: NanoUsd, b: NanoUsd): NanoUsd => saturated(a - b)
export const least = (a: NanoUsd, b: NanoUsd): NanoUsd => (a < b ? a : b)
export const most = (a: NanoUsd, b: NanoUsd): NanoUsd => (a > b ? a : b)

/** Dollars as they are written in a config, to the nearest nano-dollar; nothing and nonsense are 0. */
export const nanoOfUsd = (usd: number): NanoUsd =>
  Number.isFinite(usd) ? saturated(Math.round(usd * nanoPerUsd)) : zero

/** For people and for JSON: dollars, to the precision a float has. */
export const usdOfNano = (amount: NanoUsd): number => amount / nanoPerUsd

/** Exactly, as text: `0.000012345`. */
export const showUsd = (amount: NanoUsd): string => {
  const digits = Math.abs(amount).toString().padStart(10, "0")
  const fraction = digits.slice(-9).replace(/0+$/, "")
  return `${amount < 0 ? "-" : ""}${digits.slice(0, -9)}${fraction === "" ? "" : `.${fraction}`}`
}

/**
 * For people to read, rounded: `$1,234.50` from a dollar on, three digits that matter below it (`$0.0123`). Never an
 * exponent.
 */
export const sayUsd = (usd: number): string => {
  const size = Math.abs(usd)
  if (!Number.isFinite(usd) || size < 1e-9) return "$0.00"
  const digits = size >= 1 ? 2 : Math.min(9, 2 - Math.floor(Math.log10(size)))
  const [whole = "0", fraction = ""] = size.toFixed(digits).split(".")
  const shown = fraction.replace(/0+$/, "").padEnd(2, "0")
  return `${usd < 0 ? "-" : ""}$${whole.replace(/\B(?=(?:\d{3})+$)/g, ",")}.${shown}`
}

/** What is beyond six digits after the point is noise of the float or rounded up: a price is rather too high. */
const wholePico = (value: number): PicoUsd => pico(Math.max(0, Math.ceil(Number(value.toFixed(3)))))

/** A price in USD a million units, for one of them. */
export const picoPerUnitOfMillion = (usd: number): PicoUsd => wholePico(usd * 1e6)
/** A price in USD a thousand units, for one of them. */
export const picoPerUnitOfThousand = (usd: number): PicoUsd => wholePico(usd * 1e9)

/** So many units at a price each. */
export interface Line {
  readonly units: number
  readonly each: PicoUsd
}

/** A bill that is being added up. Units are whole and not negative; whatever is not so counts as the next whole number, or as none. */
export class Bill {
  #sum = 0
  /** All of it, once it is beyond what a float holds exactly. */
  #large: bigint | undefined

  add(units: number, each: PicoUsd): void {
    const whole = wholeUnits(units)
    const sum = this.#sum + whole * each
    // integers below 2^53 are multiplied and added exactly
    if (this.#large === undefined && sum <= Number.MAX_SAFE_INTEGER) this.#sum = sum
    else this.#large = (this.#large ?? BigInt(this.#sum)) + BigInt(Math.min(whole, mostNano)) * BigInt(each)
  }

  /** The sum, times `percent` ÷ 100, rounded up to the next nano-dollar. */
  total(percent = 100): NanoUsd {
    const unit = picoPerNano * 100
    const scaled = this.#sum * percent
    if (this.#large === undefined && scaled <= Number.MAX_SAFE_INTEGER)
      return nano(scaled === 0 ? 0 : (scaled - (scaled % unit)) / unit + (scaled % unit > 0 ? 1 : 0))
    const all = (this.#large ?? BigInt(this.#sum)) * BigInt(Math.ceil(percent))
    const wide = (all + BigInt(unit - 1)) / BigInt(unit)
    return wide > BigInt(mostNano) ? mostNano : nano(Number(wide))
  }
}

/** The sum of a bill, times `percent` ÷ 100, rounded up to the next nano-dollar. */
export const total = (lines: ReadonlyArray<Line>, percent = 100): NanoUsd => {
  const bill = new Bill()
  for (const { each, units } of lines) bill.add(units, each)
  return bill.total(percent)
}

const wholeUnits = (units: number): number => (units > 0 ? Math.ceil(units) : 0)
