import type { Conversation, Id, Message, Millis } from '@shared/types'

/** Since when each conversation's buyer has waited for a word from the shop. */
export type Waiting = Readonly<Record<Id, Millis>>

export function fromBuyer(message: Message): boolean {
  return message.sender !== null && message.shop === null
}

/** The server names those who wait; the last message says roughly since when. */
export function waitingAtFirst(waiting: readonly Conversation[]): Waiting {
  return Object.fromEntries(waiting.map((one) => [one.id, one.last?.at ?? one.created_at]))
}

/** A buyer's words start the wait unless it runs already, the shop's end it; notices and orders change nothing. */
export function afterMessage(waiting: Waiting, message: Message): Waiting {
  if (!isWord(message)) return waiting
  if (!fromBuyer(message)) return without(waiting, message.conversation)
  if (message.conversation in waiting) return waiting
  return { ...waiting, [message.conversation]: message.at }
}

/** With the messages at hand the wait counts from the first that nobody answered. */
export function waitingSince(messages: readonly Message[]): Millis | null {
  let since: Millis | null = null
  for (const message of messages) {
    if (!isWord(message)) continue
    since = fromBuyer(message) ? (since ?? message.at) : null
  }
  return since
}

function isWord(message: Message): boolean {
  return message.sender !== null && message.body.kind !== 'order' && message.body.kind !== 'notice'
}

export type Urgency = 'calm' | 'soon' | 'late'

const SOON_MS = 5 * 60_000
const LATE_MS = 30 * 60_000

export function urgency(since: Millis, now: Millis): Urgency {
  if (now - since >= LATE_MS) return 'late'
  return now - since >= SOON_MS ? 'soon' : 'calm'
}

function without(waiting: Waiting, id: Id): Waiting {
  if (!(id in waiting)) return waiting
  const { [id]: _, ...rest } = waiting
  return rest
}
