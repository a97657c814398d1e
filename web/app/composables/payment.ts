import type { NewOrder, Order } from '@shared/types'
import { uuid7 } from '@shared/uuid7'
import { computed, ref, shallowRef } from 'vue'
import { useRouter } from 'vue-router'
import { api } from '../api'
import { useLive } from '../stores/live'
import { useIntent } from './intent'

/** How long the tick stays before the conversation comes back. */
const TICK_MS = 1_100

/**
 * Placing and paying as one wish. What was placed stays placed: a second try after a failed payment
 * only pays, and what was paid is never paid again.
 */
export function usePayment() {
  const router = useRouter()
  const live = useLive()
  const orders = shallowRef<Order[]>([])
  const paid = ref(false)

  const placing = useIntent(async (key: string, body: NewOrder) => {
    orders.value = await api.orders.place(body, key)
    live.verbs().learnOrders(orders.value)
  })
  // One key per order, for as long as its payment isn't known to have been refused.
  const keys = new Map<string, string>()
  const paying = useIntent(async () => {
    for (const order of orders.value) if (order.state === 'placed') await pay(order)
    paid.value = true
  })

  async function pay(order: Order): Promise<void> {
    const key = keys.get(order.id) ?? uuid7()
    keys.set(order.id, key)
    const now = await api.orders.pay(order.id, key).catch((refusal) => {
      if (!refusal.passing) keys.delete(order.id)
      throw refusal
    })
    orders.value = orders.value.map((each) => (each.id === now.id ? now : each))
    live.verbs().learnOrders([now])
  }

  async function placeAndPay(body: NewOrder): Promise<void> {
    if (busy.value || paid.value) return
    if (!orders.value.length) await placing.run(body)
    if (orders.value.length) await payPlaced()
  }

  async function payOrder(order: Order): Promise<void> {
    if (busy.value || paid.value) return
    if (!orders.value.length) orders.value = [order]
    await payPlaced()
  }

  async function payPlaced(): Promise<void> {
    await paying.run()
    if (paid.value) setTimeout(toConversation, TICK_MS)
  }

  function toConversation(): void {
    const [first, second] = orders.value
    void router.replace(first && !second ? `/c/${first.conversation}` : '/orders')
  }

  const busy = computed(() => placing.busy.value || paying.busy.value)
  const refusal = computed(() => placing.refusal.value ?? paying.refusal.value)
  return { orders, paid, busy, refusal, placeAndPay, payOrder }
}
