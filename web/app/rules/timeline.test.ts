import type { Unsent } from '@shared/outbox'
import { message } from '@shared/testing'
import type { Message } from '@shared/types'
import { describe, expect, it } from 'vitest'
import { type Item, timeline } from './timeline'

const NOON = new Date(2026, 2, 8, 12).getTime()
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const at = (seq: number, minutes: number, changes: Partial<Message> = {}) =>
  message(seq, { at: NOON + minutes * MINUTE, ...changes })

function show(messages: Message[], unsent: Unsent[] = [], readTo: number | null = null): Item[] {
  return timeline({ messages, unsent, readTo, mine: (each) => each.sender === 'mei' })
}

const kinds = (items: Item[]) => items.map((item) => item.kind).join(' ')
const runs = (items: Item[]) =>
  items.flatMap((item) =>
    'first' in item ? [`${item.first ? '[' : ' '}${item.last ? ']' : ' '}`] : [],
  )

function waiting(client_id: string): Unsent {
  const body = { kind: 'text', text: 'hi' } as const
  return { client_id, conversation: 'c', body, at: NOON, state: 'waiting', code: null }
}

describe('days', () => {
  it('stand before their first message', () => {
    const items = show([at(1, 0), at(2, 1), message(3, { at: NOON + DAY })])
    expect(kinds(items)).toBe('day message message day message')
  })
})

describe('the line "new"', () => {
  it('stands before the first unread message of somebody else', () => {
    const items = show([at(1, 0), at(2, 1, { sender: 'mei' }), at(3, 2)], [], 1)
    expect(kinds(items)).toBe('day message message new message')
  })

  it('is not there when nothing was new', () => {
    expect(kinds(show([at(1, 0)], [], null))).toBe('day message')
    expect(kinds(show([at(1, 0)], [], 1))).toBe('day message')
  })

  it('is there before the very first message', () => {
    expect(kinds(show([at(1, 0)], [], 0))).toBe('day new message')
  })
})

describe('runs', () => {
  it('hold what one sender says within a few minutes', () => {
    expect(runs(show([at(1, 0), at(2, 1), at(3, 2)]))).toEqual(['[ ', '  ', ' ]'])
  })

  it('end with another sender, and after a pause', () => {
    const items = show([
      at(1, 0),
      at(2, 1, { sender: 'mei' }),
      at(3, 2, { sender: 'mei' }),
      at(4, 30, { sender: 'mei' }),
    ])
    expect(runs(items)).toEqual(['[]', '[ ', ' ]', '[]'])
  })

  it('end at a notice', () => {
    const notice = at(2, 1, {
      body: { kind: 'notice', code: 'order.paid', params: {}, order: null },
    })
    expect(runs(show([at(1, 0), notice, at(3, 2)]))).toEqual(['[]', '[]'])
  })

  it('of a shop go on when another of its staff answers', () => {
    const items = show([at(1, 0, { sender: 'a', shop: 's' }), at(2, 1, { sender: 'b', shop: 's' })])
    expect(runs(items)).toEqual(['[ ', ' ]'])
  })
})

describe('unsent messages', () => {
  it('stand at the end, in the run of mine', () => {
    const items = show([at(1, 0, { sender: 'mei' })], [waiting('u1')])
    expect(kinds(items)).toBe('day message unsent')
    expect(runs(items)).toEqual(['[ ', ' ]'])
  })

  it('are shown once when they have arrived meanwhile, under the same key', () => {
    const before = show([], [waiting('u1')]).at(-1)
    const items = show([at(1, 0, { sender: 'mei', client_id: 'u1' })], [waiting('u1')])
    expect(kinds(items)).toBe('day message')
    expect(items.at(-1)?.key).toBe(before?.key)
  })
})
