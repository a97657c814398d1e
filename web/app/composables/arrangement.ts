import type { Conversation } from '@shared/types'
import { computed } from 'vue'
import { api } from '../api'
import { useLive } from '../stores/live'
import { useIntent } from './intent'
import { useNames } from './names'

/** How a conversation is arranged for oneself: kept on top, or muted; the same on all devices. */
export function useArrangement(conversation: () => Conversation | undefined) {
  const live = useLive()
  const names = useNames()
  const pinned = computed(() => !!conversation()?.pinned_at)
  const muted = computed(() => !!conversation()?.muted)
  const name = computed(() => {
    const it = conversation()
    return it ? names.conversation(it) : ''
  })

  const arranging = useIntent(async (_key: string, what: { pinned?: boolean; muted?: boolean }) => {
    const it = conversation()
    if (it) live.verbs().learnConversation(await api.conversations.arrange(it.id, what))
  })

  const pin = () => arranging.run({ pinned: !pinned.value })
  const mute = () => arranging.run({ muted: !muted.value })
  return { pinned, muted, name, pin, mute, busy: arranging.busy, refusal: arranging.refusal }
}
