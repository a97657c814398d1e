import { Refusal } from '@shared/api'
import type { Page } from '@shared/types'
import { computed, ref, shallowRef, watch } from 'vue'
import { useLive } from '../stores/live'

/**
 * A value that is asked for when the page opens and whenever what it depends on changes; and once more when the
 * connection is back, if it could not be had before.
 */
export function useLoaded<T>(load: () => Promise<T>, depends?: () => unknown) {
  const value = shallowRef<T | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const loading = ref(true)
  const live = useLive()
  let turn = 0

  async function again(): Promise<void> {
    const mine = ++turn
    loading.value = true
    refusal.value = null
    try {
      const loaded = await load()
      if (mine === turn) value.value = loaded
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (mine === turn) refusal.value = error
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  watch(depends ?? (() => 0), () => void again(), { immediate: true })
  watch(
    () => live.connection,
    (now) => {
      if (now === 'live' && refusal.value?.passing) void again()
    },
  )
  return { value, refusal, loading, again }
}

/** A list that comes page by page. */
export function usePages<T>(
  load: (cursor: string | null) => Promise<Page<T>>,
  depends?: () => unknown,
) {
  const items = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const first = useLoaded(async () => {
    const page = await load(null)
    items.value = page.items
    next.value = page.next
    return page
  }, depends)
  const more = ref(false)

  async function loadMore(): Promise<void> {
    if (!next.value || more.value) return
    more.value = true
    try {
      const page = await load(next.value)
      items.value = [...items.value, ...page.items]
      next.value = page.next
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    } finally {
      more.value = false
    }
  }

  const hasMore = computed(() => next.value !== null)
  return { items, hasMore, loadMore, loadingMore: more, ...first }
}
