import type { Conversation, Id, Message } from '@shared/types'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useLive } from '../stores/live'
import { useRolls } from '../stores/members'

/** What people and conversations are called here: my own remark for a contact before their name. */
export function useNames() {
  const { t } = useI18n()
  const live = useLive()
  const rolls = useRolls()

  function person(id: Id | null): string {
    if (!id) return ''
    const { contacts, people, me } = live.state
    if (me?.id === id) return me.name
    return (
      contacts[id]?.remark || people[id]?.name || contacts[id]?.person.name || t('common.someone')
    )
  }

  function conversation(it: Conversation): string {
    if (it.kind === 'direct') return person(it.peer)
    if (it.kind === 'shop') return (it.shop && live.state.shops[it.shop]?.name) || t('common.aShop')
    return it.name || t('groups.unnamed')
  }

  /** What a member calls themselves in a group, unless I have my own name for them. */
  function member(id: Id, group: Id): string {
    return live.state.contacts[id]?.remark || rolls.nickname(group, id) || person(id)
  }

  /** Who speaks: the shop, when it was written in its name. */
  function speaker(message: Message): string {
    if (message.shop) return live.state.shops[message.shop]?.name ?? t('common.aShop')
    return message.sender ? member(message.sender, message.conversation) : ''
  }

  return { person, member, conversation, speaker }
}

/** Name and picture of a conversation, as its row and its header show it. */
export function useFace(conversation: () => Conversation | undefined) {
  const names = useNames()
  const live = useLive()
  return computed(() => {
    const it = conversation()
    if (!it) return { id: '', name: '', src: null, kind: 'person' as const }
    const name = names.conversation(it)
    if (it.kind === 'group' || it.kind === 'channel')
      return { id: it.id, name, src: it.picture, kind: 'group' as const }
    if (it.kind === 'shop') {
      const shop = it.shop ? live.state.shops[it.shop] : undefined
      return { id: it.shop ?? '', name, src: shop?.picture ?? it.picture, kind: 'shop' as const }
    }
    const peer = it.peer ? live.state.people[it.peer] : undefined
    return { id: it.peer ?? '', name, src: peer?.avatar ?? it.picture, kind: 'person' as const }
  })
}
