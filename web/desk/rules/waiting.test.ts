import type { Message } from '@shared/types'
import { describe, expect, it } from 'vitest'
import { afterMessage, urgency, waitingSince } from './waiting'

const buyer = (at: number): Message => said('mei', null, at)
const shop = (at: number): Message => said('lin', 'tea', at)
const notice = (at: number): Message => said(null, null, at)

function said(sender: string | null, shopId: string | null, at: number): Message {
  const body = { kind: 'text', text: 'hello' } as const
  return { conversation: 'c', seq: at, sender, shop: shopId, client_id: `${at}`, body, at }
}

describe('waiting', () => {
  it('counts from the first message that nobody answered', () => {
    expect(waitingSince([buyer(1), shop(2), buyer(3), buyer(4), notice(5)])).toBe(3)
    expect(waitingSince([buyer(1), shop(2), notice(3)])).toBeNull()
  })

  it('starts with the buyer and is not restarted by a second message', () => {
    const first = afterMessage({}, buyer(1))
    expect(first).toEqual({ c: 1 })
    expect(afterMessage(first, buyer(9))).toEqual({ c: 1 })
  })

  it('is not begun by an order', () => {
    const body = { kind: 'order', order: 'o' } as Message['body']
    expect(afterMessage({}, { ...buyer(1), body })).toEqual({})
    expect(waitingSince([{ ...buyer(1), body }])).toBeNull()
  })

  it("is not begun by a notice of the buyer's own step", () => {
    const body = { kind: 'notice', code: 'order.settled' } as Message['body']
    expect(afterMessage({}, { ...buyer(1), body })).toEqual({})
  })

  it('ends with the shop, not with a notice', () => {
    expect(afterMessage({ c: 1 }, notice(2))).toEqual({ c: 1 })
    expect(afterMessage({ c: 1, d: 4 }, shop(2))).toEqual({ d: 4 })
  })
})

it('grows urgent with time', () => {
  const minutes = (n: number) => n * 60_000
  expect(urgency(0, minutes(4))).toBe('calm')
  expect(urgency(0, minutes(5))).toBe('soon')
  expect(urgency(0, minutes(30))).toBe('late')
})
