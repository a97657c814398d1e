import type { Draft, Keep } from '@shared/keep'
import type { Conversation, Id } from '@shared/types'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

const KEEP_AFTER_MS = 300
const SHARE_AFTER_MS = 1_000

/** Where drafts come from and go to. */
export interface DraftWiring {
  keep: Keep
  /** Tells the account's other devices; null when that has to be tried again, else when it was heard. */
  share(conversation: Id, text: string): Promise<number | null>
  /** The server's clock, by which the later of two drafts counts. */
  now(): number
}

/** What was typed and not sent, by conversation; outlives the page, and is the same on all devices. */
export const useDrafts = defineStore('drafts', () => {
  const drafts = shallowRef<Readonly<Record<Id, Draft>>>({})
  const timers = new Map<Id, ReturnType<typeof setTimeout>>()
  const sharing = new Map<Id, ReturnType<typeof setTimeout>>()
  /** Conversations whose text the server doesn't know yet. */
  const unshared = new Set<Id>()
  /** When the server last heard of each. */
  const heard = new Map<Id, number>()
  let followed: unknown = null
  let wiring: DraftWiring | null = null
  let keep: Keep | null = null

  // A phone that puts the page away may end it without another word.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') for (const id of [...timers.keys()]) store(id)
  })
  window.addEventListener('pagehide', () => {
    if (keep && timers.size) leaveNote(keep.name, [...timers.keys()].map(of))
  })

  async function load(from: DraftWiring): Promise<void> {
    wiring = from
    keep = from.keep
    const kept = await keep.allDrafts().catch(() => [])
    drafts.value = Object.fromEntries(kept.map((draft) => [draft.conversation, draft]))
    for (const draft of takeNote(keep.name)) change(draft.conversation, draft)
    for (const draft of kept) if (draft.text) unshared.add(draft.conversation)
  }

  /** What the server says: drafts of other devices come in, and what it doesn't know yet goes out. */
  function follow(conversations: Readonly<Record<Id, Conversation>>, live: boolean): void {
    if (conversations !== followed) {
      followed = conversations
      for (const it of Object.values(conversations)) if (it.draft_at) hear(it, it.draft_at)
    }
    if (live) for (const id of unshared) if (conversations[id] && !sharing.has(id)) shareSoon(id)
  }

  function hear(it: Conversation, at: number): void {
    if (at <= (heard.get(it.id) ?? 0)) return
    heard.set(it.id, at)
    const mine = of(it.id)
    if (mine.text === (it.draft ?? '')) unshared.delete(it.id)
    else if (!unshared.has(it.id) || mine.at < at) {
      unshared.delete(it.id)
      put({ ...mine, text: it.draft ?? '', at })
    }
  }

  function forget(): void {
    for (const conversation of timers.keys()) store(conversation)
    for (const timer of sharing.values()) clearTimeout(timer)
    for (const all of [sharing, unshared, heard]) all.clear()
    keep = wiring = followed = null
    drafts.value = {}
  }

  function of(conversation: Id): Draft {
    return drafts.value[conversation] ?? blank(conversation)
  }

  function change(conversation: Id, changes: Partial<Draft>): void {
    const before = of(conversation)
    const draft = { ...before, ...changes, at: wiring?.now() ?? Date.now() }
    put(draft)
    if (draft.text === before.text) return
    unshared.add(conversation)
    shareSoon(conversation)
  }

  function put(draft: Draft): void {
    const { conversation } = draft
    const { [conversation]: _, ...others } = drafts.value
    drafts.value = isBlank(draft) ? others : { ...others, [conversation]: draft }
    clearTimeout(timers.get(conversation))
    timers.set(
      conversation,
      setTimeout(() => store(conversation), KEEP_AFTER_MS),
    )
  }

  function shareSoon(conversation: Id): void {
    clearTimeout(sharing.get(conversation))
    sharing.set(
      conversation,
      setTimeout(() => void share(conversation), SHARE_AFTER_MS),
    )
  }

  async function share(conversation: Id): Promise<void> {
    sharing.delete(conversation)
    const { text } = of(conversation)
    const at = (await wiring?.share(conversation, text)) ?? null
    if (at === null || of(conversation).text !== text) return
    heard.set(conversation, Math.max(at, heard.get(conversation) ?? 0))
    unshared.delete(conversation)
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

  return { drafts, load, follow, forget, of, change, drop }
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
