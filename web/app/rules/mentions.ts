import type { Id } from '@shared/types'

/** Someone who can be called, by one of the names that may stand after an @. */
export interface Called {
  id: Id
  name: string
}

export const EVERYONE = '*'
export const MENTIONS_MOST = 50

/** How all are called in either language, whoever reads it. */
export const ALL_NAMES: readonly Called[] = ['everyone', 'all', '所有人', '全体成员'].map(
  (name) => ({
    id: EVERYONE,
    name,
  }),
)

/** What is being typed after an @: where the @ stands, and what follows it up to the caret. */
export interface Calling {
  at: number
  query: string
}

const LONGEST_QUERY = 20
/** An @ after one of these belongs to an address, not to a name. */
const IN_A_WORD = /[A-Za-z0-9._-]/

/** The mention that is being typed before the caret, if there is one. */
export function callingAt(text: string, caret: number): Calling | null {
  const at = text.lastIndexOf('@', caret - 1)
  if (at < 0 || caret - at - 1 > LONGEST_QUERY) return null
  const query = text.slice(at + 1, caret)
  if (/\s/.test(query) || (at > 0 && IN_A_WORD.test(text[at - 1] ?? ''))) return null
  return { at, query }
}

/** The text with the name in the place of what was typed, and where the caret goes. */
export function withCalled(text: string, calling: Calling, name: string) {
  const before = `${text.slice(0, calling.at)}@${name} `
  const rest = text.slice(calling.at + 1 + calling.query.length).replace(/^ /, '')
  return { text: before + rest, caret: before.length }
}

/** A stretch of a text; `id` where it calls somebody. */
export interface CallPart {
  text: string
  id: Id | null
}

/** Cut where names of those who are called stand; of two that fit the longer one counts. */
export function callParts(text: string, names: readonly Called[]): CallPart[] {
  const parts: CallPart[] = []
  const longestFirst = [...names].sort((a, b) => b.name.length - a.name.length)
  let done = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', Math.max(at + 1, done))) {
    const found = longestFirst.find((it) => standsAt(text, at, it.name))
    if (!found) continue
    if (at > done) parts.push({ text: text.slice(done, at), id: null })
    done = at + 1 + found.name.length
    parts.push({ text: text.slice(at, done), id: found.id })
  }
  if (done < text.length) parts.push({ text: text.slice(done), id: null })
  return parts
}

const SOME_NAME = /(@[^\s@,.;:!?，。；：！？、]{1,40})/

/** The same in a message: whoever is called by a name they no longer have is some other name after an @. */
export function markedParts(text: string, mentions: readonly Id[], names: readonly Called[]) {
  const parts = callParts(text, names)
  const others = mentions.filter((id) => !parts.some((part) => part.id === id))
  return parts.flatMap((part) => (part.id || !others.length ? [part] : guessed(part.text, others)))
}

/** Each name in turn is that of the next who is left over. */
function guessed(text: string, others: Id[]): CallPart[] {
  const parts = text.split(SOME_NAME).filter((part) => part !== '')
  return parts.map((part) => ({
    text: part,
    id: SOME_NAME.test(part) ? (others.shift() ?? null) : null,
  }))
}

function standsAt(text: string, at: number, name: string): boolean {
  if (!name || !text.startsWith(name, at + 1)) return false
  const next = text[at + 1 + name.length] ?? ''
  return !(IN_A_WORD.test(name.at(-1) ?? '') && /[A-Za-z0-9]/.test(next))
}

/** Whom a text calls, each once, in the order in which they stand there. */
export function calledIn(text: string, names: readonly Called[]): Id[] {
  const ids = callParts(text, names).flatMap(({ id }) => (id ? [id] : []))
  return ids.includes(EVERYONE) ? [EVERYONE] : [...new Set(ids)].slice(0, MENTIONS_MOST)
}

/** Those whose name begins so first, then those who have it somewhere in it. */
export function fitting<T>(all: readonly T[], query: string, namesOf: (it: T) => string[]): T[] {
  const wanted = query.toLocaleLowerCase()
  const rank = (it: T) => {
    const names = namesOf(it).map((name) => name.toLocaleLowerCase())
    if (names.some((name) => name.startsWith(wanted))) return 0
    return names.some((name) => name.includes(wanted)) ? 1 : 2
  }
  const ranked = all.map((it) => ({ it, rank: rank(it) })).filter((each) => each.rank < 2)
  return ranked.sort((a, b) => a.rank - b.rank).map((each) => each.it)
}
