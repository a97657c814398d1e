/**
 * The WebSocket as a state machine: offline → connecting → syncing → live, and back to offline
 * whenever it breaks, until `stop`. It knows frames, not what they mean: `Live` applies the events.
 */
import { NOT_SIGNED_IN, Refusal } from './api'
import { delayMs } from './backoff'
import type { Event, Hello, Snapshot } from './types'

export type ConnectionState = 'offline' | 'connecting' | 'syncing' | 'live'

export const PING_AFTER_MS = 25_000
export const REPLY_WITHIN_MS = 10_000
export const PROTOCOL = 1

/** The part of the browser's WebSocket that is used here. */
export interface Socket {
  send(text: string): void
  close(): void
  onopen: (() => void) | null
  onmessage: ((message: { data: unknown }) => void) | null
  onclose: (() => void) | null
  onerror: (() => void) | null
}

export interface Timers {
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
  timer: unknown
}

interface Reply {
  re: number
  ok?: unknown
  error?: {
    code: string
    message: string
    params?: Record<string, unknown>
    retry_after_seconds?: number | null
  }
}

type Frame = Reply | Event | { ev: 'resumed'; at: string }

export class Connection {
  state: ConnectionState = 'offline'
  cursor: string | null
  /** When the next try is due, in ms since 1970; null while none is planned. */
  retryAt: number | null = null

  private readonly listener: Listener
  private readonly openSocket: () => Socket
  private readonly timers: Timers
  private readonly random: () => number
  private readonly agent: string
  private socket: Socket | null = null
  private wanted = false
  private attempt = 0
  private lastId = 0
  private retryTimer: unknown = null
  private idleTimer: unknown = null
  private readonly waiting = new Map<number, Waiting>()
  /** Events that came before the state that they belong to; null once it is there. */
  private early: Event[] | null = null

  constructor(wiring: Wiring) {
    this.listener = wiring.listener
    this.openSocket = wiring.open ?? openBrowserSocket
    this.timers = wiring.timers ?? browserTimers
    this.random = wiring.random ?? Math.random
    this.agent = wiring.agent ?? 'web'
    this.cursor = wiring.cursor ?? null
  }

  start(): void {
    this.wanted = true
    if (this.state === 'offline') this.connect()
  }

  stop(): void {
    this.wanted = false
    this.drop()
  }

  /** Try now instead of when the back-off says: the network is back, or the person is looking. */
  wake(): void {
    if (!this.wanted) return
    if (this.state === 'offline') {
      this.attempt = 0
      this.connect()
    } else if (this.state === 'live') {
      this.ping()
    }
  }

  /** Ask and wait for the reply. Rejects with a passing `Refusal` when the connection breaks meanwhile. */
  request<T>(op: string, fields: object = {}): Promise<T> {
    if (!this.socket || this.state === 'offline' || this.state === 'connecting') {
      return Promise.reject(new Refusal('unreachable', 'There is no connection.'))
    }
    return this.asked<T>(op, fields)
  }

  /** Say without expecting a reply; lost when not connected. */
  say(op: string, fields: object): void {
    if (this.state === 'live') this.write({ op, ...fields })
  }

  private connect(): void {
    this.forgetRetry()
    this.move('connecting')
    const socket = this.openSocket()
    this.socket = socket
    socket.onopen = () => this.hello(socket)
    socket.onmessage = (message) => this.received(socket, message.data)
    socket.onclose = () => this.broke(socket)
    socket.onerror = () => this.broke(socket)
    this.idleTimer = this.timers.set(() => this.broke(socket), REPLY_WITHIN_MS)
  }

  private hello(socket: Socket): void {
    if (socket !== this.socket) return
    this.early = []
    this.asked<Hello>('hello', { protocol: PROTOCOL, cursor: this.cursor, agent: this.agent })
      .then((hello) => this.greeted(socket, hello))
      .catch((refusal: Refusal) => this.refusedHello(socket, refusal))
  }

  private greeted(socket: Socket, hello: Hello): void {
    if (socket !== this.socket) return
    this.move('syncing')
    this.listener.greeted(hello)
    if (hello.resumed) this.releaseEarly()
    else this.startAfresh(socket)
  }

  private startAfresh(socket: Socket): void {
    this.asked<Snapshot>('state', {})
      .then((snapshot) => {
        if (socket !== this.socket) return
        this.cursor = snapshot.cursor
        this.listener.startedAfresh(snapshot)
        this.releaseEarly()
        this.becomeLive()
      })
      .catch(() => this.broke(socket))
  }

  private refusedHello(socket: Socket, refusal: Refusal): void {
    if (socket !== this.socket) return
    if (refusal.code === NOT_SIGNED_IN) this.endSession()
    else this.broke(socket)
  }

  private releaseEarly(): void {
    const events = this.early ?? []
    this.early = null
    for (const event of events) this.deliver(event)
  }

  private becomeLive(): void {
    this.attempt = 0
    this.move('live')
  }

  private received(socket: Socket, data: unknown): void {
    if (socket !== this.socket) return
    this.rearmIdle()
    const frame = parsed(data)
    if (!frame) return
    if ('re' in frame) this.replied(frame)
    else if (frame.ev === 'resumed') this.resumed(frame.at)
    else if (this.early) this.early.push(frame)
    else this.deliver(frame)
  }

  private resumed(at: string): void {
    this.cursor = at
    this.releaseEarly()
    this.becomeLive()
  }

  private deliver(event: Event): void {
    this.listener.happened(event)
    if (event.at) this.cursor = event.at
    if (event.ev === 'session.revoked') this.endSession()
  }

  private endSession(): void {
    this.stop()
    this.listener.signedOut()
  }

  private replied(reply: Reply): void {
    const waiting = this.waiting.get(reply.re)
    if (!waiting) return
    this.waiting.delete(reply.re)
    this.timers.clear(waiting.timer)
    if (reply.error) waiting.reject(refusalOf(reply.error))
    else waiting.resolve(reply.ok)
  }

  private asked<T>(op: string, fields: object): Promise<T> {
    const id = ++this.lastId
    const socket = this.socket
    return new Promise<T>((resolve, reject) => {
      const timer = this.timers.set(() => socket && this.broke(socket), REPLY_WITHIN_MS)
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, timer })
      this.write({ id, op, ...fields })
    })
  }

  private write(frame: object): void {
    this.socket?.send(JSON.stringify(frame))
  }

  private rearmIdle(): void {
    this.timers.clear(this.idleTimer)
    this.idleTimer = this.timers.set(() => this.ping(), PING_AFTER_MS)
  }

  private ping(): void {
    this.asked('ping', {}).catch(() => {})
  }

  private broke(socket: Socket): void {
    if (socket !== this.socket) return
    this.drop()
    if (this.wanted) this.planRetry()
  }

  private drop(): void {
    this.forgetRetry()
    this.timers.clear(this.idleTimer)
    const socket = this.socket
    this.socket = null
    this.early = null
    socket?.close()
    this.failWaiting()
    this.move('offline')
  }

  private failWaiting(): void {
    const waiting = [...this.waiting.values()]
    this.waiting.clear()
    for (const each of waiting) {
      this.timers.clear(each.timer)
      each.reject(new Refusal('unreachable', 'The connection broke.'))
    }
  }

  private planRetry(): void {
    const wait = delayMs(this.attempt++, this.random)
    this.retryAt = Date.now() + wait
    this.retryTimer = this.timers.set(() => this.connect(), wait)
  }

  private forgetRetry(): void {
    this.timers.clear(this.retryTimer)
    this.retryTimer = null
    this.retryAt = null
  }

  private move(state: ConnectionState): void {
    if (state === this.state) return
    this.state = state
    this.listener.stateChanged(state)
  }
}

function parsed(data: unknown): Frame | null {
  try {
    return JSON.parse(String(data)) as Frame
  } catch {
    return null
  }
}

function refusalOf(error: NonNullable<Reply['error']>): Refusal {
  return new Refusal(error.code, error.message, {
    status: error.retry_after_seconds ? 429 : 400,
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
  set: (run, ms) => setTimeout(run, ms),
  clear: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
}
