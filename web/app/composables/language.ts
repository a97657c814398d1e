import type { Language, Translations } from '@shared/i18n'
import { switchLanguage } from '@shared/i18n'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { loaders } from '../i18n'

/** The language that is shown, and the way to another. */
export function useLanguage() {
  const i18n = useI18n({ useScope: 'global' })
  const language = computed(() => i18n.locale.value as Language)

  function choose(next: Language): Promise<void> {
    return switchLanguage({ global: i18n } as unknown as Translations, loaders, next)
  }

  return { language, choose }
}
