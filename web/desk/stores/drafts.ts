import type { Draft } from '@shared/keep'
import type { Id } from '@shared/types'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { useLive } from './live'

/** What was begun and not sent, kept in this browser per conversation. */
export const useDrafts = defineStore('drafts', () => {
  const known = shallowRef<Readonly<Record<Id, Draft>>>({})

  async function load(): Promise<void> {
    const all =
      (await useLive()
        .drafts()
        ?.allDrafts()
        .catch(() => [])) ?? []
    known.value = Object.fromEntries(all.map((draft) => [draft.conversation, draft]))
  }

  function textOf(conversation: Id): string {
    return known.value[conversation]?.text ?? ''
  }

  function keep(conversation: Id, text: string): void {
    const draft = { conversation, text, quote: null, product: null, at: Date.now() }
    const { [conversation]: _, ...others } = known.value
    known.value = text ? { ...others, [conversation]: draft } : others
    void store(conversation, draft)
  }

  /** A browser without storage keeps it until the page is closed. */
  async function store(conversation: Id, draft: Draft): Promise<void> {
    const drafts = useLive().drafts()
    const done = draft.text ? drafts?.keepDraft(draft) : drafts?.dropDraft(conversation)
    await done?.catch(() => {})
  }

  return { known, load, textOf, keep }
})
