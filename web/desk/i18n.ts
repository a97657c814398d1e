import {
  type Language,
  type Loaders,
  setUpTranslations,
  switchLanguage,
  type Translations,
} from '@shared/i18n'
import type { Language as ElementWords } from 'element-plus/es/locale'
import { shallowRef } from 'vue'

/** Element Plus's own words, for its ElConfigProvider. */
export const elementWords = shallowRef<ElementWords>()

const loaders: Loaders = {
  en: async () => {
    const [ours, elements] = await Promise.all([
      import('./locales/en.json'),
      import('element-plus/es/locale/lang/en'),
    ])
    elementWords.value = elements.default
    return ours.default
  },
  'zh-CN': async () => {
    const [ours, elements] = await Promise.all([
      import('./locales/zh-CN.json'),
      import('element-plus/es/locale/lang/zh-cn'),
    ])
    elementWords.value = elements.default
    return ours.default
  },
}

let translations: Translations | null = null

export async function setUp(): Promise<Translations> {
  translations = await setUpTranslations(loaders)
  return translations
}

/** Shows the desk in another language from now on. */
export async function speak(language: Language): Promise<void> {
  if (translations) await switchLanguage(translations, loaders, language)
}
