import type { Draft, Keep } from '@shared/keep'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { useDrafts } from './drafts'

let kept: Map<string, Draft>
let drafts: ReturnType<typeof useDrafts>

const keep = () =>
  ({
    name: 'dealings:mei',
    allDrafts: async () => [...kept.values()],
    keepDraft: async (draft: Draft) => void kept.set(draft.conversation, draft),
    dropDraft: async (conversation: string) => void kept.delete(conversation),
  }) as unknown as Keep

beforeEach(async () => {
  vi.useFakeTimers()
  localStorage.clear()
  kept = new Map()
  drafts = await visit()
})

async function visit() {
  setActivePinia(createPinia())
  const store = useDrafts()
  await store.load({ keep: keep(), share: async () => null, now: () => 1 })
  return store
}

it('keeps what was typed in the last moment before the page is put away', () => {
  drafts.change('c', { text: 'still on for te' })
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  document.dispatchEvent(new Event('visibilitychange'))
  expect(kept.get('c')?.text).toBe('still on for te')
})

it('keeps what was typed in the last moment before the page is gone', async () => {
  drafts.change('c', { text: 'still on for te' })
  window.dispatchEvent(new Event('pagehide'))
  expect((await visit()).of('c').text).toBe('still on for te')
})

it('forgets what was sent in the last moment', async () => {
  kept.set('c', { conversation: 'c', text: 'old', quote: null, product: null, at: 1 })
  drafts = await visit()
  drafts.drop('c')
  window.dispatchEvent(new Event('pagehide'))
  expect((await visit()).of('c').text).toBe('')
})
