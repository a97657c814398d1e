import { order, person } from '@shared/testing'
import type { Entry } from '@shared/types'
import { describe, expect, it } from 'vitest'
import { isComplete, isSame, NO_ADDRESS } from './addresses'
import { initialOf, toneOf } from './avatars'
import { cardCodeOf } from './cards'
import { countdown, dayOf, daysBetween } from './days'
import { deviceOf } from './devices'
import { isWaiting, nextAction, stepsDone, tone } from './orders'
import { sized } from './pictures'
import { byMonth } from './statement'
import { excerpt, isFewEmoji, lengthOf, loneLink, textParts } from './text'
import { byShop, optionText, totals } from './totals'

const HERE = 'https://deal.example'

describe('texts', () => {
  it('with addresses are cut where the address ends, also before Chinese stops', () => {
    expect(textParts('看 https://a.example/x，好', HERE)).toEqual([
      { kind: 'text', text: '看 ' },
      { kind: 'url', text: 'https://a.example/x', href: 'https://a.example/x' },
      { kind: 'text', text: '，好' },
    ])
    expect(textParts('(https://a.example).', HERE).map((part) => part.text)).toEqual([
      '(',
      'https://a.example',
      ').',
    ])
  })

  it('lead inside for our own addresses, and only for ours', () => {
    expect(textParts(`${HERE}/shops/tea`, HERE)).toMatchObject([
      { kind: 'inside', path: '/shops/tea' },
    ])
    expect(textParts('https://deal.example.evil.example/x', HERE)).toMatchObject([{ kind: 'url' }])
  })

  it('never make a link of anything but http', () => {
    expect(textParts('javascript:alert(1)', HERE)).toEqual([
      { kind: 'text', text: 'javascript:alert(1)' },
    ])
  })

  it('that are one link of ours become a card', () => {
    expect(loneLink(` ${HERE}/u/ab12 `, HERE)).toEqual({ kind: 'person', code: 'ab12' })
    expect(loneLink(`${HERE}/p/xy`, HERE)).toEqual({ kind: 'product', code: 'xy' })
    expect(loneLink(`look: ${HERE}/p/xy`, HERE)).toBeNull()
    expect(loneLink('https://else.example/p/xy', HERE)).toBeNull()
  })

  it('of up to three emoji are large, whatever they are made of', () => {
    for (const text of ['😀', '👩‍👩‍👧 🎉', '🇨🇳🇫🇷👍🏽']) expect(isFewEmoji(text), text).toBe(true)
    for (const text of ['😀😀😀😀', 'ok 😀', '123', '', '#'])
      expect(isFewEmoji(text), text).toBe(false)
  })

  it('are counted by characters, not by halves of them', () => {
    expect(lengthOf('茶🍵')).toBe(2)
    expect(excerpt('a\n\n b', 10)).toBe('a b')
    expect(excerpt('abcdef', 4)).toBe('abc…')
  })
})

describe('orders', () => {
  const mine = (actions: string[]) => order({ buyer: person('mei'), actions })

  it('have at most one next action for the buyer, and none for anybody else', () => {
    expect(nextAction(mine(['cancel', 'pay']), 'mei')).toBe('pay')
    expect(nextAction(mine(['confirm']), 'mei')).toBe('confirm')
    expect(nextAction(mine(['refund']), 'mei')).toBeNull()
    expect(isWaiting(mine(['pay']), 'lin')).toBe(false)
  })

  it('show how far they are, and say whether somebody waits', () => {
    expect(stepsDone('placed')).toBe(1)
    expect(stepsDone('settled')).toBe(5)
    expect(stepsDone('refunded')).toBe(0)
    expect([tone('placed'), tone('paid'), tone('closed')]).toEqual(['waiting', 'safe', 'quiet'])
  })
})

describe('sums', () => {
  const shop = (id: string) => ({ id, handle: id, name: id })
  const line = (id: string, amount: number, quantity: number, currency = 'CNY') => ({
    shop: shop(id),
    price: { amount, currency },
    quantity,
  })

  it('are kept by currency', () => {
    expect(totals([line('a', 100, 2), line('a', 50, 1), line('b', 7, 1, 'EUR')])).toEqual([
      { amount: 250, currency: 'CNY' },
      { amount: 7, currency: 'EUR' },
    ])
  })

  it('and lines are gathered by shop in the order in which they come', () => {
    const groups = byShop([line('b', 1, 1), line('a', 2, 1), line('b', 3, 1)])
    expect(groups.map((group) => [group.shop.id, group.lines.length])).toEqual([
      ['b', 2],
      ['a', 1],
    ])
  })

  it('name no option where the shop has none', () => {
    expect(optionText(['Default Title'])).toBe('')
    expect(optionText(['特级', '50 g'])).toBe('特级 · 50 g')
  })
})

describe('days', () => {
  const late = new Date(2026, 2, 8, 23, 59).getTime()
  const early = new Date(2026, 2, 9, 0, 1).getTime()

  it('are calendar days, not stretches of hours', () => {
    expect(daysBetween(late, early)).toBe(1)
    expect(daysBetween(early, early)).toBe(0)
    expect(daysBetween(early, late)).toBe(0)
    expect(dayOf(late)).toBe('2026-03-08')
  })

  it('count down to the second and stop at zero', () => {
    expect(countdown(29 * 60_000 + 5_000, 0)).toBe('29:05')
    expect(countdown(3_600_000 + 1, 0)).toBe('1:00:01')
    expect(countdown(0, 5)).toBe('00:00')
  })

  it('gather the statement by month', () => {
    const entry = (at: number) => ({ at }) as Entry
    const months = byMonth([entry(early), entry(late), entry(new Date(2026, 1, 1).getTime())])
    expect(months.map((month) => [month.key, month.entries.length])).toEqual([
      ['2026-03', 2],
      ['2026-02', 1],
    ])
  })
})

describe('small things', () => {
  it('avatars take the first letter as people write it, and keep their tone', () => {
    expect([initialOf(' mei'), initialOf('梅'), initialOf('👩‍👧 x'), initialOf('')]).toEqual([
      'M',
      '梅',
      '👩‍👧',
      '·',
    ])
    expect(toneOf('abc')).toBe(toneOf('abc'))
  })

  it('pictures of ours come in the width that is shown, others as they are', () => {
    expect(sized('/api/v1/files/a.jpg', 160)).toBe('/api/v1/files/a.jpg?w=160')
    expect(sized('https://else.example/a.jpg', 160)).toBe('https://else.example/a.jpg')
  })

  it('cards are known by their link', () => {
    expect(cardCodeOf(' https://deal.example/u/ab-12 ')).toBe('ab-12')
    expect(cardCodeOf('mei')).toBeNull()
    expect(cardCodeOf('https://deal.example/p/ab')).toBeNull()
  })

  it('addresses are whole when every part says something', () => {
    const address = { name: 'Mei', phone: '1', text: ' ' }
    expect(isComplete(address)).toBe(false)
    expect(isComplete({ ...address, text: 'Hangzhou' })).toBe(true)
    expect(isSame(address, { ...address })).toBe(true)
    expect(isSame(NO_ADDRESS, null)).toBe(false)
  })

  it('devices are named by browser and system', () => {
    const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1'
    expect(deviceOf(phone)).toBe('Safari · iOS')
    expect(deviceOf('dealings.client/0.1')).toBe('dealings.client/0.1')
  })
})
