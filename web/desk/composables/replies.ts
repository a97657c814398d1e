import type { Id } from '@shared/types'
import { shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { MAX_REPLIES, type QuickReply, readReplies, storageKey } from '../rules/replies'

/** Three sentences to begin with, until the shop has its own. */
const STARTERS = ['hello', 'stock', 'shipping'] as const

/** The quick replies of a shop, as this browser keeps them. */
export function useReplies(shop: Id) {
  const { t } = useI18n()
  const replies = shallowRef<QuickReply[]>(
    readReplies(localStorage.getItem(storageKey(shop))) ?? starters(),
  )

  function starters(): QuickReply[] {
    return STARTERS.map((name) => ({
      title: t(`replies.starters.${name}.title`),
      text: t(`replies.starters.${name}.text`),
    }))
  }

  function keep(changed: QuickReply[]): void {
    replies.value = changed
    localStorage.setItem(storageKey(shop), JSON.stringify(changed))
  }

  const full = () => replies.value.length >= MAX_REPLIES
  const add = (reply: QuickReply) => keep([...replies.value, reply])
  const remove = (reply: QuickReply) => keep(replies.value.filter((one) => one !== reply))

  return { replies, full, add, remove }
}
