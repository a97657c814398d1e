import { onMounted, watch } from 'vue'
import { useLive } from '../stores/live'

/** Loads now, and again whenever the connection may have missed something. */
export function useFresh(load: () => unknown): void {
  const live = useLive()
  onMounted(load)
  watch(() => live.afresh, load)
}
