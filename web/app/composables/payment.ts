import { Refusal } from '@shared/api'
import type { Order } from '@shared/types'
import { uuid7 } from '@shared/uuid7'
import { computed, ref, shallowRef, watch } from 'vue'
import { useRouter } from 'vue-router'
import { api } from '../api'
import { useLive } from '../stores/live'
import { usePurchase } from '../stores/purchase'
import { useIntent } from './intent'

/** How long the tick stays before the conversation comes back. */
const TICK_MS = 1_100

/** Pays orders from the wallet; what was paid is never paid again. */
export function usePaying() {
  const router = useRouter()
  const live = useLive()
  const paid = ref(false)
  // One key per order, for as long as its payment isn't known to have been refused.
  const keys = new Map<string, string>()
  const wanted = shallowRef<Order[]>([])
  const { busy, refusal, run } = useIntent(async (_key: string, orders: Order[]) => {
    wanted.value = orders
    for (const order of orders) await pay(order)
    finish()
  })

  // The answer to a payment may get lost; the news that it was paid comes all the same.
  watch(
    () => wanted.value.length > 0 && wanted.value.every(isPaid),
    (all) => {
      if (all) finish()
    },
  )

  function isPaid(order: Order): boolean {
    return live.state.orders[order.id]?.state === 'paid'
  }

  function finish(): void {
    if (paid.value) return
    paid.value = true
    setTimeout(toConversation, TICK_MS)
  }

  async function pay(order: Order): Promise<void> {
    const known = live.state.orders[order.id] ?? order
    if (known.state !== 'placed') return
    const key = keys.get(order.id) ?? uuid7()
    keys.set(order.id, key)
    try {
      live.verbs().learnOrders([await api.orders.pay(order.id, key)])
    } catch (error) {
      if (error instanceof Refusal && !error.passing) keys.delete(order.id)
      throw error
    }
  }

  function toConversation(): void {
    const [first, second] = wanted.value
    void router.replace(first && !second ? `/c/${first.conversation}` : '/orders')
  }

  return { paid, busy, refusal, run }
}

/**
 * Placing and paying as one wish. What was placed stays placed, also when the sheet is closed
 * meanwhile: the next try only pays.
 */
export function useCheckout() {
  const live = useLive()
  const store = usePurchase()
  const paying = usePaying()
  const placingBusy = ref(false)
  const placingRefusal = shallowRef<Refusal | null>(null)
  const busy = computed(() => placingBusy.value || paying.busy.value)
  const refusal = computed(() => placingRefusal.value ?? paying.refusal.value)

  async function buy(): Promise<void> {
    if (busy.value || paying.paid.value) return
    if (!store.orders.length) await place()
    if (store.orders.length) await paying.run(store.orders)
  }

  async function place(): Promise<void> {
    const wish = store.purchase
    if (!wish) return
    placingBusy.value = true
    placingRefusal.value = null
    try {
      const lines = wish.lines.map(({ variant, quantity, via }) => ({ variant, quantity, via }))
      const { address, note } = store
      const from_cart = wish.fromCart
      store.orders = await api.orders.place(
        { lines, address, note: note.trim(), from_cart },
        wish.key,
      )
      live.verbs().learnOrders(store.orders)
    } catch (error) {
      refuse(error)
    } finally {
      placingBusy.value = false
    }
  }

  function refuse(error: unknown): void {
    if (!(error instanceof Refusal)) throw error
    placingRefusal.value = error
    if (!error.passing) store.changeKey()
  }

  return { paid: paying.paid, busy, refusal, buy }
}
