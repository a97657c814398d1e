import { expect, it } from 'vitest'
import en from './locales/en.json'

const sources = import.meta.glob<string>(['./**/*.vue', './**/*.ts', '!./**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
})

/** What the sources ask for by a whole name; names that are put together are seen in the browser tests. */
function asked(): string[] {
  const found = Object.values(sources).flatMap((source) => [
    ...source.matchAll(/\bt\(\s*'([\w.]+)'/g),
    ...source.matchAll(/\b(?:label|text|title): '([a-z]\w*\.\w+)'/g),
  ])
  return [...new Set(found.map((match) => match[1] ?? ''))]
}

function isSaid(key: string): boolean {
  let at: unknown = en
  for (const step of key.split('.')) at = (at as Record<string, unknown> | undefined)?.[step]
  return typeof at === 'string'
}

it('every text that is asked for is there', () => {
  const keys = asked()
  expect(keys.length).toBeGreaterThan(100)
  expect(keys.filter((key) => !isSaid(key))).toEqual([])
})
