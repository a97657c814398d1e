import type { Millis } from '@shared/types'

/** The stretch of time that Insight looks at. */
export const SPANS = ['today', 'week', 'month', 'quarter', 'all'] as const
export type Span = (typeof SPANS)[number]

export interface Range {
  from: Millis | null
  to: Millis | null
}

const DAYS: Record<Exclude<Span, 'all'>, number> = { today: 1, week: 7, month: 30, quarter: 90 }
const DATE = /^\d{4}-\d{2}-\d{2}$/

/** Whole local days up to now; "today" begins at midnight. */
export function rangeOf(span: Span, now: Date): Range {
  if (span === 'all') return { from: null, to: null }
  const start = new Date(now.getFullYear(), now.getMonth(), now.getDate() - DAYS[span] + 1)
  return { from: start.getTime(), to: null }
}

/** From the first moment of one local day to the last of another; null when either is no date. */
export function rangeBetween(first: string, last: string): Range | null {
  const from = localDay(first)
  const to = localDay(last)
  if (!from || !to || to < from) return null
  return { from: from.getTime(), to: dayAfter(to).getTime() - 1 }
}

export function spanOf(text: unknown): Span | null {
  return SPANS.find((span) => span === text) ?? null
}

function localDay(text: string): Date | null {
  if (!DATE.test(text)) return null
  const [year, month, day] = text.split('-').map(Number) as [number, number, number]
  const date = new Date(year, month - 1, day)
  return date.getMonth() === month - 1 ? date : null
}

function dayAfter(day: Date): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1)
}
