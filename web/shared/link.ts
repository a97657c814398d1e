/**
 * One client's way to the server, without sockets, clocks or chance: what comes in, and what is to be done
 * about it. What to do when is the table in machine.json; here is only how. `dealings.client.link` is the
 * same in Python, and the traces in tests/golden hold both to it.
 */
import { crc32 } from './crc32'
import {
  CONSTANTS,
  type Guard,
  type Input,
  type MachineState,
  type Output,
  type Row,
  rowFor,
  TIMERS,
  type TimerName,
  WITHOUT_POSITION,
} from './machine'

export const PROTOCOL = 1

export type Json = Record<string, unknown>

/** Why the server refused. */
export interface Failure {
  code: string
  message: string
  params?: Record<string, unknown>
  retry_after_seconds?: number | null
}

export interface Answered {
  id: number
  ok: unknown
  error: Failure | null
}

interface EventFrame {
  ev: string
  at?: string
  data?: unknown
  told?: number
}

interface ReplyFrame {
  re: number
  ok?: unknown
  error?: Failure
}

interface Greeting {
  resumed: boolean
}

/** Something for the shell to do with its socket, or something to know. */
export type Do =
  | { do: 'open'; value: null }
  | { do: 'close'; value: null }
  | { do: 'send'; value: Json }
  | { do: 'moved'; value: MachineState }
  | { do: 'greeted'; value: unknown }
  | { do: 'afresh'; value: unknown }
  | { do: 'happened'; value: EventFrame }
  | { do: 'answered'; value: Answered }
  | { do: 'unanswered'; value: number }
  | { do: 'ended'; value: 'session' | 'old' }

interface Facts {
  code?: number
  error?: Failure
  ok?: unknown
  told?: number
  within_ms?: number
}

interface Asked {
  op: string
  at: number
}

const OF_THE_LINK = ['hello', 'state', 'ping']

/** Connections, one after the other. Every call comes with the time; `take` gives what is to be done. */
export class Link {
  state: MachineState = 'offline'
  /** The position to come back with: up to there everything has come. */
  cursor: string | null

  private readonly random: () => number
  private readonly hello: Json
  private now = 0
  private readonly timers = new Map<TimerName, number>()
  private asked = new Map<number, Asked>()
  private number = 0
  private sockets = 0
  private attempts = 0
  private heldOff = false
  private early: EventFrame[] | null = null
  private replaying = false
  private pinged = false
  private seen: string | null = null
  /** Over the events of this connection, to compare with what the server told (docs/protocol.md). */
  private sum = 0
  /** How many came since they were last compared. */
  private unconfirmed = 0
  private inputs: [Input, Facts][] = []
  private out: Do[] = []

  private readonly guards: Record<Guard, (facts: Facts) => boolean> = {
    resuming: ({ ok }) => (ok as Greeting).resumed,
    complete: ({ told }) => told === undefined || told === this.sum,
    signed_out: ({ error }) => error?.code === 'identity.not_signed_in',
    too_old: ({ error }) => error?.code === 'protocol.version',
    says_when: ({ error }) => typeof error?.retry_after_seconds === 'number',
    session_over: ({ code }) => code === 4001,
    returning: () => this.timers.has('retry'),
    restarting: ({ code }) => code === 1012,
    shed: ({ code }) => code === 1013,
    held_off: () => this.heldOff,
  }

  private readonly outputs: Record<Output, (facts: Facts) => void> = {
    open: () => this.open(),
    close: () => this.close(),
    drop: () => this.drop(),
    say_hello: () => this.sayHello(),
    take_greeting: ({ ok }) => this.takeGreeting(ok as Greeting),
    sum_anew: () => this.sumAnew(),
    ask_state: () => this.request('state', {}),
    take_state: ({ ok }) => this.takeState(ok as { cursor: string }),
    confirm: () => this.confirm(),
    release: () => this.release(),
    send_ping: () => this.ping(),
    back_off: () => this.backOff(),
    wait_as_told: ({ error }) => this.holdOff(1, 2, 1000 * (error?.retry_after_seconds || 1)),
    wait_longest: () => this.wait(1, 2, CONSTANTS.longest_delay_ms),
    wait_shed: () => this.holdOff(1, 2, CONSTANTS.shed_ms),
    spread_return: () => this.holdOff(0, 1, CONSTANTS.restart_spread_ms),
    plan_return: ({ within_ms }) => this.holdOff(0, 1, Math.max(0, within_ms ?? 0)),
    forget_attempts: () => {
      this.attempts = 0
    },
    end_session: () => this.out.push({ do: 'ended', value: 'session' }),
    end_old: () => this.out.push({ do: 'ended', value: 'old' }),
  }

  constructor(random: () => number, hello: Json, cursor: string | null = null) {
    this.random = random
    this.hello = hello
    this.cursor = cursor
  }

  // What happens

  start(now: number): void {
    this.input('start', now)
  }

  stop(now: number): void {
    this.input('stop', now)
  }

  wake(now: number): void {
    this.input('wake', now)
  }

  lostNetwork(now: number): void {
    this.input('lost_network', now)
  }

  opened(now: number): void {
    if (this.sameSocket(now)) this.step('opened')
  }

  closed(now: number, code = 1006): void {
    if (this.sameSocket(now)) this.step('closed', { code })
  }

  /** Time has passed: fire what is due. */
  tick(now: number): void {
    this.passTime(now)
    const inOrder = [...this.timers].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
    for (const [name] of inOrder) {
      if ((this.timers.get(name) ?? now + 1) > now) continue
      this.timers.delete(name)
      this.step(name)
    }
  }

  /** A text frame. One that can't be read is passed over: the sum over events will show it. */
  received(now: number, text: string): void {
    if (!this.sameSocket(now)) return
    const frame = parsed(text)
    if (!frame) return
    if ('re' in frame) this.replied(frame)
    else this.told(frame, text)
  }

  /** Ask while live; the answer comes as `answered` or `unanswered` with this number. Null: not live. */
  ask(now: number, op: string, fields: object = {}): number | null {
    this.passTime(now)
    return this.state === 'live' ? this.request(op, fields) : null
  }

  /** Without an answer; lost when not live. */
  say(now: number, op: string, fields: object = {}): void {
    this.passTime(now)
    if (this.state === 'live') this.out.push({ do: 'send', value: { op, ...fields } })
  }

  // What is to be done

  /** When `tick` is wanted next. */
  get due(): number | null {
    return this.timers.size ? Math.min(...this.timers.values()) : null
  }

  /** When the next try is due; null while none is planned. */
  get retryAt(): number | null {
    return this.timers.get('retry') ?? null
  }

  /** What is to be done, in order; each once. */
  take(): Do[] {
    const taken = this.out
    this.out = []
    return taken
  }

  // Time

  private passTime(now: number): void {
    const by = now - this.now
    if (by < 0) {
      // The clock was put back: what was due in a while is due in the same while.
      for (const [name, at] of this.timers) this.timers.set(name, at + by)
      for (const asked of this.asked.values()) asked.at += by
    }
    this.now = now
    if (this.due !== null && now > this.due + CONSTANTS.asleep_ms) this.step('slept')
  }

  /** False when, with the time that has passed, the socket that something came from is given up. */
  private sameSocket(now: number): boolean {
    const before = this.sockets
    this.passTime(now)
    return before === this.sockets
  }

  private set(timer: TimerName, after: number): void {
    this.timers.set(timer, this.now + Math.floor(after))
  }

  // The table

  private input(on: Input, now: number): void {
    this.passTime(now)
    this.step(on)
  }

  /** One input after the other: what an output brings about waits until its row is done. */
  private step(on: Input, facts: Facts = {}): void {
    this.inputs.push([on, facts])
    if (this.inputs.length > 1) return
    for (let next = this.inputs[0]; next; next = this.inputs[0]) {
      const [input, given] = next
      const row = rowFor(this.state, input, (guard) => this.guards[guard](given))
      if (row) this.apply(row, given)
      this.inputs.shift()
    }
  }

  private apply(row: Row, facts: Facts): void {
    const before = this.state
    this.state = row.to
    if (row.to !== before) this.enter(row.to)
    for (const output of row.do) this.outputs[output](facts)
    this.watchAnswers()
    if (row.to !== before) this.out.push({ do: 'moved', value: row.to })
  }

  private enter(state: MachineState): void {
    for (const [name, timer] of TIMERS) {
      if (!timer.kept_in.includes(state)) this.timers.delete(name)
      const after = timer.set_on_entering[state]
      if (after) this.set(name, CONSTANTS[after])
    }
  }

  // Frames

  private request(op: string, fields: object): number {
    const id = ++this.number
    this.asked.set(id, { op, at: this.now })
    this.out.push({ do: 'send', value: { op, id, ...fields } })
    this.watchAnswers()
    return id
  }

  /** The request that waits longest is the one that tells whether anyone is there. */
  private watchAnswers(): void {
    this.timers.delete('answer')
    const [oldest] = this.asked.values()
    if (oldest && this.state === 'live') {
      this.timers.set('answer', oldest.at + CONSTANTS.patience_ms)
    }
  }

  private replied(frame: ReplyFrame): void {
    const asked = this.asked.get(frame.re)
    if (!asked) return
    this.asked.delete(frame.re)
    this.watchAnswers()
    const error = frame.error ?? null
    if (asked.op === 'ping') this.ponged(frame, error)
    else if (!OF_THE_LINK.includes(asked.op)) {
      this.out.push({ do: 'answered', value: { id: frame.re, ok: frame.ok ?? null, error } })
    } else if (error) this.step('refused', { error })
    else this.step(asked.op === 'hello' ? 'greeted' : 'told_state', { ok: frame.ok })
  }

  private ponged(frame: ReplyFrame, error: Failure | null): void {
    this.pinged = false
    const told = error ? undefined : (frame.ok as { told?: number }).told
    if (typeof told !== 'number') return
    this.step(told === this.sum ? 'agreed' : 'differed')
  }

  private told(frame: EventFrame, text: string): void {
    if (frame.ev === 'resumed') {
      this.seen = frame.at ?? null
      this.step('resumed', { told: frame.told })
    } else if (frame.ev === 'leave' && frame.data) {
      this.step('leave', frame.data as { within_ms: number })
    } else if (frame.at || this.replaying || countsWithoutPosition(frame)) {
      this.add(frame, text)
      if (this.early) this.early.push(frame)
      else this.deliver(frame)
    }
  }

  /** What is in the log, and what is replayed from it. */
  private add(frame: EventFrame, text: string): void {
    if (!frame.at && !this.replaying) return
    this.sum = (Math.imul(this.sum, 31) + crc32(text)) >>> 0
    this.unconfirmed += 1
    if (this.state !== 'live' || this.pinged) return
    const atOnce = this.unconfirmed >= CONSTANTS.check_after_events
    const check = this.now + (atOnce ? 0 : CONSTANTS.check_after_ms)
    this.timers.set('ping', Math.min(this.timers.get('ping') ?? check, check))
  }

  private deliver(frame: EventFrame): void {
    this.seen = frame.at || this.seen
    this.out.push({ do: 'happened', value: frame })
    if (frame.ev === 'session.revoked') this.step('revoked')
  }

  // Outputs

  private open(): void {
    this.sockets += 1
    this.timers.delete('retry')
    this.early = []
    this.seen = null
    this.sum = this.unconfirmed = 0
    this.heldOff = this.replaying = this.pinged = false
    this.out.push({ do: 'open', value: null })
  }

  private drop(): void {
    this.early = null
    const asked = this.asked
    this.asked = new Map()
    for (const [id, { op }] of asked) {
      if (!OF_THE_LINK.includes(op)) this.out.push({ do: 'unanswered', value: id })
    }
  }

  private confirm(): void {
    this.cursor = this.seen || this.cursor
    this.unconfirmed = 0
  }

  private release(): void {
    const early = this.early ?? []
    this.early = null
    for (const frame of early) this.deliver(frame)
  }

  private ping(): void {
    if (!this.pinged) {
      this.pinged = true
      this.request('ping', {})
    }
    this.set('ping', CONSTANTS.ping_every_ms)
  }

  private close(): void {
    this.out.push({ do: 'close', value: null })
    this.drop()
  }

  private sayHello(): void {
    this.request('hello', { protocol: PROTOCOL, cursor: this.cursor, ...this.hello })
  }

  private takeGreeting(greeting: Greeting): void {
    this.replaying = greeting.resumed
    this.out.push({ do: 'greeted', value: greeting })
  }

  private sumAnew(): void {
    this.sum = 0
    this.replaying = false
  }

  private takeState(snapshot: { cursor: string }): void {
    this.cursor = this.seen = snapshot.cursor
    this.out.push({ do: 'afresh', value: snapshot })
  }

  private backOff(): void {
    const step = CONSTANTS.first_delay_ms * 2 ** Math.min(this.attempts, 16)
    this.attempts += 1
    this.wait(0, 1, Math.min(CONSTANTS.longest_delay_ms, step))
  }

  /** Wait as the server wants it: waking is no reason to come sooner. */
  private holdOff(least: number, most: number, ms: number): void {
    this.heldOff = true
    this.wait(least, most, ms)
  }

  /** A time by chance between `least` and `most` times `ms`. */
  private wait(least: number, most: number, ms: number): void {
    this.set('retry', ms * least + ms * (most - least) * this.random())
  }
}

/** Anything else without a position was replayed, and has been doubled or held up on its way. */
function countsWithoutPosition({ ev, data }: EventFrame): boolean {
  const unread = (data as { unread?: number | null } | undefined)?.unread
  return WITHOUT_POSITION.includes(ev) && (unread === undefined || unread === null)
}

function parsed(text: string): ReplyFrame | EventFrame | null {
  try {
    const frame: unknown = JSON.parse(text)
    const readable = typeof frame === 'object' && frame !== null && !Array.isArray(frame)
    return readable ? (frame as ReplyFrame | EventFrame) : null
  } catch {
    return null
  }
}
