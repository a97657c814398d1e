/**
 * A `Link` with a browser's socket, clock and timers: does what it says, and pairs requests with promises.
 * It knows frames, not what they mean: `Live` applies the events.
 */
import { Refusal } from './api'
import { type Answered, type Do, type Failure, Link } from './link'
import { CONSTANTS, type MachineState } from './machine'
import type { Event, Hello, Snapshot } from './types'

/** The machine's states as far as a person cares. */
export type ConnectionState = 'offline' | 'connecting' | 'syncing' | 'live'

export const PING_AFTER_MS = CONSTANTS.ping_every_ms
export const REPLY_WITHIN_MS = CONSTANTS.patience_ms
export const LONGEST_DELAY_MS = CONSTANTS.longest_delay_ms

const SHOWN: Record<MachineState, ConnectionState> = {
  offline: 'offline',
  connecting: 'connecting',
  greeting: 'connecting',
  catching_up: 'syncing',
  live: 'live',
  waiting: 'offline',
  ended: 'offline',
}

/** The part of the browser's WebSocket that is used here. */
export interface Socket {
  send(text: string): void
  close(): void
  onopen: (() => void) | null
  onmessage: ((message: { data: unknown }) => void) | null
  onclose: ((event?: { code?: number }) => void) | null
  onerror: (() => void) | null
}

export interface Timers {
  /** Milliseconds since 1970. */
  now(): number
  set(run: () => void, ms: number): unknown
  clear(timer: unknown): void
}

export interface Listener {
  stateChanged(state: ConnectionState): void
  greeted(hello: Hello): void
  /** Everything known before is to be replaced by this. */
  startedAfresh(snapshot: Snapshot): void
  happened(event: Event): void
  /** The session is over: the server refused it or revoked it. */
  signedOut(): void
  /** The server no longer speaks this app's protocol; a newer app does. */
  outdated?(): void
}

export interface Wiring {
  listener: Listener
  open?: () => Socket
  timers?: Timers
  random?: () => number
  agent?: string
  cursor?: string | null
}

interface Waiting {
  resolve(value: unknown): void
  reject(refusal: Refusal): void
}

export class Connection {
  private readonly listener: Listener
  private readonly openSocket: () => Socket
  private readonly timers: Timers
  private readonly link: Link
  private readonly waiting = new Map<number, Waiting>()
  private socket: Socket | null = null
  private shown: ConnectionState = 'offline'
  private timer: unknown = null
  private readonly queue: Do[] = []
  private busy = false

  constructor(wiring: Wiring) {
    this.listener = wiring.listener
    this.openSocket = wiring.open ?? openBrowserSocket
    this.timers = wiring.timers ?? browserTimers
    const hello = { agent: wiring.agent ?? 'web' }
    this.link = new Link(wiring.random ?? Math.random, hello, wiring.cursor ?? null)
  }

  get state(): ConnectionState {
    return this.shown
  }

  /** The position to come back with. */
  get cursor(): string | null {
    return this.link.cursor
  }

  /** When the next try is due, in ms since 1970; null while none is planned. */
  get retryAt(): number | null {
    return this.shown === 'offline' ? this.link.retryAt : null
  }

  start(): void {
    this.with((now) => this.link.start(now))
  }

  stop(): void {
    this.with((now) => this.link.stop(now))
  }

  /** Try now instead of when the back-off says: the network is back, or the person is looking. */
  wake(): void {
    this.with((now) => this.link.wake(now))
  }

  /** The device has no network. */
  lostNetwork(): void {
    this.with((now) => this.link.lostNetwork(now))
  }

  /** Ask and wait for the reply. Rejects with a passing `Refusal` when the connection breaks meanwhile. */
  request<T>(op: string, fields: object = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.with((now) => {
        const id = this.link.ask(now, op, fields)
        if (id === null) reject(new Refusal('unreachable', 'There is no connection.'))
        else this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
      })
    })
  }

  /** Say without expecting a reply; lost when not connected. */
  say(op: string, fields: object): void {
    this.with((now) => this.link.say(now, op, fields))
  }

  /** Tell the link something, then do what it wants done. */
  private with(tell: (now: number) => void): void {
    tell(this.timers.now())
    this.queue.push(...this.link.take())
    if (this.busy) return // whoever is told of one thing may ask for another: in turn
    this.busy = true
    try {
      for (let next = this.queue.shift(); next; next = this.queue.shift()) this.carryOut(next)
    } finally {
      this.busy = false
      this.setTimer()
    }
  }

  private setTimer(): void {
    this.timers.clear(this.timer)
    const { due } = this.link
    if (due === null) return
    const ms = Math.max(0, due - this.timers.now())
    this.timer = this.timers.set(() => this.with((now) => this.link.tick(now)), ms)
  }

  private carryOut(done: Do): void {
    switch (done.do) {
      case 'open':
        this.open()
        break
      case 'close':
        this.close()
        break
      case 'send':
        this.socket?.send(JSON.stringify(done.value))
        break
      case 'answered':
        this.answered(done.value)
        break
      case 'unanswered':
        this.taken(done.value)?.reject(new Refusal('unreachable', 'The connection broke.'))
        break
      default:
        this.pass(done)
    }
  }

  /** What is only to be known. */
  private pass(done: Do): void {
    switch (done.do) {
      case 'moved':
        this.show(SHOWN[done.value])
        break
      case 'greeted':
        this.listener.greeted(done.value as Hello)
        break
      case 'afresh':
        this.listener.startedAfresh(done.value as Snapshot)
        break
      case 'happened':
        this.listener.happened(done.value as Event)
        break
      case 'ended':
        if (done.value === 'old') this.listener.outdated?.()
        else this.listener.signedOut()
    }
  }

  private open(): void {
    const socket = this.openSocket()
    this.socket = socket
    const ours = (tell: (now: number) => void) => socket === this.socket && this.with(tell)
    socket.onopen = () => ours((now) => this.link.opened(now))
    socket.onmessage = ({ data }) => ours((now) => this.link.received(now, String(data)))
    socket.onclose = (event) => ours((now) => this.link.closed(now, event?.code))
    socket.onerror = () => ours((now) => this.link.closed(now))
  }

  private close(): void {
    const socket = this.socket
    this.socket = null
    socket?.close()
  }

  private show(state: ConnectionState): void {
    if (state === this.shown) return
    this.shown = state
    this.listener.stateChanged(state)
  }

  private answered({ id, ok, error }: Answered): void {
    const waiting = this.taken(id)
    if (error) waiting?.reject(refusalOf(error))
    else waiting?.resolve(ok)
  }

  private taken(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id)
    this.waiting.delete(id)
    return waiting
  }
}

function refusalOf(error: Failure): Refusal {
  const passing = error.retry_after_seconds || error.code === 'unavailable'
  return new Refusal(error.code, error.message, {
    status: passing ? 429 : 400,
    params: error.params,
    retryAfterSeconds: error.retry_after_seconds,
  })
}

function openBrowserSocket(): Socket {
  const url = new URL('/ws', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(url) as unknown as Socket
}

const browserTimers: Timers = {
  now: () => Date.now(),
  set: (run, ms) => setTimeout(run, ms),
  clear: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
}
