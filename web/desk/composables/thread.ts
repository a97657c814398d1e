import type { Refusal } from '@shared/api'
import type { Conversation } from '@shared/types'
import { computed, ref, shallowRef, watch } from 'vue'
import { useLive } from '../stores/live'
import { refusalFrom } from './asking'

const FARTHEST_PAGES = 40 // back to a message that caused a sale; 50 messages each
const RECENT = 100 // where a message of ours that has just arrived can be

/** One conversation's messages: loaded, kept up to date, and marked as read when seen. */
export function useThread(conversation: () => Conversation) {
  const live = useLive()
  const refusal = shallowRef<Refusal | null>(null)
  const opened = ref(false)
  const id = () => conversation().id

  const known = computed(() => live.state.threads[id()])
  const messages = computed(() => known.value?.messages ?? [])
  const fromStart = computed(() => known.value?.fromStart ?? false)
  const loaded = computed(() => known.value !== undefined || opened.value)
  /** Without those that have arrived already: the event may come before the answer. */
  const unsent = computed(() => {
    const arrived = new Set(messages.value.slice(-RECENT).map((message) => message.client_id))
    return live.unsent.filter((item) => item.conversation === id() && !arrived.has(item.client_id))
  })

  // A fresh start of the connection may forget the thread.
  watch(known, (now) => {
    if (opened.value && !now) void open()
  })

  async function open(): Promise<void> {
    await asked(() => live.verbs().open(id()))
    opened.value = true
  }

  const older = () => asked(() => live.verbs().loadOlder(id()))

  /** Loads back until the message is there, or the beginning, or far enough. */
  async function reach(seq: number): Promise<void> {
    for (let page = 0; page < FARTHEST_PAGES; page++) {
      if (fromStart.value || (messages.value[0]?.seq ?? 0) <= seq || refusal.value) return
      await older()
    }
  }

  function seen(): void {
    const newest = messages.value.at(-1)?.seq
    if (newest) void live.verbs().read(id(), newest)
  }

  async function asked(act: () => Promise<void>): Promise<void> {
    refusal.value = null
    try {
      await act()
    } catch (error) {
      refusal.value = refusalFrom(error)
    }
  }

  return { messages, fromStart, unsent, loaded, refusal, open, older, reach, seen }
}
