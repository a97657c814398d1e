import type { Conversation } from '@shared/types'
import { computed, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { stepped } from '../rules/keys'
import { byWait, holding } from '../rules/queue'
import { useInbox } from '../stores/inbox'
import { useLive } from '../stores/live'
import { usePreview } from './preview'

/** The inbox as it is looked at: filtered, searched, with one thread open; all of it in the address. */
export function useQueue() {
  const route = useRoute()
  const router = useRouter()
  const inbox = useInbox()
  const live = useLive()
  const { contentOf } = usePreview()

  const current = computed(() => String(route.params.conversation ?? '') || null)
  const onlyWaiting = computed({
    get: () => route.query.waiting === 'true',
    set: (only) => ask({ waiting: only ? 'true' : undefined }),
  })
  const sought = computed({
    get: () => String(route.query.q ?? ''),
    set: (text) => ask({ q: text || undefined }),
  })

  // The thread that is open stays in the queue of the waiting until another one is opened.
  const held = ref<string | null>(null)
  watch(
    current,
    (id) => {
      held.value = id
    },
    { immediate: true },
  )

  const threads = computed(() => {
    const kept = inbox.threads.filter((thread) => holding(textsOf(thread), sought.value))
    return onlyWaiting.value ? byWait(kept, inbox.waiting, held.value) : kept
  })

  const thread = computed(() => {
    const open = current.value ? live.state.conversations[current.value] : undefined
    return open?.shop === inbox.shop ? open : undefined
  })

  // An address may name a thread that the first page of the inbox doesn't have.
  watch(
    [current, () => inbox.loaded],
    ([id, loaded]) => {
      if (id && loaded && !thread.value)
        live
          .verbs()
          .knowConversation(id)
          .catch(() => {})
    },
    { immediate: true },
  )

  function textsOf(one: Conversation): string[] {
    const buyer = live.person(one.buyer)
    return [buyer?.name ?? '', buyer?.handle ?? '', one.last ? contentOf(one.last) : '']
  }

  function ask(change: Record<string, string | undefined>): void {
    void router.replace({ query: { ...route.query, at: undefined, ...change } })
  }

  function step(by: number): void {
    const next = stepped(
      threads.value,
      threads.value.find((one) => one.id === current.value),
      by,
    )
    if (next)
      void router.push({
        params: { conversation: next.id },
        query: { ...route.query, at: undefined },
      })
  }

  return { threads, thread, current, onlyWaiting, sought, step }
}
