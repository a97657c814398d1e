import type { NoticeBody } from '@shared/types'
import { useI18n } from 'vue-i18n'

/** What the system says in a conversation; one it doesn't know yet is named by its code. */
export function useNotices() {
  const { t, te } = useI18n()

  function noticeText(body: NoticeBody): string {
    const key = `notices.${body.code}`
    return te(key) ? t(key, body.params) : body.code
  }

  return { noticeText }
}
