import type { Refusal } from '@shared/api'
import type { Page } from '@shared/types'
import { type Ref, ref, shallowRef } from 'vue'
import { refusalFrom } from './asking'

export interface Paged<T> {
  items: Ref<T[]>
  /** False until the first page has come: the time for skeletons. */
  loaded: Ref<boolean>
  busy: Ref<boolean>
  more: Ref<boolean>
  refusal: Ref<Refusal | null>
  load: () => Promise<void>
  loadMore: () => Promise<void>
}

/** A list that comes in pages. An answer that a later question has overtaken is dropped. */
export function usePaged<T>(fetch: (cursor: string | null) => Promise<Page<T>>): Paged<T> {
  const items = shallowRef<T[]>([])
  const loaded = ref(false)
  const busy = ref(false)
  const next = ref<string | null>(null)
  const more = ref(false)
  const refusal = shallowRef<Refusal | null>(null)
  let question = 0

  async function ask(cursor: string | null, take: (page: Page<T>) => void): Promise<void> {
    const mine = ++question
    busy.value = true
    refusal.value = null
    try {
      const page = await fetch(cursor)
      if (mine === question) take(page)
    } catch (error) {
      if (mine === question) refusal.value = refusalFrom(error)
    } finally {
      if (mine === question) busy.value = false
    }
  }

  function taken(list: T[], page: Page<T>): void {
    items.value = list
    next.value = page.next
    more.value = page.next !== null
    loaded.value = true
  }

  const load = () => ask(null, (page) => taken(page.items, page))
  const loadMore = () => ask(next.value, (page) => taken([...items.value, ...page.items], page))
  return { items, loaded, busy, more, refusal, load, loadMore }
}
