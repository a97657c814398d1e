import { moneyText } from '@shared/money'
import type { NoticeBody } from '@shared/types'
import { useI18n } from 'vue-i18n'

/** What the system says in a conversation; one it doesn't know yet is named by its code. */
export function useNotices() {
  const { t, te, locale } = useI18n()

  function noticeText(body: NoticeBody): string {
    const key = `notices.${body.code}`
    if (!te(key)) return body.code
    const { amount, currency, reason } = body.params
    const money = currency ? moneyText(Number(amount), currency, locale.value) : ''
    const said = t(key, { ...body.params, money })
    return reason && te(`${key}Reason`) ? `${said}${t(`${key}Reason`, { reason })}` : said
  }

  return { noticeText }
}
