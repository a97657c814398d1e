import type { Messages } from '@shared/i18n'
import { expect, it } from 'vitest'
import en from './en.json'

const SOURCES = import.meta.glob<string>('../{pages,components,composables,stores}/**/*.{vue,ts}', {
  query: '?raw',
  import: 'default',
  eager: true,
})
/** A quoted locale key: in a call of t(…), a label of a shortcut, a keypath. Those with ${…} are checked by their stem. */
const KEY = /['`]([a-z][a-zA-Z]*(?:\.[\w]+|\.\$\{[^}]+\})+)['`]/g

function found(key: string): boolean {
  let at: string | Messages | undefined = en
  for (const part of key.split('.')) {
    if (part.startsWith('${')) return typeof at === 'object'
    at = typeof at === 'object' ? at[part] : undefined
  }
  return typeof at === 'string'
}

it('has words for every key that the desk asks for', () => {
  const spaces = new Set(Object.keys(en))
  const asked = Object.values(SOURCES)
    .flatMap((source) => [...source.matchAll(KEY)].map((match) => match[1] ?? ''))
    .filter((key) => spaces.has(key.split('.')[0] ?? '') && !EVENTS.has(key))
  expect(asked.length).toBeGreaterThan(200)
  expect([...new Set(asked)].filter((key) => !found(key))).toEqual([])
})

/** Names of the protocol that look like keys. */
const EVENTS = new Set(['order.changed', 'product.changed'])
