import { moneyText } from '@shared/money'
import { isMine } from '@shared/state'
import type { Body, Conversation, Message, NoticeBody } from '@shared/types'
import { useI18n } from 'vue-i18n'
import { excerpt, loneLink } from '../rules/text'
import { useLive } from '../stores/live'
import { useNames } from './names'
import { useNotices } from './notices'

/** One line that stands for a message, in lists and quotes. */
export function usePreviews() {
  const { t, locale } = useI18n()
  const live = useLive()
  const names = useNames()
  const notice = useNotices()

  function body(it: Exclude<Body, NoticeBody>): string {
    switch (it.kind) {
      case 'text':
        return linkLine(it.text) ?? excerpt(it.text)
      case 'product':
        return `[${it.title}] ${moneyText(it.price.amount, it.price.currency, locale.value)}`
      case 'order':
        return `[${t('orders.order')}] ${it.title}`
    }
  }

  /** Links that the conversation shows as cards. */
  function linkLine(text: string): string | null {
    const link = loneLink(text, location.origin)
    if (!link) return null
    const lines = { person: 'people.cardLine', product: 'products.linkLine', group: 'join.line' }
    return t(lines[link.kind])
  }

  function line(message: Message): string {
    return message.body.kind === 'notice' ? notice(message) : body(message.body)
  }

  function last(message: Message, conversation: Conversation): string {
    if (message.body.kind === 'notice' || conversation.kind !== 'group') return line(message)
    const mine = isMine(message, live.me?.id, conversation.role)
    return `${mine ? t('common.you') : names.speaker(message)}: ${line(message)}`
  }

  return { line, last }
}
