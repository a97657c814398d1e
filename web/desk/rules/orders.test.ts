import type { Order } from '@shared/types'
import { expect, it } from 'vitest'
import { pieces, shippable, spentBy } from './orders'

function order(more: Partial<Order>): Order {
  return {
    state: 'paid',
    total: { amount: 100, currency: 'CNY' },
    actions: [],
    lines: [],
    ...more,
  } as unknown as Order
}

it('counts what was paid and kept, each currency for itself', () => {
  const yen = { amount: 500, currency: 'JPY' }
  const sums = spentBy([
    order({ state: 'settled' }),
    order({ state: 'shipped' }),
    order({ state: 'refunded' }),
    order({ state: 'placed' }),
    order({ total: yen }),
  ])
  expect(sums).toEqual([{ amount: 200, currency: 'CNY' }, yen])
})

it('ships only what the server lets us ship', () => {
  const ready = order({ actions: ['ship', 'refund'] })
  expect(shippable([ready, order({})])).toEqual([ready])
})

it('counts pieces over all lines', () => {
  const lines = [{ quantity: 2 }, { quantity: 1 }] as Order['lines']
  expect(pieces(order({ lines }))).toBe(3)
})
