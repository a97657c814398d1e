import type { Refusal } from '@shared/api'
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'

/** A function that says a refusal in the member's language, with the server's sentence as the last resort. */
export function useRefusalText(): (refusal: Refusal) => string {
  const { t, te } = useI18n()
  return (refusal) => {
    const key = `errors.${refusal.code}`
    return te(key) ? t(key, refusal.params) : refusal.message || t('errors.unknown')
  }
}

/** What is wrong with which field of a form. */
export function useFieldErrors(refusal: Ref<Refusal | null>) {
  const { t, te } = useI18n()
  return computed<Record<string, string>>(() => {
    const fields = Object.entries(refusal.value?.fields ?? {})
    return Object.fromEntries(
      fields.map(([field, code]) => [field, te(`errors.${code}`) ? t(`errors.${code}`) : code]),
    )
  })
}
