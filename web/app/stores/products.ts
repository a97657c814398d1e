import type { Id, Product } from '@shared/types'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { api } from '../api'

const FRESH_MS = 60_000

/** Products that were looked at, so that cards and sheets open at once; asked again after a minute. */
export const useProducts = defineStore('products', () => {
  const known = shallowRef<Readonly<Record<Id, Product>>>({})
  const asked = new Map<Id, { at: number; answer: Promise<Product> }>()

  async function get(id: Id): Promise<Product> {
    const before = asked.get(id)
    if (before && Date.now() - before.at < FRESH_MS) return before.answer
    const answer = api.products.get(id)
    asked.set(id, { at: Date.now(), answer })
    answer.catch(() => asked.delete(id))
    const product = await answer
    known.value = { ...known.value, [id]: product }
    return product
  }

  function refresh(id: Id): Promise<Product> {
    asked.delete(id)
    return get(id)
  }

  return { known, get, refresh }
})
