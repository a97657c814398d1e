/** Values for tests: whole ones, of which a test says only what it is about. */
import type { Socket, Timers } from './connection'
import type { Conversation, Me, Message, Order, Person, Snapshot } from './types'

export const MEI: Me = {
  id: 'mei',
  handle: 'mei',
  name: 'Mei',
  avatar: null,
  bio: '',
  locale: 'en',
  operator: false,
  shops: [],
  created_at: 0,
}

export function person(id: string): Person {
  return { id, handle: id, name: id, avatar: null, bio: '' }
}

export function message(seq: number, changes: Partial<Message> = {}): Message {
  const body = { kind: 'text', text: `message ${seq}` } as const
  const client_id = `client-${seq}`
  return { conversation: 'c', seq, sender: 'lin', shop: null, client_id, body, at: seq, ...changes }
}

export function conversation(changes: Partial<Conversation> = {}): Conversation {
  return {
    id: 'c',
    kind: 'direct',
    name: null,
    picture: null,
    peer: 'lin',
    shop: null,
    buyer: null,
    role: 'member',
    member_count: 2,
    last_seq: 0,
    last: null,
    read_seq: 0,
    peer_read_seq: 0,
    unread: 0,
    created_at: 0,
    notice: null,
    notice_by: null,
    notice_at: null,
    silenced: false,
    history_open: false,
    members_invite: true,
    approval: false,
    listed: false,
    nickname: null,
    silenced_until: null,
    muted: false,
    pinned_at: null,
    draft: null,
    draft_at: null,
    peer_received_seq: null,
    mentioned: null,
    may: ['write'],
    requests: 0,
    ...changes,
  }
}

export function order(changes: Partial<Order> = {}): Order {
  const cause = {
    kind: 'direct',
    conversation: null,
    seq: null,
    link: null,
    shared_by: null,
  } as const
  return {
    id: 'o',
    number: 'N-1',
    buyer: person('mei'),
    shop: { id: 's', handle: 's', name: 'Shop', picture: null },
    state: 'placed',
    lines: [],
    total: { amount: 100, currency: 'CNY' },
    address: null,
    note: '',
    shipment: null,
    conversation: 'c',
    cause,
    placed_at: 0,
    pay_by: 1,
    paid_at: null,
    shipped_at: null,
    confirm_by: null,
    received_at: null,
    settled_at: null,
    closed_at: null,
    refunded_at: null,
    changed_at: 0,
    actions: [],
    ...changes,
  }
}

export function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    cursor: 'cursor-0',
    conversations: [],
    people: [],
    shops: [],
    contacts: [],
    orders: [],
    wallet: { balances: [], sandbox: false },
    cart: [],
    ...changes,
  }
}

/** A socket whose other end is the test. */
export class FakeSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((message: { data: unknown }) => void) | null = null
  onclose: ((event?: { code?: number }) => void) | null = null
  onerror: (() => void) | null = null
  sent: Record<string, unknown>[] = []
  closed = false

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.closed = true
  }

  open(): void {
    this.onopen?.()
  }

  tell(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }

  /** Answers the last request of this name. */
  answer(op: string, ok: unknown): void {
    this.tell({ re: this.asked(op)?.id, ok })
  }

  refuse(op: string, code: string): void {
    this.tell({ re: this.asked(op)?.id, error: { code, message: code } })
  }

  asked(op: string): Record<string, unknown> | undefined {
    return this.sent.findLast((frame) => frame.op === op)
  }
}

/** Timers that run when the test says so. */
export class FakeTimers implements Timers {
  private time = 0
  private due: { at: number; run: () => void }[] = []

  now(): number {
    return this.time
  }

  set(run: () => void, ms: number): unknown {
    const timer = { at: this.time + ms, run }
    this.due.push(timer)
    return timer
  }

  clear(timer: unknown): void {
    this.due = this.due.filter((each) => each !== timer)
  }

  /** Lets time pass, running in order what falls due. */
  pass(ms: number): void {
    const until = this.time + ms
    for (let next = this.nextBy(until); next; next = this.nextBy(until)) {
      this.time = next.at
      this.clear(next)
      next.run()
    }
    this.time = until
  }

  private nextBy(until: number) {
    return this.due.filter((each) => each.at <= until).sort((a, b) => a.at - b.at)[0]
  }
}

/** Lets everything that is already promised happen. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}
