import { watchEffect } from 'vue'
import { useLive } from '../stores/live'

/** The number of unread messages in the title of the browser's tab. */
export function useUnreadTitle(): void {
  const live = useLive()
  watchEffect(() => {
    const count = live.unread > 99 ? '99+' : live.unread
    document.title = live.unread ? `(${count}) Dealings` : 'Dealings'
  })
}
