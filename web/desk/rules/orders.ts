import type { Money, Order, OrderState } from '@shared/types'

const PAID: ReadonlySet<OrderState> = new Set(['paid', 'shipped', 'received', 'settled'])

/** What was paid and not given back, by currency. */
export function spentBy(orders: readonly Order[]): Money[] {
  const sums = new Map<string, number>()
  for (const { state, total } of orders) {
    if (PAID.has(state)) sums.set(total.currency, (sums.get(total.currency) ?? 0) + total.amount)
  }
  return [...sums].map(([currency, amount]) => ({ currency, amount }))
}

export function shippable(orders: readonly Order[]): Order[] {
  return orders.filter((order) => order.actions.includes('ship'))
}

export function pieces(order: Order): number {
  return order.lines.reduce((sum, line) => sum + line.quantity, 0)
}
