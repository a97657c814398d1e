import type { Product } from '@shared/types'
import { useRouter } from 'vue-router'
import { api } from '../api'
import { useDrafts } from '../stores/drafts'
import { useLive } from '../stores/live'
import { useIntent } from './intent'

/** Goes to the shop's conversation, with the product beside what will be written. */
export function useAsk() {
  const router = useRouter()
  const drafts = useDrafts()
  const live = useLive()
  return useIntent(async (key: string, product: Product) => {
    const conversation = await api.conversations.open({ kind: 'shop', shop: product.shop.id }, key)
    live.verbs().learnShops([product.shop])
    live.verbs().learnConversation(conversation)
    const picture = product.pictures[0]?.url ?? null
    drafts.change(conversation.id, { product: { id: product.id, title: product.title, picture } })
    await router.push(`/c/${conversation.id}`)
  })
}
