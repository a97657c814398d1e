import { expect, it } from 'vitest'
import appEn from '../app/locales/en.json'
import appZh from '../app/locales/zh-CN.json'
import deskEn from '../desk/locales/en.json'
import deskZh from '../desk/locales/zh-CN.json'
import type { Messages } from './i18n'

const PLACEHOLDER = /\{\s*\w+\s*\}/g

/** Every path in the tree with the placeholders of its message, so that a forgotten one shows as well. */
function entries(messages: Messages, path = ''): string[] {
  return Object.entries(messages)
    .flatMap(([key, message]) =>
      typeof message === 'string'
        ? [`${path}${key} ${placeholders(message)}`]
        : entries(message, `${path}${key}.`),
    )
    .sort()
}

function placeholders(message: string): string {
  return [...new Set(message.match(PLACEHOLDER))].sort().join(' ')
}

it.each([
  ['app', appEn, appZh],
  ['desk', deskEn, deskZh],
] as const)('%s says the same things in both languages', (_, en, zh) => {
  expect(entries(zh)).toEqual(entries(en))
})
