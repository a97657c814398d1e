import { beforeEach, describe, expect, it, vi } from 'vitest'
import { chooseLanguage, type Loaders, setUpTranslations, switchLanguage } from './i18n'

describe('chooseLanguage', () => {
  it.each([
    ['zh-CN', ['en'], 'zh-CN'],
    [null, ['zh-TW', 'en'], 'zh-CN'],
    [null, ['fr', 'en-GB'], 'en'],
    [null, ['fr'], 'en'],
    [null, [], 'en'],
    ['xx', ['zh'], 'zh-CN'],
  ] as const)('saved %j, wished %j: %s', (saved, wishes, language) => {
    expect(chooseLanguage(saved, wishes)).toBe(language)
  })
})

describe('translations', () => {
  const loaders = (): Loaders => ({
    en: vi.fn(async () => ({ hello: 'Hello' })),
    'zh-CN': vi.fn(async () => ({ hello: '你好' })),
  })

  beforeEach(() => localStorage.clear())

  it('loads one language, and the other when it is asked for', async () => {
    const ours = loaders()
    localStorage.setItem('dealings.language', 'en')
    const i18n = await setUpTranslations(ours)
    expect(i18n.global.t('hello')).toBe('Hello')
    expect(ours['zh-CN']).not.toHaveBeenCalled()

    await switchLanguage(i18n, ours, 'zh-CN')
    expect(i18n.global.t('hello')).toBe('你好')
    expect(document.documentElement.lang).toBe('zh-CN')
  })

  it('remembers the choice', async () => {
    const i18n = await setUpTranslations(loaders())
    await switchLanguage(i18n, loaders(), 'zh-CN')
    const later = await setUpTranslations(loaders())
    expect(later.global.locale.value).toBe('zh-CN')
  })

  it('keeps the language when the other cannot be fetched', async () => {
    const ours = loaders()
    localStorage.setItem('dealings.language', 'en')
    const i18n = await setUpTranslations(ours)
    ours['zh-CN'] = () => Promise.reject(new Error('offline'))
    await expect(switchLanguage(i18n, ours, 'zh-CN')).rejects.toThrow('offline')
    expect(i18n.global.t('hello')).toBe('Hello')
    expect(localStorage.getItem('dealings.language')).toBe('en')
  })
})
