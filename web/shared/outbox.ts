/**
 * Messages on their way. Each is kept before it is sent, goes again with the same client id until
 * the server has answered, and is only forgotten once it is on the server's disk.
 */
import { Refusal } from './api'
import type { Id, Message, ProductBody, TextBody } from './types'
import { uuid7 } from './uuid7'

export type UnsentBody = TextBody | ProductBody

export interface Unsent {
  client_id: string
  conversation: Id
  body: UnsentBody
  at: number
  /** waiting: goes by itself when there is a connection; failed: refused, waits for the person. */
  state: 'waiting' | 'failed'
  code: string | null
}

export interface UnsentStore {
  all(): Promise<Unsent[]>
  put(item: Unsent): Promise<void>
  remove(clientId: string): Promise<void>
}

export interface OutboxWiring {
  store: UnsentStore
  /** Sends one and gives what the server made of it; throws `Refusal`. */
  deliver(item: Unsent): Promise<Message>
  /** Called with the stored message before the item is forgotten. */
  delivered(message: Message): Promise<void>
  changed(items: Unsent[]): void
}

export class Outbox {
  items: Unsent[] = []
  private readonly wiring: OutboxWiring
  private flushing = false

  constructor(wiring: OutboxWiring) {
    this.wiring = wiring
  }

  get waits(): boolean {
    return this.next() !== undefined
  }

  /** Takes back what an earlier visit left unsent. */
  async load(): Promise<void> {
    this.show(await this.wiring.store.all())
  }

  async add(conversation: Id, body: UnsentBody, now = Date.now()): Promise<Unsent> {
    const item: Unsent = {
      client_id: uuid7(now),
      conversation,
      body,
      at: now,
      state: 'waiting',
      code: null,
    }
    this.show([...this.items, item])
    await this.kept(item)
    return item
  }

  async retry(clientId: string): Promise<void> {
    await this.change(clientId, { state: 'waiting', code: null })
  }

  async discard(clientId: string): Promise<void> {
    this.show(this.items.filter((item) => item.client_id !== clientId))
    await this.wiring.store.remove(clientId)
  }

  /** The server has this message: it is not on its way any more. */
  settle({ client_id, conversation }: Message): void {
    const known = this.items.some(
      (item) => item.client_id === client_id && item.conversation === conversation,
    )
    if (known) void this.discard(client_id)
  }

  /** Sends what waits, oldest first; stops at the first that can't go through now. */
  async flush(): Promise<void> {
    if (this.flushing) return
    this.flushing = true
    try {
      for (let item = this.next(); item; item = this.next()) {
        if (!(await this.sent(item))) break
      }
    } finally {
      this.flushing = false
    }
  }

  private next(): Unsent | undefined {
    return this.items.find((item) => item.state === 'waiting')
  }

  private async sent(item: Unsent): Promise<boolean> {
    try {
      const message = await this.wiring.deliver(item)
      await this.wiring.delivered(message)
      await this.discard(item.client_id)
      return true
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.passing) return false
      await this.change(item.client_id, { state: 'failed', code: error.code })
      return true
    }
  }

  private async change(clientId: string, changes: Partial<Unsent>): Promise<void> {
    const old = this.items.find((item) => item.client_id === clientId)
    if (!old) return
    const item = { ...old, ...changes }
    this.show(this.items.map((each) => (each.client_id === clientId ? item : each)))
    await this.kept(item)
  }

  /** A browser without storage (private mode) still sends; it only can't keep. */
  private async kept(item: Unsent): Promise<void> {
    await this.wiring.store.put(structuredClone(item)).catch(() => {})
  }

  private show(items: Unsent[]): void {
    this.items = items
    this.wiring.changed(items)
  }
}
