import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { type BudgetWindowKind, budgetWindows } from "../../src/domain/Budget.ts"
import { windowAt } from "../../src/machine/CalendarWindow.ts"

const hour = 3_600_000
const at = (iso: string): number => Date.parse(iso)
const span = (kind: BudgetWindowKind, zone: string, iso: string) => {
  const { end, start } = windowAt(kind, zone, at(iso))
  return [new Date(start).toISOString(), new Date(end).toISOString(), (end - start) / hour] as const
}

describe("a calendar window", () => {
  it("is a day of 23 hours where clocks are put forward and of 25 where they are put back", () => {
    assert.deepStrictEqual(span("day", "Europe/Berlin", "2026-03-29T12:00:00Z"), [
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
      23
    ])
    assert.deepStrictEqual(span("day", "Europe/Berlin", "2026-10-25T12:00:00Z"), [
      "2026-10-24T22:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
      25
    ])
    assert.strictEqual(span("day", "America/New_York", "2026-03-08T12:00:00Z")[2], 23)
  })
  it("begins at the first moment of a day whose midnight does not exist, and at the first of two midnights", () => {
    // Santiago goes from 24:00 to 01:00, Havana from 01:00 back to 00:00
    assert.deepStrictEqual(span("day", "America/Santiago", "2026-09-06T12:00:00Z"), [
      "2026-09-06T04:00:00.000Z",
      "2026-09-07T03:00:00.000Z",
      23
    ])
    const [start, , hours] = span("day", "America/Havana", "2026-11-01T12:00:00Z")
    assert.deepStrictEqual([start, hours], ["2026-11-01T04:00:00.000Z", 25])
    // within the second of the two hours it is the same day
    assert.strictEqual(span("day", "America/Havana", "2026-11-01T05:30:00Z")[0], start)
  })
  it("takes two hours of the same name for two, and a changed half hour for one of its own", () => {
    assert.deepStrictEqual(span("hour", "Europe/Berlin", "2026-10-25T00:30:00Z").slice(0, 2), [
      "2026-10-25T00:00:00.000Z",
      "2026-10-25T01:00:00.000Z"
    ])
    assert.deepStrictEqual(span("hour", "Asia/Kolkata", "2026-10-25T00:40:00Z").slice(0, 2), [
      "2026-10-25T00:30:00.000Z",
      "2026-10-25T01:30:00.000Z"
    ])
    assert.strictEqual(span("hour", "Australia/Lord_Howe", "2026-10-03T15:40:00Z")[2], 0.5)
  })
  it("is a week from Monday to Sunday, and a month whatever its length", () => {
    assert.deepStrictEqual(span("week", "UTC", "2026-11-22T23:59:59Z").slice(0, 2), [
      "2026-11-16T00:00:00.000Z",
      "2026-11-23T00:00:00.000Z"
    ])
    assert.strictEqual(span("week", "UTC", "2026-11-23T00:00:00Z")[0], "2026-11-23T00:00:00.000Z")
    assert.strictEqual(span("week", "Europe/Berlin", "2026-10-25T12:00:00Z")[2], 169)
    assert.deepStrictEqual(
      ["2026-01-31", "2026-02-28", "2028-02-29", "2026-12-31"].map(
        (date) => span("month", "UTC", `${date}T23:59:59Z`)[2] / 24
      ),
      [31, 28, 29, 31]
    )
    assert.deepStrictEqual(span("month", "America/New_York", "2026-03-01T04:59:59Z").slice(0, 2), [
      "2026-02-01T05:00:00.000Z",
      "2026-03-01T05:00:00.000Z"
    ])
  })
  it("goes by UTC in a zone that nobody knows", () => {
    assert.deepStrictEqual(windowAt("day", "Nowhere/At_All", 5), { start: 0, end: 24 * hour })
  })
  it.prop(
    "holds its moment, ends where the next one begins, and is the same for all of its moments",
    {
      kind: Schema.Literals([...budgetWindows]),
      zone: Schema.Literals([
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Santiago",
        "America/Havana",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Asia/Beirut",
        "Africa/Casablanca",
        "Pacific/Apia",
        "America/St_Johns",
        "Africa/Cairo",
        "America/Asuncion"
      ]),
      // 2006 to 2038, Apia's lost day and St John's changes at a minute past midnight included
      minute: Schema.Int.check(Schema.isBetween({ minimum: 18_934_560, maximum: 36_000_000 })),
      offset: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 999_999 }))
    },
    ({ kind, minute, offset, zone }) => {
      const now = minute * 60_000 + (offset % 60_000)
      const { end, start } = windowAt(kind, zone, now)
      assert.isTrue(start <= now && now < end, `${start} ${now} ${end}`)
      assert.strictEqual(windowAt(kind, zone, end).start, end)
      for (const inside of [start, end - 1, start + Math.floor(((end - start) * offset) / 1_000_000)])
        assert.deepStrictEqual(windowAt(kind, zone, inside), { start, end })
    },
    { arbitrary: { runs: 600, seed: 5 } }
  )
  it("holds its moment around every change of the clocks of awkward zones", () => {
    for (const zone of ["America/St_Johns", "Pacific/Apia", "America/Havana", "Australia/Lord_Howe", "Asia/Beirut"])
      for (let day = at("2011-09-25T00:00:00Z"); day < at("2012-01-03T00:00:00Z"); day += 24 * hour)
        for (const kind of ["day", "hour"] as const)
          for (const now of [day, day + 3.5 * hour + 30_000, day + 10 * hour + 1]) {
            const { end, start } = windowAt(kind, zone, now)
            assert.isTrue(start <= now && now < end, `${zone} ${kind} ${new Date(now).toISOString()}`)
            assert.strictEqual(windowAt(kind, zone, end).start, end, `${zone} ${kind} ${new Date(now).toISOString()}`)
          }
  })
})
