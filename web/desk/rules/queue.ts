import type { Conversation, Id } from '@shared/types'
import type { Waiting } from './waiting'

/** Whether one of the texts has what is sought; nothing sought is everywhere. */
export function holding(texts: readonly string[], sought: string): boolean {
  const wanted = sought.trim().toLowerCase()
  return !wanted || texts.some((text) => text.toLowerCase().includes(wanted))
}

/** Those who wait, the longest first; `held` stays although it was answered just now. */
export function byWait(
  threads: readonly Conversation[],
  waiting: Waiting,
  held: Id | null,
): Conversation[] {
  const since = (thread: Conversation) => waiting[thread.id] ?? Number.POSITIVE_INFINITY
  return threads
    .filter((thread) => thread.id in waiting || thread.id === held)
    .sort((a, b) => (since(a) === since(b) ? 0 : since(a) - since(b)))
}
