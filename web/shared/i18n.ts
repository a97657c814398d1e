import { createI18n, type I18n } from 'vue-i18n'

export const LANGUAGES = ['en', 'zh-CN'] as const
export type Language = (typeof LANGUAGES)[number]

export interface Messages {
  [key: string]: string | Messages
}
export type Loaders = Record<Language, () => Promise<Messages>>
// biome-ignore lint/complexity/noBannedTypes: vue-i18n's own defaults, spelled out because its type has no alias.
export type Translations = I18n<{}, {}, {}, string, false>

const SAVED_AS = 'dealings.language'

/** The saved choice if it is one of ours, else the first wish of the browser that we can meet, else English. */
export function chooseLanguage(saved: string | null, wishes: readonly string[]): Language {
  const chosen = LANGUAGES.find((language) => language === saved)
  return chosen ?? firstMet(wishes) ?? 'en'
}

/** Ready to be used by an app, in the member's language; the other language stays on the server until asked for. */
export async function setUpTranslations(loaders: Loaders): Promise<Translations> {
  const i18n = createI18n({ legacy: false, locale: '', fallbackLocale: false })
  const language = chooseLanguage(localStorage.getItem(SAVED_AS), navigator.languages)
  await show(i18n, loaders, language)
  return i18n
}

/** Shows another language from now on, and remembers it. */
export async function switchLanguage(
  i18n: Translations,
  loaders: Loaders,
  language: Language,
): Promise<void> {
  await show(i18n, loaders, language)
  localStorage.setItem(SAVED_AS, language)
}

async function show(i18n: Translations, loaders: Loaders, language: Language): Promise<void> {
  i18n.global.setLocaleMessage(language, await loaders[language]())
  i18n.global.locale.value = language
  document.documentElement.lang = language
}

function firstMet(wishes: readonly string[]): Language | undefined {
  for (const wish of wishes) {
    const spoken = wish.toLowerCase().split('-')[0]
    const met = LANGUAGES.find((language) => language.split('-')[0] === spoken)
    if (met) return met
  }
  return undefined
}
