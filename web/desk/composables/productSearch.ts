import type { Refusal } from '@shared/api'
import type { Id, ProductSummary } from '@shared/types'
import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import { api } from '../api'
import { refusalFrom } from './asking'

const AT_ONCE = 100
const PAUSE_MS = 200 // after the last letter, before the server is asked

/** The shop's products by name: those at hand at once, the others when the server has found them. */
export function useProductSearch(shop: () => Id) {
  const sought = ref('')
  const loaded = ref(false)
  const refusal = shallowRef<Refusal | null>(null)
  const all = shallowRef<ProductSummary[]>([])
  const remote = shallowRef<ProductSummary[]>([])
  const complete = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  const found = computed(() => {
    const text = sought.value.trim().toLowerCase()
    if (!text) return all.value
    const near = all.value.filter((product) => product.title.toLowerCase().includes(text))
    const others = remote.value.filter((product) => !near.some((one) => one.id === product.id))
    return [...near, ...others]
  })

  watch(sought, (text) => {
    clearTimeout(timer)
    remote.value = []
    if (text.trim() && !complete.value) timer = setTimeout(() => void search(text.trim()), PAUSE_MS)
  })
  onBeforeUnmount(() => clearTimeout(timer))

  async function load(): Promise<void> {
    refusal.value = null
    try {
      const page = await api.shops.products(shop(), { limit: AT_ONCE })
      all.value = page.items
      complete.value = page.next === null
      loaded.value = true
    } catch (error) {
      refusal.value = refusalFrom(error)
    }
  }

  async function search(text: string): Promise<void> {
    const result = await api.products.search(text, 'products').catch(() => null)
    if (result && sought.value.trim() === text) {
      remote.value = result.products.filter((product) => product.shop.id === shop())
    }
  }

  return { sought, found, loaded, refusal, load }
}
