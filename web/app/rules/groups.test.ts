import { conversation } from '@shared/testing'
import { describe, expect, it } from 'vitest'
import { joinCodeOf } from './cards'
import {
  ALL_NAMES,
  calledIn,
  callingAt,
  callParts,
  fitting,
  markedParts,
  withCalled,
} from './mentions'
import { deedsOn, writing } from './rights'
import { loneLink } from './text'

const HERE = 'https://deal.example'
const NAMES = [
  { id: 'arun', name: 'Arun' },
  { id: 'nair', name: 'Arun Nair' },
  { id: 'mei', name: '陈小梅' },
]

describe('mentions', () => {
  it('are being typed after an @ that begins a word, up to the caret', () => {
    expect(callingAt('hi @ar', 6)).toEqual({ at: 3, query: 'ar' })
    expect(callingAt('问@小', 3)).toEqual({ at: 1, query: '小' })
    expect(callingAt('@', 1)).toEqual({ at: 0, query: '' })
    for (const text of ['mei@example', '@arun and', 'nothing', `@${'x'.repeat(30)}`])
      expect(callingAt(text, text.length), text).toBeNull()
    expect(callingAt('@ar later', 3)).toEqual({ at: 0, query: 'ar' })
  })

  it('stand in the text as the name and a space, and the caret goes behind them', () => {
    expect(withCalled('hi @ar there', { at: 3, query: 'ar' }, 'Arun Nair')).toEqual({
      text: 'hi @Arun Nair there',
      caret: 14,
    })
  })

  it('are the longest name that fits, and no part of a longer word', () => {
    expect(callParts('@Arun Nair, @陈小梅看看', NAMES)).toEqual([
      { text: '@Arun Nair', id: 'nair' },
      { text: ', ', id: null },
      { text: '@陈小梅', id: 'mei' },
      { text: '看看', id: null },
    ])
    expect(callParts('@Arunachal', NAMES)).toEqual([{ text: '@Arunachal', id: null }])
    expect(callParts('@@Arun', NAMES).at(-1)).toEqual({ text: '@Arun', id: 'arun' })
  })

  it('in a message also stand out where somebody has another name by now', () => {
    expect(markedParts('@小梅 and @Arun', ['mei', 'arun'], NAMES)).toEqual([
      { text: '@小梅', id: 'mei' },
      { text: ' and ', id: null },
      { text: '@Arun', id: 'arun' },
    ])
    expect(markedParts('@nobody, @Arun', ['arun'], NAMES)[0]).toEqual({
      text: '@nobody, ',
      id: null,
    })
  })

  it('call everybody once, or all and nobody besides', () => {
    expect(calledIn('@Arun @陈小梅 @Arun', NAMES)).toEqual(['arun', 'mei'])
    expect(calledIn('@所有人 @Arun', [...NAMES, ...ALL_NAMES])).toEqual(['*'])
    expect(calledIn('@所有人', NAMES)).toEqual([])
  })

  it('are offered by how a name begins before what is in it', () => {
    const found = fitting(NAMES, 'n', (it) => it.name.split(' '))
    expect(found.map((it) => it.id)).toEqual(['nair', 'arun'])
    expect(fitting(NAMES, 'zz', (it) => [it.name])).toEqual([])
  })
})

describe('who may write', () => {
  const group = conversation({ kind: 'group', may: ['write'] })

  it('is whoever has the right and is not silenced at this moment', () => {
    expect(writing(group, 0).kind).toBe('free')
    expect(writing({ ...group, silenced_until: 9 }, 5)).toEqual({ kind: 'silenced', until: 9 })
    expect(writing({ ...group, silenced_until: 9 }, 9).kind).toBe('free')
    expect(writing({ ...group, may: [] }, 0).kind).toBe('admins')
  })

  it('in a channel is who leads it', () => {
    const channel = conversation({ kind: 'channel', may: [] })
    expect(writing(channel, 0).kind).toBe('reader')
    expect(writing({ ...channel, may: ['write', 'manage'] }, 0).kind).toBe('free')
  })
})

describe('what can be done with a member', () => {
  const group = conversation({ kind: 'group' })
  const plain = { role: 'member', silenced_until: null } as const
  const admin = { role: 'admin', silenced_until: null } as const

  it('is nothing for members, and nothing with the owner', () => {
    expect(deedsOn({ ...group, may: ['write', 'invite'] }, plain, 0)).toEqual([])
    const all = conversation({ kind: 'group', may: ['write', 'invite', 'manage', 'own'] })
    expect(deedsOn(all, { role: 'owner', silenced_until: null }, 0)).toEqual([])
  })

  it('for admins concerns members, for the owner admins too', () => {
    const led = { ...group, may: ['write', 'manage'] as const } as typeof group
    expect(deedsOn(led, plain, 0)).toEqual(['silence', 'remove'])
    expect(deedsOn(led, { ...plain, silenced_until: 9 }, 5)).toEqual(['unsilence', 'remove'])
    expect(deedsOn(led, admin, 0)).toEqual([])
    const own = { ...group, may: ['write', 'manage', 'own'] as const } as typeof group
    expect(deedsOn(own, admin, 0)).toEqual(['member', 'handOver', 'remove'])
    expect(deedsOn(own, plain, 0)).toEqual(['admin', 'handOver', 'silence', 'remove'])
  })

  it('in a channel silences nobody: followers do not speak', () => {
    const channel = conversation({ kind: 'channel', may: ['write', 'manage'] })
    expect(deedsOn(channel, plain, 0)).toEqual(['remove'])
  })
})

describe('links into groups', () => {
  const code = 'abcdefgh12345678abcdefgh'

  it('are known when they are scanned or stand alone in a message', () => {
    expect(joinCodeOf(` ${HERE}/join/${code} `)).toBe(code)
    expect(joinCodeOf(`${HERE}/u/ab12`)).toBeNull()
    expect(loneLink(`${HERE}/join/${code}`, HERE)).toEqual({ kind: 'group', code })
    expect(loneLink(`https://else.example/join/${code}`, HERE)).toBeNull()
  })
})
