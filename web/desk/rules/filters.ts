import type { Id, OrderState } from '@shared/types'
import type { LocationQuery, LocationQueryRaw } from 'vue-router'

/** What the order table shows; lives in the address bar, so that a view can be shared. */
export interface OrderFilter {
  state: OrderState | null
  q: string
  buyer: Id | null
}

export const ORDER_STATES: readonly OrderState[] = [
  'placed',
  'paid',
  'shipped',
  'received',
  'settled',
  'refunded',
  'closed',
]

export function filterFrom(query: LocationQuery): OrderFilter {
  return {
    state: ORDER_STATES.find((state) => state === query.state) ?? null,
    q: text(query.q),
    buyer: text(query.buyer) || null,
  }
}

/** Empty parts are left out, so that the plain view has the plain address. */
export function queryOf(filter: OrderFilter): LocationQueryRaw {
  const entries = Object.entries(filter).filter(([, value]) => value)
  return Object.fromEntries(entries)
}

function text(value: LocationQuery[string] | undefined): string {
  return typeof value === 'string' ? value : ''
}
