/**
 * The store of budgets in memory.
 *
 * @module
 */
import { Effect } from "effect"
import { least, minus, most, type NanoUsd, plus, zero } from "../domain/Money.ts"
import {
  type Balance,
  type Batch,
  type BudgetStoreError,
  type BudgetStoreShape,
  type Drawn,
  hourOf,
  type JournalRow,
  type StoreStep,
  superseded,
  type WindowKey
} from "./StoreContract.ts"

/** What is kept of one budget: by window and owner, and by window, hour and certainty. */
interface Kept {
  readonly blocks: Map<number, Map<string, Balance>>
  readonly journal: Map<string, JournalRow>
}
interface Owner {
  readonly life: string
  readonly batch: number
  readonly reply: ReadonlyArray<Drawn>
}

export interface MemoryRows {
  readonly budgets: Map<string, Kept>
  readonly owners: Map<string, Owner>
}

export const memoryRows = (): MemoryRows => ({ budgets: new Map(), owners: new Map() })

const nothing: Balance = { drawn: zero, noted: zero }

const keptIn = ({ budgets }: MemoryRows, budget: string): Kept => {
  const known = budgets.get(budget)
  if (known !== undefined) return known
  const kept: Kept = { blocks: new Map(), journal: new Map() }
  budgets.set(budget, kept)
  return kept
}

const journalKey = ({ certainty, hour, window }: Pick<JournalRow, "window" | "hour" | "certainty">): string =>
  `${window} ${hour} ${certainty}`

export const inMemory = (rows: MemoryRows): BudgetStoreShape => {
  const { budgets, owners } = rows
  const balanceOf = ({ budget, window }: WindowKey): Balance => {
    let [drawn, noted]: [NanoUsd, NanoUsd] = [zero, zero]
    for (const block of budgets.get(budget)?.blocks.get(window)?.values() ?? []) {
      drawn = plus(drawn, block.drawn)
      noted = plus(noted, block.noted)
    }
    return { drawn, noted }
  }
  const own = ({ budget, window }: WindowKey, owner: string): Balance =>
    budgets.get(budget)?.blocks.get(window)?.get(owner) ?? nothing
  const put = ({ budget, window }: WindowKey, owner: string, balance: Balance) => {
    const { blocks } = keptIn(rows, budget)
    const owners = blocks.get(window) ?? new Map<string, Balance>()
    blocks.set(window, owners.set(owner, balance))
  }
  const note = (row: JournalRow) => {
    const { journal } = keptIn(rows, row.budget)
    const key = journalKey(row)
    const before = journal.get(key)
    const { amount, count } = before ?? { amount: zero, count: 0 }
    journal.set(key, { ...row, amount: plus(amount, row.amount), count: count + row.count })
  }
  const step = (owner: string, one: StoreStep): ReadonlyArray<Drawn> => {
    switch (one._tag) {
      case "Draw": {
        const { drawn } = balanceOf(one)
        const granted = least(one.amount, most(zero, minus(one.limit, drawn)))
        const before = own(one, owner)
        const after = { drawn: plus(before.drawn, granted), noted: before.noted }
        if (granted > 0) put(one, owner, after)
        return [{ granted, total: plus(drawn, granted), unnoted: minus(after.drawn, after.noted) }]
      }
      case "Return": {
        const { drawn, noted } = own(one, owner)
        const returned = most(zero, least(one.amount, minus(drawn, noted)))
        if (returned > 0) put(one, owner, { drawn: minus(drawn, returned), noted })
        return []
      }
      case "Note": {
        const { amount, budget, certainty, count, hour, window } = one
        note({ budget, window, hour, certainty, amount, count })
        const before = own(one, owner)
        const noted = plus(before.noted, amount)
        put(one, owner, { drawn: most(before.drawn, noted), noted })
        return []
      }
      case "Forget": {
        const { blocks, journal } = keptIn(rows, one.budget)
        for (const window of blocks.keys()) if (window < one.window) blocks.delete(window)
        for (const [key, row] of journal) if (row.window < one.window) journal.delete(key)
        return []
      }
    }
  }
  const commit = (batch: Batch): Effect.Effect<ReadonlyArray<Drawn>, BudgetStoreError> => {
    const owner = owners.get(batch.owner)
    if (owner === undefined || owner.life !== batch.life) return Effect.fail(superseded(batch.owner))
    if (batch.number <= owner.batch) return Effect.succeed(owner.reply)
    const reply = batch.steps.flatMap((one) => step(batch.owner, one))
    owners.set(batch.owner, { life: batch.life, batch: batch.number, reply })
    return Effect.succeed(reply)
  }
  return {
    durable: false,
    open: (owner, life, now) =>
      Effect.sync(() => {
        if (owners.get(owner)?.life === life) return
        owners.set(owner, { life, batch: 0, reply: [] })
        for (const [budget, { blocks }] of budgets)
          for (const [window, owned] of blocks) {
            const { drawn, noted } = owned.get(owner) ?? nothing
            if (drawn <= noted) continue
            note({ budget, window, hour: hourOf(now), certainty: "lost", amount: minus(drawn, noted), count: 1 })
            owned.set(owner, { drawn, noted: drawn })
          }
      }),
    commit: (batch) => Effect.suspend(() => commit(batch)),
    balance: (key) => Effect.sync(() => balanceOf(key)),
    journal: (budget, since) =>
      Effect.sync(() =>
        [...(budgets.get(budget)?.journal.values() ?? [])].filter(({ window }) => window >= since).sort(inOrder)
      )
  }
}

const inOrder = (a: JournalRow, b: JournalRow): number =>
  a.window - b.window || a.hour - b.hour || (a.certainty < b.certainty ? -1 : 1)
