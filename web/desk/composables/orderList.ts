import type { Order } from '@shared/types'
import { computed, onBeforeUnmount, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { api } from '../api'
import { filterFrom, type OrderFilter, queryOf } from '../rules/filters'
import { useLive } from '../stores/live'
import { useSession } from '../stores/session'
import { usePaged } from './paged'

const AT_ONCE = 60

/** The shop's orders as the address filters them, each as it is now. */
export function useOrderList() {
  const route = useRoute()
  const router = useRouter()
  const live = useLive()
  const session = useSession()
  const filter = computed(() => filterFrom(route.query))

  const paged = usePaged<Order>(async (cursor) => {
    const page = await api.shops.orders(session.shop?.id ?? '', {
      ...asked(),
      cursor,
      limit: AT_ONCE,
    })
    live.verbs().learnOrders(page.items)
    return page
  })
  const orders = computed(() =>
    paged.items.value.map((order) => live.state.orders[order.id] ?? order),
  )

  watch([() => JSON.stringify(filter.value), () => session.shop?.id], () => void paged.load())
  onBeforeUnmount(live.on('order.changed', arrived))

  function asked() {
    const { state, q, buyer } = filter.value
    return { state: state ?? undefined, q: q || undefined, buyer: buyer ?? undefined }
  }

  /** A new order appears by itself where it belongs; a search is left as it was answered. */
  function arrived(order: Order): void {
    const { state, q, buyer } = filter.value
    const known = paged.items.value.some((one) => one.id === order.id)
    const wanted = !q && (!state || state === order.state) && (!buyer || buyer === order.buyer.id)
    if (known || !wanted || order.shop.id !== session.shop?.id) return
    paged.items.value = [order, ...paged.items.value]
  }

  function narrow(change: Partial<OrderFilter>): void {
    void router.replace({ query: queryOf({ ...filter.value, ...change }) })
  }

  return { filter, narrow, ...paged, orders }
}
