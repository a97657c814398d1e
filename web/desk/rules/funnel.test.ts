import type { FunnelRow } from '@shared/types'
import { expect, it } from 'vitest'
import { startsWithCards, telling } from './funnel'

const row = (...counts: number[]) => ({ counts }) as unknown as FunnelRow

it('says "of those who saw" only when everyone who came by each cause may have seen a card', () => {
  expect(startsWithCards([row(150, 96, 61, 22, 21, 18), row(8, 9, 1, 3, 3, 3)])).toBe(true)
  expect(startsWithCards([row(150, 96, 61, 22, 21, 18), row(0, 8, 2, 4, 4, 4)])).toBe(false)
})

it('leaves out causes that led to nothing and begins with the money', () => {
  const paid = (amount: number, ...counts: number[]) =>
    ({ counts, paid: { amount, currency: 'CNY' } }) as unknown as FunnelRow
  const rows = [paid(0, 3, 0), paid(0, 0, 0), paid(900, 1, 1)]
  expect(telling(rows)).toEqual([rows[2], rows[0]])
})
