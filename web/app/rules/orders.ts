import type { Id, Order, OrderAction, OrderState } from '@shared/types'

/** The way of an order that goes well: the five dots. */
export const STEPS = [
  'placed',
  'paid',
  'shipped',
  'received',
  'settled',
] as const satisfies OrderState[]

/** How many of the five dots are reached; 0 for an order that ended otherwise. */
export function stepsDone(state: OrderState): number {
  return (STEPS as readonly OrderState[]).indexOf(state) + 1
}

/** Closed and refunded orders have left the way. */
export function hasEnded(state: OrderState): boolean {
  return state === 'closed' || state === 'refunded'
}

const BUYERS_NEXT: readonly OrderAction[] = ['pay', 'confirm']

/** The one next action of a buyer, if there is one. */
export function nextAction(order: Order, me: Id | undefined): 'pay' | 'confirm' | null {
  if (order.buyer.id !== me) return null
  const next = BUYERS_NEXT.find((action) => order.actions.includes(action))
  return (next as 'pay' | 'confirm' | undefined) ?? null
}

export function isWaiting(order: Order, me: Id | undefined): boolean {
  return nextAction(order, me) !== null
}

/** What the colour of the state says beside its words. */
export function tone(state: OrderState): 'waiting' | 'safe' | 'quiet' {
  if (state === 'placed' || state === 'shipped') return 'waiting'
  return hasEnded(state) ? 'quiet' : 'safe'
}
