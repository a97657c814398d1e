import type { Entry } from '@shared/types'
import { dayOf } from './days'

export interface Month {
  key: string
  at: number
  entries: Entry[]
}

/** The statement by calendar month, in the order in which it came. */
export function byMonth(entries: readonly Entry[]): Month[] {
  const months: Month[] = []
  for (const entry of entries) {
    const key = dayOf(entry.at).slice(0, 7)
    const last = months.at(-1)
    if (last?.key === key) last.entries.push(entry)
    else months.push({ key, at: entry.at, entries: [entry] })
  }
  return months
}
