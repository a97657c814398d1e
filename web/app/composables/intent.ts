import { Refusal } from '@shared/api'
import { uuid7 } from '@shared/uuid7'
import { ref, shallowRef } from 'vue'

/**
 * One thing that a person wants done. A second tap while it runs does nothing; when the way to the
 * server failed, the next try carries the same key, so that it can't happen twice.
 */
export function useIntent<A extends unknown[], R>(
  perform: (key: string, ...args: A) => Promise<R>,
) {
  const busy = ref(false)
  const refusal = shallowRef<Refusal | null>(null)
  let key = uuid7()

  /** The result, or undefined when it was refused (see `refusal`) or already under way. */
  async function run(...args: A): Promise<R | undefined> {
    if (busy.value) return undefined
    busy.value = true
    refusal.value = null
    try {
      const result = await perform(key, ...args)
      key = uuid7()
      return result
    } catch (error) {
      refusal.value = refusalOf(error)
      if (!refusal.value.passing) key = uuid7()
      return undefined
    } finally {
      busy.value = false
    }
  }

  return { busy, refusal, run }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  throw error
}
