import type { ProductState, ProductSummary } from '@shared/types'
import { computed, onBeforeUnmount, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { api } from '../api'
import { useLive } from '../stores/live'
import { useSession } from '../stores/session'
import { usePaged } from './paged'

export const PRODUCT_STATES: readonly ProductState[] = ['active', 'hidden']
const AT_ONCE = 100

/** The shop's products, filtered by what the address says, each as it is now. */
export function useProductList() {
  const route = useRoute()
  const router = useRouter()
  const session = useSession()
  const state = computed(() => PRODUCT_STATES.find((each) => each === route.query.state))
  const sought = computed(() => String(route.query.q ?? ''))

  const paged = usePaged<ProductSummary>((cursor) =>
    api.shops.products(session.shop?.id ?? '', { state: state.value, cursor, limit: AT_ONCE }),
  )
  const products = computed(() => {
    const text = sought.value.trim().toLowerCase()
    return paged.items.value.filter((product) => product.title.toLowerCase().includes(text))
  })

  watch([state, () => session.shop?.id], () => void paged.load())
  // A search must not miss what later pages hold.
  watch([sought, paged.more], () => {
    if (sought.value && paged.more.value && !paged.busy.value) void paged.loadMore()
  })
  onBeforeUnmount(useLive().on('product.changed', changed))

  function changed(product: ProductSummary): void {
    if (product.shop.id !== session.shop?.id) return
    const known = paged.items.value.some((one) => one.id === product.id)
    paged.items.value = known
      ? paged.items.value.map((one) => (one.id === product.id ? product : one))
      : [product, ...paged.items.value]
  }

  function narrow(change: { q?: string; state?: ProductState | undefined }): void {
    const query = { ...route.query, ...change }
    void router.replace({ query: { ...query, q: query.q || undefined } })
  }

  return { state, sought, narrow, ...paged, products }
}
