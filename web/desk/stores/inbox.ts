import type { Refusal } from '@shared/api'
import { isMine } from '@shared/state'
import type { Conversation, Id, Message } from '@shared/types'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { api } from '../api'
import { refusalFrom } from '../composables/asking'
import { afterMessage, type Waiting, waitingAtFirst, waitingSince } from '../rules/waiting'
import { useLive } from './live'

const AT_ONCE = 50
const MOST_WAITING = 100 // the queue of those who wait is loaded whole up to here

/** The shop's threads, newest first, and who among the buyers waits since when. */
export const useInbox = defineStore('inbox', () => {
  const live = useLive()
  const shop = ref<Id | null>(null)
  const waiting = shallowRef<Waiting>({})
  const loaded = ref(false)
  const next = ref<string | null>(null)
  const refusal = shallowRef<Refusal | null>(null)

  const threads = computed<Conversation[]>(() =>
    Object.values(live.state.conversations)
      .filter((one) => one.shop === shop.value && one.role === 'staff')
      .sort((a, b) => lastAt(b) - lastAt(a)),
  )
  const unread = computed(() => threads.value.reduce((sum, one) => sum + one.unread, 0))

  live.on('message.posted', (message) => {
    if (live.state.conversations[message.conversation]) heard(message)
    else void heardOfNew(message)
  })

  function heard(message: Message): void {
    const ours = live.state.conversations[message.conversation]?.shop === shop.value
    if (ours) waiting.value = afterMessage(waiting.value, message)
  }

  async function heardOfNew(message: Message): Promise<void> {
    await live
      .verbs()
      .knowConversation(message.conversation)
      .catch(() => {})
    heard(message)
  }

  async function load(id: Id): Promise<void> {
    if (shop.value !== id) reset(id)
    refusal.value = null
    try {
      const [all, unanswered] = await Promise.all([
        api.shops.inbox(id, { limit: AT_ONCE }),
        api.shops.inbox(id, { limit: MOST_WAITING, waiting: true }),
      ])
      if (shop.value === id) take(all.items, unanswered.items, all.next)
    } catch (error) {
      refusal.value = refusalFrom(error)
    }
  }

  async function loadMore(): Promise<void> {
    if (!shop.value || !next.value) return
    const page = await api.shops.inbox(shop.value, { limit: AT_ONCE, cursor: next.value })
    learn(page.items)
    next.value = page.next
  }

  function reset(id: Id): void {
    shop.value = id
    waiting.value = {}
    loaded.value = false
    next.value = null
  }

  function take(all: Conversation[], unanswered: Conversation[], cursor: string | null): void {
    learn([...all, ...unanswered])
    waiting.value = waitingAtFirst(unanswered)
    next.value = cursor
    loaded.value = true
  }

  /** The messages know better than the last one alone since when a buyer waits. */
  function refineWait(id: Id, messages: readonly Message[]): void {
    const since = waitingSince(messages)
    if (since !== null && id in waiting.value) waiting.value = { ...waiting.value, [id]: since }
  }

  function learn(conversations: Conversation[]): void {
    for (const one of conversations) live.verbs().learnConversation(one)
    live.verbs().knowPeople(conversations.flatMap((one) => (one.buyer ? [one.buyer] : [])))
  }

  return { shop, threads, waiting, unread, loaded, next, refusal, load, loadMore, refineWait }
})

function lastAt(conversation: Conversation): number {
  return conversation.last?.at ?? conversation.created_at
}

export function writtenByUs(message: Message): boolean {
  return isMine(message, undefined, 'staff')
}
