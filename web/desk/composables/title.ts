import { watchEffect } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute } from 'vue-router'
import { useInbox } from '../stores/inbox'
import { useSession } from '../stores/session'

/** Places that are reached through another one. */
const PART_OF: Record<string, string> = {
  newProduct: 'products',
  product: 'products',
  import: 'products',
}

/** The tab of the browser says where one is, for which shop, and how many messages are unread. */
export function usePageTitle(): void {
  const { t, te } = useI18n()
  const route = useRoute()
  const session = useSession()
  const inbox = useInbox()

  watchEffect(() => {
    const name = String(route.name)
    const key = `rail.${PART_OF[name] ?? name}`
    const shop = route.params.shop ? session.shop?.name : undefined
    const parts = [te(key) ? t(key) : undefined, shop, 'Dealings'].filter(Boolean)
    const unread = inbox.unread ? `(${inbox.unread}) ` : ''
    document.title = unread + parts.join(' · ')
  })
}
