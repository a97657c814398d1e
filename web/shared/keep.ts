/** What this browser keeps for an account: unsent messages and drafts. */
import Dexie, { type Table } from 'dexie'
import type { Unsent, UnsentStore } from './outbox'
import type { Id } from './types'

export interface Draft {
  conversation: Id
  text: string
  quote: { seq: number; text: string } | null
  product: { id: Id; title: string; picture: string | null } | null
  /** Who was picked to be called, and how their name stands in the text. */
  called?: readonly { id: Id; name: string }[]
  at: number
}

/** One database per account, so that two people on one browser never see each other's. */
export class Keep extends Dexie implements UnsentStore {
  private unsent!: Table<Unsent, string>
  private drafts!: Table<Draft, string>

  constructor(account: Id) {
    super(`dealings:${account}`)
    this.version(1).stores({ unsent: 'client_id', drafts: 'conversation' })
  }

  async all(): Promise<Unsent[]> {
    return this.unsent.orderBy('client_id').toArray()
  }

  async put(item: Unsent): Promise<void> {
    await this.unsent.put(item)
  }

  async remove(clientId: string): Promise<void> {
    await this.unsent.delete(clientId)
  }

  allDrafts(): Promise<Draft[]> {
    return this.drafts.toArray()
  }

  async keepDraft(draft: Draft): Promise<void> {
    await this.drafts.put(draft)
  }

  async dropDraft(conversation: Id): Promise<void> {
    await this.drafts.delete(conversation)
  }
}
