import { describe, expect, it } from 'vitest'
import {
  apply,
  behind,
  EMPTY,
  gapAfter,
  leapt,
  type State,
  startAfresh,
  TYPING_MS,
  typingNow,
  withConversation,
  withHistory,
  withWatched,
} from './state'
import { conversation, MEI, message, order, person, snapshot } from './testing'
import type { Event } from './types'

const START: State = {
  ...EMPTY,
  me: MEI,
  conversations: { c: conversation({ last_seq: 2, read_seq: 2, last: message(2) }) },
  threads: { c: { messages: [message(1), message(2)], fromStart: true } },
}

const posted = (seq: number, changes = {}): Event => ({
  ev: 'message.posted',
  data: message(seq, changes),
})
const seqs = (state: State) => state.threads.c?.messages.map((each) => each.seq)

describe('a message', () => {
  it('joins the thread and moves the conversation on', () => {
    const state = apply(START, posted(3))
    expect(seqs(state)).toEqual([1, 2, 3])
    expect(state.conversations.c).toMatchObject({ last_seq: 3, unread: 1, last: message(3) })
  })

  it('changes nothing when it is told twice', () => {
    const once = apply(START, posted(3))
    expect(apply(once, posted(3))).toEqual(once)
  })

  it('is not unread when it is mine', () => {
    const state = apply(START, posted(3, { sender: 'mei' }))
    expect(state.conversations.c?.unread).toBe(0)
  })

  it('leaves a gap to be fetched instead of showing messages out of turn', () => {
    const state = apply(START, posted(5))
    expect(seqs(state)).toEqual([1, 2])
    expect(state.conversations.c?.last_seq).toBe(2)
    expect(behind(state, 'c')).toBe(2)
    expect(gapAfter(state, 'c')).toBe(2)
    const whole = withHistory(state, 'c', [message(3), message(4), message(5)], false)
    expect(seqs(whole)).toEqual([1, 2, 3, 4, 5])
    expect(behind(whole, 'c')).toBeNull()
    expect(whole.conversations.c).toMatchObject({ last_seq: 5, unread: 3 })
  })

  it('that came too early is taken when the ones before it have come', () => {
    const early = apply(apply(START, posted(5)), posted(4, { sender: 'mei' }))
    const state = apply(early, posted(3))
    expect(seqs(state)).toEqual([1, 2, 3, 4, 5])
    expect(state.conversations.c).toMatchObject({ last_seq: 5, unread: 2 })
    expect(state.ahead).toEqual({})
  })

  it('becomes what the server tells of it', () => {
    const guessed = apply(START, posted(3, { sender: 'mei', at: 1 }))
    const told = apply(guessed, posted(3, { sender: 'mei', at: 33 }))
    expect(told.threads.c?.messages.at(-1)?.at).toBe(33)
    expect(told.conversations.c?.last?.at).toBe(33)
  })

  it('counts the missing ones as unread too', () => {
    expect(leapt(apply(START, posted(5)), 'c').conversations.c?.unread).toBe(3)
  })

  it('leaves the state it was applied to alone', () => {
    const before = structuredClone(START)
    apply(START, posted(3))
    expect(START).toEqual(before)
  })

  it('of a conversation that is not known is not lost from the known ones', () => {
    const state = apply(START, posted(1, { conversation: 'other' }))
    expect(state.conversations).toEqual(START.conversations)
  })
})

describe('a shop’s thread as its staff see it', () => {
  const staffed: State = {
    ...START,
    conversations: { c: conversation({ kind: 'shop', role: 'staff', shop: 's', last_seq: 2 }) },
  }

  it('does not count what a colleague wrote for the shop', () => {
    const state = apply(staffed, posted(3, { sender: 'colleague', shop: 's' }))
    expect(state.conversations.c?.unread).toBe(0)
  })

  it('counts what the buyer wrote', () => {
    expect(apply(staffed, posted(3, { sender: 'lin' })).conversations.c?.unread).toBe(1)
  })
})

describe('read positions', () => {
  const moved = (reader: string, seq: number, unread: number | null): Event => ({
    ev: 'read.moved',
    data: { conversation: 'c', reader, seq, unread },
  })

  it('of my own other device take the count along', () => {
    const state = apply(apply(START, posted(3)), moved('mei', 3, 0))
    expect(state.conversations.c).toMatchObject({ read_seq: 3, unread: 0 })
  })

  it('of the other side only move forward', () => {
    const state = apply(apply(START, moved('lin', 2, null)), moved('lin', 1, null))
    expect(state.conversations.c).toMatchObject({ peer_read_seq: 2, read_seq: 2 })
  })
})

describe('what is told of a conversation', () => {
  const told = (data: Event['data']): Event => ({ ev: 'conversation.changed', data }) as Event

  it('of a group for all is merged into what I know', () => {
    const facts = { id: 'c', name: 'Tea', picture: null, member_count: 5 }
    expect(apply(START, told(facts)).conversations.c).toMatchObject({
      name: 'Tea',
      member_count: 5,
      last_seq: 2,
    })
  })

  it('of a group that is not mine is ignored', () => {
    const facts = { id: 'x', name: 'Tea', picture: null, member_count: 5 }
    expect(apply(START, told(facts)).conversations).toEqual(START.conversations)
  })

  it('does not take back messages that came meanwhile', () => {
    const ahead = apply(START, posted(3))
    const state = apply(ahead, told(conversation({ name: 'new', last_seq: 2, read_seq: 0 })))
    expect(state.conversations.c).toMatchObject({
      name: 'new',
      last_seq: 3,
      unread: 1,
      read_seq: 2,
    })
  })

  it('is forgotten with its messages when I left', () => {
    const state = apply(START, { ev: 'conversation.left', data: { conversation: 'c' } })
    expect(state.conversations).toEqual({})
    expect(state.threads).toEqual({})
  })
})

describe('history', () => {
  it('is put before what is there', () => {
    const late: State = { ...START, threads: { c: { messages: [message(2)], fromStart: false } } }
    const state = withHistory(late, 'c', [message(1)], true)
    expect(seqs(state)).toEqual([1, 2])
    expect(state.threads.c?.fromStart).toBe(true)
  })

  it('keeps only the newest stretch when something is missing between', () => {
    const state = withHistory(START, 'c', [message(9), message(10)], false)
    expect(seqs(state)).toEqual([9, 10])
    expect(state.threads.c?.fromStart).toBe(false)
  })
})

describe('everything else', () => {
  it('typing fades, and ends with the message', () => {
    const typing = apply(
      START,
      { ev: 'typing', data: { conversation: 'c', account: 'lin' } },
      1_000,
    )
    expect(typingNow(typing, 'c', 1_500)).toEqual(['lin'])
    expect(typingNow(typing, 'c', 1_000 + TYPING_MS)).toEqual([])
    expect(typingNow(apply(typing, posted(3)), 'c', 1_500)).toEqual([])
  })

  it('an order told late does not take a newer one back', () => {
    const paid = order({ state: 'paid', changed_at: 20 })
    const placed = order({ state: 'placed', changed_at: 10 })
    const state = apply(apply(START, { ev: 'order.changed', data: paid }), {
      ev: 'order.changed',
      data: placed,
    })
    expect(state.orders.o?.state).toBe('paid')
  })

  it('contacts come and go, and bring the person along', () => {
    const contact = {
      person: person('lin'),
      state: 'accepted',
      remark: null,
      greeting: '',
      changed_at: 1,
    } as const
    const state = apply(START, { ev: 'contact.changed', data: contact })
    expect(state.contacts.lin).toEqual(contact)
    expect(state.people.lin).toEqual(person('lin'))
    const gone = apply(state, { ev: 'contact.removed', data: { account: 'lin' } })
    expect(gone.contacts).toEqual({})
  })

  it('people and shops are known as they look now, contacts too', () => {
    const contact = {
      person: person('lin'),
      state: 'accepted',
      remark: 'L',
      greeting: '',
      changed_at: 1,
    } as const
    const lin = { ...person('lin'), name: 'Lin Lin' }
    const asked = apply(START, { ev: 'contact.changed', data: contact })
    const state = apply(asked, { ev: 'person.changed', data: lin })
    expect(state.people.lin).toEqual(lin)
    expect(state.contacts.lin).toEqual({ ...contact, person: lin })
    const shop = {
      id: 's',
      handle: 'tea',
      name: 'Tea & Pots',
      tagline: '',
      picture: null,
      currency: 'CNY',
      owner: 'tao',
      created_at: 1,
    }
    expect(apply(state, { ev: 'shop.changed', data: shop }).shops.s).toEqual(shop)
    expect(apply(START, { ev: 'person.changed', data: lin }).contacts).toEqual({})
  })

  it('an event that this app does not know changes nothing', () => {
    expect(apply(START, { ev: 'something.new', data: {} } as unknown as Event)).toBe(START)
  })
})

describe('P2: old state + events = state fetched afresh', () => {
  it('for a chat, an order and a wallet that moved while away', () => {
    const wallet = { balances: [{ currency: 'CNY', available: 5, held: 1 }], sandbox: false }
    const paid = order({ state: 'paid', changed_at: 20 })
    const events: Event[] = [
      posted(3),
      posted(4, { sender: 'mei' }),
      { ev: 'read.moved', data: { conversation: 'c', reader: 'mei', seq: 4, unread: 0 } },
      { ev: 'read.moved', data: { conversation: 'c', reader: 'lin', seq: 4, unread: null } },
      { ev: 'order.changed', data: paid },
      { ev: 'wallet.changed', data: wallet },
      { ev: 'cart.changed', data: { lines: [] } },
    ]
    const followed = events.reduce((state, event) => apply(state, event), START)
    const last = message(4, { sender: 'mei' })
    const afresh = startAfresh(
      START,
      snapshot({
        conversations: [
          conversation({ last_seq: 4, last, read_seq: 4, peer_read_seq: 4, unread: 0 }),
        ],
        orders: [paid],
        wallet,
      }),
    )
    const known = ({ threads: _, ...rest }: State) => rest
    expect(known(followed)).toEqual(known(afresh))
    expect(behind(afresh, 'c')).toBe(2)
    expect(behind(followed, 'c')).toBeNull()
  })

  it('drops threads of conversations that are no longer mine', () => {
    expect(startAfresh(START, snapshot()).threads).toEqual({})
  })
})

describe('what devices share', () => {
  const of = (state: State) => state.conversations.c
  const draft = (text: string | null, at: number): Event => ({
    ev: 'draft.changed',
    data: { conversation: 'c', text, at },
  })
  const received = (reader: string, seq: number): Event => ({
    ev: 'received.moved',
    data: { conversation: 'c', reader, seq },
  })

  it('keeps the later of two drafts', () => {
    const state = apply(apply(START, draft('second', 20)), draft('first', 10))
    expect(of(state)).toMatchObject({ draft: 'second', draft_at: 20 })
    expect(of(apply(state, draft(null, 30)))).toMatchObject({ draft: null, draft_at: 30 })
  })

  it('does not let an older description bring a draft back', () => {
    const begun = apply(START, draft(null, 20))
    const told = conversation({ last_seq: 2, read_seq: 2, draft: 'old', draft_at: 10 })
    expect(of(withConversation(begun, told))?.draft).toBeNull()
  })

  it('shows what the other side has, and that what was read has arrived', () => {
    const known = conversation({ last_seq: 3, peer_read_seq: 0, peer_received_seq: 0 })
    const start = { ...START, conversations: { c: known } }
    const arrived = apply(apply(start, received('lin', 2)), received('lin', 1))
    expect(of(arrived)).toMatchObject({ peer_received_seq: 2, peer_read_seq: 0 })
    expect(of(apply(start, received('mei', 2)))?.peer_received_seq).toBe(0)
    const moved = { conversation: 'c', reader: 'lin', seq: 3, unread: null }
    expect(of(apply(arrived, { ev: 'read.moved', data: moved }))).toMatchObject({
      peer_received_seq: 3,
      peer_read_seq: 3,
    })
  })

  it('merges what is muted and pinned into what is known', () => {
    const data = { id: 'c', muted: true, pinned_at: 5 }
    const state = apply(START, { ev: 'conversation.changed', data })
    expect(of(state)).toMatchObject({ muted: true, pinned_at: 5, last_seq: 2, may: ['write'] })
  })

  it('knows where I was called until I have read it', () => {
    const body = { kind: 'text', text: '@mei', mentions: ['mei'] } as const
    const called = apply(apply(START, posted(3, { body })), posted(4))
    expect(of(called)?.mentioned).toBe(3)
    const read = { conversation: 'c', reader: 'mei', seq: 3, unread: 1 }
    expect(of(apply(called, { ev: 'read.moved', data: read }))?.mentioned).toBeNull()
    const all = { kind: 'text', text: '@all', mentions: ['*'] } as const
    expect(of(apply(START, posted(3, { body: all })))?.mentioned).toBe(3)
    expect(of(apply(START, posted(3, { body: all, sender: 'mei' })))?.mentioned).toBeNull()
  })
})

describe('what is watched', () => {
  const looking = withWatched(START, 'c', ['lin'])
  const came = (conversation: string, account: string, online: boolean): Event => ({
    ev: 'presence',
    data: { conversation, account, online },
  })

  it('follows who comes and goes there, and nowhere else', () => {
    const state = apply(apply(looking, came('c', 'arun', true)), came('other', 'tao', true))
    expect(state.watched?.present).toEqual(['lin', 'arun'])
    expect(apply(state, came('c', 'arun', true)).watched?.present).toEqual(['lin', 'arun'])
    expect(apply(state, came('c', 'lin', false)).watched?.present).toEqual(['arun'])
  })

  it('takes a whole list when many came at once', () => {
    const data = { conversation: 'c', present: ['tao'] }
    expect(apply(looking, { ev: 'presence', data }).watched?.present).toEqual(['tao'])
  })

  it('follows how far others of a group have read', () => {
    const moved = (seq: number): Event => ({
      ev: 'read.moved',
      data: { conversation: 'c', reader: 'arun', seq, unread: null },
    })
    const state = apply(apply(looking, moved(2)), moved(1))
    expect(state.watched?.readTo).toEqual({ arun: 2 })
    expect(withWatched(state, null, []).watched).toBeNull()
  })
})
