/**
 * One attempt's hold on money, as a pure machine: it is settled once, whatever ends the attempt and however often that
 * is said, and what was settled without knowledge is put right when knowledge comes.
 *
 * Endings, by what they know: the vendor's own usage (`told`), tokens counted on the way (`counted`), nothing at all
 * (`uncertain`, `expired`: the worst case). A later ending replaces an earlier one only if it knows more.
 *
 * @module
 */
import type { NanoUsd } from "../domain/Money.ts"

/** By what an amount was settled, the surest last. */
export const certainties = ["expired", "uncertain", "counted", "told"] as const
export type Certainty = (typeof certainties)[number]

export type ReservationState =
  | { readonly _tag: "Open"; readonly held: NanoUsd }
  | { readonly _tag: "Closed"; readonly held: NanoUsd; readonly charged: NanoUsd; readonly by: Certainty }

/** The attempt is over, and this is owed; absent: nobody knows, so it is all that was held. */
export interface SettleCommand {
  readonly by: Certainty
  readonly owed: NanoUsd | undefined
}

export type ReservationReply =
  | { readonly _tag: "Settled"; readonly held: NanoUsd; readonly owed: NanoUsd; readonly by: Certainty }
  | { readonly _tag: "Corrected"; readonly before: NanoUsd; readonly owed: NanoUsd; readonly by: Certainty }
  | { readonly _tag: "Ignored" }

export const openReservation = (held: NanoUsd): ReservationState => ({ _tag: "Open", held })

const ignored: ReservationReply = { _tag: "Ignored" }

/** One step. The same state comes back (by identity) where nothing changed. */
export const reservationStep = (
  state: ReservationState,
  { by, owed = state.held }: SettleCommand
): readonly [ReservationReply, ReservationState] => {
  const { held } = state
  if (state._tag === "Open")
    return [
      { _tag: "Settled", held, owed, by },
      { _tag: "Closed", held, charged: owed, by }
    ]
  if (certainties.indexOf(by) <= certainties.indexOf(state.by)) return [ignored, state]
  return [
    { _tag: "Corrected", before: state.charged, owed, by },
    { _tag: "Closed", held, charged: owed, by }
  ]
}
