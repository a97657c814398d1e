import type { Draft, Keep } from '@shared/keep'
import type { Id } from '@shared/types'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

const KEEP_AFTER_MS = 300

/** What was typed and not sent, by conversation; outlives the page. */
export const useDrafts = defineStore('drafts', () => {
  const drafts = shallowRef<Readonly<Record<Id, Draft>>>({})
  const timers = new Map<Id, ReturnType<typeof setTimeout>>()
  let keep: Keep | null = null

  async function load(store: Keep): Promise<void> {
    keep = store
    const kept = await store.allDrafts().catch(() => [])
    drafts.value = Object.fromEntries(kept.map((draft) => [draft.conversation, draft]))
  }

  function forget(): void {
    keep = null
    drafts.value = {}
  }

  function of(conversation: Id): Draft {
    return drafts.value[conversation] ?? blank(conversation)
  }

  function change(conversation: Id, changes: Partial<Draft>): void {
    const draft = { ...of(conversation), ...changes, at: Date.now() }
    const { [conversation]: _, ...others } = drafts.value
    drafts.value = isBlank(draft) ? others : { ...others, [conversation]: draft }
    clearTimeout(timers.get(conversation))
    timers.set(
      conversation,
      setTimeout(() => store(draft), KEEP_AFTER_MS),
    )
  }

  function drop(conversation: Id): void {
    change(conversation, blank(conversation))
  }

  function store(draft: Draft): void {
    const done = isBlank(draft) ? keep?.dropDraft(draft.conversation) : keep?.keepDraft(draft)
    done?.catch(() => {}) // a browser without storage keeps drafts only while the page lives
  }

  return { drafts, load, forget, of, change, drop }
})

function blank(conversation: Id): Draft {
  return { conversation, text: '', quote: null, product: null, at: 0 }
}

function isBlank(draft: Draft): boolean {
  return draft.text === '' && !draft.quote && !draft.product
}
