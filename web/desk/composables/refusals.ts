import type { Refusal } from '@shared/api'
import { useI18n } from 'vue-i18n'

/** A refusal in the reader's language; the server's own sentence where there is no translation yet. */
export function useRefusalText() {
  const { t, te } = useI18n()

  function refusalText(refusal: Refusal): string {
    const params = { ...refusal.params, seconds: Math.ceil(refusal.retryAfterSeconds ?? 0) }
    return codeText(refusal.code, params) ?? refusal.message
  }

  function codeText(code: string, params: Record<string, unknown> = {}): string | null {
    const key = `errors.${code}`
    return te(key) ? t(key, params) : null
  }

  /** What is wrong with one field of a form. */
  function fieldText(refusal: Refusal | null, field: string): string {
    const code = refusal?.fields[field]
    if (!refusal || !code) return ''
    return (
      codeText(code, refusal.params) ?? codeText(refusal.code, refusal.params) ?? refusal.message
    )
  }

  return { refusalText, codeText, fieldText }
}
