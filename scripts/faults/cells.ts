/**
 * The cells of the fault matrix: every fault at every vendor wire, asked in every dialect, whole and streamed, with and
 * without somebody else to turn to; and where a stream breaks within its text, with others who go on.
 *
 * Callers of Chat Completions and Messages meet all of it. What the others add where streams are completed, and Google's
 * stream as an array adds everywhere, is one more encoder of the same events: they meet each pair of fault and backup, of
 * fault and wire, and of wire and backup once (a Latin square: the three numbers add up to a multiple of three), instead
 * of every triple.
 *
 * Each cell has a provider of its own, as its failures count against an account; the cells of one fault at one wire
 * share a gateway.
 */
import { type Delivery, deliveries, type Dialect, dialects, type Framing } from "../../test/e2e/asking.ts"
import {
  type BackupFault,
  backupFaults,
  entries,
  type Entry,
  joins,
  type Outcome,
  rowOf,
  type Wire,
  wires
} from "./expected.ts"

export const modelOf: { readonly [W in Wire]: string } = {
  openai: "gpt-5.2",
  anthropic: "claude-sonnet-5",
  gemini: "gemini-3.5-flash"
}
/** Who stands by. */
const healthyOf: { readonly [W in Wire]: Wire } = { openai: "anthropic", anthropic: "gemini", gemini: "openai" }

/** Who answers when the faulty one does not. */
export interface Backup {
  readonly wire: Wire
  readonly model: string
  /** Is it given what was shown as the beginning of its answer, or asked to go on in a further turn? */
  readonly goesOnBy: "prefill" | "turn"
  readonly fault: BackupFault
}

const backups: ReadonlyArray<Omit<Backup, "fault">> = [
  { wire: "anthropic", model: "claude-haiku-4-5", goesOnBy: "prefill" },
  { wire: "anthropic", model: "claude-sonnet-5", goesOnBy: "turn" },
  { wire: "openai", model: "gpt-5.2", goesOnBy: "turn" },
  { wire: "gemini", model: "gemini-3.5-flash", goesOnBy: "turn" }
]

export interface Cell {
  /** Counted within its group, from 1. */
  readonly number: number
  readonly entry: Entry
  readonly wire: Wire
  readonly dialect: Dialect
  readonly delivery: Delivery
  readonly framing: Framing
  readonly backup: Backup | undefined
  readonly onMidStreamFailure: "resume" | "error"
  readonly outcome: Outcome
  /** Where the stream breaks within its text and somebody goes on: does the answer become whole? */
  readonly joins: boolean
}

/** Cells that share a gateway. */
export interface Group {
  readonly entry: Entry
  readonly wire: Wire
  readonly onMidStreamFailure: Cell["onMidStreamFailure"]
  readonly cells: ReadonlyArray<Cell>
}

type Draft = Pick<Cell, "dialect" | "delivery" | "framing" | "backup">

/** Does a caller that meets pairs only meet the `nth` backup of this fault at this wire? */
const isPaired = (entry: Entry, wire: Wire, nth: number): boolean =>
  (entries.indexOf(entry) + wires.indexOf(wire) + nth) % 3 === 0

const groupOf = (
  entry: Entry,
  wire: Wire,
  onMidStreamFailure: Cell["onMidStreamFailure"],
  drafts: ReadonlyArray<Draft>
): Group => ({
  entry,
  wire,
  onMidStreamFailure,
  cells: drafts.map((draft, index) => ({
    ...draft,
    number: index + 1,
    entry,
    wire,
    onMidStreamFailure,
    outcome: rowOf(entry, wire)[draft.delivery],
    joins: draft.backup !== undefined && joins(entry, draft.backup.fault)
  }))
})

const across = <A, B>(as: ReadonlyArray<A>, then: (a: A) => ReadonlyArray<B>): ReadonlyArray<B> => as.flatMap(then)

/** Each fault where streams that break end in an error. */
const plain = (entry: Entry, wire: Wire): Group => {
  const healthy = healthyOf[wire]
  const other: Backup = { wire: healthy, model: modelOf[healthy], goesOnBy: "turn", fault: undefined }
  const pair = [undefined, other]
  return groupOf(entry, wire, "error", [
    ...across(dialects, (dialect) =>
      across(deliveries, (delivery) => pair.map((backup): Draft => ({ dialect, delivery, framing: "sse", backup })))
    ),
    ...pair
      .filter((_, nth) => isPaired(entry, wire, nth))
      .map((backup): Draft => ({ dialect: "gemini", delivery: "live", framing: "array", backup }))
  ])
}

/** Has so much been shown that a text which begins with all of it has surely started over? */
const hasShownMuch = ({ fault, parameters }: Entry): boolean =>
  fault === "missing-end" || (parameters.afterChunks ?? 0) >= 12

/**
 * What those who go on may do wrong. Who honours a prefill goes on after it; that one does not, and starts over, can be
 * told where much was shown.
 */
const mayDo = (entry: Entry, goesOnBy: Backup["goesOnBy"], fault: BackupFault): boolean => {
  switch (fault) {
    case undefined:
      return true
    case "prefill-refused":
      return goesOnBy === "prefill"
    case "restarts":
      return goesOnBy === "turn" || hasShownMuch(entry)
    case "overlaps":
      return goesOnBy === "turn"
  }
}

/** Nobody, and everybody who may go on, with every mistake. */
const variants: ReadonlyArray<Backup | undefined> = [
  undefined,
  ...across(backups, (backup) => backupFaults.map((fault) => ({ ...backup, fault })))
]

/** How streams are written, and whether those who read them meet all triples of fault, wire and backup. */
const readers: ReadonlyArray<Pick<Draft, "dialect" | "framing"> & { readonly meetsAll: boolean }> = [
  { dialect: "openai", framing: "sse", meetsAll: true },
  { dialect: "anthropic", framing: "sse", meetsAll: true },
  { dialect: "responses", framing: "sse", meetsAll: false },
  { dialect: "gemini", framing: "sse", meetsAll: false },
  { dialect: "gemini", framing: "array", meetsAll: false }
]

/** Each fault that breaks a stream within its text, where others may go on. */
const resumed = (entry: Entry, wire: Wire): ReadonlyArray<Group> =>
  rowOf(entry, wire).live.is !== "cut"
    ? []
    : [
        groupOf(
          entry,
          wire,
          "resume",
          across(readers, ({ meetsAll, ...reader }) =>
            variants
              .filter((backup, nth) => {
                const may = backup === undefined || mayDo(entry, backup.goesOnBy, backup.fault)
                return may && (meetsAll || isPaired(entry, wire, nth))
              })
              .map((backup): Draft => ({ ...reader, delivery: "live", backup }))
          )
        )
      ]

/** Every group where streams that break end in an error. */
export const plainGroups = (entry: Entry): ReadonlyArray<Group> => wires.map((wire) => plain(entry, wire))
/** Every group where streams that break are completed; none where the fault breaks no stream within its text. */
export const resumeGroups = (entry: Entry): ReadonlyArray<Group> => wires.flatMap((wire) => resumed(entry, wire))

export const showCell = ({ backup, delivery, dialect, framing, number, onMidStreamFailure }: Cell): string =>
  `${number}: ${dialect}, ${framing === "array" ? "an array" : delivery}, ${onMidStreamFailure}, ${
    backup === undefined ? "alone" : `with ${backup.model}${backup.fault === undefined ? "" : ` (${backup.fault})`}`
  }`
