/**
 * Whose turn it is among several with weights, as a pure machine: smooth weighted round-robin.
 *
 * Every turn each one's credit grows by its weight; the one with the most credit is chosen and pays the sum of all
 * weights. Over any turns in a row with the same whole weights, each is chosen in proportion to its weight to within one
 * turn, and a heavy one's turns are spread between the others' instead of coming in a row.
 *
 * Weights may change from turn to turn, and members come and go: who is not named loses its credit. A weight that is no
 * positive number is never chosen; where nobody has one, nobody is.
 *
 * Source: nginx, `ngx_http_upstream_round_robin` (2012); the same as the quota method of Balinski and Young for
 * constant weights.
 *
 * @module
 */

export interface Member {
  readonly key: string
  readonly weight: number
}

/** Credits by member; those at zero are left out. */
export type RotationState = ReadonlyMap<string, number>

export interface RotationCommand {
  readonly _tag: "Turn"
  readonly members: ReadonlyArray<Member>
}

/** The members in the order of their credit, whose turn it is first; those without a weight are not among them. */
export type RotationReply = ReadonlyArray<string>

export const initialRotation: RotationState = new Map()

/** Credits that differ by less are equal: sums of fractions are not exact. */
const rounding = 1e-9

/** One turn. */
export const rotationStep = (
  state: RotationState,
  { members }: RotationCommand
): readonly [RotationReply, RotationState] => {
  const credits: Array<{ readonly key: string; readonly credit: number }> = []
  let total = 0
  for (const { key, weight } of members) {
    if (!(weight > 0) || !Number.isFinite(weight)) continue
    total += weight
    credits.push({ key, credit: (state.get(key) ?? 0) + weight })
  }
  // stable: of equal credit, in the order given
  const order = credits.toSorted((a, b) => (Math.abs(a.credit - b.credit) < rounding ? 0 : b.credit - a.credit))
  const [chosen] = order
  if (chosen === undefined) return [[], state]
  const next = new Map<string, number>()
  for (const { credit, key } of credits) {
    const left = key === chosen.key ? credit - total : credit
    if (Math.abs(left) >= rounding) next.set(key, left)
  }
  return [order.map(({ key }) => key), next]
}
