import { moneyText } from '@shared/money'
import type { Money, Order } from '@shared/types'
import { useI18n } from 'vue-i18n'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Times, durations and money in the reader's language. */
export function useWords() {
  const { t, locale } = useI18n()

  function said(at: number, options: Intl.DateTimeFormatOptions): string {
    return new Intl.DateTimeFormat(locale.value, { hourCycle: 'h23', ...options }).format(at)
  }

  const clock = (at: number) => said(at, { hour: '2-digit', minute: '2-digit' })
  const preciseTime = (at: number) =>
    said(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const fullTime = (at: number) => said(at, { dateStyle: 'medium', timeStyle: 'short' })
  const day = (at: number) => said(at, { month: 'short', day: 'numeric', weekday: 'short' })
  const dayAndYear = (at: number) => said(at, { dateStyle: 'medium' })
  const stamp = (at: number) =>
    said(at, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' })

  /** A clock time today, a date before. */
  function when(at: number, now = Date.now()): string {
    if (new Date(at).toDateString() === new Date(now).toDateString()) return clock(at)
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
    return sameYear ? said(at, { month: 'short', day: 'numeric' }) : dayAndYear(at)
  }

  /** "5 min", "3 h", "2 d": short enough for a table. */
  function elapsed(ms: number): string {
    if (ms < MINUTE_MS) return t('time.now')
    if (ms < HOUR_MS) return t('time.minutes', { n: Math.floor(ms / MINUTE_MS) })
    if (ms < 2 * DAY_MS) return t('time.hours', { n: Math.floor(ms / HOUR_MS) })
    return t('time.days', { n: Math.floor(ms / DAY_MS) })
  }

  function money(value: Money): string {
    return moneyText(value.amount, value.currency, locale.value)
  }

  function figure(value: number): string {
    return new Intl.NumberFormat(locale.value, { maximumFractionDigits: 2 }).format(value)
  }

  function percent(rate: number): string {
    const digits = rate > 0 && rate < 0.1 ? 1 : 0
    const options = { style: 'percent', maximumFractionDigits: digits } as const
    return new Intl.NumberFormat(locale.value, options).format(rate)
  }

  /** "Longjing 2026 ×2, Teapot": what an order is about, in one line. */
  function contents(order: Order): string {
    const lines = order.lines.map((line) =>
      line.quantity > 1 ? `${line.title} ×${line.quantity}` : line.title,
    )
    return lines.join(t('page.comma'))
  }

  return {
    clock,
    preciseTime,
    fullTime,
    day,
    stamp,
    when,
    elapsed,
    money,
    figure,
    percent,
    contents,
  }
}
