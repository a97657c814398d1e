import type { Message } from '@shared/types'
import { expect, it } from 'vitest'
import { linesOf } from './thread'

const NOON = new Date(2026, 2, 10, 12).getTime()
const DAY = 24 * 3_600_000

function said(seq: number, sender: string, at: number): Message {
  const body = { kind: 'text', text: 'hello' } as const
  return { conversation: 'c', seq, sender, shop: null, client_id: `m${seq}`, body, at }
}

const kinds = (lines: ReturnType<typeof linesOf>) => lines.map((line) => line.kind)

it('begins each day with its date', () => {
  const lines = linesOf([said(1, 'mei', NOON), said(2, 'mei', NOON + DAY)], null)
  expect(kinds(lines)).toEqual(['day', 'message', 'day', 'message'])
})

it('says once where the unread begin, but not before everything', () => {
  const messages = [said(1, 'mei', NOON), said(2, 'mei', NOON + 1), said(3, 'mei', NOON + 2)]
  expect(kinds(linesOf(messages, 1))).toEqual(['day', 'message', 'new', 'message', 'message'])
  expect(kinds(linesOf(messages, 0))).toEqual(['day', 'message', 'message', 'message'])
})

it('joins what one side says in a breath', () => {
  const lines = linesOf(
    [
      said(1, 'mei', NOON),
      said(2, 'mei', NOON + 1),
      said(3, 'lin', NOON + 2),
      said(4, 'lin', NOON + DAY / 2),
    ],
    null,
  )
  const firsts = lines.flatMap((line) => (line.kind === 'message' ? [line.first] : []))
  expect(firsts).toEqual([true, false, true, true])
})
