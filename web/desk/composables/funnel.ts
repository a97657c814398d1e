import type { Refusal } from '@shared/api'
import type { CauseKind, Funnel, Id } from '@shared/types'
import { computed, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { api } from '../api'
import { type Range, rangeBetween, rangeOf, spanOf } from '../rules/ranges'
import { useSession } from '../stores/session'
import { refusalFrom } from './asking'

export interface RangeQuery {
  span?: string
  from?: string
  to?: string
}

/** The funnel of the shop in the address, or of all shops, over the stretch that the address says. */
export function useFunnel() {
  const route = useRoute()
  const router = useRouter()
  const session = useSession()
  const funnel = shallowRef<Funnel | null>(null)
  const refusal = shallowRef<Refusal | null>(null)

  /** The desk's own shop; for an operator one of all shops, or null: all of them. */
  const shop = computed<Id | null>(() => {
    if (route.params.shop) return session.shop?.id ?? null
    return typeof route.query.of === 'string' ? route.query.of : null
  })
  const custom = computed<[string, string] | null>(() => {
    const { from, to } = route.query
    return typeof from === 'string' && typeof to === 'string' ? [from, to] : null
  })
  const between = computed(() => custom.value && rangeBetween(...custom.value))
  const span = computed(() => (between.value ? null : (spanOf(route.query.span) ?? 'month')))
  const range = computed<Range>(() => between.value ?? rangeOf(span.value ?? 'month', new Date()))
  const cause = computed(() =>
    typeof route.query.cause === 'string' ? (route.query.cause as CauseKind) : null,
  )

  watch([shop, () => JSON.stringify(range.value)], () => void load())

  async function load(): Promise<void> {
    const asked = JSON.stringify([shop.value, range.value])
    refusal.value = null
    try {
      const query = { from: range.value.from ?? undefined, to: range.value.to ?? undefined }
      const answer = shop.value
        ? await api.insight.funnel(shop.value, query)
        : await api.insight.wholeFunnel(query)
      if (asked === JSON.stringify([shop.value, range.value])) funnel.value = answer
    } catch (error) {
      refusal.value = refusalFrom(error)
    }
  }

  function narrow(chosen: RangeQuery): void {
    const { cause, of } = route.query
    void router.replace({ query: { cause, of, ...chosen } })
  }

  function look(id: Id | null): void {
    void router.replace({ query: { ...route.query, of: id ?? undefined, cause: undefined } })
  }

  function open(kind: CauseKind | null): void {
    void router.replace({ query: { ...route.query, cause: kind ?? undefined } })
  }

  return { funnel, refusal, load, range, span, custom, narrow, cause, open, shop, look }
}
