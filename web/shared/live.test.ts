import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Api } from './endpoints'
import { Live } from './live'
import type { Unsent } from './outbox'
import { conversation, FakeSocket, FakeTimers, MEI, message, settled, snapshot } from './testing'
import type { Message } from './types'

let socket: FakeSocket
let history: Message[]
let fetched: object[]
let live: Live

const api = () =>
  ({
    conversations: {
      messages: async (_: string, query: { after?: number; before?: number; limit?: number }) => {
        fetched.push(query)
        const { after = 0, before = Number.POSITIVE_INFINITY, limit = 50 } = query
        const found = history.filter((each) => each.seq > after && each.seq < before)
        return query.after === undefined ? found.slice(-limit) : found.slice(0, limit)
      },
    },
    people: { many: async () => [] },
  }) as unknown as Api

beforeEach(async () => {
  vi.useFakeTimers()
  history = [message(1), message(2)]
  fetched = []
  const kept = new Map<string, Unsent>()
  live = new Live({
    api: api(),
    me: MEI,
    store: {
      all: async () => [...kept.values()],
      put: async (item) => void kept.set(item.client_id, item),
      remove: async (id) => void kept.delete(id),
    },
    changed: () => {},
    signedOut: () => {},
    connection: {
      timers: new FakeTimers(),
      open: () => {
        socket = new FakeSocket()
        return socket
      },
    },
  })
  await live.start()
  await greet(false)
})

async function greet(resumed: boolean) {
  socket.open()
  socket.answer('hello', { me: MEI, cursor: 'c0', resumed, limits: {}, server_time: Date.now() })
  await settled()
  if (resumed) return socket.tell({ ev: 'resumed', at: 'c1' })
  socket.answer(
    'state',
    snapshot({ conversations: [conversation({ last_seq: 2, last: message(2) })] }),
  )
  await settled()
}

const seqs = () => live.state.threads.c?.messages.map((each) => each.seq)

describe('a gap', () => {
  it('in an opened thread is filled when the inbox knows of more than was told', async () => {
    await live.open('c')
    history = [1, 2, 3].map((seq) => message(seq))
    live.learnConversation(conversation({ last_seq: 3, last: message(3) }))
    await settled()
    expect(seqs()).toEqual([1, 2, 3])
  })

  it('is fetched when a message comes out of turn', async () => {
    await live.open('c')
    history = [1, 2, 3, 4, 5].map((seq) => message(seq))
    socket.tell({ ev: 'message.posted', at: 'c5', data: message(5) })
    await vi.advanceTimersByTimeAsync(300)
    expect(seqs()).toEqual([1, 2, 3, 4, 5])
  })

  it('that closes by itself is not fetched', async () => {
    await live.open('c')
    fetched = []
    socket.tell({ ev: 'message.posted', at: 'c4', data: message(4) })
    socket.tell({ ev: 'message.posted', at: 'c3', data: message(3) })
    socket.tell({ ev: 'message.posted', at: 'c4', data: message(4) })
    await vi.advanceTimersByTimeAsync(300)
    expect(seqs()).toEqual([1, 2, 3, 4])
    expect(fetched).toEqual([])
  })

  it('of hundreds is not walked through: the thread starts again from its newest', async () => {
    await live.open('c')
    history = Array.from({ length: 900 }, (_, index) => message(index + 1))
    socket.tell({ ev: 'message.posted', at: 'c900', data: message(900) })
    await vi.advanceTimersByTimeAsync(300)
    expect(seqs()?.[0]).toBe(851)
    expect(seqs()?.at(-1)).toBe(900)
    expect(live.state.threads.c?.fromStart).toBe(false)
  })
})

describe('sending', () => {
  it('shows the message at once and keeps one of it when it is told twice', async () => {
    await live.open('c')
    const sending = live.send('c', { kind: 'text', text: 'hi' })
    await settled()
    const clientId = live.unsent[0]?.client_id
    socket.answer('send', { seq: 3, at: 33 })
    await sending
    expect(live.unsent).toEqual([])
    socket.tell({
      ev: 'message.posted',
      at: 'c3',
      data: message(3, { sender: 'mei', client_id: clientId }),
    })
    expect(seqs()).toEqual([1, 2, 3])
    expect(live.state.conversations.c?.unread).toBe(0)
  })

  it('goes again with the same client id after the connection broke in the middle', async () => {
    await live.open('c')
    void live.send('c', { kind: 'text', text: 'hi' })
    await settled()
    const first = socket.asked('send')
    socket.onclose?.()
    await settled()
    expect(live.unsent).toHaveLength(1)
    live.connection.wake()
    await greet(true)
    await vi.advanceTimersByTimeAsync(0)
    expect(socket.asked('send')).toMatchObject({ client_id: first?.client_id })
    socket.answer('send', { seq: 3, at: 33 })
    await vi.advanceTimersByTimeAsync(0)
    expect(live.unsent).toEqual([])
    expect(seqs()).toEqual([1, 2, 3])
  })
})

describe('what the server does not know yet', () => {
  it('is shown once when the event comes before the answer', async () => {
    await live.open('c')
    const sending = live.send('c', { kind: 'text', text: 'hi' })
    await settled()
    const client_id = live.unsent[0]?.client_id
    socket.tell({ ev: 'message.posted', at: 'c3', data: message(3, { sender: 'mei', client_id }) })
    expect(live.unsent).toEqual([])
    expect(seqs()).toEqual([1, 2, 3])
    socket.answer('send', { seq: 3, at: 33 })
    await sending
    expect(seqs()).toEqual([1, 2, 3])
    expect(live.state.threads.c?.messages.at(-1)?.at).toBe(3)
  })

  it('has been read is said again after the connection broke', async () => {
    await live.open('c')
    socket.tell({ ev: 'message.posted', at: 'c3', data: message(3) })
    void live.read('c', 3)
    await settled()
    expect(socket.asked('read')).toMatchObject({ seq: 3 })
    socket.onclose?.()
    live.connection.wake()
    await greet(true)
    await vi.advanceTimersByTimeAsync(0)
    expect(socket.asked('read')).toMatchObject({ seq: 3 })
    socket.answer('read', { read_seq: 3, unread: 0 })
    await settled()
    socket.onclose?.()
    live.connection.wake()
    await greet(true)
    await vi.advanceTimersByTimeAsync(0)
    expect(socket.asked('read')).toBeUndefined()
  })
})

it('older messages are loaded once, and not past the first', async () => {
  history = Array.from({ length: 80 }, (_, index) => message(index + 1))
  live.learnConversation(conversation({ last_seq: 80, last: message(80) }))
  await live.open('c')
  await Promise.all([live.loadOlder('c'), live.loadOlder('c')])
  expect(seqs()?.[0]).toBe(1)
  expect(live.state.threads.c?.fromStart).toBe(true)
  fetched = []
  await live.loadOlder('c')
  expect(fetched).toEqual([])
})
