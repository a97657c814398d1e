import type { Message } from '@shared/types'
import { useI18n } from 'vue-i18n'
import { writtenByUs } from '../stores/inbox'
import { useNotices } from './notices'
import { useWords } from './words'

/** A message in one line, for the queue. */
export function usePreview() {
  const { t } = useI18n()
  const { money } = useWords()
  const { noticeText } = useNotices()

  function previewOf(message: Message): string {
    const text = contentOf(message)
    return writtenByUs(message) ? t('inbox.us', { text }) : text
  }

  function contentOf({ body }: Message): string {
    switch (body.kind) {
      case 'text':
        return body.text
      case 'product':
        return `[${body.title}] ${money(body.price)}`
      case 'order':
        return `[${t('chat.order', { number: body.number })}] ${money(body.total)}`
      case 'notice':
        return noticeText(body)
    }
  }

  return { previewOf, contentOf }
}
