import type { Refusal } from '@shared/api'
import type { Health } from '@shared/types'
import { onBeforeUnmount, onMounted, type ShallowRef, shallowRef } from 'vue'
import { api } from '../api'
import { type Kept, keepUp, newest } from '../rules/health'
import { refusalFrom } from './asking'

const AGAIN_MS = 2_000

export interface Watched {
  health: ShallowRef<Health | null>
  kept: ShallowRef<ReadonlyMap<string, Kept>>
  refusal: ShallowRef<Refusal | null>
  load: () => Promise<void>
}

/** The operator's figures, asked for again every two seconds while somebody looks. What is known stays when they fail. */
export function useHealth(): Watched {
  const health = shallowRef<Health | null>(null)
  const kept = shallowRef<ReadonlyMap<string, Kept>>(new Map())
  const refusal = shallowRef<Refusal | null>(null)
  let timer: ReturnType<typeof setInterval> | undefined
  let asking = false

  async function load(): Promise<void> {
    if (asking) return
    asking = true
    const node = health.value?.node ?? ''
    try {
      const told = await api.insight.health({ node, after: newest(kept.value, node) })
      kept.value = keepUp(kept.value, told)
      health.value = told
      refusal.value = null
    } catch (error) {
      refusal.value = refusalFrom(error)
    } finally {
      asking = false
    }
  }

  onMounted(() => {
    void load()
    timer = setInterval(() => document.visibilityState === 'visible' && load(), AGAIN_MS)
  })
  onBeforeUnmount(() => clearInterval(timer))
  return { health, kept, refusal, load }
}
