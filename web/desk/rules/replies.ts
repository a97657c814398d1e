import type { Id } from '@shared/types'

/** Sentences that a shop says often, kept in this browser. */
export interface QuickReply {
  title: string
  text: string
}

export const MAX_REPLIES = 50

export function storageKey(shop: Id): string {
  return `dealings.desk.replies.${shop}`
}

/** What was stored, if it can still be read; null when nothing was. */
export function readReplies(stored: string | null): QuickReply[] | null {
  if (stored === null) return null
  try {
    const parsed: unknown = JSON.parse(stored)
    return Array.isArray(parsed) ? parsed.filter(isReply) : null
  } catch {
    return null
  }
}

/** Those whose title or text has all the words, in any order. */
export function matching(replies: readonly QuickReply[], sought: string): QuickReply[] {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean)
  return replies.filter((reply) => {
    const whole = `${reply.title} ${reply.text}`.toLowerCase()
    return words.every((word) => whole.includes(word))
  })
}

function isReply(value: unknown): value is QuickReply {
  const reply = value as QuickReply | null
  return typeof reply?.title === 'string' && typeof reply.text === 'string'
}
