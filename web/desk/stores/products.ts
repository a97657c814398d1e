import type { Id, Product } from '@shared/types'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { api } from '../api'
import { useLive } from './live'

/** Products that messages speak of, each fetched once and again when it has changed. */
export const useProducts = defineStore('products', () => {
  const known = shallowRef<Readonly<Record<Id, Product>>>({})
  const asked = new Set<Id>()

  useLive().on('product.changed', ({ id }) => {
    if (known.value[id]) void fetch(id)
  })

  function of(id: Id): Product | null {
    if (!asked.has(id)) void fetch(id)
    return known.value[id] ?? null
  }

  async function fetch(id: Id): Promise<void> {
    asked.add(id)
    try {
      put(await api.products.get(id))
    } catch {
      asked.delete(id)
    }
  }

  function put(product: Product): void {
    asked.add(product.id)
    known.value = { ...known.value, [product.id]: product }
  }

  return { of, put }
})
