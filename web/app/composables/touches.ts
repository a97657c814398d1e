import type { Id, Touch, Via } from '@shared/types'
import { onScopeDispose, type Ref, watch } from 'vue'
import { api } from '../api'

const SEEN_AFTER_MS = 1_000
const SEND_AFTER_MS = 2_000
const MOST_AT_ONCE = 50

let waiting: Touch[] = []
let timer: ReturnType<typeof setTimeout> | undefined
const told = new Set<string>()

/** Notes what was seen or opened, once per place and visit, and sends it in small batches. */
export function touch(step: Touch['step'], product: Id, via: Via): void {
  const key = `${step} ${product} ${via}`
  if (told.has(key)) return
  told.add(key)
  waiting.push({ step, product, via })
  plan()
}

/** Another person at this browser starts without what the last one saw. */
export function forgetTouches(): void {
  told.clear()
  waiting = []
}

function plan(): void {
  if (timer === undefined) timer = setTimeout(() => void send(), SEND_AFTER_MS)
}

async function send(): Promise<void> {
  timer = undefined
  const batch = waiting.slice(0, MOST_AT_ONCE)
  waiting = waiting.slice(MOST_AT_ONCE)
  await api.products.touch(batch).catch(() => {}) // statistics; never worth a message
  if (waiting.length) plan()
}

/** Counts a card as seen when at least half of it was on the screen for a second. */
export function useSeen(element: Ref<HTMLElement | null>, product: () => Id, via: () => Via): void {
  let lookedAt: ReturnType<typeof setTimeout> | undefined
  const observer = new IntersectionObserver(
    ([entry]) => {
      clearTimeout(lookedAt)
      if (!entry?.isIntersecting) return
      lookedAt = setTimeout(() => touch('seen', product(), via()), SEEN_AFTER_MS)
    },
    { threshold: 0.5 },
  )
  watch(element, (now, before) => {
    if (before) observer.unobserve(before)
    if (now) observer.observe(now)
  })
  onScopeDispose(() => {
    clearTimeout(lookedAt)
    observer.disconnect()
  })
}
