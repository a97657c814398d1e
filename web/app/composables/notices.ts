import { moneyText } from '@shared/money'
import type { Message } from '@shared/types'
import { useI18n } from 'vue-i18n'
import { useNames } from './names'

/** The sentence of a system notice. */
export function useNotices(): (message: Message) => string {
  const { t, te, locale } = useI18n()
  const names = useNames()

  function worded(params: Record<string, string>): Record<string, string> {
    const { amount, currency } = params
    if (!amount || !currency) return params
    return { ...params, amount: moneyText(Number(amount), currency, locale.value) }
  }

  return (message) => {
    if (message.body.kind !== 'notice') return ''
    const { code, params } = message.body
    const key = params.role ? `notices.${code}.${params.role}` : `notices.${code}`
    if (!te(key)) return t('notices.other')
    return t(key, { by: names.person(message.sender), ...worded(params) })
  }
}
