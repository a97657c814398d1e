import { Refusal } from '@shared/api'
import { type Ref, ref, shallowRef } from 'vue'

export interface Asking<A extends unknown[]> {
  busy: Ref<boolean>
  refusal: Ref<Refusal | null>
  /** True when it went well; otherwise `refusal` says why, and nothing else has changed. */
  run: (...args: A) => Promise<boolean>
}

/** One thing that a person asks for: busy while it runs, not started twice, its refusal kept. */
export function useAsking<A extends unknown[]>(act: (...args: A) => Promise<unknown>): Asking<A> {
  const busy = ref(false)
  const refusal = shallowRef<Refusal | null>(null)
  async function run(...args: A): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    refusal.value = null
    try {
      await act(...args)
      return true
    } catch (error) {
      refusal.value = refusalFrom(error)
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, refusal, run }
}

/** Bugs go on to the console; only refusals are shown. */
export function refusalFrom(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  throw error
}
