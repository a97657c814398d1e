import { beforeEach, describe, expect, it } from 'vitest'
import { Refusal } from './api'
import {
  Connection,
  type ConnectionState,
  type Listener,
  LONGEST_DELAY_MS,
  PING_AFTER_MS,
  REPLY_WITHIN_MS,
} from './connection'
import { crc32 } from './crc32'
import { CONSTANTS } from './machine'
import { FakeSocket, FakeTimers, MEI, message, settled, snapshot } from './testing'
import type { Event, Hello, Snapshot } from './types'

const CHECK_AFTER_MS = CONSTANTS.check_after_ms

class Recorder implements Listener {
  states: ConnectionState[] = []
  events: Event[] = []
  snapshots: Snapshot[] = []
  greetings: Hello[] = []
  ended = 0
  stateChanged = (state: ConnectionState) => this.states.push(state)
  greeted = (hello: Hello) => this.greetings.push(hello)
  startedAfresh = (from: Snapshot) => this.snapshots.push(from)
  happened = (event: Event) => this.events.push(event)
  signedOut = () => this.ended++
  outdatings = 0
  outdated = () => this.outdatings++
}

let sockets: FakeSocket[]
let timers: FakeTimers
let heard: Recorder
let connection: Connection

const socket = () => sockets.at(-1) as FakeSocket
const hello = (resumed: boolean): Hello => ({
  me: MEI,
  cursor: 'cursor-0',
  resumed,
  limits: {},
  server_time: 0,
})
const posted = (seq: number): Event => ({
  ev: 'message.posted',
  at: `cursor-${seq}`,
  data: message(seq),
})

/** What the server says when this event was all that it told. */
const sumOf = (event: Event) => crc32(JSON.stringify(event))

beforeEach(() => {
  sockets = []
  timers = new FakeTimers()
  heard = new Recorder()
  connection = new Connection({
    listener: heard,
    timers,
    random: () => 1,
    open: () => {
      sockets.push(new FakeSocket())
      return socket()
    },
  })
})

async function becomeLive() {
  connection.start()
  socket().open()
  socket().answer('hello', hello(false))
  await settled()
  socket().answer('state', snapshot())
  await settled()
}

describe('the way to live', () => {
  it('goes offline → connecting → syncing → live, asking for the state the first time', async () => {
    await becomeLive()
    expect(heard.states).toEqual(['connecting', 'syncing', 'live'])
    expect(heard.snapshots).toHaveLength(1)
    expect(connection.cursor).toBe('cursor-0')
  })

  it('keeps events back until the state they belong to is there', async () => {
    connection.start()
    socket().open()
    socket().answer('hello', hello(false))
    await settled()
    socket().tell(posted(7))
    expect(heard.events).toEqual([])
    socket().answer('state', snapshot())
    await settled()
    expect(heard.events).toEqual([posted(7)])
    timers.pass(PING_AFTER_MS)
    socket().answer('ping', { server_time: 0, told: sumOf(posted(7)) })
    expect(connection.cursor).toBe('cursor-7')
  })

  it('resumes from its cursor: the missed events, then live, and no new state', async () => {
    await becomeLive()
    socket().tell(posted(3))
    timers.pass(CHECK_AFTER_MS)
    socket().answer('ping', { server_time: 0, told: sumOf(posted(3)) })
    socket().onclose?.()
    timers.pass(LONGEST_DELAY_MS)
    socket().open()
    expect(socket().asked('hello')).toMatchObject({ cursor: 'cursor-3' })
    socket().answer('hello', hello(true))
    await settled()
    expect(connection.state).toBe('syncing')
    socket().tell(posted(4))
    socket().tell({ ev: 'resumed', at: 'cursor-9' })
    expect(connection.state).toBe('live')
    expect(heard.events.map((event) => event.at)).toEqual(['cursor-3', 'cursor-4'])
    expect(heard.snapshots).toHaveLength(1)
    expect(connection.cursor).toBe('cursor-9')
  })
})

describe('breaking and coming back', () => {
  it('comes back with what was confirmed when a frame got lost on its way', async () => {
    await becomeLive()
    socket().tell(posted(3))
    timers.pass(CHECK_AFTER_MS)
    socket().answer('ping', { server_time: 0, told: 2 })
    timers.pass(LONGEST_DELAY_MS)
    socket().open()
    expect(socket().asked('hello')).toMatchObject({ cursor: 'cursor-0' })
  })

  it('waits longer after each failure, up to a limit', () => {
    connection.start()
    const waits: number[] = []
    for (let i = 0; i < 9; i++) {
      const before = sockets.length
      socket().onclose?.()
      let waited = 0
      while (sockets.length === before) {
        timers.pass(250)
        waited += 250
      }
      waits.push(waited)
    }
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000])
    expect(waits.at(-1)).toBe(LONGEST_DELAY_MS)
  })

  it('tells open requests that the way broke, so that they may go again', async () => {
    await becomeLive()
    const asked = connection.request('send', {})
    socket().onclose?.()
    await expect(asked).rejects.toMatchObject({ code: 'unreachable', passing: true })
  })

  it('takes a connection that does not answer a ping for dead', async () => {
    await becomeLive()
    timers.pass(PING_AFTER_MS)
    expect(socket().asked('ping')).toBeDefined()
    timers.pass(REPLY_WITHIN_MS)
    await settled()
    expect(sockets[0]?.closed).toBe(true)
    expect(connection.state).not.toBe('live')
  })

  it('gives up a connection that never opens', () => {
    connection.start()
    timers.pass(REPLY_WITHIN_MS)
    expect(connection.state).toBe('offline')
    expect(connection.retryAt).not.toBeNull()
  })

  it('tries at once when woken', () => {
    connection.start()
    socket().onclose?.()
    connection.wake()
    expect(sockets).toHaveLength(2)
    expect(connection.state).toBe('connecting')
  })

  it('ignores what an abandoned socket still says', async () => {
    await becomeLive()
    const old = socket()
    old.onclose?.()
    connection.wake()
    old.tell(posted(5))
    expect(heard.events).toEqual([])
  })
})

describe('ending', () => {
  it('stops when the server closes with the code of an ended session', async () => {
    await becomeLive()
    socket().onclose?.({ code: 4001 })
    timers.pass(LONGEST_DELAY_MS * 2)
    expect(heard.ended).toBe(1)
    expect(sockets).toHaveLength(1)
  })

  it('stops when the app is too old, and says so', async () => {
    connection.start()
    socket().open()
    socket().refuse('hello', 'protocol.version')
    timers.pass(LONGEST_DELAY_MS * 2)
    expect([heard.outdatings, heard.ended, sockets.length]).toEqual([1, 0, 1])
  })

  it('stops for good when the session is not known', async () => {
    connection.start()
    socket().open()
    socket().refuse('hello', 'identity.not_signed_in')
    await settled()
    timers.pass(LONGEST_DELAY_MS * 2)
    expect(heard.ended).toBe(1)
    expect(sockets).toHaveLength(1)
  })

  it('stops when the session is revoked meanwhile', async () => {
    await becomeLive()
    socket().tell({ ev: 'session.revoked', data: {} })
    expect(heard.ended).toBe(1)
    expect(connection.state).toBe('offline')
  })

  it('tries again when the hello was refused for another reason', async () => {
    connection.start()
    socket().open()
    socket().refuse('hello', 'unavailable')
    await settled()
    timers.pass(LONGEST_DELAY_MS)
    expect(heard.ended).toBe(0)
    expect(sockets.length).toBeGreaterThan(1)
  })

  it('stays offline after stop', async () => {
    await becomeLive()
    connection.stop()
    timers.pass(LONGEST_DELAY_MS * 2)
    expect(connection.state).toBe('offline')
    expect(sockets).toHaveLength(1)
  })
})

describe('requests', () => {
  it('pairs replies with requests, in whatever order they come', async () => {
    await becomeLive()
    const first = connection.request('send', { n: 1 })
    const second = connection.request('send', { n: 2 })
    const [one, two] = socket().sent.slice(-2)
    socket().tell({ re: two?.id, ok: 'second' })
    socket().tell({ re: one?.id, ok: 'first' })
    expect(await Promise.all([first, second])).toEqual(['first', 'second'])
  })

  it('throws what the server refused', async () => {
    await becomeLive()
    const asked = connection.request('send', {})
    socket().refuse('send', 'messaging.empty')
    await expect(asked).rejects.toBeInstanceOf(Refusal)
    await expect(asked).rejects.toMatchObject({ code: 'messaging.empty', passing: false })
  })

  it('refuses at once while offline', async () => {
    await expect(connection.request('send', {})).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('survives frames that are no JSON', async () => {
    await becomeLive()
    socket().onmessage?.({ data: 'not json' })
    expect(connection.state).toBe('live')
  })
})
