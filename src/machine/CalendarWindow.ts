/**
 * Stretches of the calendar in a time zone, as moments.
 *
 * Days, weeks and months end where the zone's calendar says so: a day has 23 or 25 hours where clocks change, and
 * begins at the first moment that belongs to it where its midnight does not exist or comes twice. Hours and minutes
 * follow each other: an hour that comes twice is two hours. Every moment lies in exactly one stretch of a kind.
 *
 * Gotchas
 * - A zone's rules are looked up only when a stretch is asked for, which takes some microseconds: keep the stretch and
 *   ask again when the moment has left it.
 * - An unknown zone counts as UTC; the config refuses it before it comes here.
 *
 * @module
 */
import { DateTime, Option } from "effect"
import type { BudgetWindowKind } from "../domain/Budget.ts"

/** From `start` until before `end`, in milliseconds since 1970. */
export interface Span {
  readonly start: number
  readonly end: number
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** More than clocks are ever changed by (a day was once left out), and less than two changes are apart. */
const changeReach = 26 * hour

const zones = new Map<string, DateTime.TimeZone>()
/** Zones remembered at once: more than there are. */
const rememberedZones = 1000

const zoneOf = (name: string): DateTime.TimeZone => {
  const known = zones.get(name)
  if (known !== undefined) return known
  const zone = Option.getOrElse(DateTime.zoneMakeNamed(name), () => DateTime.zoneMakeOffset(0))
  if (zones.size < rememberedZones) zones.set(name, zone)
  return zone
}

/** What is added to the moment for the zone's clocks, in milliseconds. */
const offsetAt = (zone: DateTime.TimeZone, at: number): number =>
  DateTime.zonedOffset(DateTime.makeZonedUnsafe(at, { timeZone: zone }))

/** The first moment after `low` with the offset of `high`, where one change lies between them. */
const changeBetween = (zone: DateTime.TimeZone, low: number, high: number): number => {
  const after = offsetAt(zone, high)
  let [from, to] = [low, high]
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2)
    if (offsetAt(zone, middle) === after) to = middle
    else from = middle
  }
  return to
}

/** The first moment at which the zone's clocks show `local` or later (milliseconds as if the zone were UTC). */
const firstShowing = (zone: DateTime.TimeZone, local: number): number => {
  const before = offsetAt(zone, local - changeReach)
  const after = offsetAt(zone, local + changeReach)
  const early = local - before
  if (before === after || offsetAt(zone, early) === before) return early
  const late = local - after
  if (offsetAt(zone, late) === after) return late
  return changeBetween(zone, local - changeReach, local + changeReach)
}

const mondayOf = (local: number): number => local - ((new Date(local).getUTCDay() + 6) % 7) * day

/** The beginnings of the stretch that holds a local date, and of the next, as local midnights. */
const midnightsOf = (kind: "day" | "week" | "month", local: number): readonly [number, number] => {
  const midnight = Math.floor(local / day) * day
  if (kind === "day") return [midnight, midnight + day]
  if (kind === "week") return [mondayOf(midnight), mondayOf(midnight) + 7 * day]
  const date = new Date(midnight)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  return [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)]
}

const even = (zone: DateTime.TimeZone, length: number, now: number): Span => {
  const offset = offsetAt(zone, now)
  const start = Math.floor((now + offset) / length) * length - offset
  const end = start + length
  return {
    // a change within it parts it in two
    start: offsetAt(zone, start) === offset ? start : changeBetween(zone, start, now),
    end: offsetAt(zone, end - 1) === offset ? end : changeBetween(zone, now, end - 1)
  }
}

/** The stretch that holds `now`. */
export const windowAt = (kind: BudgetWindowKind, timeZone: string, now: number): Span => {
  const zone = zoneOf(timeZone)
  if (kind === "minute") return even(zone, minute, now)
  if (kind === "hour") return even(zone, hour, now)
  let [first, next] = midnightsOf(kind, now + offsetAt(zone, now))
  let span = { start: firstShowing(zone, first), end: firstShowing(zone, next) }
  // clocks that are set back over midnight show the old date once more: the new one has begun all the same
  if (now >= span.end) {
    ;[first, next] = midnightsOf(kind, next)
    span = { start: span.end, end: firstShowing(zone, next) }
  }
  return span
}
