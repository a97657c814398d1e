import type { Entry } from '@shared/types'
import { expect, it } from 'vitest'
import { byMonth } from './statement'

function entry(at: Date, amount: number, currency = 'CNY'): Entry {
  return { id: `${at}`, at: at.getTime(), amount: { amount, currency } } as Entry
}

it('sums each month and each currency for itself', () => {
  const months = byMonth([
    entry(new Date(2026, 3, 2), 500),
    entry(new Date(2026, 3, 1), -200),
    entry(new Date(2026, 2, 31), 300),
    entry(new Date(2026, 2, 1), 40, 'JPY'),
  ])
  expect(months.map((month) => month.sums)).toEqual([
    [{ currency: 'CNY', in: 500, out: 200 }],
    [
      { currency: 'CNY', in: 300, out: 0 },
      { currency: 'JPY', in: 40, out: 0 },
    ],
  ])
})
