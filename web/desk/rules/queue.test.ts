import type { Conversation } from '@shared/types'
import { expect, it } from 'vitest'
import { byWait, holding } from './queue'

const thread = (id: string) => ({ id }) as Conversation

it('puts those who wait longest first', () => {
  const sorted = byWait([thread('a'), thread('b'), thread('c')], { a: 20, c: 10 }, null)
  expect(sorted.map((one) => one.id)).toEqual(['c', 'a'])
})

it('keeps the open one at the end when it was answered', () => {
  const sorted = byWait([thread('a'), thread('b')], { b: 5 }, 'a')
  expect(sorted.map((one) => one.id)).toEqual(['b', 'a'])
})

it('finds in any of the texts, without regard to case', () => {
  expect(holding(['Mei', '龙井还有吗'], '龙井')).toBe(true)
  expect(holding(['Mei', ''], 'MEI ')).toBe(true)
  expect(holding(['Mei'], 'Arun')).toBe(false)
  expect(holding([], '  ')).toBe(true)
})
