import { expect, it } from 'vitest'
import { filterFrom, queryOf } from './filters'

it('survives the way through the address bar', () => {
  const filter = { state: 'paid', q: 'mei', buyer: 'b1' } as const
  expect(filterFrom(queryOf(filter) as Record<string, string>)).toEqual(filter)
})

it('leaves nothing behind when it is empty', () => {
  expect(queryOf({ state: null, q: '', buyer: null })).toEqual({})
})

it('ignores what is no state', () => {
  expect(filterFrom({ state: 'lost', q: ['a', 'b'] })).toEqual({ state: null, q: '', buyer: null })
})
