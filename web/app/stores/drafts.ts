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

  window.addEventListener('pagehide', () => {
    if (keep && timers.size) leaveNote(keep.name, [...timers.keys()].map(of))
  })

  async function load(from: Keep): Promise<void> {
    keep = from
    const kept = await from.allDrafts().catch(() => [])
    drafts.value = Object.fromEntries(kept.map((draft) => [draft.conversation, draft]))
    for (const draft of takeNote(from.name)) change(draft.conversation, draft)
  }

  function forget(): void {
    for (const conversation of timers.keys()) store(conversation)
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
      setTimeout(() => store(conversation), KEEP_AFTER_MS),
    )
  }

  function drop(conversation: Id): void {
    change(conversation, blank(conversation))
  }

  function store(conversation: Id): void {
    clearTimeout(timers.get(conversation))
    timers.delete(conversation)
    const draft = of(conversation)
    const done = isBlank(draft) ? keep?.dropDraft(draft.conversation) : keep?.keepDraft(draft)
    done?.catch(() => {}) // a browser without storage keeps drafts only while the page lives
  }

  return { drafts, load, forget, of, change, drop }
})

// A page that goes away can't wait for a database; what was typed in its last moment is left in a note.

const NOTE_MOST = 100_000 // characters; a longer text was pasted, and was stored long before

function leaveNote(account: string, drafts: Draft[]): void {
  const note = JSON.stringify(drafts)
  if (note.length < NOTE_MOST) localStorage.setItem(`${account}:drafts`, note)
}

function takeNote(account: string): Draft[] {
  const note = localStorage.getItem(`${account}:drafts`)
  localStorage.removeItem(`${account}:drafts`)
  return note ? (JSON.parse(note) as Draft[]) : []
}

function blank(conversation: Id): Draft {
  return { conversation, text: '', quote: null, product: null, at: 0 }
}

function isBlank(draft: Draft): boolean {
  return draft.text === '' && !draft.quote && !draft.product
}
