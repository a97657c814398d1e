import { isMine } from '@shared/state'
import type { Message } from '@shared/types'
import { computed, ref } from 'vue'
import { timeline } from '../rules/timeline'
import { useLive } from '../stores/live'
import { useLoaded } from './loaded'

/** One conversation as its page shows it. */
export function useConversation(id: () => string) {
  const live = useLive()
  const conversation = computed(() => live.state.conversations[id()])
  const thread = computed(() => live.state.threads[id()])
  const unsent = computed(() => live.unsent.filter((item) => item.conversation === id()))
  /** Where reading stood when the conversation was opened; null when nothing was new. */
  const readTo = ref<number | null>(null)

  const opened = useLoaded(async () => {
    const known = await live.verbs().knowConversation(id())
    readTo.value = known.unread ? known.read_seq : null
    await live.verbs().open(id())
    return true
  }, id)

  const mine = (message: Message) => isMine(message, live.me?.id, conversation.value?.role)
  const items = computed(() =>
    timeline({
      messages: thread.value?.messages ?? [],
      unsent: unsent.value,
      readTo: readTo.value,
      mine,
    }),
  )

  return { conversation, thread, items, mine, readTo, ...opened }
}
