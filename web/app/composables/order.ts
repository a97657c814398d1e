import { computed } from 'vue'
import { api } from '../api'
import { useLive } from '../stores/live'
import { useLoaded } from './loaded'

/** One order, kept up to date by events once it is known. */
export function useOrder(id: () => string) {
  const live = useLive()
  const order = computed(() => live.state.orders[id()] ?? null)
  const { refusal, loading, again } = useLoaded(async () => {
    live.verbs().learnOrders([await api.orders.get(id())])
    return true
  }, id)
  return { order, refusal, loading, again }
}
