import { computed } from 'vue'
import { useLive } from '../stores/live'

/** What can be spent in a currency. */
export function useBalance(currency: () => string) {
  const live = useLive()
  return computed(() => {
    const balance = live.state.wallet?.balances.find((each) => each.currency === currency())
    return { amount: balance?.available ?? 0, currency: currency() }
  })
}
