import { expect, it } from 'vitest'
import { factsOf } from './health'

it('groups what belongs together and flattens what lies deeper', () => {
  expect(
    factsOf({ up: true, store: { kind: 'sqlite', lane: { waiting: 0 } }, note: null }),
  ).toEqual([
    {
      name: '',
      facts: [
        { key: 'up', value: true },
        { key: 'note', value: null },
      ],
    },
    {
      name: 'store',
      facts: [
        { key: 'kind', value: 'sqlite' },
        { key: 'lane waiting', value: 0 },
      ],
    },
  ])
})
