import type { Entry, Millis } from '@shared/types'

export interface Month {
  at: Millis
  entries: Entry[]
  sums: { currency: string; in: number; out: number }[]
}

/** Entries by local month, in the order they come, with what went in and out. */
export function byMonth(entries: readonly Entry[]): Month[] {
  const months = new Map<string, Month>()
  for (const entry of entries) {
    const day = new Date(entry.at)
    const key = `${day.getFullYear()}-${day.getMonth()}`
    const month = months.get(key) ?? { at: entry.at, entries: [], sums: [] }
    month.entries.push(entry)
    count(month, entry)
    months.set(key, month)
  }
  return [...months.values()]
}

function count(month: Month, { amount: { amount, currency } }: Entry): void {
  let sum = month.sums.find((one) => one.currency === currency)
  if (!sum) {
    sum = { currency, in: 0, out: 0 }
    month.sums.push(sum)
  }
  if (amount > 0) sum.in += amount
  else sum.out -= amount
}
