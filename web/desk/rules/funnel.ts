import type { FunnelRow } from '@shared/types'

const SEEN = 0
const LATER = [2, 3, 4] // asked, ordered, paid

/** Whether "of those who saw a card" is true: for no cause there are more who asked, ordered or paid than saw. */
export function startsWithCards(rows: readonly FunnelRow[]): boolean {
  return rows.every(({ counts }) => LATER.every((step) => at(counts, step) <= at(counts, SEEN)))
}

/** The causes that led to anything, those that brought most money first. */
export function telling(rows: readonly FunnelRow[]): FunnelRow[] {
  return rows
    .filter((row) => row.counts.some((count) => count > 0))
    .sort((a, b) => b.paid.amount - a.paid.amount)
}

function at(counts: readonly number[], step: number): number {
  return counts[step] ?? 0
}
