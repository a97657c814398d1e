import type { Draft, Keep } from '@shared/keep'
import { conversation } from '@shared/testing'
import type { Conversation } from '@shared/types'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { useDrafts } from './drafts'

let kept: Draft[]
let shared: [string, string][]
let online: boolean
let clock: number

/** This device's store of drafts, which has heard nothing of the server yet. */
async function device() {
  setActivePinia(createPinia())
  const keep = {
    name: 'test',
    allDrafts: async () => kept,
    keepDraft: async () => {},
    dropDraft: async () => {},
  } as unknown as Keep
  const drafts = useDrafts()
  await drafts.load({
    keep,
    now: () => clock,
    share: async (id, text) => {
      if (!online) return null
      shared.push([id, text])
      return clock
    },
  })
  return drafts
}

const told = (draft: string | null, draft_at: number): Record<string, Conversation> => ({
  c: conversation({ draft, draft_at }),
})

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('window', { addEventListener: () => {} })
  vi.stubGlobal('localStorage', { getItem: () => null, setItem() {}, removeItem() {} })
  kept = []
  shared = []
  online = true
  clock = 1_000
})

it('shares what was typed once the hand rests', async () => {
  const drafts = await device()
  drafts.follow({ c: conversation() }, true)
  for (const text of ['H', 'He', 'Hello']) drafts.change('c', { text })
  await vi.advanceTimersByTimeAsync(2_000)
  expect(shared).toEqual([['c', 'Hello']])
})

it('takes over what was begun on another device, and what was cleared there', async () => {
  const drafts = await device()
  drafts.follow(told('from the desk', 2_000), true)
  expect(drafts.of('c').text).toBe('from the desk')
  drafts.follow(told(null, 3_000), true)
  expect(drafts.of('c').text).toBe('')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(shared).toEqual([])
})

it('is not disturbed by an older draft while one is being written', async () => {
  const drafts = await device()
  clock = 5_000
  drafts.change('c', { text: 'mine' })
  drafts.follow(told('older', 4_000), true)
  expect(drafts.of('c').text).toBe('mine')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(shared).toEqual([['c', 'mine']])
})

it('gives way to a newer one of another device', async () => {
  const drafts = await device()
  drafts.change('c', { text: 'mine' })
  drafts.follow(told('newer', 9_000), true)
  expect(drafts.of('c').text).toBe('newer')
})

it('shares later what was typed without a connection', async () => {
  kept = [{ conversation: 'c', text: 'kept', quote: null, product: null, at: 500 } as Draft]
  online = false
  const drafts = await device()
  drafts.change('c', { text: 'kept, and more' })
  await vi.advanceTimersByTimeAsync(2_000)
  expect(shared).toEqual([])
  online = true
  drafts.follow({ c: conversation() }, true)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(shared).toEqual([['c', 'kept, and more']])
  drafts.follow({ c: conversation({ last_seq: 1 }) }, true)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(shared).toHaveLength(1)
})

it('clears the draft everywhere when it is sent', async () => {
  const drafts = await device()
  drafts.follow(told('to be sent', 500), true)
  drafts.drop('c')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(shared).toEqual([['c', '']])
})
