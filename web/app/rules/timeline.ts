import type { Unsent } from '@shared/outbox'
import type { Id, Message } from '@shared/types'
import { dayOf } from './days'

/** What the conversation shows, top to bottom. `first` and `last` are places in a run by one sender. */
export type Item =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: string }
  | { kind: 'notice'; key: string; message: Message }
  | { kind: 'message'; key: string; message: Message; mine: boolean; first: boolean; last: boolean }
  | { kind: 'unsent'; key: string; unsent: Unsent; first: boolean; last: boolean }

export interface TimelineInput {
  messages: readonly Message[]
  unsent: readonly Unsent[]
  /** The line "new" goes after this message; null for no line. */
  readTo: number | null
  mine: (message: Message) => boolean
}

/** Messages of one sender closer than this belong together. */
const RUN_MS = 5 * 60_000

export function timeline({ messages, unsent, readTo, mine }: TimelineInput): Item[] {
  const items: Item[] = []
  let day = ''
  let newLine = readTo === null
  for (const message of messages) {
    day = startDay(items, day, message.at)
    if (!newLine && message.seq > (readTo ?? 0) && !mine(message)) {
      items.push({ kind: 'new', key: 'new' })
      newLine = true
    }
    items.push(itemOf(message, mine(message)))
  }
  const arrived = new Set(messages.slice(-100).map((message) => message.client_id))
  for (const each of unsent) {
    if (arrived.has(each.client_id)) continue
    day = startDay(items, day, each.at)
    items.push({ kind: 'unsent', key: each.client_id, unsent: each, first: true, last: true })
  }
  return markRuns(items)
}

function startDay(items: Item[], day: string, at: number): string {
  const its = dayOf(at)
  if (its !== day) items.push({ kind: 'day', key: `day ${its}`, at })
  return its
}

function itemOf(message: Message, mine: boolean): Item {
  // A message keeps the key of its unsent self, so that it isn't drawn anew when it arrives.
  const key = message.client_id || `seq ${message.seq}`
  if (message.body.kind === 'notice') return { kind: 'notice', key, message }
  return { kind: 'message', key, message, mine, first: true, last: true }
}

function markRuns(items: Item[]): Item[] {
  for (let i = 1; i < items.length; i++) {
    const before = items[i - 1]
    const item = items[i]
    if (!before || !item || !('last' in before) || !('first' in item)) continue
    if (!together(before, item)) continue
    before.last = false
    item.first = false
  }
  return items
}

type Said = Extract<Item, { first: boolean }>

function together(a: Said, b: Said): boolean {
  return speaker(a) === speaker(b) && Math.abs(timeOf(b) - timeOf(a)) < RUN_MS
}

function speaker(item: Said): Id {
  if (item.kind === 'unsent' || item.mine) return 'me'
  return item.message.shop ?? item.message.sender ?? ''
}

function timeOf(item: Said): number {
  return item.kind === 'unsent' ? item.unsent.at : item.message.at
}
