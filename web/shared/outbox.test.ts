import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it } from 'vitest'
import { Refusal } from './api'
import { Keep } from './keep'
import { Outbox, type Unsent, type UnsentStore } from './outbox'
import { message } from './testing'

const TEXT = { kind: 'text', text: 'hello' } as const
const OFFLINE = new Refusal('unreachable', 'offline')
const REFUSED = new Refusal('messaging.not_delivered', 'blocked', { status: 403 })

let store: UnsentStore
let tried: Unsent[]
let delivered: string[]
let answers: (Refusal | null)[]
let outbox: Outbox

function openOutbox(): Outbox {
  return new Outbox({
    store,
    deliver: async (item) => {
      tried.push(item)
      const refusal = answers.shift()
      if (refusal) throw refusal
      return message(tried.length, { client_id: item.client_id, body: item.body })
    },
    delivered: async (sent) => {
      delivered.push(sent.client_id)
    },
    changed: () => {},
  })
}

let accounts = 0
beforeEach(() => {
  store = new Keep(`account-${accounts++}`)
  tried = []
  delivered = []
  answers = []
  outbox = openOutbox()
})

describe('sending', () => {
  it('keeps a message before it is sent and forgets it once it is delivered', async () => {
    const item = await outbox.add('c', TEXT)
    expect(await store.all()).toHaveLength(1)
    await outbox.flush()
    expect(delivered).toEqual([item.client_id])
    expect(await store.all()).toEqual([])
    expect(outbox.items).toEqual([])
  })

  it('sends in the order of writing', async () => {
    const first = await outbox.add('c', TEXT, 1_000)
    const second = await outbox.add('d', TEXT, 2_000)
    await outbox.flush()
    expect(delivered).toEqual([first.client_id, second.client_id])
  })

  it('stops at a broken way and goes on with the same client id', async () => {
    const item = await outbox.add('c', TEXT)
    answers = [OFFLINE]
    await outbox.flush()
    expect(outbox.waits).toBe(true)
    await outbox.flush()
    expect(tried.map((each) => each.client_id)).toEqual([item.client_id, item.client_id])
    expect(delivered).toEqual([item.client_id])
  })

  it('never sends one message twice at a time', async () => {
    await outbox.add('c', TEXT)
    await Promise.all([outbox.flush(), outbox.flush()])
    expect(tried).toHaveLength(1)
  })
})

describe('refused messages', () => {
  it('are kept as failed, with the reason, and do not hold up the next', async () => {
    const bad = await outbox.add('c', TEXT)
    const good = await outbox.add('c', TEXT)
    answers = [REFUSED]
    await outbox.flush()
    expect(outbox.items).toMatchObject([
      { client_id: bad.client_id, state: 'failed', code: 'messaging.not_delivered' },
    ])
    expect(delivered).toEqual([good.client_id])
  })

  it('go again only when the person says so', async () => {
    const bad = await outbox.add('c', TEXT)
    answers = [REFUSED]
    await outbox.flush()
    await outbox.flush()
    expect(tried).toHaveLength(1)
    await outbox.retry(bad.client_id)
    await outbox.flush()
    expect(delivered).toEqual([bad.client_id])
  })

  it('can be discarded', async () => {
    const bad = await outbox.add('c', TEXT)
    await outbox.discard(bad.client_id)
    expect(outbox.items).toEqual([])
    expect(await store.all()).toEqual([])
  })
})

describe('another visit', () => {
  it('finds what was left unsent and sends it with its old client id', async () => {
    const item = await outbox.add('c', TEXT)
    answers = [OFFLINE]
    await outbox.flush()
    outbox = openOutbox()
    await outbox.load()
    expect(outbox.items).toEqual([item])
    await outbox.flush()
    expect(delivered).toEqual([item.client_id])
  })

  it('never sees what another account left', async () => {
    await outbox.add('c', TEXT)
    expect(await new Keep('somebody-else').all()).toEqual([])
  })
})

it('sends also where the browser keeps nothing', async () => {
  store = {
    all: async () => [],
    put: async () => {
      throw new Error('no storage')
    },
    remove: async () => {},
  }
  outbox = openOutbox()
  await outbox.add('c', TEXT)
  await outbox.flush()
  expect(delivered).toHaveLength(1)
})
