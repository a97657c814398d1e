import { type Loaders, setUpTranslations, type Translations } from '@shared/i18n'
import { Locale } from 'vant'

/** Our words and Vant's own, together. */
export const loaders: Loaders = {
  en: async () => {
    const [ours, vants] = await Promise.all([
      import('./locales/en.json'),
      import('vant/es/locale/lang/en-US'),
    ])
    Locale.use('en-US', vants.default)
    return ours.default
  },
  'zh-CN': async () => {
    const [ours, vants] = await Promise.all([
      import('./locales/zh-CN.json'),
      import('vant/es/locale/lang/zh-CN'),
    ])
    Locale.use('zh-CN', vants.default)
    return ours.default
  },
}

export function setUp(): Promise<Translations> {
  return setUpTranslations(loaders)
}
