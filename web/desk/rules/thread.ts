import type { Message, Millis } from '@shared/types'

/** A conversation as it is drawn: days, who speaks, and where the unread begin. */
export type Line =
  | { kind: 'day'; key: string; at: Millis }
  | { kind: 'new'; key: string }
  | { kind: 'message'; key: string; message: Message; first: boolean }

/** Messages of one side closer than this belong together. */
const TOGETHER_MS = 5 * 60_000

export function linesOf(messages: readonly Message[], readSeq: number | null): Line[] {
  const lines: Line[] = []
  let before: Message | undefined
  for (const message of messages) {
    const newDay = !before || !sameDay(before.at, message.at)
    const unreadHere = readSeq !== null && message.seq > readSeq && (before?.seq ?? 0) <= readSeq
    if (newDay) lines.push({ kind: 'day', key: `day ${message.at}`, at: message.at })
    if (unreadHere && before) lines.push({ kind: 'new', key: 'new' })
    const first = newDay || unreadHere || !before || !continues(before, message)
    lines.push({ kind: 'message', key: message.client_id || String(message.seq), message, first })
    before = message
  }
  return lines
}

function continues(before: Message, message: Message): boolean {
  const sameSide = before.sender === message.sender && before.shop === message.shop
  return sameSide && message.at - before.at < TOGETHER_MS
}

function sameDay(one: Millis, other: Millis): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString()
}
