import type { ConnectionState } from '@shared/connection'
import { Live } from '@shared/live'
import type { Unsent } from '@shared/outbox'
import { EMPTY, type State } from '@shared/state'
import type { Conversation, Me } from '@shared/types'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { api } from '../api'
import { forgetTouches } from '../composables/touches'
import { isWaiting } from '../rules/orders'
import { useDrafts } from './drafts'

/** The live client of whoever is signed in, made reactive. */
export const useLive = defineStore('live', () => {
  const state = shallowRef<State>(EMPTY)
  const unsent = shallowRef<readonly Unsent[]>([])
  const connection = ref<ConnectionState>('offline')
  const synced = ref(false)
  const drafts = useDrafts()
  let live: Live | null = null

  async function begin(me: Me, signedOut: () => void): Promise<void> {
    end()
    const { Keep } = await import('@shared/keep')
    const store = new Keep(me.id)
    live = new Live({ api, store, me, changed: show, signedOut })
    const share = (conversation: string, text: string) => verbs().keepDraft(conversation, text)
    await drafts.load({ keep: store, share, now: () => Date.now() + (live?.aheadMs ?? 0) })
    show()
    await live.start()
  }

  function end(): void {
    live?.stop()
    live = null
    state.value = EMPTY
    unsent.value = []
    synced.value = false
    drafts.forget()
    forgetTouches()
  }

  function show(): void {
    if (!live) return
    state.value = live.state
    unsent.value = live.unsent
    connection.value = live.connectionState
    if (connection.value === 'live') synced.value = true
    drafts.follow(live.state.conversations, connection.value === 'live')
  }

  /** The verbs; only called from pages behind the sign-in. */
  function verbs(): Live {
    if (!live) throw new Error('Nobody is signed in')
    return live
  }

  /** A limit that the server told in its greeting. */
  function limit(name: string, otherwise: number): number {
    return live?.limits[name] ?? otherwise
  }

  const me = computed(() => state.value.me)
  const conversations = computed(() =>
    Object.values(state.value.conversations)
      .filter((conversation) => conversation.role !== 'staff')
      .sort(byPlace),
  )
  /** What is muted waits without a number. */
  const unread = computed(() =>
    conversations.value.reduce((sum, it) => sum + (it.muted ? 0 : it.unread), 0),
  )
  const contacts = computed(() => Object.values(state.value.contacts))
  const requests = computed(() => contacts.value.filter((contact) => contact.state === 'asking'))
  const waitingOrders = computed(() =>
    Object.values(state.value.orders).filter((order) => isWaiting(order, me.value?.id)),
  )
  const cartCount = computed(() => state.value.cart.reduce((sum, line) => sum + line.quantity, 0))

  return {
    state,
    unsent,
    connection,
    synced,
    begin,
    end,
    verbs,
    limit,
    me,
    conversations,
    unread,
    contacts,
    requests,
    waitingOrders,
    cartCount,
  }
})

/** What is kept on top first, then what is newest. */
function byPlace(a: Conversation, b: Conversation): number {
  return Number(!!b.pinned_at) - Number(!!a.pinned_at) || activeAt(b) - activeAt(a)
}

function activeAt(conversation: Conversation): number {
  return conversation.last?.at ?? conversation.created_at
}
